//! Flagger: a loop of ticks. At each the checks run in their order until one fails; no value is a
//! failure. Failures add up over all checks and the whole release, and passes take none away. The
//! tick *after* the one that reached the threshold rolls back, before anything else.

use crate::domain::dialect::{flagger, is_within};
use crate::domain::gate::Reaction;
use crate::domain::{Condition, EventKind, Gate, Plan, SimSpan, SimTime, Strategy, Verdict};

use super::{Checks, StageEnd, reading, sentence, set_limit};
use crate::engine::recorder::Sight;

#[derive(Clone, Debug)]
pub(super) struct Ticks {
    gates: Vec<Gate>,
    interval: SimSpan,
    threshold: u32,
    /// Passed ticks that the first stage needs; every other needs one.
    iterations: u32,
    /// A stage in which checks run.
    is_analysing: bool,
    /// Ticks of this stage at which everything passed, and the last of them.
    passed: u32,
    passed_at: Option<SimTime>,
    failed: u32,
    /// What the last failed check said.
    last: String,
    /// Why this tick rolls back.
    rollback: Option<String>,
    /// The last look of the controller.
    now: SimTime,
}

impl Ticks {
    pub fn new(plan: &Plan) -> Self {
        let interval = flagger::interval(plan);
        let iterations = match &plan.strategy {
            Strategy::BlueGreen { preview, .. } => flagger::iterations(*preview, interval),
            _ => 1,
        };
        Self {
            gates: plan.gates.clone(),
            interval,
            threshold: flagger::threshold(plan),
            iterations,
            is_analysing: false,
            passed: 0,
            passed_at: None,
            failed: 0,
            last: String::new(),
            rollback: None,
            now: SimTime::START,
        }
    }

    /// The gates that count, with their places.
    fn counting(&self) -> impl Iterator<Item = (usize, &Gate)> {
        self.gates.iter().enumerate().filter(|(_, gate)| !gate.dry_run)
    }

    /// All checks of a tick up to the first that fails.
    fn check(&mut self, sight: Option<&Sight<'_>>) -> Vec<EventKind> {
        let mut events = Vec::new();
        let mut failure = None;
        for (place, gate) in self.counting() {
            let mut measurement = reading(gate, place, sight);
            let passes = is_within(gate, measurement.value, measurement.baseline) == Some(true);
            measurement.verdict = if passes { Verdict::Pass } else { Verdict::Fail };
            let said = sentence(gate, measurement.value, measurement.limit);
            events.push(EventKind::Measured(measurement));
            if !passes {
                failure = Some(format!("{}: {said}", gate.name));
                break;
            }
        }
        match failure {
            Some(said) => {
                self.failed += 1;
                self.last = said;
            }
            None => {
                self.passed += 1;
                self.passed_at = Some(self.now);
            }
        }
        events
    }
}

impl Checks for Ticks {
    fn is_empty(&self) -> bool {
        self.counting().next().is_none()
    }

    fn longest_span(&self) -> SimSpan {
        self.gates.iter().map(Gate::span).max().unwrap_or(SimSpan::ZERO)
    }

    fn set_limit(&mut self, gate: u16, pass_when: Condition) {
        set_limit(&mut self.gates, gate, pass_when);
    }

    fn enter_stage(&mut self, number: Option<u32>, _now: SimTime) {
        self.is_analysing = number.is_some();
        self.passed = 0;
    }

    fn begin_stage(&mut self, _number: u32, _now: SimTime) {}

    fn stop(&mut self) {
        self.is_analysing = false;
        self.failed = 0;
        self.rollback = None;
    }

    fn restart_ended(&mut self, _now: SimTime) {}

    /// The next tick, or a moment at which what a tick looks at begins.
    fn next(&self) -> SimTime {
        let tick = self.now.next_multiple(self.interval);
        let before = |gate: &Gate| {
            SimSpan::from_micros(gate.span().micros() % self.interval.micros().max(1))
        };
        let starts = self.counting().map(|(_, gate)| tick - before(gate));
        starts.filter(|start| *start > self.now).min().unwrap_or(tick)
    }

    fn measure(&mut self, now: SimTime, sight: Option<&Sight<'_>>) -> Vec<EventKind> {
        self.now = now;
        if !self.is_analysing || !now.is_multiple_of(self.interval) {
            return Vec::new();
        }
        if self.failed >= self.threshold {
            let checks = if self.failed == 1 { "check" } else { "checks" };
            self.rollback =
                Some(format!("{} failed {checks}, the last {}", self.failed, self.last));
            return Vec::new();
        }
        self.check(sight)
    }

    fn reaction(&self) -> Option<(Reaction, String)> {
        self.rollback.clone().map(|reason| (Reaction::Abort, reason))
    }

    fn allow_end(&mut self, end: StageEnd) -> bool {
        let needed = if end.number == 1 { self.iterations } else { 1 };
        self.passed_at == Some(end.now) && self.passed >= needed
    }
}
