//! CSV with its dialects and faults.
//!
//! The `csv` crate reads it row by row rather than polars: every fault is then known by row and
//! column, memory grows only with the table, and a reader can be stopped.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};

use super::Format;
use super::builder::{Builder, Kind, build};
use super::error::Error;
use super::problem::{DataProblem, Problems, Severity};
use super::reading::{Body, LONGEST_ROW, MOST_COLUMNS, SAMPLE_ROWS, Watch};
use crate::domain::words::count;

const DELIMITERS: [u8; 4] = *b",;\t|";
/// Bytes from which the delimiter is guessed.
const HEAD: usize = 64 * 1024;
/// Sampled rows take no more bytes than this.
const SAMPLE_BYTES: u64 = 8 * 1024 * 1024;
/// A value over so many lines has probably swallowed them.
const MANY_LINES: u64 = 1_000;

pub(super) fn read(path: &Path, watch: &Watch) -> Result<Body, Error> {
    let delimiter = guess_delimiter(&head(path)?);
    let mut problems = Problems::default();
    let mut rows = Rows::open(path, delimiter)?;
    let header = rows.next()?.cloned().ok_or_else(|| Error::Empty { path: path.to_owned() })?;
    let names = name_columns(&header, path, &mut problems)?;
    let builders = sample(names, &mut rows, delimiter, watch)?;
    let width = builders.len();

    let mut row_count = 0;
    let (columns, of_columns) = build(builders, |builders, pass| {
        let mut rows = Rows::open(path, delimiter)?;
        rows.next()?;
        row_count = 0;
        while let Some(record) = rows.next()? {
            row_count += 1;
            watch.row(pass, row_count, builders)?;
            if pass == 0 && record.len() != width {
                tell_ragged(&mut problems, row_count, record.len(), width);
            }
            for (index, builder) in builders.iter_mut().enumerate() {
                push(builder, row_count, record.get(index).unwrap_or_default());
            }
            if pass == 0 && rows.lines_of_last > MANY_LINES {
                tell_many_lines(&mut problems, row_count, rows.lines_of_last);
            }
        }
        Ok(())
    })?;
    if row_count == 0 {
        return Err(Error::NoRows { columns: width, path: path.to_owned() });
    }
    let mut problems = problems.into_list();
    problems.extend(of_columns);
    Ok(Body { columns, rows: row_count, problems })
}

fn push(builder: &mut Builder, row: usize, field: &[u8]) {
    let text = decode(field);
    if matches!(text, Cow::Owned(_)) {
        builder.fault("values that are not UTF-8", row, || {
            "This is not UTF-8; it was read as Latin-1: look whether special letters are right"
                .to_owned()
        });
    }
    builder.push(row, &text);
}

/// UTF-8; other bytes as Latin-1, which is right for most old files and keeps texts apart.
fn decode(field: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(field) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(field.iter().copied().map(char::from).collect()),
    }
}

fn tell_ragged(problems: &mut Problems, row: usize, found: usize, wanted: usize) {
    if found < wanted {
        problems.repeated("short rows", row, None, || {
            format!(
                "{} where there should be {wanted}; the last ones count as missing",
                count(found, "value")
            )
        });
    } else {
        problems.repeated("long rows", row, None, || {
            format!(
                "{found} values where there should be {wanted}; the last ones are left out (a \
                 delimiter inside a value needs quotes around it)"
            )
        });
    }
}

fn tell_many_lines(problems: &mut Problems, row: usize, lines: u64) {
    problems.repeated("rows of many lines", row, None, || {
        format!("This row covers {lines} lines of the file: a quote was perhaps never closed")
    });
}

fn name_columns(
    header: &ByteRecord,
    path: &Path,
    problems: &mut Problems,
) -> Result<Vec<String>, Error> {
    if header.len() > MOST_COLUMNS {
        let message = format!(
            "The first line has {} values; no more than {MOST_COLUMNS} columns are read",
            header.len()
        );
        return Err(Error::not_a_table(path, message));
    }
    if header.iter().all(|name| decode(name).trim().parse::<f64>().is_ok()) {
        problems.push(DataProblem {
            row: None,
            column: None,
            message: "The first line is taken for the columns' names, but holds only numbers: if \
                      it is a row, put a line of names before it"
                .to_owned(),
            severity: Severity::Warning,
        });
    }
    let mut taken = HashSet::new();
    let mut names = Vec::with_capacity(header.len());
    for (index, field) in header.iter().enumerate() {
        let given = decode(field).trim().to_owned();
        let wanted = if given.is_empty() { format!("column_{}", index + 1) } else { given.clone() };
        let mut name = wanted.clone();
        let mut copy = 2;
        while !taken.insert(name.clone()) {
            name = format!("{wanted}_{copy}");
            copy += 1;
        }
        if given.is_empty() {
            let message = format!("Column {} has no name; it is called `{name}`", index + 1);
            problems.push(DataProblem::of_column(Severity::Note, &name, message));
        } else if name != given {
            let message = format!("`{given}` names two columns; this one is called `{name}`");
            problems.push(DataProblem::of_column(Severity::Warning, &name, message));
        }
        names.push(name);
    }
    Ok(names)
}

/// Guesses each column's kind from the first rows and checks that the table will fit.
fn sample(
    names: Vec<String>,
    rows: &mut Rows,
    delimiter: u8,
    watch: &Watch,
) -> Result<Vec<Builder>, Error> {
    let start = rows.position();
    let mut records = Vec::new();
    while records.len() < SAMPLE_ROWS && rows.position() - start < SAMPLE_BYTES {
        match rows.next()? {
            Some(record) => records.push(record.clone()),
            None => break,
        }
    }
    let decimal_comma = delimiter != b',';
    let mut builders = Vec::with_capacity(names.len());
    let mut bytes_per_row = 0;
    for (index, name) in names.into_iter().enumerate() {
        let texts: Vec<Cow<str>> =
            records.iter().map(|record| decode(record.get(index).unwrap_or_default())).collect();
        let kind = Kind::of(texts.iter().map(AsRef::as_ref), decimal_comma);
        let mut trial = Builder::new(String::new(), kind, decimal_comma);
        for text in &texts {
            trial.push(0, text);
        }
        bytes_per_row += trial.bytes_per_row();
        builders.push(Builder::new(name, kind, decimal_comma));
    }
    watch.expect(records.len(), rows.position() - start, bytes_per_row)?;
    Ok(builders)
}

fn head(path: &Path) -> Result<Vec<u8>, Error> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(Error::read(path))?;
    file.take(HEAD as u64).read_to_end(&mut head).map_err(Error::read(path))?;
    // A line that is cut off would look ragged.
    if head.len() == HEAD
        && let Some(end) = head.iter().rposition(|byte| *byte == b'\n')
    {
        head.truncate(end + 1);
    }
    Ok(head)
}

/// The delimiter that cuts most of the first rows into as many values as the first, and into more
/// than one.
fn guess_delimiter(head: &[u8]) -> u8 {
    let mut best = (0, b',');
    for delimiter in DELIMITERS {
        let mut rows = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(head);
        let widths: Vec<usize> =
            rows.byte_records().take(50).filter_map(Result::ok).map(|row| row.len()).collect();
        let Some(&first) = widths.first().filter(|width| **width > 1) else { continue };
        let alike = widths.iter().filter(|width| **width == first).count();
        // Agreement counts first, then the number of columns.
        let score = alike * 1_000 / widths.len() * 1_000 + first.min(999);
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1
}

/// The rows of a CSV file, the header among them.
struct Rows<'p> {
    reader: csv::Reader<LimitedRows>,
    record: ByteRecord,
    path: &'p Path,
    /// Rows read so far, the header among them.
    read: usize,
    lines_of_last: u64,
}

impl<'p> Rows<'p> {
    fn open(path: &'p Path, delimiter: u8) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::read(path))?;
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .buffer_capacity(256 * 1024)
            .from_reader(LimitedRows { file, left: LONGEST_ROW });
        Ok(Self { reader, record: ByteRecord::new(), path, read: 0, lines_of_last: 0 })
    }

    fn position(&self) -> u64 {
        self.reader.position().byte()
    }

    fn next(&mut self) -> Result<Option<&ByteRecord>, Error> {
        self.reader.get_mut().left = LONGEST_ROW;
        let line = self.reader.position().line();
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {
                self.read += 1;
                self.lines_of_last = self.reader.position().line() - line;
                Ok(Some(&self.record))
            }
            Ok(false) => Ok(None),
            Err(fault) => Err(self.damaged(fault)),
        }
    }

    fn damaged(&self, fault: csv::Error) -> Error {
        match fault.into_kind() {
            csv::ErrorKind::Io(source) if source.kind() != io::ErrorKind::InvalidData => {
                Error::Read { path: self.path.to_owned(), source }
            }
            other => Error::Damaged {
                format: Format::Csv,
                row: Some(self.read.max(1)),
                message: match other {
                    csv::ErrorKind::Io(source) => source.to_string(),
                    other => format!("{other:?}"),
                },
                path: self.path.to_owned(),
            },
        }
    }
}

/// A file that gives out only so many bytes until the next row begins, so that a file without line
/// ends cannot fill the memory.
struct LimitedRows {
    file: File,
    left: u64,
}

impl Read for LimitedRows {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a row has more than 16 MB; this is no CSV file, or a quote is never closed",
            ));
        }
        let read = self.file.read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}
