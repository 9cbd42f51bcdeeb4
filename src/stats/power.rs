//! How many rows a comparison of two proportions needs, and what a given number can show.

use super::distribution::{bisect, normal_cdf, normal_quantile, normal_sf, t_quantile};
use super::special::ln_gamma;

/// One- or two-sided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sides {
    One,
    Two,
}

/// Cohen's h: 2 asin √p₂ − 2 asin √p₁, whose sampling variance hardly depends on p (Cohen 1988).
pub fn cohens_h(p1: f64, p2: f64) -> f64 {
    2.0 * p2.sqrt().asin() - 2.0 * p1.sqrt().asin()
}

/// The chance to find an effect of `h` standard deviations with `n1` and `ratio`·`n1` rows, by a z
/// test at level `alpha`; two-sided, findings in the wrong direction count as well. One-sided, `h`
/// must point in the tested direction.
pub fn power(h: f64, n1: f64, ratio: f64, alpha: f64, sides: Sides) -> f64 {
    let shift = h * (n1 * ratio / (1.0 + ratio)).sqrt();
    match sides {
        Sides::One => normal_cdf(shift + normal_quantile(alpha)),
        Sides::Two => {
            let bound = normal_quantile(alpha / 2.0);
            normal_cdf(shift + bound) + normal_cdf(bound - shift)
        }
    }
}

/// Rows of the first arm (the second gets `ratio` times as many) to find `h` with the chance
/// `power`. Not rounded. `None` if there is no effect or a chance is not between 0 and 1.
pub fn sample_size(h: f64, power_wanted: f64, ratio: f64, alpha: f64, sides: Sides) -> Option<f64> {
    let possible = h.abs() > 0.0 && alpha > 0.0 && alpha < power_wanted && power_wanted < 1.0;
    if !possible || ratio.is_nan() || ratio <= 0.0 {
        return None;
    }
    let mut high = 1.0;
    while power(h.abs(), high, ratio, alpha, sides) < power_wanted && high < 1e300 {
        high *= 2.0;
    }
    Some(bisect(0.0, high, |n| power(h.abs(), n, ratio, alpha, sides) < power_wanted))
}

/// The smallest h (above 0) that `n1` and `ratio`·`n1` rows show with the chance `power_wanted`.
pub fn detectable(n1: f64, power_wanted: f64, ratio: f64, alpha: f64, sides: Sides) -> Option<f64> {
    let possible = n1 > 0.0 && alpha > 0.0 && alpha < power_wanted && power_wanted < 1.0;
    let mut high = 1.0;
    while possible && power(high, n1, ratio, alpha, sides) < power_wanted && high < 1e300 {
        high *= 2.0;
    }
    possible.then(|| bisect(0.0, high, |h| power(h, n1, ratio, alpha, sides) < power_wanted))
}

/// The rate p₂ above `p1` that differs by `h`; 1 if there is none.
pub fn rate_at(p1: f64, h: f64) -> f64 {
    let angle = p1.sqrt().asin() + h / 2.0;
    angle.clamp(0.0, std::f64::consts::FRAC_PI_2).sin().powi(2)
}

/// Standard deviations of √n₁ times the difference p₂ − p₁, where the arm with `p2` has n₁ rows and
/// the other `ratio` times as many: under equal rates, and as they are.
fn deviations(p1: f64, p2: f64, ratio: f64) -> (f64, f64) {
    let pooled = (p2 + p1 * ratio) / (1.0 + ratio);
    let of = |p: f64, q: f64| (p * (1.0 - p) + q * (1.0 - q) / ratio).sqrt();
    (of(pooled, pooled), of(p2, p1))
}

/// The chance of a z test of p₂ against p₁ without the arcsine: n₁ rows at `p2`, `ratio`·n₁ at `p1`.
/// One-sided, the difference must point in the tested direction.
pub fn power_of_difference(p1: f64, p2: f64, n1: f64, ratio: f64, alpha: f64, sides: Sides) -> f64 {
    let (null, own) = deviations(p1, p2, ratio);
    let shift = n1.sqrt() * (p2 - p1) / own;
    match sides {
        Sides::One => normal_cdf(shift.abs() + normal_quantile(alpha) * null / own),
        Sides::Two => {
            let bound = normal_quantile(alpha / 2.0) * null / own;
            normal_cdf(shift + bound) + normal_cdf(bound - shift)
        }
    }
}

/// Rows at `p2` that [`power_of_difference`] needs, findings in the wrong direction left out:
/// ((z_α σ₀ + z_β σ₁)/(p₂ − p₁))². `None` without a difference.
pub fn sample_size_of_difference(
    p1: f64,
    p2: f64,
    power_wanted: f64,
    ratio: f64,
    alpha: f64,
    sides: Sides,
) -> Option<f64> {
    let (null, own) = deviations(p1, p2, ratio);
    let level = if sides == Sides::Two { alpha / 2.0 } else { alpha };
    let reach = -normal_quantile(level) * null + normal_quantile(power_wanted) * own;
    ((p2 - p1).abs() > 0.0).then(|| (reach / (p2 - p1)).powi(2))
}

/// P(T > x) of Student's t with `df` degrees of freedom around `shift`: the mean of P(Z > x S − shift)
/// over the spread S = √(χ²/df), by Simpson's rule.
fn noncentral_t_sf(x: f64, df: f64, shift: f64) -> f64 {
    const STEPS: u32 = 2_000;
    let reach = 12.0 / (2.0 * df).sqrt();
    let (low, high) = ((1.0 - reach).max(0.0), 1.0 + reach);
    let scale = (df / 2.0) * (df / 2.0).ln() - ln_gamma(df / 2.0) + std::f64::consts::LN_2;
    let f = |s: f64| {
        if s <= 0.0 {
            return 0.0;
        }
        let density = (scale + (df - 1.0) * s.ln() - df * s * s / 2.0).exp();
        density * normal_sf(x * s - shift)
    };
    let step = (high - low) / f64::from(STEPS);
    let term = |k: u32| {
        let weight = if k == 0 || k == STEPS { 1.0 } else { f64::from(2 + 2 * (k % 2)) };
        weight * f(low + f64::from(k) * step)
    };
    (0..=STEPS).map(term).sum::<f64>() * step / 3.0
}

/// The chance of a t test of two means that lie `d` standard deviations apart (Cohen's d), with `n1`
/// and `ratio`·`n1` rows. One-sided, `d` must point in the tested direction.
pub fn power_of_means(d: f64, n1: f64, ratio: f64, alpha: f64, sides: Sides) -> f64 {
    let df = n1 * (1.0 + ratio) - 2.0;
    let shift = d * (n1 * ratio / (1.0 + ratio)).sqrt();
    match sides {
        Sides::One => noncentral_t_sf(t_quantile(1.0 - alpha, df), df, shift),
        Sides::Two => {
            let bound = t_quantile(1.0 - alpha / 2.0, df);
            noncentral_t_sf(bound, df, shift) + noncentral_t_sf(bound, df, -shift)
        }
    }
}

/// Rows of the first arm that [`power_of_means`] needs, not rounded; `None` if there is no effect.
pub fn sample_size_of_means(
    d: f64,
    power_wanted: f64,
    ratio: f64,
    alpha: f64,
    sides: Sides,
) -> Option<f64> {
    let low = 2.0 / (1.0 + ratio) + 1e-3;
    let is_short = |n: f64| power_of_means(d.abs(), n, ratio, alpha, sides) < power_wanted;
    let mut high = 4.0;
    while d.abs() > 0.0 && is_short(high) && high < 1e12 {
        high *= 2.0;
    }
    (d.abs() > 0.0).then(|| bisect(low, high, is_short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_canary_sees_only_large_effects() {
        // 2,000 rows at 90/10 and 5 % errors: only about a doubling can be seen.
        let h = detectable(1_800.0, 0.8, 1.0 / 9.0, 0.05, Sides::Two).unwrap();
        let seen = rate_at(0.05, h);
        assert!((0.09..0.12).contains(&seen), "{seen}");
        assert_eq!(sample_size(0.0, 0.8, 1.0, 0.05, Sides::Two), None);
    }
}
