//! How fast a language model writes: times of single tokens as they come.

use std::time::Instant;

use super::error::Error;
use super::model::Model;
use crate::domain::Table;
use crate::stats::soak::Quantiles;

/// The rows whose answers are timed.
const ROWS: usize = 9;

/// When the tokens of some rows' answers came, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenTimes {
    /// From the prompt to the first token.
    pub first: Quantiles,
    /// From one token to the next; `None` if no answer had a second one.
    pub next: Option<Quantiles>,
    pub rows: usize,
    /// Tokens after the first ones.
    pub tokens: usize,
}

impl Model {
    /// Lets the model write answers to some rows, and times each token; nothing for models that write
    /// none.
    ///
    /// # Errors
    /// If the table does not fit or is empty, or the device fails.
    pub fn token_times(&self, table: &Table) -> Result<Option<TokenTimes>, Error> {
        let asker = self.asker(table)?;
        let (mut first, mut next) = (Vec::new(), Vec::new());
        // The first row is a warm-up.
        for row in 0..=ROWS.min(table.rows - 1) {
            let mut came = Vec::new();
            let mut last = Instant::now();
            let mut on_token = || {
                came.push(last.elapsed().as_secs_f64() * 1e6);
                last = Instant::now();
            };
            let Some(written) = asker.bound.write(row, &mut on_token) else { return Ok(None) };
            written.map_err(|fault| self.fault(fault))?;
            if row > 0 || table.rows == 1 {
                first.extend(came.first());
                next.extend(came.iter().skip(1));
            }
        }
        let (rows, tokens) = (first.len(), next.len());
        let next = Quantiles::of(next);
        Ok(Quantiles::of(first).map(|first| TokenTimes { first, next, rows, tokens }))
    }
}
