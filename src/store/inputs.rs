//! What runs read: rows, predictions and times, each kept once under its content's digest.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ExperimentId;
use super::codec::{self, Claim, Raw};
use super::error::Problem;
use crate::domain::{Drifted, Inputs, Predictions};

/// An experiment's inputs take no more bytes than this in memory, or they are not loaded.
const MOST_BYTES: i64 = 4 << 30;

/// The place of one content in an [`Inputs`].
struct Place {
    part: &'static str,
    /// Place in the list of drifts.
    drift: usize,
    arm: usize,
    fault: Option<usize>,
}

impl Place {
    fn of(part: &'static str) -> Self {
        Self { part, drift: 0, arm: 0, fault: None }
    }
}

/// Keeps a value under its digest, unless it is there already.
pub(super) fn keep<T: Serialize>(
    connection: &Connection,
    what: &str,
    value: &T,
) -> Result<String, Problem> {
    let raw = Raw::of(what, value)?;
    let known = "SELECT 1 FROM contents WHERE key = ?1";
    if connection.prepare(known)?.exists([&raw.digest])? {
        return Ok(raw.digest);
    }
    let packed = raw.compressed();
    connection.execute(
        "INSERT INTO contents (key, raw_bytes, body) VALUES (?1, ?2, ?3)",
        params![packed.digest, packed.raw_bytes as i64, packed.body],
    )?;
    Ok(packed.digest)
}

/// Reads a row of `key, raw_bytes, body`.
pub(super) fn read_content<T: DeserializeOwned>(
    row: &Row<'_>,
) -> rusqlite::Result<Result<T, String>> {
    let key: String = row.get("key")?;
    let raw_bytes = row.get("raw_bytes")?;
    let body = row.get_ref("body")?.as_blob()?;
    Ok(codec::unpack(Claim { body, raw_bytes, digest: &key }))
}

/// Deletes contents that neither an experiment nor the cache refers to.
pub(super) fn sweep(connection: &Connection) -> Result<(), Problem> {
    connection.execute(
        "DELETE FROM contents
         WHERE NOT EXISTS (SELECT 1 FROM experiment_inputs WHERE content = key)
           AND NOT EXISTS (SELECT 1 FROM prediction_cache AS cached WHERE cached.content = contents.key)",
        [],
    )?;
    Ok(())
}

pub(super) fn save(
    connection: &Connection,
    experiment: &ExperimentId,
    inputs: &Inputs,
) -> Result<(), Problem> {
    let refer = |place: &Place, key: String| {
        connection.execute(
            "INSERT INTO experiment_inputs (experiment, part, place, arm, fault, content)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                experiment,
                place.part,
                place.drift as i64,
                place.arm as i64,
                place.fault.map(|fault| fault as i64),
                key
            ],
        )
    };
    refer(&Place::of("rows"), keep(connection, "The rows", &inputs.rows)?)?;
    if let Some(arrivals) = &inputs.arrivals {
        refer(&Place::of("arrivals"), keep(connection, "The arrival times", arrivals)?)?;
    }
    if !inputs.service_samples.is_empty() {
        let key = keep(connection, "The service times", &inputs.service_samples)?;
        refer(&Place::of("service_samples"), key)?;
    }
    for (arm, predictions) in inputs.predictions.iter().enumerate() {
        let key = keep(connection, &predictions.model, predictions)?;
        refer(&Place { arm, ..Place::of("predictions") }, key)?;
    }
    for (drift, drifted) in inputs.drifted.iter().enumerate() {
        for (arm, predictions) in drifted.predictions.iter().enumerate() {
            let key = keep(connection, &predictions.model, predictions)?;
            refer(&Place { part: "drifted", drift, arm, fault: Some(drifted.fault) }, key)?;
        }
    }
    Ok(())
}

/// Parts of the inputs that a shared copy does without.
pub(super) fn left_out(
    connection: &Connection,
    experiment: &ExperimentId,
) -> Result<Vec<String>, Problem> {
    let sql = "SELECT part FROM left_out WHERE experiment = ?1 ORDER BY part LIMIT 10";
    let mut statement = connection.prepare(sql)?;
    let parts = statement.query_map([experiment], |row| row.get(0))?;
    Ok(parts.collect::<Result<_, _>>()?)
}

/// Restores an experiment's inputs and holds them against `digest`, unless a part is left out.
pub(super) fn load(
    connection: &Connection,
    experiment: &ExperimentId,
    digest: &str,
    is_partial: bool,
) -> Result<Inputs, Problem> {
    let damaged = |message: String| Problem::damaged("experiment_inputs", experiment, message);
    check_size(connection, experiment)?;
    let mut statement = connection.prepare(
        "SELECT i.part, i.place, i.fault, c.key, c.raw_bytes, c.body
         FROM experiment_inputs i JOIN contents c ON c.key = i.content
         WHERE i.experiment = ?1 ORDER BY i.part, i.place, i.arm",
    )?;
    let mut rows = statement.query([experiment])?;
    let mut inputs = Inputs::default();
    while let Some(row) = rows.next()? {
        let part: String = row.get("part")?;
        let in_contents = |message| Problem::damaged("contents", experiment, message);
        match part.as_str() {
            "rows" => inputs.rows = read_content(row)?.map_err(in_contents)?,
            "arrivals" => inputs.arrivals = Some(read_content(row)?.map_err(in_contents)?),
            "service_samples" => {
                inputs.service_samples = read_content(row)?.map_err(in_contents)?;
            }
            "predictions" => {
                inputs.predictions.push(read_content(row)?.map_err(in_contents)?);
            }
            "drifted" => {
                let predictions: Predictions = read_content(row)?.map_err(in_contents)?;
                let (place, fault): (i64, i64) = (row.get("place")?, row.get("fault")?);
                add_drift(&mut inputs.drifted, place, fault, predictions)
                    .ok_or_else(|| damaged(format!("there is no drift {place}")))?;
            }
            other => return Err(damaged(format!("`{other}` is no part of the inputs"))),
        }
    }
    if !is_partial && inputs.digest() != digest {
        return Err(damaged("the inputs are not the ones that were saved".to_owned()));
    }
    Ok(inputs)
}

fn add_drift(
    drifts: &mut Vec<Drifted>,
    place: i64,
    fault: i64,
    predictions: Predictions,
) -> Option<()> {
    let (place, fault) = (usize::try_from(place).ok()?, usize::try_from(fault).ok()?);
    if place == drifts.len() {
        drifts.push(Drifted { fault, predictions: Vec::new() });
    }
    drifts.get_mut(place)?.predictions.push(predictions);
    Some(())
}

/// One content that is referred to many times would fill the memory from a small file.
fn check_size(connection: &Connection, experiment: &ExperimentId) -> Result<(), Problem> {
    let bytes: Option<f64> = connection
        .query_row(
            "SELECT total(max(c.raw_bytes, 0)) FROM experiment_inputs i JOIN contents c ON c.key = i.content
             WHERE i.experiment = ?1",
            [experiment],
            |row| row.get(0),
        )
        .optional()?;
    match bytes {
        Some(bytes) if bytes > MOST_BYTES as f64 => Err(Problem::TooLarge {
            what: format!("The inputs of experiment {experiment}"),
            bytes: bytes as u64,
            limit: MOST_BYTES as u64,
        }),
        _ => Ok(()),
    }
}
