//! What a lesson says, when, and of what.

use super::Lesson;
use crate::domain::{EventKind, Recording, SimTime};

/// What a step speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Stages and traffic.
    Diagram,
    Charts,
    Verdict,
    Timeline,
}

/// What a person does in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Read,
    /// Move the limit that ended the run.
    Exercise,
    /// Answer the lesson's question.
    Question,
}

/// When playback reaches a step by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    AtOnce,
    /// A stage with this number or a later one began.
    Stage(u16),
    WayBack,
    Promoted,
    JobEnded,
    /// Only when a person goes on.
    Asked,
}

impl When {
    /// The moment, as far as it is recorded.
    fn comes_at(self, recording: &Recording) -> Option<SimTime> {
        let first = |wanted: &dyn Fn(&EventKind) -> bool| {
            recording.events.iter().find(|event| wanted(&event.kind)).map(|event| event.at)
        };
        match self {
            Self::AtOnce => Some(SimTime::START),
            Self::Stage(number) => {
                first(&|kind| matches!(kind, EventKind::Stage(stage) if *stage >= number))
            }
            Self::WayBack => first(&|kind| {
                matches!(kind, EventKind::Aborted { .. } | EventKind::RolledBack { .. })
            }),
            Self::Promoted => first(&|kind| matches!(kind, EventKind::Promoted { .. })),
            Self::JobEnded => first(&|kind| matches!(kind, EventKind::JobEnded { .. })),
            Self::Asked => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    when: When,
    pub anchor: Anchor,
    pub part: Part,
    /// The question's text, where it is one.
    pub text: &'static str,
}

impl Step {
    /// The moment that the step speaks of, if it speaks of one and that is recorded.
    pub fn moment(&self, recording: &Recording) -> Option<SimTime> {
        self.when.comes_at(recording)
    }
}

const fn read(when: When, anchor: Anchor, text: &'static str) -> Step {
    Step { when, anchor, part: Part::Read, text }
}

const fn ask(anchor: Anchor, text: &'static str) -> Step {
    Step { when: When::Asked, anchor, part: Part::Question, text }
}

const DIRECT: [Step; 4] = [
    read(
        When::AtOnce,
        Anchor::Diagram,
        "Every dot is a group of requests. Version 1 was stopped and version 2 is still starting: nobody gets an answer.",
    ),
    read(
        When::Stage(1),
        Anchor::Charts,
        "Now everybody is answered by version 2, and it is worse: look at the accuracy. There is no baseline left to compare with, so only a fixed floor can tell.",
    ),
    read(
        When::WayBack,
        Anchor::Verdict,
        "The floor was crossed and the rollout went back. Version 1 has to start again, so the way back hurts as much as the way there.",
    ),
    ask(
        Anchor::Timeline,
        "For how long did nobody get an answer, way there and way back together?",
    ),
];

const SHADOW: [Step; 4] = [
    read(
        When::AtOnce,
        Anchor::Diagram,
        "Version 1 answers everybody, as always. Version 2 is starting beside it.",
    ),
    read(
        When::Stage(1),
        Anchor::Diagram,
        "Hollow dots are copies. Version 2 answers them too, but its answers go nowhere; only their quality and speed are kept.",
    ),
    read(
        When::WayBack,
        Anchor::Verdict,
        "The gate saw the same fault as in a direct rollout. Both versions answered the very same requests, so few of them are enough to tell.",
    ),
    ask(
        Anchor::Diagram,
        "How many users got an answer from the worse version before it was taken out?",
    ),
];

const BLUE_GREEN: [Step; 4] = [
    read(
        When::AtOnce,
        Anchor::Diagram,
        "Blue serves. Green, a second fleet of the same size, is starting; from then on both are paid for.",
    ),
    read(
        When::Stage(1),
        Anchor::Charts,
        "The preview: green gets copies, and the gates compare it with blue. Nobody has met it yet.",
    ),
    read(
        When::Stage(2),
        Anchor::Diagram,
        "The switch. Blue stays up for a while: as long as it does, the way back is one switch too.",
    ),
    ask(Anchor::Timeline, "How long did it take to move all traffic from blue to green?"),
];

const CANARY: [Step; 5] = [
    read(
        When::AtOnce,
        Anchor::Diagram,
        "Every dot is a group of requests. At first 5 % of the users get the new model; the others notice nothing.",
    ),
    read(
        When::Stage(1),
        Anchor::Charts,
        "The band is how sure we are. It narrows as requests arrive.",
    ),
    read(
        When::WayBack,
        Anchor::Verdict,
        "The new model failed, a gate saw it, and everybody is back on the old one. Most users never met the fault.",
    ),
    Step {
        when: When::Asked,
        anchor: Anchor::Charts,
        part: Part::Exercise,
        text: "Now you: make the limit looser and watch who gets hurt. A second run forks off just before the fault; the first one stays.",
    },
    ask(Anchor::Diagram, "What part of all requests met the new model in this run?"),
];

const AB: [Step; 4] = [
    read(
        When::AtOnce,
        Anchor::Diagram,
        "Two versions will share the users. Each user always meets the same one, so a reload never changes an answer.",
    ),
    read(
        When::Stage(1),
        Anchor::Charts,
        "The difference to A and how sure it is. Early on the band is wide: who stops at the first lucky moment is often wrong.",
    ),
    read(
        When::Promoted,
        Anchor::Verdict,
        "The test had its time and its answers, and the whole band lies above zero. B is better, and now everybody gets it.",
    ),
    ask(Anchor::Timeline, "When did the test decide?"),
];

const BATCH: [Step; 4] = [
    read(
        When::AtOnce,
        Anchor::Diagram,
        "Customers who phone are answered at once. The others wait for the night's job, which scores them all in one go.",
    ),
    read(
        When::JobEnded,
        Anchor::Charts,
        "The first job is done. It needs fewer servers for each row, but its answers were asked for up to a day ago.",
    ),
    read(
        When::Stage(1),
        Anchor::Timeline,
        "The next stage. Quality is known only after some nights, so each stage of the canary lasts for days.",
    ),
    ask(
        Anchor::Charts,
        "How old are the oldest answers of a job (the 95th percentile) when it publishes them?",
    ),
];

pub(super) fn of(lesson: Lesson) -> &'static [Step] {
    match lesson {
        Lesson::Direct => &DIRECT,
        Lesson::Shadow => &SHADOW,
        Lesson::BlueGreen => &BLUE_GREEN,
        Lesson::Canary => &CANARY,
        Lesson::Ab => &AB,
        Lesson::Batch => &BATCH,
    }
}

/// The step that playback has reached at `now`; steps are never taken back.
pub fn step_at(lesson: Lesson, step: usize, recording: &Recording, now: SimTime) -> usize {
    let has_come = |step: &Step| step.moment(recording).is_some_and(|at| at <= now);
    let reached = of(lesson).iter().rposition(has_come);
    step.max(reached.unwrap_or(0))
}
