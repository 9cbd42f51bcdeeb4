//! A case's input, and the comparison of what was computed with what is expected.

use std::fmt;

use rehearsal::stats::Interval;
use serde_json::{Value, json};

/// What a case gives.
pub struct Input<'a>(&'a Value);

impl<'a> Input<'a> {
    pub fn new(value: &'a Value) -> Self {
        Self(value)
    }

    pub fn has(&self, key: &str) -> bool {
        !self.0[key].is_null()
    }

    pub fn value(&self, key: &str) -> &'a Value {
        &self.0[key]
    }

    pub fn number(&self, key: &str) -> f64 {
        as_number(&self.0[key]).unwrap_or_else(|| panic!("`{key}` is no number: {}", self.0[key]))
    }

    pub fn count(&self, key: &str) -> u64 {
        self.number(key) as u64
    }

    pub fn text(&self, key: &str) -> &'a str {
        self.0[key].as_str().unwrap_or_default()
    }

    pub fn numbers(&self, key: &str) -> Vec<f64> {
        as_numbers(&self.0[key])
    }

    pub fn counts(&self, key: &str) -> Vec<u64> {
        self.numbers(key).into_iter().map(|x| x as u64).collect()
    }

    /// A table of numbers, row by row.
    pub fn rows(&self, key: &str) -> Vec<Vec<f64>> {
        self.0[key].as_array().map_or_else(Vec::new, |rows| rows.iter().map(as_numbers).collect())
    }

    /// The parts of a list of objects.
    pub fn list(&self, key: &str) -> Vec<Input<'a>> {
        self.0[key].as_array().map_or_else(Vec::new, |all| all.iter().map(Input).collect())
    }

    /// Row weights, 1 each where none are given.
    pub fn weights(&self, key: &str, n: usize) -> Vec<f64> {
        if self.has(key) { self.numbers(key) } else { vec![1.0; n] }
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        // What we call undefined.
        Value::Null => Some(f64::NAN),
        _ => None,
    }
}

fn as_numbers(value: &Value) -> Vec<f64> {
    value.as_array().map_or_else(Vec::new, |all| all.iter().filter_map(as_number).collect())
}

/// A number for the comparison; `None` is undefined.
pub fn num(x: impl Into<Option<f64>>) -> Value {
    match x.into().unwrap_or(f64::NAN) {
        f64::INFINITY => json!("Infinity"),
        f64::NEG_INFINITY => json!("-Infinity"),
        x if x.is_nan() => json!("NaN"),
        x => json!(x),
    }
}

pub fn nums(values: &[f64]) -> Value {
    Value::Array(values.iter().map(|x| num(*x)).collect())
}

/// Both ends of an interval.
pub fn ends(interval: impl Into<Option<Interval>>) -> Value {
    let (low, high) = interval.into().map_or((f64::NAN, f64::NAN), |i| (i.low, i.high));
    json!([num(low), num(high)])
}

/// The largest error seen, relative where the value is not near 0.
#[derive(Default)]
pub struct Worst(f64);

impl fmt::Display for Worst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1e}", self.0)
    }
}

/// Compares what is expected with what was got, down into lists and objects. What the references
/// say in words (`message`) is theirs.
pub fn compare(
    got: &Value,
    want: &Value,
    tolerance: &Value,
    at: &str,
    worst: &mut Worst,
    faults: &mut Vec<String>,
) {
    match want {
        Value::Object(parts) => {
            for (key, want) in parts.iter().filter(|(key, _)| *key != "message") {
                let at = format!("{at}.{key}");
                match got.get(key) {
                    Some(got) => compare(got, want, tolerance, &at, worst, faults),
                    None => faults.push(format!("{at}: nothing computed, {want} expected")),
                }
            }
        }
        Value::Array(parts) => {
            let got = got.as_array().map_or(&[][..], Vec::as_slice);
            if got.len() != parts.len() {
                faults.push(format!("{at}: {} values, {} expected", got.len(), parts.len()));
            }
            for (place, (got, want)) in got.iter().zip(parts).enumerate() {
                compare(got, want, tolerance, &format!("{at}[{place}]"), worst, faults);
            }
        }
        _ => scalar(got, want, tolerance, at, worst, faults),
    }
}

/// Values that the references know less well than their files say: `(name, absolute, relative)`.
/// A place on a grid of 1000, and the end of a root search.
const COARSE: [(&str, f64, f64); 2] =
    [("hedged_grid1000", 0.001, 0.0), ("mde_cohens_h_or_d", 0.0, 1e-5)];

fn scalar(
    got: &Value,
    want: &Value,
    tolerance: &Value,
    at: &str,
    worst: &mut Worst,
    faults: &mut Vec<String>,
) {
    let (Some(x), Some(y)) = (as_number(got), as_number(want)) else {
        if got != want {
            faults.push(format!("{at}: {got}, {want} expected"));
        }
        return;
    };
    let limit = |key: &str| tolerance[key].as_f64().unwrap_or(0.0);
    let coarse = COARSE.iter().find(|(name, ..)| at.contains(name));
    let (abs, rel) = coarse.map_or((0.0, 0.0), |(_, abs, rel)| (*abs, *rel));
    let error = (x - y).abs();
    let is_same = x == y || (x.is_nan() && y.is_nan());
    let is_near = error <= limit("abs").max(abs) + limit("rel").max(rel) * y.abs();
    if !is_same && !is_near {
        faults.push(format!("{at}: {x}, {y} expected"));
    }
    if error.is_finite() && coarse.is_none() {
        worst.0 = worst.0.max(error / y.abs().max(1.0));
    }
}
