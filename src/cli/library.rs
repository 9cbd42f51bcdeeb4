//! The library and the experiments in it, by id or by file.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::{Answer, out};
use crate::domain::Reviewed;
use crate::store::{Experiment, ExperimentId, Library, Sharing};
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

/// An experiment by its id or file, and the library that it lies in; for reading.
pub(super) fn readable(named: &str, given: Option<&Path>) -> Result<(Library, ExperimentId)> {
    if !looks_like_a_file(named) {
        return found(named, given);
    }
    let library = Library::open_stranger(Path::new(named))?;
    match library.list()?.first().map(|summary| summary.id.clone()) {
        Some(id) => Ok((library, id)),
        None => bail!("There is no experiment in this file\n{named}"),
    }
}

/// An experiment of the library, to be changed.
pub(super) fn found(id: &str, given: Option<&Path>) -> Result<(Library, ExperimentId)> {
    let library = open(given)?;
    let id = find(id, &library)?;
    Ok((library, id))
}

/// An experiment by its id or file, with what reviewers added to it.
pub(super) fn with_review(named: &str, given: Option<&Path>) -> Result<(Experiment, Reviewed)> {
    if looks_like_a_file(named) {
        return Ok(worker::open_shared_review(Path::new(named))?);
    }
    let (library, id) = found(named, given)?;
    Ok((library.load(&id)?, library.review(&id)?))
}

/// `rehearsal adopt`.
pub(super) fn adopt(file: &Path, given: Option<&Path>) -> Result<Answer> {
    let library = open(given)?;
    let (experiment, reviewed) = worker::open_shared_review(file)?;
    let id = library.adopt(&experiment, &reviewed.review)?;
    out::print(&format!("{} is in the library as {id}\n", experiment.summary.name))?;
    Ok(Answer::Yes)
}

fn find(id: &str, library: &Library) -> Result<ExperimentId> {
    if looks_like_a_file(id) {
        bail!("`{id}` is a file; this command takes the id of an experiment in the library");
    }
    Ok(library.find(id)?)
}

/// `rehearsal share`.
pub(super) fn share(
    id: &str,
    sharing: Sharing,
    file: Option<&Path>,
    given: Option<&Path>,
) -> Result<Answer> {
    let (library, id) = found(id, given)?;
    let Some(file) = file else {
        for (sharing, what) in
            [(Sharing::Whole, "whole"), (Sharing::WithoutPredictions, "--without-predictions")]
        {
            out::print(&format!("{what}: {}\n", bytes(library.share_size(&id, sharing)?)))?;
        }
        return Ok(Answer::Yes);
    };
    library.share(&id, sharing, file)?;
    let size = std::fs::metadata(file).map_or(0, |about| about.len());
    out::print(&format!("Shared {id} as {} ({})\n", file.display(), bytes(size)))?;
    Ok(Answer::Yes)
}

fn bytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// `rehearsal delete`.
pub(super) fn delete(id: &str, for_good: bool, given: Option<&Path>) -> Result<Answer> {
    let (library, id) = found(id, given)?;
    if for_good {
        library.erase(&id)?;
        out::print(&format!("Deleted {id} for good\n"))?;
        return Ok(Answer::Yes);
    }
    library.delete(&id)?;
    out::print(&format!("Deleted {id}; for a week `rehearsal restore {id}` brings it back\n"))?;
    Ok(Answer::Yes)
}

/// `rehearsal restore`.
pub(super) fn restore(id: &str, given: Option<&Path>) -> Result<Answer> {
    let library = open(given)?;
    let Some(id) = ExperimentId::parse(id.trim()) else {
        bail!("`{id}` is no experiment's whole id");
    };
    library.restore(&id)?;
    out::print(&format!("Brought back {id}\n"))?;
    Ok(Answer::Yes)
}

/// `rehearsal archive`.
pub(super) fn archive(id: &str, is_archived: bool, given: Option<&Path>) -> Result<Answer> {
    let (library, id) = found(id, given)?;
    library.archive(&id, is_archived)?;
    let word = if is_archived { "put away" } else { "on the list again" };
    out::print(&format!("{id} is {word}\n"))?;
    Ok(Answer::Yes)
}

/// `rehearsal tag`.
pub(super) fn tag(
    id: &str,
    tags: &[String],
    notes: Option<&str>,
    given: Option<&Path>,
) -> Result<Answer> {
    let (library, id) = found(id, given)?;
    library.set_tags(&id, tags)?;
    if let Some(notes) = notes {
        library.set_notes(&id, notes)?;
    }
    out::print(&format!("{id}: {}\n", tags.join(", ")))?;
    Ok(Answer::Yes)
}
