//! Why a file cannot be used at all, in words that say what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use super::Format;

/// A dataset, a trace or a column that cannot be read. What can be read in spite of a fault is a
/// [`super::DataProblem`] instead.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refuses.
    #[error("The file cannot be read: {source}\n{}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// There is not one byte in it.
    #[error("The file is empty\n{}", path.display())]
    Empty { path: PathBuf },
    /// There are names of columns, but no values.
    #[error("The file names {columns} columns but has no rows below them\n{}", path.display())]
    NoRows { columns: usize, path: PathBuf },
    /// Neither the name nor the first bytes tell what it is, or it is something known to be else.
    #[error("{message}\n{}", path.display())]
    NotATable { message: String, path: PathBuf },
    /// The file starts as its format says, but does not go on so.
    #[error("The {} file is damaged{}: {message}\n{}", format.label(), at_row(*row), path.display())]
    Damaged { format: Format, row: Option<usize>, message: String, path: PathBuf },
    /// The table would need more memory than may be used.
    #[error(
        "The table would need {}, and {} may be used on this machine: take a part of the rows, or \
         only the columns that you need\n{}",
        show_bytes(*needed), show_bytes(*bound), path.display()
    )]
    TooLarge { needed: u64, bound: u64, path: PathBuf },
    /// A column is missing, or holds something that does not fit what it is wanted for.
    #[error("Column `{column}` {message}")]
    Column { column: String, message: String },
    /// A table that cannot be a Parquet file.
    #[error("The table cannot be written as Parquet: {0}")]
    NotWritten(String),
    /// Somebody asked the work to stop.
    #[error("Cancelled")]
    Cancelled,
}

impl Error {
    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read { path: path.to_owned(), source }
    }

    pub(super) fn not_a_table(path: &Path, message: impl Into<String>) -> Self {
        Self::NotATable { message: message.into(), path: path.to_owned() }
    }

    pub(super) fn column(column: &str, message: impl Into<String>) -> Self {
        Self::Column { column: column.to_owned(), message: message.into() }
    }
}

fn at_row(row: Option<usize>) -> String {
    row.map_or_else(String::new, |row| format!(" at row {row}"))
}

/// `512 bytes`, `1.5 MB`, `10.7 GB`.
pub(super) fn show_bytes(bytes: u64) -> String {
    let in_units = |unit: u64| bytes as f64 / unit as f64;
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", in_units(1_000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", in_units(1_000_000)),
        _ => format!("{:.1} GB", in_units(1_000_000_000)),
    }
}
