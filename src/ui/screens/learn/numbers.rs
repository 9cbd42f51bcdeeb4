//! A strategy in the measured numbers of the person's own comparison.

use crate::domain::StrategyKind;
use crate::report::comparison::in_short;
use crate::stats::comparison;
use crate::worker::Compared;

/// One line: what was measured, what this strategy has, and the best of all strategies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    pub label: String,
    pub value: String,
    pub is_best: bool,
    /// The best value and the strategies that have it; empty where there is no good direction.
    pub best: String,
}

/// The lines of the comparison as `kind` sees them; empty if it was not among those compared.
pub fn numbers(compared: &[Compared], kind: StrategyKind) -> Vec<Number> {
    let Some(own) = compared.iter().position(|run| run.kind == kind) else { return Vec::new() };
    let ledgers: Vec<_> =
        compared.iter().map(|run| (run.kind.label().to_owned(), run.ledger.clone())).collect();
    let table = comparison(&ledgers);
    let line = |row| {
        let (label, texts) = in_short(row);
        let texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
        let best: Vec<usize> = (0..row.cells.len()).filter(|k| row.cells[*k].is_best).collect();
        let names: Vec<&str> = best.iter().map(|k| compared[*k].kind.label()).collect();
        let best_text = match (best.first().and_then(|k| texts.get(*k)), names.len()) {
            (None, _) => String::new(),
            (Some(text), 1..=2) => format!("{text}: {}", names.join(", ")),
            (Some(text), count) => format!("{text}: {count} strategies"),
        };
        Number {
            label,
            value: texts.get(own).cloned().unwrap_or_default(),
            is_best: row.cells.get(own).is_some_and(|cell| cell.is_best),
            best: best_text,
        }
    };
    table.rows.iter().map(line).collect()
}
