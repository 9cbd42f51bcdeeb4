//! The run's time along a horizontal stretch of the screen.

use egui::Rangef;

use crate::domain::{SimSpan, SimTime, TimeUnit};
use crate::report::figures::time_ticks;
use crate::ui::notation;

pub use crate::report::figures::time_ticks::{step, ticks, ticks_within};

/// A tick's label: as short as a run of this length allows, or in seconds for those who read them.
pub fn tick_label(at: SimTime, end: SimTime, step: SimSpan) -> String {
    match notation::chosen().time {
        TimeUnit::Clock => time_ticks::tick_label(at, end, step),
        TimeUnit::Secs => notation::time(at),
    }
}

/// Maps moments to points of the screen and back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeAxis {
    pub x: Rangef,
    pub end: SimTime,
}

impl TimeAxis {
    pub fn new(x: Rangef, end: SimTime) -> Self {
        Self { x, end }
    }

    pub fn x_of(&self, at: SimTime) -> f32 {
        let whole = self.end.as_secs_f64();
        let share = if whole > 0.0 { at.as_secs_f64() / whole } else { 0.0 };
        self.x.min + self.x.span() * share.clamp(0.0, 1.0) as f32
    }

    /// The moment at `x`, held within the run.
    pub fn time_at(&self, x: f32) -> SimTime {
        let share = ((x - self.x.min) / self.x.span().max(1.0)).clamp(0.0, 1.0);
        SimTime::from_secs_f64(self.end.as_secs_f64() * f64::from(share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_survive_the_way_to_the_screen_and_back() {
        let axis = TimeAxis::new(Rangef::new(100.0, 740.0), SimTime::from_secs(320));
        assert_eq!(axis.x_of(SimTime::from_secs(80)), 260.0);
        assert_eq!(axis.time_at(260.0), SimTime::from_secs(80));
        assert_eq!(axis.time_at(-5.0), SimTime::START);
        assert_eq!(axis.time_at(9_999.0), SimTime::from_secs(320));
        let empty = TimeAxis::new(Rangef::new(0.0, 10.0), SimTime::START);
        assert_eq!(empty.x_of(SimTime::from_secs(5)), 0.0);
    }
}
