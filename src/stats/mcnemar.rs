//! Two models on the same rows: McNemar's test and intervals of the paired difference.

use super::Interval;
use super::distribution::{binomial_cdf, binomial_pmf, chi2_sf, normal_two_sided};

/// How often two models were right on the same rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    pub both_right: u64,
    pub only_a_right: u64,
    pub only_b_right: u64,
    pub both_wrong: u64,
}

impl Pairs {
    /// In the order of [`crate::domain::ArmWindow::paired`].
    pub fn new([both_right, only_a_right, only_b_right, both_wrong]: [u64; 4]) -> Self {
        Self { both_right, only_a_right, only_b_right, both_wrong }
    }

    pub fn n(self) -> u64 {
        self.both_right + self.discordant() + self.both_wrong
    }

    pub fn discordant(self) -> u64 {
        self.only_a_right + self.only_b_right
    }

    /// Share of rows that B gets right less the share that A does; `None` without rows.
    pub fn difference(self) -> Option<f64> {
        let n = self.n();
        (n > 0).then(|| (self.only_b_right as f64 - self.only_a_right as f64) / n as f64)
    }

    /// Exact two-sided p: twice the binomial tail of the rarer discordance at chance ½, at most 1.
    /// Without discordant rows it is 1. Assumes independent rows. Source: McNemar 1947.
    pub fn exact_p(self) -> f64 {
        let fewer = self.only_a_right.min(self.only_b_right);
        (2.0 * binomial_cdf(fewer, self.discordant(), 0.5)).min(1.0)
    }

    /// Mid-p: the exact p less the probability of what was seen; nearer to its nominal level
    /// (Fagerland, Lydersen & Laake 2013). 1 for equal counts.
    pub fn mid_p(self) -> f64 {
        if self.only_a_right == self.only_b_right {
            return 1.0;
        }
        let fewer = self.only_a_right.min(self.only_b_right);
        self.exact_p() - binomial_pmf(fewer, self.discordant(), 0.5)
    }

    /// The chi-square statistic (|b − c| − `correction`)²/(b + c) and its p, for 25 discordant rows
    /// or more; `None` without any. `correction` is 0 or, after Edwards, 1.
    pub fn chi2(self, correction: f64) -> Option<(f64, f64)> {
        let (b, c) = (self.only_a_right as f64, self.only_b_right as f64);
        let chi2 = ((b - c).abs() - correction).powi(2) / (b + c);
        (b + c > 0.0).then(|| (chi2, chi2_sf(chi2, 1.0)))
    }

    /// The textbook interval of [`Pairs::difference`]; no width without discordant rows.
    pub fn wald(self, alpha: f64) -> Option<Interval> {
        self.around(self.difference()?, 0.0, alpha)
    }

    /// Bonett & Price's interval (2012) of [`Pairs::difference`]: Wald's after adding one row to each
    /// discordant cell, cut at −1 and 1. It has a width even without discordant rows.
    pub fn interval(self, alpha: f64) -> Option<Interval> {
        let n = self.n() as f64;
        let interval = self.around(self.difference()? * n / (n + 2.0), 1.0, alpha)?;
        Some(Interval::new(interval.low.max(-1.0), interval.high.min(1.0)))
    }

    fn around(self, centre: f64, added: f64, alpha: f64) -> Option<Interval> {
        let n = self.n() as f64 + 2.0 * added;
        let discordant = (self.discordant() as f64 + 2.0 * added) / n;
        let half = normal_two_sided(alpha) * ((discordant - centre * centre) / n).max(0.0).sqrt();
        (n > 0.0).then(|| Interval::new(centre - half, centre + half))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_paired_difference_lies_in_its_interval(cells in prop::array::uniform4(0u64..500)) {
            let pairs = Pairs::new(cells);
            if let Some(difference) = pairs.difference() {
                let interval = pairs.interval(0.05).unwrap();
                prop_assert!(interval.contains(difference), "{interval:?} without {difference}");
                prop_assert!(interval.width() > 0.0);
            }
        }
    }

    #[test]
    fn no_disagreement_is_no_evidence() {
        let same = Pairs::new([90, 0, 0, 10]);
        assert_eq!(same.exact_p(), 1.0);
        assert_eq!(same.chi2(0.0), None);
        assert_eq!(Pairs::default().difference(), None);
    }
}
