//! The layout of the file: how it is recognised, made and brought up to date.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::Problem;

/// The four letters `Rhsl`, which `file` and other tools can tell our files by.
pub(super) const APPLICATION_ID: i32 = 0x5268_736c;

/// Step `n` brings a file of version `n` to version `n + 1`. Released steps never change.
const STEPS: [&str; 3] = [
    include_str!("schema/0001_experiments.sql"),
    include_str!("schema/0002_reviews.sql"),
    include_str!("schema/0003_lists.sql"),
];

/// The version that this program writes.
pub(super) const VERSION: i32 = STEPS.len() as i32;

/// Makes the layout in an empty file, or brings an older file to the present version; the older one
/// is copied first.
pub(super) fn prepare(connection: &Connection, path: &Path) -> Result<(), Problem> {
    prepare_with(connection, path, &STEPS)
}

fn prepare_with(connection: &Connection, path: &Path, steps: &[&str]) -> Result<(), Problem> {
    let newest = steps.len() as i32;
    match version_of(connection, newest)? {
        version if version == newest => return Ok(()),
        0 => {}
        version => back_up(connection, path, version)?,
    }
    take(connection, steps)
}

/// Brings a file that nobody needs as it was to the present version.
pub(super) fn upgrade(connection: &Connection) -> Result<(), Problem> {
    take(connection, &STEPS)
}

/// Takes the steps that the file has not taken yet: all of them or none.
fn take(connection: &Connection, steps: &[&str]) -> Result<(), Problem> {
    let newest = steps.len() as i32;
    let step = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Another process may have done it while this one waited for the lock.
    let version = version_of(&step, newest)?;
    for sql in steps.iter().skip(version as usize) {
        step.execute_batch(sql)?;
    }
    step.pragma_update(None, "application_id", APPLICATION_ID)?;
    step.pragma_update(None, "user_version", newest)?;
    Ok(step.commit()?)
}

/// The version of the file's layout; 0 of an empty file.
///
/// # Errors
/// If it belongs to another program, or to a newer version of this one.
fn version_of(connection: &Connection, newest: i32) -> Result<i32, Problem> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (application, version) {
        (0, 0) if objects == 0 => Ok(0),
        (APPLICATION_ID, version) if version > newest => {
            Err(Problem::TooNew { file: version, program: newest })
        }
        (APPLICATION_ID, version) if version > 0 => Ok(version),
        _ => Err(Problem::foreign("it is an SQLite database of another program")),
    }
}

/// The version of a file that has exactly the layout of that version.
///
/// # Errors
/// If it is newer than this program or none of ours, or its layout has been tampered with.
pub(super) fn require_ours(connection: &Connection) -> Result<i32, Problem> {
    let version = version_of(connection, VERSION)?;
    if version == 0 {
        return Err(Problem::foreign("it is empty"));
    }
    let model = Connection::open_in_memory()?;
    take(&model, STEPS.get(..version as usize).unwrap_or(&STEPS))?;
    // A table that is really a view or has a trigger could make our own queries do anything.
    if objects(&model)? != objects(connection)? {
        return Err(Problem::foreign("its tables and views have been changed"));
    }
    Ok(version)
}

/// Names of the tables that are read of a stranger's file. The index of the search is none of them:
/// its inner structure is never looked at.
pub(super) fn tables(connection: &Connection) -> Result<Vec<String>, Problem> {
    let mut statement = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table'
         AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search%'",
    )?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Kind, name and text of all tables, views, indices and triggers; SQLite's own left out.
fn objects(connection: &Connection) -> Result<Vec<(String, String, String)>, Problem> {
    let mut statement = connection.prepare(
        "SELECT type, name, sql FROM sqlite_schema
         WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name LIMIT 1000",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Copies the file as it is, under a name that is not taken.
fn back_up(connection: &Connection, path: &Path, version: i32) -> Result<(), Problem> {
    let taken = |copy: &PathBuf| copy.exists();
    let copy = (1..1000)
        .map(|n| path.with_extension(format!("v{version}-backup{n}.rehearsal")))
        .find(|copy| !taken(copy))
        .ok_or_else(|| Problem::Sqlite("there are too many backups beside it".to_owned()))?;
    vacuum_into(connection, &copy)
}

/// Writes a compact copy of the main database to a file that must not exist yet.
pub(super) fn vacuum_into(connection: &Connection, copy: &Path) -> Result<(), Problem> {
    let Some(copy) = copy.to_str() else {
        return Err(Problem::CannotOpen("its path is not valid Unicode".to_owned()));
    };
    connection.execute("VACUUM INTO ?1", [copy])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "CREATE TABLE a (x INTEGER) STRICT;";
    const TWO: &str = "ALTER TABLE a ADD COLUMN y TEXT;";

    #[test]
    fn an_older_file_is_copied_and_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.rehearsal");
        let file = Connection::open(&path).unwrap();
        prepare_with(&file, &path, &[ONE]).unwrap();
        file.execute("INSERT INTO a VALUES (7)", []).unwrap();

        prepare_with(&file, &path, &[ONE, TWO]).unwrap();
        let row: (i64, Option<String>) =
            file.query_row("SELECT x, y FROM a", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(row, (7, None));

        let copy = Connection::open(folder.path().join("old.v1-backup1.rehearsal")).unwrap();
        assert_eq!(version_of(&copy, 2).unwrap(), 1);
        let x: i64 = copy.query_row("SELECT x FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!(x, 7);
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let file = Connection::open_in_memory().unwrap();
        prepare_with(&file, Path::new(""), &[ONE]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        assert!(prepare_with(&file, &path, &[ONE, "CREATE TABLE b (x); nonsense"]).is_err());
        assert_eq!(version_of(&file, 2).unwrap(), 1);
        assert!(file.prepare("SELECT * FROM b").is_err());
    }

    #[test]
    fn newer_and_foreign_files_are_refused_in_words() {
        let file = Connection::open_in_memory().unwrap();
        prepare_with(&file, Path::new(""), &[ONE, TWO]).unwrap();
        let text = prepare_with(&file, Path::new(""), &[ONE]).unwrap_err().to_string();
        assert!(text.contains("version 2") && text.contains("up to 1"), "{text}");

        let other = Connection::open_in_memory().unwrap();
        other.execute_batch("CREATE TABLE photos (x)").unwrap();
        let text = prepare(&other, Path::new("")).unwrap_err().to_string();
        assert!(text.contains("another program"), "{text}");
    }
}
