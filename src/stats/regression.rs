//! Errors of predicted numbers. All are `None` without weight.

use super::order::sorted;

/// A prediction beside the truth; `weight` rows are like it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predicted {
    pub truth: f64,
    pub prediction: f64,
    pub weight: f64,
}

impl Predicted {
    fn error(&self) -> f64 {
        self.truth - self.prediction
    }
}

fn mean(rows: &[Predicted], of: impl Fn(&Predicted) -> f64) -> Option<f64> {
    let whole: f64 = rows.iter().map(|row| row.weight).sum();
    (whole > 0.0).then(|| rows.iter().map(|row| row.weight * of(row)).sum::<f64>() / whole)
}

/// The mean squared error, in squared units.
pub fn mse(rows: &[Predicted]) -> Option<f64> {
    mean(rows, |row| row.error().powi(2))
}

pub fn rmse(rows: &[Predicted]) -> Option<f64> {
    mse(rows).map(f64::sqrt)
}

/// The mean absolute error.
pub fn mae(rows: &[Predicted]) -> Option<f64> {
    mean(rows, |row| row.error().abs())
}

/// The mean of |error|/max(|y|, ε), a fraction rather than per cent. A zero in truth makes it some
/// 10¹⁵: show it as undefined there.
pub fn mape(rows: &[Predicted]) -> Option<f64> {
    mean(rows, |row| row.error().abs() / row.truth.abs().max(f64::EPSILON))
}

/// The median of the absolute errors; weights are not looked at.
pub fn median_absolute_error(rows: &[Predicted]) -> Option<f64> {
    let errors: Vec<f64> = rows.iter().map(|row| row.error().abs()).collect();
    super::quantile::linear(&sorted(&errors), 0.5)
}

pub fn max_error(rows: &[Predicted]) -> Option<f64> {
    rows.iter().map(|row| row.error().abs()).reduce(f64::max)
}

/// Pinball loss at quantile `q`: q·error below the truth, (1 − q)·|error| above it.
pub fn pinball(rows: &[Predicted], q: f64) -> Option<f64> {
    mean(rows, |row| (q * row.error()).max((q - 1.0) * row.error()))
}

/// 1 − left/whole; a truth without spread is explained wholly or not at all.
fn explained(left: f64, whole: f64) -> f64 {
    if whole > 0.0 {
        1.0 - left / whole
    } else if left == 0.0 {
        1.0
    } else {
        0.0
    }
}

/// R² = 1 − Σ error²/Σ(y − ȳ)²; 1 or 0 where the truth is constant, `None` below two rows.
pub fn r2(rows: &[Predicted]) -> Option<f64> {
    let centre = mean(rows, |row| row.truth)?;
    let whole = mean(rows, |row| (row.truth - centre).powi(2))?;
    (rows.len() > 1).then_some(explained(mse(rows)?, whole))
}

/// As [`r2`], but a constant error costs nothing. Defined from one row on.
pub fn explained_variance(rows: &[Predicted]) -> Option<f64> {
    let centre = mean(rows, |row| row.truth)?;
    let bias = mean(rows, Predicted::error)?;
    let whole = mean(rows, |row| (row.truth - centre).powi(2))?;
    Some(explained(mean(rows, |row| (row.error() - bias).powi(2))?, whole))
}
