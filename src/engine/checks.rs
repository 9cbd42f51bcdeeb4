//! All gates of a plan at work: which measure in which stage, and what they ask of the rollout.

use crate::domain::gate::Reaction;
use crate::domain::gate_test::Method;
use crate::domain::{ArmId, Condition, EventKind, Gate, Plan, SimSpan, SimTime, Verdict};

use super::gates::{GateRun, Look};
use super::recorder::Sight;

/// One gate on one candidate.
#[derive(Clone, Debug)]
struct Check {
    gate: usize,
    arm: ArmId,
    run: Option<GateRun>,
    /// What its last measurement said, for the reason of an abort.
    last: String,
}

#[derive(Clone, Debug)]
pub(super) struct Checks {
    /// As in the plan, with the limits that a person has changed since.
    gates: Vec<Gate>,
    checks: Vec<Check>,
    /// A single run is measured against itself: its gates say how often they err, and do nothing.
    is_watched_only: bool,
}

impl Checks {
    /// `arms` are those that gates look at: the candidates, or the baseline of a single run.
    pub fn new(plan: &Plan, arms: &[ArmId]) -> Self {
        let checks = plan.gates.iter().enumerate().flat_map(|(gate, _)| {
            arms.iter().map(move |arm| Check { gate, arm: *arm, run: None, last: String::new() })
        });
        Self {
            gates: plan.gates.clone(),
            checks: checks.collect(),
            is_watched_only: arms.contains(&ArmId::BASELINE),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.gates.is_empty()
    }

    /// The longest stretch of time that a measurement looks at, or that passes between two.
    pub fn longest_span(&self) -> SimSpan {
        let spans = self.gates.iter().map(|gate| {
            let first = gate.initial_delay + gate.interval;
            if gate.test.is_some() { gate.span().max(first) } else { gate.span() }
        });
        spans.max().unwrap_or(SimSpan::ZERO)
    }

    pub fn set_limit(&mut self, gate: u16, pass_when: Condition) {
        if let Some(gate) = self.gates.get_mut(usize::from(gate)) {
            gate.pass_when = Some(pass_when);
        }
    }

    /// Stage `number` has come into force: its gates start, those of other stages alone stop.
    pub fn begin_stage(&mut self, number: u32, now: SimTime) {
        for check in &mut self.checks {
            let gate = &self.gates[check.gate];
            let belongs = match gate.only_stage {
                Some(only) => only == number,
                None => number >= gate.from_stage,
            };
            if !belongs {
                check.run = None;
            } else if check.run.is_none() || gate.only_stage.is_some() {
                check.run = Some(GateRun::new(gate, check.gate as u16, check.arm, now));
            }
        }
    }

    pub fn stop(&mut self) {
        for check in &mut self.checks {
            check.run = None;
        }
    }

    /// New runs for the gates that have ended, as when a person resumes or goes on.
    pub fn restart_ended(&mut self, now: SimTime) {
        for check in &mut self.checks {
            let ended = |run: &&mut GateRun| run.ended().is_some_and(|end| end != Verdict::Pass);
            if let Some(run) = check.run.as_mut().filter(ended) {
                run.reset(&self.gates[check.gate], now);
            }
        }
    }

    /// When the next measurement is due.
    pub fn next(&self) -> SimTime {
        let due = self.checks.iter().filter_map(|check| check.run.as_ref()).map(GateRun::due);
        due.min().unwrap_or(SimTime::NEVER)
    }

    /// Takes all measurements that are due; `sight` is `None` while the metrics are down.
    pub fn measure(&mut self, now: SimTime, sight: Option<&Sight<'_>>) -> Vec<EventKind> {
        let mut events = Vec::new();
        for check in &mut self.checks {
            let gate = &self.gates[check.gate];
            let Some(run) = check.run.as_mut().filter(|run| run.due() <= now) else { continue };
            let look = sight.map_or(Look::Unavailable, |sight| look(gate, run, sight));
            let (measurement, tested) = run.measure(gate, now, look);
            check.last = sentence(gate, measurement.value, measurement.limit);
            events.push(EventKind::Measured(measurement));
            if let Some(tested) = tested {
                check.last.push_str(&format!(" ({})", tested.sentence()));
                events.push(EventKind::Tested(tested));
            }
            if let Some(verdict) = run.ended() {
                let (gate, arm) = (check.gate as u16, run.arm());
                events.push(EventKind::GateEnded { gate, arm, verdict });
            }
        }
        events
    }

    /// The strongest thing that ended gates ask for, with the reason.
    pub fn reaction(&self) -> Option<(Reaction, String)> {
        if self.is_watched_only {
            return None;
        }
        let of_checks = self.checks.iter().filter_map(|check| {
            let gate = &self.gates[check.gate];
            let run = check.run.as_ref()?;
            let verdict = run.ended()?;
            let reason = match verdict {
                Verdict::Fail => format!("gate {} failed: {}", gate.name, check.last),
                Verdict::Error => format!("gate {} got no answer from the metrics", gate.name),
                _ => format!("gate {} is inconclusive: {}", gate.name, check.last),
            };
            match run.reaction(gate) {
                Reaction::Continue => None,
                asked => Some((asked, reason)),
            }
        });
        let mut found = None;
        for (asked, reason) in of_checks {
            if asked == Reaction::Abort {
                return Some((asked, reason));
            }
            found.get_or_insert((asked, reason));
        }
        found
    }

    /// Whether stage `number` may end. A gate of this stage alone must have ended; and the last
    /// stage waits until each gate that can see anything has passed or failed once.
    pub fn allow_end(&self, number: u32, is_last: bool, baseline_takes_part: bool) -> bool {
        self.is_watched_only
            || self.checks.iter().all(|check| {
                let gate = &self.gates[check.gate];
                let Some(run) = &check.run else { return true };
                let is_blind = !baseline_takes_part
                    && [gate.pass_when, gate.fail_when]
                        .iter()
                        .flatten()
                        .any(|condition| condition.needs_baseline());
                let must_end = gate.only_stage == Some(number) && run.ended().is_none();
                let must_see = is_last && !run.has_conclusive() && run.ended().is_none();
                gate.dry_run || is_blind || !(must_end || must_see)
            })
    }
}

/// What a gate looks at now.
fn look(gate: &Gate, run: &GateRun, sight: &Sight<'_>) -> Look {
    let span = sight.window(gate.span());
    let new = match gate.test.map(|test| test.method) {
        None => Vec::new(),
        Some(Method::Fixed) => vec![span.clone()],
        Some(_) => sight.stretches(run.looked()),
    };
    Look::Counted { span, new }
}

/// `Error rate 5.2 %, limit 1 %`
fn sentence(gate: &Gate, value: Option<f64>, limit: Option<f64>) -> String {
    let number = |x: Option<f64>| x.map(|x| gate.metric.format(x));
    match (number(value), number(limit)) {
        (Some(value), Some(limit)) => {
            format!("{} {value}, limit {limit}", gate.metric.label())
        }
        (Some(value), None) => format!("{} {value}", gate.metric.label()),
        (None, _) => format!("{} has no value", gate.metric.label()),
    }
}
