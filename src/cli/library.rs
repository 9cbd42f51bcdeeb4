//! The library and the experiments in it, by id or by file.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::{Answer, out};
use crate::store::{Experiment, ExperimentId, Library};
use crate::worker;

/// Where the library lies: where the command line says, or in the platform's folder.
pub(super) fn path(given: Option<&Path>) -> Result<PathBuf> {
    match given {
        Some(path) => Ok(path.to_owned()),
        None => Ok(Library::default_path()?),
    }
}

/// The library to read and write.
pub(super) fn open(given: Option<&Path>) -> Result<Library> {
    Ok(Library::open(&path(given)?)?)
}

/// An experiment by its id, or by the file that somebody shared.
pub(super) fn experiment(named: &str, library: Option<&Path>) -> Result<Experiment> {
    if looks_like_a_file(named) {
        return Ok(worker::open_shared(Path::new(named))?);
    }
    let library = open(library)?;
    let id = library.find(named)?;
    Ok(library.load(&id)?)
}

/// Ids have neither dots nor slashes.
pub(super) fn looks_like_a_file(named: &str) -> bool {
    named.contains(['.', '/', '\\']) || Path::new(named).exists()
}

fn find(id: &str, library: &Library) -> Result<ExperimentId> {
    if looks_like_a_file(id) {
        bail!("`{id}` is a file; this command takes the id of an experiment in the library");
    }
    Ok(library.find(id)?)
}

/// `rehearsal share`.
pub(super) fn share(id: &str, file: &Path, library: Option<&Path>) -> Result<Answer> {
    let library = open(library)?;
    let id = find(id, &library)?;
    library.share(&id, file)?;
    out::print(&format!("Shared {id} as {}\n", file.display()))?;
    Ok(Answer::Yes)
}

/// `rehearsal delete`.
pub(super) fn delete(id: &str, library: Option<&Path>) -> Result<Answer> {
    let library = open(library)?;
    let id = find(id, &library)?;
    library.delete(&id)?;
    out::print(&format!("Deleted {id}\n"))?;
    Ok(Answer::Yes)
}
