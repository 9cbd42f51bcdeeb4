//! Variants of a plan and their odds, for a terminal.

use super::WIDTH;
use super::grid::{Align, Grid, wrapped};
use super::odds::chance;
use crate::domain::{Regression, SimSpan, grouped};
use crate::stats::tuned::{Goal, Tuned};

/// The trade-off front: each variant under its number, with what was changed.
pub fn terminal(found: &[(Vec<String>, &Tuned)], bad: &Regression, goal: &Goal) -> String {
    let mut grid = Grid::new([
        ("", Align::Right),
        ("good ones stopped", Align::Right),
        ("bad ones caught", Align::Right),
        ("exposed", Align::Right),
        ("full after", Align::Right),
        ("changes", Align::Left),
    ]);
    for (place, (changes, tuned)) in found.iter().enumerate() {
        let figures = &tuned.figures;
        let changes =
            if tuned.is_own { "the plan as it is".to_owned() } else { changes.join(", ") };
        let full = match figures.full_after.is_finite() {
            true => SimSpan::from_secs_f64(figures.full_after).words(),
            false => "–".to_owned(),
        };
        grid.push(vec![
            (place + 1).to_string(),
            figures.false_alarms.map_or("–".to_owned(), chance),
            figures.caught.map_or("–".to_owned(), chance),
            grouped(figures.exposed as u64),
            full,
            changes,
        ]);
    }
    let runs = found.first().map_or(0, |(_, tuned)| tuned.odds.runs);
    let reaching = found.iter().filter(|(_, tuned)| !tuned.is_own).count();
    let told = match reaching {
        0 => "No variant reaches it and is not beaten by the plan as it is.".to_owned(),
        1 => "One variant reaches it and is not beaten.".to_owned(),
        count => format!(
            "{count} variants reach it, and none beats another: less exposure costs time or alarms."
        ),
    };
    let goal = format!(
        "Goal: of good candidates at most {} % stopped, of bad ones ({bad}) at least {} % caught. \
         {told} {runs} runs of each, on the same requests; choosing the best of many flatters it a \
         little, so ask for its odds again with another --seed.",
        goal.most_false_alarms * 100.0,
        goal.least_caught * 100.0
    );
    format!("{}\n{}", grid.terminal(), wrapped(&goal, "", WIDTH))
}
