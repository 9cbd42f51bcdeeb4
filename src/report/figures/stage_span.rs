//! When each stage lasted.

use crate::domain::{EventKind, Recording, SimTime};

/// One stay in a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageSpan {
    /// The stage's place in [`Recording::stages`].
    pub stage: usize,
    pub start: SimTime,
    /// The end of what is recorded, for the last one.
    pub end: SimTime,
}

/// All stays in order. A stage can be visited again, after a retry for example, and one with
/// nothing to wait for lasts no time at all.
pub fn stage_spans(recording: &Recording) -> Vec<StageSpan> {
    let begins = recording.events.iter().filter_map(|event| match event.kind {
        EventKind::Stage(stage) => Some((event.at, usize::from(stage))),
        _ => None,
    });
    let mut spans: Vec<StageSpan> = Vec::new();
    for (at, stage) in begins {
        if let Some(last) = spans.last_mut() {
            last.end = at;
        }
        spans.push(StageSpan { stage, start: at, end: recording.end().max(at) });
    }
    spans
}

/// The stay that holds `now`; the last one after the end.
pub fn current(spans: &[StageSpan], now: SimTime) -> Option<StageSpan> {
    let begun = spans.partition_point(|span| span.start <= now);
    spans.get(begun.checked_sub(1)?).copied()
}
