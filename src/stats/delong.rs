//! Two models' areas under the ROC curve on the same rows: DeLong's test.

use super::Interval;
use super::distribution::{normal_sf, normal_two_sided};
use super::order::mid_ranks;

/// The areas of two scores of the same rows, with their covariance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    pub areas: [f64; 2],
    pub variances: [f64; 2],
    pub covariance: f64,
}

/// For each positive the share of negatives beneath it (ties count half), and for each negative the
/// share of positives above it. By mid-ranks (Sun & Xu 2014), O(n log n).
fn placements(scores: &[f64], truth: &[bool]) -> [Vec<f64>; 2] {
    let of_class = |class: bool| -> Vec<f64> {
        scores.iter().zip(truth).filter(|(_, y)| **y == class).map(|(score, _)| *score).collect()
    };
    let (positives, negatives) = (of_class(true), of_class(false));
    let both: Vec<f64> = positives.iter().chain(&negatives).copied().collect();
    let (all, _) = mid_ranks(&both);
    let (m, n) = (positives.len() as f64, negatives.len() as f64);
    let among = |own: &[f64], all: &[f64]| -> Vec<f64> {
        mid_ranks(own).0.iter().zip(all).map(|(own, all)| all - own).collect()
    };
    let (first, rest) = all.split_at(positives.len());
    let beneath = among(&positives, first).iter().map(|count| count / n).collect();
    let above = among(&negatives, rest).iter().map(|count| 1.0 - count / m).collect();
    [beneath, above]
}

fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum::<f64>() / (n - 1.0)
}

impl Paired {
    /// From the scores of both models and the truth of each row. Variances need two rows of each
    /// class and are NaN below. `None` without both classes, with a NaN score or lists of different
    /// lengths.
    ///
    /// With placement values V₁₀, V₀₁: S = cov(V₁₀)/m + cov(V₀₁)/n (DeLong et al. 1988).
    pub fn new(first: &[f64], second: &[f64], truth: &[bool]) -> Option<Self> {
        let is_clean = |scores: &[f64]| {
            scores.len() == truth.len() && !scores.iter().any(|score| score.is_nan())
        };
        let has_both = truth.contains(&true) && truth.contains(&false);
        if !(is_clean(first) && is_clean(second) && has_both) {
            return None;
        }
        let (a, b) = (placements(first, truth), placements(second, truth));
        let (m, n) = (a[0].len() as f64, a[1].len() as f64);
        let joint = |a: &[Vec<f64>; 2], b: &[Vec<f64>; 2]| {
            covariance(&a[0], &b[0]) / m + covariance(&a[1], &b[1]) / n
        };
        let area = |of: &[Vec<f64>; 2]| of[0].iter().sum::<f64>() / m;
        Some(Self {
            areas: [area(&a), area(&b)],
            variances: [joint(&a, &a), joint(&b, &b)],
            covariance: joint(&a, &b),
        })
    }

    /// First area − second.
    pub fn difference(self) -> f64 {
        self.areas[0] - self.areas[1]
    }

    fn standard_error(self) -> f64 {
        let variance = self.variances[0] + self.variances[1] - 2.0 * self.covariance;
        // What is left of equal terms is rounding.
        let scale = self.variances[0] + self.variances[1];
        if variance > scale * 1e-12 { variance.sqrt() } else { 0.0 }
    }

    /// The standardised difference; `None` where both rank the rows alike.
    pub fn z(self) -> Option<f64> {
        let error = self.standard_error();
        (error > 0.0).then(|| self.difference() / error)
    }

    pub fn p_two_sided(self) -> Option<f64> {
        self.z().map(|z| 2.0 * normal_sf(z.abs()))
    }

    /// The interval of the difference at level 1 − `alpha`; `None` where both rank alike.
    pub fn interval(self, alpha: f64) -> Option<Interval> {
        let half = normal_two_sided(alpha) * self.standard_error();
        (half > 0.0).then(|| Interval::new(self.difference() - half, self.difference() + half))
    }

    /// The textbook interval of one area, not cut at 0 and 1; [`super::auc::Auc::interval`] is the
    /// better one.
    pub fn interval_of(self, model: usize, alpha: f64) -> Option<Interval> {
        let (area, variance) = (self.areas.get(model)?, self.variances.get(model)?);
        let half = normal_two_sided(alpha) * variance.max(0.0).sqrt();
        Some(Interval::new(area - half, area + half))
    }
}
