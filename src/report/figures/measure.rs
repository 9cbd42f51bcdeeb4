//! Metrics as points of curves: in the unit people read, with how sure they are.

use super::series::Sample;
use crate::domain::{ArmId, ArmWindow, Metric, Notation, Quality, Window};
use crate::stats::Interval;
use crate::stats::proportion::wilson;
use crate::stats::proportion_difference::{Sample as Trials, newcombe};
use crate::stats::quantile::order_statistics;

/// Every band is a 95 % interval.
const ALPHA: f64 = 0.05;
/// Fewer observations make no point.
const FEWEST: u64 = 20;

/// The unit of what is drawn.
pub fn unit(metric: Metric, notation: Notation) -> &'static str {
    if metric == Metric::Requests { "per second" } else { notation.unit(metric) }
}

/// An arm's metric over the windows in `window`.
pub fn sample(window: &Window, arm: ArmId, metric: Metric, notation: Notation) -> Sample {
    let at = window.end.as_secs_f64();
    let Some(of_arm) = window.arm(arm) else { return Sample::gap(at) };
    let is_known = metric == Metric::Share || of_arm.samples(metric) >= FEWEST;
    let Some(value) = window.metric(arm, metric).filter(|_| is_known) else {
        return Sample::gap(at);
    };
    let factor = match metric {
        // As a rate, so that the stretch behind a point does not matter.
        Metric::Requests => 1.0 / window.span().as_secs_f64().max(1e-9),
        _ => notation.factor(metric),
    };
    let band = band(of_arm, metric).map(|interval| interval.scaled(factor));
    Sample { at, value: value * factor, band }
}

fn band(arm: &ArmWindow, metric: Metric) -> Option<Interval> {
    if metric.is_latency() {
        return latency_band(arm, metric);
    }
    if matches!(metric, Metric::Precision | Metric::Recall) && !arm.classes.is_empty() {
        // A mean over classes is no share of trials.
        return None;
    }
    let (hits, n) = trials(&arm.total_quality(), metric).or_else(|| failures(arm, metric))?;
    wilson(hits as f64, n as f64, ALPHA)
}

/// Hits and trials of metrics that are a plain share of answers.
fn trials(quality: &Quality, metric: Metric) -> Option<(u64, u64)> {
    Some(match metric {
        Metric::Accuracy => (quality.correct, quality.labelled),
        Metric::Precision => {
            (quality.true_positive, quality.true_positive + quality.false_positive)
        }
        Metric::Recall => (quality.true_positive, quality.true_positive + quality.false_negative),
        Metric::Agreement => (quality.agree, quality.answers),
        Metric::PositiveRate => (quality.positive, quality.answers),
        _ => return None,
    })
}

fn failures(arm: &ArmWindow, metric: Metric) -> Option<(u64, u64)> {
    match metric {
        Metric::ErrorRate => Some((arm.failed() + arm.mirror_failed, arm.finished())),
        Metric::TimeoutRate => Some((arm.timeouts, arm.finished())),
        _ => None,
    }
}

/// From order statistics, as far out as the sample reaches.
fn latency_band(arm: &ArmWindow, metric: Metric) -> Option<Interval> {
    let q = match metric {
        Metric::LatencyP50 => 0.5,
        Metric::LatencyP90 => 0.9,
        Metric::LatencyP95 => 0.95,
        Metric::LatencyP99 => 0.99,
        _ => return None,
    };
    let n = arm.latency.count();
    let at = |place: u64| {
        arm.latency.quantile((place as f64 + 1.0) / n as f64).map(|micros| micros as f64 / 1e3)
    };
    let (low, high) = order_statistics(n, q, ALPHA);
    Some(Interval::new(at(low?)?, at(high?)?))
}

/// How much more the candidate's answers since the start were right (or whatever `metric` says)
/// than the baseline's; shares in points.
pub fn difference(
    at: f64,
    totals: &[Quality],
    candidate: ArmId,
    metric: Metric,
    notation: Notation,
) -> Sample {
    let gap = Sample::gap(at);
    let (Some(a), Some(b)) = (totals.first(), totals.get(candidate.index())) else { return gap };
    if a.labelled.min(b.labelled) < FEWEST {
        return gap;
    }
    let (Some(baseline), Some(value)) = (a.metric(metric), b.metric(metric)) else { return gap };
    let factor = notation.factor(metric);
    let trials = |quality: &Quality| trials(quality, metric).map(|(hits, n)| Trials::new(hits, n));
    let interval = trials(b).zip(trials(a)).and_then(|(b, a)| newcombe(b, a, ALPHA));
    Sample {
        at,
        value: (value - baseline) * factor,
        band: interval.map(|interval| interval.scaled(factor)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::domain::{LatencyUnit, RateUnit, StrategyKind, TimeUnit};

    const USUAL: Notation =
        Notation { latency: LatencyUnit::Millis, rate: RateUnit::Percent, time: TimeUnit::Clock };

    #[test]
    fn bands_hold_their_value_and_small_samples_make_no_point() {
        let recording = fixture::recording(StrategyKind::Canary);
        let window = Window::merged(&recording.windows[100..110]).unwrap();
        for metric in [Metric::Accuracy, Metric::LatencyP95, Metric::ErrorRate] {
            let sample = sample(&window, ArmId::BASELINE, metric, USUAL);
            let band = sample.band.unwrap();
            assert!(band.contains(sample.value) && band.width() > 0.0, "{metric:?} {sample:?}");
        }
        let single = sample(&recording.windows[20], ArmId::CANDIDATE, Metric::Accuracy, USUAL);
        assert!(single.value.is_nan(), "four answers are no point");
    }

    #[test]
    fn a_difference_is_signed_from_the_baseline() {
        let quality = |correct| Quality { labelled: 1_000, correct, ..Quality::default() };
        let totals = [quality(800), quality(830)];
        let sample = difference(4.0, &totals, ArmId::CANDIDATE, Metric::Accuracy, USUAL);
        assert!((sample.value - 3.0).abs() < 1e-9);
        assert!(sample.band.is_some_and(|band| band.low < 3.0 && band.high > 3.0));
        let alone = difference(4.0, &totals[..1], ArmId::CANDIDATE, Metric::Accuracy, USUAL);
        assert!(alone.value.is_nan());
    }
}
