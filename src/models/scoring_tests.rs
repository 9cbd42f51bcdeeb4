//! Models written by the test are asked through candle and by hand in 64-bit numbers; both must
//! agree.

use tempfile::TempDir;

use super::fixture::{
    folder, numbers, open_on_device, table, tensor, tensor_f64, texts, tolerance,
};
use super::measure::FIRST_LOOK;
use super::*;
use crate::domain::{Answers, Labels, Progress, Table, Task, Values};

/// Numbers between -1 and 1 that look random and never change.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> f32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32 / (1 << 23) as f32) - 1.0
    }

    fn take(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.next()).collect()
    }
}

/// Two hidden layers, 5 → 7 → 4 → `outputs`; the last one without a bias.
struct Reference {
    weights: [Vec<f32>; 3],
    biases: [Vec<f32>; 2],
    outputs: usize,
}

impl Reference {
    fn new(outputs: usize) -> Self {
        let mut draws = Draws(7);
        Self {
            weights: [draws.take(35), draws.take(28), draws.take(4 * outputs)],
            biases: [draws.take(7), draws.take(4)],
            outputs,
        }
    }

    fn folder(&self, head: &str, activation: &str) -> TempDir {
        let card = format!(
            r#"
name = "Reference"
kind = "mlp"
{head}
[[inputs]]
column = "income"
kind = "number"
impute = 2.0
log1p = true
mean = 1.0
std = 0.5
[[inputs]]
column = "term"
kind = "category"
categories = ["short", "long"]
[[inputs]]
column = "age"
kind = "number"
mean = 40.0
std = 12.0
[[inputs]]
column = "raw"
kind = "number"
[[layers]]
weight = "a.weight"
bias = "a.bias"
activation = "{activation}"
[[layers]]
weight = "b.weight"
bias = "b.bias"
activation = "{activation}"
[[layers]]
weight = "c.weight"
"#
        );
        let [a, b, c] = &self.weights;
        let wide: Vec<f64> = b.iter().map(|&x| f64::from(x)).collect();
        folder(
            &card.replace("[output]", ""),
            &[
                tensor("a.weight", &[7, 5], a),
                tensor("a.bias", &[7], &self.biases[0]),
                tensor_f64("b.weight", &[4, 7], &wide),
                tensor("b.bias", &[4], &self.biases[1]),
                tensor("c.weight", &[self.outputs, 4], c),
            ],
        )
    }

    fn answer(&self, features: [f64; 5], activation: impl Fn(f64) -> f64) -> Vec<f64> {
        let dense = |x: &[f64], weight: &[f32], bias: &[f32]| -> Vec<f64> {
            weight
                .chunks(x.len())
                .enumerate()
                .map(|(i, row)| {
                    let sum: f64 = row.iter().zip(x).map(|(&w, x)| f64::from(w) * x).sum();
                    sum + bias.get(i).copied().map_or(0.0, f64::from)
                })
                .collect()
        };
        let a: Vec<f64> = dense(&features, &self.weights[0], &self.biases[0])
            .into_iter()
            .map(&activation)
            .collect();
        let b: Vec<f64> =
            dense(&a, &self.weights[1], &self.biases[1]).into_iter().map(&activation).collect();
        dense(&b, &self.weights[2], &[])
    }
}

/// More rows than one call takes, so that slices are put together in order.
const ROWS: usize = 2500;

fn rows() -> (Table, Vec<[f64; 5]>) {
    let mut draws = Draws(3);
    let mut column = |scale: f64, shift: f64| -> Vec<f64> {
        (0..ROWS).map(|_| f64::from(draws.next()) * scale + shift).collect()
    };
    let mut income = column(3.0, 2.0);
    income[1] = f64::NAN;
    let (age, raw) = (column(30.0, 45.0), column(1.0, 0.0));
    let terms: Vec<&str> = (0..ROWS).map(|i| ["short", "long", "odd", ""][i % 4]).collect();
    let features = (0..ROWS)
        .map(|i| {
            let x: f64 = if income[i].is_nan() { 2.0 } else { income[i] };
            [
                (x.max(0.0).ln_1p() - 1.0) / 0.5,
                f64::from(u8::from(i % 4 == 0)),
                f64::from(u8::from(i % 4 == 1)),
                (age[i] - 40.0) / 12.0,
                raw[i],
            ]
        })
        .collect();
    let table = table(vec![
        numbers("raw", &raw),
        texts("term", &terms),
        numbers("income", &income),
        numbers("age", &age),
    ]);
    (table, features)
}

fn score(folder: &TempDir, table: &Table) -> Answers {
    open_on_device(folder.path()).score(table, &Progress::default()).unwrap()
}

fn assert_near(found: &[f32], expected: impl Iterator<Item = f64>) {
    let mut n = 0;
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(*found) - expected).abs();
        let most = f64::from(tolerance(1e-5)) * expected.abs().max(1.0);
        assert!(error <= most, "entry {row}: {found} is not {expected}");
        n += 1;
    }
    assert_eq!(n, found.len());
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn softmax(x: &[f64]) -> Vec<f64> {
    let sum: f64 = x.iter().map(|x| x.exp()).sum();
    x.iter().map(|x| x.exp() / sum).collect()
}

/// `x Φ(x)`, with the normal distribution integrated by Simpson's rule.
fn gelu(x: f64) -> f64 {
    let density = |t: f64| (-t * t / 2.0).exp() / std::f64::consts::TAU.sqrt();
    let h = x / 200.0;
    let inner: f64 =
        (1..200).map(|i| if i % 2 == 1 { 4.0 } else { 2.0 } * density(h * f64::from(i))).sum();
    x * (0.5 + h / 3.0 * (density(0.0) + inner + density(x)))
}

#[test]
fn every_activation_agrees_with_a_forward_pass_by_hand() {
    let reference = Reference::new(1);
    let (table, features) = rows();
    type Function = fn(f64) -> f64;
    let activations: [(&str, Function); 5] = [
        ("none", |x| x),
        ("relu", |x| x.max(0.0)),
        ("gelu", gelu),
        ("tanh", f64::tanh),
        ("sigmoid", sigmoid),
    ];
    for (name, activation) in activations {
        let folder = reference.folder("task = \"binary\"\nthreshold = 0.25", name);
        let Answers::Scores { values, threshold } = score(&folder, &table) else {
            panic!("no scores")
        };
        assert!((threshold - 0.25).abs() < f32::EPSILON);
        assert_near(
            &values,
            features.iter().map(|&row| sigmoid(reference.answer(row, activation)[0])),
        );
    }
}

#[test]
fn two_outputs_with_softmax_score_the_second_class() {
    let reference = Reference::new(2);
    let (table, features) = rows();
    let folder = reference.folder("task = \"binary\"\nclasses = [\"good\", \"bad\"]", "tanh");
    let Answers::Scores { values, .. } = score(&folder, &table) else { panic!("no scores") };
    assert_near(&values, features.iter().map(|&row| softmax(&reference.answer(row, f64::tanh))[1]));
}

#[test]
fn classes_get_a_probability_each() {
    let reference = Reference::new(3);
    let (table, features) = rows();
    let folder = reference.folder("task = \"multiclass\"\nclasses = [\"a\", \"b\", \"c\"]", "relu");
    let Answers::Probabilities { values, classes: 3 } = score(&folder, &table) else {
        panic!("no probabilities")
    };
    let relu = |x: f64| x.max(0.0);
    assert_near(&values, features.iter().flat_map(|&row| softmax(&reference.answer(row, relu))));
}

#[test]
fn numbers_are_scaled_back() {
    let reference = Reference::new(1);
    let (table, features) = rows();
    let head = "task = \"regression\"\noutput = { scale = 20.0, offset = 3.0 }";
    let folder = reference.folder(head, "relu");
    let Answers::Numbers(values) = score(&folder, &table) else { panic!("no numbers") };
    let relu = |x: f64| x.max(0.0);
    assert_near(&values, features.iter().map(|&row| reference.answer(row, relu)[0] * 20.0 + 3.0));
}

#[test]
fn answers_that_are_no_numbers_stop_with_their_row() {
    let reference = Reference::new(1);
    let (mut table, _) = rows();
    if let Some(column) = table.columns.iter_mut().find(|column| column.name == "raw")
        && let Values::Number(values) = &mut column.values
    {
        values[1999] = f64::INFINITY;
        values[2100] = f64::INFINITY;
    }
    let model =
        open(reference.folder("task = \"regression\"", "none").path(), &DeviceChoice::Cpu).unwrap();
    let fault = model.score(&table, &Progress::default()).unwrap_err();
    assert!(matches!(fault, Error::NotFinite { row: 2000, .. }), "{fault}");
}

#[test]
fn scoring_counts_rows_and_stops_when_cancelled() {
    let reference = Reference::new(1);
    let (table, _) = rows();
    let folder = reference.folder("task = \"binary\"", "relu");
    let model = open(folder.path(), &DeviceChoice::Cpu).unwrap();
    let progress = Progress::default();
    model.score(&table, &progress).unwrap();
    assert_eq!(progress.done(), ROWS as u64);
    progress.cancel();
    assert!(matches!(model.score(&table, &progress), Err(Error::Cancelled)));
    assert!(matches!(model.measure(&table, FIRST_LOOK, &progress), Err(Error::Cancelled)));
}

#[test]
fn few_rows_are_answered_as_many_are() {
    let reference = Reference::new(3);
    let (table, _) = rows();
    for activation in ["none", "relu", "gelu", "tanh", "sigmoid"] {
        let folder =
            reference.folder("task = \"multiclass\"\nclasses = [\"a\", \"b\", \"c\"]", activation);
        let model = open(folder.path(), &DeviceChoice::Cpu).unwrap();
        let asker = model.asker(&table).unwrap();
        let many = asker.ask(0, table.rows).unwrap();
        for (row, many) in many.chunks(3).enumerate() {
            let few = asker.ask(row, 1).unwrap();
            let apart = few.iter().zip(many).map(|(few, many)| (few - many).abs());
            assert!(apart.fold(0.0, f32::max) < 1e-6, "{activation}, row {row}");
        }
    }
}

#[test]
fn measuring_gives_ordered_percentiles_and_batches() {
    let reference = Reference::new(1);
    let (table, _) = rows();
    let folder = reference.folder("task = \"binary\"", "relu");
    let model = open(folder.path(), &DeviceChoice::Cpu).unwrap();
    let cold = model.cold_start(&table).unwrap();
    assert!(cold.whole() > cold.load && !cold.load.is_zero());
    let measured = model.measure(&table, FIRST_LOOK, &Progress::default()).unwrap();
    assert!(measured.noise.is_some() && measured.calls >= 100);
    let median = &measured.single_row[0];
    let interval = median.interval.unwrap();
    assert!(interval.low <= median.micros && median.micros <= interval.high);
    let profile = measured.profile;
    assert!((101..=1001).contains(&profile.single_row.len()));
    assert!(profile.single_row.is_sorted() && profile.single_row[0] > 0.0);
    let sizes: Vec<u32> = profile.batches.iter().map(|batch| batch.rows).collect();
    assert_eq!(sizes, [1, 8, 32, 128, 512]);
    assert!(profile.device.starts_with("CPU") && profile.threads == 1);
    let mut empty = table;
    for column in &mut empty.columns {
        match &mut column.values {
            Values::Number(values) => values.clear(),
            Values::Time(values) => values.clear(),
            Values::Text { codes, .. } => codes.clear(),
            Values::Bytes(_) => {}
        }
    }
    empty.rows = 0;
    assert!(matches!(
        model.measure(&empty, FIRST_LOOK, &Progress::default()),
        Err(Error::NoRows { .. })
    ));
    assert_eq!(model.score(&empty, &Progress::default()).unwrap().rows(), 0);
}

#[test]
fn a_model_that_says_yes_for_the_negative_class_is_noticed() {
    let reference = Reference::new(2);
    let folder = reference.folder("task = \"binary\"\nclasses = [\"good\", \"bad\"]", "relu");
    let model = open(folder.path(), &DeviceChoice::Cpu).unwrap();
    let labels = |names: [&str; 2]| Labels::Classes {
        names: names.map(str::to_owned).to_vec(),
        codes: Vec::new(),
    };
    assert_eq!(model.label_mismatch(&labels(["good", "bad"])), None);
    assert!(model.label_mismatch(&labels(["bad", "good"])).unwrap().contains("yes for `bad`"));
    assert_eq!(model.card().task(), Task::Binary);
}
