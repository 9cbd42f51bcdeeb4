//! One model's answers to every row of a dataset.

use serde::{Deserialize, Serialize};

use super::LatencyProfile;

/// What kind of question a model answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Yes or no; the score is the probability of yes.
    Binary,
    /// One of several classes, named in order.
    Multiclass { classes: Vec<String> },
    /// A number.
    Regression,
}

impl Task {
    pub fn label(&self) -> &'static str {
        match self {
            Self::Binary => "binary classification",
            Self::Multiclass { .. } => "classification",
            Self::Regression => "regression",
        }
    }
}

/// A model's answers, one entry a row in the table's order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Predictions {
    /// What people call the model.
    pub model: String,
    /// A BLAKE3 digest, in hexadecimal, over the answers, the model's files and the dataset.
    pub digest: String,
    pub task: Task,
    pub answers: Answers,
    /// Measured service times; empty for recorded predictions.
    pub latency: LatencyProfile,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// Probability of the positive class, and the threshold from which the answer is yes.
    Scores { values: Vec<f32>, threshold: f32 },
    /// A class without a probability: 0 and 1 for binary models, else an index into the classes.
    Classes(Vec<u16>),
    /// `classes` probabilities a row, row after row; the answer is the largest.
    Probabilities { values: Vec<f32>, classes: usize },
    /// Numbers, for regression.
    Numbers(Vec<f32>),
}

impl Answers {
    /// The number of rows answered.
    pub fn rows(&self) -> usize {
        match self {
            Self::Scores { values, .. } | Self::Numbers(values) => values.len(),
            Self::Classes(values) => values.len(),
            Self::Probabilities { values, classes } => values.len() / (*classes).max(1),
        }
    }

    /// The class that a row was given: the most probable one, the first of equals. `None` for
    /// numbers.
    pub fn class(&self, row: usize) -> Option<u16> {
        match self {
            Self::Scores { values, threshold } => Some(u16::from(values.get(row)? >= threshold)),
            Self::Classes(values) => values.get(row).copied(),
            Self::Probabilities { values, classes } => {
                let row = values.get(row * classes..(row + 1) * classes)?;
                let (mut best, mut highest) = (0, f32::NEG_INFINITY);
                for (class, p) in (0..).zip(row) {
                    if *p > highest {
                        (best, highest) = (class, *p);
                    }
                }
                Some(best)
            }
            Self::Numbers(_) => None,
        }
    }
}
