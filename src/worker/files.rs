//! Small files: plans to read, and texts and pictures to write so that no half of one is ever seen.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::Error;
use crate::domain::PlanDraft;

/// The largest plan that is read, in bytes.
const MOST_PLAN: u64 = 4 << 20;

/// Reads a plan's file; its fields may still be wrong.
///
/// # Errors
/// If the file cannot be read, or holds no plan; with the line.
pub fn read_plan(path: &Path) -> Result<PlanDraft, Error> {
    let fail = |fault| Error::File { what: "plan cannot be read", fault, path: path.to_owned() };
    let no_plan = |line, message| Error::NotAPlan { line, message, path: path.to_owned() };
    let about = fs::metadata(path).map_err(fail)?;
    // A device may never end, and a pipe not even open.
    if !about.is_file() {
        return Err(no_plan(None, "This is no plan: it is no ordinary file".to_owned()));
    }
    let bytes = about.len();
    if bytes > MOST_PLAN {
        return Err(no_plan(None, format!("This is no plan: it has {bytes} bytes")));
    }
    let text = String::from_utf8(fs::read(path).map_err(fail)?)
        .map_err(|_| no_plan(None, "This is no plan: it is no text".to_owned()))?;
    PlanDraft::from_toml(&text).map_err(|fault| no_plan(fault.line, fault.message))
}

/// Writes a file whole or not at all: what was there before stays until the new one is complete.
///
/// # Errors
/// If the folder cannot be made or written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_whole(path, bytes).map_err(|fault| Error::File {
        what: "file cannot be written",
        fault,
        path: path.to_owned(),
    })
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let draft = draft_path(path);
    let written = fs::File::create_new(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    });
    if written.is_err() {
        // The first fault is the one to tell.
        fs::remove_file(&draft).ok();
    }
    written
}

/// A name beside `path` that no other thread or process uses.
fn draft_path(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}-{count}.tmp", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/plan.toml");
        write(&path, b"seed = 1").unwrap();
        write(&path, b"seed = 2").unwrap();
        assert_eq!(read_plan(&path).unwrap().seed, 2);
        // A folder stands where the file should go.
        let blocked = folder.path().join("blocked");
        fs::create_dir_all(blocked.join("inside")).unwrap();
        assert!(write(&blocked, b"text").is_err());
        let names = |at: &Path| fs::read_dir(at).unwrap().count();
        assert_eq!((names(folder.path()), names(&folder.path().join("new"))), (2, 1));
    }

    #[test]
    fn what_is_no_plan_is_told_with_its_line_and_path_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.toml");
        write(&path, b"name = \"x\"\nsede = 7\n").unwrap();
        let text = read_plan(&path).unwrap_err().to_string();
        assert!(text.starts_with("Line 2 of the plan: ") && text.contains("sede"), "{text}");
        assert!(text.ends_with("plan.toml"), "{text}");
        let missing = read_plan(&folder.path().join("none.toml")).unwrap_err().to_string();
        assert!(missing.starts_with("The plan cannot be read: "), "{missing}");
    }
}
