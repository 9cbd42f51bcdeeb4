//! One gate at work on one candidate: when it measures, what it counts, and when it has ended.
//!
//! The rules are Argo Rollouts': limits are strict (a limit of 2 tolerates two failures and fails on
//! the third), errors are asked again after ten seconds and do not count as measurements, and a
//! verdict once reached stays. Ours besides: a measurement without enough evidence *holds*, and a
//! gate may weigh chance: then a condition counts once it surely holds or surely does not.

use super::comparing;
use super::scoring;
use super::weighing::{Holds, Weighing};
use crate::domain::gate::Reaction;
use crate::domain::{
    Answer, ArmId, ArmWindow, Condition, EventKind, Gate, Measurement, Metric, SimTime, Tested,
    UnitSum, Verdict, Window,
};
use crate::stats::between::Between;

/// What a measurement can look at.
pub(super) enum Look {
    /// The metrics give no answer.
    Unavailable,
    /// What was counted over the gate's span; and for a gate that weighs chance all that it has not
    /// seen yet, a window for each stretch of constant shares.
    Counted { span: Window, new: Vec<Window> },
    /// For a gate that compares the arms.
    Between(Option<Between>),
    /// For a gate with a judge: a window for each value of its series.
    Points(Vec<Window>),
}

/// The counters of one run of one gate.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct GateRun {
    place: u16,
    arm: ArmId,
    due: SimTime,
    /// Measurements that counted: passed, failed or inconclusive.
    counted: u32,
    failed: u32,
    inconclusive: u32,
    passed_in_a_row: u32,
    errors_in_a_row: u32,
    holds_in_a_row: u32,
    conclusive: bool,
    ended: Option<Verdict>,
    looked: SimTime,
    weighing: Option<Weighing>,
}

impl GateRun {
    pub fn new(gate: &Gate, place: u16, arm: ArmId, started: SimTime) -> Self {
        Self {
            place,
            arm,
            due: started + gate.initial_delay + gate.interval,
            counted: 0,
            failed: 0,
            inconclusive: 0,
            passed_in_a_row: 0,
            errors_in_a_row: 0,
            holds_in_a_row: 0,
            conclusive: false,
            ended: None,
            looked: started,
            weighing: Weighing::new(gate, arm),
        }
    }

    /// The same run with another moment for its first measurement.
    pub fn first_due(self, due: SimTime) -> Self {
        Self { due, ..self }
    }

    /// Ends a run that something else has decided: well, as far as it is concerned.
    pub fn cut_short(&mut self) {
        self.ended.get_or_insert(Verdict::Pass);
    }

    /// A new run of the same gate, as after a resume or a retry.
    pub fn reset(&mut self, gate: &Gate, now: SimTime) {
        *self = Self::new(gate, self.place, self.arm, now);
    }

    pub fn arm(&self) -> ArmId {
        self.arm
    }

    /// When the next measurement is due; never once the gate has ended.
    pub fn due(&self) -> SimTime {
        if self.ended.is_some() { SimTime::NEVER } else { self.due }
    }

    /// What was counted before this moment has been seen.
    pub fn looked(&self) -> SimTime {
        self.looked
    }

    /// The verdict of the whole gate, once it is reached.
    pub fn ended(&self) -> Option<Verdict> {
        self.ended
    }

    /// True if at least one measurement has passed or failed.
    pub fn has_conclusive(&self) -> bool {
        self.conclusive
    }

    /// What the gate's end asks of the rollout; nothing while it runs.
    pub fn reaction(&self, gate: &Gate) -> Reaction {
        if gate.dry_run {
            return Reaction::Continue;
        }
        match self.ended {
            Some(Verdict::Fail) => gate.on_failure,
            Some(Verdict::Inconclusive) => gate.on_inconclusive,
            Some(Verdict::Error) => gate.on_error,
            Some(Verdict::Pass | Verdict::Hold) | None => Reaction::Continue,
        }
    }

    /// Adds what is new to the evidence of a gate that weighs chance.
    pub fn learn(&mut self, look: &Look) {
        if let (Some(weighing), Look::Counted { new, .. }) = (&mut self.weighing, look) {
            weighing.absorb(new);
        }
    }

    /// Adds what became known of the baseline's and the candidate's buckets of users.
    pub fn count_users(&mut self, share: f64, arms: [&[UnitSum]; 2]) {
        if let Some(weighing) = &mut self.weighing {
            weighing.count_users(share, arms);
        }
    }

    /// True if the evidence settles a condition at this part of the test's level.
    pub fn finds(&self, gate: &Gate, part: f64) -> bool {
        let conditions = [gate.pass_when, gate.fail_when];
        self.weighing.as_ref().is_some_and(|weighing| {
            let weighed = conditions.into_iter().flatten().map(|c| weighing.weigh(c, part));
            weighed.flatten().any(|weighed| weighed.holds.is_some())
        })
    }

    /// [`Self::learn`] and [`Self::judge_at`] the test's own level.
    pub fn measure(
        &mut self,
        gate: &Gate,
        now: SimTime,
        look: Look,
    ) -> (Measurement, Option<EventKind>) {
        self.learn(&look);
        self.judge_at(1.0, gate, now, look)
    }

    /// Measures, counts the result and sets when to look again. A gate that weighs chance does so at
    /// this part of its level, and says what stands behind the verdict.
    pub fn judge_at(
        &mut self,
        part: f64,
        gate: &Gate,
        now: SimTime,
        look: Look,
    ) -> (Measurement, Option<EventKind>) {
        let blank = self.nothing(answer_verdict(gate.on_no_data));
        let mut behind = None;
        let mut measurement = match look {
            Look::Unavailable => self.nothing(Verdict::Error),
            Look::Between(found) => {
                let (measurement, compared) = comparing::compare(gate, found, blank);
                behind = compared.map(EventKind::Compared);
                measurement
            }
            Look::Points(points) => {
                let (measurement, scored) = scoring::score(gate, &points, blank);
                behind = scored.map(EventKind::Scored);
                measurement
            }
            Look::Counted { span, .. } => {
                self.looked = now;
                match &self.weighing {
                    None => self.judge(gate, &span, &|condition, value, baseline| {
                        condition.holds(value, baseline).map(|holds| Holds::from(Some(holds)))
                    }),
                    Some(_) => self.weigh(gate, part),
                }
            }
        };
        measurement.verdict = self.limit_holds(gate, measurement.verdict);
        self.count(measurement.verdict);
        self.ended = self.conclude(gate);
        let wait = match measurement.verdict {
            Verdict::Error => Gate::ERROR_RETRY,
            _ => gate.interval,
        };
        self.due = now + wait;
        let tested = self.tested(gate, part, measurement.verdict).map(EventKind::Tested);
        (measurement, behind.or(tested))
    }

    /// A measurement without a value.
    fn nothing(&self, verdict: Verdict) -> Measurement {
        Measurement {
            gate: self.place,
            arm: self.arm,
            value: None,
            baseline: None,
            limit: None,
            samples: 0,
            verdict,
        }
    }

    /// The same as [`Self::judge`], on all evidence, where a condition must hold for sure.
    fn weigh(&self, gate: &Gate, part: f64) -> Measurement {
        let no_data = || self.nothing(answer_verdict(gate.on_no_data));
        let Some(weighing) = &self.weighing else { return no_data() };
        let surely = |condition, _, _| Some(Holds::from(weighing.weigh(condition, part)?.holds));
        weighing.total().map_or_else(no_data, |total| self.judge(gate, total, &surely))
    }

    /// What stands behind the verdict: of two conditions the one that decided.
    fn tested(&self, gate: &Gate, part: f64, verdict: Verdict) -> Option<Tested> {
        let weighing = self.weighing.as_ref()?;
        let both = match verdict {
            Verdict::Fail => [gate.fail_when, gate.pass_when],
            _ => [gate.pass_when, gate.fail_when],
        };
        let weighed = both.into_iter().flatten().find_map(|c| weighing.weigh(c, part))?;
        let (metric, test) = (gate.metric, weighing.test_at(part));
        Some(Tested { gate: self.place, arm: self.arm, metric, test, weighed })
    }

    fn judge(
        &self,
        gate: &Gate,
        window: &Window,
        holds: &dyn Fn(Condition, f64, Option<f64>) -> Option<Holds>,
    ) -> Measurement {
        let value = window.metric(self.arm, gate.metric).filter(|x| x.is_finite());
        let baseline = window.metric(ArmId::BASELINE, gate.metric).filter(|x| x.is_finite());
        let samples = samples(window.arm(self.arm), gate.metric);
        let conditions = [gate.fail_when, gate.pass_when];
        let needs_baseline = conditions.iter().flatten().any(|c| c.needs_baseline());
        let baseline_samples = samples_of_baseline(window, gate.metric, needs_baseline);
        let enough = samples.min(baseline_samples) >= gate.min_samples;
        let verdict = value
            .filter(|_| enough)
            .and_then(|value| verdict_of(gate, &|condition| holds(condition, value, baseline)))
            .unwrap_or(answer_verdict(gate.on_no_data));
        let shown = gate.pass_when.or(gate.fail_when);
        Measurement {
            value,
            baseline: baseline.filter(|_| self.arm != ArmId::BASELINE),
            limit: shown.and_then(|condition| condition.limit(baseline)),
            samples,
            ..self.nothing(verdict)
        }
    }

    /// Holding too long becomes inconclusive.
    fn limit_holds(&self, gate: &Gate, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Hold if self.holds_in_a_row >= gate.max_hold => Verdict::Inconclusive,
            other => other,
        }
    }

    fn count(&mut self, verdict: Verdict) {
        self.holds_in_a_row = if verdict == Verdict::Hold { self.holds_in_a_row + 1 } else { 0 };
        self.errors_in_a_row = if verdict == Verdict::Error { self.errors_in_a_row + 1 } else { 0 };
        match verdict {
            Verdict::Pass => {
                self.counted += 1;
                self.passed_in_a_row += 1;
                self.conclusive = true;
            }
            Verdict::Fail => {
                self.counted += 1;
                self.failed += 1;
                self.passed_in_a_row = 0;
                self.conclusive = true;
            }
            Verdict::Inconclusive => {
                self.counted += 1;
                self.inconclusive += 1;
                self.passed_in_a_row = 0;
            }
            // An error ends a row of successes, as in Argo; a hold says nothing.
            Verdict::Error => self.passed_in_a_row = 0,
            Verdict::Hold => {}
        }
    }

    /// In this order, the later overriding the earlier; then successes and the number of looks.
    fn conclude(&self, gate: &Gate) -> Option<Verdict> {
        if self.errors_in_a_row > gate.error_limit {
            return Some(Verdict::Error);
        }
        if self.inconclusive > gate.inconclusive_limit {
            return Some(Verdict::Inconclusive);
        }
        if gate.failure_limit.is_some_and(|limit| self.failed > limit) {
            return Some(Verdict::Fail);
        }
        if gate.success_limit.is_some_and(|limit| self.passed_in_a_row >= limit) {
            return Some(Verdict::Pass);
        }
        gate.count.filter(|count| self.counted >= *count).map(|_| {
            match (gate.success_limit, gate.failure_limit) {
                (None, _) => Verdict::Pass,
                (Some(_), Some(_)) => Verdict::Inconclusive,
                (Some(_), None) => Verdict::Fail,
            }
        })
    }
}

fn samples(arm: Option<&ArmWindow>, metric: Metric) -> u64 {
    arm.map_or(0, |arm| arm.samples(metric))
}

/// Where the baseline takes no part, its lack of samples does not matter.
fn samples_of_baseline(window: &Window, metric: Metric, is_needed: bool) -> u64 {
    if is_needed { samples(window.arm(ArmId::BASELINE), metric) } else { u64::MAX }
}

/// `None` if a condition cannot be judged: a baseline is needed and has no value, or the evidence is
/// too thin. While chance could be either, a gate that must be passed waits, and one that need only
/// not fail passes.
pub(super) fn verdict_of(
    gate: &Gate,
    holds: &dyn Fn(Condition) -> Option<Holds>,
) -> Option<Verdict> {
    Some(match (gate.fail_when, gate.pass_when) {
        (None, None) => Verdict::Pass,
        (None, Some(pass)) => match holds(pass)? {
            Holds::Yes => Verdict::Pass,
            Holds::No => Verdict::Fail,
            Holds::Open => Verdict::Hold,
        },
        (Some(fail), None) => match holds(fail)? {
            Holds::Yes => Verdict::Fail,
            Holds::No | Holds::Open => Verdict::Pass,
        },
        (Some(fail), Some(pass)) => match (holds(fail)?, holds(pass)?) {
            (Holds::Yes, _) => Verdict::Fail,
            (_, Holds::Yes) => Verdict::Pass,
            (Holds::Open, _) | (_, Holds::Open) => Verdict::Hold,
            (Holds::No, Holds::No) => Verdict::Inconclusive,
        },
    })
}

fn answer_verdict(answer: Answer) -> Verdict {
    match answer {
        Answer::Pass => Verdict::Pass,
        Answer::Fail => Verdict::Fail,
        Answer::Inconclusive => Verdict::Inconclusive,
        Answer::Error => Verdict::Error,
        Answer::Hold => Verdict::Hold,
    }
}

#[cfg(test)]
#[path = "gates_tests.rs"]
mod tests;
