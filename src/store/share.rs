//! One experiment as a file of its own, for other people.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};

use super::codec;
use super::error::Problem;
use super::{ExperimentId, schema};
use crate::domain::PlanDraft;

/// Tables that are copied as they are, in an order that their references allow. `origins` is not
/// among them: it names a folder of this machine.
const COPIED: [&str; 10] = [
    "arms",
    "experiment_inputs",
    "interventions",
    "recordings",
    "recording_parts",
    "windows",
    "arm_windows",
    "segment_windows",
    "events",
    "jobs",
];

pub(super) fn require_another_file(library: &Path, copy: &Path) -> Result<(), Problem> {
    match (library.canonicalize(), copy.canonicalize()) {
        (Ok(library), Ok(copy)) if library == copy => Err(Problem::OntoItself),
        _ => Ok(()),
    }
}

/// Copies one experiment of the library at the URI `from` to the file `to`.
pub(super) fn share(from: &str, id: &ExperimentId, to: &Path) -> Result<(), Problem> {
    // A database without a name is a private temporary one; SQLite deletes it by itself.
    let copy = Connection::open_with_flags(
        "",
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_URI,
    )?;
    schema::prepare(&copy, to)?;
    copy.execute("ATTACH ?1 AS source", [from])?;
    copy.pragma_update(None, "foreign_keys", true)?;
    copy_rows(&copy, id)?;
    forget_machine(&copy, id)?;
    copy.execute_batch("DETACH source")?;

    // Under another name first: a copy is there whole or not at all.
    let part = part_of(to);
    let clear = |problem| {
        let _ = fs::remove_file(&part);
        problem
    };
    match fs::remove_file(&part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Problem::io("Replacing an unfinished copy")(error));
        }
        _ => {}
    }
    schema::vacuum_into(&copy, &part).map_err(clear)?;
    fs::File::open(&part)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&part, to))
        .map_err(Problem::io("Writing the copy"))
        .map_err(clear)
}

fn part_of(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    to.with_file_name(name)
}

fn copy_rows(copy: &Connection, id: &ExperimentId) -> Result<(), Problem> {
    let tx = copy.unchecked_transaction()?;
    tx.execute("INSERT INTO experiments SELECT * FROM source.experiments WHERE id = ?1", [id])?;
    tx.execute(
        "INSERT INTO contents SELECT * FROM source.contents
         WHERE key IN (SELECT content FROM source.experiment_inputs WHERE experiment = ?1)",
        [id],
    )?;
    for table in COPIED {
        tx.execute(
            &format!("INSERT INTO {table} SELECT * FROM source.{table} WHERE experiment = ?1"),
            [id],
        )?;
    }
    // The copy stays as it is, whoever goes on writing the original.
    tx.execute(
        "UPDATE experiments SET status = 'interrupted', writer = NULL,
            reason = 'It was still running when it was shared'
         WHERE status = 'running'",
        [],
    )?;
    Ok(tx.commit()?)
}

/// Takes folders of this machine out of the plan. Its results do not depend on them.
fn forget_machine(copy: &Connection, id: &ExperimentId) -> Result<(), Problem> {
    let text: String =
        copy.query_row("SELECT plan FROM experiments WHERE id = ?1", [id], |row| row.get(0))?;
    let damaged = |message| Problem::damaged("experiments", id, message);
    let mut plan = PlanDraft::from_toml(&text)
        .map_err(|fault| damaged(format!("its plan cannot be read: {fault}")))?;
    plan.forget_folders();
    let text = plan.to_toml();
    copy.execute(
        "UPDATE experiments SET plan = ?2, plan_digest = ?3 WHERE id = ?1",
        params![id, text, codec::digest(text.as_bytes())],
    )?;
    for (place, arm) in plan.arms.iter().enumerate() {
        copy.execute(
            "UPDATE arms SET model = ?3 WHERE experiment = ?1 AND arm = ?2",
            params![id, place as i64, arm.model.describe()],
        )?;
    }
    Ok(())
}
