//! Bounds that hold at every time at once: mixture supermartingales and stitched bounds.
//!
//! All bound a sum Sₜ with intrinsic time (variance) Vₜ: P(some t has Sₜ ≥ bound(Vₜ)) ≤ α; divided
//! by t they are half-widths of a confidence sequence. Source: Howard, Ramdas, McAuliffe & Sekhon
//! 2021; Howard & Ramdas 2022.

use super::distribution::{bisect, normal_ln_sf};
use super::special::{ln_beta, ln_gamma, regularised_beta, regularised_gamma, zeta};

/// One- or two-sided; a two-sided bound spends α on both sides together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tails {
    One,
    Two,
}

/// The mixture's precision ρ that makes the bound tightest about time `v` at level `alpha`.
pub fn best_rho(v: f64, alpha: f64, tails: Tails) -> f64 {
    let level = if tails == Tails::One { 2.0 * alpha } else { alpha };
    let log = -2.0 * level.ln();
    v / (log + log.ln_1p())
}

/// ln of the normal mixture: of all slopes drawn from a normal distribution of variance 1/ρ
/// (one-sided: its positive half).
pub fn normal_log(s: f64, v: f64, rho: f64, tails: Tails) -> f64 {
    let whole = v + rho;
    let two = (rho / whole).ln() / 2.0 + s * s / (2.0 * whole);
    match tails {
        Tails::Two => two,
        Tails::One => two + std::f64::consts::LN_2 + normal_ln_sf(-s / whole.sqrt()),
    }
}

/// The sum at which `log`(s), growing, reaches ln 1/α; at most `most`.
fn crossing(alpha: f64, v: f64, most: f64, log: impl Fn(f64) -> f64) -> f64 {
    let threshold = -alpha.ln();
    let mut high = if most.is_finite() { most } else { v.max(f64::MIN_POSITIVE) };
    if most.is_finite() {
        if log(most) < threshold {
            return most;
        }
    } else {
        while log(high) <= threshold && high < 1e300 {
            high *= 2.0;
        }
    }
    bisect(0.0, high, |s| log(s) < threshold)
}

/// The bound of the normal mixture, for sub-Gaussian sums.
pub fn normal_bound(v: f64, alpha: f64, rho: f64, tails: Tails) -> f64 {
    match tails {
        Tails::Two => ((v + rho) * ((v / rho).ln_1p() - 2.0 * alpha.ln())).sqrt(),
        Tails::One => crossing(alpha, v, f64::INFINITY, |s| normal_log(s, v, rho, tails)),
    }
}

/// The one-sided bound of the gamma-exponential mixture, for sub-exponential sums of scale `c`.
pub fn gamma_exponential_bound(v: f64, alpha: f64, rho: f64, c: f64) -> f64 {
    let (own, square) = (rho / (c * c), c * c);
    let constant = own * own.ln() - ln_gamma(own) - regularised_gamma(own, own).0.ln();
    crossing(alpha, v, f64::INFINITY, |s| {
        let (shape, at) = ((v + rho) / square, (c * s + v) / square);
        constant + ln_gamma(shape) + regularised_gamma(shape, at + own).0.ln()
            - shape * (at + own).ln()
            + at
    })
}

/// The one-sided bound of the gamma-Poisson mixture, for sub-Poisson sums of scale `c`.
pub fn gamma_poisson_bound(v: f64, alpha: f64, rho: f64, c: f64) -> f64 {
    let (own, square) = (rho / (c * c), c * c);
    let constant = own * own.ln() - ln_gamma(own) - regularised_gamma(own, own).1.ln();
    crossing(alpha, v, f64::INFINITY, |s| {
        let time = (v + rho) / square;
        let shape = s / c + time;
        constant + ln_gamma(shape) + regularised_gamma(shape, time).1.ln() - shape * time.ln()
            + v / square
    })
}

/// The beta-binomial mixture, for steps that are either −g or h.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BetaBinomial {
    r: f64,
    g: f64,
    h: f64,
    tails: Tails,
}

impl BetaBinomial {
    /// Tightest about time `v` at level `alpha`.
    pub fn new(v: f64, alpha: f64, g: f64, h: f64, tails: Tails) -> Self {
        let r = (best_rho(v, alpha, tails) - g * h).max(1e-3 * g * h);
        Self { r, g, h, tails }
    }

    fn log_beta(&self, a: f64, b: f64) -> f64 {
        let share = self.h / (self.g + self.h);
        match self.tails {
            Tails::Two => ln_beta(a, b),
            Tails::One => ln_beta(a, b) + regularised_beta(a, b, share, 1.0 - share).ln(),
        }
    }

    /// ln of the mixture at the sum `s` and time `v`.
    pub fn log(&self, s: f64, v: f64) -> f64 {
        let Self { r, g, h, .. } = *self;
        let both = g + h;
        v / (g * h) * both.ln()
            - (v + h * s) / (h * both) * g.ln()
            - (v - g * s) / (g * both) * h.ln()
            + self.log_beta((r + v - g * s) / (g * both), (r + v + h * s) / (h * both))
            - self.log_beta(r / (g * both), r / (h * both))
    }

    pub fn bound(&self, v: f64, alpha: f64) -> f64 {
        crossing(alpha, v, v / self.g, |s| self.log(s, v))
    }
}

/// The polynomially stitched bound from time `v_min` on: looser than the mixtures at any one time,
/// in closed form. `s` > 1 and `eta` > 1 shape it; 1.4 and 2 are usual. `c` is the scale of
/// sub-gamma sums.
pub fn stitched_bound(v: f64, alpha: f64, v_min: f64, c: f64, s: f64, eta: f64) -> f64 {
    let v = v.max(v_min);
    let constant = (zeta(s) / eta.ln().powf(s)).ln();
    let ell = s * (eta * v / v_min).ln().ln() + constant - alpha.ln();
    let k1 = (eta.powf(0.25) + eta.powf(-0.25)) / std::f64::consts::SQRT_2;
    let linear = eta.sqrt().midpoint(1.0) * c * ell;
    (k1 * k1 * v * ell + linear * linear).sqrt() + linear
}
