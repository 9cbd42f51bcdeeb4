//! SageMaker: alarms. One goes off after so many breaching data points in a row, and any that does
//! ends the rollout; missing data points change nothing.

use crate::domain::dialect::{is_within, sagemaker};
use crate::domain::gate::Reaction;
use crate::domain::{
    ArmId, Condition, EventKind, Gate, Plan, SimSpan, SimTime, StrategyKind, Verdict,
};

use super::{Checks, StageEnd, reading, sentence, set_limit};
use crate::engine::recorder::Sight;

#[derive(Clone, Debug)]
pub(super) struct Alarms {
    alarms: Vec<Alarm>,
    /// A shadow test has none: what they would say is only shown.
    are_connected: bool,
}

#[derive(Clone, Debug)]
struct Alarm {
    gate: Gate,
    /// When its next period ends; never while it does not watch, or once it went off.
    due: SimTime,
    breaches_in_a_row: u32,
    reason: Option<String>,
}

impl Alarms {
    pub fn new(plan: &Plan) -> Self {
        let alarm = |gate: &Gate| Alarm {
            gate: gate.clone(),
            due: SimTime::NEVER,
            breaches_in_a_row: 0,
            reason: None,
        };
        Self {
            alarms: plan.gates.iter().map(alarm).collect(),
            are_connected: plan.strategy.kind() != StrategyKind::Shadow,
        }
    }
}

impl Alarm {
    fn measure(&mut self, place: usize, now: SimTime, sight: Option<&Sight<'_>>) -> Vec<EventKind> {
        let mut measurement = reading(&self.gate, place, sight);
        measurement.verdict = match is_within(&self.gate, measurement.value, measurement.baseline) {
            Some(true) => Verdict::Pass,
            Some(false) => Verdict::Fail,
            None => Verdict::Hold,
        };
        match measurement.verdict {
            Verdict::Pass => self.breaches_in_a_row = 0,
            Verdict::Fail => self.breaches_in_a_row += 1,
            _ => {}
        }
        self.due = now + self.gate.interval;
        let said = sentence(&self.gate, measurement.value, measurement.limit);
        let mut events = vec![EventKind::Measured(measurement)];
        let points = sagemaker::datapoints(&self.gate);
        if points.is_some_and(|points| self.breaches_in_a_row >= points) {
            self.reason = Some(format!("alarm {} went off: {said}", self.gate.name));
            self.due = SimTime::NEVER;
            let (gate, arm) = (place as u16, ArmId::CANDIDATE);
            events.push(EventKind::GateEnded { gate, arm, verdict: Verdict::Fail });
        }
        events
    }
}

impl Checks for Alarms {
    fn is_empty(&self) -> bool {
        !self.are_connected
            || self.alarms.iter().all(|alarm| sagemaker::datapoints(&alarm.gate).is_none())
    }

    fn longest_span(&self) -> SimSpan {
        self.alarms.iter().map(|alarm| alarm.gate.span()).max().unwrap_or(SimSpan::ZERO)
    }

    fn set_limit(&mut self, gate: u16, pass_when: Condition) {
        set_limit(self.alarms.iter_mut().map(|alarm| &mut alarm.gate), gate, pass_when);
    }

    /// All watch from the first shift on.
    fn begin_stage(&mut self, _number: u32, now: SimTime) {
        for alarm in &mut self.alarms {
            if alarm.due == SimTime::NEVER && alarm.reason.is_none() {
                alarm.due = now + alarm.gate.interval;
            }
        }
    }

    fn stop(&mut self) {
        for alarm in &mut self.alarms {
            (alarm.due, alarm.breaches_in_a_row, alarm.reason) = (SimTime::NEVER, 0, None);
        }
    }

    fn restart_ended(&mut self, _now: SimTime) {}

    fn next(&self) -> SimTime {
        self.alarms.iter().map(|alarm| alarm.due).min().unwrap_or(SimTime::NEVER)
    }

    fn measure(&mut self, now: SimTime, sight: Option<&Sight<'_>>) -> Vec<EventKind> {
        let due = self.alarms.iter_mut().enumerate().filter(|(_, alarm)| alarm.due <= now);
        due.flat_map(|(place, alarm)| alarm.measure(place, now, sight)).collect()
    }

    fn reaction(&self) -> Option<(Reaction, String)> {
        let reason = self.alarms.iter().find_map(|alarm| alarm.reason.clone());
        reason.filter(|_| self.are_connected).map(|reason| (Reaction::Abort, reason))
    }

    fn allow_end(&mut self, _end: StageEnd) -> bool {
        true
    }
}
