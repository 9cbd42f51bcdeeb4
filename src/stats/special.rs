//! Incomplete beta and gamma functions that keep their digits for large arguments.
//!
//! No crate we tried does: `statrs` stops its continued fraction too early from shapes of some 10⁵
//! on, and its error function has eleven digits. All arguments must be in the functions' domains.

use std::f64::consts::TAU;

/// Continued fractions need about √(largest argument) steps; this is enough beyond 10⁹.
const MOST_STEPS: u32 = 200_000;

/// What Stirling's formula √(2πz) (z/e)^z leaves of ln Γ(z + 1): 1/12z − 1/360z³ + …
fn stirling_rest(z: f64) -> f64 {
    // The series is exact from 15 on; smaller arguments come down from there by Γ(z + 1) = z Γ(z).
    let (mut above, mut descent) = (z, 1.0);
    while above < 15.0 {
        above += 1.0;
        descent *= above;
    }
    let y = 1.0 / (above * above);
    let tail = 1.0 / 1_260.0 - y * (1.0 / 1_680.0 - y / 1_188.0);
    let series = (1.0 / 12.0 - y * (1.0 / 360.0 - y * tail)) / above;
    if above == z { series } else { series + stirling(above) - descent.ln() - stirling(z) }
}

/// ln of Stirling's formula for Γ(z + 1).
fn stirling(z: f64) -> f64 {
    let power = if z > 0.0 { (z + 0.5) * z.ln() } else { 0.0 };
    power - z + TAU.ln() / 2.0
}

/// ln Γ(z + 1) for z ≥ 0.
pub(super) fn ln_factorial(z: f64) -> f64 {
    if z == 0.0 { 0.0 } else { stirling_rest(z) + stirling(z) }
}

/// ln Γ(z) for z > 0.
pub(super) fn ln_gamma(z: f64) -> f64 {
    ln_factorial(z) - z.ln()
}

/// ln B(a, b) for a, b > 0.
pub(super) fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// Riemann's zeta function for s > 1, by the Euler-Maclaurin formula after twenty terms.
pub(super) fn zeta(s: f64) -> f64 {
    const TERMS: u32 = 20;
    let sum: f64 = (1..TERMS).map(|k| f64::from(k).powf(-s)).sum();
    let n = f64::from(TERMS);
    let rest = n.powf(1.0 - s) / (s - 1.0) + n.powf(-s) / 2.0 + s * n.powf(-s - 1.0) / 12.0;
    let third = s * (s + 1.0) * (s + 2.0) * n.powf(-s - 3.0) / 720.0;
    let fifth = s * (s + 1.0) * (s + 2.0) * (s + 3.0) * (s + 4.0) * n.powf(-s - 5.0) / 30_240.0;
    sum + rest - third + fifth
}

/// x ln(x/m) + m − x: how far a count is from its mean, without loss where they are close.
fn deviance(x: f64, m: f64) -> f64 {
    let t = (x - m) / m;
    // ln_1p(t) keeps digits near 0, the plain logarithm far from it.
    if t.abs() < 0.5 { m * ((1.0 + t) * t.ln_1p() - t) } else { x * (x / m).ln() + m - x }
}

/// Γ(a+b+1)/(Γ(a+1)Γ(b+1)) xᵃ yᵇ with x + y = 1: for whole numbers the binomial probability. By the
/// saddle point (Loader 2000), so that large terms never cancel.
pub(super) fn binomial_term(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    if x <= 0.0 || y <= 0.0 {
        let is_sure = (x <= 0.0 && a == 0.0) || (y <= 0.0 && b == 0.0);
        return if is_sure { 1.0 } else { 0.0 };
    }
    if a == 0.0 {
        return (b * (-x).ln_1p()).exp();
    }
    if b == 0.0 {
        return (a * (-y).ln_1p()).exp();
    }
    let rest = stirling_rest(n) - stirling_rest(a) - stirling_rest(b);
    let exponent = rest - deviance(a, n * x) - deviance(b, n * y);
    exponent.exp() * (n / (TAU * a * b)).sqrt()
}

/// The regularised incomplete beta function I_x(a, b); `y` is 1 − x, given apart for its digits.
///
/// The continued fraction of DLMF 8.17.22, on the side of the mean where it converges fast.
pub(super) fn regularised_beta(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - regularised_beta(b, a, y, x);
    }
    let step = |k: u32| {
        let m = f64::from(k / 2);
        let odd = a + 2.0 * m;
        if k.is_multiple_of(2) {
            m * (b - m) * x / ((odd - 1.0) * odd)
        } else {
            -(a + m) * (a + b + m) * x / (odd * (odd + 1.0))
        }
    };
    let fraction = continued_fraction(1.0, |k| (step(k), 1.0));
    // xᵃ yᵇ/(a B(a, b)) = b/(a + b) × the binomial term.
    binomial_term(a, b, x, y) * b / (a + b) / fraction
}

/// The regularised incomplete gamma functions of shape `a` > 0 at `x`: lower and upper, each exact
/// where it is small.
pub(super) fn regularised_gamma(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    // xᵃ e⁻ˣ/Γ(a + 1)
    let term = (-stirling_rest(a) - deviance(a, x)).exp() / (TAU * a).sqrt();
    if x < a + 1.0 {
        let (mut part, mut sum, mut over) = (1.0, 1.0, a);
        while part > sum * 1e-17 {
            over += 1.0;
            part *= x / over;
            sum += part;
        }
        let lower = term * sum;
        return (lower, 1.0 - lower);
    }
    // DLMF 8.9.2: Γ(a, x) = xᵃ e⁻ˣ / (x + 1 − a − 1(1 − a)/(x + 3 − a − …)).
    let start = x + 1.0 - a;
    let fraction = continued_fraction(start, |k| {
        let k = f64::from(k);
        (-k * (k - a), start + 2.0 * k)
    });
    let upper = term * a / fraction;
    (1.0 - upper, upper)
}

/// start + n₁/(d₁ + n₂/(d₂ + …)) by the method of Lentz as Thompson and Barnett changed it.
fn continued_fraction(start: f64, step: impl Fn(u32) -> (f64, f64)) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut value, mut ahead, mut back) = (away_from_zero(start), away_from_zero(start), 0.0);
    for k in 1..=MOST_STEPS {
        let (numerator, denominator) = step(k);
        back = 1.0 / away_from_zero(denominator + numerator * back);
        ahead = away_from_zero(denominator + numerator / ahead);
        let factor = ahead * back;
        value *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factorials_are_exact() {
        for (z, want) in [(0.0, 1.0), (1.0, 1.0), (5.0, 120.0), (20.0, 2_432_902_008_176_640_000.0)]
        {
            let got = ln_factorial(z);
            assert!((got - f64::ln(want)).abs() < 1e-13, "{z}: {got}");
        }
        // Γ(1/2) = √π
        assert!((ln_factorial(0.5) - (std::f64::consts::PI.sqrt() / 2.0).ln()).abs() < 1e-13);
    }

    #[test]
    fn halves_meet_at_the_mean_of_symmetric_shapes() {
        for shape in [0.5, 3.0, 1e3, 1e6, 1e8] {
            let half = regularised_beta(shape, shape, 0.5, 0.5);
            assert!((half - 0.5).abs() < 1e-11, "{shape}: {half}");
        }
        let (lower, upper) = regularised_gamma(1.0, 2.0);
        assert!((upper - (-2.0f64).exp()).abs() < 1e-13 && (lower + upper - 1.0).abs() < 1e-15);
    }
}
