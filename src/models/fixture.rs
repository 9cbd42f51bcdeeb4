//! Small tables, cards and model folders for the tests of this folder.

use std::collections::BTreeMap;
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use tempfile::TempDir;

use super::card::{Card, Input};
use super::{DeviceChoice, Model, open};
use crate::domain::{Column, DataSource, Table, Values};

/// Opens a model that a test holds to its framework: on the processor, or on the device that the
/// environment variable `REHEARSAL_TEST_DEVICE` names, and nowhere else.
pub fn open_on_device(path: &Path) -> Model {
    let model = open(path, &device()).unwrap();
    assert_eq!(model.note(), None);
    model
}

/// What an answer may be off by, where the processor's may be off by so much. Accelerators add in
/// another order, and their exponentials are other approximations.
pub fn tolerance(on_cpu: f32) -> f32 {
    if device() == DeviceChoice::Cpu { on_cpu } else { on_cpu.max(1e-4) }
}

pub fn device() -> DeviceChoice {
    std::env::var("REHEARSAL_TEST_DEVICE").map_or(DeviceChoice::Cpu, |name| name.parse().unwrap())
}

pub fn numbers(name: &str, values: &[f64]) -> Column {
    Column { name: name.to_owned(), values: Values::Number(values.to_vec()) }
}

/// Empty texts are missing.
pub fn texts(name: &str, values: &[&str]) -> Column {
    let mut dictionary: Vec<String> = Vec::new();
    let codes = values
        .iter()
        .map(|&value| {
            if value.is_empty() {
                return Values::MISSING;
            }
            let known = dictionary.iter().position(|text| text == value);
            known.unwrap_or_else(|| {
                dictionary.push(value.to_owned());
                dictionary.len() - 1
            }) as u32
        })
        .collect();
    Column { name: name.to_owned(), values: Values::Text { codes, dictionary } }
}

pub fn table(columns: Vec<Column>) -> Table {
    let rows = columns.first().map_or(0, |column| match &column.values {
        Values::Number(values) => values.len(),
        Values::Time(values) => values.len(),
        Values::Text { codes, .. } => codes.len(),
        Values::Bytes(blobs) => blobs.len(),
    });
    Table { columns, rows, digest: "test table".to_owned() }
}

pub fn labelled(label: &str) -> DataSource {
    DataSource { label: Some(label.to_owned()), ..DataSource::default() }
}

pub fn card() -> Card {
    card_reading(&["x"])
}

/// A card that reads these columns as numbers.
pub fn card_reading(columns: &[&str]) -> Card {
    let text = "name = \"Test\"\nkind = \"mlp\"\ntask = \"binary\"\ninputs = []\nlayers = []\n";
    let mut card = Card::from_toml(text).unwrap();
    card.inputs = columns
        .iter()
        .map(|&column| Input::Number {
            column: column.to_owned(),
            impute: None,
            log1p: false,
            mean: 0.0,
            std: 1.0,
        })
        .collect();
    card
}

pub struct Tensor {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

pub fn tensor(name: &str, shape: &[usize], values: &[f32]) -> Tensor {
    let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    Tensor { name: name.to_owned(), dtype: Dtype::F32, shape: shape.to_vec(), bytes }
}

pub fn tensor_f64(name: &str, shape: &[usize], values: &[f64]) -> Tensor {
    let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    Tensor { name: name.to_owned(), dtype: Dtype::F64, shape: shape.to_vec(), bytes }
}

pub fn tensor_i64(name: &str, shape: &[usize], values: &[i64]) -> Tensor {
    let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    Tensor { name: name.to_owned(), dtype: Dtype::I64, shape: shape.to_vec(), bytes }
}

pub fn safetensors(tensors: &[Tensor]) -> Vec<u8> {
    let views: BTreeMap<&str, TensorView> = tensors
        .iter()
        .map(|t| (t.name.as_str(), TensorView::new(t.dtype, t.shape.clone(), &t.bytes).unwrap()))
        .collect();
    safetensors::serialize(views, None).unwrap()
}

/// A model's folder.
pub fn folder(card: &str, tensors: &[Tensor]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("card.toml"), card).unwrap();
    std::fs::write(dir.path().join("model.safetensors"), safetensors(tensors)).unwrap();
    dir
}

/// A file of comma-separated values; columns that hold anything but numbers hold texts.
pub fn read_csv(path: &Path) -> Table {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let names = reader.headers().unwrap().clone();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let column = |(place, name): (usize, &str)| {
        let cells: Vec<&str> = records.iter().map(|record| &record[place]).collect();
        let number = |cell: &&str| if cell.is_empty() { Some(f64::NAN) } else { cell.parse().ok() };
        match cells.iter().map(number).collect::<Option<Vec<f64>>>() {
            Some(values) => numbers(name, &values),
            None => texts(name, &cells),
        }
    };
    table(names.iter().enumerate().map(column).collect())
}
