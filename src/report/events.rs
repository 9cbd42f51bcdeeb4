//! What happened in a run, for people: all but the measurements, which the gates tell.

use super::Run;
use super::grid::{Align, Grid};
use crate::domain::EventKind;

/// One line per event, in the order of time.
pub(super) fn grid(run: &Run<'_>) -> Grid {
    let recording = run.recording;
    let mut grid = Grid::new([("At", Align::Right), ("What happened", Align::Left)]);
    for event in &recording.events {
        let is_told_elsewhere = matches!(
            event.kind,
            EventKind::Measured(_)
                | EventKind::Tested(_)
                | EventKind::Scored(_)
                | EventKind::Compared(_)
                | EventKind::JobEnded { .. }
        );
        if !is_told_elsewhere {
            let text = event.kind.sentence(&recording.arms, &recording.gates, &recording.stages);
            grid.push(vec![event.at.clock(), text]);
        }
    }
    grid
}
