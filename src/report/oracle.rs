//! What the oracle knows about runs: harm by segment and by group of users, decisions that late labels
//! made, and what to believe.

use std::ops::Range;

use super::grid::{Align, Grid, wrapped};
use super::{Run, WIDTH};
use crate::domain::{Metric, grouped};
use crate::stats::Ledger;
use crate::stats::decisions::{Decision, Word};
use crate::stats::truth::{Part, Truth};

/// What is known besides the table of runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hindsight {
    pub tables: Vec<Table>,
    /// What to know before believing what was measured, with the runs that it is about.
    pub warnings: Vec<String>,
}

/// A table whose first column names its lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub title: &'static str,
    pub heads: Vec<String>,
    pub lines: Vec<Vec<String>>,
    /// Columns of words, the first ones; those that follow are numbers.
    pub words: usize,
}

/// Draws it from runs under their names; empty where the oracle was not asked.
pub fn hindsight<'a>(runs: impl IntoIterator<Item = (&'a str, &'a Ledger)>) -> Hindsight {
    let known: Vec<(&str, &Truth)> = runs
        .into_iter()
        .filter_map(|(name, ledger)| Some((name, ledger.truth.as_ref()?)))
        .collect();
    let segments = "Net wrong answers caused, by segment (all labels known)";
    let groups = "Net wrong answers caused, by how much users send (all labels known)";
    let tables = [
        by_part(segments, "Segment", &known, |truth| &truth.segments),
        by_part(groups, "Users", &known, |truth| &truth.groups),
        decisions(&known),
    ];
    Hindsight { tables: tables.into_iter().flatten().collect(), warnings: warnings(&known) }
}

/// A line for each part of the requests: their number, the true difference, then a run each. Nothing
/// for numbers, where no answer is wrong.
fn by_part(
    title: &'static str,
    what: &str,
    known: &[(&str, &Truth)],
    parts: fn(&Truth) -> &Vec<Part>,
) -> Option<Table> {
    let (_, first) = known.first()?;
    let of_run = |truth: &Truth, part: &Part| {
        let own = parts(truth).iter().find(|own| own.segment == part.segment);
        own.map_or("–".to_owned(), net)
    };
    let line = |part: &Part| -> Vec<String> {
        let deltas = part.differences.iter();
        let deltas = deltas.map(|difference| first.metric.format_delta(difference.truth));
        let deltas = deltas.collect::<Vec<_>>().join(", ");
        let cells = [part.segment.clone(), grouped(part.labelled), deltas];
        cells.into_iter().chain(known.iter().map(|(_, truth)| of_run(truth, part))).collect()
    };
    let lines: Vec<Vec<String>> = parts(first).iter().map(line).collect();
    let heads = [what, "Requests", "True difference"].into_iter();
    let heads = heads.chain(known.iter().map(|(name, _)| *name)).map(str::to_owned).collect();
    let is_known = first.metric == Metric::Accuracy && !lines.is_empty();
    is_known.then_some(Table { title, heads, lines, words: 1 })
}

/// What gates would have said otherwise had every label come with its answer.
fn decisions(known: &[(&str, &Truth)]) -> Option<Table> {
    let word = |word: Word| format!("{} at {}", word.verdict.label(), word.at.clock());
    let changed = |(name, truth): &(&str, &Truth)| {
        let decisions = truth.at_once.iter().flat_map(|at_once| &at_once.decisions);
        let line = |decision: &Decision| -> Vec<String> {
            let at_once = decision.at_once.map_or("not asked".to_owned(), word);
            let reversed = if decision.is_reversed() { "reversed" } else { "" };
            vec![
                decision.gate.clone(),
                decision.stage.clone(),
                decision.arm.to_string(),
                (*name).to_owned(),
                word(decision.then),
                at_once,
                reversed.to_owned(),
            ]
        };
        decisions.filter(|decision| decision.is_changed()).map(line).collect::<Vec<_>>()
    };
    let lines: Vec<Vec<String>> = known.iter().flat_map(changed).collect();
    let heads = ["Gate", "Stage", "Arm", "Run", "Then", "With labels at once", ""];
    let heads: Vec<String> = heads.map(str::to_owned).to_vec();
    let title = "Gate decisions that labels at once would have changed";
    let words = heads.len();
    (!lines.is_empty()).then_some(Table { title, heads, lines, words })
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
    terminal_of(&of_runs(runs))
}

/// For a terminal, of one run.
pub fn terminal_of(hindsight: &Hindsight) -> String {
    let table = |table: &Table| {
        let parts: Vec<String> = parts(table).map(|part| grid(table, part).terminal()).collect();
        format!("\n{}\n\n{}", table.title, parts.join("\n"))
    };
    let warnings = hindsight.warnings.iter().map(|text| format!("\n{}", wrapped(text, "", WIDTH)));
    hindsight.tables.iter().map(table).chain(warnings).collect()
}

/// As Markdown.
pub fn markdown(runs: &[(String, Run<'_>)]) -> String {
    let hindsight = of_runs(runs);
    let table = |table: &Table| {
        let all = grid(table, 1..table.heads.len());
        format!("\n{}:\n\n{}", table.title, all.markdown())
    };
    let warnings = hindsight.warnings.iter().map(|text| format!("\n{text}\n"));
    hindsight.tables.iter().map(table).chain(warnings).collect()
}

/// What is known of one run.
pub fn of_run(run: &Run<'_>) -> Hindsight {
    hindsight([("Net wrong answers", &run.ledger)])
}

fn of_runs(runs: &[(String, Run<'_>)]) -> Hindsight {
    hindsight(runs.iter().map(|(name, run)| (name.as_str(), &run.ledger)))
}

/// The columns after the lines' names, in parts that a terminal has room for.
fn parts(table: &Table) -> impl Iterator<Item = Range<usize>> {
    let lines = || std::iter::once(&table.heads).chain(&table.lines);
    let width = |column: usize| {
        let cells = lines().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0) + 2
    };
    let (mut parts, mut used): (Vec<Range<usize>>, usize) = (Vec::new(), WIDTH);
    for column in 1..table.heads.len() {
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

/// The lines with these columns.
pub fn grid(table: &Table, columns: Range<usize>) -> Grid {
    let chosen = |line: &[String]| -> Vec<String> {
        let columns = line.get(columns.clone()).unwrap_or_default();
        line.iter().take(1).chain(columns).cloned().collect()
    };
    let side = |place| if place < table.words { Align::Left } else { Align::Right };
    let heads = chosen(&table.heads).into_iter().enumerate();
    let mut grid = Grid::new(heads.map(|(place, head)| (head, side(place))));
    table.lines.iter().for_each(|line| grid.push(chosen(line)));
    grid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_too_wide_goes_on_beneath_itself() {
        let line = |text: &str| vec![text.to_owned(); 10];
        let table = Table {
            title: "",
            heads: line("a head of twenty ..."),
            lines: vec![line("1")],
            words: 1,
        };
        let parts: Vec<Range<usize>> = parts(&table).collect();
        assert_eq!(parts, [1..4, 4..7, 7..10]);
        for part in parts {
            let text = grid(&table, part).terminal();
            assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        }
    }
}
