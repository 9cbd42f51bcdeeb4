//! Metrics of predicted probabilities: log loss, Brier score and calibration.

/// Probabilities are kept this far from 0 and 1, so that one wrong certainty is not infinite.
pub const CLIP: f64 = f64::EPSILON;

/// The weighted mean; `None` without weight.
fn mean(parts: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (sum, whole) = parts
        .fold((0.0, 0.0), |(sum, whole), (value, weight)| (sum + value * weight, whole + weight));
    (whole > 0.0).then(|| sum / whole)
}

/// The mean of −ln p(truth), natural logarithm, p clipped to [[`CLIP`], 1 − [`CLIP`]].
///
/// `of_truth` are the probabilities that were given to what came true. `None` without weight.
pub fn log_loss(of_truth: &[f64], weights: &[f64]) -> Option<f64> {
    let loss = |p: &f64| -p.clamp(CLIP, 1.0 - CLIP).ln();
    mean(of_truth.iter().map(loss).zip(weights.iter().copied()))
}

/// Brier's score of a binary outcome, the mean of (p − y)², from 0 to 1. `None` without weight.
pub fn brier(probabilities: &[f64], truth: &[bool], weights: &[f64]) -> Option<f64> {
    let square = |(p, y): (&f64, &bool)| (p - f64::from(u8::from(*y))).powi(2);
    mean(probabilities.iter().zip(truth).map(square).zip(weights.iter().copied()))
}

/// 1 − B/B₀ with B₀ the score of always predicting the base rate. `None` where B₀ is 0.
pub fn brier_skill(probabilities: &[f64], truth: &[bool], weights: &[f64]) -> Option<f64> {
    let score = brier(probabilities, truth, weights)?;
    let hits = truth.iter().map(|y| f64::from(u8::from(*y)));
    let rate = mean(hits.zip(weights.iter().copied()))?;
    let base = rate * (1.0 - rate);
    (base > 0.0).then(|| 1.0 - score / base)
}

/// Brier's original score over several classes, Σ over classes of (p − y)², from 0 to 2; half of it
/// is comparable with the binary one. `None` without rows.
pub fn brier_multiclass(probabilities: &[Vec<f64>], truth: &[usize]) -> Option<f64> {
    let square = |(row, truth): (&Vec<f64>, &usize)| {
        let part = |(class, p): (usize, &f64)| (p - f64::from(u8::from(class == *truth))).powi(2);
        row.iter().enumerate().map(part).sum::<f64>()
    };
    mean(probabilities.iter().zip(truth).map(square).map(|score| (score, 1.0)))
}

/// Rows whose probabilities lie between two edges.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CalibrationBin {
    pub count: f64,
    pub mean_probability: f64,
    /// Share of rows that came true.
    pub rate: f64,
}

impl CalibrationBin {
    fn gap(self) -> f64 {
        (self.mean_probability - self.rate).abs()
    }
}

/// Predicted against observed rates in bins of equal width.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// All bins from 0 to 1; empty ones have a count of 0.
    pub bins: Vec<CalibrationBin>,
}

/// Sorts rows into `count` bins of equal width, each open below and closed above, the first one
/// holding 0 too. What is binned is for the caller to say: the probability of the positive class
/// against being positive, or that of the predicted class against being right. `None` without bins.
pub fn calibration(probabilities: &[f64], came_true: &[bool], count: usize) -> Option<Calibration> {
    if count == 0 {
        return None;
    }
    let edges: Vec<f64> = (1..count).map(|edge| edge as f64 * (1.0 / count as f64)).collect();
    let mut bins = vec![CalibrationBin::default(); count];
    for (p, y) in probabilities.iter().zip(came_true) {
        let bin = &mut bins[edges.partition_point(|edge| edge < p)];
        bin.count += 1.0;
        bin.mean_probability += p;
        bin.rate += f64::from(u8::from(*y));
    }
    for bin in bins.iter_mut().filter(|bin| bin.count > 0.0) {
        bin.mean_probability /= bin.count;
        bin.rate /= bin.count;
    }
    Some(Calibration { bins })
}

impl Calibration {
    fn mean(&self, of: impl Fn(f64) -> f64) -> Option<f64> {
        mean(self.bins.iter().map(|bin| (of(bin.gap()), bin.count)))
    }

    /// Expected calibration error: the mean gap, bins weighted by rows (Guo et al. 2017).
    pub fn expected_error(&self) -> Option<f64> {
        self.mean(|gap| gap)
    }

    /// The root of the weighted mean of squared gaps.
    pub fn root_mean_square_error(&self) -> Option<f64> {
        self.mean(|gap| gap * gap).map(f64::sqrt)
    }

    /// The widest gap of a bin that holds rows.
    pub fn largest_error(&self) -> Option<f64> {
        self.filled().map(CalibrationBin::gap).reduce(f64::max)
    }

    /// The bins that hold rows.
    pub fn filled(&self) -> impl Iterator<Item = CalibrationBin> + '_ {
        self.bins.iter().copied().filter(|bin| bin.count > 0.0)
    }
}

/// The first place of a row's largest probability, and that probability; `None` for an empty row.
pub fn top_label(row: &[f64]) -> Option<(usize, f64)> {
    let places = row.iter().copied().enumerate();
    places.reduce(|best, next| if next.1 > best.1 { next } else { best })
}
