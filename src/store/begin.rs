//! A new experiment in the file.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::codec::{self, word};
use super::error::Problem;
use super::review::{LONGEST_NAME, require_text};
use super::{ExperimentId, search};
use crate::domain::{ArmId, Inputs, Intervention, Plan, file_name};

/// What a run is to start with.
pub struct NewExperiment<'a> {
    pub name: &'a str,
    pub plan: &'a Plan,
    pub inputs: &'a Inputs,
    pub interventions: &'a [Intervention],
    /// The experiment that this one is forked from.
    pub parent: Option<&'a ExperimentId>,
    /// The folder that the plan's relative paths start from.
    pub base_folder: &'a str,
    /// Who runs it, as they call themselves; empty if they do not say. It stays in the library.
    pub author: &'a str,
}

pub(super) fn unused_id(connection: &Connection) -> Result<ExperimentId, Problem> {
    loop {
        let id = ExperimentId::draw();
        let taken = "SELECT count(*) FROM experiments WHERE id = ?1";
        if connection.query_row(taken, [&id], |row| row.get::<_, i64>(0))? == 0 {
            return Ok(id);
        }
    }
}

pub(super) fn insert(
    connection: &Connection,
    id: &ExperimentId,
    new: &NewExperiment<'_>,
    writer: i64,
) -> Result<(), Problem> {
    let plan = new.plan.to_toml();
    connection.execute(
        "INSERT INTO experiments (id, name, strategy, status, created, program_version, seed,
            dataset, plan, plan_digest, inputs_digest, parent, writer)
         VALUES (?1, ?2, ?3, 'running', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            id,
            new.name,
            word(&new.plan.strategy.kind()),
            now(),
            env!("CARGO_PKG_VERSION"),
            i64::try_from(new.plan.seed).unwrap_or(i64::MAX),
            file_name(&new.plan.data.path),
            plan,
            codec::digest(plan.as_bytes()),
            new.inputs.digest(),
            new.parent,
            writer
        ],
    )?;
    connection.execute(
        "INSERT INTO origins (experiment, base_folder) VALUES (?1, ?2)",
        params![id, new.base_folder],
    )?;
    let author = new.author.trim();
    if !author.is_empty() {
        require_text("The author", author, LONGEST_NAME)?;
        let sql = "INSERT INTO keeping (experiment, author) VALUES (?1, ?2)";
        connection.execute(sql, params![id, author])?;
    }
    insert_arms(connection, id, new.plan)?;
    search::insert(connection, id)?;
    insert_interventions(connection, id, new.interventions)
}

fn insert_arms(connection: &Connection, id: &ExperimentId, plan: &Plan) -> Result<(), Problem> {
    for (place, arm) in plan.arms.iter().enumerate() {
        connection.execute(
            "INSERT INTO arms (experiment, arm, letter, name, model) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                id,
                place as i64,
                ArmId::new(place).to_string(),
                arm.name,
                arm.model.describe()
            ],
        )?;
    }
    Ok(())
}

fn insert_interventions(
    connection: &Connection,
    id: &ExperimentId,
    interventions: &[Intervention],
) -> Result<(), Problem> {
    for (number, intervention) in interventions.iter().enumerate() {
        connection.execute(
            "INSERT INTO interventions (experiment, number, at_us, clock, what, exact)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                id,
                number as i64,
                i64::try_from(intervention.at.micros()).unwrap_or(i64::MAX),
                intervention.at.clock(),
                intervention.kind.label(),
                codec::encode(intervention)
            ],
        )?;
    }
    Ok(())
}

pub(super) fn now() -> String {
    // Always nine decimals, so that texts sort as times do.
    format!("{:.9}", Timestamp::now())
}
