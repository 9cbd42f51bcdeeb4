//! Round moments to label on an axis of time.

use crate::domain::{SimSpan, SimTime};

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

/// The round step that cuts `end` into at most `most` parts.
pub fn step(end: SimTime, most: usize) -> SimSpan {
    const SECS: [u64; 24] = [
        1,
        2,
        5,
        10,
        15,
        30,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        7 * DAY,
        14 * DAY,
        28 * DAY,
        91 * DAY,
        364 * DAY,
    ];
    let least = end.micros() / most.max(1) as u64;
    let spans = SECS.map(SimSpan::from_secs);
    spans.into_iter().find(|span| span.micros() >= least).unwrap_or(SimSpan::LONGEST)
}

/// Multiples of [`step`] from the start to `end`.
pub fn ticks(end: SimTime, most: usize) -> Vec<SimTime> {
    let step = step(end, most).micros().max(1);
    (0..=end.micros() / step).map(|k| SimTime::from_micros(k * step)).collect()
}

/// The round step that cuts a part of the run (in seconds) into at most `most` parts, and its
/// multiples in it.
pub fn ticks_within(from: f64, to: f64, most: usize) -> (SimSpan, Vec<SimTime>) {
    let (start, end) = (SimTime::from_secs_f64(from), SimTime::from_secs_f64(to));
    let step = step(SimTime::START + end.since(start), most);
    let size = step.micros().max(1);
    let ticks = start.micros().div_ceil(size)..=end.micros() / size;
    (step, ticks.map(|k| SimTime::from_micros(k * size)).collect())
}

/// A tick's label, as short as a run of this length allows: `02:30`, `6:00 h`, `3 d`.
pub fn tick_label(at: SimTime, end: SimTime, step: SimSpan) -> String {
    let secs = at.micros() / 1_000_000;
    let whole = end.micros() / 1_000_000;
    if step.micros() / 1_000_000 >= DAY {
        format!("{} d", secs / DAY)
    } else if whole >= 2 * DAY {
        format!("{} d {:02} h", secs / DAY, secs / HOUR % 24)
    } else if whole >= 2 * HOUR {
        format!("{}:{:02} h", secs / HOUR, secs / MINUTE % 60)
    } else {
        at.clock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few_from_seconds_to_months() {
        for secs in [1, 20, 320, 900, 7_200, 90_000, 14 * DAY, 300 * DAY] {
            let end = SimTime::from_secs(secs);
            let ticks = ticks(end, 8);
            assert!((2..=9).contains(&ticks.len()), "{} ticks in {secs} s", ticks.len());
        }
        let label = |at: u64, end: u64| {
            let end = SimTime::from_secs(end);
            tick_label(SimTime::from_secs(at), end, step(end, 8))
        };
        assert_eq!(label(120, 900), "02:00");
        assert_eq!(label(6 * HOUR, DAY), "6:00 h");
        assert_eq!(label(4 * DAY, 14 * DAY), "4 d");
    }
}
