//! A/B and A/B/n: units are split between the arms until a test can tell them apart.

use crate::domain::metric::Direction;
use crate::domain::{
    AbMethod, ArmId, ArmWindow, Metric, SimSpan, SimTime, Strategy, UnitSum, Window,
};
use crate::stats::Interval;
use crate::stats::clusters::{adjusted_difference, difference};
use crate::stats::distribution::t_quantile;
use crate::stats::proportion_difference::{Sample, newcombe};

use super::{Back, Ending, Hold, Script, Share, Stage};
use crate::engine::plant::Size;

pub(super) fn script(strategy: &Strategy, arms: usize) -> Script {
    let Strategy::Ab {
        candidate_percent,
        metric,
        method,
        min_duration,
        max_duration,
        min_samples,
        alpha,
    } = strategy
    else {
        unreachable!("only called for A/B");
    };
    let shares = if candidate_percent.is_empty() {
        vec![1.0 / arms as f64; arms - 1]
    } else {
        candidate_percent.iter().map(|percent| percent / 100.0).collect()
    };
    let test = Test {
        metric: *metric,
        method: *method,
        min_duration: *min_duration,
        max_duration: *max_duration,
        min_samples: *min_samples,
        // Several candidates share the risk of a false finding (Bonferroni).
        alpha: alpha / (arms - 1) as f64,
    };
    let start = Stage {
        share: Share::Each(vec![0.0; arms - 1]),
        ..Stage::start("Start candidates", Size::Full)
    };
    let collect = Stage {
        share: Share::Each(shares),
        hold: Hold::Until(test),
        number: Some(1),
        ..Stage::start("Collect", Size::Full)
    };
    Script {
        stages: vec![start, collect, Stage::takeover("Ship")],
        takeover: Some(2),
        last: 2,
        ending: Ending::Promoted { baseline_lives: SimSpan::ZERO },
        back: Back::side_by_side(SimSpan::ZERO),
    }
}

/// The rule that ends an A/B test: one look, once there is enough to see.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::engine) struct Test {
    pub metric: Metric,
    pub method: AbMethod,
    pub min_duration: SimSpan,
    pub max_duration: SimSpan,
    /// Observations per arm.
    pub min_samples: u64,
    /// Two-sided, for each candidate.
    pub alpha: f64,
}

pub(in crate::engine) enum Decision {
    Ship { arm: ArmId, reason: String },
    Keep { reason: String },
}

/// A candidate's metric less the baseline's.
struct Difference {
    arm: ArmId,
    value: f64,
    interval: Interval,
}

impl Test {
    /// `windows` are those since the split began, and so are `units`, per arm and bucket of users;
    /// `None` while it is too early to look.
    pub fn decide(
        &self,
        since: SimTime,
        now: SimTime,
        windows: &[Window],
        units: &[Vec<UnitSum>],
    ) -> Option<Decision> {
        let age = now.since(since);
        if age < self.min_duration {
            return None;
        }
        let merged = Window::merged(windows);
        let arms = merged.as_ref().map_or(&[][..], |window| &window.arms);
        let samples = |arm: &ArmWindow| arm.samples(self.metric);
        let fewest = arms.iter().map(samples).min().unwrap_or(0);
        if fewest < self.min_samples {
            let reason = format!(
                "after {} an arm has only {fewest} of {} observations: the test cannot tell",
                age.words(),
                self.min_samples
            );
            return (age >= self.max_duration).then_some(Decision::Keep { reason });
        }
        let candidates = (1..arms.len()).map(ArmId::new);
        let of_arm = |arm| match self.method {
            AbMethod::Requests => self.difference(windows, arms, arm),
            AbMethod::Users | AbMethod::Cuped => self.difference_of_users(units, arm),
        };
        Some(self.judge(&candidates.filter_map(of_arm).collect::<Vec<_>>()))
    }

    fn judge(&self, differences: &[Difference]) -> Decision {
        let sign = if self.metric.direction() == Direction::Lower { -1.0 } else { 1.0 };
        let is_better =
            |d: &&Difference| sign * d.interval.low > 0.0 && sign * d.interval.high > 0.0;
        let best = differences
            .iter()
            .filter(is_better)
            .max_by(|a, b| (sign * a.value).total_cmp(&(sign * b.value)));
        let sentence = |d: &Difference| {
            let [low, value, high] =
                [d.interval.low, d.value, d.interval.high].map(|x| self.metric.format_delta(x));
            let how = match self.method {
                AbMethod::Requests => "",
                AbMethod::Users => ", with users as units",
                AbMethod::Cuped => ", with users as units and CUPED",
            };
            format!(
                "{} of {}: {value} against A, between {low} and {high}{how}",
                self.metric.label(),
                d.arm
            )
        };
        match best {
            Some(best) => Decision::Ship { arm: best.arm, reason: sentence(best) },
            None if differences.is_empty() => Decision::Keep {
                reason: "what the arms did does not vary enough for a test".to_owned(),
            },
            None => {
                let all: Vec<String> = differences.iter().map(sentence).collect();
                let reason = format!("no candidate is better beyond chance; {}", all.join("; "));
                Decision::Keep { reason }
            }
        }
    }

    /// By the delta method, or with what the baseline would have answered taken out.
    fn difference_of_users(&self, units: &[Vec<UnitSum>], arm: ArmId) -> Option<Difference> {
        let (baseline, candidate) = (units.first()?, units.get(arm.index())?);
        let effect = match self.method {
            AbMethod::Cuped => adjusted_difference(baseline, candidate),
            _ => difference(baseline, candidate),
        }?;
        Some(Difference { arm, value: effect.estimate, interval: effect.interval(self.alpha) })
    }

    /// Shares by Newcombe's interval, everything else by how it scatters from window to window.
    fn difference(&self, windows: &[Window], arms: &[ArmWindow], arm: ArmId) -> Option<Difference> {
        let (baseline, candidate) = (arms.first()?, arms.get(arm.index())?);
        let sample = |of: &ArmWindow| {
            let n = of.samples(self.metric);
            let hits = of.metric(self.metric)? * n as f64;
            Some(Sample { hits, n: n as f64 })
        };
        let is_share_of_samples =
            matches!(self.metric, Metric::Accuracy | Metric::ErrorRate | Metric::PositiveRate);
        if is_share_of_samples {
            let (a, b) = (sample(baseline)?, sample(candidate)?);
            let interval = newcombe(b, a, self.alpha)?;
            return Some(Difference { arm, value: b.hits / b.n - a.hits / a.n, interval });
        }
        let deltas: Vec<f64> = windows
            .iter()
            .filter_map(|window| {
                let of = |arm| window.metric(arm, self.metric);
                Some(of(arm)? - of(ArmId::BASELINE)?)
            })
            .collect();
        let n = deltas.len() as f64;
        let mean = deltas.iter().sum::<f64>() / n;
        let squares: f64 = deltas.iter().map(|delta| (delta - mean).powi(2)).sum();
        let half = t_quantile(1.0 - self.alpha / 2.0, n - 1.0) * (squares / (n - 1.0) / n).sqrt();
        let interval = Interval::new(mean - half, mean + half);
        (deltas.len() >= 2).then_some(Difference { arm, value: mean, interval })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Quality;

    fn windows(correct: [u64; 2]) -> Vec<Window> {
        let arm = |correct| ArmWindow {
            quality: vec![Quality { labelled: 1_000, correct, ..Quality::default() }],
            ..ArmWindow::default()
        };
        let window = |k: u64| Window {
            start: SimTime::from_secs(k * 60),
            end: SimTime::from_secs(k * 60 + 60),
            stage: 1,
            arms: correct.map(arm).to_vec(),
        };
        (0..10).map(window).collect()
    }

    fn decide(correct: [u64; 2], minutes: u64) -> Option<Decision> {
        let test = Test {
            metric: Metric::Accuracy,
            method: AbMethod::Requests,
            min_duration: SimSpan::from_secs(300),
            max_duration: SimSpan::from_secs(600),
            min_samples: 10_000,
            alpha: 0.05,
        };
        let windows = windows(correct);
        let end = SimTime::from_secs(minutes * 60);
        test.decide(SimTime::START, end, &windows[..minutes as usize], &[])
    }

    #[test]
    fn it_looks_once_there_is_enough_and_ships_only_what_is_better() {
        assert!(decide([800, 900], 4).is_none(), "too early");
        assert!(decide([800, 900], 9).is_none(), "too few");
        assert!(matches!(decide([800, 900], 10), Some(Decision::Ship { .. })));
        assert!(matches!(decide([900, 800], 10), Some(Decision::Keep { .. })));
        assert!(matches!(decide([900, 901], 10), Some(Decision::Keep { .. })));
    }

    #[test]
    fn too_few_at_the_end_keep_the_baseline() {
        let test = Test {
            metric: Metric::Accuracy,
            method: AbMethod::Requests,
            min_duration: SimSpan::from_secs(60),
            max_duration: SimSpan::from_secs(600),
            min_samples: 1_000_000,
            alpha: 0.05,
        };
        let end = SimTime::from_secs(600);
        let kept = test.decide(SimTime::START, end, &windows([100, 900]), &[]);
        assert!(matches!(kept, Some(Decision::Keep { reason }) if reason.contains("cannot tell")));
    }
}
