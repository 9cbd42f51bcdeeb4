//! The Rehearse screen: a rollout played back, and what can be done about it.

mod acts;
pub mod charts;
mod events;
#[cfg(test)]
pub mod fixture;
mod inspector;
mod ledger;
mod memory;
mod moment;
mod notes;
mod row;
mod screen;
mod stage_strip;
pub mod stages;
pub mod time_axis;
pub mod timeline;
pub mod traffic;
mod transport;
pub mod verdict_card;
pub mod why;

pub use memory::RehearseMemory;
pub use screen::{RehearsePlaces, RehearseView, rehearse_ui};
