//! Opening a dataset: the one way in for every format.

use std::fs::{self, File};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use super::error::Error;
use super::reading::{Body, Watch};
use super::{
    ColumnProfile, DataProblem, Format, csv_file, ipc, memory, ndjson, parquet, pictures, profile,
};
use crate::domain::{Progress, Table};

/// Larger files are refused unread: whatever their columns are, a rehearsal needs no such table.
const LARGEST_FILE: u64 = 8_000_000_000;

/// A file read into memory, with all that is known about it.
#[derive(Debug)]
pub struct Dataset {
    pub table: Table,
    pub path: PathBuf,
    pub format: Format,
    pub file_bytes: u64,
    /// What was wrong and how it was read, in the order of rows.
    pub problems: Vec<DataProblem>,
    /// One entry a column, in the table's order.
    pub profiles: Vec<ColumnProfile>,
}

/// Reads a dataset. `progress` counts rows; a cancelled one ends the work soon.
///
/// # Errors
/// If the file cannot be read as a table at all, or the table would not fit into memory. Faults
/// that leave a table are listed in [`Dataset::problems`].
pub fn load(path: &Path, progress: &Progress) -> Result<Dataset, Error> {
    load_within(path, progress, memory::bound())
}

/// As [`load`], with at most `memory` bytes for the table.
pub(super) fn load_within(path: &Path, progress: &Progress, memory: u64) -> Result<Dataset, Error> {
    let (format, file_bytes, table, problems) = read_file(path, progress, memory)?;
    let profiles = profile::profiles(&table);
    Ok(Dataset { table, path: path.to_owned(), format, file_bytes, problems, profiles })
}

/// Reads a file that is no dataset, such as a trace: no profiles, no problems.
pub(super) fn load_table(path: &Path, progress: &Progress) -> Result<Table, Error> {
    let (_, _, table, _) = read_file(path, progress, memory::bound())?;
    Ok(table)
}

fn read_file(
    path: &Path,
    progress: &Progress,
    memory: u64,
) -> Result<(Format, u64, Table, Vec<DataProblem>), Error> {
    let (mut file, file_bytes) = open(path)?;
    let watch = Watch { path, progress, file_bytes, memory };
    watch.check_file(LARGEST_FILE)?;
    let format = Format::of(&mut file, path)?;
    let (body, digest) = rayon::join(|| read(format, &watch), || digest(file, &watch));
    let (mut body, mut digest) = (body?, digest?);
    if let Some(pictures) = pictures::load(&mut body, &watch)? {
        let both = format!("{digest} {}", pictures.to_hex());
        digest = blake3::hash(both.as_bytes()).to_hex().to_string();
    }
    let Body { columns, rows, problems } = body;
    progress.set_total(rows as u64);
    progress.set_done(rows as u64);
    Ok((format, file_bytes, Table { columns, rows, digest }, problems))
}

fn open(path: &Path) -> Result<(File, u64), Error> {
    let metadata = fs::metadata(path).map_err(Error::read(path))?;
    if metadata.is_dir() {
        return Err(Error::not_a_table(path, "This is a folder; choose the file inside it"));
    }
    // A device may never end, and a pipe not even open.
    if !metadata.is_file() {
        return Err(Error::not_a_table(path, "This is no ordinary file"));
    }
    let file = File::open(path).map_err(Error::read(path))?;
    Ok((file, metadata.len()))
}

fn read(format: Format, watch: &Watch) -> Result<Body, Error> {
    let decode = || match format {
        Format::Csv => csv_file::read(watch.path, watch),
        Format::NdJson => ndjson::read(watch.path, watch),
        Format::Parquet => parquet::read(watch.path, watch),
        Format::ArrowIpc => ipc::read(watch.path, watch),
    };
    // The decoders of binary formats panic on some damaged files.
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        Err(Error::Damaged {
            format,
            row: None,
            message: format!("the decoder gave up ({})", text.unwrap_or("no reason given")),
            path: watch.path.to_owned(),
        })
    })
}

/// The BLAKE3 digest of the file's bytes, in hexadecimal.
fn digest(mut file: File, watch: &Watch) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        watch.stop_if_cancelled()?;
        let read = file.read(&mut buffer).map_err(Error::read(watch.path))?;
        match buffer.get(..read) {
            Some(bytes) if !bytes.is_empty() => hasher.update(bytes),
            _ => return Ok(hasher.finalize().to_hex().to_string()),
        };
    }
}
