//! An experiment as the library tells of it.

use jiff::Timestamp;
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

/// The summary of one experiment, or of all of them, the newest first.
pub(super) fn summaries(
    connection: &Connection,
    id: Option<&ExperimentId>,
) -> Result<Vec<Summary>, Problem> {
    let mut statement = connection.prepare(
        "SELECT id, name, strategy, status, outcome, reason, created, dataset, digest, parent,
                program_version, headline, metric, delta, low, high,
                coalesce(notes, '') AS notes, archived,
                (SELECT json_group_array(name) FROM
                    (SELECT name FROM arms WHERE arms.experiment = id ORDER BY arm)) AS arms,
                (SELECT json_group_array(tag) FROM tags WHERE tags.experiment = id) AS tags
         FROM experiments
         LEFT JOIN verdicts ON verdicts.experiment = id
         LEFT JOIN keeping ON keeping.experiment = id
         WHERE CASE WHEN ?1 IS NULL THEN deleted IS NULL ELSE id = ?1 END
         ORDER BY created DESC, id",
    )?;
    let mut rows = statement.query([id])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(summary(row)?);
    }
    Ok(all)
}

fn summary(row: &Row<'_>) -> Result<Summary, Problem> {
    let id: ExperimentId = row.get("id")?;
    let damaged =
        |column: &str| Problem::damaged("experiments", &id, format!("`{column}` cannot be read"));
    let text = |column: &str| row.get::<_, String>(column);
    let list = |column: &str| -> Result<Vec<String>, Problem> {
        serde_json::from_str(&text(column)?).map_err(|_| damaged(column))
    };
    let outcome: Option<String> = row.get("outcome")?;
    let outcome = outcome.map(|word| from_word(&word).ok_or_else(|| damaged("outcome")));
    Ok(Summary {
        name: text("name")?,
        strategy: from_word(&text("strategy")?).ok_or_else(|| damaged("strategy"))?,
        status: from_word(&text("status")?).ok_or_else(|| damaged("status"))?,
        outcome: outcome.transpose()?,
        reason: row.get("reason")?,
        created: text("created")?.parse().map_err(|_| damaged("created"))?,
        arms: list("arms")?,
        tags: list("tags")?,
        notes: text("notes")?,
        is_archived: row.get::<_, Option<String>>("archived")?.is_some(),
        dataset: text("dataset")?,
        digest: row.get("digest")?,
        parent: row.get("parent")?,
        program_version: text("program_version")?,
        shown: verdict::read(row)?,
        id: id.clone(),
    })
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
