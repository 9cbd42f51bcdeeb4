//! The units in which the window writes numbers. They hold for all that one thread draws, as a locale
//! does, so that no part of a screen can write in others.

use std::cell::Cell;

use crate::domain::{LatencyUnit, Metric, Notation, RateUnit, SimTime, TimeUnit};
use crate::stats::Interval;

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

/// `+1.8 pts  (+0.6 to +3.0)`: a difference and its interval, the unit said once.
pub fn delta_within(metric: Metric, value: f64, interval: Interval) -> String {
    let (low, high) = (delta(metric, interval.low), delta(metric, interval.high));
    format!("{}  ({} to {})", delta(metric, value), unitless(&low), unitless(&high))
}

/// The number alone.
pub fn unitless(text: &str) -> &str {
    text.split_once(' ').map_or(text, |(number, _)| number)
}

/// A moment of a run.
pub fn time(at: SimTime) -> String {
    chosen().time(at)
}
