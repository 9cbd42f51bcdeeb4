//! An experiment of another file taken into the library, with its review.

use rusqlite::params;

use super::error::{Error, Problem};
use super::finish::Finished;
use super::{Experiment, ExperimentId, Library, NewExperiment, Status, begin, inputs, recording};
use super::{library, review};
use crate::domain::Review;

impl Library {
    /// Copies an experiment that was read from another file: everything of it, as it was. It keeps
    /// its id unless that is taken.
    ///
    /// # Errors
    /// If the very same experiment is here already, or it cannot be saved.
    pub fn adopt(&self, other: &Experiment, its_review: &Review) -> Result<ExperimentId, Error> {
        self.at(self.try_adopt(other, its_review))
    }

    fn try_adopt(&self, other: &Experiment, its_review: &Review) -> Result<ExperimentId, Problem> {
        let writer = self.writer_number()?;
        self.write(|tx| {
            let summary = &other.summary;
            let known: Option<Option<String>> = library::digest_of(tx, &summary.id)?;
            let id = match known {
                Some(digest) if digest == summary.digest => {
                    return Err(Problem::AlreadyHere(summary.id.clone()));
                }
                Some(_) => begin::unused_id(tx)?,
                None => summary.id.clone(),
            };
            let new = NewExperiment {
                name: &summary.name,
                plan: &other.plan,
                inputs: &other.inputs,
                interventions: &other.interventions,
                parent: summary.parent.as_ref(),
                base_folder: other.base_folder.as_deref().unwrap_or_default(),
                author: "",
            };
            begin::insert(tx, &id, &new, writer)?;
            inputs::save(tx, &id, &other.inputs)?;
            match &other.recording {
                Some(whole) if summary.status == Status::Finished => {
                    Finished::of(whole, &[])?.save(tx, &id)?;
                }
                part => {
                    if let Some(part) = part {
                        recording::append(tx, &id, part)?;
                    }
                    library::interrupt(tx, &id, summary.reason.as_deref().unwrap_or_default())?;
                }
            }
            tx.execute(
                "UPDATE experiments SET created = ?2, program_version = ?3, inputs_digest = ?4
                 WHERE id = ?1",
                params![
                    id,
                    format!("{:.9}", summary.created),
                    summary.program_version,
                    other.inputs_digest
                ],
            )?;
            for part in &other.left_out {
                let sql = "INSERT INTO left_out (experiment, part) VALUES (?1, ?2)";
                tx.execute(sql, params![id, part])?;
            }
            review::insert(tx, &id, its_review)?;
            Ok(id)
        })
    }
}
