//! What happened in a rehearsal, and what a person did to it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ArmId, Compared, Condition, Fault, Learned, Measurement, OutcomeKind, Scored, SimTime, Tested,
    grouped,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub at: SimTime,
    pub kind: EventKind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A stage began: its place in [`super::Recording::stages`].
    Stage(u16),
    /// An arm's requested share changed, 0 to 1.
    Weight {
        arm: ArmId,
        share: f64,
    },
    /// The share that the fleet can carry changed, 0 to 1.
    Feasible {
        arm: ArmId,
        share: f64,
    },
    /// An arm's fleet is asked to have so many replicas.
    Scale {
        arm: ArmId,
        replicas: u32,
    },
    /// So many replicas of an arm are ready.
    Ready {
        arm: ArmId,
        replicas: u32,
    },
    /// A share of the requests (0 to 1) is copied to an arm.
    Mirror {
        arm: ArmId,
        share: f64,
    },
    Measured(Measurement),
    /// A gate came to its end: passed, failed, inconclusive, or without an answer.
    GateEnded {
        gate: u16,
        arm: ArmId,
        verdict: super::Verdict,
    },
    FaultBegan(String),
    FaultEnded(String),
    /// Requests in flight that were cut with their fleet.
    Cut {
        arm: ArmId,
        requests: u64,
    },
    JobEnded {
        arm: ArmId,
        rows: u64,
    },
    Paused(String),
    Resumed,
    Promoted {
        arm: ArmId,
        reason: String,
    },
    Aborted {
        reason: String,
    },
    RolledBack {
        reason: String,
    },
    /// A person acted.
    Intervened(InterventionKind),
    Ended(OutcomeKind),
    /// What stands behind the measurement just before it, where the gate weighs chance.
    Tested(Tested),
    /// Marked as late by a controller that goes on waiting.
    Degraded(String),
    /// What stands behind the measurement just before it, where a judge made it.
    Scored(Scored),
    /// The same, where the arms were compared with one another.
    Compared(Compared),
    /// What a bandit knows at the moment at which it sets its shares.
    Learned(Learned),
}

/// Something a person did at a moment of the rehearsal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Intervention {
    pub at: SimTime,
    #[serde(rename = "do")]
    pub kind: InterventionKind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InterventionKind {
    /// Go past the current stage, pause or check.
    Promote,
    /// Skip all that is left and give the candidate everything.
    PromoteFully,
    /// Traffic back to the baseline now.
    Abort,
    /// Return to the baseline after the candidate had been promoted.
    RollBack,
    /// Stay at this stage until resumed.
    Pause,
    Resume,
    /// After an abort: start again at the first stage.
    Retry,
    /// Break something from now on; the fault's own `at` is replaced by the intervention's.
    Inject(Fault),
    /// Change what a gate passes on, from now on.
    SetLimit {
        gate: u16,
        pass_when: Condition,
    },
}

impl InterventionKind {
    pub fn label(&self) -> String {
        match self {
            Self::Promote => "Promote".to_owned(),
            Self::PromoteFully => "Promote fully".to_owned(),
            Self::Abort => "Abort".to_owned(),
            Self::RollBack => "Roll back".to_owned(),
            Self::Pause => "Hold".to_owned(),
            Self::Resume => "Resume".to_owned(),
            Self::Retry => "Retry".to_owned(),
            Self::Inject(fault) => format!("Inject {}", fault.what.sentence()),
            Self::SetLimit { gate, .. } => format!("Change the limit of gate {}", gate + 1),
        }
    }
}

impl EventKind {
    /// The gate that it stands behind the last measurement of, and what it says.
    pub fn evidence(&self) -> Option<(u16, String)> {
        match self {
            Self::Tested(tested) => Some((tested.gate, tested.sentence())),
            Self::Scored(scored) => Some((scored.gate, scored.sentence())),
            Self::Compared(compared) => Some((compared.gate, compared.sentence())),
            _ => None,
        }
    }

    /// One line for lists. `names` are the arms' names, `gates` the gates', `stages` the stages'.
    pub fn sentence(&self, names: &[String], gates: &[String], stages: &[String]) -> String {
        let arm = |id: &ArmId| match names.get(id.index()) {
            Some(name) => format!("{id} {name}"),
            None => id.to_string(),
        };
        let nth = |list: &[String], index: u16| {
            list.get(usize::from(index)).cloned().unwrap_or_else(|| format!("{}", index + 1))
        };
        let percent = |share: f64| format!("{} %", (share * 1e4).round() / 100.0);
        match self {
            Self::Stage(stage) => format!("Stage: {}", nth(stages, *stage)),
            Self::Weight { arm: id, share } => {
                format!("{} asked to take {}", arm(id), percent(*share))
            }
            Self::Feasible { arm: id, share } => {
                format!("{} can take {}", arm(id), percent(*share))
            }
            Self::Scale { arm: id, replicas } => {
                format!("{} scales to {replicas} replicas", arm(id))
            }
            Self::Ready { arm: id, replicas } => format!("{}: {replicas} replicas ready", arm(id)),
            Self::Mirror { arm: id, share } => {
                format!("{} gets copies of {}", arm(id), percent(*share))
            }
            Self::Measured(m) => format!("{}: {}", nth(gates, m.gate), m.verdict.label()),
            Self::GateEnded { gate, verdict, .. } => {
                format!("Gate {} ended: {}", nth(gates, *gate), verdict.label())
            }
            Self::FaultBegan(what) => format!("Fault: {what}"),
            Self::FaultEnded(what) => format!("Fault over: {what}"),
            Self::Cut { arm: id, requests } => {
                format!("{} requests in flight were cut at {}", grouped(*requests), arm(id))
            }
            Self::JobEnded { arm: id, rows } => {
                format!("{} scored {} rows in a job", arm(id), grouped(*rows))
            }
            Self::Paused(why) => format!("On hold: {why}"),
            Self::Resumed => "Resumed".to_owned(),
            Self::Promoted { arm: id, reason } => format!("{} promoted: {reason}", arm(id)),
            Self::Aborted { reason } => format!("Aborted: {reason}"),
            Self::RolledBack { reason } => format!("Rolled back: {reason}"),
            Self::Intervened(kind) => format!("By hand: {}", kind.label()),
            Self::Ended(outcome) => format!("End: {}", outcome.label()),
            Self::Compared(compared) => {
                format!("{}: {}", nth(gates, compared.gate), compared.sentence())
            }
            Self::Scored(scored) => format!("{}: {}", nth(gates, scored.gate), scored.sentence()),
            Self::Degraded(why) => format!("Degraded: {why}"),
            Self::Learned(learned) => format!("Learned: {}", learned.sentence()),
            Self::Tested(tested) => format!("{}: {}", nth(gates, tested.gate), tested.sentence()),
        }
    }
}
