//! Tables of counts: tests that rows and columns are independent.

use super::distribution::{binomial_pmf, chi2_sf};
use super::special::ln_factorial;

/// Pearson's and the likelihood-ratio test of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Independence {
    pub chi2: f64,
    pub df: f64,
    pub p: f64,
    /// 2 Σ O ln(O/E), also called G.
    pub g: f64,
    pub g_p: f64,
    /// √(χ²/n/(min(rows, columns) − 1)): from 0 (independent) to 1.
    pub cramers_v: f64,
    /// χ² and p with Yates' correction, of a table of two by two.
    pub yates: Option<(f64, f64)>,
}

/// Tests independence of rows and columns; those without counts are left out. Assumes at least some
/// five expected counts per cell. `None` for a ragged table or fewer than two rows or columns.
pub fn independence(table: &[Vec<f64>]) -> Option<Independence> {
    let width = table.first()?.len();
    if table.iter().any(|row| row.len() != width) {
        return None;
    }
    let rows: Vec<f64> = table.iter().map(|row| row.iter().sum()).collect();
    let columns: Vec<f64> = (0..width).map(|j| table.iter().map(|row| row[j]).sum()).collect();
    let n: f64 = rows.iter().sum();
    let filled = |sums: &[f64]| sums.iter().filter(|sum| **sum > 0.0).count() as f64;
    let (height, width) = (filled(&rows), filled(&columns));
    if height < 2.0 || width < 2.0 {
        return None;
    }
    let is_square = height == 2.0 && width == 2.0;
    let (mut chi2, mut g, mut yates) = (0.0, 0.0, 0.0);
    for (row, sum) in table.iter().zip(&rows).filter(|(_, sum)| **sum > 0.0) {
        for (seen, column) in row.iter().zip(&columns).filter(|(_, column)| **column > 0.0) {
            let expected = sum * column / n;
            let off = (seen - expected).abs();
            chi2 += off * off / expected;
            yates += (off - off.min(0.5)).powi(2) / expected;
            g += if *seen > 0.0 { 2.0 * seen * (seen / expected).ln() } else { 0.0 };
        }
    }
    let df = (height - 1.0) * (width - 1.0);
    let g = g.max(0.0);
    Some(Independence {
        chi2,
        df,
        p: chi2_sf(chi2, df),
        g,
        g_p: chi2_sf(g, df),
        cramers_v: (chi2 / n / (height.min(width) - 1.0)).sqrt(),
        yates: is_square.then(|| (yates, chi2_sf(yates, 1.0))),
    })
}

/// Fisher's exact test of a table [[a, b], [c, d]].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fisher {
    /// The sum over all tables with these margins that are not more likely than this one.
    pub p_two_sided: f64,
    /// P(A ≥ a)
    pub p_greater: f64,
    /// P(A ≤ a)
    pub p_less: f64,
    /// The sample's odds ratio ad/bc; NaN for 0/0.
    pub odds_ratio: f64,
}

/// Tables this near in probability count as equally likely.
const TIE: f64 = 1.0 + 1e-7;

/// Exact for any counts, conditional on the margins. Source: Fisher 1935.
pub fn fisher([[a, b], [c, d]]: [[u64; 2]; 2]) -> Fisher {
    let (hits, row, n) = (a + c, a + b, a + b + c + d);
    let ln_choose = |n: u64, k: u64| {
        ln_factorial(n as f64) - ln_factorial(k as f64) - ln_factorial((n - k) as f64)
    };
    let whole = ln_choose(n, row);
    let (low, high) = (row.saturating_sub(n - hits), row.min(hits));
    let chance = |x: u64| (ln_choose(hits, x) + ln_choose(n - hits, row - x) - whole).exp();
    let here = chance(a);
    let (mut two_sided, mut less, mut greater, mut sum) = (0.0_f64, 0.0_f64, 0.0_f64, 0.0);
    for x in low..=high {
        let p = chance(x);
        sum += p;
        two_sided += if p <= here * TIE { p } else { 0.0 };
        less += if x <= a { p } else { 0.0 };
        greater += if x >= a { p } else { 0.0 };
    }
    Fisher {
        p_two_sided: (two_sided / sum).min(1.0),
        p_greater: (greater / sum).min(1.0),
        p_less: (less / sum).min(1.0),
        odds_ratio: a as f64 * d as f64 / (b as f64 * c as f64),
    }
}

/// The exact two-sided binomial p: the chance of all counts that are not more likely than `k` hits
/// in `n` trials with chance `p`.
pub fn binomial_two_sided(k: u64, n: u64, p: f64) -> f64 {
    use super::distribution::{binomial_cdf, binomial_sf};
    let limit = binomial_pmf(k, n, p) * TIE;
    let mean = n as f64 * p;
    if k as f64 == mean {
        return 1.0;
    }
    if (k as f64) < mean {
        // The first count beyond the mean that is as unlikely.
        let (mut low, mut high) = (mean.ceil() as u64, n + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if binomial_pmf(middle, n, p) <= limit { high = middle } else { low = middle + 1 }
        }
        let above = if low == 0 { 1.0 } else { binomial_sf(low - 1, n, p) };
        return (binomial_cdf(k, n, p) + above).min(1.0);
    }
    let (mut low, mut high) = (0, mean.floor() as u64 + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if binomial_pmf(middle, n, p) <= limit { low = middle + 1 } else { high = middle }
    }
    let below = if low == 0 { 0.0 } else { binomial_cdf(low - 1, n, p) };
    let above = if k == 0 { 1.0 } else { binomial_sf(k - 1, n, p) };
    (below + above).min(1.0)
}
