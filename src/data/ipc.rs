//! Arrow IPC, batch by batch: the stream format, and the file format, which wraps a stream.
//!
//! polars decodes the batches. As with Parquet, the lengths that a file states are checked first.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use polars_arrow::io::ipc::format::ipc::planus::ReadAsRoot;
use polars_arrow::io::ipc::format::ipc::{MessageHeaderRef, MessageRef, RecordBatchRef};
use polars_arrow::io::ipc::read::{StreamReader, StreamState, read_stream_metadata};

use super::Format;
use super::arrow_column::ArrowColumn;
use super::error::Error;
use super::reading::{Body, MOST_COLUMNS, Watch};

const MAGIC: &[u8] = b"ARROW1";
const CONTINUATION: [u8; 4] = [0xFF; 4];

/// Neither LZ4 (255 times) nor Zstandard (a block of 128 KiB in four bytes) packs more closely.
const CLOSEST_PACKING: u64 = 1 << 15;

pub(super) fn read(path: &Path, watch: &Watch) -> Result<Body, Error> {
    let damaged = |message: String| Error::Damaged {
        format: Format::ArrowIpc,
        row: None,
        message,
        path: path.to_owned(),
    };
    // The file's bytes, and as much again for the table.
    watch.check(watch.file_bytes.saturating_mul(2))?;
    let bytes = fs::read(path).map_err(Error::read(path))?;
    let stream = stream_of(&bytes).ok_or_else(|| damaged("its end is missing".to_owned()))?;
    let rows = check_lengths(stream, watch.memory).map_err(damaged)?;
    watch.progress.set_total(rows);

    let mut cursor = Cursor::new(stream);
    let metadata = read_stream_metadata(&mut cursor).map_err(|fault| damaged(fault.to_string()))?;
    if metadata.schema.len() > MOST_COLUMNS {
        let message = format!("The file has more than {MOST_COLUMNS} columns");
        return Err(Error::not_a_table(path, message));
    }
    let mut problems = Vec::new();
    let mut columns: Vec<Option<ArrowColumn>> = Vec::new();
    for field in metadata.schema.iter_values() {
        columns.push(ArrowColumn::new(field).map_err(|problem| problems.push(problem)).ok());
    }
    let width = columns.len();
    let mut done = 0;
    for batch in StreamReader::new(cursor, metadata, None) {
        watch.stop_if_cancelled()?;
        let StreamState::Some(batch) = batch.map_err(|fault| damaged(fault.to_string()))? else {
            break;
        };
        for (column, array) in columns.iter_mut().zip(batch.arrays()) {
            let Some(column) = column else { continue };
            column.extend(array.as_ref()).map_err(damaged)?;
        }
        done += batch.len();
        watch.progress.set_done(done as u64);
        watch.check(columns.iter().flatten().map(|column| column.bytes() as u64).sum())?;
    }
    let mut finished = Vec::with_capacity(width);
    for column in columns.into_iter().flatten() {
        if column.rows() != done {
            return Err(damaged(format!("column `{}` has too few values", column.name())));
        }
        let (column, found) = column.finish();
        finished.push(column);
        problems.extend(found);
    }
    if done == 0 || finished.is_empty() {
        return Err(Error::NoRows { columns: width, path: path.to_owned() });
    }
    Ok(Body { columns: finished, rows: done, problems })
}

/// The stream inside a file; all of it for a stream.
fn stream_of(bytes: &[u8]) -> Option<&[u8]> {
    if !bytes.starts_with(MAGIC) {
        return Some(bytes);
    }
    // The magic and padding, the stream, a footer, its length in four bytes, and the magic again.
    let before_magic = bytes.strip_suffix(MAGIC)?;
    let (rest, length) = before_magic.split_last_chunk::<4>()?;
    let footer = usize::try_from(i32::from_le_bytes(*length)).ok()?;
    rest.get(8..rest.len().checked_sub(footer)?)
}

/// Walks over the messages; every length must lie within its message, and what is unpacked within
/// `memory`. Returns the number of rows.
fn check_lengths(stream: &[u8], memory: u64) -> Result<u64, String> {
    let mut rest = stream;
    let mut rows: u64 = 0;
    let mut unpacked: u64 = 0;
    while let Some((mut length, mut tail)) = rest.split_first_chunk::<4>() {
        if *length == CONTINUATION {
            (length, tail) = tail.split_first_chunk().ok_or("it ends too early")?;
        }
        let length =
            usize::try_from(i32::from_le_bytes(*length)).map_err(|_| "a length is negative")?;
        if length == 0 {
            break;
        }
        let (header, tail) = tail.split_at_checked(length).ok_or("it ends too early")?;
        let message = MessageRef::read_as_root(header).map_err(|fault| fault.to_string())?;
        let body_length = message.body_length().map_err(|fault| fault.to_string())?;
        let body_length = usize::try_from(body_length).map_err(|_| "a length is negative")?;
        let (body, tail) = tail.split_at_checked(body_length).ok_or("it ends too early")?;
        rest = tail;
        let batch = match message.header().map_err(|fault| fault.to_string())? {
            Some(MessageHeaderRef::RecordBatch(batch)) => {
                rows = rows.saturating_add(row_count(&batch)?);
                batch
            }
            Some(MessageHeaderRef::DictionaryBatch(dictionary)) => {
                match dictionary.data().map_err(|fault| fault.to_string())? {
                    Some(batch) => batch,
                    None => continue,
                }
            }
            _ => continue,
        };
        unpacked = unpacked.saturating_add(check_batch(&batch, body, memory)?);
    }
    if unpacked > memory || rows > memory {
        return Err("it claims more rows than fit into memory".to_owned());
    }
    Ok(rows)
}

fn row_count(batch: &RecordBatchRef) -> Result<u64, String> {
    let length = batch.length().map_err(|fault| fault.to_string())?;
    u64::try_from(length).map_err(|_| "a length is negative".to_owned())
}

/// Checks one batch; returns how many bytes it takes once unpacked.
fn check_batch(batch: &RecordBatchRef, body: &[u8], memory: u64) -> Result<u64, String> {
    let text = |fault: polars_arrow::io::ipc::format::ipc::planus::Error| fault.to_string();
    let too_long = || "a length lies outside the file".to_owned();
    let packed = batch.compression().map_err(text)?.is_some();
    let mut unpacked: u64 = 0;
    let mut buffers: i64 = 0;
    for buffer in batch.buffers().map_err(text)?.into_iter().flatten() {
        let start = usize::try_from(buffer.offset()).map_err(|_| too_long())?;
        let length = usize::try_from(buffer.length()).map_err(|_| too_long())?;
        let end = start.checked_add(length).ok_or_else(too_long)?;
        let bytes = body.get(start..end).ok_or_else(too_long)?;
        buffers += 1;
        let size = match bytes.first_chunk::<8>() {
            // -1: not packed after all.
            Some(size) if packed => {
                u64::try_from(i64::from_le_bytes(*size)).unwrap_or(length as u64)
            }
            _ => length as u64,
        };
        if size > (length as u64).saturating_mul(CLOSEST_PACKING) {
            return Err("it claims more bytes than can be packed into it".to_owned());
        }
        unpacked = unpacked.saturating_add(size);
        if unpacked > memory {
            return Err("it claims more bytes than fit into memory".to_owned());
        }
    }
    // A value takes a bit at least. Only columns without any value, of which nobody has use, do not.
    let most = unpacked.saturating_mul(8);
    for node in batch.nodes().map_err(text)?.into_iter().flatten() {
        if !u64::try_from(node.length()).is_ok_and(|length| length <= most) {
            return Err("it claims more rows than it has values".to_owned());
        }
    }
    for count in batch.variadic_buffer_counts().map_err(text)?.into_iter().flatten() {
        if !(0..=buffers).contains(&count) {
            return Err(too_long());
        }
    }
    Ok(unpacked)
}
