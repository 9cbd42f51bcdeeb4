//! The dataset of a plan and the columns that a replay reads.

use std::path::Path;

use super::super::error::Error;
use super::super::status::Status;
use crate::data::{self, Dataset};
use crate::domain::{DataSource, Plan, Rows, Table, Task};

/// A loaded dataset with the roles that the plan gives. What it does not say is not guessed: a person
/// who takes a role from a column must not get it back.
pub(super) struct Data<'a> {
    pub dataset: Dataset,
    pub source: &'a DataSource,
}

impl<'a> Data<'a> {
    pub fn load(plan: &'a Plan, base: &Path, status: &Status) -> Result<Self, Error> {
        status.begin(format!("Reading {}", plan.data.path));
        let dataset = data::load(&base.join(&plan.data.path), &status.progress)?;
        let source = &plan.data;
        if source.label.is_none()
            && let Some(label) = roles(source, &dataset.table).label
        {
            status.note(format!(
                "The plan names no label, so nothing is known of quality; `{label}` looks like one"
            ));
        }
        Ok(Self { dataset, source })
    }

    /// The columns that a replay reads; labels are read as `task` needs them.
    pub fn rows(&self, task: Option<&Task>, status: &Status) -> Result<Rows, Error> {
        let (rows, problems) = data::rows(&self.dataset.table, self.source, task)?;
        for problem in problems {
            status.note(problem.to_string());
        }
        Ok(rows)
    }
}

/// The roles that a plan gives, with guesses where it gives none, for a person to confirm. A column
/// that the plan uses otherwise, or ignores, keeps that role.
pub fn roles(given: &DataSource, table: &Table) -> DataSource {
    let guess = data::guess_roles(table).source;
    let mut source = given.clone();
    let free = |column: &Option<String>| column.clone().filter(|c| given.role_of(c).is_none());
    for (role, guess) in [
        (&mut source.label, &guess.label),
        (&mut source.time, &guess.time),
        (&mut source.user, &guess.user),
        (&mut source.segment, &guess.segment),
        (&mut source.value, &guess.value),
    ] {
        if role.is_none() {
            *role = free(guess);
        }
    }
    source
}
