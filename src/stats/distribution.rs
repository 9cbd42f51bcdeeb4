//! Normal, Student t, chi-square, beta and binomial distributions, exact into their tails.
//!
//! Arguments outside a distribution's domain give NaN. Checked against SciPy by
//! `tests/golden/distributions.json`.

use super::special::{binomial_term, regularised_beta, regularised_gamma};

/// Standard normal P(X ≤ x).
pub fn normal_cdf(x: f64) -> f64 {
    normal_sf(-x)
}

/// Standard normal P(X > x), to 13 digits also in the upper tail.
///
/// Near the centre by the power series φ(x)(x + x³/3 + x⁵/15 + …), beyond by the continued fraction
/// of Mills' ratio (Abramowitz & Stegun 26.2.11 and 26.2.14).
pub fn normal_sf(x: f64) -> f64 {
    if x.is_nan() {
        return f64::NAN;
    }
    if x < 0.0 {
        return 1.0 - normal_sf(-x);
    }
    if x < 2.5 {
        let (mut term, mut sum, mut odd) = (x, x, 1.0);
        while term > sum * 1e-17 {
            odd += 2.0;
            term *= x * x / odd;
            sum += term;
        }
        return 0.5 - normal_pdf(x) * sum;
    }
    // From the inside out; 100 steps are plenty from 2.5 on.
    let fraction = (1..=100).rev().fold(x, |below, step| x + f64::from(step) / below);
    normal_pdf(x) / fraction
}

/// ln P(X > x) of the standard normal; for x > 30 by the asymptotic series of Mills' ratio
/// (Abramowitz & Stegun 26.2.12), where P itself would underflow.
pub fn normal_ln_sf(x: f64) -> f64 {
    if x < 0.0 {
        return (-normal_cdf(x)).ln_1p();
    }
    if x < 30.0 {
        return normal_sf(x).ln();
    }
    let y = 1.0 / (x * x);
    let series = 1.0 - y * (1.0 - 3.0 * y * (1.0 - 5.0 * y * (1.0 - 7.0 * y)));
    -x * x / 2.0 - x.ln() - (std::f64::consts::TAU.ln()) / 2.0 + series.ln()
}

fn normal_pdf(x: f64) -> f64 {
    (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt()
}

/// The x with P(X ≤ x) = `p`; infinite at 0 and 1, NaN outside.
pub fn normal_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p > 0.5 {
        // 1 - p is exact here, and the lower tail is where digits are.
        return -normal_quantile(1.0 - p);
    }
    if p == 0.0 {
        return f64::NEG_INFINITY;
    }
    // A start within 0.003 (Hastings, in Abramowitz & Stegun 26.2.22), then Newton on the logarithm,
    // which is almost a parabola in the tail.
    let t = (-2.0 * p.ln()).sqrt();
    let mut x = -(t - (2.307_53 + 0.270_61 * t) / (1.0 + t * (0.992_29 + 0.044_81 * t)));
    for _ in 0..4 {
        let cdf = normal_cdf(x);
        x -= (cdf / p).ln() * cdf / normal_pdf(x);
    }
    x
}

/// z with P(|X| > z) = `alpha`: 1.96 for 0.05.
pub fn normal_two_sided(alpha: f64) -> f64 {
    -normal_quantile(alpha / 2.0)
}

/// From here on the expansions in 1/df are exact to more than ten digits.
const LARGE_DF: f64 = 1e4;

/// Student t P(T > x) with `df` > 0 degrees of freedom (need not be whole).
pub fn t_sf(x: f64, df: f64) -> f64 {
    let in_domain = df > 0.0 && !x.is_nan();
    if !in_domain {
        return f64::NAN;
    }
    if x < 0.0 {
        return 1.0 - t_sf(-x, df);
    }
    if df >= LARGE_DF && x * x < df / 100.0 {
        // Abramowitz & Stegun 26.7.8, inverted: the normal deviate of the same probability.
        let square = x * x;
        let first = x * (square + 1.0) / 4.0;
        let second = x * ((13.0 * square + 8.0) * square + 3.0) / 96.0;
        let third = x * (((35.0 * square + 19.0) * square + 1.0) * square - 15.0) / 384.0;
        return normal_sf(x - (first - (second - third / df) / df) / df);
    }
    let (square, whole) = (x * x, df + x * x);
    regularised_beta(df / 2.0, 0.5, df / whole, square / whole) / 2.0
}

/// Student t P(T ≤ x).
pub fn t_cdf(x: f64, df: f64) -> f64 {
    t_sf(-x, df)
}

/// The x with P(T ≤ x) = `p`.
pub fn t_quantile(p: f64, df: f64) -> f64 {
    let in_domain = p > 0.0 && p < 1.0 && df > 0.0;
    if !in_domain {
        return f64::NAN;
    }
    if p < 0.5 {
        return -t_quantile(1.0 - p, df);
    }
    let z = normal_quantile(p);
    if df >= LARGE_DF {
        let square = z * z;
        let first = z * (square + 1.0) / 4.0;
        let second = z * ((5.0 * square + 16.0) * square + 3.0) / 96.0;
        let third = z * (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0;
        return z + (first + (second + third / df) / df) / df;
    }
    let mut high = z.max(1.0);
    while t_sf(high, df) > 1.0 - p && high < 1e300 {
        high *= 2.0;
    }
    bisect(0.0, high, |x| t_sf(x, df) > 1.0 - p)
}

/// Chi-square P(X > x) with `df` degrees of freedom.
pub fn chi2_sf(x: f64, df: f64) -> f64 {
    if df > 0.0 && !x.is_nan() { regularised_gamma(df / 2.0, x / 2.0).1 } else { f64::NAN }
}

/// Chi-square P(X ≤ x).
pub fn chi2_cdf(x: f64, df: f64) -> f64 {
    if df > 0.0 && !x.is_nan() { regularised_gamma(df / 2.0, x / 2.0).0 } else { f64::NAN }
}

/// Beta P(X ≤ x) with shapes `a`, `b` > 0: the regularised incomplete beta function.
pub fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    let in_domain = a > 0.0 && b > 0.0 && !x.is_nan();
    if in_domain { regularised_beta(a, b, x, 1.0 - x) } else { f64::NAN }
}

/// Beta P(X > x).
pub fn beta_sf(x: f64, a: f64, b: f64) -> f64 {
    let in_domain = a > 0.0 && b > 0.0 && !x.is_nan();
    if in_domain { regularised_beta(b, a, 1.0 - x, x) } else { f64::NAN }
}

/// The x with P(X ≤ x) = `p`, by bisection on the distribution function.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let in_domain = (0.0..=1.0).contains(&p) && a > 0.0 && b > 0.0;
    if !in_domain {
        return f64::NAN;
    }
    bisect(0.0, 1.0, |x| beta_cdf(x, a, b) < p)
}

/// Binomial P(X = k) of `n` trials with chance `p`.
pub fn binomial_pmf(k: u64, n: u64, p: f64) -> f64 {
    if k > n {
        return 0.0;
    }
    binomial_term(k as f64, (n - k) as f64, p, 1.0 - p)
}

/// Binomial P(X ≤ k).
pub fn binomial_cdf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n { 1.0 } else { beta_sf(p, k as f64 + 1.0, (n - k) as f64) }
}

/// Binomial P(X > k).
pub fn binomial_sf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n { 0.0 } else { beta_cdf(p, k as f64 + 1.0, (n - k) as f64) }
}

/// The smallest k with P(X ≤ k) ≥ `q`.
pub fn binomial_quantile(q: f64, n: u64, p: f64) -> u64 {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if binomial_cdf(middle, n, p) >= q {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// The point between `low` and `high` where `is_below` turns from true to false.
pub(super) fn bisect(mut low: f64, mut high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    // Bits, not decimals: halving ends when no number lies between the two.
    for _ in 0..1_100 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low + (high - low) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_large_parameters_return_and_are_right() {
        assert!((t_quantile(0.975, 1e12) - 1.959_963_984_540_054).abs() < 1e-11);
        assert!((t_quantile(0.975, 1.0) - 12.706_204_736_174_7).abs() < 1e-9);
        assert_eq!(binomial_quantile(0.5, 1_000_000, 0.5), 500_000);
    }

    #[test]
    fn impossible_arguments_are_not_numbers() {
        assert!(normal_quantile(1.5).is_nan());
        assert!(t_sf(1.0, 0.0).is_nan());
        assert!(beta_cdf(0.5, 0.0, 1.0).is_nan());
        assert!(chi2_sf(1.0, -1.0).is_nan());
    }
}
