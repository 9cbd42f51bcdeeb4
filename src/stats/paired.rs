//! Two values per row: the paired t test, Wilcoxon's signed ranks, and the paired bootstrap.

use super::Interval;
use super::distribution::{normal_sf, t_quantile, t_sf};
use super::mean::Moments;
use super::order::{mid_ranks, sorted};
use super::quantile;

/// The mean of row-wise differences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedMean {
    pub difference: f64,
    pub standard_error: f64,
    pub df: f64,
}

/// The t test of differences, roughly normal or many. `None` below two rows.
pub fn paired_mean(differences: &[f64]) -> Option<PairedMean> {
    let moments = Moments::of(differences);
    let variance = moments.variance()?;
    Some(PairedMean {
        difference: moments.mean,
        standard_error: (variance / moments.n).sqrt(),
        df: moments.n - 1.0,
    })
}

impl PairedMean {
    /// Infinite where all rows differ by the same, NaN where none differs.
    pub fn t(self) -> f64 {
        self.difference / self.standard_error
    }

    pub fn p_two_sided(self) -> f64 {
        2.0 * self.tail(self.t().abs())
    }

    /// One-sided p for a difference above 0.
    pub fn p_greater(self) -> f64 {
        self.tail(self.t())
    }

    fn tail(self, t: f64) -> f64 {
        match t {
            f64::INFINITY => 0.0,
            f64::NEG_INFINITY => 1.0,
            t => t_sf(t, self.df),
        }
    }

    /// The interval at level 1 − `alpha`; without width where all rows differ by the same.
    pub fn interval(self, alpha: f64) -> Interval {
        let half = t_quantile(1.0 - alpha / 2.0, self.df) * self.standard_error;
        Interval::new(self.difference - half, self.difference + half)
    }
}

/// What is done with rows that do not differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zeros {
    /// Left out (Wilcoxon 1945).
    LeftOut,
    /// Ranked, then left out (Pratt 1959).
    Ranked,
}

/// Wilcoxon's signed-rank test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignedRank {
    /// The smaller of the rank sums of positive and negative differences.
    pub w: f64,
    pub p: f64,
}

/// The normal approximation with the variance corrected for ties and no continuity correction. Tests
/// that differences are symmetric around 0. `None` where no row differs.
pub fn signed_rank(differences: &[f64], zeros: Zeros) -> Option<SignedRank> {
    let kept: Vec<f64> = match zeros {
        Zeros::LeftOut => differences.iter().copied().filter(|d| *d != 0.0).collect(),
        Zeros::Ranked => differences.to_vec(),
    };
    let none = kept.iter().filter(|d| **d == 0.0).count();
    let (ranks, groups) = mid_ranks(&kept.iter().map(|d| d.abs()).collect::<Vec<_>>());
    let sum = |sign: f64| -> f64 {
        kept.iter().zip(&ranks).filter(|(d, _)| **d * sign > 0.0).map(|(_, rank)| rank).sum()
    };
    let (n, nil) = (kept.len() as f64, none as f64);
    let triangle = |n: f64| n * (n + 1.0);
    let mean = (triangle(n) - triangle(nil)) / 4.0;
    // The zeros are the first group of ties; they carry no sign, so theirs is no tie.
    let tied = groups.iter().skip(usize::from(none > 0)).map(|t| t * t * t - t).sum::<f64>();
    let whole = |n: f64| triangle(n) * (2.0 * n + 1.0);
    let variance = (whole(n) - whole(nil) - tied / 2.0) / 24.0;
    let (plus, minus) = (sum(1.0), sum(-1.0));
    let z = (plus - mean) / variance.sqrt();
    (variance > 0.0).then(|| SignedRank { w: plus.min(minus), p: 2.0 * normal_sf(z.abs()) })
}

/// The exact test for up to 50 rows; `None` beyond, with ties or with rows that do not differ.
pub fn signed_rank_exact(differences: &[f64]) -> Option<SignedRank> {
    const MOST: usize = 50;
    let n = differences.len();
    let (ranks, groups) = mid_ranks(&differences.iter().map(|d| d.abs()).collect::<Vec<_>>());
    if n == 0 || n > MOST || groups.len() < n || differences.contains(&0.0) {
        return None;
    }
    let most = n * (n + 1) / 2;
    // Chances of each rank sum, a row's sign being a coin.
    let mut chances = vec![0.0; most + 1];
    chances[0] = 1.0;
    for rank in 1..=n {
        for sum in (0..=most).rev() {
            let with = if sum >= rank { chances[sum - rank] } else { 0.0 };
            chances[sum] = (chances[sum] + with) / 2.0;
        }
    }
    let plus: f64 = differences.iter().zip(&ranks).filter(|(d, _)| **d > 0.0).map(|(_, r)| r).sum();
    let w = plus.min(most as f64 - plus);
    let tail: f64 = chances.iter().take(w as usize + 1).sum();
    Some(SignedRank { w, p: (2.0 * tail).min(1.0) })
}

/// A statistic's difference between two arms with intervals from resampled rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Of the rows as they are, second − first.
    pub estimate: f64,
    /// Standard deviation over the resamples, divisor B − 1.
    pub standard_error: f64,
    pub percentile: Interval,
    /// 2 · estimate − the percentiles.
    pub basic: Interval,
}

/// The paired bootstrap (Efron & Tibshirani 1993): each of `resamples` names rows, the same ones for
/// both arms, so that what is hard for both cancels. Fixed draws make it reproducible. Places beyond
/// the rows are left out. `None` below two resamples.
pub fn bootstrap(
    first: &[f64],
    second: &[f64],
    resamples: &[Vec<usize>],
    alpha: f64,
    statistic: impl Fn(&[f64]) -> f64,
) -> Option<Bootstrap> {
    let of = |values: &[f64], places: &[usize]| {
        let drawn: Vec<f64> = places.iter().filter_map(|row| values.get(*row)).copied().collect();
        statistic(&drawn)
    };
    let differences: Vec<f64> =
        resamples.iter().map(|places| of(second, places) - of(first, places)).collect();
    let estimate = statistic(second) - statistic(first);
    let standard_error = Moments::of(&differences).variance()?.sqrt();
    let ordered = sorted(&differences);
    let low = quantile::linear(&ordered, alpha / 2.0)?;
    let high = quantile::linear(&ordered, 1.0 - alpha / 2.0)?;
    let basic = Interval::new(2.0 * estimate - high, 2.0 * estimate - low);
    Some(Bootstrap { estimate, standard_error, percentile: Interval::new(low, high), basic })
}
