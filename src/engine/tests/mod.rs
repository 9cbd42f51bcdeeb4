//! The engine as a whole: what must hold for every rehearsal, and the controllers' timelines.

mod bandits;
mod batch;
mod between;
mod by_users;
mod controllers;
mod dialects;
mod families;
mod faults;
mod invariants;
mod judges;
mod people;
mod queues;
mod strategies;

use proptest::prelude::*;

use super::fixture::{self, gate, secs};
use super::{simulate, simulate_watched};
use crate::domain::gate::Reaction;
use crate::domain::{
    Answer, ArmId, Arrivals, BatchServing, Condition, Dialect, EventKind, Fault, FaultKind, Gate,
    Inputs, Intervention, InterventionKind, LabelDelay, Latency, Metric, MicroBatching,
    OutcomeKind, Plan, PlanDraft, Progress, Ramp, Recording, ShadowEnd, SimSpan, SimTime, SplitBy,
    Step, Strategy, StrategyKind, Verdict,
};

fn run(draft: PlanDraft, wrong: &[f64]) -> Recording {
    simulate(&fixture::plan(draft), &fixture::inputs(wrong), &[])
}

fn canary(weights: &[f64], hold: u64) -> Strategy {
    let steps = weights.iter().map(|weight| Step { weight: *weight, hold: Some(secs(hold)) });
    Strategy::Canary {
        ramp: Ramp::Steps(steps.collect()),
        by: SplitBy::Users,
        dynamic_stable_scale: false,
        scale_down_delay: secs(30),
        abort_scale_down_delay: secs(30),
    }
}

fn quality_gate() -> Gate {
    gate("accuracy", Metric::Accuracy, Condition::AtLeast(0.85))
}

fn error_fault(at: u64, percent: f64) -> Fault {
    Fault {
        at: SimTime::from_secs(at),
        lasts: None,
        arm: None,
        what: FaultKind::Errors { percent },
    }
}

/// `(second, what)` of each change of the candidate's requested share.
fn weights(recording: &Recording) -> Vec<(f64, f64)> {
    let of_candidate = |event: &crate::domain::Event| match event.kind {
        EventKind::Feasible { arm: ArmId::CANDIDATE, share } => {
            Some((event.at.as_secs_f64(), (share * 1e6).round() / 1e6))
        }
        _ => None,
    };
    recording.events.iter().filter_map(of_candidate).collect()
}

fn at(recording: &Recording) -> f64 {
    recording.outcome.at.as_secs_f64()
}
