//! The stages that a run went through, and what each arm did in them.

use super::Run;
use super::grid::{Align, Grid};
use crate::domain::{ArmId, Metric, Recording, Window, grouped};

/// Windows in a row that belong to one stage, as one window each.
fn passages(recording: &Recording) -> Vec<Window> {
    let same = recording.windows.chunk_by(|a, b| a.stage == b.stage);
    same.filter_map(Window::merged).collect()
}

/// The quality metric that the run can show: shares for classes, an error for numbers.
pub(super) fn quality_metric(recording: &Recording) -> Option<Metric> {
    let whole = recording.until(recording.end())?;
    [Metric::Accuracy, Metric::Mae]
        .into_iter()
        .find(|metric| whole.arms.iter().any(|arm| arm.metric(*metric).is_some()))
}

/// One line for each stage and arm that took part in it.
pub(super) fn grid(run: &Run<'_>) -> Grid {
    use Align::{Left, Right};
    let quality = quality_metric(run.recording);
    let mut headings = vec![
        ("Stage", Left),
        ("From", Right),
        ("Lasted", Right),
        ("Arm", Left),
        ("Share", Right),
        ("Requests", Right),
        ("Failed", Right),
        ("p95", Right),
    ];
    headings.extend(quality.map(|metric| (metric.label(), Right)));
    let mut grid = Grid::new(headings);
    for passage in passages(run.recording) {
        let name = run.recording.stages.get(usize::from(passage.stage)).cloned();
        let mut is_first = true;
        for place in 0..passage.arms.len() {
            let Some(cells) = cells(run, &passage, place, quality) else { continue };
            let mut row = if is_first {
                vec![
                    name.clone().unwrap_or_default(),
                    passage.start.clock(),
                    passage.span().words(),
                ]
            } else {
                vec![String::new(); 3]
            };
            row.extend(cells);
            grid.push(row);
            is_first = false;
        }
    }
    grid
}

/// What one arm did in one stage; `None` if it took no part.
fn cells(
    run: &Run<'_>,
    passage: &Window,
    place: usize,
    quality: Option<Metric>,
) -> Option<Vec<String>> {
    let id = ArmId::new(place);
    let arm = passage.arm(id)?;
    if arm.arrivals + arm.mirrored + arm.finished() == 0 {
        return None;
    }
    let show = |metric: Metric| {
        passage.metric(id, metric).map_or("–".to_owned(), |value| metric.format(value))
    };
    let is_shadow = arm.arrivals == 0 && arm.mirrored > 0;
    let mut cells = vec![
        run.arm(place),
        if is_shadow { "copies".to_owned() } else { show(Metric::Share) },
        grouped(arm.arrivals + arm.mirrored),
        show(Metric::ErrorRate),
        show(Metric::LatencyP95),
    ];
    cells.extend(quality.map(show));
    Some(cells)
}
