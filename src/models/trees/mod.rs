//! Ensembles of decision trees, as XGBoost and LightGBM write them.

mod forest;
mod grow;
pub(super) mod lightgbm;
mod link;
mod ubjson;
pub(super) mod xgboost;

#[cfg(test)]
mod tests;

pub(super) use forest::{Forest, Real, Test};
pub(super) use grow::Grown;
use link::Link;

use super::backend::{Backend, Bound, Fault};
use super::card::{Card, Input, TaskKind};
use super::features::{Features, Mismatch};
use crate::domain::Table;
use crate::domain::words::count;

/// Rows in one call: enough to keep a tree's nodes at hand, few enough to share among threads.
const ROWS_PER_CALL: usize = 512;
/// The largest file of trees that is read, in bytes.
pub(super) const MOST_BYTES: u64 = 1 << 30;
/// More features or outputs are no model but a damaged file.
pub(super) const MOST_WIDE: usize = 1 << 20;

/// A forest with what its library does before and after it.
pub(super) struct TreeModel<T> {
    pub forest: Forest<T>,
    /// What each output's sum begins with.
    pub start: Vec<T>,
    /// What the sums are multiplied with before the link: 1, or that of an average.
    pub scale: f64,
    pub link: Link,
}

/// What a file tells about itself, for a first card.
#[derive(Debug)]
pub(super) struct Told {
    pub inputs: Vec<Input>,
    pub task: TaskKind,
    pub classes: Vec<String>,
}

impl Told {
    /// `outputs` classes that are numbered, or one number if there are none.
    pub fn new(inputs: Vec<Input>, task: TaskKind, outputs: usize) -> Self {
        let classes = match task {
            TaskKind::Binary => 2,
            TaskKind::Multiclass => outputs,
            TaskKind::Regression => 0,
        };
        Self { inputs, task, classes: (0..classes).map(|class| class.to_string()).collect() }
    }
}

impl<T: Real> TreeModel<T> {
    /// As [`Backend::bind`], but refusing a card of another width.
    pub fn check(self, card: &Card) -> Result<Box<Self>, String> {
        let (found, needed) = (card.width(), self.forest.features());
        if found == needed {
            Ok(Box::new(self))
        } else {
            let given = count(found, "number");
            Err(format!("The card's inputs give {given}, the trees read {needed}"))
        }
    }

    /// Answers to rows of features.
    fn answers(&self, rows: &[T], count: usize) -> Vec<f32> {
        let mut sums = self.start.repeat(count);
        self.forest.add_votes(rows, &mut sums);
        let mut answers: Vec<f64> = sums.iter().map(|sum| sum.wide() * self.scale).collect();
        for row in answers.chunks_mut(self.forest.outputs().max(1)) {
            self.link.apply(row);
        }
        answers.into_iter().map(|x| x as f32).collect()
    }
}

impl<T: Real> Backend for TreeModel<T> {
    fn outputs(&self) -> usize {
        self.forest.outputs()
    }

    fn are_probabilities(&self) -> bool {
        self.link.gives_probabilities()
    }

    fn describe(&self) -> String {
        self.forest.describe()
    }

    fn rows_per_call(&self) -> usize {
        ROWS_PER_CALL
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn bind<'a>(
        &'a self,
        card: &'a Card,
        table: &'a Table,
    ) -> (Box<dyn Bound + 'a>, Vec<Mismatch>) {
        let (features, mismatches) = Features::bind(&card.inputs, f64::NAN, table);
        (Box::new(Rows { model: self, features }), mismatches)
    }
}

/// Trees with a table's features at hand.
struct Rows<'a, T> {
    model: &'a TreeModel<T>,
    features: Features<'a>,
}

impl<T: Real> Bound for Rows<'_, T> {
    fn ask(&self, first: usize, count: usize) -> Result<Vec<f32>, Fault> {
        let mut rows = Vec::new();
        self.features.write(first, count, &mut rows);
        Ok(self.model.answers(&rows, count))
    }
}
