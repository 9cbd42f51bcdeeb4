//! Guessed roles, kept because guessing looks at all values.

use crate::data::{self, Guess};
use crate::domain::{DataSource, Table};

/// What was guessed for the last dataset, by its digest: texts and predictions. The roles that a plan
/// holds were taken over when the data was read.
#[derive(Default)]
pub struct Guesses(Option<(String, Guess)>);

impl Guesses {
    pub fn of(&mut self, table: &Table) -> &Guess {
        if self.0.as_ref().is_none_or(|(digest, _)| *digest != table.digest) {
            self.0 = None;
        }
        let guess = || {
            let guess = data::guess_roles(table);
            (table.digest.clone(), Guess { source: DataSource::default(), ..guess })
        };
        &self.0.get_or_insert_with(guess).1
    }
}
