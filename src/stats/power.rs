//! How many rows a comparison of two proportions needs, and what a given number can show.

use super::distribution::{bisect, normal_cdf, normal_quantile};

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
