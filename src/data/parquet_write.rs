//! A table as the bytes of a Parquet file.

use std::sync::Arc;

use polars_arrow::array::{Array, BinaryViewArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field, TimeUnit};
use polars_arrow::record_batch::RecordBatchT;
use polars_parquet::write::{
    CompressionOptions, FileWriter, RowGroupIterator, StatisticsOptions, Version, WriteOptions,
    get_dtype_encoding,
};

use super::Error;
use crate::domain::{Table, Values};

/// One row group, compressed by Zstandard. What is missing in the table is null in the file.
///
/// # Errors
/// If two columns have one name.
pub fn parquet_bytes(table: &Table) -> Result<Vec<u8>, Error> {
    fn refused(fault: impl std::fmt::Display) -> Error {
        Error::NotWritten(fault.to_string())
    }
    let arrays: Vec<Box<dyn Array>> = table.columns.iter().map(|c| array(&c.values)).collect();
    let fields = table.columns.iter().zip(&arrays).map(|(column, array)| {
        let field = Field::new(column.name.as_str().into(), array.dtype().clone(), true);
        (field.name.clone(), field)
    });
    let schema: ArrowSchema = fields.collect();
    if schema.len() != arrays.len() {
        return Err(Error::NotWritten("two columns have one name".to_owned()));
    }
    let options = WriteOptions {
        statistics: StatisticsOptions::default(),
        version: Version::V1,
        compression: CompressionOptions::Zstd(None),
        data_page_size: None,
    };
    let encodings = schema.iter_values().map(|field| get_dtype_encoding(&field.dtype)).collect();
    let batch = RecordBatchT::new(table.rows, Arc::new(schema.clone()), arrays);
    let batches = std::iter::once(Ok(batch));
    let groups =
        RowGroupIterator::try_new(batches, &schema, options, encodings).map_err(refused)?;
    let mut writer = FileWriter::try_new(Vec::new(), schema, options).map_err(refused)?;
    for group in groups {
        writer.write(table.rows as u64, group.map_err(refused)?).map_err(refused)?;
    }
    writer.end(None).map_err(refused)?;
    Ok(writer.into_inner())
}

fn array(values: &Values) -> Box<dyn Array> {
    match values {
        Values::Number(numbers) => {
            let known = numbers.iter().map(|number| Some(*number).filter(|x| !x.is_nan()));
            PrimitiveArray::<f64>::from_trusted_len_iter(known).boxed()
        }
        Values::Time(times) => PrimitiveArray::<i64>::from(times.clone())
            .to(ArrowDataType::Timestamp(TimeUnit::Microsecond, None))
            .boxed(),
        Values::Text { codes, dictionary } => {
            let text = |code: &u32| dictionary.get(*code as usize).map(String::as_str);
            let texts: Vec<Option<&str>> = codes.iter().map(text).collect();
            Utf8ViewArray::from_slice(texts).boxed()
        }
        Values::Bytes(blobs) => {
            let bytes = |row| Some(blobs.get(row)).filter(|bytes| !bytes.is_empty());
            let rows: Vec<Option<&[u8]>> = (0..blobs.len()).map(bytes).collect();
            BinaryViewArray::from_slice(rows).boxed()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::loaded;
    use super::*;
    use crate::domain::Column;

    #[test]
    fn what_is_written_is_read_back() {
        let number = vec![1.5, f64::NAN, -2.0];
        let text = Values::Text {
            codes: vec![1, 0, Values::MISSING],
            dictionary: vec!["rent".to_owned(), "owner".to_owned()],
        };
        let columns = vec![
            Column { name: "income".to_owned(), values: Values::Number(number) },
            Column { name: "home".to_owned(), values: text },
        ];
        let mut table = Table { columns, rows: 3, digest: String::new() };
        let back = loaded("a.parquet", parquet_bytes(&table).unwrap()).table;
        assert_eq!(back.rows, 3);
        let cells = |table: &Table| -> Vec<String> {
            let columns = table.columns.iter();
            columns.flat_map(|c| (0..3).map(|row| c.values.show(row))).collect()
        };
        assert_eq!(cells(&back), cells(&table));
        table.columns[1].name = "income".to_owned();
        assert!(parquet_bytes(&table).is_err());
    }
}
