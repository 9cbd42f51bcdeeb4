//! The seam between a model and what computes it: each family of models is one backend.

use super::card::Card;
use super::device::first_line;
use super::features::Mismatch;
use crate::domain::Table;

/// A family of models: turns rows of a dataset into raw outputs.
pub(super) trait Backend: Send + Sync {
    /// Numbers per row.
    fn outputs(&self) -> usize;

    /// Whether the outputs are probabilities already, so that the head adds neither sigmoid nor
    /// softmax of its own accord.
    fn are_probabilities(&self) -> bool;

    /// For people: `46-32-16-1, 2033 parameters`.
    fn describe(&self) -> String;

    /// Rows in one call while scoring.
    fn rows_per_call(&self) -> usize;

    /// Whether several threads may ask at once; else calls go one by one.
    fn is_shared(&self) -> bool;

    /// Finds what the model reads in the table; the second part tells everything that does not
    /// fit. The first is asked only if nothing of it blocks.
    fn bind<'a>(&'a self, card: &'a Card, table: &'a Table)
    -> (Box<dyn Bound + 'a>, Vec<Mismatch>);
}

/// A backend with a table's rows at hand.
pub(super) trait Bound: Sync {
    /// The outputs of `count` rows from `first` on, row after row: `count` × outputs numbers. Past
    /// the table's end it goes on from the table's start. Rows may be asked for in any grouping.
    fn ask(&self, first: usize, count: usize) -> Result<Vec<f32>, Fault>;

    /// Writes an answer to a row and tells each token as it comes; `None` for models that give the
    /// whole answer at once.
    fn write(&self, _row: usize, _on_token: &mut dyn FnMut()) -> Option<Result<(), Fault>> {
        None
    }
}

/// Why a backend could not answer, in one line.
#[derive(Debug)]
pub(super) struct Fault(pub String);

impl From<candle_core::Error> for Fault {
    fn from(fault: candle_core::Error) -> Self {
        Self(first_line(&fault.to_string()).to_owned())
    }
}
