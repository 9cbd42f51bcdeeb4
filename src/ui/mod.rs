//! The window: draws the state and sends commands; owns no facts.

mod form;
mod notation;
pub mod rehearse;
mod screens;
mod shell;
mod still;
#[cfg(test)]
pub mod testing;
pub mod theme;
mod typed_path;
pub mod widgets;
pub mod window;

pub use window::{Start, explain, run};
