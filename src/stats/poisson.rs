//! Counts of events in time: the ratio of two rates.

use super::Interval;
use super::contingency::binomial_two_sided;
use super::distribution::{binomial_pmf, binomial_sf, normal_sf, normal_two_sided};

/// `events` in `exposure` (any unit of time, or requests). Events are taken as independent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    pub events: u64,
    pub exposure: f64,
}

/// Two-sided p of equal rates, and one-sided p for "the first rate is larger".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateTest {
    pub two_sided: f64,
    pub larger: f64,
}

fn from_z(z: f64) -> RateTest {
    RateTest { two_sided: 2.0 * normal_sf(z.abs()), larger: normal_sf(z) }
}

/// Events of both, and what the second count would be with the first's exposure per event of it.
fn parts(first: Rate, second: Rate) -> (f64, f64, f64) {
    (first.events as f64, second.events as f64, first.exposure / second.exposure)
}

/// z = (x − y r)/√((x + y) r) with r = t₁/t₂: the variance under equal rates. NaN without events.
pub fn score(first: Rate, second: Rate) -> RateTest {
    let (x, y, r) = parts(first, second);
    from_z((x - y * r) / ((x + y) * r).sqrt())
}

/// The same with each count's own variance.
pub fn wald(first: Rate, second: Rate) -> RateTest {
    let (x, y, r) = parts(first, second);
    from_z((x - y * r) / (x + y * r * r).sqrt())
}

/// Of square roots, with Anscombe's 3/8; their variance hardly depends on the rate.
pub fn square_root(first: Rate, second: Rate) -> RateTest {
    let (x, y, r) = parts(first, second);
    from_z(2.0 * ((x + 0.375).sqrt() - ((y + 0.375) * r).sqrt()) / (1.0 + r).sqrt())
}

/// Of logarithms; `None` if a count is 0.
pub fn log(first: Rate, second: Rate) -> Option<RateTest> {
    let (x, y, r) = parts(first, second);
    (x > 0.0 && y > 0.0).then(|| from_z(((x / y).ln() - r.ln()) / (1.0 / x + 1.0 / y).sqrt()))
}

/// The exact test: given all events, the first arm's are binomial with chance t₁/(t₁ + t₂).
pub fn exact(first: Rate, second: Rate) -> RateTest {
    let (n, p) = conditional(first, second);
    let larger = first.events.checked_sub(1).map_or(1.0, |below| binomial_sf(below, n, p));
    RateTest { two_sided: binomial_two_sided(first.events, n, p), larger }
}

/// The exact test less half the probability of what was seen; nearer to its nominal level.
pub fn mid_p(first: Rate, second: Rate) -> RateTest {
    let (n, p) = conditional(first, second);
    let half = binomial_pmf(first.events, n, p) / 2.0;
    let whole = exact(first, second);
    RateTest { two_sided: whole.two_sided - half, larger: whole.larger - half }
}

fn conditional(first: Rate, second: Rate) -> (u64, f64) {
    (first.events + second.events, first.exposure / (first.exposure + second.exposure))
}

/// The interval of rate₁/rate₂ on the logarithmic scale; `None` if a count is 0.
pub fn ratio_log(first: Rate, second: Rate, alpha: f64) -> Option<Interval> {
    let (x, y, r) = parts(first, second);
    let half = normal_two_sided(alpha) * (1.0 / x + 1.0 / y).sqrt();
    let ratio = x / y / r;
    (x > 0.0 && y > 0.0).then(|| Interval::new(ratio * (-half).exp(), ratio * half.exp()))
}

/// The ratios that the score test does not reject: both roots of
/// y² q² − (2xy + z²(x + y)) q + x² = 0, over t₁/t₂. `None` if the second count is 0.
pub fn ratio_score(first: Rate, second: Rate, alpha: f64) -> Option<Interval> {
    let (x, y, r) = parts(first, second);
    let z = normal_two_sided(alpha);
    let middle = 2.0 * x * y + z * z * (x + y);
    let root = (middle * middle - 4.0 * x * x * y * y).max(0.0).sqrt();
    let at = |sum: f64| sum / (2.0 * y * y) / r;
    (y > 0.0).then(|| Interval::new(at(middle - root), at(middle + root)))
}
