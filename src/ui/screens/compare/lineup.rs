//! The runs that stand side by side, and the table of them.

use std::sync::Arc;

use super::course::{Moment, course};
use crate::app::State;
use crate::domain::metric::Direction;
use crate::domain::{Outcome, Plan, Recording, SimTime};
use crate::report::comparison::in_short;
use crate::report::oracle::{Hindsight, hindsight};
use crate::stats::ledger::{Comparison, OUTCOME, Unit};
use crate::stats::{Ledger, comparison, ledger, verdict};
use crate::worker::Compared;

/// What is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    /// The plan with every strategy.
    #[default]
    Strategies,
    /// The runs of this session that have ended.
    Runs,
}

/// Whose table it is; it holds what it was made from, so that a look at the pointers tells whether
/// it still is.
#[derive(Clone)]
enum Source {
    Strategies(Arc<Vec<Compared>>),
    Runs(Vec<Arc<Recording>>),
}

impl Source {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Strategies(a), Self::Strategies(b)) => Arc::ptr_eq(a, b),
            (Self::Runs(a), Self::Runs(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| Arc::ptr_eq(a, b))
            }
            _ => false,
        }
    }
}

/// One run.
pub struct Column {
    pub title: String,
    pub outcome: Outcome,
    /// What the verdict card says of it.
    pub sentence: String,
    pub course: Vec<Moment>,
    /// Its place among the session's runs, if it is one of them.
    pub run: Option<usize>,
}

/// One line of the table, in words.
pub struct Row {
    pub label: String,
    pub good: Direction,
    pub unit: Unit,
    pub cells: Vec<Cell>,
}

pub struct Cell {
    pub text: String,
    pub number: Option<f64>,
    pub is_best: bool,
}

impl Row {
    pub fn differs(&self) -> bool {
        self.cells.windows(2).any(|pair| pair[0].text != pair[1].text)
    }
}

pub struct Lineup {
    source: Source,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// The same as the report has it.
    pub table: Comparison,
    pub hindsight: Hindsight,
    /// The latest end of all.
    pub end: SimTime,
    /// The column of the plan's own strategy, or of the run that is shown elsewhere.
    pub own: Option<usize>,
    /// Made in this frame: numbers of columns from before mean nothing any more.
    pub is_new: bool,
}

impl Lineup {
    /// Brings `known` up to date with the state; `None` where there is nothing to compare.
    pub fn follow(known: Option<Self>, state: &State, subject: Subject) -> Option<Self> {
        let source = source(state, subject)?;
        match known {
            Some(known) if known.source.is(&source) => Some(Self { is_new: false, ..known }),
            _ => Some(Self::new(source, state)),
        }
    }

    fn new(source: Source, state: &State) -> Self {
        let mut columns = Vec::new();
        let mut ledgers = Vec::new();
        let mut plans: Vec<(&Plan, usize)> = Vec::new();
        match &source {
            Source::Strategies(compared) => {
                for run in compared.iter() {
                    let title = run.kind.label().to_owned();
                    ledgers.push((title.clone(), run.ledger.clone()));
                    columns.push(column(title, &run.recording, None));
                }
            }
            Source::Runs(_) => {
                for (place, run) in finished(state) {
                    let Some(recording) = &run.recording else { continue };
                    let title = run.numbered_title(place);
                    ledgers.push((title.clone(), ledger(recording, &run.plan)));
                    columns.push(column(title, recording, Some(place)));
                    plans.push((&run.plan, run.interventions.len()));
                }
            }
        }
        let end = columns.iter().filter_map(|column| column.course.last().map(|last| last.end));
        let end = end.max().unwrap_or(SimTime::START);
        let hindsight = hindsight(ledgers.iter().map(|(name, ledger)| (name.as_str(), ledger)));
        let (table, mut rows) = rows(&ledgers);
        let own = match &source {
            Source::Strategies(compared) => {
                let kind = state.plan.draft().strategy.kind();
                compared.iter().position(|run| run.kind == kind)
            }
            Source::Runs(_) => {
                rows.extend(plan_rows(&plans));
                columns.iter().position(|column| column.run == state.shown)
            }
        };
        Self { source, columns, rows, table, hindsight, end, own, is_new: true }
    }

    /// The places of the columns in the order to show: the pinned one first, the rest by the
    /// numbers of the row that is sorted by, the better ones first.
    pub fn order(&self, pinned: Option<usize>, sorted_by: Option<&str>) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.columns.len()).collect();
        if let Some(row) = self.rows.iter().find(|row| Some(row.label.as_str()) == sorted_by) {
            let sign = if row.good == Direction::Higher { -1.0 } else { 1.0 };
            let key = |place: &usize| {
                let number = row.cells.get(*place).and_then(|cell| cell.number);
                number.map_or(f64::INFINITY, |number| number * sign)
            };
            order.sort_by(|a, b| key(a).total_cmp(&key(b)));
        }
        if let Some(pinned) = pinned {
            order.sort_by_key(|place| *place != pinned);
        }
        order
    }
}

fn finished(state: &State) -> impl Iterator<Item = (usize, &crate::app::Run)> {
    state.runs.iter().enumerate().filter(|(_, run)| run.is_finished())
}

fn source(state: &State, subject: Subject) -> Option<Source> {
    match subject {
        Subject::Strategies => state.compared.clone().map(Source::Strategies),
        Subject::Runs => {
            let runs: Vec<_> =
                finished(state).filter_map(|(_, run)| run.recording.clone()).collect();
            (runs.len() > 1).then_some(Source::Runs(runs))
        }
    }
}

fn column(title: String, recording: &Recording, run: Option<usize>) -> Column {
    Column {
        title,
        outcome: recording.outcome.clone(),
        sentence: verdict(recording, recording.end()).sentence,
        course: course(recording),
        run,
    }
}

/// The ledgers' lines but for the outcome, which stands in the heads of the columns.
fn rows(ledgers: &[(String, Ledger)]) -> (Comparison, Vec<Row>) {
    let table = comparison(ledgers);
    let rows = table.rows.iter().filter(|row| row.label != OUTCOME).map(|row| {
        let (label, texts) = in_short(row);
        let cells = row.cells.iter().zip(texts).map(|(cell, text)| Cell {
            text: text.to_owned(),
            number: cell.number,
            is_best: cell.is_best,
        });
        Row { label, good: row.good, unit: row.unit, cells: cells.collect() }
    });
    let rows = rows.collect();
    (table, rows)
}

/// What was planned and done otherwise; people ask where a difference comes from.
fn plan_rows(plans: &[(&Plan, usize)]) -> [Row; 3] {
    let row = |label: &str, text: &dyn Fn(&Plan, usize) -> String| Row {
        label: label.to_owned(),
        good: Direction::Neither,
        unit: Unit::Count,
        cells: plans
            .iter()
            .map(|(plan, acts)| Cell { text: text(plan, *acts), number: None, is_best: false })
            .collect(),
    };
    [
        row("Strategy", &|plan, _| plan.strategy.kind().label().to_owned()),
        row("Seed", &|plan, _| plan.seed.to_string()),
        row("Acts by hand", &|_, acts| acts.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn columns_are_sorted_best_first_and_the_pinned_one_leads() {
        let state = fixture::compared();
        let lineup = Lineup::follow(None, &state, Subject::Strategies).unwrap();
        let exposed = lineup.rows.first().map(|row| row.label.clone());
        let order = lineup.order(None, exposed.as_deref());
        let number = |place: &usize| lineup.rows[0].cells[*place].number.unwrap();
        assert!(order.iter().map(number).is_sorted(), "{order:?}");
        assert_eq!(lineup.order(Some(3), exposed.as_deref())[0], 3);
        assert!(lineup.rows.iter().all(|row| row.cells.len() == lineup.columns.len()));
    }

    #[test]
    fn a_table_is_made_anew_only_when_its_runs_are_others() {
        let mut state = fixture::compared();
        let first = Lineup::follow(None, &state, Subject::Strategies).unwrap();
        let columns = first.columns.as_ptr();
        let same = Lineup::follow(Some(first), &state, Subject::Strategies).unwrap();
        assert_eq!(same.columns.as_ptr(), columns);
        assert!(Lineup::follow(Some(same), &state, Subject::Runs).is_none(), "no runs yet");
        state.compared = None;
        assert!(Lineup::follow(None, &state, Subject::Strategies).is_none());
    }
}
