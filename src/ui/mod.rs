//! The window: draws the state and sends commands; owns no facts.

pub mod theme;
pub mod widgets;
