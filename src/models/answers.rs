//! From a model's outputs to answers: the output's activation, and what the numbers mean.

use super::card::{Card, OutputActivation, TaskKind};
use super::error::Error;
use crate::domain::Answers;
use crate::domain::words::count;

/// What happens to the raw outputs. It runs on plain slices, since candle would hand each row of
/// a softmax to its thread pool.
pub(super) struct Head {
    task: TaskKind,
    activation: OutputActivation,
    outputs: usize,
    threshold: f32,
    scale: f64,
    offset: f64,
}

impl Head {
    /// Checks the outputs against the task; the text says what does not fit.
    pub fn new(card: &Card, outputs: usize, are_probabilities: bool) -> Result<Self, String> {
        use OutputActivation::{None, Sigmoid, Softmax};
        let activation = card.output_activation(outputs, are_probabilities);
        let fits = match (card.task, outputs, activation) {
            (TaskKind::Binary, 1, Sigmoid) | (TaskKind::Binary, 2, Softmax) => true,
            (TaskKind::Binary, 1 | 2, None) => are_probabilities,
            (TaskKind::Multiclass, n, Softmax) => n == card.classes.len(),
            (TaskKind::Multiclass, n, None) => are_probabilities && n == card.classes.len(),
            (TaskKind::Regression, 1, None | Sigmoid) => true,
            _ => false,
        };
        if !fits {
            let wanted = match card.task {
                TaskKind::Binary => "1 output with sigmoid, or 2 with softmax".to_owned(),
                TaskKind::Multiclass => format!(
                    "{} outputs with softmax, one for each of `classes`",
                    card.classes.len()
                ),
                TaskKind::Regression => "1 output with none or sigmoid".to_owned(),
            };
            return Err(format!(
                "the model gives {} with {}, but this task needs {wanted}",
                count(outputs, "output"),
                format!("{activation:?}").to_lowercase()
            ));
        }
        Ok(Self {
            task: card.task,
            activation,
            outputs,
            threshold: card.threshold,
            scale: card.output.scale,
            offset: card.output.offset,
        })
    }

    /// Numbers in one row's answer.
    fn width(&self) -> usize {
        match self.task {
            TaskKind::Multiclass => self.outputs,
            TaskKind::Binary | TaskKind::Regression => 1,
        }
    }

    /// Turns outputs into answers. On failure the place in `outputs` and the value of the first
    /// answer that is no number, as (row, place in the row, value).
    pub fn apply(&self, mut outputs: Vec<f32>) -> Result<Vec<f32>, (usize, usize, f32)> {
        match self.activation {
            OutputActivation::None => {}
            OutputActivation::Sigmoid => outputs.iter_mut().for_each(|x| *x = sigmoid(*x)),
            OutputActivation::Softmax => outputs.chunks_mut(self.outputs).for_each(softmax),
        }
        let mut answers = match self.task {
            TaskKind::Binary if self.outputs == 2 => {
                outputs.chunks(2).filter_map(|pair| pair.get(1).copied()).collect()
            }
            _ => outputs,
        };
        if self.task == TaskKind::Regression {
            for x in &mut answers {
                *x = (f64::from(*x) * self.scale + self.offset) as f32;
            }
        }
        match answers.iter().position(|x| !x.is_finite()) {
            None => Ok(answers),
            Some(at) => {
                let value = answers.get(at).copied().unwrap_or(f32::NAN);
                Err((at / self.width(), at % self.width(), value))
            }
        }
    }

    /// All rows' answers in the program's own words.
    pub fn answers(&self, values: Vec<f32>) -> Answers {
        match self.task {
            TaskKind::Binary => Answers::Scores { values, threshold: self.threshold },
            TaskKind::Multiclass => Answers::Probabilities { values, classes: self.outputs },
            TaskKind::Regression => Answers::Numbers(values),
        }
    }
}

/// The place of a row in the whole dataset, for [`Error::NotFinite`].
pub(super) fn not_finite(
    card: &Card,
    first: usize,
    (row, place, value): (usize, usize, f32),
) -> Error {
    let class = match card.task {
        TaskKind::Multiclass => card.classes.get(place),
        TaskKind::Binary | TaskKind::Regression => None,
    };
    let output = class.map(|class| format!(" and class `{class}`")).unwrap_or_default();
    Error::NotFinite { model: card.name.clone(), row: first + row + 1, output, value }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

fn softmax(row: &mut [f32]) {
    // The largest becomes e⁰, so nothing overflows.
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for x in row.iter_mut() {
        *x = (*x - largest).exp();
        sum += *x;
    }
    for x in row {
        *x /= sum;
    }
}
