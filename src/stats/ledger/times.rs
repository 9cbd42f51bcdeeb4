//! When a rollout was complete, and when a bad one was noticed.

use crate::domain::{ArmId, EventKind, Recording, SimSpan, SimTime};

/// From the start until a candidate had all live traffic: its fleet carried 100 %, or it was
/// promoted, whichever came first.
pub(super) fn to_full(recording: &Recording) -> Option<SimSpan> {
    let at = recording.events.iter().find_map(|event| match &event.kind {
        EventKind::Feasible { arm, share } if is_candidate(*arm) && *share > 1.0 - 1e-9 => {
            Some(event.at)
        }
        EventKind::Promoted { arm, .. } if is_candidate(*arm) => Some(event.at),
        _ => None,
    })?;
    Some(at.since(SimTime::START))
}

/// From the candidate's first request, live or copied, or from the first fault, whichever is later,
/// to the first decision to send the traffic back.
pub(super) fn to_detect(recording: &Recording) -> Option<SimSpan> {
    let decided = first(recording, |kind| {
        matches!(kind, EventKind::Aborted { .. } | EventKind::RolledBack { .. })
    })?;
    let met = first_exposure(recording).unwrap_or(SimTime::START);
    let broken = first(recording, |kind| matches!(kind, EventKind::FaultBegan(_)));
    // A fault that came only after the decision is not what was detected.
    let begin = broken.filter(|at| *at <= decided).map_or(met, |at| at.max(met));
    Some(decided.since(begin))
}

fn first(recording: &Recording, wanted: impl Fn(&EventKind) -> bool) -> Option<SimTime> {
    recording.events.iter().find(|event| wanted(&event.kind)).map(|event| event.at)
}

/// The start of the first window in which a candidate got a request, or the moment within it when
/// it was given a share.
fn first_exposure(recording: &Recording) -> Option<SimTime> {
    let window = recording
        .windows
        .iter()
        .find(|window| window.arms.iter().skip(1).any(|arm| arm.arrivals + arm.mirrored > 0))?;
    let opened = recording.events.iter().find_map(|event| match &event.kind {
        EventKind::Feasible { arm, share } | EventKind::Mirror { arm, share }
            if is_candidate(*arm) && *share > 0.0 =>
        {
            Some(event.at)
        }
        _ => None,
    });
    Some(opened.filter(|at| *at < window.end).map_or(window.start, |at| at.max(window.start)))
}

fn is_candidate(arm: ArmId) -> bool {
    arm != ArmId::BASELINE
}
