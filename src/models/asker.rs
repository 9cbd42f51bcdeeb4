//! A model with a table's rows at hand, asked as a service would ask it.

use super::answers::not_finite;
use super::backend::Bound;
use super::error::Error;
use super::model::Model;
use crate::domain::Table;

/// Threads may share it.
pub struct Asker<'a> {
    model: &'a Model,
    pub(super) bound: Box<dyn Bound + 'a>,
}

impl Model {
    /// The model with the table's rows at hand, to be asked for any of them.
    ///
    /// # Errors
    /// If the table lacks what the model reads, or has no rows.
    pub fn asker<'a>(&'a self, table: &'a Table) -> Result<Asker<'a>, Error> {
        if table.rows == 0 {
            return Err(Error::NoRows { model: self.card().name.clone() });
        }
        Ok(Asker { model: self, bound: self.bind(table)? })
    }
}

impl Asker<'_> {
    /// The answers to `rows` rows from `first` on, features computed: numbers row after row. Past the
    /// table's end it goes on from its start.
    ///
    /// # Errors
    /// If the device fails, or an answer is not a finite number.
    pub fn ask(&self, first: usize, rows: usize) -> Result<Vec<f32>, Error> {
        let answers = self.model.head.apply(self.model.ask(&*self.bound, first, rows)?);
        answers.map_err(|at| not_finite(self.model.card(), first, at))
    }

    /// Whether several threads may ask at once; else one after the other.
    pub fn is_shared(&self) -> bool {
        self.model.backend.is_shared()
    }

    /// Does `work` on one thread: whatever the model hands to other threads stays on it, so times do
    /// not depend on what else the machine does with its other processors.
    pub fn on_one_thread<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        if !self.is_shared() {
            return work();
        }
        let name = format!("ask {}", self.model.card().name);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .thread_name(move |_| name.clone())
            .build();
        match pool {
            Ok(pool) => pool.install(work),
            Err(_) => work(),
        }
    }
}
