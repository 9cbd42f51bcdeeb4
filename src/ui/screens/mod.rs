//! The screens, one per place.

mod ago;
mod compare;
mod library;
mod outcome;
mod start;

use super::rehearse::RehearseMemory;
pub use compare::{CompareMemory, compare_ui};
pub use library::{LibraryMemory, library_ui};
pub use start::{StartMemory, start_ui};

/// What the screens keep between frames: how they were left, and what is dear to compute.
#[derive(Default)]
pub struct Screens {
    pub start: StartMemory,
    pub rehearse: RehearseMemory,
    pub compare: CompareMemory,
    pub library: LibraryMemory,
}
