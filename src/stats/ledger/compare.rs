//! Several runs side by side: the summary table of strategies in measured numbers.

use serde::Serialize;

use super::{Ledger, LedgerRow, Unit, direction_name};
use crate::domain::metric::Direction;

/// One value of the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    pub text: String,
    pub number: Option<f64>,
    /// The best of its row, if the row has a good direction and the runs differ.
    pub is_best: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparisonRow {
    pub label: &'static str,
    #[serde(serialize_with = "direction_name")]
    pub good: Direction,
    #[serde(skip)]
    pub unit: Unit,
    /// One per column.
    pub cells: Vec<Cell>,
}

/// A table with one column per run and one row per line of the ledger.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    pub columns: Vec<String>,
    pub rows: Vec<ComparisonRow>,
}

/// Puts runs side by side, under the names given (strategies, or plans). A row that is in any of the
/// ledgers is in the table.
pub fn comparison(runs: &[(String, Ledger)]) -> Comparison {
    let ledgers: Vec<Vec<LedgerRow>> = runs.iter().map(|(_, ledger)| ledger.rows()).collect();
    let Some(longest) = ledgers.iter().max_by_key(|rows| rows.len()) else {
        return Comparison::default();
    };
    let rows = longest.iter().map(|head| {
        let lines = ledgers.iter().map(|rows| rows.iter().find(|row| row.label == head.label));
        let cells = lines.map(|line| Cell {
            text: line.map_or("–".to_owned(), |line| line.text.clone()),
            number: line.and_then(|line| line.number),
            is_best: false,
        });
        let mut row = ComparisonRow {
            label: head.label,
            good: head.good,
            unit: head.unit,
            cells: cells.collect(),
        };
        mark_best(&mut row);
        row
    });
    Comparison {
        columns: runs.iter().map(|(name, _)| name.clone()).collect(),
        rows: rows.collect(),
    }
}

fn mark_best(row: &mut ComparisonRow) {
    let numbers = || row.cells.iter().filter_map(|cell| cell.number);
    let (lowest, highest) =
        (numbers().fold(f64::INFINITY, f64::min), numbers().fold(f64::NEG_INFINITY, f64::max));
    let best = match row.good {
        Direction::Lower => lowest,
        Direction::Higher => highest,
        Direction::Neither => return,
    };
    if lowest < highest {
        for cell in &mut row.cells {
            cell.is_best = cell.number == Some(best);
        }
    }
}
