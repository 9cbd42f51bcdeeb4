//! What the oracle knows about runs side by side: harm by segment, and what to believe.

use std::ops::Range;

use super::grid::{Align, Grid, wrapped};
use super::{Run, WIDTH};
use crate::domain::{Metric, grouped};
use crate::stats::Ledger;
use crate::stats::truth::{Part, Truth};

/// What stands above the table by segment.
pub const BY_SEGMENT: &str = "Net wrong answers caused, by segment (all labels known)";

/// What is known besides the table of runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hindsight {
    /// The heads of a table by segment: the segment, its requests, the true difference, then a run
    /// each. Empty without segments, and for numbers, where no answer is wrong.
    pub heads: Vec<String>,
    pub segments: Vec<Vec<String>>,
    /// What to know before believing what was measured, with the runs that it is about.
    pub warnings: Vec<String>,
}

/// Draws it from runs under their names; empty where the oracle was not asked.
pub fn hindsight<'a>(runs: impl IntoIterator<Item = (&'a str, &'a Ledger)>) -> Hindsight {
    let known: Vec<(&str, &Truth)> = runs
        .into_iter()
        .filter_map(|(name, ledger)| Some((name, ledger.truth.as_ref()?)))
        .collect();
    let mut hindsight = Hindsight { warnings: warnings(&known), ..Hindsight::default() };
    if let Some((_, first)) = known.first()
        && first.metric == Metric::Accuracy
        && !first.segments.is_empty()
    {
        let heads = ["Segment", "Requests", "True difference"].into_iter();
        hindsight.heads =
            heads.chain(known.iter().map(|(name, _)| *name)).map(str::to_owned).collect();
        hindsight.segments =
            first.segments.iter().map(|part| line(first.metric, part, &known)).collect();
    }
    hindsight
}

fn line(metric: Metric, part: &Part, known: &[(&str, &Truth)]) -> Vec<String> {
    let of_run = |(_, truth): &(&str, &Truth)| {
        let own = truth.segments.iter().find(|own| own.segment == part.segment);
        own.map_or("–".to_owned(), net)
    };
    let deltas = part.differences.iter().map(|difference| metric.format_delta(difference.truth));
    let deltas = deltas.collect::<Vec<_>>().join(", ");
    let cells = [part.segment.clone(), grouped(part.labelled), deltas];
    cells.into_iter().chain(known.iter().map(of_run)).collect()
}

fn net(part: &Part) -> String {
    let net = part.harm as i64 - part.gain as i64;
    format!("{}{}", if net < 0 { "−" } else { "" }, grouped(net.unsigned_abs()))
}

fn warnings(known: &[(&str, &Truth)]) -> Vec<String> {
    let mut found: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, truth) in known {
        for warning in truth.warnings() {
            match found.iter_mut().find(|(text, _)| *text == warning) {
                Some((_, names)) => names.push(name),
                None => found.push((warning, vec![name])),
            }
        }
    }
    let told = |(text, names): (String, Vec<&str>)| match names.len() {
        count if count == known.len() => text,
        _ => format!("{}: {text}", names.join(", ")),
    };
    found.into_iter().map(told).collect()
}

/// For a terminal.
pub fn terminal(runs: &[(String, Run<'_>)]) -> String {
    let hindsight = of_runs(runs);
    let tables: Vec<String> =
        parts(&hindsight).map(|part| grid(&hindsight, part).terminal()).collect();
    let table = (!tables.is_empty()).then(|| format!("\n{BY_SEGMENT}\n\n{}", tables.join("\n")));
    let warnings = hindsight.warnings.iter().map(|text| format!("\n{}", wrapped(text, "", WIDTH)));
    table.into_iter().chain(warnings).collect()
}

/// As Markdown.
pub fn markdown(runs: &[(String, Run<'_>)]) -> String {
    let hindsight = of_runs(runs);
    let all = 1..hindsight.heads.len();
    let table = (!all.is_empty())
        .then(|| format!("\n{BY_SEGMENT}:\n\n{}", grid(&hindsight, all).markdown()));
    let warnings = hindsight.warnings.iter().map(|text| format!("\n{text}\n"));
    table.into_iter().chain(warnings).collect()
}

fn of_runs(runs: &[(String, Run<'_>)]) -> Hindsight {
    hindsight(runs.iter().map(|(name, run)| (name.as_str(), &run.ledger)))
}

/// The columns after the segments' names, in parts that a terminal has room for.
fn parts(hindsight: &Hindsight) -> impl Iterator<Item = Range<usize>> {
    let lines = || std::iter::once(&hindsight.heads).chain(&hindsight.segments);
    let width = |column: usize| {
        let cells = lines().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0) + 2
    };
    let (mut parts, mut used): (Vec<Range<usize>>, usize) = (Vec::new(), WIDTH);
    for column in 1..hindsight.heads.len() {
        used += width(column);
        match parts.last_mut().filter(|_| used <= WIDTH) {
            Some(part) => part.end = column + 1,
            None => {
                parts.push(column..column + 1);
                used = width(0) + width(column);
            }
        }
    }
    parts.into_iter()
}

/// The segments with these columns.
fn grid(hindsight: &Hindsight, columns: Range<usize>) -> Grid {
    let chosen = |line: &[String]| -> Vec<String> {
        let columns = line.get(columns.clone()).unwrap_or_default();
        line.iter().take(1).chain(columns).cloned().collect()
    };
    let side = |place| if place == 0 { Align::Left } else { Align::Right };
    let heads = chosen(&hindsight.heads).into_iter().enumerate();
    let mut grid = Grid::new(heads.map(|(place, head)| (head, side(place))));
    hindsight.segments.iter().for_each(|line| grid.push(chosen(line)));
    grid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_too_wide_goes_on_beneath_itself() {
        let line = |text: &str| vec![text.to_owned(); 10];
        let hindsight = Hindsight {
            heads: line("a head of twenty ..."),
            segments: vec![line("1")],
            warnings: Vec::new(),
        };
        let parts: Vec<Range<usize>> = parts(&hindsight).collect();
        assert_eq!(parts, [1..4, 4..7, 7..10]);
        for part in parts {
            let text = grid(&hindsight, part).terminal();
            assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        }
    }
}
