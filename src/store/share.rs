//! One experiment as a file of its own, for other people.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};

use super::codec;
use super::error::Problem;
use super::{ExperimentId, schema, search};
use crate::domain::PlanDraft;

/// Tables that are copied as they are, in an order that their references allow. `origins` is not
/// among them: it names a folder of this machine.
const COPIED: [&str; 15] = [
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
    "verdicts",
    "comments",
    "checks",
    "sign_offs",
    "left_out",
];

pub(super) fn require_another_file(library: &Path, copy: &Path) -> Result<(), Problem> {
    match (library.canonicalize(), copy.canonicalize()) {
        (Ok(library), Ok(copy)) if library == copy => Err(Problem::OntoItself),
        _ => Ok(()),
    }
}

/// What of an experiment a shared copy holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// All that it takes to run it again.
    #[default]
    Whole,
    /// All but the models' answers: smaller, but it can be run again only with the models.
    WithoutPredictions,
}

/// Copies one experiment of the library at the URI `from` to the file `to`.
pub(super) fn share(
    from: &str,
    id: &ExperimentId,
    sharing: Sharing,
    to: &Path,
) -> Result<(), Problem> {
    let copy = built(from, id, sharing)?;
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

/// The copy in a database of its own.
fn built(from: &str, id: &ExperimentId, sharing: Sharing) -> Result<Connection, Problem> {
    // A database without a name is a private temporary one; SQLite deletes it by itself.
    let copy = Connection::open_with_flags(
        "",
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_URI,
    )?;
    schema::prepare(&copy, Path::new(""))?;
    copy.execute("ATTACH ?1 AS source", [from])?;
    copy.pragma_update(None, "foreign_keys", true)?;
    copy_rows(&copy, id, sharing)?;
    forget_machine(&copy, id)?;
    search::insert(&copy, id)?;
    copy.execute_batch("DETACH source")?;
    Ok(copy)
}

/// How many bytes a copy will have.
pub(super) fn size(from: &str, id: &ExperimentId, sharing: Sharing) -> Result<u64, Problem> {
    let copy = built(from, id, sharing)?;
    copy.execute_batch("VACUUM")?;
    let number = |name| copy.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let bytes = number("page_count")?.saturating_mul(number("page_size")?);
    Ok(u64::try_from(bytes).unwrap_or_default())
}

fn part_of(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    to.with_file_name(name)
}

fn copy_rows(copy: &Connection, id: &ExperimentId, sharing: Sharing) -> Result<(), Problem> {
    let is_wanted = match sharing {
        Sharing::Whole => "",
        Sharing::WithoutPredictions => " AND part NOT IN ('predictions', 'drifted')",
    };
    let tx = copy.unchecked_transaction()?;
    tx.execute("INSERT INTO experiments SELECT * FROM source.experiments WHERE id = ?1", [id])?;
    tx.execute(
        &format!(
            "INSERT INTO contents SELECT * FROM source.contents
             WHERE key IN (SELECT content FROM source.experiment_inputs
                           WHERE experiment = ?1{is_wanted})"
        ),
        [id],
    )?;
    for table in COPIED {
        let and = if table == "experiment_inputs" { is_wanted } else { "" };
        let rows = format!("SELECT * FROM source.{table} WHERE experiment = ?1{and}");
        tx.execute(&format!("INSERT INTO {table} {rows}"), [id])?;
    }
    if sharing == Sharing::WithoutPredictions {
        let sql = "INSERT OR IGNORE INTO left_out (experiment, part) VALUES (?1, 'predictions')";
        tx.execute(sql, [id])?;
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
