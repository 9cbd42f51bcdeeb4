//! Files for tests: written to a temporary folder, in every format.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars_arrow::array::{
    Array, BinaryViewArray, BooleanArray, ListArray, PrimitiveArray, StructArray, Utf8ViewArray,
};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field, TimeUnit};
use polars_arrow::io::ipc::write::{self as ipc, Compression};
use polars_arrow::record_batch::RecordBatchT;
use polars_parquet::write::{self as parquet, CompressionOptions, StatisticsOptions, Version};
use tempfile::TempDir;

use super::{Dataset, Error, load};
use crate::domain::Progress;

/// A file that lives as long as this value.
pub(super) struct TempFile {
    _folder: TempDir,
    pub path: PathBuf,
}

impl TempFile {
    pub fn new(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        Self { _folder: folder, path }
    }

    pub fn load(&self) -> Result<Dataset, Error> {
        load(&self.path, &Progress::default())
    }
}

/// Loads a file of this name and content.
pub(super) fn loaded(name: &str, bytes: impl AsRef<[u8]>) -> Dataset {
    TempFile::new(name, bytes).load().unwrap()
}

/// The problems as a person reads them.
pub(super) fn told(dataset: &Dataset) -> Vec<String> {
    dataset.problems.iter().map(ToString::to_string).collect()
}

/// The message without the path under it.
pub(super) fn refused(name: &str, bytes: impl AsRef<[u8]>) -> String {
    let file = TempFile::new(name, bytes);
    let text = file.load().unwrap_err().to_string();
    let path = file.path.display().to_string();
    text.strip_suffix(&path).unwrap_or(&text).trim_end().to_owned()
}

pub(super) type Columns = Vec<(&'static str, Box<dyn Array>)>;

/// Three rows in many types.
pub(super) fn columns() -> Columns {
    vec![
        ("income", PrimitiveArray::from([Some(1_500.5_f64), None, Some(-2.0)]).boxed()),
        ("small", PrimitiveArray::from([Some(1_u8), Some(255), None]).boxed()),
        ("account", PrimitiveArray::from([Some(9_007_199_254_740_993_i64), Some(5), None]).boxed()),
        ("home", Utf8ViewArray::from_slice([Some("rent"), None, Some("owner")]).boxed()),
        ("day", Utf8ViewArray::from_slice([Some("2024-03-01"), None, Some("2024-03-02")]).boxed()),
        ("is_new", BooleanArray::from([Some(true), Some(false), None]).boxed()),
        (
            "at",
            PrimitiveArray::from([Some(1_709_294_400_000_i64), None, Some(0)])
                .to(ArrowDataType::Timestamp(TimeUnit::Millisecond, None))
                .boxed(),
        ),
        (
            "price",
            PrimitiveArray::from([Some(1_250_i128), Some(-1), None])
                .to(ArrowDataType::Decimal(10, 2))
                .boxed(),
        ),
        ("photo", BinaryViewArray::from_slice([Some(&b"\x89PNG"[..]), None, Some(b"x")]).boxed()),
        ("image", records()),
        ("pixels", lists(PrimitiveArray::from_slice([1_i64, 2, 256]).boxed())),
        ("items", lists(PrimitiveArray::from_slice([1.5_f64, 2.0, 3.0]).boxed())),
    ]
}

/// A picture's file, none in a record, and no record.
fn records() -> Box<dyn Array> {
    let bytes = BinaryViewArray::from_slice([Some(&b"\x89PNG"[..]), None, Some(b"unseen")]).boxed();
    let path = Utf8ViewArray::from_slice([Some("a.png"), Some("b.png"), None]).boxed();
    let part = |name: &str, array: &dyn Array| Field::new(name.into(), array.dtype().clone(), true);
    let parts = vec![part("bytes", bytes.as_ref()), part("path", path.as_ref())];
    let valid = Some([true, true, false].into());
    StructArray::new(ArrowDataType::Struct(parts), 3, vec![bytes, path], valid).boxed()
}

/// The first value, none, and the two others.
fn lists(values: Box<dyn Array>) -> Box<dyn Array> {
    let dtype = ListArray::<i64>::default_datatype(values.dtype().clone());
    let offsets = vec![0_i64, 1, 1, 3].try_into().unwrap();
    ListArray::<i64>::new(dtype, offsets, values, None).boxed()
}

fn schema(columns: &Columns) -> ArrowSchema {
    let field = |(name, array): &(&'static str, Box<dyn Array>)| {
        let field = Field::new((*name).into(), array.dtype().clone(), true);
        (field.name.clone(), field)
    };
    columns.iter().map(field).collect()
}

fn batch(columns: Columns, schema: &ArrowSchema) -> RecordBatchT<Box<dyn Array>> {
    let rows = columns.first().map_or(0, |(_, array)| array.len());
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatchT::new(rows, Arc::new(schema.clone()), arrays)
}

/// Two row groups, the columns twice.
pub(super) fn parquet_bytes(columns: Columns, compression: CompressionOptions) -> Vec<u8> {
    let schema = schema(&columns);
    let options = parquet::WriteOptions {
        statistics: StatisticsOptions::default(),
        version: Version::V1,
        compression,
        data_page_size: None,
    };
    let encodings =
        schema.iter_values().map(|field| parquet::get_dtype_encoding(&field.dtype)).collect();
    let batch = batch(columns, &schema);
    let rows = batch.len() as u64;
    let batches = vec![Ok(batch.clone()), Ok(batch)].into_iter();
    let groups = parquet::RowGroupIterator::try_new(batches, &schema, options, encodings).unwrap();
    let mut writer = parquet::FileWriter::try_new(Vec::new(), schema, options).unwrap();
    for group in groups {
        writer.write(rows, group.unwrap()).unwrap();
    }
    writer.end(None).unwrap();
    writer.into_inner()
}

/// A file of two batches.
pub(super) fn ipc_bytes(columns: Columns, compression: Option<Compression>) -> Vec<u8> {
    let schema = schema(&columns);
    let options = ipc::WriteOptions { compression };
    let mut writer =
        ipc::FileWriter::try_new(Vec::new(), Arc::new(schema.clone()), None, options).unwrap();
    let batch = batch(columns, &schema);
    writer.write(&batch, None).unwrap();
    writer.write(&batch, None).unwrap();
    writer.finish().unwrap();
    writer.into_inner()
}

/// A stream of one batch.
pub(super) fn ipc_stream_bytes(columns: Columns) -> Vec<u8> {
    let schema = schema(&columns);
    let mut writer = ipc::StreamWriter::new(Vec::new(), ipc::WriteOptions { compression: None });
    writer.start(&schema, None).unwrap();
    writer.write(&batch(columns, &schema), None).unwrap();
    writer.finish().unwrap();
    writer.into_inner()
}

/// A real dataset of the repository.
pub(super) fn sample_data(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data").join(file)
}
