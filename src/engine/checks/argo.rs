//! Argo Rollouts: analyses. Gates of one stage are its step's analysis, which comes after the pause
//! of a canary's step and before that of a blue-green's; all others are one analysis in the
//! background.
//!
//! An analysis measures at once when it starts, over windows that know nothing of weights. It ends
//! with the first of its metrics that fails, is inconclusive or gets no answer; the metrics that
//! this cuts short count as successful, and so does one that never measured.

use crate::domain::dialect::argo;
use crate::domain::gate::Reaction;
use crate::domain::{
    ArmId, Condition, EventKind, Gate, Plan, SimSpan, SimTime, StrategyKind, Verdict,
};

use super::{Check, Checks, StageEnd, of_plan, reason, sentence, set_limit};
use crate::engine::comparing::between;
use crate::engine::gates::{GateRun, Look};
use crate::engine::recorder::Sight;

#[derive(Clone, Debug)]
pub(super) struct Analyses {
    gates: Vec<Gate>,
    checks: Vec<Check>,
    /// The step's own analysis waits for the end of the pause.
    pauses_first: bool,
}

impl Analyses {
    pub fn new(plan: &Plan, arms: &[ArmId]) -> Self {
        Self {
            gates: plan.gates.iter().map(argo::metric).collect(),
            checks: of_plan(plan, arms),
            pauses_first: plan.strategy.kind() != StrategyKind::BlueGreen,
        }
    }

    /// Starts the metrics that `belongs` picks and that do not run yet; true if there was one.
    fn start(&mut self, now: SimTime, belongs: impl Fn(&Gate) -> bool) -> bool {
        let mut is_any = false;
        for check in self.checks.iter_mut().filter(|check| check.run.is_none()) {
            let gate = &self.gates[check.gate];
            if belongs(gate) {
                check.run = Some(started(gate, check, now));
                is_any = true;
            }
        }
        is_any
    }

    /// Whether two metrics belong to the same analysis.
    fn is_same(&self, a: usize, b: usize) -> bool {
        self.gates[a].only_stage == self.gates[b].only_stage
    }

    /// The metrics that have ended other than well, and so end their analyses.
    fn broken(&self) -> Vec<usize> {
        let is_broken = |check: &&Check| {
            let ended = check.run.as_ref().and_then(GateRun::ended);
            !self.gates[check.gate].dry_run && ended.is_some_and(|end| end != Verdict::Pass)
        };
        self.checks.iter().filter(is_broken).map(|check| check.gate).collect()
    }

    /// What is still measured in an analysis that is over counts as successful.
    fn cut_short(&mut self) {
        for broken in self.broken() {
            for place in 0..self.checks.len() {
                if self.is_same(self.checks[place].gate, broken)
                    && let Some(run) = &mut self.checks[place].run
                {
                    run.cut_short();
                }
            }
        }
    }
}

fn started(gate: &Gate, check: &Check, now: SimTime) -> GateRun {
    let run = GateRun::new(gate, check.gate as u16, check.arm, now);
    run.first_due(now + gate.initial_delay)
}

/// A metric whose arm has never counted anything is no series yet, which no expression survives.
fn look(gate: &Gate, arm: ArmId, sight: &Sight<'_>) -> Look {
    if let Some(judge) = &gate.judge {
        return Look::Points(sight.across_weights().points(gate, judge));
    }
    if gate.metric.is_comparison() {
        return Look::Between(between(gate, arm, &sight.across_weights()));
    }
    let span = sight.across_weights().window(gate.span());
    let is_empty = span.arm(arm).is_none_or(|arm| arm.samples(gate.metric) == 0);
    if is_empty
        && !sight.has_ever(|window| window.arm(arm).is_some_and(|a| a.samples(gate.metric) > 0))
    {
        return Look::Unavailable;
    }
    Look::Counted { span, new: Vec::new() }
}

impl Checks for Analyses {
    fn is_empty(&self) -> bool {
        self.gates.is_empty()
    }

    fn longest_span(&self) -> SimSpan {
        self.gates.iter().map(Gate::span).max().unwrap_or(SimSpan::ZERO)
    }

    fn set_limit(&mut self, gate: u16, pass_when: Condition) {
        set_limit(&mut self.gates, gate, pass_when);
    }

    /// The background starts with the step, whether or not its fleet is ready.
    fn enter_stage(&mut self, number: Option<u32>, now: SimTime) {
        let Some(number) = number else { return };
        for check in &mut self.checks {
            if self.gates[check.gate].only_stage.is_some_and(|only| only != number) {
                check.run = None;
            }
        }
        self.start(now, |gate| gate.only_stage.is_none() && number >= gate.from_stage);
    }

    fn begin_stage(&mut self, number: u32, now: SimTime) {
        if !self.pauses_first {
            self.start(now, |gate| gate.only_stage == Some(number));
        }
    }

    fn stop(&mut self) {
        for check in &mut self.checks {
            check.run = None;
        }
    }

    fn restart_ended(&mut self, now: SimTime) {
        for broken in self.broken() {
            for place in 0..self.checks.len() {
                if self.is_same(self.checks[place].gate, broken) && self.checks[place].run.is_some()
                {
                    let check = &self.checks[place];
                    let run = started(&self.gates[check.gate], check, now);
                    self.checks[place].run = Some(run);
                }
            }
        }
    }

    fn next(&self) -> SimTime {
        let due = self.checks.iter().filter_map(|check| check.run.as_ref()).map(GateRun::due);
        due.min().unwrap_or(SimTime::NEVER)
    }

    fn measure(&mut self, now: SimTime, sight: Option<&Sight<'_>>) -> Vec<EventKind> {
        let mut events = Vec::new();
        for check in &mut self.checks {
            let gate = &self.gates[check.gate];
            let Some(run) = check.run.as_mut().filter(|run| run.due() <= now) else { continue };
            let look = sight.map_or(Look::Unavailable, |sight| look(gate, check.arm, sight));
            let (measurement, evidence) = run.measure(gate, now, look);
            check.last = sentence(gate, measurement.value, measurement.limit);
            events.push(EventKind::Measured(measurement));
            events.extend(evidence);
            if let Some(verdict) = run.ended() {
                let (gate, arm) = (check.gate as u16, check.arm);
                events.push(EventKind::GateEnded { gate, arm, verdict });
            }
        }
        self.cut_short();
        events
    }

    fn reaction(&self) -> Option<(Reaction, String)> {
        let asks = |check: &Check| {
            let gate = &self.gates[check.gate];
            let run = check.run.as_ref()?;
            let verdict = run.ended()?;
            let asked = Some(run.reaction(gate)).filter(|asked| *asked != Reaction::Continue)?;
            Some((verdict, asked, reason(gate, verdict, &check.last)))
        };
        // A run is as bad as its worst metric: failed, then without an answer, then inconclusive.
        let asked = self.checks.iter().filter_map(asks);
        let worst = asked.min_by_key(|(verdict, ..)| std::cmp::Reverse(*verdict));
        worst.map(|(_, asked, reason)| (asked, reason))
    }

    /// Only the step's own analysis can keep it.
    fn allow_end(&mut self, end: StageEnd) -> bool {
        if self.start(end.now, |gate| gate.only_stage == Some(end.number)) {
            return false;
        }
        self.checks.iter().all(|check| {
            let gate = &self.gates[check.gate];
            let is_own = gate.only_stage == Some(end.number);
            !is_own || check.run.as_ref().is_none_or(|run| run.ended().is_some())
        })
    }
}
