//! Confidence sequences for the mean of rows between 0 and 1, by betting against it.
//!
//! They assume nothing but the bounds, so they suit per-row losses and, mapped by (d + 1)/2, paired
//! differences. Source: Waudby-Smith & Ramdas 2024. Rows are expected in [0, 1].

use super::Interval;
use super::mixture::{Tails, best_rho, gamma_exponential_bound};

/// Bets √(2 ln(1/α)/(σ²ₜ₋₁ t ln(1 + t))) from the rows before each, with one imagined row of mean ½ and
/// variance ¼.
fn bets(rows: &[f64], alpha: f64) -> Vec<f64> {
    let (mut sum, mut squares, mut variance) = (0.5, 0.25, 0.25);
    let mut bets = Vec::with_capacity(rows.len());
    for (t, x) in (1..).zip(rows) {
        let t = f64::from(t);
        bets.push((-2.0 * alpha.ln() / (variance * t * t.ln_1p())).sqrt());
        sum += x;
        let mean = (sum / (t + 1.0)).min(1.0);
        squares += (x - mean).powi(2);
        variance = squares / (t + 1.0);
    }
    bets
}

/// Capital after each row of the hedged bet that the mean is not `m`, half of it on "larger" and
/// half on "smaller", whichever did better. By Ville's inequality it passes 1/α with a chance of at
/// most α if the mean is `m`.
pub fn capital(rows: &[f64], m: f64, alpha: f64) -> Vec<f64> {
    let (mut up, mut down) = (1.0, 1.0);
    let bet = |(x, bet): (&f64, f64)| {
        up *= 1.0 + bet.min(0.5 / m) * (x - m);
        down *= 1.0 - bet.min(0.5 / (1.0 - m)) * (x - m);
        // 0 · ∞ at the ends of the range
        let of = |side: f64| if side.is_nan() { 0.0 } else { side };
        of(up).max(of(down)) / 2.0
    };
    rows.iter().zip(bets(rows, alpha / 2.0)).map(bet).collect()
}

/// After each row, the means on a grid of `steps` that the hedged bet has not refuted, one step
/// wider; 0 to 1 where it has refuted all.
pub fn hedged(rows: &[f64], alpha: f64, steps: u32) -> Vec<Interval> {
    let step = 1.0 / f64::from(steps);
    let mut ends = vec![None; rows.len()];
    for k in 0..=steps {
        let m = f64::from(k) * step;
        for (end, capital) in ends.iter_mut().zip(capital(rows, m, alpha)) {
            if capital <= 1.0 / alpha {
                let (low, _) = end.unwrap_or((m, m));
                *end = Some((low, m));
            }
        }
    }
    let wider =
        |(low, high): (f64, f64)| Interval::new((low - step).max(0.0), (high + step).min(1.0));
    ends.into_iter().map(|end| end.map_or(Interval::new(0.0, 1.0), wider)).collect()
}

/// Both sides of a lower bound, the upper one from the mirrored rows.
fn both_sides(rows: &[f64], lower: impl Fn(&[f64]) -> Vec<f64>) -> Vec<Interval> {
    let mirrored: Vec<f64> = rows.iter().map(|x| 1.0 - x).collect();
    let ends = lower(rows).into_iter().zip(lower(&mirrored));
    ends.map(|(low, high)| Interval::new(low.max(0.0), 1.0 - high.max(0.0))).collect()
}

/// A bound from weighted rows: Σ λ x/Σ λ − (ln 1/α + Σ cost)/Σ λ, with (λ, cost) per row.
fn predictable(rows: &[f64], alpha: f64, parts: impl Iterator<Item = (f64, f64)>) -> Vec<f64> {
    let (mut weights, mut sum, mut cost) = (0.0, 0.0, -alpha.ln());
    let next = |(x, (weight, own)): (&f64, (f64, f64))| {
        weights += weight;
        sum += weight * x;
        cost += own;
        (sum - cost) / weights
    };
    rows.iter().zip(parts).map(next).collect()
}

/// The predictable mixture of Hoeffding's bounds, after each row.
pub fn hoeffding(rows: &[f64], alpha: f64) -> Vec<Interval> {
    let level = alpha / 2.0;
    both_sides(rows, |rows| {
        let weights = (1..).map(|t: u32| {
            let t = f64::from(t);
            (-8.0 * level.ln() / (t * t.ln_1p())).sqrt().min(1.0)
        });
        predictable(rows, level, weights.map(|weight| (weight, weight * weight / 8.0)))
    })
}

/// The predictable mixture of empirical Bernstein bounds, after each row: narrow where rows vary
/// little.
pub fn empirical_bernstein(rows: &[f64], alpha: f64) -> Vec<Interval> {
    let level = alpha / 2.0;
    both_sides(rows, |rows| {
        let (mut sum, mut mean) = (0.0, 0.0);
        let weights = bets(rows, level).into_iter().map(|bet| bet.min(0.5));
        let parts = weights.zip(rows).zip(1..).map(|((weight, x), t)| {
            let square = (x - mean) * (x - mean);
            sum += x;
            mean = sum / f64::from(t);
            (weight, square * (-(-weight).ln_1p() - weight))
        });
        predictable(rows, level, parts)
    })
}

/// The conjugate mixture of empirical Bernstein bounds, after each row, tightest about the variance
/// sum `v_opt`. NaN while no row has differed from the mean before it.
pub fn conjugate_bernstein(rows: &[f64], alpha: f64, v_opt: f64) -> Vec<Interval> {
    let level = alpha / 4.0;
    let rho = best_rho(v_opt, level, Tails::One);
    both_sides(rows, |rows| {
        let (mut sum, mut mean, mut v) = (0.0, 0.5, 0.0);
        let bound = |(x, t): (&f64, u32)| {
            let t = f64::from(t);
            v += (x - mean) * (x - mean);
            sum += x;
            mean = sum / t;
            mean - if v > 0.0 { gamma_exponential_bound(v, level, rho, 1.0) / t } else { f64::NAN }
        };
        rows.iter().zip(1..).map(bound).collect()
    })
}
