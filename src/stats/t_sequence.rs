//! Bounds of a mean that may be watched: a t test that stays valid at every number of values.

use super::Interval;
use super::mean::Moments;

/// Bounds of the mean that hold at all n at once with probability 1 − `alpha`, for independent normal
/// values of unknown variance; tightest near `tuned_for` values. `None` while nothing is excluded:
/// with few values no mean is.
///
/// A mean μ is excluded where the mixture √(c²/(n + c²)) · (((n + c²) V) / ((n + c²) V − S²))^(n/2)
/// reaches 1/α, with S = Σ(x − μ) and V = Σ(x − μ)²: a likelihood ratio of scale-invariant data with a
/// normal prior of variance 1/c² on the mean in standard deviations, so an e-process under μ. Solved
/// for μ it gives |x̄ − μ|² ≤ (n + c²)(1 − 1/K) C / (n² − n(n + c²)(1 − 1/K)), where C is the centred sum of
/// squares and K = (√((n + c²)/c²)/α)^(2/n).
///
/// Source: Wang & Ramdas 2025, Anytime-valid t-tests and confidence sequences for Gaussian means with
/// unknown variance.
pub fn t_bounds(values: Moments, alpha: f64, tuned_for: f64) -> Option<Interval> {
    let n = values.n;
    if n < 2.0 || values.centred <= 0.0 {
        return None;
    }
    let c2 = prior(alpha, tuned_for);
    let whole = n + c2;
    let k = ((whole / c2).sqrt() / alpha).powf(2.0 / n);
    let reach = whole * (1.0 - 1.0 / k);
    let room = n * (n - reach);
    let half = (reach * values.centred / room).sqrt();
    (room > 0.0).then(|| Interval::new(values.mean - half, values.mean + half))
}

/// The c² with which a normal mixture is about tightest at n values (Howard et al. 2021, section 3.5).
fn prior(alpha: f64, n: f64) -> f64 {
    let log = -2.0 * alpha.ln();
    n / (log + (1.0 + log).ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Normal numbers by Box and Muller from a SplitMix64 stream.
    fn normal(state: &mut u64) -> f64 {
        let mut uniform = || {
            *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut x = *state;
            x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            (((x ^ (x >> 31)) >> 11) as f64 + 0.5) / (1u64 << 53) as f64
        };
        let (u, v) = (uniform(), uniform());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    #[test]
    fn the_mean_on_a_bound_is_just_excluded() {
        let values = Moments::of(&[3.1, 2.7, 3.9, 3.3, 2.9, 3.6, 3.2, 3.0, 3.4, 3.5]);
        let (alpha, n) = (0.05, 10.0);
        let bounds = t_bounds(values, alpha, 10.0).unwrap();
        let c2 = prior(alpha, 10.0);
        for mean in [bounds.low, bounds.high] {
            let sum = n * (values.mean - mean);
            let squares = values.centred + n * (values.mean - mean).powi(2);
            let ratio = (n + c2) * squares / ((n + c2) * squares - sum * sum);
            let mixture = (c2 / (n + c2)).sqrt() * ratio.powf(n / 2.0);
            assert!((mixture * alpha - 1.0).abs() < 1e-9, "{mixture}");
        }
        assert_eq!(t_bounds(Moments::of(&[1.0]), 0.05, 10.0), None);
        assert_eq!(t_bounds(Moments::of(&[1.0, 1.1]), 0.05, 10.0), None, "two exclude nothing");
    }

    #[test]
    fn watched_at_every_value_it_seldom_excludes_the_truth() {
        const RUNS: u32 = 2_000;
        let mut state = 7;
        let is_missed = |state: &mut u64| {
            let mut seen = Moments::default();
            (0..300).any(|_| {
                seen = seen.merged(Moments { n: 1.0, mean: normal(state), centred: 0.0 });
                t_bounds(seen, 0.05, 30.0).is_some_and(|b| b.low > 0.0 || b.high < 0.0)
            })
        };
        let missed = (0..RUNS).filter(|_| is_missed(&mut state)).count() as f64;
        // Three standard errors above 5 %.
        assert!(missed / f64::from(RUNS) < 0.0646, "{missed} of {RUNS}");
    }
}
