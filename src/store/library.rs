//! One file of experiments, and all that can be done with it.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use tempfile::TempDir;

use super::begin::{self, NewExperiment, now};
use super::codec;
use super::connection::Stranger;
use super::error::{Error, Problem};
use super::experiment::{self, Experiment, Status, Summary};
use super::finish::Finished;
use super::share::Sharing;
use super::writer::WriterLock;
use super::{ExperimentId, connection, inputs, recording, share, verdict};
use crate::domain::{Predictions, Recording};
use crate::stats;

/// One SQLite file of experiments: a library, or a shared copy of one of its experiments.
///
/// Every method is one transaction: it happens or, if the process dies, it does not. Each thread
/// that needs a library opens its own; several processes may use one file.
#[derive(Debug)]
pub struct Library {
    pub(super) connection: Connection,
    path: PathBuf,
    /// How SQLite is to open the file once more, for reading.
    uri: String,
    /// Taken with the first run that this library begins; tells others that its writer lives.
    writer: RefCell<Option<WriterLock>>,
    /// The copy that is read in place of a stranger's older file, deleted after the connection.
    _copy: Option<TempDir>,
}

impl Library {
    /// Where the library lies if nobody says otherwise: the platform's folder for a program's data.
    ///
    /// # Errors
    /// If the platform names no such folder.
    pub fn default_path() -> Result<PathBuf, Error> {
        let folders = directories::ProjectDirs::from("", "", "rehearsal")
            .ok_or_else(|| Error { problem: Problem::NoDataFolder, path: PathBuf::new() })?;
        Ok(folders.data_dir().join("library.rehearsal"))
    }

    /// Opens a library for reading and writing; makes it, with its folder, where there is none.
    /// Runs whose writer is gone are marked as interrupted.
    ///
    /// # Errors
    /// If the file is none of ours, is newer than this program, is damaged, or cannot be written.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let at = |problem| Error { problem, path: path.to_owned() };
        let connection = connection::open_own(path).map_err(at)?;
        let uri = connection::reading_uri(path);
        let library = Self {
            connection,
            path: path.to_owned(),
            uri,
            writer: RefCell::new(None),
            _copy: None,
        };
        library.at(library.mark_interrupted())?;
        library.at(library.purge())?;
        library.at(library.complete_verdicts())?;
        Ok(library)
    }

    /// Opens a file that anybody may have made, for reading only. Of a file of an older version a
    /// temporary copy is read; the file itself stays as it is.
    ///
    /// # Errors
    /// If it is not exactly a file of experiments, or is damaged or too large.
    pub fn open_stranger(path: &Path) -> Result<Self, Error> {
        let at = |problem| Error { problem, path: path.to_owned() };
        let Stranger { connection, uri, copy } = connection::open_stranger(path).map_err(at)?;
        let path = path.to_owned();
        Ok(Self { connection, path, uri, writer: RefCell::new(None), _copy: copy })
    }

    pub(super) fn reading_uri(&self) -> &str {
        &self.uri
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Saves a run that is about to start, with everything needed to repeat it.
    ///
    /// # Errors
    /// If it cannot be saved.
    pub fn begin(&self, new: &NewExperiment<'_>) -> Result<ExperimentId, Error> {
        self.at(self.try_begin(new))
    }

    fn try_begin(&self, new: &NewExperiment<'_>) -> Result<ExperimentId, Problem> {
        let writer = self.writer_number()?;
        self.write_soon(|tx| {
            let id = begin::unused_id(tx)?;
            begin::insert(tx, &id, new, writer)?;
            inputs::save(tx, &id, new.inputs)?;
            Ok(id)
        })
    }

    /// Brings earlier writes to their place in the file. They are safe without it: this is for a
    /// moment in which nobody waits.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn tidy(&self) -> Result<(), Error> {
        self.at(connection::empty_log(&self.connection))
    }

    /// Saves what a running experiment has recorded since the last time.
    ///
    /// # Errors
    /// If it cannot be saved, or the experiment is finished.
    pub fn append(&self, id: &ExperimentId, recording: &Recording) -> Result<(), Error> {
        self.at(self.write_soon(|tx| {
            require_unfinished(tx, id)?;
            recording::append(tx, id, recording)
        }))
    }

    /// Saves the whole recording of an experiment that has come to its end.
    ///
    /// # Errors
    /// If it cannot be saved, or the experiment is finished already.
    pub fn finish(&self, id: &ExperimentId, recording: &Recording) -> Result<(), Error> {
        self.at(self.try_finish(id, recording))
    }

    fn try_finish(&self, id: &ExperimentId, recording: &Recording) -> Result<(), Problem> {
        // Nobody else writes to this recording, so that what is held now is held then.
        let held = recording::held(&self.connection, id)?;
        let finished = Finished::of(recording, &held)?;
        self.write(|tx| {
            require_unfinished(tx, id)?;
            finished.save(tx, id)
        })
    }

    /// Marks a run that will not go on, for example because somebody cancelled it.
    ///
    /// # Errors
    /// If it cannot be saved, or the experiment is finished.
    pub fn interrupted(&self, id: &ExperimentId, reason: &str) -> Result<(), Error> {
        self.at(self.write(|tx| {
            require_unfinished(tx, id)?;
            interrupt(tx, id, reason)
        }))
    }

    /// All experiments, the newest first.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn list(&self) -> Result<Vec<Summary>, Error> {
        self.at(experiment::summaries(&self.connection))
    }

    /// Everything about one experiment, held against its digests.
    ///
    /// # Errors
    /// If there is none, or it is damaged; with the table that is.
    pub fn load(&self, id: &ExperimentId) -> Result<Experiment, Error> {
        self.at(self.try_load(id))
    }

    fn try_load(&self, id: &ExperimentId) -> Result<Experiment, Problem> {
        // One view of the file, though another process may be writing to it.
        let tx = Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)?;
        let summary = experiment::summary(&tx, id)?;
        let (plan, inputs_digest) = experiment::plan(&tx, id)?;
        let left_out = inputs::left_out(&tx, id)?;
        let recording = recording::load(&tx, id)?;
        let digest = recording.as_ref().map(Recording::digest);
        if summary.status == Status::Finished && digest != summary.digest {
            let message = "the recording is not the one that was saved";
            return Err(Problem::damaged("recording_parts", id, message));
        }
        Ok(Experiment {
            inputs: inputs::load(&tx, id, &inputs_digest, !left_out.is_empty())?,
            inputs_digest,
            left_out,
            interventions: experiment::interventions(&tx, id, &plan)?,
            base_folder: experiment::base_folder(&tx, id)?,
            summary,
            plan,
            recording,
        })
    }

    /// The experiment whose id starts with `prefix`.
    ///
    /// # Errors
    /// If none does, or several do.
    pub fn find(&self, prefix: &str) -> Result<ExperimentId, Error> {
        self.at(self.try_find(prefix.trim()))
    }

    fn try_find(&self, prefix: &str) -> Result<ExperimentId, Problem> {
        if !ExperimentId::can_begin_with(prefix) {
            return Err(Problem::Unknown(prefix.to_owned()));
        }
        let mut statement = self.connection.prepare(
            "SELECT id FROM experiments LEFT JOIN keeping ON experiment = id
             WHERE id GLOB ?1 AND deleted IS NULL ORDER BY created DESC LIMIT 6",
        )?;
        // Letters and digits alone, so that nothing of it is a pattern; and the index is used.
        let rows = statement.query_map([format!("{prefix}*")], |row| row.get(0))?;
        let mut fits = rows.collect::<Result<Vec<ExperimentId>, _>>()?;
        match (fits.pop(), fits.is_empty()) {
            (Some(id), true) => Ok(id),
            (None, _) => Err(Problem::Unknown(prefix.to_owned())),
            (Some(last), false) => {
                let fits = fits.iter().chain([&last]).map(ToString::to_string).collect();
                Err(Problem::Ambiguous { prefix: prefix.to_owned(), fits })
            }
        }
    }

    /// Writes one experiment to a file of its own, which needs nothing beside it and tells no path
    /// of this machine. A file that is there already is replaced. Features of rows are never in it;
    /// users are hashes.
    ///
    /// # Errors
    /// If there is no such experiment, or the copy cannot be written; it then does not exist.
    pub fn share(&self, id: &ExperimentId, sharing: Sharing, copy: &Path) -> Result<(), Error> {
        self.at(status(&self.connection, id))?;
        let at = |problem| Error { problem, path: copy.to_owned() };
        share::require_another_file(&self.path, copy)
            .and_then(|()| share::share(&self.uri, id, sharing, copy))
            .map_err(at)
    }

    /// How many bytes a shared copy will have.
    ///
    /// # Errors
    /// If there is no such experiment, or the temporary folder is full.
    pub fn share_size(&self, id: &ExperimentId, sharing: Sharing) -> Result<u64, Error> {
        self.at(status(&self.connection, id))?;
        self.at(share::size(&self.uri, id, sharing))
    }

    /// Predictions that were kept under `key`.
    ///
    /// # Errors
    /// If they are damaged.
    pub fn cached_predictions(&self, key: &str) -> Result<Option<Predictions>, Error> {
        self.at(self.try_cached(key))
    }

    fn try_cached(&self, key: &str) -> Result<Option<Predictions>, Problem> {
        let found = self
            .connection
            .query_row(
                "SELECT c.key, c.raw_bytes, c.body
                 FROM prediction_cache p JOIN contents c ON c.key = p.content WHERE p.key = ?1",
                [key],
                inputs::read_content,
            )
            .optional()?;
        let damaged = |message| Problem::DamagedCache { key: key.to_owned(), message };
        found.transpose().map_err(damaged)
    }

    /// Keeps predictions under `key`, the digest of model and dataset.
    ///
    /// # Errors
    /// If they cannot be saved.
    pub fn keep_predictions(&self, key: &str, predictions: &Predictions) -> Result<(), Error> {
        self.at(self.write(|tx| {
            let content = inputs::keep(tx, &predictions.model, predictions)?;
            tx.execute(
                "INSERT OR REPLACE INTO prediction_cache (key, kept, content) VALUES (?1, ?2, ?3)",
                params![key, now(), content],
            )?;
            Ok(())
        }))
    }

    /// Draws up the verdicts of runs that were finished before the file had a place for them.
    fn complete_verdicts(&self) -> Result<(), Problem> {
        let without: Vec<ExperimentId> = {
            let mut statement = self.connection.prepare(
                "SELECT id FROM experiments WHERE status = 'finished'
                 AND NOT EXISTS (SELECT 1 FROM verdicts WHERE experiment = id)",
            )?;
            statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        for id in without {
            // A damaged one is told of when it is opened; the others are not to wait for it.
            if let Ok(Some(whole)) = recording::load(&self.connection, &id) {
                let verdict = stats::verdict(&whole, whole.end());
                self.write(|tx| verdict::save(tx, &id, &verdict))?;
            }
        }
        Ok(())
    }

    /// Marks the running experiments whose writer is gone.
    fn mark_interrupted(&self) -> Result<(), Problem> {
        let writers: Vec<i64> = {
            let mut statement = self
                .connection
                .prepare("SELECT DISTINCT writer FROM experiments WHERE writer IS NOT NULL")?;
            statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        for number in writers {
            let lock = WriterLock::take(&self.path, number)
                .map_err(Problem::io("Looking for the writer of a run"))?;
            if let Some(lock) = lock {
                self.mark_runs_of(&lock)?;
            }
        }
        Ok(())
    }

    /// Whoever holds a writer's lock knows that the writer before is gone.
    fn mark_runs_of(&self, lock: &WriterLock) -> Result<(), Problem> {
        self.write(|tx| {
            tx.execute(
                "UPDATE experiments SET status = 'interrupted', writer = NULL,
                    reason = 'The program ended before the run did'
                 WHERE writer = ?1",
                [lock.number],
            )?;
            Ok(())
        })
    }

    /// This library's number among the writers.
    pub(super) fn writer_number(&self) -> Result<i64, Problem> {
        if let Some(lock) = self.writer.borrow().as_ref() {
            return Ok(lock.number);
        }
        self.require_writable()?;
        let lock = WriterLock::claim(&self.path).map_err(Problem::io("Locking the library"))?;
        self.mark_runs_of(&lock)?;
        Ok(self.writer.borrow_mut().insert(lock).number)
    }

    fn require_writable(&self) -> Result<(), Problem> {
        if self.connection.is_readonly("main")? { Err(Problem::ReadOnly) } else { Ok(()) }
    }

    /// Runs `steps` as one transaction that holds the only right to write.
    pub(super) fn write<T>(
        &self,
        steps: impl FnOnce(&Transaction<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.require_writable()?;
        let tx = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let result = steps(&tx)?;
        tx.commit()?;
        Ok(result)
    }

    /// The same without waiting for the disk: it survives the end of the program, and a power cut
    /// once anything is written after it that was waited for.
    fn write_soon<T>(
        &self,
        steps: impl FnOnce(&Transaction<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        connection::wait_for_disk(&self.connection, false)?;
        let result = self.write(steps);
        connection::wait_for_disk(&self.connection, true)?;
        result
    }

    pub(super) fn at<T>(&self, result: Result<T, Problem>) -> Result<T, Error> {
        result.map_err(|problem| Error { problem, path: self.path.clone() })
    }
}

pub(super) fn interrupt(
    connection: &Connection,
    id: &ExperimentId,
    reason: &str,
) -> Result<(), Problem> {
    connection.execute(
        "UPDATE experiments SET status = 'interrupted', writer = NULL, reason = ?2 WHERE id = ?1",
        params![id, reason],
    )?;
    Ok(())
}

/// The digest of an experiment's recording, empty until it is finished; `None` without one.
pub(super) fn digest_of(
    connection: &Connection,
    id: &ExperimentId,
) -> Result<Option<Option<String>>, Problem> {
    let sql = "SELECT digest FROM experiments WHERE id = ?1";
    Ok(connection.query_row(sql, [id], |row| row.get(0)).optional()?)
}

fn status(connection: &Connection, id: &ExperimentId) -> Result<Status, Problem> {
    let sql = "SELECT status FROM experiments WHERE id = ?1";
    let status: Option<String> = connection.query_row(sql, [id], |row| row.get(0)).optional()?;
    let status = status.ok_or_else(|| Problem::Unknown(id.to_string()))?;
    codec::from_word(&status)
        .ok_or_else(|| Problem::damaged("experiments", id, "`status` cannot be read"))
}

/// # Errors
/// If there is no such experiment.
pub(super) fn require_known(connection: &Connection, id: &ExperimentId) -> Result<(), Problem> {
    status(connection, id).map(|_| ())
}

/// # Errors
/// If it is running.
pub(super) fn require_stopped(connection: &Connection, id: &ExperimentId) -> Result<(), Problem> {
    match status(connection, id)? {
        Status::Running => Err(Problem::Running(id.clone())),
        Status::Finished | Status::Interrupted => Ok(()),
    }
}

fn require_unfinished(connection: &Connection, id: &ExperimentId) -> Result<(), Problem> {
    match status(connection, id)? {
        Status::Finished => Err(Problem::Finished(id.clone())),
        Status::Running | Status::Interrupted => Ok(()),
    }
}
