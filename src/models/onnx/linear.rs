//! The operators `LinearClassifier` and `LinearRegressor`.

use super::file::Node;
use super::transform::{Transform, logistic};

/// `x · coefficientsᵀ + intercepts`, then a transform.
pub(super) struct Linear {
    /// A row for each score.
    coefficients: Vec<f32>,
    intercepts: Vec<f32>,
    width: usize,
    /// One score stands for two classes.
    is_single: bool,
    transform: Transform,
}

impl Linear {
    pub fn read(node: &Node, width: usize) -> Result<Self, String> {
        let classifies = node.op == "LinearClassifier";
        let coefficients = node.floats("coefficients");
        let mut intercepts = node.floats("intercepts");
        let scores = if classifies {
            coefficients.len().checked_div(width).unwrap_or(0)
        } else {
            usize::try_from(node.whole("targets", 1)).unwrap_or(0)
        };
        if scores == 0 || coefficients.len() != scores * width {
            return Err(format!("it has {} coefficients for {width} inputs", coefficients.len()));
        }
        if intercepts.is_empty() {
            intercepts = vec![0.0; scores];
        }
        if intercepts.len() != scores {
            return Err(format!("it has {} intercepts for {scores} scores", intercepts.len()));
        }
        let is_single = classifies && scores == 1 && node.classes().len() == 2;
        let transform = Transform::named(node.text("post_transform"))?;
        Ok(Self { coefficients, intercepts, width, is_single, transform })
    }

    pub fn outputs(&self) -> usize {
        if self.is_single { 2 } else { self.intercepts.len() }
    }

    pub fn answers(&self, rows: &[f32]) -> Vec<f32> {
        let mut answers = Vec::new();
        for row in rows.chunks_exact(self.width.max(1)) {
            let score = |(weights, intercept): (&[f32], &f32)| {
                weights.iter().zip(row).map(|(weight, x)| weight * x).sum::<f32>() + intercept
            };
            let rows = self.coefficients.chunks_exact(self.width.max(1));
            let mut scores: Vec<f32> = rows.zip(&self.intercepts).map(score).collect();
            match (self.is_single, scores.first()) {
                (true, Some(&score)) if self.transform == Transform::Logistic => {
                    answers.extend([logistic(-score), logistic(score)]);
                }
                (true, Some(&score)) => answers.extend([-score, score]),
                _ => {
                    self.transform.apply(&mut scores);
                    answers.append(&mut scores);
                }
            }
        }
        answers
    }
}
