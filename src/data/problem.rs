//! Faults in a file that can be read in spite of them: what was wrong where, and what was done.

use std::collections::BTreeMap;

/// How much a fault matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Worth knowing; nothing is lost.
    Note,
    /// A value was dropped or changed.
    Warning,
}

/// One fault of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataProblem {
    /// From 1, the header not counted.
    pub row: Option<usize>,
    pub column: Option<String>,
    /// What is wrong and how it was read.
    pub message: String,
    pub severity: Severity,
}

impl DataProblem {
    /// A fault of a whole column.
    pub(super) fn of_column(severity: Severity, column: &str, message: impl Into<String>) -> Self {
        Self { row: None, column: Some(column.to_owned()), message: message.into(), severity }
    }
}

/// `Row 812, column `income`: …`, as far as row and column are known.
impl std::fmt::Display for DataProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.row, &self.column) {
            (Some(row), Some(column)) => write!(f, "Row {row}, column `{column}`: ")?,
            (Some(row), None) => write!(f, "Row {row}: ")?,
            (None, Some(column)) => write!(f, "Column `{column}`: ")?,
            (None, None) => {}
        }
        f.write_str(&self.message)
    }
}

/// Faults of one kind in one place (a column, or whole rows) that are told one by one.
const TOLD: usize = 10;

/// Collects faults; of a thousand alike it keeps the first few and the number of the rest.
#[derive(Debug, Default)]
pub(super) struct Problems {
    list: Vec<DataProblem>,
    counts: BTreeMap<(&'static str, Option<String>), usize>,
}

impl Problems {
    pub fn push(&mut self, problem: DataProblem) {
        self.list.push(problem);
    }

    /// Adds one of possibly many; `kind` is what they have in common, as a plural: `short rows`.
    pub fn repeated(
        &mut self,
        kind: &'static str,
        row: usize,
        column: Option<&str>,
        message: impl FnOnce() -> String,
    ) {
        let count = self.counts.entry((kind, column.map(str::to_owned))).or_default();
        *count += 1;
        if *count <= TOLD {
            self.list.push(DataProblem {
                row: Some(row),
                column: column.map(str::to_owned),
                message: message(),
                severity: Severity::Warning,
            });
        }
    }

    /// How many of a kind there were, in whole rows.
    pub fn count(&self, kind: &'static str) -> usize {
        self.counts.get(&(kind, None)).copied().unwrap_or(0)
    }

    /// In the order of rows; what belongs to no row comes first.
    pub fn into_list(self) -> Vec<DataProblem> {
        let mut list = self.list;
        list.sort_by_key(|problem| problem.row);
        for ((kind, column), count) in self.counts {
            if count > TOLD {
                let message = format!("{} more {kind}", count - TOLD);
                list.push(DataProblem { row: None, column, message, severity: Severity::Warning });
            }
        }
        list
    }
}
