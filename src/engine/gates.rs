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
    Verdict, Window,
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

    /// Measures, counts the result and sets when to look again. A gate that weighs chance also says
    /// what stands behind the verdict.
    pub fn measure(
        &mut self,
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
            Look::Counted { span, new } => {
                self.looked = now;
                match &mut self.weighing {
                    None => self.judge(gate, &span, &|condition, value, baseline| {
                        condition.holds(value, baseline).map(|holds| Holds::from(Some(holds)))
                    }),
                    Some(weighing) => {
                        weighing.absorb(&new);
                        self.weigh(gate)
                    }
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
        let tested = self.tested(gate, measurement.verdict).map(EventKind::Tested);
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
    fn weigh(&self, gate: &Gate) -> Measurement {
        let no_data = || self.nothing(answer_verdict(gate.on_no_data));
        let Some(weighing) = &self.weighing else { return no_data() };
        let surely = |condition, _, _| Some(Holds::from(weighing.weigh(condition)?.holds));
        weighing.total().map_or_else(no_data, |total| self.judge(gate, total, &surely))
    }

    /// What stands behind the verdict: of two conditions the one that decided.
    fn tested(&self, gate: &Gate, verdict: Verdict) -> Option<Tested> {
        let weighing = self.weighing.as_ref()?;
        let both = match verdict {
            Verdict::Fail => [gate.fail_when, gate.pass_when],
            _ => [gate.pass_when, gate.fail_when],
        };
        let weighed = both.into_iter().flatten().find_map(|c| weighing.weigh(c))?;
        let (metric, test) = (gate.metric, weighing.test());
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
mod tests {
    use super::*;
    use crate::domain::SimSpan;
    use crate::domain::gate_test::{Method, Test};

    /// A window in which the candidate answered 1000 requests, `errors` of which failed.
    fn window(errors: u64) -> Window {
        let arm = |errors| ArmWindow { answered: 1_000 - errors, errors, ..ArmWindow::default() };
        Window {
            start: SimTime::START,
            end: SimTime::from_secs(60),
            stage: 0,
            arms: vec![arm(10), arm(errors)],
        }
    }

    fn gate() -> Gate {
        Gate {
            name: "errors".to_owned(),
            pass_when: Some(Condition::AtMost(0.02)),
            ..Gate::default()
        }
    }

    /// The verdicts of the measurements, and of the gate after the last.
    fn run(gate: &Gate, evidence: &[Option<Window>]) -> (Vec<Verdict>, Option<Verdict>, SimTime) {
        let mut run = GateRun::new(gate, 0, ArmId::CANDIDATE, SimTime::START);
        let mut verdicts = Vec::new();
        let mut now = SimTime::START;
        for window in evidence {
            now = run.due();
            let look = window
                .clone()
                .map_or(Look::Unavailable, |span| Look::Counted { new: vec![span.clone()], span });
            verdicts.push(run.measure(gate, now, look).0.verdict);
            if run.ended().is_some() {
                break;
            }
        }
        (verdicts, run.ended(), now)
    }

    #[test]
    fn a_limit_of_three_tolerates_three_failures_and_fails_on_the_fourth() {
        let gate = Gate { failure_limit: Some(3), ..gate() };
        let bad = || Some(window(50));
        assert_eq!(run(&gate, &[bad(), bad(), bad()]).1, None);
        assert_eq!(run(&gate, &[bad(), bad(), bad(), bad()]).1, Some(Verdict::Fail));
        // A pass between them does not forgive.
        let mixed = [bad(), Some(window(5)), bad(), bad(), bad()];
        assert_eq!(run(&gate, &mixed).1, Some(Verdict::Fail));
    }

    #[test]
    fn an_outage_of_the_metrics_ends_the_gate_forty_seconds_after_its_first_error() {
        let outage: Vec<_> = (0..9).map(|_| None).collect();
        let (verdicts, ended, at) = run(&gate(), &outage);
        assert_eq!(verdicts, [Verdict::Error; 5]);
        assert_eq!(ended, Some(Verdict::Error));
        assert_eq!(at, SimTime::from_secs(60 + 40));
    }

    #[test]
    fn no_data_is_answered_as_the_gate_says() {
        for (answer, verdict) in [
            (Answer::Pass, Verdict::Pass),
            (Answer::Fail, Verdict::Fail),
            (Answer::Inconclusive, Verdict::Inconclusive),
            (Answer::Error, Verdict::Error),
            (Answer::Hold, Verdict::Hold),
        ] {
            let gate = Gate { on_no_data: answer, min_samples: 2_000, ..gate() };
            assert_eq!(run(&gate, &[Some(window(0))]).0, [verdict]);
        }
    }

    #[test]
    fn holding_too_long_is_inconclusive() {
        let gate = Gate { min_samples: 2_000, max_hold: 2, ..gate() };
        let empty: Vec<_> = (0..5).map(|_| Some(window(0))).collect();
        let (verdicts, ended, _) = run(&gate, &empty);
        assert_eq!(verdicts, [Verdict::Hold, Verdict::Hold, Verdict::Inconclusive]);
        assert_eq!(ended, Some(Verdict::Inconclusive));
    }

    #[test]
    fn between_pass_and_fail_nothing_is_concluded() {
        let gate =
            Gate { fail_when: Some(Condition::AtLeast(0.05)), inconclusive_limit: 1, ..gate() };
        let between = || Some(window(30));
        assert_eq!(run(&gate, &[between()]).1, None);
        assert_eq!(run(&gate, &[between(), between()]).1, Some(Verdict::Inconclusive));
        assert_eq!(run(&gate, &[Some(window(60))]).1, Some(Verdict::Fail));
    }

    #[test]
    fn enough_looks_or_successes_in_a_row_pass() {
        let good = || Some(window(5));
        let counted = Gate { count: Some(3), ..gate() };
        assert_eq!(run(&counted, &[good(), good(), good()]).1, Some(Verdict::Pass));
        let in_a_row = Gate { success_limit: Some(2), failure_limit: None, ..gate() };
        let mixed = [good(), Some(window(50)), good(), good()];
        assert_eq!(run(&in_a_row, &mixed).1, Some(Verdict::Pass));
        let never =
            Gate { count: Some(3), success_limit: Some(3), failure_limit: Some(1), ..gate() };
        let mixed = [good(), Some(window(50)), good()];
        assert_eq!(run(&never, &mixed).1, Some(Verdict::Inconclusive));
    }

    #[test]
    fn a_relative_gate_needs_both_arms() {
        let relative = Some(Condition::AtMostTimesBaseline(1.5));
        let gate = Gate { pass_when: relative, ..gate() };
        assert_eq!(run(&gate, &[Some(window(15))]).0, [Verdict::Pass]);
        assert_eq!(run(&gate, &[Some(window(16))]).0, [Verdict::Fail]);
        let mut alone = window(5);
        alone.arms[0] = ArmWindow::default();
        assert_eq!(run(&gate, &[Some(alone)]).0, [Verdict::Hold]);
    }

    #[test]
    fn a_gate_that_weighs_chance_waits_until_it_is_sure() {
        let test = Some(Test::new(Method::Sequence));
        // 3 % against a limit of 2 % is no proof after 1,000 requests, nor is 1 %.
        let sure = Gate { test, max_hold: 100, ..gate() };
        assert_eq!(run(&sure, &[Some(window(30))]).0, [Verdict::Hold]);
        assert_eq!(run(&sure, &[Some(window(10))]).0, [Verdict::Hold]);
        let many = |errors| (0..20).map(|_| Some(window(errors))).collect::<Vec<_>>();
        assert_eq!(run(&sure, &many(30)).1, Some(Verdict::Fail));
        let once = Gate { success_limit: Some(1), ..sure.clone() };
        assert_eq!(run(&once, &many(10)).1, Some(Verdict::Pass));
        // The bare value decides at once.
        assert_eq!(run(&gate(), &many(30)).0, [Verdict::Fail]);
    }

    #[test]
    fn a_label_test_sees_harm_and_says_what_stands_behind_it() {
        let more = Some(Condition::AtLeastTimesBaseline(1.0));
        let gate = Gate {
            test: Some(Test::new(Method::Label)),
            pass_when: None,
            fail_when: more,
            ..gate()
        };
        assert_eq!(run(&gate, &[Some(window(12))]).0, [Verdict::Pass], "no harm seen");
        let mut run = GateRun::new(&gate, 0, ArmId::CANDIDATE, SimTime::START);
        let bad = window(60);
        let look = Look::Counted { span: bad.clone(), new: vec![bad] };
        let (measurement, tested) = run.measure(&gate, SimTime::from_secs(60), look);
        assert_eq!(measurement.verdict, Verdict::Fail);
        let text = tested.unwrap().evidence().unwrap().1;
        assert_eq!(text, "label test: 6.00 × the baseline's, p < 0.0001, n 1,000 and 1,000");
    }

    #[test]
    fn an_end_asks_for_what_the_gate_says_unless_it_is_a_dry_run() {
        let mut run = GateRun::new(&gate(), 0, ArmId::CANDIDATE, SimTime::START);
        let bad = window(50);
        run.measure(&gate(), SimTime::from_secs(60), Look::Counted { span: bad, new: vec![] });
        assert_eq!(run.reaction(&gate()), Reaction::Abort);
        assert_eq!(run.reaction(&Gate { dry_run: true, ..gate() }), Reaction::Continue);
        assert_eq!(run.due(), SimTime::NEVER);
        run.reset(&gate(), SimTime::from_secs(60));
        assert_eq!(run.due(), SimTime::from_secs(120));
        assert_eq!(gate().interval, SimSpan::from_secs(60));
    }
}
