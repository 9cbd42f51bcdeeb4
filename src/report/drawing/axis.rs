//! Moments and values as places of a drawing.

use crate::domain::SimTime;

/// A rectangle whose width is the time from 0 to `end` and whose height is the values `low..=high`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub end: SimTime,
    pub values: [f64; 2],
}

impl Frame {
    pub fn x(&self, at: SimTime) -> f64 {
        self.x_of_secs(at.as_secs_f64())
    }

    pub fn x_of_secs(&self, secs: f64) -> f64 {
        let whole = self.end.as_secs_f64();
        let share = if whole > 0.0 { secs / whole } else { 0.0 };
        self.left + (self.right - self.left) * share.clamp(0.0, 1.0)
    }

    /// Values beyond the ends lie at the ends.
    pub fn y(&self, value: f64) -> f64 {
        let [low, high] = self.values;
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        self.bottom - (self.bottom - self.top) * share.clamp(0.0, 1.0)
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }
}
