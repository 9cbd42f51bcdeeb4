//! Several runs side by side: the table that textbooks give in words, in measured numbers.

use super::grid::{Align, Grid};
use super::{Run, WIDTH};
use crate::stats::comparison;
use crate::stats::ledger::{Comparison, ComparisonRow};

/// Marks the best value of a row in a terminal.
const BEST: char = '*';

/// The table of runs under their names, for example the strategies.
pub fn table(runs: &[(String, Run<'_>)]) -> Comparison {
    let ledgers: Vec<_> =
        runs.iter().map(|(name, run)| (name.clone(), run.ledger.clone())).collect();
    comparison(&ledgers)
}

/// For a terminal. Columns that do not fit side by side follow in a second table.
pub fn terminal(table: &Comparison) -> String {
    let head_width = |row: &ComparisonRow| label(row).chars().count();
    let labels = table.rows.iter().map(head_width).max().unwrap_or(0);
    let widths: Vec<usize> = (0..table.columns.len()).map(|at| width(table, at) + 2).collect();
    let mut text = String::new();
    let mut first = 0;
    while first < widths.len() {
        let mut used = labels;
        let fitting = widths.iter().skip(first).take_while(|width| {
            used += **width;
            used <= WIDTH
        });
        let past = first + fitting.count().max(1);
        if first > 0 {
            text.push('\n');
        }
        text.push_str(&grid(table, first..past, marked).terminal());
        first = past;
    }
    if table.rows.iter().any(|row| row.cells.iter().any(|cell| cell.is_best)) {
        text.push_str(&format!("\n{BEST} the best of its row\n"));
    }
    text
}

/// As a Markdown table, the best value of each row in bold.
pub fn markdown(table: &Comparison) -> String {
    grid(table, 0..table.columns.len(), |text, _| text.to_owned()).markdown()
}

/// A row's label and texts with the unit that they share said once, in the label.
pub fn in_short(row: &ComparisonRow) -> (String, Vec<&str>) {
    let unit = unit(row);
    (label(row), row.cells.iter().map(|cell| without(&cell.text, unit)).collect())
}

fn marked(text: &str, is_best: bool) -> String {
    format!("{text}{}", if is_best { BEST } else { ' ' })
}

fn grid(
    table: &Comparison,
    columns: std::ops::Range<usize>,
    mark: impl Fn(&str, bool) -> String,
) -> Grid {
    let names = table.columns.get(columns.clone()).unwrap_or_default();
    let headings = names.iter().map(|name| (mark(name, false), Align::Right));
    let mut grid = Grid::new(std::iter::once((String::new(), Align::Left)).chain(headings));
    for row in &table.rows {
        let (label, texts) = in_short(row);
        let cells = row.cells.iter().zip(texts).skip(columns.start).take(columns.len());
        let best: Vec<bool> = cells.clone().map(|(cell, _)| cell.is_best).collect();
        let texts = cells.map(|(cell, text)| mark(text, cell.is_best));
        grid.push(std::iter::once(label).chain(texts).collect());
        for (column, _) in best.iter().enumerate().filter(|(_, is_best)| **is_best) {
            grid.emphasise(column + 1);
        }
    }
    grid
}

/// The width of one column with its mark.
fn width(table: &Comparison, column: usize) -> usize {
    let cell = |row: &ComparisonRow| {
        let unit = unit(row);
        row.cells.get(column).map_or(0, |cell| without(&cell.text, unit).chars().count())
    };
    let heading = table.columns.get(column).map_or(0, |name| name.chars().count());
    table.rows.iter().map(cell).chain([heading]).max().unwrap_or(0) + 1
}

/// The last word of every number in the row, if it is the same and no part of a time or a share:
/// said once beside the label, it keeps the columns narrow.
fn unit(row: &ComparisonRow) -> Option<&str> {
    let mut numbers = row.cells.iter().filter(|cell| cell.number.is_some());
    let unit = numbers.next()?.text.rsplit_once(' ')?.1;
    let is_word = unit.chars().count() > 2 && unit.chars().all(|c| c.is_alphabetic() || c == '-');
    let is_shared = numbers.all(|cell| cell.text.rsplit_once(' ').is_some_and(|t| t.1 == unit));
    (is_word && unit != "min" && is_shared).then_some(unit)
}

fn without<'a>(text: &'a str, unit: Option<&str>) -> &'a str {
    unit.and_then(|unit| text.strip_suffix(unit)).map_or(text, str::trim_end)
}

fn label(row: &ComparisonRow) -> String {
    match unit(row) {
        Some(unit) => format!("{} ({unit})", row.label),
        None => row.label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn seven_strategies_fit_the_width_and_units_are_said_once() {
        let (plan, recording) = (sample::plan(), sample::recording());
        let run = Run::new(None, &plan, &recording);
        let names = ["Single", "Direct", "Rolling", "Shadow", "Blue-green", "Canary", "A/B"];
        let runs: Vec<_> = names.iter().map(|name| ((*name).to_owned(), run.clone())).collect();
        let text = terminal(&table(&runs));
        for name in names {
            assert!(text.contains(name), "{name} is missing in\n{text}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.contains("Compute (replica-hours)"), "{text}");
    }

    #[test]
    fn the_best_of_a_row_is_marked() {
        let (plan, recording) = (sample::plan(), sample::recording());
        let run = Run::new(None, &plan, &recording);
        let mut cheaper = run.clone();
        cheaper.ledger.failed = 0;
        let runs = [("Direct".to_owned(), run), ("Canary".to_owned(), cheaper)];
        let table = table(&runs);
        assert!(markdown(&table).contains("**0 ("), "{}", markdown(&table));
        assert!(terminal(&table).contains("* the best of its row"));
    }
}
