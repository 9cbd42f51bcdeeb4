//! The judge of Kayenta (`NetflixACAJudge-v1.0`), rule for rule.
//!
//! Values are one per time step and metric. Each metric is classified by a Mann-Whitney interval of
//! the shift between experiment and control; groups of metrics are weighted into a score.

pub use crate::domain::judge::{EffectSize, Harm as Direction, Label, Nan};

use super::distribution::normal_quantile;
use super::order::{mid_ranks, sorted};
use super::quantile;
use crate::domain::judge::JudgeMetric;

/// The judge's confidence is fixed, whatever its configuration says.
const CONFIDENCE: f64 = 0.98;
/// Share of the estimated shift that an interval must exceed.
const TOLERANCE: f64 = 0.25;
/// Absolute tolerance of the judge's root finder.
const ROOT: f64 = 1e-4;

/// A metric's configuration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    pub direction: Direction,
    pub nan: Nan,
    /// The factor of the quartiles' range beyond which outliers go; `None` keeps them.
    pub outlier_factor: Option<f64>,
    pub is_critical: bool,
    /// Left out of its group's score.
    pub is_muted: bool,
    pub must_have_data: bool,
    pub effect: EffectSize,
    pub allowed_increase: f64,
    pub allowed_decrease: f64,
    pub critical_increase: f64,
    pub critical_decrease: f64,
}

impl Rules {
    /// The judge's defaults for a measure of effects.
    pub fn new(direction: Direction, effect: EffectSize) -> Self {
        let neutral = if effect == EffectSize::MeanRatio { 1.0 } else { 0.5 };
        Self {
            direction,
            nan: Nan::Remove,
            outlier_factor: None,
            is_critical: false,
            is_muted: false,
            must_have_data: false,
            effect,
            allowed_increase: neutral,
            allowed_decrease: neutral,
            critical_increase: neutral,
            critical_decrease: neutral,
        }
    }

    /// As a plan configures it.
    pub fn of(metric: &JudgeMetric) -> Self {
        let usual = Self::new(metric.harm(), metric.effect);
        let or = |given: Option<f64>, usual: f64| given.unwrap_or(usual);
        Self {
            nan: metric.nan,
            outlier_factor: metric.outlier_factor,
            is_critical: metric.critical,
            is_muted: metric.muted,
            must_have_data: metric.must_have_data,
            allowed_increase: or(metric.allowed_increase, usual.allowed_increase),
            allowed_decrease: or(metric.allowed_decrease, usual.allowed_decrease),
            critical_increase: or(metric.critical_increase, usual.critical_increase),
            critical_decrease: or(metric.critical_decrease, usual.critical_decrease),
            ..usual
        }
    }
}

/// The interval of the shift from control to experiment, and what it is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    pub lower: f64,
    pub upper: f64,
    /// Hodges and Lehmann's estimate.
    pub estimate: f64,
    /// A quarter of the estimate's size.
    pub bound: f64,
    /// NaN where it has no denominator.
    pub effect: f64,
}

/// A judged metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    pub label: Label,
    /// Whether failing it fails everything.
    pub is_critical: bool,
    pub is_muted: bool,
    /// `None` where no test was needed or possible.
    pub shift: Option<Shift>,
}

fn prepared(values: &[f64], rules: &Rules) -> Vec<f64> {
    let clean: Vec<f64> = match rules.nan {
        Nan::Remove => values.iter().copied().filter(|x| !x.is_nan()).collect(),
        Nan::Replace => values.iter().map(|x| if x.is_nan() { 0.0 } else { *x }).collect(),
    };
    let Some(factor) = rules.outlier_factor else { return clean };
    let ordered = sorted(&clean);
    let at = |q: f64| quantile::linear(&ordered, q).unwrap_or(f64::NAN);
    let (first, third) = (at(0.25), at(0.75));
    let reach = factor * (third - first);
    let (low, high) = (at(0.01).min(first - reach), at(0.99).max(third + reach));
    clean.into_iter().filter(|x| !(*x < low || *x > high)).collect()
}

/// The standardised rank sum of the experiment moved down by `shift`, less `q`; `None` where all
/// values are tied.
fn deviate(experiment: &[f64], control: &[f64], shift: f64, q: f64) -> Option<f64> {
    let moved = experiment.iter().map(|x| x - shift).chain(control.iter().copied());
    let (ranks, groups) = mid_ranks(&moved.collect::<Vec<_>>());
    let (m, n) = (experiment.len() as f64, control.len() as f64);
    let sum: f64 = ranks.iter().take(experiment.len()).sum();
    let w = sum - m * (m + 1.0) / 2.0 - m * n / 2.0;
    let continuity = if w == 0.0 { 0.0 } else { 0.5 * w.signum() };
    let ties: f64 = groups.iter().map(|t| t * t * t - t).sum();
    let variance = m * n / 12.0 * (m + n + 1.0 - ties / ((m + n) * (m + n - 1.0)));
    (variance > 0.0).then(|| (w - continuity) / variance.sqrt() - q)
}

/// The shift at which `f`, which falls in steps, crosses 0, as Brent's method finds it.
fn root(low: f64, high: f64, f: &impl Fn(f64) -> Option<f64>) -> Option<f64> {
    let (mut a, mut b) = (low, high);
    let (mut fa, mut fb) = (f(a)?, f(b)?);
    if fa <= 0.0 {
        return Some(low);
    }
    if fb >= 0.0 {
        return Some(high);
    }
    let (mut c, mut fc) = (a, fa);
    let (mut step, mut before) = (b - a, b - a);
    for _ in 0..1_001 {
        if fc.abs() < fb.abs() {
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let tolerance = 2.0 * f64::EPSILON * b.abs() + ROOT / 2.0;
        let middle = (c - b) / 2.0;
        if middle.abs() <= tolerance || fb == 0.0 {
            return Some(b);
        }
        let guess = interpolated((a, fa), (b, fb), (c, fc), middle);
        let is_good = before.abs() >= tolerance && fa.abs() > fb.abs();
        match guess.filter(|(p, q)| {
            is_good
                && *p < 0.75 * 2.0 * middle * q - (tolerance * q).abs() / 2.0
                && *p < (before * q / 2.0).abs()
        }) {
            Some((p, q)) => {
                before = step;
                step = p / q;
            }
            None => {
                step = middle;
                before = middle;
            }
        }
        (a, fa) = (b, fb);
        b += if step.abs() > tolerance { step } else { tolerance.copysign(middle) };
        fb = f(b)?;
        if (fb > 0.0) == (fc > 0.0) {
            (c, fc) = (a, fa);
            step = b - a;
            before = step;
        }
    }
    Some(b)
}

/// Brent's step p/q by the secant or an inverse parabola, p made positive.
fn interpolated(
    (a, fa): (f64, f64),
    (b, fb): (f64, f64),
    (c, fc): (f64, f64),
    middle: f64,
) -> Option<(f64, f64)> {
    if fa == 0.0 || fc == 0.0 {
        return None;
    }
    let s = fb / fa;
    let (p, q) = if a == c {
        (2.0 * middle * s, 1.0 - s)
    } else {
        let (t, r) = (fa / fc, fb / fc);
        let p = s * (2.0 * middle * t * (t - r) - (b - a) * (r - 1.0));
        (p, (t - 1.0) * (r - 1.0) * (s - 1.0))
    };
    Some(if p > 0.0 { (p, -q) } else { (-p, q) })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn effect(experiment: &[f64], control: &[f64], measure: EffectSize) -> f64 {
    match measure {
        EffectSize::MeanRatio => {
            let (x, y) = (mean(experiment), mean(control));
            if x == 0.0 || y == 0.0 { f64::NAN } else { x / y }
        }
        EffectSize::CommonLanguage => super::mann_whitney::rank_sum(experiment, control)
            .map_or(f64::NAN, |ranks| ranks.superiority()),
    }
}

/// The interval of the shift, for two samples that differ; `None` where the judge's test throws.
pub fn shift(experiment: &[f64], control: &[f64], measure: EffectSize) -> Option<Shift> {
    let (x, y) = (sorted(experiment), sorted(control));
    let (low, high) = (x.first()? - y.last()?, x.last()? - y.first()?);
    let z = normal_quantile((1.0 - CONFIDENCE) / 2.0);
    let at = |q: f64| root(low, high, &|shift| deviate(experiment, control, shift, q));
    let estimate = at(0.0)?;
    Some(Shift {
        lower: at(-z)?,
        upper: at(z)?,
        estimate,
        bound: TOLERANCE * estimate.abs(),
        effect: effect(experiment, control, measure),
    })
}

/// Noise for arms that are constant but different: the judge adds some of 10⁻⁵ of the value, which
/// breaks the ties; ours is a fixed fan of normal quantiles, so that it is the same again.
fn with_noise(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let noise = |place: usize| normal_quantile((place as f64 + 0.5) / n) * 1e-5;
    values.iter().enumerate().map(|(place, x)| x + noise(place) * x.abs()).collect()
}

/// Classifies a metric.
pub fn judge(experiment: &[f64], control: &[f64], rules: &Rules) -> Judged {
    let (x, y) = (prepared(experiment, rules), prepared(control, rules));
    let judged =
        |label, is_critical, shift| Judged { label, is_critical, is_muted: rules.is_muted, shift };
    if x.is_empty() || y.is_empty() {
        return match rules.nan {
            Nan::Replace => judged(Label::Pass, false, None),
            Nan::Remove if rules.must_have_data && !rules.is_critical => {
                judged(Label::NodataFail, false, None)
            }
            Nan::Remove => judged(Label::Nodata, rules.is_critical, None),
        };
    }
    // One value overall is a case of this too, unless the sizes differ.
    let is_one_value = x.iter().chain(&y).all(|value| *value == x[0]);
    if is_one_value || sorted(&x) == sorted(&y) {
        return judged(Label::Pass, false, None);
    }
    let is_constant = |values: &[f64]| values.iter().all(|value| *value == values[0]);
    let found = if is_constant(&x) && is_constant(&y) {
        shift(&with_noise(&x), &with_noise(&y), rules.effect)
    } else {
        shift(&x, &y, rules.effect)
    };
    let Some(shift) = found else { return judged(Label::Error, false, None) };
    let (label, is_critical) = classify(&shift, rules);
    judged(label, is_critical, Some(shift))
}

fn classify(shift: &Shift, rules: &Rules) -> (Label, bool) {
    let effect = shift.effect;
    let is_up = |limit: f64| effect.is_nan() || effect >= limit;
    let is_down = |limit: f64| effect.is_nan() || effect <= limit;
    let counts_up = rules.direction != Direction::Decrease;
    let counts_down = rules.direction != Direction::Increase;
    if counts_up && shift.lower > shift.bound && is_up(rules.allowed_increase) {
        (Label::High, rules.is_critical && is_up(rules.critical_increase))
    } else if counts_down && shift.upper < -shift.bound && is_down(rules.allowed_decrease) {
        (Label::Low, rules.is_critical && is_down(rules.critical_decrease))
    } else {
        (Label::Pass, false)
    }
}

/// Metrics judged together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub metrics: Vec<Judged>,
    /// In per cent; groups without a weight share what is left.
    pub weight: Option<f64>,
}

impl Group {
    /// Passed metrics in per cent of those that count; 100 where none counts.
    fn score(&self) -> f64 {
        let counts = |metric: &&Judged| {
            !metric.is_muted && !matches!(metric.label, Label::Nodata | Label::Error)
        };
        let all = self.metrics.iter().filter(counts).count();
        let passed = self.metrics.iter().filter(counts).filter(|m| m.label == Label::Pass).count();
        if all == 0 { 100.0 } else { passed as f64 / all as f64 * 100.0 }
    }
}

/// The score of all groups, from 0 to 100 with two decimals: 0 if a critical metric did not pass or
/// at least half of all metrics have no data.
pub fn score(groups: &[Group]) -> f64 {
    let metrics = || groups.iter().flat_map(|group| &group.metrics);
    let all = metrics().count();
    let empty = metrics().filter(|metric| metric.label == Label::Nodata).count();
    let is_failed = metrics().any(|metric| metric.is_critical && metric.label != Label::Pass);
    if is_failed || (all > 0 && 2 * empty >= all) {
        return 0.0;
    }
    let given: f64 = groups.iter().filter_map(|group| group.weight).sum();
    let without = groups.iter().filter(|group| group.weight.is_none()).count() as f64;
    let weight = |group: &Group| group.weight.unwrap_or((100.0 - given) / without);
    let sum: f64 = groups.iter().map(|group| group.score() * weight(group) / 100.0).sum();
    (sum * 100.0).round() / 100.0
}

/// What a score means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Pass,
    Marginal,
    Fail,
}

/// Holds a score against the thresholds.
pub fn outcome(score: f64, pass: f64, marginal: f64) -> Outcome {
    if score >= pass {
        Outcome::Pass
    } else if score >= marginal {
        Outcome::Marginal
    } else {
        Outcome::Fail
    }
}

#[cfg(test)]
#[path = "kayenta_tests.rs"]
mod tests;
