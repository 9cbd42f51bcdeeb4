//! What can go wrong with a file of experiments, in words that say what to do about it.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;

use super::ExperimentId;

/// Something went wrong with one file of experiments.
#[derive(Debug, thiserror::Error)]
#[error("{problem}\n{}", path.display())]
pub struct Error {
    pub problem: Problem,
    /// The library or the shared copy.
    pub path: PathBuf,
}

/// What went wrong, whichever file it was.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("This system names no folder for a program's data: name the library's file yourself")]
    NoDataFolder,
    #[error("{doing} failed: {source}")]
    Io { doing: &'static str, source: io::Error },
    #[error("This is not a file of experiments: {found}")]
    NotExperiments { found: String },
    #[error(
        "The file has version {file} and this program knows versions up to {program}: \
         open it with a newer program"
    )]
    TooNew { file: i32, program: i32 },
    #[error("Another program is writing to the file; try again in a moment")]
    Busy,
    #[error("The disk is full; nothing of this step was saved. Free some space and try again")]
    DiskFull,
    #[error("The file or its folder may not be written to; choose another place for the library")]
    ReadOnly,
    #[error(
        "The file cannot be opened; check that it exists, and that you may read and write it ({0})"
    )]
    CannotOpen(String),
    #[error("The file is damaged ({0}); use a copy of it, or share what can still be opened")]
    Corrupt(String),
    #[error("Experiment {experiment} is damaged in table {table}: {message}")]
    Damaged { table: &'static str, experiment: ExperimentId, message: String },
    #[error("The cached predictions {key} are damaged: {message}")]
    DamagedCache { key: String, message: String },
    #[error("{what} takes {bytes} bytes; at most {limit} can be kept")]
    TooLarge { what: String, bytes: u64, limit: u64 },
    #[error("No experiment's id starts with `{0}`; `rehearsal list` shows them all")]
    Unknown(String),
    #[error("`{prefix}` fits {}: type more of the id", .fits.join(", "))]
    Ambiguous { prefix: String, fits: Vec<String> },
    #[error("Experiment {0} is still running; stop it first")]
    Running(ExperimentId),
    #[error("Experiment {0} is finished, and nothing recorded ever changes")]
    Finished(ExperimentId),
    #[error("Experiment {0} is not finished: there is nothing to sign yet")]
    NotFinished(ExperimentId),
    #[error("There is no comment {0}; `rehearsal review show` lists them")]
    NoComment(u32),
    #[error("There are too many comments on this experiment already")]
    TooManyComments,
    #[error("Experiment {0} is in the library already")]
    AlreadyHere(ExperimentId),
    #[error("This is no question: write one SELECT")]
    NotAQuestion,
    #[error("The answer has more than {0} rows; ask for less, for example with LIMIT")]
    TooManyRows(usize),
    #[error("At most {most} tags can be given, of at most {longest} letters each")]
    TooManyTags { most: usize, longest: usize },
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("This is no signing key of this program")]
    NotAKey,
    #[error("The system gives no random numbers for a new key")]
    NoRandomness,
    #[error("A copy cannot replace the library that it is made from; choose another name")]
    OntoItself,
    #[error("The file cannot be used: {0}")]
    Sqlite(String),
}

impl Problem {
    pub(super) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull => Self::DiskFull,
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::Io { doing, source },
        }
    }

    pub(super) fn damaged(
        table: &'static str,
        experiment: &ExperimentId,
        message: impl Into<String>,
    ) -> Self {
        Self::Damaged { table, experiment: experiment.clone(), message: message.into() }
    }

    pub(super) fn foreign(found: impl Into<String>) -> Self {
        Self::NotExperiments { found: found.into() }
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        match &error {
            // Only a file that was changed by hand can hold another type than its STRICT table.
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
            | rusqlite::Error::InvalidColumnType(..) => return Self::Corrupt(text),
            _ => {}
        }
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::CannotOpen) => Self::CannotOpen(text),
            Some(ErrorCode::DatabaseCorrupt) => Self::Corrupt(text),
            Some(ErrorCode::NotADatabase) => Self::foreign("it is no SQLite database"),
            _ => Self::Sqlite(text),
        }
    }
}
