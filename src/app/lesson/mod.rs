//! Lessons: samples that explain themselves while they play, and end in a question whose answer the
//! replay shows.

mod exercise;
mod question;
mod steps;

use serde::{Deserialize, Serialize};

pub use exercise::Exercise;
pub use question::{Question, question};
pub use steps::{Anchor, Part, Step, step_at};

use crate::domain::StrategyKind;
use crate::worker::Story;

/// One lesson, in the order in which they build on one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lesson {
    Direct,
    Shadow,
    BlueGreen,
    Canary,
    Ab,
    Batch,
}

impl Lesson {
    pub const ALL: [Self; 6] =
        [Self::Direct, Self::Shadow, Self::BlueGreen, Self::Canary, Self::Ab, Self::Batch];

    pub fn title(self) -> &'static str {
        match self {
            Self::Direct => "Single and direct",
            Self::Shadow => "Shadow",
            Self::BlueGreen => "Blue-green",
            Self::Canary => "Canary",
            Self::Ab => "A/B test",
            Self::Batch => "Real-time against batch",
        }
    }

    /// What it shows, in two sentences.
    pub fn about(self) -> &'static str {
        match self {
            Self::Direct => {
                "Version 1 serves alone; then it is stopped and a worse version 2 is started in its place. A gate sends everybody back, and you see what that minute cost."
            }
            Self::Shadow => {
                "The same worse version 2, but as a shadow: it gets copies of all requests and nobody gets its answers. The same gate finds the same fault."
            }
            Self::BlueGreen => {
                "A second full fleet stands beside the first and is checked on copies for three minutes. Then one switch moves everybody at once."
            }
            Self::Canary => {
                "The new version is better, but at 02:20 its servers begin to fail. A gate sees it while only a quarter of the users can meet it."
            }
            Self::Ab => {
                "Half of the users meet each version until a test on accuracy can tell the arms apart. When one may look was fixed before."
            }
            Self::Batch => {
                "One customer in five phones and is scored on arrival; the others are scored by a job at night. The canary has to cover both."
            }
        }
    }

    /// The story that it takes its data and models from, and the name of its plan there.
    pub fn plan(self) -> (Story, &'static str) {
        match self {
            Self::Direct => (Story::Loans, "direct_bad.toml"),
            Self::Shadow => (Story::Loans, "shadow_bad.toml"),
            Self::BlueGreen => (Story::Loans, "blue_green.toml"),
            Self::Canary => (Story::Loans, "first_lesson.toml"),
            Self::Ab => (Story::Loans, "ab.toml"),
            Self::Batch => (Story::Churn, "both.toml"),
        }
    }

    /// Simulated seconds per second, so that there is time to read; `None` if the usual speed fits.
    pub fn speed(self) -> Option<f64> {
        match self {
            Self::Direct | Self::Shadow => Some(4.0),
            Self::BlueGreen | Self::Ab => Some(16.0),
            Self::Canary | Self::Batch => None,
        }
    }

    /// What is worth changing in its plan, for those who want to see something else.
    pub fn to_change(self) -> &'static str {
        match self {
            Self::Direct => {
                "Let the old fleet run on beside the new one, and look at the downtime."
            }
            Self::Shadow => "Copy only 5 % of the requests, and look at when the gate finds out.",
            Self::BlueGreen => "Take the bad candidate instead, and see who ever met it.",
            Self::Canary => "Move the limit of the gate Errors, and see who gets hurt.",
            Self::Ab => {
                "Take the bad candidate instead, and count who met it until the test ended."
            }
            Self::Batch => "Run the job every six hours, and look at the age of the answers.",
        }
    }

    /// The lesson about a strategy, where there is one.
    pub fn of(kind: StrategyKind) -> Option<Self> {
        Some(match kind {
            StrategyKind::Single | StrategyKind::Direct => Self::Direct,
            StrategyKind::Shadow => Self::Shadow,
            StrategyKind::BlueGreen => Self::BlueGreen,
            StrategyKind::Canary => Self::Canary,
            StrategyKind::Ab => Self::Ab,
            StrategyKind::Rolling | StrategyKind::Bandit => return None,
        })
    }

    pub fn steps(self) -> &'static [Step] {
        steps::of(self)
    }

    /// The one to take after this.
    pub fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|lesson| *lesson > self)
    }
}

/// A lesson under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Teaching {
    pub lesson: Lesson,
    /// Counted from 0.
    pub step: usize,
    /// The choice that was made in the question.
    pub answer: Option<usize>,
}

impl Teaching {
    pub fn new(lesson: Lesson) -> Self {
        Self { lesson, step: 0, answer: None }
    }

    pub fn step(&self) -> Option<&'static Step> {
        self.lesson.steps().get(self.step)
    }

    pub fn is_last(&self) -> bool {
        self.step + 1 >= self.lesson.steps().len()
    }
}
