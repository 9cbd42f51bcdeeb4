//! What the owner of a library keeps beside an experiment: tags, notes, and whether it is put away.
//! None of it travels with a shared copy.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::begin::now;
use super::error::{Error, Problem};
use super::library::{self, Library};
use super::{ExperimentId, inputs, search};

/// What was deleted can be had back for so long.
const DAYS_TO_RESTORE: i64 = 7;
/// More tags than these are none.
const MOST_TAGS: usize = 20;
const LONGEST_TAG: usize = 40;
const LONGEST_NOTES: usize = 20_000;

impl Library {
    /// Gives an experiment these tags in place of those before.
    ///
    /// # Errors
    /// If there are too many, one is too long, or they cannot be saved.
    pub fn set_tags(&self, id: &ExperimentId, tags: &[String]) -> Result<(), Error> {
        self.at(self.write(|tx| {
            library::require_known(tx, id)?;
            let tags: Vec<&str> =
                tags.iter().map(|tag| tag.trim()).filter(|tag| !tag.is_empty()).collect();
            if tags.len() > MOST_TAGS || tags.iter().any(|tag| tag.len() > LONGEST_TAG) {
                return Err(Problem::TooManyTags { most: MOST_TAGS, longest: LONGEST_TAG });
            }
            tx.execute("DELETE FROM tags WHERE experiment = ?1", [id])?;
            for tag in tags {
                let sql = "INSERT OR IGNORE INTO tags (experiment, tag) VALUES (?1, ?2)";
                tx.execute(sql, params![id, tag])?;
            }
            search::insert(tx, id)
        }))
    }

    /// Writes notes in place of those before.
    ///
    /// # Errors
    /// If they are too long or cannot be saved.
    pub fn set_notes(&self, id: &ExperimentId, notes: &str) -> Result<(), Error> {
        self.at(self.write(|tx| {
            library::require_known(tx, id)?;
            if notes.len() > LONGEST_NOTES {
                let (bytes, limit) = (notes.len() as u64, LONGEST_NOTES as u64);
                return Err(Problem::TooLarge { what: "The note".to_owned(), bytes, limit });
            }
            keep(tx, id, "notes", Some(notes))?;
            search::insert(tx, id)
        }))
    }

    /// Puts an experiment away, or takes it out again; nothing of it is lost.
    ///
    /// # Errors
    /// If there is none, or it cannot be saved.
    pub fn archive(&self, id: &ExperimentId, is_archived: bool) -> Result<(), Error> {
        self.at(self.write(|tx| {
            library::require_known(tx, id)?;
            keep(tx, id, "archived", is_archived.then(now).as_deref())
        }))
    }

    /// Takes an experiment off the list. It can be had back for a week ([`Library::restore`]); then
    /// it is gone for good.
    ///
    /// # Errors
    /// If there is none, or it is running.
    pub fn delete(&self, id: &ExperimentId) -> Result<(), Error> {
        self.at(self.write(|tx| {
            library::require_stopped(tx, id)?;
            search::forget(tx, id)?;
            keep(tx, id, "deleted", Some(&now()))
        }))
    }

    /// Deletes an experiment for good, and the inputs that no other one reads.
    ///
    /// # Errors
    /// If there is none, or it is running.
    pub fn erase(&self, id: &ExperimentId) -> Result<(), Error> {
        self.at(self.write(|tx| {
            library::require_stopped(tx, id)?;
            search::forget(tx, id)?;
            tx.execute("DELETE FROM experiments WHERE id = ?1", [id])?;
            inputs::sweep(tx)
        }))
    }

    /// Brings back what was deleted.
    ///
    /// # Errors
    /// If there is none any more, or it cannot be saved.
    pub fn restore(&self, id: &ExperimentId) -> Result<(), Error> {
        self.at(self.write(|tx| {
            library::require_known(tx, id)?;
            keep(tx, id, "deleted", None)?;
            search::insert(tx, id)
        }))
    }

    /// Removes what was deleted more than a week ago, and the inputs that nothing else reads.
    pub(super) fn purge(&self) -> Result<(), Problem> {
        let limit = Timestamp::now() - SignedDuration::from_hours(24 * DAYS_TO_RESTORE);
        let limit = format!("{limit:.9}");
        let count: i64 = self.connection.query_row(
            "SELECT count(*) FROM keeping WHERE deleted < ?1",
            [&limit],
            |row| row.get(0),
        )?;
        if count == 0 {
            return Ok(());
        }
        self.write(|tx| {
            tx.execute(
                "DELETE FROM experiments WHERE id IN
                    (SELECT experiment FROM keeping WHERE deleted < ?1)",
                [&limit],
            )?;
            inputs::sweep(tx)
        })
    }
}

/// Sets one column of an experiment's keeping.
fn keep(
    connection: &Connection,
    id: &ExperimentId,
    column: &str,
    value: Option<&str>,
) -> Result<(), Problem> {
    connection.execute("INSERT OR IGNORE INTO keeping (experiment) VALUES (?1)", [id])?;
    let sql = format!("UPDATE keeping SET {column} = ?2 WHERE experiment = ?1");
    connection.execute(&sql, params![id, value])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn what_was_deleted_comes_back_for_a_week_and_what_was_kept_beside_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.rehearsal");
        let library = Library::open(&path).unwrap();
        let (plan, inputs) = (fixture::plan(), fixture::inputs(50));
        let new = fixture::new(&plan, &inputs);
        let id = library.begin(&new).unwrap();
        assert!(library.delete(&id).is_err(), "it is running");
        library.finish(&id, &fixture::recording(20, 3)).unwrap();
        library.set_tags(&id, &["spring".to_owned(), " spring".to_owned(), String::new()]).unwrap();
        library.set_notes(&id, "Ask the fraud team").unwrap();
        library.archive(&id, true).unwrap();
        let [summary] = &library.list().unwrap()[..] else { panic!("one") };
        assert_eq!((&summary.tags[..], summary.is_archived), (&["spring".to_owned()][..], true));
        assert_eq!(library.search("fraud spring").unwrap(), std::slice::from_ref(&id));

        library.delete(&id).unwrap();
        assert!(library.list().unwrap().is_empty() && library.search("risk").unwrap().is_empty());
        assert!(library.find(id.as_str()).is_err());
        library.restore(&id).unwrap();
        assert_eq!(library.list().unwrap().len(), 1);
        assert_eq!(library.search("fraud").unwrap(), std::slice::from_ref(&id));

        library.delete(&id).unwrap();
        let old = "UPDATE keeping SET deleted = '2020-01-01T00:00:00.000000000Z'";
        library.connection.execute(old, []).unwrap();
        drop(library);
        let library = Library::open(&path).unwrap();
        assert!(library.restore(&id).is_err(), "it is gone for good");
        let contents: i64 = library
            .connection
            .query_row("SELECT count(*) FROM contents", [], |row| row.get(0))
            .unwrap();
        assert_eq!(contents, 0);
    }
}
