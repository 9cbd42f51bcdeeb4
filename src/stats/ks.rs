//! Kolmogorov and Smirnov's test: are two samples from one distribution?

use super::distribution::bisect;
use super::order::{Tie, ties};
use super::special::binomial_term;

/// The largest distance between two empirical distribution functions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Smirnov {
    /// max |F₁ − F₂|
    pub d: f64,
    /// A value at which it is reached.
    pub location: f64,
    /// Whether F₁ is the larger there, that is, whether the first sample's values are smaller.
    pub is_first_above: bool,
    /// max (F₁ − F₂), at least 0.
    pub d_greater: f64,
    sizes: [u64; 2],
}

/// The float whose [`super::order::key`] this is.
fn value_of(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

/// Compares two samples; `None` if one is empty or holds a NaN. O(n log n); the sort is parallel, its
/// result is not.
pub fn smirnov(first: &[f64], second: &[f64]) -> Option<Smirnov> {
    let mut ties = ties(first, second)?.peekable();
    let smallest = ties.peek()?.key;
    let (m, n) = (first.len() as i128, second.len() as i128);
    // Distances as whole numbers of 1/(m n), so that equal ones are equal.
    let (mut most, mut least) = ((0, smallest), (0, smallest));
    let (mut i, mut j) = (0, 0);
    for Tie { key, counts: [own, other] } in ties {
        i += own as i128;
        j += other as i128;
        let apart = i * n - j * m;
        if apart > most.0 {
            most = (apart, key);
        }
        if apart < least.0 {
            least = (apart, key);
        }
    }
    let share = |apart: i128| apart as f64 / (m as f64 * n as f64);
    let is_first_above = most.0 >= -least.0;
    let (apart, at) = if is_first_above { most } else { (-least.0, least.1) };
    Some(Smirnov {
        d: share(apart),
        location: value_of(at),
        is_first_above,
        d_greater: share(most.0),
        sizes: [m as u64, n as u64],
    })
}

impl Smirnov {
    /// n₁n₂/(n₁ + n₂), as many rows as one sample against a known distribution.
    pub fn effective_n(&self) -> f64 {
        let [m, n] = self.sizes.map(|n| n as f64);
        m * n / (m + n)
    }

    /// Exact p of equal distributions without ties, by counting lattice paths in O(n₁n₂): for up to
    /// some 10⁴ rows each.
    pub fn exact_p(&self) -> f64 {
        self.path_chance(self.d, true)
    }

    /// Exact one-sided p for "F₁ is above F₂ somewhere".
    pub fn exact_p_greater(&self) -> f64 {
        self.path_chance(self.d_greater, false)
    }

    /// The chance that a random path from (0, 0) to (m, n) leaves the strip of width `d`: hits are
    /// carried along, so that small chances keep their digits.
    fn path_chance(&self, d: f64, is_two_sided: bool) -> f64 {
        let [m, n] = self.sizes.map(|n| n as i128);
        let limit = (d * m as f64 * n as f64).round() as i128;
        let is_out = |i: i128, j: i128| {
            let apart = i * n - j * m;
            apart >= limit || (is_two_sided && -apart >= limit)
        };
        let mut row = vec![0.0; n as usize + 1];
        for i in 0..=m {
            for j in 0..=n {
                let whole = (i + j) as f64;
                let before = if j > 0 { row[j as usize - 1] } else { 0.0 };
                row[j as usize] = if is_out(i, j) {
                    1.0
                } else if whole == 0.0 {
                    0.0
                } else {
                    (i as f64 * row[j as usize] + j as f64 * before) / whole
                };
            }
        }
        row.last().copied().unwrap_or(f64::NAN)
    }

    /// p for many rows: that of one sample of [`Smirnov::effective_n`] rows (rounded) against a known
    /// distribution.
    pub fn p(&self) -> f64 {
        kolmogorov_sf(self.d, self.effective_n().round().max(1.0) as u64)
    }

    /// One-sided p for many rows, by Hodges' approximation (1958, equation 5.3).
    pub fn p_greater(&self) -> f64 {
        let [a, b] = self.sizes.map(|n| n as f64);
        let (m, n) = (a.max(b), a.min(b));
        let z = self.effective_n().sqrt() * self.d_greater;
        (-2.0 * z * z - 2.0 * z * (m + 2.0 * n) / (m * n * (m + n)).sqrt() / 3.0).exp().min(1.0)
    }
}

/// P(D ≥ `d`) of Kolmogorov's statistic for `n` rows, each method where it is exact to some seven
/// digits (Simard & L'Ecuyer 2011).
pub fn kolmogorov_sf(d: f64, n: u64) -> f64 {
    const FEW: u64 = 140;
    let spread = n as f64 * d * d;
    if d.is_nan() || n == 0 {
        f64::NAN
    } else if d >= 1.0 {
        0.0
    } else if n as f64 * d <= 0.5 {
        1.0
    } else if spread > if n <= FEW { 4.0 } else { 2.2 } || d >= 0.5 {
        (2.0 * smirnov_sf(d, n)).min(1.0)
    } else if n <= FEW || (spread <= 1e5 && n as f64 * spread.powf(1.5) <= 1.4) {
        1.0 - durbin_cdf(d, n as usize)
    } else {
        1.0 - pelz_good_cdf(d, n as f64)
    }
}

/// P(D⁺ ≥ `d`), one-sided and exact: d Σ C(n, j) (d + j/n)^(j−1) (1 − d − j/n)^(n−j) (Birnbaum &
/// Tingey 1951); its asymptotic form where that would take too long.
fn smirnov_sf(d: f64, n: u64) -> f64 {
    const MOST: u64 = 100_000_000;
    let rows = n as f64;
    if rows * d * d > 370.0 {
        return 0.0;
    }
    if n > MOST {
        return (-(6.0 * rows * d + 1.0).powi(2) / (18.0 * rows)).exp();
    }
    let last = (rows * (1.0 - d)).floor() as u64;
    // The terms have one peak; those far from it are nothing.
    let term = |j: u64| {
        let share = d + j as f64 / rows;
        if share >= 1.0 && j < n {
            return 0.0;
        }
        binomial_term(j as f64, (n - j) as f64, share, 1.0 - share) * d / share
    };
    (0..=last).map(term).sum::<f64>().min(1.0)
}

/// Durbin's matrix formula (Marsaglia, Tsang & Wang 2003).
fn durbin_cdf(d: f64, n: usize) -> f64 {
    let k = (n as f64 * d).floor() as usize + 1;
    let size = 2 * k - 1;
    let h = k as f64 - n as f64 * d;
    let mut matrix = vec![vec![0.0; size]; size];
    for (i, row) in matrix.iter_mut().enumerate() {
        for (j, cell) in row.iter_mut().enumerate() {
            *cell = if i + 1 >= j { 1.0 } else { 0.0 };
        }
    }
    for (row, power) in matrix.iter_mut().zip(1..) {
        row[0] -= h.powi(power);
    }
    for (cell, power) in matrix[size - 1].iter_mut().rev().zip(1..) {
        *cell -= h.powi(power);
    }
    if 2.0 * h > 1.0 {
        matrix[size - 1][0] += (2.0 * h - 1.0).powi(size as i32);
    }
    for (i, row) in matrix.iter_mut().enumerate() {
        for (j, cell) in row.iter_mut().enumerate() {
            for over in 1..=(i + 1).saturating_sub(j) {
                *cell /= over as f64;
            }
        }
    }
    // One row of the n-th power, scaled on the way by n!/nⁿ.
    let mut row = vec![0.0; size];
    row[k - 1] = 1.0;
    for step in 1..=n {
        let next = |j: usize| (0..size).map(|i| row[i] * matrix[i][j]).sum::<f64>();
        let scale = step as f64 / n as f64;
        row = (0..size).map(|j| next(j) * scale).collect();
    }
    row[k - 1].clamp(0.0, 1.0)
}

/// Pelz & Good's expansion (1976) to the third order of 1/√n.
fn pelz_good_cdf(d: f64, n: f64) -> f64 {
    use std::f64::consts::{FRAC_PI_2, PI, TAU};
    let z = n.sqrt() * d;
    let (z2, p2) = (z * z, PI * PI);
    let (z4, z6, z8) = (z2 * z2, z2 * z2 * z2, z2 * z2 * z2 * z2);
    let (mut k0, mut k1, mut k2, mut k3, mut k2_rest, mut k3_rest) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for k in 0..60 {
        let odd = f64::from(k) + 0.5;
        let (o2, o4) = (odd * odd * p2, (odd * odd * p2).powi(2));
        let e = (-o2 / (2.0 * z2)).exp();
        k0 += e;
        k1 += (o2 - z2) * e;
        k2 += ((6.0 * z6 + 2.0 * z4) + (2.0 * z4 - 5.0 * z2) * o2 + (1.0 - 2.0 * z2) * o4) * e;
        k3 += (o2 * o4 * (5.0 - 30.0 * z2)
            + o4 * (-60.0 * z2 + 212.0 * z4)
            + o2 * (135.0 * z4 - 96.0 * z6)
            - (30.0 * z6 + 90.0 * z8))
            * e;
        let whole = (f64::from(k) + 1.0).powi(2) * p2;
        let e = (-whole / (2.0 * z2)).exp();
        k2_rest += whole * e;
        k3_rest += (3.0 * whole * z2 - whole * whole) * e;
    }
    // Each sum runs over all whole numbers: twice the half.
    let half = FRAC_PI_2.sqrt() * 2.0;
    k0 *= TAU.sqrt() / z;
    k1 *= half / (6.0 * z4);
    k2 = half * (k2 / (72.0 * z6 * z) - k2_rest / (36.0 * z2 * z));
    k3 = half * (k3 / (6_480.0 * z8 * z2) + k3_rest / (108.0 * z6));
    (k0 + k1 / n.sqrt() + k2 / n + k3 / (n * n.sqrt())).clamp(0.0, 1.0)
}

/// The distance that samples of these sizes stay below with the chance 1 − `alpha` without drift.
pub fn null_quantile(sizes: [u64; 2], alpha: f64) -> f64 {
    let [m, n] = sizes.map(|n| n as f64);
    let rows = (m * n / (m + n)).round().max(1.0) as u64;
    bisect(0.0, 1.0, |d| kolmogorov_sf(d, rows) > alpha)
}
