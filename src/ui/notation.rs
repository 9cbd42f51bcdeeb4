//! The units in which the window writes numbers. They hold for all that one thread draws, as a locale
//! does, so that no part of a screen can write in others.

use std::cell::Cell;

use crate::domain::{LatencyUnit, Metric, Notation, RateUnit, SimTime, TimeUnit};

thread_local! {
    static CHOSEN: Cell<Notation> = const {
        Cell::new(Notation { latency: LatencyUnit::Millis, rate: RateUnit::Percent, time: TimeUnit::Clock })
    };
}

/// Chooses the units of what is drawn from now on; once a frame, before anything is drawn.
pub fn choose(notation: Notation) {
    CHOSEN.set(notation);
}

/// The units of this frame.
pub fn chosen() -> Notation {
    CHOSEN.get()
}

/// A value of a metric with its unit.
pub fn value(metric: Metric, value: f64) -> String {
    chosen().value(metric, value)
}

/// A signed difference of a metric with its unit.
pub fn delta(metric: Metric, delta: f64) -> String {
    chosen().delta(metric, delta)
}

/// A moment of a run.
pub fn time(at: SimTime) -> String {
    chosen().time(at)
}
