//! What a person can do at a moment, and why not.

use crate::domain::{
    EventKind, Fault, FaultKind, InterventionKind, OutcomeKind, Recording, SimSpan, SimTime,
    StrategyKind,
};

use super::time_axis;

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    pub label: &'static str,
    pub kind: InterventionKind,
    /// Why it cannot be done now.
    pub can: Result<(), &'static str>,
}

/// How the rollout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// One model alone.
    Alone,
    Open,
    /// On hold for a person.
    Held,
    Promoted,
    /// The traffic went back to the baseline.
    Returned,
    /// Decided for the baseline, or over.
    Closed,
}

fn standing(recording: &Recording, now: SimTime) -> Standing {
    if recording.strategy == StrategyKind::Single || recording.arms.len() < 2 {
        return Standing::Alone;
    }
    let past = recording.events.iter().filter(|event| event.at <= now);
    past.fold(Standing::Open, |standing, event| match &event.kind {
        EventKind::Promoted { .. } => Standing::Promoted,
        EventKind::Aborted { .. } | EventKind::RolledBack { .. } => Standing::Returned,
        EventKind::Intervened(InterventionKind::Retry) => Standing::Open,
        EventKind::Paused(_) if standing == Standing::Open => Standing::Held,
        EventKind::Resumed if standing == Standing::Held => Standing::Open,
        EventKind::Ended(OutcomeKind::Kept) => Standing::Closed,
        _ => standing,
    })
}

/// Forward, hold, back: always three, so that buttons keep their places.
pub fn acts(recording: &Recording, now: SimTime) -> [Act; 3] {
    const ALONE: &str = "One model alone: there is nothing to roll out";
    const TAKEN_OVER: &str = "The candidate has already taken over";
    const BACK: &str = "The traffic is already back on A";
    const KEPT: &str = "The run has decided to keep A";
    let standing = standing(recording, now);
    let refusal = |promoted: Option<&'static str>, returned: Option<&'static str>| match standing {
        Standing::Alone => Err(ALONE),
        Standing::Promoted => promoted.map_or(Ok(()), Err),
        Standing::Returned => returned.map_or(Ok(()), Err),
        Standing::Closed => Err(KEPT),
        Standing::Open | Standing::Held => Ok(()),
    };
    let act = |label, kind, can| Act { label, kind, can };
    let forward = if standing == Standing::Returned {
        act("Retry", InterventionKind::Retry, Ok(()))
    } else {
        act("Promote", InterventionKind::Promote, refusal(Some(TAKEN_OVER), None))
    };
    let hold = if standing == Standing::Held {
        act("Resume", InterventionKind::Resume, Ok(()))
    } else {
        act("Hold", InterventionKind::Pause, refusal(Some(TAKEN_OVER), Some(BACK)))
    };
    let back = if standing == Standing::Promoted {
        act("Roll back", InterventionKind::RollBack, Ok(()))
    } else {
        act("Roll back", InterventionKind::Abort, refusal(None, Some(BACK)))
    };
    [forward, hold, back]
}

/// Ready faults for the arm called `name`, each lasting about a twelfth of the run.
pub fn faults(name: &str, now: SimTime, end: SimTime) -> Vec<Fault> {
    let lasts = time_axis::step(end, 12);
    let kinds = [
        FaultKind::Latency { factor: 3.0, add: SimSpan::ZERO },
        FaultKind::Errors { percent: 20.0 },
        FaultKind::Crash,
        FaultKind::ReplicaLoss { replicas: 1 },
        FaultKind::LabelOutage,
        FaultKind::MetricOutage,
        FaultKind::Burst { factor: 3.0 },
    ];
    let fault = |what: FaultKind| {
        let arm = what.is_of_arm().then(|| name.to_owned());
        Fault { at: now, lasts: Some(lasts), arm, what }
    };
    kinds.map(fault).to_vec()
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn every_refusal_gives_its_reason_and_buttons_keep_their_places() {
        let recording = fixture::recording(StrategyKind::Canary);
        let before = acts(&recording, SimTime::from_secs(100));
        assert!(before.iter().all(|act| act.can.is_ok()));
        assert_eq!(before[2].kind, InterventionKind::Abort);
        let after = acts(&recording, SimTime::from_secs(310));
        assert_eq!(after[0].can, Err("The candidate has already taken over"));
        assert_eq!((&after[2].kind, after[2].can), (&InterventionKind::RollBack, Ok(())));
        let alone = acts(&fixture::recording(StrategyKind::Single), SimTime::START);
        assert!(alone.iter().all(|act| act.can.is_err()));
    }

    #[test]
    fn after_an_abort_one_can_retry_and_on_hold_resume() {
        let mut recording = fixture::recording(StrategyKind::Canary);
        let at = SimTime::from_secs(200);
        let hold = EventKind::Paused("the error rate".to_owned());
        recording.events.push(crate::domain::Event { at, kind: hold });
        assert_eq!(acts(&recording, at)[1].label, "Resume");
        let abort = EventKind::Aborted { reason: "the error rate".to_owned() };
        recording.events.push(crate::domain::Event { at, kind: abort });
        let acts = acts(&recording, at);
        assert_eq!(
            (acts[0].label, acts[1].can.is_ok(), acts[2].can.is_ok()),
            ("Retry", false, false)
        );
    }
}
