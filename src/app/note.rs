//! Moments that a person marked in a run, with or without words.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::SimTime;
use crate::store::ExperimentId;

/// One mark; without a text it is a bookmark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub at: SimTime,
    pub text: String,
}

/// More in one run are refused.
pub const MOST_NOTES: usize = 200;

/// The notes on all experiments of this computer's library, kept beside the settings: an experiment
/// itself never changes.
#[derive(Debug, Default)]
pub struct NoteBook {
    path: Option<PathBuf>,
    notes: BTreeMap<String, Vec<Note>>,
}

impl NoteBook {
    /// What `path` holds; a missing or broken file counts as empty. Without a path nothing is kept.
    pub fn load(path: Option<PathBuf>) -> Self {
        let read = |path: &Path| serde_json::from_slice(&fs::read(path).ok()?).ok();
        let notes = path.as_deref().and_then(read).unwrap_or_default();
        Self { path, notes }
    }

    pub fn of(&self, id: &ExperimentId) -> Vec<Note> {
        self.notes.get(id.to_string().as_str()).cloned().unwrap_or_default()
    }

    /// Keeps the notes on an experiment instead of those before.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn keep(&mut self, id: &ExperimentId, notes: &[Note]) -> io::Result<()> {
        if notes.is_empty() {
            self.notes.remove(id.to_string().as_str());
        } else {
            self.notes.insert(id.to_string(), notes.to_vec());
        }
        let Some(path) = &self.path else { return Ok(()) };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let beside = path.with_extension("json.new");
        fs::write(&beside, serde_json::to_vec_pretty(&self.notes)?)?;
        fs::rename(beside, path)
    }
}
