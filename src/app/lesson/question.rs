//! The question that ends a lesson. Which choice is right is measured on the recording, so that it
//! stays true when the experiment was changed.

use super::Lesson;
use crate::domain::{ArmId, ArmWindow, EventKind, Recording, SimSpan, SimTime, Window, grouped};

/// A question's choices and what the recording answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub choices: [&'static str; 3],
    /// The place of the right one.
    pub right: usize,
    /// The measured numbers, as a sentence.
    pub because: String,
    /// Where the replay shows it.
    pub seen_at: SimTime,
}

/// The question of `lesson`, answered by `recording`, which should have ended; `None` if the
/// recording holds nothing that could answer it.
pub fn question(lesson: Lesson, recording: &Recording) -> Option<Question> {
    match lesson {
        Lesson::Direct => Some(downtime(recording)),
        Lesson::Shadow => Some(users_met(recording)),
        Lesson::BlueGreen => switch(recording),
        Lesson::Canary => Some(exposure(recording)),
        Lesson::Ab => decision(recording),
        Lesson::Batch => age(recording),
    }
}

/// Live requests of the candidates, and of all.
fn exposed(windows: &[Window]) -> (u64, u64) {
    let of_window = |window: &Window| {
        let candidates = window.arms.iter().skip(1).map(|arm| arm.arrivals).sum::<u64>();
        (candidates, window.arrivals())
    };
    windows.iter().map(of_window).fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1))
}

fn way_back(recording: &Recording) -> Option<SimTime> {
    let is_back =
        |kind: &EventKind| matches!(kind, EventKind::Aborted { .. } | EventKind::RolledBack { .. });
    recording.events.iter().find(|event| is_back(&event.kind)).map(|event| event.at)
}

fn downtime(recording: &Recording) -> Question {
    let down = |window: &Window| window.arms.iter().map(|arm| arm.downtime).sum::<u64>();
    let micros: u64 = recording.windows.iter().map(down).sum();
    let failed: u64 =
        recording.windows.iter().flat_map(|window| &window.arms).map(ArmWindow::failed).sum();
    let first = recording.windows.iter().find(|window| down(window) > 0);
    let right = match micros {
        0 => 0,
        1..60_000_000 => 1,
        _ => 2,
    };
    Question {
        choices: ["Never", "Less than a minute", "A minute or more"],
        right,
        because: format!(
            "{} without a ready replica, in which {} requests failed. Both fleets need their time to start.",
            SimSpan::from_micros(micros).words(),
            grouped(failed)
        ),
        seen_at: first.map_or(SimTime::START, |window| window.end),
    }
}

fn users_met(recording: &Recording) -> Question {
    let (met, all) = exposed(&recording.windows);
    let share = met as f64 / all.max(1) as f64;
    let copies: u64 =
        recording.windows.iter().flat_map(|window| &window.arms).map(|arm| arm.mirrored).sum();
    let right = match share {
        share if share <= 0.0 => 0,
        share if share < 0.5 => 1,
        _ => 2,
    };
    Question {
        choices: ["None", "Some", "Most of them"],
        right,
        because: format!(
            "{} of {} requests. It answered {} copies, and they were enough to judge it.",
            grouped(met),
            grouped(all),
            grouped(copies)
        ),
        seen_at: way_back(recording).unwrap_or(recording.end()),
    }
}

fn switch(recording: &Recording) -> Option<Question> {
    let share = |window: &Window| {
        let (met, all) = exposed(std::slice::from_ref(window));
        met as f64 / all.max(1) as f64
    };
    let begins = recording.windows.iter().find(|window| share(window) > 0.0)?;
    let full = recording.windows.iter().find(|window| share(window) >= 1.0)?;
    // A window in which nobody was split between the two is no time at all.
    let lasts = full.start.since(begins.start);
    let right = match lasts.micros() {
        0..10_000_000 => 0,
        10_000_000..120_000_000 => 1,
        _ => 2,
    };
    let because = if lasts.is_zero() {
        format!("At {} all requests went over within one window.", full.start.clock())
    } else {
        format!("From {} to {}: {}.", begins.start.clock(), full.start.clock(), lasts.words())
    };
    Some(Question {
        choices: ["A moment", "About a minute", "Several minutes"],
        right,
        because,
        seen_at: begins.start,
    })
}

fn exposure(recording: &Recording) -> Question {
    let (met, all) = exposed(&recording.windows);
    let share = met as f64 / all.max(1) as f64;
    let right = match share {
        share if share < 0.2 => 0,
        share if share <= 0.5 => 1,
        _ => 2,
    };
    Question {
        choices: ["Less than a fifth", "A fifth to a half", "More than a half"],
        right,
        because: format!(
            "{} of {} requests, {:.1} %. A looser limit lets more of them meet it.",
            grouped(met),
            grouped(all),
            share * 100.0
        ),
        seen_at: way_back(recording).unwrap_or(recording.end()),
    }
}

fn decision(recording: &Recording) -> Option<Question> {
    let (at, arm) = recording.events.iter().find_map(|event| match &event.kind {
        EventKind::Promoted { arm, .. } => Some((event.at, *arm)),
        _ => None,
    })?;
    let secs = at.as_secs_f64();
    let right = match secs {
        secs if secs < 180.0 => 0,
        secs if secs < 480.0 => 1,
        _ => 2,
    };
    let half = if arm == ArmId::BASELINE { "the candidate" } else { "the old version" };
    Some(Question {
        choices: ["After a minute or two", "After about five minutes", "At the very end"],
        right,
        because: format!(
            "At {}, when the shortest time that the plan allows was over. Until then half of the users met {half}.",
            at.clock()
        ),
        seen_at: at,
    })
}

fn age(recording: &Recording) -> Option<Question> {
    let ages = recording.jobs.iter().filter_map(|job| Some((job, job.staleness(0.95)?)));
    let (job, micros) = ages.max_by_key(|(_, age)| *age)?;
    let hours = micros as f64 / 3.6e9;
    let right = match hours {
        hours if hours < 1.0 => 0,
        hours if hours < 12.0 => 1,
        _ => 2,
    };
    Some(Question {
        choices: ["Less than an hour", "Some hours", "Most of a day"],
        right,
        because: format!(
            "{}. The job itself took {}; the rest is waiting for the night.",
            SimSpan::from_micros(micros).words(),
            job.duration().words()
        ),
        seen_at: job.end,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Outcome, OutcomeKind, StrategyKind};

    /// Ten windows of 10 s with 100 requests each, of which the candidate gets `of_candidate`.
    fn recording(of_candidate: impl Fn(u64) -> u64) -> Recording {
        let arm = |arrivals| ArmWindow { arrivals, ..ArmWindow::default() };
        let window = |k: u64| Window {
            start: SimTime::from_secs(10 * k),
            end: SimTime::from_secs(10 * k + 10),
            stage: 0,
            arms: vec![arm(100 - of_candidate(k)), arm(of_candidate(k))],
        };
        Recording {
            strategy: StrategyKind::BlueGreen,
            arms: vec!["a".to_owned(), "b".to_owned()],
            gates: Vec::new(),
            segments: Vec::new(),
            stages: Vec::new(),
            window: SimSpan::from_secs(10),
            windows: (0..10).map(window).collect(),
            events: Vec::new(),
            jobs: Vec::new(),
            outcome: Outcome {
                kind: OutcomeKind::Held,
                at: SimTime::from_secs(100),
                winner: ArmId::BASELINE,
                reason: String::new(),
            },
        }
    }

    #[test]
    fn the_right_answer_follows_the_recording() {
        let none = recording(|_| 0);
        assert_eq!(question(Lesson::Shadow, &none).map(|q| q.right), Some(0));
        assert_eq!(question(Lesson::BlueGreen, &none), None, "nothing was switched");
        let half = recording(|k| if k < 5 { 0 } else { 100 });
        let moved = question(Lesson::BlueGreen, &half).unwrap();
        assert_eq!((moved.right, moved.seen_at), (0, SimTime::from_secs(50)));
        assert_eq!(question(Lesson::Canary, &half).map(|q| q.right), Some(1));
        let slow = recording(|k| (10 * k).min(90) + u64::from(k == 9) * 10);
        assert_eq!(question(Lesson::BlueGreen, &slow).map(|q| q.right), Some(1));
        assert_eq!(question(Lesson::Direct, &slow).map(|q| q.right), Some(0), "never down");
    }
}
