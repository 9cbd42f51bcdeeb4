//! What the operators of `ai.onnx.ml` make of a row's scores at the end.

use crate::stats::distribution::normal_quantile;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transform {
    None,
    Softmax,
    Logistic,
    /// As softmax, but scores of 0 stay out of it.
    SoftmaxZero,
    /// The quantile of the normal distribution.
    Probit,
}

impl Transform {
    pub fn named(name: &str) -> Result<Self, String> {
        Ok(match name {
            "" | "NONE" => Self::None,
            "SOFTMAX" => Self::Softmax,
            "LOGISTIC" => Self::Logistic,
            "SOFTMAX_ZERO" => Self::SoftmaxZero,
            "PROBIT" => Self::Probit,
            other => return Err(format!("its transform `{other}` is not known")),
        })
    }

    /// By the numbers of `TreeEnsemble`.
    pub fn numbered(number: i64) -> Result<Self, String> {
        Ok(match number {
            0 => Self::None,
            1 => Self::Softmax,
            2 => Self::Logistic,
            3 => Self::SoftmaxZero,
            4 => Self::Probit,
            other => return Err(format!("its transform {other} is not known")),
        })
    }

    /// As onnxruntime does it for a single score: all but the probit have no meaning for it.
    pub fn apply_to_one(self, score: &mut f32) {
        if self == Self::Probit {
            self.apply(std::slice::from_mut(score));
        }
    }

    pub fn apply(self, row: &mut [f32]) {
        match self {
            Self::None => {}
            Self::Softmax => softmax(row),
            Self::Logistic => row.iter_mut().for_each(|x| *x = logistic(*x)),
            Self::SoftmaxZero => softmax_zero(row),
            Self::Probit => {
                row.iter_mut().for_each(|x| *x = normal_quantile(f64::from(*x)) as f32);
            }
        }
    }
}

pub(super) fn logistic(x: f32) -> f32 {
    // Of the absolute value, so that nothing overflows.
    let positive = 1.0 / (1.0 + (-x.abs()).exp());
    if x < 0.0 { 1.0 - positive } else { positive }
}

pub(super) fn softmax(row: &mut [f32]) {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    row.iter_mut().for_each(|x| *x = (*x - largest).exp());
    let sum: f32 = row.iter().sum();
    row.iter_mut().for_each(|x| *x /= sum);
}

fn softmax_zero(row: &mut [f32]) {
    /// Scores nearer to 0 count as 0.
    const NEAR: f32 = 1e-7;
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for x in row.iter_mut() {
        if x.abs() > NEAR {
            *x = (*x - largest).exp();
            sum += *x;
        } else {
            *x *= (-largest).exp();
        }
    }
    row.iter_mut().for_each(|x| *x /= sum);
}
