//! One plan under several controllers: what each did when, and why it ended as it did.

use super::grid::{Align, Grid, wrapped};
use super::{Run, WIDTH};
use crate::domain::SimTime;
use crate::stats::timeline::{Row, side_by_side, timeline};

/// Rows that a terminal shows; what follows is rarely read.
const MOST_ROWS: usize = 60;
/// Marks the moments from which the shares differ.
const DIFFERS: &str = "≠";

/// The rows that all forms show.
pub fn rows(runs: &[(String, Run<'_>)]) -> Vec<Row> {
    let timelines: Vec<_> = runs.iter().map(|(_, run)| timeline(run.recording, run.plan)).collect();
    side_by_side(&timelines)
}

/// The timelines side by side, then each end with its reason.
pub fn terminal(runs: &[(String, Run<'_>)]) -> String {
    let rows = rows(runs);
    let mut text = grid(runs, &rows).terminal();
    if rows.len() > MOST_ROWS {
        text.push_str(&format!("… and {} more moments\n", rows.len() - MOST_ROWS));
    }
    if rows.iter().any(|row| row.differs) {
        text.push_str(&format!("\n{DIFFERS} the candidate's share differs from here on\n"));
    }
    text.push('\n');
    for (name, run) in runs {
        text.push_str(&wrapped(&format!("{name}: {}", end(run)), "  ", WIDTH));
    }
    text
}

/// The same as Markdown.
pub fn markdown(runs: &[(String, Run<'_>)]) -> String {
    let mut text = grid(runs, &rows(runs)).markdown();
    text.push('\n');
    for (name, run) in runs {
        text.push_str(&format!("- **{name}**: {}\n", super::escape::escaped_markdown(&end(run))));
    }
    text
}

fn grid(runs: &[(String, Run<'_>)], rows: &[Row]) -> Grid {
    let columns = runs.iter().map(|(name, _)| (name.clone(), Align::Left));
    let head = [("At".to_owned(), Align::Right), (String::new(), Align::Left)];
    let mut grid = Grid::new(head.into_iter().chain(columns));
    for row in rows.iter().take(MOST_ROWS) {
        let mark = if row.differs { DIFFERS } else { "" };
        let cells = [exact(row.at), mark.to_owned()];
        grid.push(cells.into_iter().chain(row.cells.iter().cloned()).collect());
    }
    grid
}

/// A moment with its fraction of a second, where it has one.
fn exact(at: SimTime) -> String {
    match at.micros() % 1_000_000 / 100_000 {
        0 => at.clock(),
        tenth => format!("{}.{tenth}", at.clock()),
    }
}

fn end(run: &Run<'_>) -> String {
    let outcome = &run.recording.outcome;
    format!("{} at {}: {}", outcome.kind.label(), exact(outcome.at), outcome.reason)
}
