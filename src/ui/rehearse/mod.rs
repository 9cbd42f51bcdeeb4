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
mod stages;
pub mod time_axis;
mod timeline;
pub mod traffic;
mod transport;
mod verdict_card;
mod why;

pub use memory::RehearseMemory;
pub use screen::{RehearsePlaces, RehearseView, rehearse_ui};
