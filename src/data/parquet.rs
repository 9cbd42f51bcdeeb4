//! Parquet, row group by row group.
//!
//! polars decodes the pages. What a file says about its own sizes is checked before it is believed:
//! a damaged file must end in a message, not in an allocation that kills the program.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use polars_arrow::array::Array;
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field};
use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::read::{
    BasicDecompressor, ColumnChunkMetadata, PageReader, RowGroupMetadata, column_iter_to_arrays,
    infer_schema,
};

use super::Format;
use super::arrow_column::{ArrowColumn, is_list};
use super::error::Error;
use super::parquet_footer;
use super::problem::DataProblem;
use super::reading::{Body, MOST_COLUMNS, Watch};

pub(super) fn read(path: &Path, watch: &Watch) -> Result<Body, Error> {
    let damaged = |message: String| Error::Damaged {
        format: Format::Parquet,
        row: None,
        message,
        path: path.to_owned(),
    };
    let mut file = File::open(path).map_err(Error::read(path))?;
    let metadata = parquet_footer::read(&mut file, watch.file_bytes).map_err(damaged)?;
    let schema = infer_schema(&metadata).map_err(|fault| damaged(fault.to_string()))?;
    let groups = &metadata.row_groups;
    let rows = groups.iter().try_fold(0_usize, |sum, group| sum.checked_add(group.num_rows()));
    let rows = rows.ok_or_else(|| damaged("it claims more rows than can be".to_owned()))?;
    let (mut columns, mut problems) = begin(&schema, path)?;
    if rows == 0 || columns.is_empty() {
        return Err(Error::NoRows { columns: schema.len(), path: path.to_owned() });
    }
    watch.progress.set_total(rows as u64);
    watch.check((rows as u64).saturating_mul(4 * columns.len() as u64))?;

    let mut done = 0;
    for (number, group) in groups.iter().enumerate() {
        for (column, field) in &mut columns {
            watch.stop_if_cancelled()?;
            let arrays = decode(&mut file, group, field, watch)
                .and_then(|arrays| {
                    arrays.iter().try_for_each(|array| column.extend(array.as_ref()))
                })
                .map_err(|message| {
                    damaged(format!(
                        "row group {}, column `{}`: {message}",
                        number + 1,
                        column.name()
                    ))
                });
            arrays?;
            if column.rows() != done + group.num_rows() {
                let message = "it has more or fewer values than the file promises";
                return Err(damaged(format!("column `{}`: {message}", column.name())));
            }
        }
        done += group.num_rows();
        watch.progress.set_done(done as u64);
        watch.check(columns.iter().map(|(column, _)| column.bytes() as u64).sum())?;
    }
    let mut finished = Vec::with_capacity(columns.len());
    for (column, _) in columns {
        let (column, found) = column.finish();
        finished.push(column);
        problems.extend(found);
    }
    Ok(Body { columns: finished, rows, problems })
}

type Begun = (Vec<(ArrowColumn, Field)>, Vec<DataProblem>);

fn begin(schema: &ArrowSchema, path: &Path) -> Result<Begun, Error> {
    if schema.len() > MOST_COLUMNS {
        let message =
            format!("The file has {} columns; no more than {MOST_COLUMNS} are read", schema.len());
        return Err(Error::not_a_table(path, message));
    }
    let mut columns = Vec::new();
    let mut problems = Vec::new();
    for field in schema.iter_values() {
        match ArrowColumn::new(field) {
            Ok(column) => columns.push((column, field.clone())),
            Err(problem) => problems.push(problem),
        }
    }
    Ok((columns, problems))
}

fn decode(
    file: &mut File,
    group: &RowGroupMetadata,
    field: &Field,
    watch: &Watch,
) -> Result<Vec<Box<dyn Array>>, String> {
    let expected = match field.dtype() {
        ArrowDataType::Struct(parts) => parts.len(),
        _ => 1,
    };
    let chunks: Vec<_> = group.columns_under_root_iter(&field.name).into_iter().flatten().collect();
    if chunks.len() != expected {
        return Err("it is stored in another number of parts than it has".to_owned());
    }
    let mut columns = Vec::with_capacity(expected);
    let mut types = Vec::with_capacity(expected);
    for chunk in chunks {
        columns.push(open_chunk(file, chunk, group.num_rows(), is_list(field), watch)?);
        types.push(&chunk.descriptor().descriptor.primitive_type);
    }
    column_iter_to_arrays(columns, types, field.clone(), None)
        .map(|(arrays, _)| arrays)
        .map_err(|fault| fault.to_string())
}

/// The pages of one part of a column, with the sizes that they claim checked.
fn open_chunk(
    file: &mut File,
    chunk: &ColumnChunkMetadata,
    rows: usize,
    is_list: bool,
    watch: &Watch,
) -> Result<BasicDecompressor, String> {
    let values = usize::try_from(chunk.num_values()).map_err(|_| "a length is negative")?;
    // Of a list each entry is a value, which takes up to 8 bytes while it is decoded.
    let fits = if is_list {
        values >= rows && (values as u64).saturating_mul(8) <= watch.memory
    } else {
        values == rows
    };
    if !fits {
        return Err("it has more or fewer values than rows".to_owned());
    }
    let bytes = chunk_bytes(file, chunk, watch.file_bytes)?;
    let start = Cursor::new(bytes.into());
    let pages = || PageReader::new(start.clone(), chunk, Vec::new(), usize::MAX);
    if check_pages(pages(), values)? == Dictionary::Yes {
        check_dictionary(pages())?;
    }
    Ok(BasicDecompressor::new(pages(), Vec::new()))
}

fn chunk_bytes(
    file: &mut File,
    chunk: &ColumnChunkMetadata,
    file_bytes: u64,
) -> Result<Vec<u8>, String> {
    let range = chunk.byte_range();
    if range.start > range.end || range.end > file_bytes {
        return Err("it lies outside the file".to_owned());
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(range.start))
        .and_then(|_| file.take(range.end - range.start).read_to_end(&mut bytes))
        .map_err(|fault| fault.to_string())?;
    Ok(bytes)
}

#[derive(PartialEq)]
enum Dictionary {
    Yes,
    No,
}

/// No page may claim more values than there are: the decoder reserves memory for them.
fn check_pages(pages: PageReader, values: usize) -> Result<Dictionary, String> {
    let mut dictionary = Dictionary::No;
    for page in pages {
        match page.map_err(|fault| fault.to_string())? {
            CompressedPage::Data(page) if page.num_values() > values => {
                return Err("a page has more values than the column".to_owned());
            }
            CompressedPage::Data(_) => {}
            CompressedPage::Dict(_) => dictionary = Dictionary::Yes,
        }
    }
    Ok(dictionary)
}

fn check_dictionary(pages: PageReader) -> Result<(), String> {
    let page = BasicDecompressor::new(pages, Vec::new())
        .read_dict_page()
        .map_err(|fault| fault.to_string())?;
    if page.is_some_and(|page| page.num_values > page.buffer.len()) {
        return Err("its dictionary has more entries than bytes".to_owned());
    }
    Ok(())
}
