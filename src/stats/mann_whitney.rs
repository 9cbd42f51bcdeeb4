//! Mann and Whitney's test: does one arm tend to larger values?

use super::distribution::{normal_sf, t_sf};
use super::order::{Tie, mid_ranks, ties};

/// Ranks of two samples together.
#[derive(Clone, Debug, PartialEq)]
pub struct RankSum {
    /// Pairs in which the first sample's value is the larger, ties counting half.
    pub u: f64,
    sizes: [f64; 2],
    /// Σ (t³ − t) over groups of ties.
    ties: f64,
}

/// Two p-values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankP {
    pub two_sided: f64,
    /// For "the first sample tends to larger values".
    pub greater: f64,
}

/// Ranks two samples; `None` if one is empty or holds a NaN. O(n log n); the sort is parallel, its
/// result is not.
pub fn rank_sum(first: &[f64], second: &[f64]) -> Option<RankSum> {
    // Twice U, a whole number.
    let (mut twice, mut tied): (u128, f64) = (0, 0.0);
    let mut below = 0;
    for Tie { counts: [own, other], .. } in ties(first, second)? {
        twice += own as u128 * (2 * below + other) as u128;
        let group = (own + other) as f64;
        tied += group * group * group - group;
        below += other;
    }
    let sizes = [first.len() as f64, second.len() as f64];
    Some(RankSum { u: twice as f64 / 2.0, sizes, ties: tied })
}

impl RankSum {
    /// P(first > second) + P(equal)/2.
    pub fn superiority(&self) -> f64 {
        self.u / (self.sizes[0] * self.sizes[1])
    }

    /// The normal approximation with the variance corrected for ties; `continuity` is ½ or 0. NaN
    /// where all values are equal and nothing is corrected. For 20 rows each or more.
    pub fn asymptotic(&self, continuity: f64) -> RankP {
        let [m, n] = self.sizes;
        let (all, pairs) = (m + n, m * n);
        let variance = pairs / 12.0 * (all + 1.0 - self.ties / (all * (all - 1.0)));
        let z = |u: f64| (u - pairs / 2.0 - continuity) / variance.max(0.0).sqrt();
        let sf = |z: f64| match z {
            f64::INFINITY => 0.0,
            f64::NEG_INFINITY => 1.0,
            z => normal_sf(z),
        };
        let larger = self.u.max(pairs - self.u);
        RankP { two_sided: (2.0 * sf(z(larger))).min(1.0), greater: sf(z(self.u)) }
    }

    /// Exact p, by the chances of each U: for up to some 100 rows each. `None` with ties.
    pub fn exact(&self) -> Option<RankP> {
        let [m, n] = self.sizes.map(|n| n as usize);
        if self.ties > 0.0 {
            return None;
        }
        // chances[i][u] for the first i of the first sample against j of the second, j growing.
        let most = m * n;
        let mut chances = vec![vec![0.0; most + 1]; m + 1];
        for row in &mut chances {
            row[0] = 1.0;
        }
        for j in 1..=n {
            let mut grown = vec![vec![0.0; most + 1]; m + 1];
            grown[0][0] = 1.0;
            for i in 1..=m {
                // The largest of all is one of the first sample's (it beats j) or of the second's.
                let own = i as f64 / (i + j) as f64;
                for u in 0..=i * j {
                    let beats = if u >= j { grown[i - 1][u - j] } else { 0.0 };
                    grown[i][u] = own * beats + (1.0 - own) * chances[i][u];
                }
            }
            chances = grown;
        }
        let tail = |u: f64| -> f64 { chances[m].iter().skip(u as usize).sum() };
        let larger = self.u.max(most as f64 - self.u);
        Some(RankP { two_sided: (2.0 * tail(larger)).min(1.0), greater: tail(self.u).min(1.0) })
    }
}

/// Brunner and Munzel's statistic (2000), which allows arms of different spread, and its two-sided p
/// by Student's t. Positive where the second sample tends to larger values. `None` with fewer than
/// two rows in an arm or where the arms do not overlap.
pub fn brunner_munzel(first: &[f64], second: &[f64]) -> Option<(f64, f64)> {
    let (m, n) = (first.len() as f64, second.len() as f64);
    if m < 2.0 || n < 2.0 || first.iter().chain(second).any(|x| x.is_nan()) {
        return None;
    }
    let both: Vec<f64> = first.iter().chain(second).copied().collect();
    let (ranks, _) = mid_ranks(&both);
    let (of_first, of_second) = ranks.split_at(first.len());
    let mean = |ranks: &[f64]| ranks.iter().sum::<f64>() / ranks.len() as f64;
    let spread = |values: &[f64], ranks: &[f64]| {
        let (own, _) = mid_ranks(values);
        let (own_mean, mean) = (mean(&own), mean(ranks));
        let square = |(own, all): (&f64, &f64)| (all - own - mean + own_mean).powi(2);
        own.iter().zip(ranks).map(square).sum::<f64>() / (values.len() as f64 - 1.0)
    };
    let (s, t) = (m * spread(first, of_first), n * spread(second, of_second));
    let w = m * n * (mean(of_second) - mean(of_first)) / ((m + n) * (s + t).sqrt());
    let df = (s + t).powi(2) / (s * s / (m - 1.0) + t * t / (n - 1.0));
    (s + t > 0.0).then(|| (w, 2.0 * t_sf(w.abs(), df)))
}
