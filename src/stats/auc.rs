//! The area under the ROC curve from binned scores, with DeLong's standard error.

use super::Interval;
use super::distribution::normal_two_sided;
use super::proportion::wilson;

/// An area with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Auc {
    pub value: f64,
    pub standard_error: f64,
    /// Negatives and positives behind it (effective numbers if bins were weighted).
    pub negatives: f64,
    pub positives: f64,
}

/// Fewer rows of a class than these make the normal approximation meaningless.
pub const MIN_PER_CLASS: f64 = 10.0;

/// From weights of negatives and positives per score bin, lowest scores first, ties within a bin
/// counting half (Mann & Whitney). `effective` are the numbers of independent negatives and
/// positives: the sums of the weights, if these are counts. `None` unless both classes occur.
///
/// Variance after DeLong et al. 1988: S₁₀/m + S₀₁/n with the variances of the placement values. For
/// binned scores it is exact, because rows of a bin share their placement.
pub fn delong(bins: &[[f64; 2]], effective: [f64; 2]) -> Option<Auc> {
    let total = |class: usize| bins.iter().map(|bin| bin[class]).sum::<f64>();
    let (negatives, positives) = (total(0), total(1));
    if negatives.is_nan() || positives.is_nan() || negatives <= 0.0 || positives <= 0.0 {
        return None;
    }
    let (mut below, mut above) = (0.0, positives);
    let (mut sum, mut squares) = (0.0, [0.0, 0.0]);
    for [negative, positive] in bins {
        above -= positive;
        let placement_of_positive = (below + negative / 2.0) / negatives;
        let placement_of_negative = (above + positive / 2.0) / positives;
        sum += positive * placement_of_positive;
        squares[1] += positive * placement_of_positive.powi(2);
        squares[0] += negative * placement_of_negative.powi(2);
        below += negative;
    }
    let value = sum / positives;
    // Both kinds of placement have the area as their mean.
    let spread = |squares: f64, weight: f64, n: f64| {
        let biased = (squares / weight - value * value).max(0.0);
        if n > 1.0 { biased / (n - 1.0) } else { f64::INFINITY }
    };
    let variance =
        spread(squares[0], negatives, effective[0]) + spread(squares[1], positives, effective[1]);
    Some(Auc {
        value,
        standard_error: variance.sqrt(),
        negatives: effective[0],
        positives: effective[1],
    })
}

/// [`delong`] from counts.
pub fn delong_counts(bins: &[[u32; 2]]) -> Option<Auc> {
    let bins: Vec<[f64; 2]> = bins.iter().map(|bin| bin.map(f64::from)).collect();
    let total = |class: usize| bins.iter().map(|bin| bin[class]).sum::<f64>();
    delong(&bins, [total(0), total(1)])
}

impl Auc {
    /// The interval at level 1 − `alpha` on the logit scale, so that it stays within 0 and 1. A
    /// perfect ranking has no spread: there it is Wilson's for the smaller class, as no rows are
    /// certainty. `None` with fewer than [`MIN_PER_CLASS`] rows of a class.
    pub fn interval(self, alpha: f64) -> Option<Interval> {
        let fewest = self.negatives.min(self.positives);
        if fewest < MIN_PER_CLASS {
            return None;
        }
        let slope = self.value * (1.0 - self.value);
        if slope < 1e-12 || self.standard_error < 1e-12 {
            return wilson(self.value * fewest, fewest, alpha);
        }
        let half = normal_two_sided(alpha) * self.standard_error / slope;
        let odds = self.value / (1.0 - self.value);
        let area = |odds: f64| odds / (1.0 + odds);
        Some(Interval::new(area(odds * (-half).exp()), area(odds * half.exp())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_case_by_hand() {
        // Scores 1 (negative), 2 (positive), 3 (negative), 4 (positive): AUC 3/4. Placements of the
        // positives 1/2 and 1, of the negatives 1 and 1/2: variances 1/8 each, so 1/16 + 1/16.
        let auc = delong_counts(&[[1, 0], [0, 1], [1, 0], [0, 1]]).unwrap();
        assert!((auc.value - 0.75).abs() < 1e-15);
        assert!((auc.standard_error - 0.125f64.sqrt()).abs() < 1e-15, "{auc:?}");
        assert_eq!(auc.interval(0.05), None, "two of a class are no evidence");
    }

    #[test]
    fn one_class_is_undefined_and_perfection_is_not_certain() {
        assert_eq!(delong_counts(&[[3, 0], [4, 0]]), None);
        let interval = delong_counts(&[[50, 0], [0, 50]]).unwrap().interval(0.05).unwrap();
        assert!(interval.low < 0.96 && interval.high == 1.0, "{interval:?}");
    }
}
