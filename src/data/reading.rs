//! What reading has in common for all formats: limits, and keeping the watcher informed.

use std::path::Path;

use super::builder::Builder;
use super::error::Error;
use super::problem::DataProblem;
use crate::domain::{Column, Progress};

/// Rows from which kinds of columns are guessed.
pub(super) const SAMPLE_ROWS: usize = 1_000;
/// More columns are a mistake, such as a table on its side.
pub(super) const MOST_COLUMNS: usize = 10_000;
/// The longest row in bytes.
pub(super) const LONGEST_ROW: u64 = 16_000_000;

/// What was read from a file.
pub(super) struct Body {
    pub columns: Vec<Column>,
    pub rows: usize,
    pub problems: Vec<DataProblem>,
}

/// Counts rows for whoever waits, and stops in time: when asked to, or when memory runs short.
pub(super) struct Watch<'a> {
    pub path: &'a Path,
    pub progress: &'a Progress,
    pub file_bytes: u64,
    /// The most bytes that the table may take.
    pub memory: u64,
}

/// Rows between two looks at memory and the wish to stop.
const STRIDE: usize = 1_024;

impl Watch<'_> {
    /// Expects the rest of the file to be like its first rows.
    ///
    /// # Errors
    /// If the table would need too much memory.
    pub fn expect(&self, rows: usize, bytes: u64, bytes_per_row: usize) -> Result<(), Error> {
        let mean = (bytes / rows.max(1) as u64).max(1);
        let all_rows = self.file_bytes / mean;
        self.progress.set_total(all_rows);
        self.check(all_rows.saturating_mul(bytes_per_row as u64))
    }

    /// Counts one more row.
    ///
    /// # Errors
    /// If the work is to stop, or the columns have grown too large.
    pub fn row(&self, pass: usize, row: usize, columns: &[Builder]) -> Result<(), Error> {
        if !row.is_multiple_of(STRIDE) {
            return Ok(());
        }
        if pass == 0 {
            self.progress.set_done(row as u64);
        }
        self.stop_if_cancelled()?;
        self.check(columns.iter().map(Builder::bytes).sum::<usize>() as u64)
    }

    /// Refuses a file of more than `largest` bytes.
    pub fn check_file(&self, largest: u64) -> Result<(), Error> {
        if self.file_bytes > largest {
            return Err(Error::TooLarge {
                needed: self.file_bytes,
                bound: self.memory.min(largest),
                path: self.path.to_owned(),
            });
        }
        Ok(())
    }

    pub fn stop_if_cancelled(&self) -> Result<(), Error> {
        if self.progress.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// Compares a need in bytes with what may be used.
    pub fn check(&self, needed: u64) -> Result<(), Error> {
        if needed > self.memory {
            return Err(Error::TooLarge { needed, bound: self.memory, path: self.path.to_owned() });
        }
        Ok(())
    }
}
