//! The screens, one per place.

mod ago;
mod compare;
mod data;
#[cfg(test)]
mod desk;
mod guesses;
mod job;
mod learn;
mod library;
mod models;
mod odds;
mod outcome;
#[cfg(test)]
mod own_data_tests;
mod plan;
mod review;
mod start;
mod story;

use super::rehearse::RehearseMemory;
pub use compare::{CompareMemory, compare_ui};
pub use data::{DataMemory, data_ui};
pub use learn::{LearnMemory, learn_ui};
pub use library::{LibraryMemory, library_ui};
pub use models::{ModelsMemory, models_ui};
pub use odds::{OddsMemory, odds_ui};
pub use plan::{PlanMemory, plan_ui};
pub use review::{ReviewMemory, review_ui};
pub use start::{StartMemory, start_ui};

/// What the screens keep between frames: how they were left, and what is dear to compute.
#[derive(Default)]
pub struct Screens {
    pub start: StartMemory,
    pub data: DataMemory,
    pub models: ModelsMemory,
    pub plan: PlanMemory,
    pub rehearse: RehearseMemory,
    pub compare: CompareMemory,
    pub odds: OddsMemory,
    pub review: ReviewMemory,
    pub library: LibraryMemory,
    pub learn: LearnMemory,
}
