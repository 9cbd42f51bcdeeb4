//! Which of the readable formats a file has.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::error::Error;

/// A file format that holds a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    /// One JSON object a line.
    NdJson,
    Parquet,
    /// Arrow IPC as a file ("Feather 2") or as a stream.
    ArrowIpc,
}

/// Bytes that are enough to tell formats apart.
const HEAD: u64 = 4096;

/// First bytes of files that people take for a table, and what to do with them.
const KNOWN_STRANGERS: [(&[u8], &str); 8] = [
    (b"PK\x03\x04", "This is a zip file or a spreadsheet: unpack it, or save the sheet as CSV"),
    (b"\xD0\xCF\x11\xE0", "This is an old spreadsheet: save the sheet as CSV"),
    (b"\x1F\x8B", "This file is compressed with gzip: unpack it first"),
    (b"\x28\xB5\x2F\xFD", "This file is compressed with zstd: unpack it first"),
    (b"BZh", "This file is compressed with bzip2: unpack it first"),
    (b"SQLite format 3\0", "This is an SQLite database: export the table as CSV"),
    (b"\xFF\xFE", "This text is UTF-16: save it as UTF-8"),
    (b"\xFE\xFF", "This text is UTF-16: save it as UTF-8"),
];

impl Format {
    pub fn label(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::NdJson => "NDJSON",
            Self::Parquet => "Parquet",
            Self::ArrowIpc => "Arrow IPC",
        }
    }

    /// Tells by the first bytes; the file's name decides where these leave a choice.
    ///
    /// # Errors
    /// If the file is empty, or of no format that can be read here. `file` is left at its start.
    pub(super) fn of(file: &mut File, path: &Path) -> Result<Self, Error> {
        let mut head = Vec::new();
        file.take(HEAD).read_to_end(&mut head).map_err(Error::read(path))?;
        file.seek(SeekFrom::Start(0)).map_err(Error::read(path))?;
        if head.is_empty() {
            return Err(Error::Empty { path: path.to_owned() });
        }
        if head.starts_with(b"PAR1") {
            return Ok(Self::Parquet);
        }
        if head.starts_with(b"ARROW1") || head.starts_with(&[0xFF, 0xFF, 0xFF, 0xFF]) {
            return Ok(Self::ArrowIpc);
        }
        if let Some((_, advice)) = KNOWN_STRANGERS.iter().find(|(start, _)| head.starts_with(start))
        {
            return Err(Error::not_a_table(path, *advice));
        }
        if head.contains(&0) {
            let message = "This is no text (it has zero bytes), and neither Parquet nor Arrow IPC";
            return Err(Error::not_a_table(path, message));
        }
        match Self::by_extension(path) {
            Some(format @ (Self::Parquet | Self::ArrowIpc)) => {
                let message = format!("The name says {}, but the content is text", format.label());
                Err(Error::not_a_table(path, message))
            }
            Some(format) => Ok(format),
            None => Self::of_text(&head, path),
        }
    }

    fn by_extension(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_lowercase().as_str() {
            "csv" | "tsv" | "tab" | "psv" | "txt" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::NdJson),
            "parquet" | "pq" => Some(Self::Parquet),
            "arrow" | "arrows" | "ipc" | "feather" => Some(Self::ArrowIpc),
            _ => None,
        }
    }

    fn of_text(head: &[u8], path: &Path) -> Result<Self, Error> {
        let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
        match head.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => Ok(Self::NdJson),
            Some(b'[') => Err(Error::not_a_table(
                path,
                "This is one JSON array: write one object a line (NDJSON), without brackets and \
                 commas around them",
            )),
            _ => Ok(Self::Csv),
        }
    }
}
