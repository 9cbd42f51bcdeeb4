//! Quantiles watched all the time: an A/B test and bands around distribution functions.
//!
//! Source: Howard & Ramdas 2022.

use super::distribution::bisect;
use super::mixture::{BetaBinomial, Tails};
use super::order::sorted;
use super::special::zeta;

/// Values in rising order, each with how many lie at or below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    steps: Vec<(f64, u64)>,
}

impl Counted {
    /// From distinct values in rising order and how often each occurred.
    pub fn of(counts: impl Iterator<Item = (f64, u64)>) -> Self {
        let mut below = 0;
        let step = |(value, count): (f64, u64)| {
            below += count;
            (value, below)
        };
        Self { steps: counts.map(step).collect() }
    }

    pub fn from_values(values: &[f64]) -> Self {
        Self::of(sorted(values).into_iter().map(|value| (value, 1)))
    }

    pub fn n(&self) -> u64 {
        self.steps.last().map_or(0, |(_, below)| *below)
    }

    /// Every value times `factor`, which must be positive.
    pub fn scaled(mut self, factor: f64) -> Self {
        self.steps.iter_mut().for_each(|(value, _)| *value *= factor);
        self
    }

    /// The value at `rank`, from 1; ranks outside get the nearest value.
    pub fn at(&self, rank: u64) -> Option<f64> {
        let step = self.steps.partition_point(|(_, below)| *below < rank);
        self.steps.get(step).or(self.steps.last()).map(|(value, _)| *value)
    }

    fn up_to(&self, steps: usize) -> f64 {
        steps.checked_sub(1).map_or(0.0, |last| self.steps[last].1 as f64)
    }

    /// How many values are at most `x`.
    fn at_most(&self, x: f64) -> f64 {
        self.up_to(self.steps.partition_point(|(value, _)| *value <= x))
    }

    fn less_than(&self, x: f64) -> f64 {
        self.up_to(self.steps.partition_point(|(value, _)| *value < x))
    }
}

/// An arm's values, and where its evidence against "the quantile lies here" is least.
struct Side<'a> {
    values: &'a Counted,
    /// The share of values below at which that is.
    share: f64,
    start: f64,
    end: f64,
}

/// The place between `low` and `high` where `f`, falling and then rising, is least.
fn lowest(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let (mut a, mut b) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut fa, mut fb) = (f(a), f(b));
    for _ in 0..80 {
        if fa < fb {
            (high, b, fb) = (b, a, fa);
            a = high - GOLDEN * (high - low);
            fa = f(a);
        } else {
            (low, a, fa) = (a, b, fb);
            b = low + GOLDEN * (high - low);
            fb = f(b);
        }
    }
    f64::midpoint(low, high)
}

struct Test {
    quantile: f64,
    mixture: BetaBinomial,
}

impl Test {
    fn evidence(&self, n: f64, share: f64) -> f64 {
        let unit = self.quantile * (1.0 - self.quantile);
        self.mixture.log((share - self.quantile) * n, unit * n)
    }

    /// `None` without values.
    fn side<'a>(&self, values: &'a Counted) -> Option<Side<'a>> {
        let n = values.n() as f64;
        let share = lowest(1e-12, 1.0 - 1e-12, |share| self.evidence(n, share));
        let at = |rank: f64| values.at(rank.max(1.0) as u64);
        let (start, end) = (at((share * n).ceil())?, at((share * n).floor() + 1.0)?);
        Some(Side { values, share, start, end })
    }

    /// Evidence of one arm against its quantile being `x`.
    fn against(&self, side: &Side<'_>, x: f64) -> f64 {
        let n = side.values.n() as f64;
        let share = if x < side.start {
            side.values.at_most(x) / n
        } else if x > side.end {
            side.values.less_than(x) / n
        } else {
            side.share
        };
        self.evidence(n, share)
    }
}

/// The always-valid two-sided p of "the `quantile` is the same in both arms": 1 over the least
/// product of both arms' evidence against any common value. Tightest about `t_opt` rows an arm at
/// level `alpha_opt`. Rows must be independent; their distribution may be any. `None` if an arm is
/// empty, holds a NaN, or the quantile is not between 0 and 1.
pub fn same_quantile_p(
    first: &Counted,
    second: &Counted,
    quantile: f64,
    t_opt: f64,
    alpha_opt: f64,
) -> Option<f64> {
    let is_clean =
        |values: &Counted| values.n() > 0 && !values.steps.iter().any(|(x, _)| x.is_nan());
    let in_domain = quantile > 0.0 && quantile < 1.0;
    if !(is_clean(first) && is_clean(second) && in_domain) {
        return None;
    }
    let v_opt = t_opt * quantile * (1.0 - quantile);
    let mixture = BetaBinomial::new(v_opt, alpha_opt, quantile, 1.0 - quantile, Tails::Two);
    let test = Test { quantile, mixture };
    let (a, b) = (test.side(first)?, test.side(second)?);
    let (left, right) = if a.end <= b.end { (a, b) } else { (b, a) };
    let both = |x: f64| test.against(&left, x) + test.against(&right, x);
    // Left of both and right of both the evidence only grows, so the least lies between; there it
    // changes at the right arm's values.
    let ends = [left.end, right.start];
    let (from, to) = (left.end.min(right.start), left.end.max(right.start));
    let values = right.values.steps.iter().map(|(value, _)| *value);
    let between = values.filter(|x| (from..=to).contains(x));
    let least = ends.into_iter().chain(between).map(both).fold(f64::INFINITY, f64::min);
    Some((-least).exp().min(1.0))
}

/// The band around an empirical distribution function of `t` ≥ `t_min` rows that holds at all values
/// and all times with 1 − `alpha`: A √((ln(1 + ln(t/t_min)) + C)/t), C the least that does. `a` > 1/√2;
/// 0.85 is usual.
pub fn distribution_band(t: f64, alpha: f64, t_min: f64, a: f64) -> f64 {
    if t < t_min {
        return f64::INFINITY;
    }
    let error = |c: f64, eta: f64| {
        let gamma = 2.0 / eta * (a - (2.0 * (eta - 1.0) / c).sqrt()).powi(2);
        if gamma <= 1.0 {
            return f64::INFINITY;
        }
        4.0 * (-gamma * c).exp() * (1.0 + 1.0 / ((gamma - 1.0) * eta.ln()))
    };
    let least = |c: f64| {
        let is_within = |eta: f64| (eta / 2.0).sqrt() + (2.0 * (eta - 1.0) / c).sqrt() < a;
        let widest = bisect(1.0, 2.0 * a * a, is_within);
        let eta = lowest(1.0, widest, |eta| error(c, eta));
        error(c, eta)
    };
    let c = bisect(0.1, 1_000.0, |c| least(c) > alpha);
    a * (((t / t_min).ln().ln_1p() + c) / t).sqrt()
}

/// The bound on the count below any quantile `p` after `t` rows that holds for all quantiles and times
/// at once, by stitching over both; tightest from `t_opt` rows on. 0.5, 1.4 and 2 are usual for
/// `delta`, `s` and `eta`.
pub fn quantile_band(p: f64, t: f64, alpha: f64, t_opt: f64, [delta, s, eta]: [f64; 3]) -> f64 {
    let logit = |p: f64| (p / (1.0 - p)).ln();
    let t = t.max(t_opt);
    let ratio = t / t_opt;
    let moved = logit(p) + 2.0 * delta * (eta / ratio).sqrt();
    let r = if p >= 0.5 { p } else { (1.0 / (1.0 + (-moved).exp())).min(0.5) };
    let variance = r * (1.0 - r);
    let j = ratio.sqrt() * logit(p).abs() / (2.0 * delta) + 1.0;
    let z = zeta(s);
    let ell = s * (eta * ratio).ln().ln()
        + s * j.ln()
        + (2.0 * z * (2.0 * z + 1.0) / (alpha * eta.ln().powf(s))).ln();
    let k1 = (eta.powf(0.25) + eta.powf(-0.25)) / std::f64::consts::SQRT_2;
    let linear = eta.sqrt().midpoint(1.0) * (1.0 - 2.0 * p) / 3.0 * ell;
    delta * (eta * ratio * variance).sqrt()
        + (k1 * k1 * variance * t * ell + linear * linear).sqrt()
        + linear
}
