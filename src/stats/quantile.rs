//! Quantiles: of rows, of weighted histograms, and their order-statistic intervals.

use super::Interval;
use super::distribution::binomial_quantile;

/// The quantile of sorted values by linear interpolation (type 7 of Hyndman & Fan, NumPy's default).
/// `None` without values or with a NaN among them.
pub fn linear(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = q.clamp(0.0, 1.0) * last as f64;
    let below = *sorted.get(at.floor() as usize)?;
    let above = *sorted.get(at.ceil() as usize)?;
    let clean = !sorted.iter().any(|value| value.is_nan());
    clean.then(|| below + (above - below) * (at - at.floor()))
}

/// The quantile of sorted values by nearest rank ⌈q n⌉ (type 1), as histograms count.
pub fn nearest_rank(sorted: &[f64], q: f64) -> Option<f64> {
    let rank = (q.clamp(0.0, 1.0) * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted.get(rank - 1).copied()
}

/// Places (from 0, in sorted order) of the order statistics that enclose the `q` quantile of `n`
/// independent values with at least 1 − `alpha`: from the binomial distribution, free of any
/// assumption about the values' shape. A side is `None` where no order statistic is far enough out:
/// p95 has an upper end from n = 72 on, p99 from 368 (for 95 %). Source: Conover 1999, section 3.2.
pub fn order_statistics(n: u64, q: f64, alpha: f64) -> (Option<u64>, Option<u64>) {
    let low = binomial_quantile(alpha / 2.0, n, q).checked_sub(1);
    let high = binomial_quantile(1.0 - alpha / 2.0, n, q);
    (low, (high < n).then_some(high))
}

/// How a quantile that falls between two rows is read (Hyndman & Fan 1996; NumPy's names).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Type 7, as [`linear`].
    Linear,
    /// The rows around type 7's place, without interpolation.
    Lower,
    Higher,
    /// A tie goes to the even row.
    Nearest,
    Midpoint,
    /// Type 1, as [`nearest_rank`].
    InvertedCdf,
    /// Type 5.
    Hazen,
    /// Type 6.
    Weibull,
    /// Type 8.
    MedianUnbiased,
}

/// The `q` quantile of sorted values by a method. `None` without values or with a NaN among them.
pub fn by(method: Method, sorted: &[f64], q: f64) -> Option<f64> {
    let n = sorted.len() as f64;
    let last = sorted.len().checked_sub(1)? as f64;
    let q = q.clamp(0.0, 1.0);
    let at = match method {
        Method::Linear => return linear(sorted, q),
        Method::InvertedCdf => (n * q).ceil() - 1.0,
        Method::Lower => (last * q).floor(),
        Method::Higher => (last * q).ceil(),
        Method::Nearest => (last * q).round_ties_even(),
        Method::Midpoint => f64::midpoint((last * q).floor(), (last * q).ceil()),
        Method::Hazen => n * q - 0.5,
        Method::Weibull => (n + 1.0) * q - 1.0,
        Method::MedianUnbiased => (n + 1.0 / 3.0) * q - 2.0 / 3.0,
    };
    if sorted.iter().any(|value| value.is_nan()) {
        return None;
    }
    let at = at.clamp(0.0, last);
    let below = *sorted.get(at.floor() as usize)?;
    let above = *sorted.get(at.ceil() as usize)?;
    Some(below + (above - below) * (at - at.floor()))
}

/// Places of one-sided bounds, as [`order_statistics`]: each holds alone with 1 − `alpha`.
pub fn one_sided(n: u64, q: f64, alpha: f64) -> (Option<u64>, Option<u64>) {
    order_statistics(n, q, 2.0 * alpha)
}

/// Values with weights: the histograms of several stages, weighted so that both arms stand for the
/// same mixture of stages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weighted {
    /// `(value, weight)`, sorted by [`Weighted::sort`].
    points: Vec<(f64, f64)>,
}

/// A quantile with its interval, each in the values' unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub value: f64,
    /// `None` where the sample is too small for both ends.
    pub interval: Option<Interval>,
}

impl Weighted {
    pub fn add(&mut self, value: f64, weight: f64) {
        if weight > 0.0 {
            self.points.push((value, weight));
        }
    }

    pub fn sort(&mut self) {
        self.points.sort_by(|a, b| a.0.total_cmp(&b.0));
    }

    /// The smallest value with at least the share `q` of the weight at or below it.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let whole: f64 = self.points.iter().map(|(_, weight)| weight).sum();
        // A share such as 19/20 must not miss its value by a rounding.
        let wanted = q.clamp(0.0, 1.0) * whole * (1.0 - 1e-12);
        let mut seen = 0.0;
        let found = self.points.iter().find(|(_, weight)| {
            seen += weight;
            seen >= wanted
        });
        found.or(self.points.last()).map(|(value, _)| *value)
    }

    /// The quantile with the interval that `effective_n` independent values would have: their order
    /// statistics' places, read off the weighted distribution.
    pub fn estimate(&self, q: f64, effective_n: f64, alpha: f64) -> Option<Estimate> {
        let value = self.quantile(q)?;
        let n = effective_n.floor() as u64;
        let at = |place: u64| self.quantile((place as f64 + 1.0) / n as f64);
        let interval = match order_statistics(n, q, alpha) {
            (Some(low), Some(high)) => at(low).zip(at(high)),
            _ => None,
        };
        let around = |(low, high): (f64, f64)| Interval::new(low.min(value), high.max(value));
        Some(Estimate { value, interval: interval.map(around) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_ends_exist_from_the_known_sample_sizes_on() {
        assert_eq!(order_statistics(71, 0.95, 0.05).1, None);
        assert_eq!(order_statistics(72, 0.95, 0.05).1, Some(71));
        assert_eq!(order_statistics(367, 0.99, 0.05).1, None);
        assert!(order_statistics(368, 0.99, 0.05).1.is_some());
        assert_eq!(order_statistics(0, 0.5, 0.05), (None, None));
    }

    #[test]
    fn weights_stand_for_copies() {
        let mut weighted = Weighted::default();
        for (value, weight) in [(3.0, 1.0), (1.0, 2.0), (2.0, 7.0)] {
            weighted.add(value, weight);
        }
        weighted.sort();
        assert_eq!(weighted.quantile(0.2), Some(1.0));
        assert_eq!(weighted.quantile(0.9), Some(2.0));
        assert_eq!(weighted.quantile(0.95), Some(3.0));
        assert_eq!(Weighted::default().quantile(0.5), None);
    }
}
