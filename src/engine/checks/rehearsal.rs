//! Our own rules: every gate on every candidate counts for itself.

use crate::domain::gate::Reaction;
use crate::domain::gate_test::Method;
use crate::domain::{
    ArmId, Condition, Correction, EventKind, Gate, Plan, SimSpan, SimTime, UnitSum, Verdict,
};

use super::{Check, Checks, StageEnd, of_plan, reason, sentence};
use crate::engine::comparing::between;
use crate::engine::gates::{GateRun, Look};
use crate::engine::recorder::Sight;

#[derive(Clone, Debug)]
pub(super) struct OwnGates {
    /// As in the plan, with the limits that a person has changed since.
    gates: Vec<Gate>,
    checks: Vec<Check>,
    /// A single run is measured against itself: its gates say how often they err, and do nothing.
    is_watched_only: bool,
}

impl OwnGates {
    /// `arms` are those that gates look at: the candidates, or the baseline of a single run.
    pub fn new(plan: &Plan, arms: &[ArmId]) -> Self {
        Self {
            gates: plan.gates.clone(),
            checks: of_plan(plan, arms),
            is_watched_only: arms.contains(&ArmId::BASELINE),
        }
    }
}

impl OwnGates {
    /// Looks, where a measurement is due, and adds what is new to the evidence.
    fn learn(&mut self, now: SimTime, sight: Option<&Sight<'_>>) -> Vec<Option<Look>> {
        let of_check = |check: &mut Check| {
            let gate = &self.gates[check.gate];
            let run = check.run.as_mut().filter(|run| run.due() <= now)?;
            let look = sight.map_or(Look::Unavailable, |sight| look(gate, run, sight));
            run.learn(&look);
            Some(look)
        };
        self.checks.iter_mut().map(of_check).collect()
    }

    /// The part of its level at which each gate of a family is judged.
    fn part(&self, correction: Correction) -> f64 {
        let family: Vec<(&Gate, &GateRun)> = self
            .checks
            .iter()
            .filter_map(|check| Some((&self.gates[check.gate], check.run.as_ref()?)))
            .filter(|(gate, _)| gate.correction == correction && gate.test.is_some())
            .collect();
        let found = |part: f64| family.iter().filter(|(gate, run)| run.finds(gate, part)).count();
        correction.part(family.len(), found)
    }
}

impl Checks for OwnGates {
    fn is_empty(&self) -> bool {
        self.gates.is_empty()
    }

    fn longest_span(&self) -> SimSpan {
        let spans = self.gates.iter().map(|gate| {
            let first = gate.initial_delay + gate.interval;
            if gate.test.is_some() { gate.span().max(first) } else { gate.span() }
        });
        spans.max().unwrap_or(SimSpan::ZERO)
    }

    fn set_limit(&mut self, gate: u16, pass_when: Condition) {
        if let Some(gate) = self.gates.get_mut(usize::from(gate)) {
            gate.pass_when = Some(pass_when);
        }
    }

    /// The gates of this stage start, those of other stages alone stop.
    fn begin_stage(&mut self, number: u32, now: SimTime) {
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

    fn stop(&mut self) {
        for check in &mut self.checks {
            check.run = None;
        }
    }

    fn restart_ended(&mut self, now: SimTime) {
        for check in &mut self.checks {
            let ended = |run: &&mut GateRun| run.ended().is_some_and(|end| end != Verdict::Pass);
            if let Some(run) = check.run.as_mut().filter(ended) {
                run.reset(&self.gates[check.gate], now);
            }
        }
    }

    fn next(&self) -> SimTime {
        let due = self.checks.iter().filter_map(|check| check.run.as_ref()).map(GateRun::due);
        due.min().unwrap_or(SimTime::NEVER)
    }

    fn count_users(&mut self, shares: &[f64], units: &[Vec<UnitSum>]) {
        for run in self.checks.iter_mut().filter_map(|check| check.run.as_mut()) {
            let arm = run.arm().index();
            if let (Some(share), [baseline, ..], Some(candidate)) =
                (shares.get(arm), units, units.get(arm))
            {
                run.count_users(*share, [baseline, candidate]);
            }
        }
    }

    fn measure(&mut self, now: SimTime, sight: Option<&Sight<'_>>) -> Vec<EventKind> {
        let looks = self.learn(now, sight);
        // All evidence is in before anything is judged: gates of one family depend on one another.
        let parts = Correction::ALL.map(|correction| self.part(correction));
        let mut events = Vec::new();
        for (check, look) in self.checks.iter_mut().zip(looks) {
            let gate = &self.gates[check.gate];
            let (Some(run), Some(look)) = (check.run.as_mut(), look) else { continue };
            let part = parts[gate.correction as usize];
            let (measurement, evidence) = run.judge_at(part, gate, now, look);
            check.last = sentence(gate, measurement.value, measurement.limit);
            events.push(EventKind::Measured(measurement));
            if let Some(evidence) = evidence {
                check.last.extend(evidence.evidence().map(|(_, text)| format!(" ({text})")));
                events.push(evidence);
            }
            if let Some(verdict) = run.ended() {
                let (gate, arm) = (check.gate as u16, run.arm());
                events.push(EventKind::GateEnded { gate, arm, verdict });
            }
        }
        events
    }

    fn reaction(&self) -> Option<(Reaction, String)> {
        if self.is_watched_only {
            return None;
        }
        let of_checks = self.checks.iter().filter_map(|check| {
            let gate = &self.gates[check.gate];
            let run = check.run.as_ref()?;
            let verdict = run.ended()?;
            match run.reaction(gate) {
                Reaction::Continue => None,
                asked => Some((asked, reason(gate, verdict, &check.last))),
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

    /// A gate of this stage alone must have ended; and the last stage waits until each gate that can
    /// see anything has passed or failed once.
    fn allow_end(&mut self, end: StageEnd) -> bool {
        self.is_watched_only
            || self.checks.iter().all(|check| {
                let gate = &self.gates[check.gate];
                let Some(run) = &check.run else { return true };
                let is_blind = !end.baseline_takes_part && gate.needs_baseline();
                let must_end = gate.only_stage == Some(end.number) && run.ended().is_none();
                let must_see = end.is_last && !run.has_conclusive() && run.ended().is_none();
                gate.dry_run || is_blind || !(must_end || must_see)
            })
    }
}

/// What a gate looks at now.
fn look(gate: &Gate, run: &GateRun, sight: &Sight<'_>) -> Look {
    let arm = run.arm();
    if let Some(judge) = &gate.judge {
        return Look::Points(sight.points(gate, judge));
    }
    if gate.metric.is_comparison() {
        return Look::Between(between(gate, arm, sight));
    }
    let span = sight.window(gate.span());
    let new = match gate.test.map(|test| test.method) {
        None => Vec::new(),
        Some(Method::Fixed) => vec![span.clone()],
        Some(_) => sight.stretches(run.looked()),
    };
    Look::Counted { span, new }
}
