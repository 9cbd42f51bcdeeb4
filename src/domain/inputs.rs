//! Everything that a rehearsal needs besides its plan: the outcome of all slow and unsafe work.
//!
//! An experiment stores these, so a run can be repeated without its dataset or models.

use serde::{Deserialize, Serialize};

use super::{Predictions, SimTime};

/// The inputs of a rehearsal, resolved from files and models.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    pub rows: Rows,
    /// One entry per arm, in the plan's order.
    pub predictions: Vec<Predictions>,
    /// The arms' answers under each drift fault of the plan.
    pub drifted: Vec<Drifted>,
    /// Arrival times, from zero and in order, for recorded arrivals and traces.
    pub arrivals: Option<Vec<SimTime>>,
    /// Observed service times in microseconds per arm, where the plan names a file of them.
    pub service_samples: Vec<Option<Vec<f64>>>,
}

/// The arms' answers while a feature has drifted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drifted {
    /// The fault's place in the plan.
    pub fault: usize,
    pub predictions: Vec<Predictions>,
}

/// The columns of a dataset that a replay reads; each has `count` entries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rows {
    pub count: usize,
    /// BLAKE3 of the dataset's file, in hexadecimal.
    pub digest: String,
    pub labels: Labels,
    /// A hash of each row's user, equal for equal users.
    pub users: Option<Vec<u64>>,
    pub segments: Option<Segments>,
    pub values: Option<Vec<f32>>,
    /// Time since the earliest row; rows need not be in order.
    pub times: Option<Vec<SimTime>>,
}

/// The truth, row by row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Labels {
    /// Nobody knows.
    #[default]
    None,
    /// An index into `names` (for two classes: negative, positive), or [`Labels::MISSING`].
    Classes { names: Vec<String>, codes: Vec<u16> },
    /// NaN where it is missing.
    Numbers(Vec<f32>),
}

impl Labels {
    /// The code of a missing label.
    pub const MISSING: u16 = u16::MAX;
}

/// A slice of the rows for each value of the segment column. No more than [`Segments::MOST`]; the
/// rest share the last one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segments {
    pub names: Vec<String>,
    pub codes: Vec<u8>,
}

impl Segments {
    pub const MOST: usize = 16;
}

impl Inputs {
    /// A BLAKE3 digest, in hexadecimal, over all of it.
    pub fn digest(&self) -> String {
        match postcard::to_stdvec(self) {
            Ok(bytes) => blake3::hash(&bytes).to_hex().to_string(),
            // Writing plain values to memory has no way to fail.
            Err(fault) => unreachable!("inputs could not be encoded: {fault}"),
        }
    }
}
