//! The exact recording: a small head, and its long lists in compressed parts with a digest each.

use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};
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

impl Written {
    /// How far the last part of each list reaches.
    fn of(held: &[Held], reach: fn(&Held) -> usize) -> Self {
        let of = |list| held.iter().rev().find(|part| part.list == list).map_or(0, reach);
        Self { windows: of("windows"), events: of("events"), jobs: of("jobs") }
    }
}

/// A part that the file holds.
pub(super) struct Held {
    list: String,
    first: usize,
    count: usize,
    digest: String,
}

impl Held {
    fn end(&self) -> usize {
        self.first.saturating_add(self.count)
    }

    /// Where the part after it begins. One that is not full makes room for another.
    fn next(&self) -> usize {
        if self.count < PART { self.first } else { self.end() }
    }

    /// Whether it is a part of `recording` too.
    fn is_of(&self, recording: &Recording) -> bool {
        fn digest<T: Serialize>(all: &[T], held: &Held) -> Option<String> {
            let part = all.get(held.first..held.end())?;
            Some(codec::digest(&codec::encode(part)))
        }
        let digest = match self.list.as_str() {
            "windows" => digest(&recording.windows, self),
            "events" => digest(&recording.events, self),
            "jobs" => digest(&recording.jobs, self),
            _ => None,
        };
        digest.as_ref() == Some(&self.digest)
    }
}

/// The parts that the file holds of an experiment's recording, in order.
pub(super) fn held(
    connection: &Connection,
    experiment: &ExperimentId,
) -> Result<Vec<Held>, Problem> {
    let mut statement = connection.prepare(
        "SELECT list, first, count, digest FROM recording_parts
         WHERE experiment = ?1 ORDER BY list, first",
    )?;
    let size = |number: i64| usize::try_from(number).unwrap_or_default();
    let rows = statement.query_map([experiment], |row| {
        let (first, count) = (size(row.get(1)?), size(row.get(2)?));
        Ok(Held { list: row.get(0)?, first, count, digest: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A recording, or what is new of it, as the file is to hold it.
pub(super) struct Exact {
    head: Vec<u8>,
    parts: Vec<Part>,
    /// What the file holds already, and keeps.
    after: Written,
    /// Where `parts` begin: a part that is not full is written anew.
    from: Written,
}

/// A few entries of one list.
struct Part {
    list: &'static str,
    first: usize,
    count: usize,
    packed: Packed,
}

impl Exact {
    /// Encodes, on all cores, what comes after `held`, the beginning of the same recording.
    ///
    /// # Errors
    /// If it is too large to be kept.
    fn after(recording: &Recording, held: &[Held]) -> Result<Self, Problem> {
        let (after, from) = (Written::of(held, Held::end), Written::of(held, Held::next));
        let mut parts = parts("windows", &recording.windows, from.windows)?;
        parts.extend(self::parts("events", &recording.events, from.events)?);
        parts.extend(self::parts("jobs", &recording.jobs, from.jobs)?);
        Ok(Self { head: head(recording), parts, after, from })
    }

    /// Encodes, on all cores, what the file needs besides what it holds: little if all of that is a
    /// part of this recording, and everything if any of it is not.
    ///
    /// # Errors
    /// If it is too large to be kept.
    pub fn of(recording: &Recording, held: &[Held]) -> Result<Self, Problem> {
        let is_beginning = held.par_iter().all(|part| part.is_of(recording));
        Self::after(recording, if is_beginning { held } else { &[] })
    }

    /// Writes it in place of all that comes after what is kept.
    pub fn save(
        &self,
        connection: &Connection,
        experiment: &ExperimentId,
        recording: &Recording,
    ) -> Result<(), Problem> {
        self.make_room(connection, experiment)?;
        connection.execute(
            "INSERT OR REPLACE INTO recordings (experiment, head, digest) VALUES (?1, ?2, ?3)",
            params![experiment, self.head, codec::digest(&self.head)],
        )?;
        let mut insert = connection.prepare(
            "INSERT INTO recording_parts (experiment, list, first, count, raw_bytes, body, digest)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for Part { list, first, count, packed } in &self.parts {
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
        readable::save(connection, experiment, recording, self.after)
    }

    fn make_room(&self, connection: &Connection, experiment: &ExperimentId) -> Result<(), Problem> {
        let Self { after, from, .. } = self;
        for (list, from, after) in [
            // The windows take their arms and segments with them.
            ("windows", from.windows, after.windows),
            ("events", from.events, after.events),
            ("jobs", from.jobs, after.jobs),
        ] {
            connection.execute(
                "DELETE FROM recording_parts WHERE experiment = ?1 AND list = ?2 AND first >= ?3",
                params![experiment, list, from as i64],
            )?;
            connection.execute(
                &format!("DELETE FROM {list} WHERE experiment = ?1 AND number >= ?2"),
                params![experiment, after as i64],
            )?;
        }
        Ok(())
    }
}

fn parts<T: Serialize + Sync>(
    list: &'static str,
    all: &[T],
    from: usize,
) -> Result<Vec<Part>, Problem> {
    let new = all.get(from..).unwrap_or_default();
    let part = |(place, part): (usize, &[T])| {
        let first = from + place * PART;
        Ok(Part { list, first, count: part.len(), packed: codec::pack(list, part)? })
    };
    new.par_chunks(PART).enumerate().map(part).collect()
}

/// Writes what is not written yet of a recording that grows.
pub(super) fn append(
    connection: &Connection,
    experiment: &ExperimentId,
    recording: &Recording,
) -> Result<(), Problem> {
    let held = held(connection, experiment)?;
    Exact::after(recording, &held)?.save(connection, experiment, recording)
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
