//! Reviews of stored experiments: read, and added to.

use super::desk::open_shared_review;
use super::error::Error;
use super::task::Stored;
use crate::domain::{Decision, Reviewed, Tick};
use crate::store::{ExperimentId, Key, Library, NewComment};

/// Something that a reviewer adds.
#[derive(Clone, Debug, PartialEq)]
pub enum ReviewChange {
    Comment(NewComment),
    /// Empty: it is open again.
    Resolve {
        number: u32,
        by: Option<String>,
    },
    Check {
        item: String,
        answer: Tick,
        note: String,
        author: String,
    },
    Sign {
        decision: Decision,
        name: String,
        reason: String,
        with_key: bool,
    },
}

/// A review as a window shows it.
#[derive(Clone, Debug)]
pub struct ShownReview {
    pub of: Stored,
    pub reviewed: Reviewed,
    /// The person has a signing key.
    pub has_key: bool,
}

/// Reads the review of an experiment in the library or in a shared file.
pub(super) fn read(stored: Stored, library: &Library) -> Result<ShownReview, Error> {
    let reviewed = match &stored {
        Stored::InLibrary(id) => library.review(id)?,
        Stored::File(path) => open_shared_review(path)?.1,
    };
    let has_key = Key::default_path().is_some_and(|path| path.exists());
    Ok(ShownReview { of: stored, reviewed, has_key })
}

/// Adds to a review in the library, and reads it again.
pub(super) fn change(
    id: &ExperimentId,
    change: ReviewChange,
    library: &Library,
) -> Result<ShownReview, Error> {
    match change {
        ReviewChange::Comment(new) => _ = library.comment(id, &new)?,
        ReviewChange::Resolve { number, by } => library.resolve(id, number, by.as_deref())?,
        ReviewChange::Check { item, answer, note, author } => {
            library.check(id, &item, answer, &note, &author)?;
        }
        ReviewChange::Sign { decision, name, reason, with_key } => {
            let path = Key::default_path().filter(|_| with_key);
            let key = path.map(|path| Key::load(&path)).transpose()?;
            library.sign(id, decision, &name, &reason, key.as_ref())?;
        }
    }
    read(Stored::InLibrary(id.clone()), library)
}
