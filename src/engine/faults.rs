//! What is scripted to go wrong, and what goes wrong at a moment.

use std::sync::Arc;

use crate::domain::{Fault, FaultKind, Intervention, InterventionKind, Plan, SimTime};

use super::arrivals::Burst;
use super::flow::Condition;
use super::random::threshold;

/// One fault with its place in the plan; injected ones have none.
#[derive(Clone, Debug)]
pub(super) struct Scheduled {
    pub fault: Fault,
    /// The arm it hits, where it hits one.
    pub arm: usize,
    pub place: Option<usize>,
    pub is_active: bool,
}

/// A fault that begins or ends now.
pub(super) enum Change {
    Began(usize),
    Ended(usize),
}

/// The plan's faults and those that a person injects: all are known from the start, but none does
/// anything before its time.
#[derive(Clone, Debug)]
pub(super) struct Faults {
    pub all: Vec<Scheduled>,
}

impl Faults {
    pub fn new(plan: &Plan, interventions: &[Intervention]) -> Self {
        let scheduled = |fault: &Fault, place| Scheduled {
            fault: fault.clone(),
            arm: plan.arm_of(fault).index().min(plan.arms.len() - 1),
            place,
            is_active: false,
        };
        let planned = plan.faults.iter().enumerate().map(|(place, f)| scheduled(f, Some(place)));
        let injected = interventions.iter().filter_map(|intervention| match &intervention.kind {
            InterventionKind::Inject(fault) => {
                Some(scheduled(&Fault { at: intervention.at, ..fault.clone() }, None))
            }
            _ => None,
        });
        Self { all: planned.chain(injected).collect() }
    }

    /// When the next fault begins or ends.
    pub fn next(&self) -> SimTime {
        let edges = self.all.iter().map(|scheduled| {
            if scheduled.is_active { scheduled.fault.end() } else { scheduled.fault.at }
        });
        edges.min().unwrap_or(SimTime::NEVER)
    }

    /// What begins and ends by `now`, in the order of the plan.
    pub fn turn(&mut self, now: SimTime) -> Vec<Change> {
        let mut changes = Vec::new();
        for (index, scheduled) in self.all.iter_mut().enumerate() {
            if !scheduled.is_active && scheduled.fault.at <= now {
                scheduled.is_active = true;
                changes.push(Change::Began(index));
            }
            if scheduled.is_active && scheduled.fault.end() <= now {
                scheduled.is_active = false;
                // It never comes again.
                scheduled.fault.at = SimTime::NEVER;
                changes.push(Change::Ended(index));
            }
        }
        changes
    }

    fn active(&self) -> impl Iterator<Item = &Scheduled> {
        self.all.iter().filter(|scheduled| scheduled.is_active)
    }

    /// What is wrong with an arm's answers.
    pub fn condition(&self, arm: usize) -> Condition {
        let mut condition = Condition::FINE;
        let mut success = 1.0;
        for scheduled in self.active().filter(|scheduled| scheduled.arm == arm) {
            match scheduled.fault.what {
                FaultKind::Latency { factor, add } => {
                    condition.factor *= factor;
                    condition.add = condition.add * factor + add.micros() as f64;
                }
                FaultKind::Errors { percent } => success *= 1.0 - percent / 100.0,
                _ => {}
            }
        }
        condition.errors = threshold(1.0 - success);
        condition
    }

    /// True while gates get no answer.
    pub fn blinds_gates(&self) -> bool {
        self.active().any(|scheduled| scheduled.fault.what == FaultKind::MetricOutage)
    }

    /// The place in the plan of the drift that is on; of several the last.
    pub fn drift(&self) -> Option<usize> {
        let drifts = self.active().filter(|s| matches!(s.fault.what, FaultKind::Drift { .. }));
        drifts.filter_map(|scheduled| scheduled.place).last()
    }

    /// The flips of labels that are on: percent, segment, and a number that tells them apart.
    pub fn flips(&self) -> impl Iterator<Item = (f64, Option<&str>, u64)> {
        self.all.iter().zip(0..).filter(|(scheduled, _)| scheduled.is_active).filter_map(
            |(scheduled, number)| match &scheduled.fault.what {
                FaultKind::FlippedLabels { percent, segment } => {
                    Some((*percent, segment.as_deref(), number))
                }
                _ => None,
            },
        )
    }

    /// Stretches in which labels that would become known are lost, in microseconds.
    pub fn label_outages(&self) -> Vec<(u64, u64)> {
        let outages = self.all.iter().filter(|s| s.fault.what == FaultKind::LabelOutage);
        outages.map(|s| (s.fault.at.micros(), s.fault.end().micros())).collect()
    }

    pub fn bursts(&self) -> Arc<[Burst]> {
        let bursts = self.all.iter().filter_map(|scheduled| match scheduled.fault.what {
            FaultKind::Burst { factor } => Some(Burst {
                from: scheduled.fault.at.micros(),
                until: scheduled.fault.end().micros(),
                factor,
            }),
            _ => None,
        });
        bursts.collect()
    }
}
