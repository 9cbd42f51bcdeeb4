//! Opening a file: one's own for reading and writing, a stranger's with every guard up.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use super::error::Problem;
use super::schema;

/// How long a writer waits for another one. Only workers write, so no frame waits with them.
const PATIENCE: Duration = Duration::from_secs(10);

/// Pages (of 4 KiB) of the write-ahead log from which on whoever writes has to empty it first.
const LONGEST_LOG: u32 = 16_384;

/// A stranger's file is not opened beyond this size.
const LARGEST_FOREIGN_FILE: u64 = 4 << 30;

/// No text, blob or row of a stranger's file is read beyond this size, in bytes.
const LARGEST_FOREIGN_VALUE: i32 = 256 << 20;

/// Opens or makes a library.
pub(super) fn open_own(path: &Path) -> Result<Connection, Problem> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Problem::io("Making the library's folder"))?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    if connection.is_readonly("main")? {
        return Err(Problem::ReadOnly);
    }
    schema::prepare(&connection, path)?;
    // A reader never waits for the writer with a write-ahead log.
    write_ahead(&connection)?;
    connection.pragma_update(None, "wal_autocheckpoint", LONGEST_LOG)?;
    wait_for_disk(&connection, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Whether a commit waits until the disk holds it. What was reported as saved must survive a power
/// cut; for what is not reported, such as the parts of a run that goes on, nobody has to wait.
pub(super) fn wait_for_disk(connection: &Connection, waits: bool) -> Result<(), Problem> {
    let how = if waits { "FULL" } else { "NORMAL" };
    Ok(connection.pragma_update(None, "synchronous", how)?)
}

/// Turns the write-ahead log on. SQLite does not wait its turn for this one step, so we do.
fn write_ahead(connection: &Connection) -> Result<(), Problem> {
    let turn_on = || {
        connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))
    };
    let mut result = turn_on().map_err(Problem::from);
    for _ in 0..50 {
        let Err(Problem::Busy) = result else { break };
        std::thread::sleep(Duration::from_millis(20));
        result = turn_on().map_err(Problem::from);
    }
    // Where the file system cannot share memory it stays off; every step is still all or nothing.
    result.map(|_| ())
}

/// Brings what the write-ahead log holds into the file, as far as no reader needs it still.
pub(super) fn empty_log(connection: &Connection) -> Result<(), Problem> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
}

/// A file that anybody may have made, opened for reading.
pub(super) struct Stranger {
    pub connection: Connection,
    /// How SQLite is to open it once more.
    pub uri: String,
    /// Holds the copy that is read in place of an older file.
    pub copy: Option<TempDir>,
}

/// Opens a file that anybody may have made: it is only read, runs no code of its own, and must have
/// exactly our tables. Of an older file a copy is brought up to date and read.
pub(super) fn open_stranger(path: &Path) -> Result<Stranger, Problem> {
    let about = fs::metadata(path).map_err(Problem::io("Opening the file"))?;
    if !about.is_file() {
        return Err(Problem::foreign("it is a folder or a device"));
    }
    if about.len() > LARGEST_FOREIGN_FILE {
        let what = "The file".to_owned();
        let limit = LARGEST_FOREIGN_FILE;
        return Err(Problem::TooLarge { what, bytes: about.len(), limit });
    }
    let uri = stranger_uri(path);
    let connection = open_guarded(&uri)?;
    match require_sound(&connection)? {
        schema::VERSION => Ok(Stranger { connection, uri, copy: None }),
        _ => open_up_to_date(&connection),
    }
}

fn open_guarded(uri: &str) -> Result<Connection, Problem> {
    let connection = Connection::open_with_flags(
        uri,
        OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(PATIENCE)?;
    raise_guards(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// The file's version, if it has our tables and they are not damaged.
fn require_sound(connection: &Connection) -> Result<i32, Problem> {
    let version = schema::require_ours(connection)?;
    for table in schema::tables(connection)? {
        let check = format!("PRAGMA quick_check({table})");
        let found: String = connection.query_row(&check, [], |row| row.get(0))?;
        if found != "ok" {
            return Err(Problem::Corrupt(found));
        }
    }
    Ok(version)
}

/// Brings a copy of an older file up to date, with the same guards, and opens that.
fn open_up_to_date(older: &Connection) -> Result<Stranger, Problem> {
    let folder = tempfile::Builder::new()
        .prefix("rehearsal-")
        .tempdir()
        .map_err(Problem::io("Making a place for a copy of the older file"))?;
    let path = folder.path().join("copy.rehearsal");
    // The one file that is written: its own copy.
    older.pragma_update(None, "query_only", false)?;
    older.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 1)?;
    schema::vacuum_into(older, &path)?;
    let copy = Connection::open(&path)?;
    raise_guards(&copy)?;
    schema::upgrade(&copy)?;
    copy.close().map_err(|(_, fault)| fault)?;
    let uri = stranger_uri(&path);
    let connection = open_guarded(&uri)?;
    require_sound(&connection)?;
    Ok(Stranger { connection, uri, copy: Some(folder) })
}

fn raise_guards(connection: &Connection) -> Result<(), Problem> {
    for (option, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false),
    ] {
        connection.set_db_config(option, on)?;
    }
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, LARGEST_FOREIGN_VALUE),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, most)?;
    }
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    Ok(())
}

/// Opens the file at `uri` for questions that anybody may have written: `views` are made first, then
/// nothing can be changed any more and no other file be opened.
pub(super) fn open_for_questions(uri: &str, views: &str) -> Result<Connection, Problem> {
    let connection = Connection::open_with_flags(
        uri,
        OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch(views)?;
    raise_guards(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// How to read a stranger's file: as it lies, so that nothing is written to its folder. Only if the
/// write-ahead log of a living library lies beside it, SQLite must share its memory with the writer.
fn stranger_uri(path: &Path) -> String {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let is_in_use = fs::metadata(log).is_ok_and(|log| log.len() > 0);
    reading_uri(path) + if is_in_use { "" } else { "&immutable=1" }
}

/// The path as SQLite's URI for reading only.
pub(super) fn reading_uri(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    let has_drive = cfg!(windows) && bytes.get(1) == Some(&b':');
    let mut uri = String::from(if has_drive { "file:///" } else { "file:" });
    for &byte in bytes {
        match byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b':' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri + "?mode=ro"
}
