//! Background work: the only place with threads, and the plain functions beneath it, which the
//! command line calls directly.
//!
//! [`resolve()`] turns a plan into inputs; [`rehearse()`], [`compare()`] and [`verify()`] run it; [`Workers`]
//! does all of that for a window that must never wait.

pub mod advise;
pub mod compare;
pub mod document;
pub mod error;
pub mod files;
pub mod first_card;
pub mod growth;
pub mod hindsight;
pub mod jobs;
pub mod model_check;
pub mod odds;
pub mod propose;
pub mod reference;
pub mod rehearse;
pub mod report;
pub mod rescore;
pub mod resolve;
pub mod reviewing;
pub mod sample;
pub mod soak;
pub mod status;
pub mod task;
pub mod tune;
pub mod verify;

mod desk;
#[cfg(test)]
mod fixture;
mod scribe;

pub use compare::{Compared, compare};
pub use desk::{open_shared, open_shared_review};
pub use document::{Document, Form};
pub use error::Error;
pub use files::read_plan;
pub use first_card::{FirstCard, first_card};
pub use growth::Growth;
pub use hindsight::hindsight;
pub use jobs::{JobId, RunningJob, Workers};
pub use model_check::{ModelCheck, QuickCheck, check_model};
pub use odds::odds;
pub use propose::{Proposal, Proposed, propose};
pub use reference::{Deviation, Flip, ReferenceCheck, check_reference};
pub use rehearse::rehearse;
pub use report::{News, Report};
pub use rescore::{Rescored, rescore};
pub use resolve::{resolve, roles};
pub use reviewing::{ReviewChange, ShownReview};
pub use sample::Story;
pub use soak::soak;
pub use status::Status;
pub use task::{KeepChange, Rehearsal, Stored, Task};
pub use verify::{Difference, Verification, verify};
