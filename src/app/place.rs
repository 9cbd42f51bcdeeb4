//! The places of the window, in the order of work.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    #[default]
    Start,
    Data,
    Models,
    Plan,
    Rehearse,
    Compare,
    Odds,
    Review,
    Library,
    Learn,
}

impl Place {
    pub const ALL: [Self; 10] = [
        Self::Start,
        Self::Data,
        Self::Models,
        Self::Plan,
        Self::Rehearse,
        Self::Compare,
        Self::Odds,
        Self::Review,
        Self::Library,
        Self::Learn,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Data => "Data",
            Self::Models => "Models",
            Self::Plan => "Plan",
            Self::Rehearse => "Rehearse",
            Self::Compare => "Compare",
            Self::Odds => "Odds",
            Self::Review => "Review",
            Self::Library => "Library",
            Self::Learn => "Learn",
        }
    }

    /// What a person does there, in a few words.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Start => "Play an example or begin with your own data",
            Self::Data => "The rows that are replayed, and what their columns are for",
            Self::Models => "The models that take part, and the fleets that serve them",
            Self::Plan => "How the candidate gets its traffic, and what it must pass",
            Self::Rehearse => "Watch the rollout, and act on it",
            Self::Review => "Judge a run: verify, comment, sign off",
            Self::Compare => "Runs and strategies side by side",
            Self::Odds => "How often the plan catches a bad candidate, how soon, at what price",
            Self::Library => "All experiments",
            Self::Learn => "Lessons, a page for each strategy, and the words of the field",
        }
    }
}
