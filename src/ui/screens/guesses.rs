//! Guessed roles, kept because guessing looks at all values.

use crate::data::{self, Guess};
use crate::domain::Table;

/// What was guessed for the last dataset, by its digest.
#[derive(Default)]
pub struct Guesses(Option<(String, Guess)>);

impl Guesses {
    pub fn of(&mut self, table: &Table) -> &Guess {
        if self.0.as_ref().is_none_or(|(digest, _)| *digest != table.digest) {
            self.0 = None;
        }
        &self.0.get_or_insert_with(|| (table.digest.clone(), data::guess_roles(table))).1
    }
}
