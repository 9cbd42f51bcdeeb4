//! The exact recording: a small head, and its long lists in compressed parts with a digest each.

use rayon::iter::{IndexedParallelIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::{self, Claim, Packed};
use super::error::Problem;
use super::{ExperimentId, readable, soundness};
use crate::domain::Recording;

/// Entries of a list in one part: enough to compress well, few enough to bound the memory.
const PART: usize = 64;

/// How much of a recording the file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub windows: usize,
    pub events: usize,
    pub jobs: usize,
}

/// A recording, or what is new of it, as the file holds it.
pub(super) struct Exact {
    head: Vec<u8>,
    parts: Vec<Part>,
    /// What the file holds before it.
    after: Written,
}

/// A few entries of one list.
struct Part {
    list: &'static str,
    first: usize,
    count: usize,
    packed: Packed,
}

impl Exact {
    /// Encodes, on all cores, what comes after `written`.
    ///
    /// # Errors
    /// If it is too large to be kept.
    pub fn of(recording: &Recording, written: Written) -> Result<Self, Problem> {
        let mut parts = parts("windows", &recording.windows, written.windows)?;
        parts.extend(self::parts("events", &recording.events, written.events)?);
        parts.extend(self::parts("jobs", &recording.jobs, written.jobs)?);
        Ok(Self { head: head(recording), parts, after: written })
    }
}

fn parts<T: Serialize + Sync>(
    list: &'static str,
    all: &[T],
    written: usize,
) -> Result<Vec<Part>, Problem> {
    let new = all.get(written..).unwrap_or_default();
    let part = |(place, part): (usize, &[T])| {
        let first = written + place * PART;
        Ok(Part { list, first, count: part.len(), packed: codec::pack(list, part)? })
    };
    new.par_chunks(PART).enumerate().map(part).collect()
}

/// Writes what is not written yet.
pub(super) fn append(
    connection: &Connection,
    experiment: &ExperimentId,
    recording: &Recording,
) -> Result<(), Problem> {
    let written = written(connection, experiment)?;
    save(connection, experiment, recording, &Exact::of(recording, written)?)
}

/// Writes all of it in place of what was written while it ran. So a finished recording lies in few
/// large parts, and is exact whatever was appended before.
pub(super) fn replace(
    connection: &Connection,
    experiment: &ExperimentId,
    recording: &Recording,
    exact: &Exact,
) -> Result<(), Problem> {
    // The windows take their arms and segments with them.
    for table in ["recording_parts", "windows", "events", "jobs"] {
        connection.execute(&format!("DELETE FROM {table} WHERE experiment = ?1"), [experiment])?;
    }
    save(connection, experiment, recording, exact)
}

fn save(
    connection: &Connection,
    experiment: &ExperimentId,
    recording: &Recording,
    exact: &Exact,
) -> Result<(), Problem> {
    connection.execute(
        "INSERT OR REPLACE INTO recordings (experiment, head, digest) VALUES (?1, ?2, ?3)",
        params![experiment, exact.head, codec::digest(&exact.head)],
    )?;
    let mut insert = connection.prepare(
        "INSERT INTO recording_parts (experiment, list, first, count, raw_bytes, body, digest)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for Part { list, first, count, packed } in &exact.parts {
        insert.execute(params![
            experiment,
            list,
            *first as i64,
            *count as i64,
            packed.raw_bytes as i64,
            packed.body,
            packed.digest
        ])?;
    }
    readable::save(connection, experiment, recording, exact.after)
}

fn written(connection: &Connection, experiment: &ExperimentId) -> Result<Written, Problem> {
    let count = |list: &str| -> Result<usize, Problem> {
        let sql = "SELECT coalesce(sum(count), 0) FROM recording_parts
                   WHERE experiment = ?1 AND list = ?2";
        let count: i64 = connection.query_row(sql, params![experiment, list], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or_default())
    };
    Ok(Written { windows: count("windows")?, events: count("events")?, jobs: count("jobs")? })
}

/// The recording without its lists.
fn head(recording: &Recording) -> Vec<u8> {
    codec::encode(&Recording {
        strategy: recording.strategy,
        arms: recording.arms.clone(),
        gates: recording.gates.clone(),
        segments: recording.segments.clone(),
        stages: recording.stages.clone(),
        window: recording.window,
        windows: Vec::new(),
        events: Vec::new(),
        jobs: Vec::new(),
        outcome: recording.outcome.clone(),
    })
}

struct Stored<'a> {
    connection: &'a Connection,
    experiment: &'a ExperimentId,
}

impl Stored<'_> {
    fn read<T: DeserializeOwned>(&self, list: &str) -> Result<Vec<T>, Problem> {
        let mut statement = self.connection.prepare(
            "SELECT first, count, raw_bytes, body, digest FROM recording_parts
             WHERE experiment = ?1 AND list = ?2 ORDER BY first",
        )?;
        let mut rows = statement.query(params![self.experiment, list])?;
        let mut all: Vec<T> = Vec::new();
        while let Some(row) = rows.next()? {
            let (first, count): (i64, i64) = (row.get(0)?, row.get(1)?);
            let digest: String = row.get(4)?;
            let claim = Claim {
                raw_bytes: row.get(2)?,
                body: row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?,
                digest: &digest,
            };
            let damaged = |message: String| {
                let message = format!("{list} from {first} on: {message}");
                Problem::damaged("recording_parts", self.experiment, message)
            };
            let part: Vec<T> = codec::unpack(claim).map_err(damaged)?;
            if first != all.len() as i64 || count != part.len() as i64 {
                return Err(damaged(format!("{} were expected before them", all.len())));
            }
            all.extend(part);
        }
        Ok(all)
    }
}

/// Restores what is written; `None` if nothing is.
pub(super) fn load(
    connection: &Connection,
    experiment: &ExperimentId,
) -> Result<Option<Recording>, Problem> {
    let head: Option<(Vec<u8>, String)> = connection
        .query_row(
            "SELECT head, digest FROM recordings WHERE experiment = ?1",
            [experiment],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((head, digest)) = head else { return Ok(None) };
    let damaged = |message: String| Problem::damaged("recordings", experiment, message);
    if codec::digest(&head) != digest {
        return Err(damaged("its digest does not match".to_owned()));
    }
    let stored = Stored { connection, experiment };
    let recording = Recording {
        windows: stored.read("windows")?,
        events: stored.read("events")?,
        jobs: stored.read("jobs")?,
        ..codec::decode(&head).map_err(damaged)?
    };
    soundness::check(&recording).map_err(damaged)?;
    Ok(Some(recording))
}
