//! Whether a recording from a file hangs together: every place in it exists, and no sum over it can
//! overflow. What is read further on may then be trusted as if it had been simulated here.

use crate::domain::{
    ArmId, ArmWindow, BatchJob, EventKind, InterventionKind, MAX_ARMS, Quality, Recording, Window,
};

/// The first thing that cannot be in a recording, if there is one.
pub(super) fn check(recording: &Recording) -> Result<(), String> {
    let arms = recording.arms.len();
    if arms == 0 || arms > MAX_ARMS {
        return Err(format!("it has {arms} arms"));
    }
    let names = Names { recording };
    names.arm(recording.outcome.winner)?;
    let counts = recording.windows.len().max(recording.jobs.len()).max(1) as u64;
    // Several counts of a window are added to one another, hence the 16.
    let largest = u64::MAX / counts / 16;
    let mut before = None;
    for (number, window) in recording.windows.iter().enumerate() {
        let in_window = |fault: String| format!("window {number}: {fault}");
        if window.end < window.start || before.is_some_and(|end| window.start < end) {
            return Err(in_window("it does not follow the one before".to_owned()));
        }
        before = Some(window.end);
        names.window(window).map_err(in_window)?;
        window.arms.iter().try_for_each(|arm| sizes(arm, largest)).map_err(in_window)?;
    }
    for (number, event) in recording.events.iter().enumerate() {
        names.event(&event.kind).map_err(|fault| format!("event {number}: {fault}"))?;
    }
    for (number, job) in recording.jobs.iter().enumerate() {
        let in_job = |fault: String| format!("job {number}: {fault}");
        names.arm(job.arm).map_err(in_job)?;
        job_sizes(job, largest).map_err(in_job)?;
    }
    Ok(())
}

struct Names<'a> {
    recording: &'a Recording,
}

impl Names<'_> {
    fn arm(&self, arm: ArmId) -> Result<(), String> {
        exists("arm", arm.index(), &self.recording.arms)
    }

    fn stage(&self, stage: u16) -> Result<(), String> {
        exists("stage", usize::from(stage), &self.recording.stages)
    }

    fn window(&self, window: &Window) -> Result<(), String> {
        self.stage(window.stage)?;
        if window.arms.len() != self.recording.arms.len() {
            return Err(format!("it has {} arms", window.arms.len()));
        }
        Ok(())
    }

    fn event(&self, kind: &EventKind) -> Result<(), String> {
        match kind {
            EventKind::Stage(stage) => self.stage(*stage),
            EventKind::Measured(measured) => {
                exists("gate", usize::from(measured.gate), &self.recording.gates)?;
                self.arm(measured.arm)
            }
            EventKind::Tested(tested) => {
                exists("gate", usize::from(tested.gate), &self.recording.gates)?;
                self.arm(tested.arm)
            }
            EventKind::Compared(compared) => {
                exists("gate", usize::from(compared.gate), &self.recording.gates)?;
                self.arm(compared.arm)
            }
            EventKind::Scored(scored) => {
                exists("gate", usize::from(scored.gate), &self.recording.gates)?;
                self.arm(scored.arm)
            }
            EventKind::GateEnded { gate, arm, .. } => {
                exists("gate", usize::from(*gate), &self.recording.gates)?;
                self.arm(*arm)
            }
            EventKind::Weight { arm, .. }
            | EventKind::Feasible { arm, .. }
            | EventKind::Scale { arm, .. }
            | EventKind::Ready { arm, .. }
            | EventKind::Mirror { arm, .. }
            | EventKind::Cut { arm, .. }
            | EventKind::JobEnded { arm, .. }
            | EventKind::Promoted { arm, .. } => self.arm(*arm),
            EventKind::Intervened(InterventionKind::SetLimit { gate, .. }) => {
                exists("gate", usize::from(*gate), &self.recording.gates)
            }
            EventKind::Learned(learned) => {
                let arms = self.recording.arms.len();
                let known = learned.arms.len();
                if known == arms { Ok(()) } else { Err(format!("it tells of {known} arms")) }
            }
            EventKind::FaultBegan(_)
            | EventKind::FaultEnded(_)
            | EventKind::Paused(_)
            | EventKind::Resumed
            | EventKind::Aborted { .. }
            | EventKind::RolledBack { .. }
            | EventKind::Intervened(_)
            | EventKind::Degraded(_)
            | EventKind::Ended(_) => Ok(()),
        }
    }
}

fn exists(what: &str, place: usize, names: &[String]) -> Result<(), String> {
    if place < names.len() { Ok(()) } else { Err(format!("there is no {what} {place}")) }
}

fn sizes(arm: &ArmWindow, largest: u64) -> Result<(), String> {
    let own = [
        arm.arrivals,
        arm.mirrored,
        arm.mirror_dropped,
        arm.answered,
        arm.errors,
        arm.timeouts,
        arm.rejected,
        arm.mirror_failed,
        arm.latency_sum,
        arm.busy,
        arm.capacity,
        arm.replica_time,
        arm.downtime,
        arm.units,
    ];
    let of_quality = arm.quality.iter().flat_map(|quality| {
        let Quality { answers, labelled, correct, positive, .. } = *quality;
        let Quality { true_positive, false_positive, false_negative, .. } = *quality;
        let Quality { agree, harm, gain, .. } = *quality;
        [answers, labelled, correct, positive, agree, harm, gain].into_iter().chain([
            true_positive,
            false_positive,
            false_negative,
        ])
    });
    all_below(own.into_iter().chain(arm.paired).chain(of_quality), largest)
}

fn job_sizes(job: &BatchJob, largest: u64) -> Result<(), String> {
    if job.end < job.start {
        return Err("it ends before it starts".to_owned());
    }
    all_below([job.rows, job.deadline_misses, job.end.micros()].into_iter(), largest)
}

fn all_below(mut numbers: impl Iterator<Item = u64>, largest: u64) -> Result<(), String> {
    match numbers.find(|number| *number > largest) {
        Some(number) => Err(format!("{number} is no count of a rehearsal")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::domain::{Event, SimTime};

    #[test]
    fn a_simulated_recording_is_sound() {
        assert_eq!(check(&fixture::recording(20, 3)), Ok(()));
    }

    #[test]
    fn places_that_do_not_exist_and_sums_that_overflow_are_found() {
        let fault = |change: fn(&mut Recording)| {
            let mut recording = fixture::recording(20, 3);
            change(&mut recording);
            check(&recording).unwrap_err()
        };
        assert!(fault(|r| r.windows[3].stage = 9).contains("no stage 9"));
        assert!(fault(|r| r.windows[3].arms[0].busy = u64::MAX / 2).contains("window 3"));
        assert!(fault(|r| r.windows.swap(0, 1)).contains("does not follow"));
        assert!(fault(|r| r.arms.clear()).contains("0 arms"));
        assert!(fault(|r| r.outcome.winner = ArmId::new(3)).contains("no arm 3"));
        let event = Event { at: SimTime::START, kind: EventKind::Stage(100) };
        let mut recording = fixture::recording(2, 1);
        recording.events.push(event);
        assert!(check(&recording).unwrap_err().contains("no stage 100"));
    }
}
