//! The window: draws the state and sends commands; owns no facts.

pub mod raster;
#[cfg(test)]
pub mod testing;
pub mod theme;
pub mod widgets;
