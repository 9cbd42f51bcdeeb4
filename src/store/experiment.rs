//! An experiment as the library tells of it.

use jiff::Timestamp;
use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde::{Deserialize, Serialize};

use super::ExperimentId;
use super::codec::{self, from_word};
use super::error::Problem;
use super::verdict::{self, Shown};
use crate::domain::{
    Inputs, Intervention, InterventionKind, OutcomeKind, Plan, PlanDraft, PlanProblem, Recording,
    StrategyKind,
};

/// One line of the library.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    pub id: ExperimentId,
    pub name: String,
    pub strategy: StrategyKind,
    pub status: Status,
    /// How it ended; `None` until it has.
    pub outcome: Option<OutcomeKind>,
    pub reason: Option<String>,
    #[serde(serialize_with = "as_text")]
    pub created: Timestamp,
    /// Names of the arms, the baseline first.
    pub arms: Vec<String>,
    /// Name of the dataset's file.
    pub dataset: String,
    /// The recording's digest, once finished.
    pub digest: Option<String>,
    pub parent: Option<ExperimentId>,
    pub program_version: String,
    /// What it showed, once finished.
    pub shown: Option<Shown>,
    /// What the library's owner keeps beside it.
    pub tags: Vec<String>,
    /// Who ran it, as they call themselves; empty unless they said so.
    pub author: String,
    pub notes: String,
    pub is_archived: bool,
}

fn as_text<S: serde::Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Some process is writing it.
    Running,
    Finished,
    /// Its writer ended before it did; it can be run again from what is stored.
    Interrupted,
}

/// Everything about one experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    pub summary: Summary,
    pub plan: Plan,
    pub inputs: Inputs,
    /// Of the inputs of the run, all of them.
    pub inputs_digest: String,
    /// Parts of the inputs that this copy does without.
    pub left_out: Vec<String>,
    pub interventions: Vec<Intervention>,
    /// What was recorded, up to the interruption if there was one; `None` if nothing was.
    pub recording: Option<Recording>,
    /// The folder that the plan's relative paths start from; shared copies do not tell.
    pub base_folder: Option<String>,
}

/// What a [`Summary`] is read from, in its order.
const SUMMARY: &str = "SELECT id, name, strategy, status, outcome, reason, created,
        (SELECT json_group_array(name) FROM
            (SELECT name FROM arms WHERE arms.experiment = id ORDER BY arm)),
        dataset, digest, parent, program_version, headline, metric, delta, low, high,
        (SELECT json_group_array(tag) FROM tags WHERE tags.experiment = id),
        author, notes, archived
    FROM experiments
    LEFT JOIN verdicts ON verdicts.experiment = id
    LEFT JOIN keeping ON keeping.experiment = id";

/// All experiments, the newest first; not those that were deleted.
pub(super) fn summaries(connection: &Connection) -> Result<Vec<Summary>, Problem> {
    let sql = format!("{SUMMARY} WHERE deleted IS NULL ORDER BY created DESC, id");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(Summary::read(row)?);
    }
    Ok(all)
}

/// # Errors
/// If there is no such experiment.
pub(super) fn summary(connection: &Connection, id: &ExperimentId) -> Result<Summary, Problem> {
    let mut statement = connection.prepare(&format!("{SUMMARY} WHERE id = ?1"))?;
    let mut rows = statement.query([id])?;
    let row = rows.next()?.ok_or_else(|| Problem::Unknown(id.to_string()))?;
    Summary::read(row)
}

impl Summary {
    fn read(row: &Row<'_>) -> Result<Self, Problem> {
        let mut cells = Cells::of(row);
        let id: ExperimentId = cells.next()?;
        let damaged = |column: &str| {
            Problem::damaged("experiments", &id, format!("`{column}` cannot be read"))
        };
        let words = |column: &str, json: String| -> Result<Vec<String>, Problem> {
            serde_json::from_str(&json).map_err(|_| damaged(column))
        };
        Ok(Self {
            name: cells.next()?,
            strategy: from_word(cells.text()?).ok_or_else(|| damaged("strategy"))?,
            status: from_word(cells.text()?).ok_or_else(|| damaged("status"))?,
            outcome: match cells.next::<Option<String>>()? {
                Some(word) => Some(from_word(&word).ok_or_else(|| damaged("outcome"))?),
                None => None,
            },
            reason: cells.next()?,
            created: cells.text()?.parse().map_err(|_| damaged("created"))?,
            arms: words("arms", cells.next()?)?,
            dataset: cells.next()?,
            digest: cells.next()?,
            parent: cells.next()?,
            program_version: cells.next()?,
            shown: verdict::read(&mut cells)?,
            tags: words("tags", cells.next()?)?,
            author: cells.next::<Option<String>>()?.unwrap_or_default(),
            notes: cells.next::<Option<String>>()?.unwrap_or_default(),
            is_archived: cells.next::<Option<String>>()?.is_some(),
            id: id.clone(),
        })
    }
}

/// The cells of a row, one after another. Looking each up by its name would take longer than all
/// else about a long list.
pub(super) struct Cells<'row> {
    row: &'row Row<'row>,
    next: usize,
}

impl<'row> Cells<'row> {
    fn of(row: &'row Row<'row>) -> Self {
        Self { row, next: 0 }
    }

    pub fn next<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.next += 1;
        self.row.get(self.next - 1)
    }

    fn text(&mut self) -> rusqlite::Result<&'row str> {
        self.next += 1;
        Ok(self.row.get_ref(self.next - 1)?.as_str()?)
    }
}

/// Reads the plan and the digest of the inputs.
pub(super) fn plan(connection: &Connection, id: &ExperimentId) -> Result<(Plan, String), Problem> {
    let damaged = |message: String| Problem::damaged("experiments", id, message);
    let (text, digest, inputs): (String, String, String) = connection.query_row(
        "SELECT plan, plan_digest, inputs_digest FROM experiments WHERE id = ?1",
        [id],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    if codec::digest(text.as_bytes()) != digest {
        return Err(damaged("the digest of its plan does not match".to_owned()));
    }
    let draft = PlanDraft::from_toml(&text)
        .map_err(|fault| damaged(format!("its plan cannot be read: {fault}")))?;
    let plan = draft
        .validate()
        .map_err(|problems| damaged(format!("its plan is not valid: {}", first_of(&problems))))?;
    Ok((plan, inputs))
}

/// Reads what a person did during the run, and holds it against the plan.
pub(super) fn interventions(
    connection: &Connection,
    id: &ExperimentId,
    plan: &Plan,
) -> Result<Vec<Intervention>, Problem> {
    let damaged = |fault: String| Problem::damaged("interventions", id, fault);
    let mut statement = connection
        .prepare("SELECT exact FROM interventions WHERE experiment = ?1 ORDER BY number")?;
    let mut rows = statement.query([id])?;
    let mut all: Vec<Intervention> = Vec::new();
    let mut with_faults: PlanDraft = plan.clone().into();
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        let intervention: Intervention = codec::decode(bytes).map_err(damaged)?;
        match &intervention.kind {
            InterventionKind::Inject(fault) => with_faults.faults.push(fault.clone()),
            InterventionKind::SetLimit { gate, .. } if usize::from(*gate) >= plan.gates.len() => {
                return Err(damaged(format!("there is no gate {gate}")));
            }
            _ => {}
        }
        all.push(intervention);
    }
    match with_faults.validate() {
        Ok(_) => Ok(all),
        Err(problems) => Err(damaged(first_of(&problems))),
    }
}

fn first_of(problems: &[PlanProblem]) -> String {
    problems.first().map_or_else(String::new, |first| format!("{}: {}", first.field, first.message))
}

pub(super) fn base_folder(
    connection: &Connection,
    id: &ExperimentId,
) -> Result<Option<String>, Problem> {
    let sql = "SELECT base_folder FROM origins WHERE experiment = ?1";
    Ok(connection.query_row(sql, [id], |row| row.get(0)).optional()?)
}
