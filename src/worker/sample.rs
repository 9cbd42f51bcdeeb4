//! The sample data inside the program: four stories, each with its data, models and plans.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::error::Error;
use super::files;
use crate::domain::PlanDraft;

/// One story of the sample data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Story {
    /// A risk score for every request, in real time.
    Loans,
    /// Who will leave, by a job that runs every night.
    Churn,
    /// Which messages cannot wait, read from their text.
    Messages,
    /// What is on a photo.
    Clothes,
}

/// A plan of a story.
#[derive(Clone, Debug)]
pub struct SamplePlan {
    /// Below the folder of all samples, for example `loans/plans/canary.toml`.
    pub path: String,
    pub draft: PlanDraft,
}

/// What is embedded of a story; what it was trained with stays in the repository.
struct Content {
    plans: Dir<'static>,
    models: Dir<'static>,
    files: &'static [(&'static str, &'static [u8])],
}

static LOANS: Content = Content {
    plans: include_dir!("$CARGO_MANIFEST_DIR/sample_data/loans/plans"),
    models: include_dir!("$CARGO_MANIFEST_DIR/sample_data/loans/models"),
    files: &[
        ("loans.csv", include_bytes!("../../sample_data/loans/loans.csv")),
        ("README.md", include_bytes!("../../sample_data/loans/README.md")),
        ("LICENSE-DATA", include_bytes!("../../sample_data/loans/LICENSE-DATA")),
    ],
};

static CHURN: Content = Content {
    plans: include_dir!("$CARGO_MANIFEST_DIR/sample_data/churn/plans"),
    models: include_dir!("$CARGO_MANIFEST_DIR/sample_data/churn/models"),
    files: &[
        ("churn.csv", include_bytes!("../../sample_data/churn/churn.csv")),
        ("README.md", include_bytes!("../../sample_data/churn/README.md")),
        ("LICENSE-DATA", include_bytes!("../../sample_data/churn/LICENSE-DATA")),
    ],
};

static MESSAGES: Content = Content {
    plans: include_dir!("$CARGO_MANIFEST_DIR/sample_data/messages/plans"),
    models: include_dir!("$CARGO_MANIFEST_DIR/sample_data/messages/models"),
    files: &[
        ("messages.csv", include_bytes!("../../sample_data/messages/messages.csv")),
        ("README.md", include_bytes!("../../sample_data/messages/README.md")),
    ],
};

static CLOTHES: Content = Content {
    plans: include_dir!("$CARGO_MANIFEST_DIR/sample_data/clothes/plans"),
    models: include_dir!("$CARGO_MANIFEST_DIR/sample_data/clothes/models"),
    files: &[
        ("clothes.parquet", include_bytes!("../../sample_data/clothes/clothes.parquet")),
        ("README.md", include_bytes!("../../sample_data/clothes/README.md")),
        ("LICENSE-DATA", include_bytes!("../../sample_data/clothes/LICENSE-DATA")),
    ],
};

impl Story {
    pub const ALL: [Self; 4] = [Self::Loans, Self::Churn, Self::Messages, Self::Clothes];

    pub fn title(self) -> &'static str {
        match self {
            Self::Loans => "Loans: a risk score for every request",
            Self::Churn => "Churn: who will leave, scored at night",
            Self::Messages => "Messages: which ones cannot wait",
            Self::Clothes => "Clothes: what is on a photo",
        }
    }

    /// The name of its folder among the samples.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Loans => "loans",
            Self::Churn => "churn",
            Self::Messages => "messages",
            Self::Clothes => "clothes",
        }
    }

    /// Its dataset, below the folder of all samples.
    pub fn dataset(self) -> &'static str {
        match self {
            Self::Loans => "loans/loans.csv",
            Self::Churn => "churn/churn.csv",
            Self::Messages => "messages/messages.csv",
            Self::Clothes => "clothes/clothes.parquet",
        }
    }

    /// Its plans, by file name.
    pub fn plans(self) -> Vec<SamplePlan> {
        let mut plans: Vec<SamplePlan> = self
            .content()
            .plans
            .files()
            .filter_map(|file| {
                Some(SamplePlan {
                    path: format!("{}/plans/{}", self.folder(), name_of(file.path())?),
                    // A test reads them all, so none is left out.
                    draft: PlanDraft::from_toml(file.contents_utf8()?).ok()?,
                })
            })
            .collect();
        plans.sort_by(|a, b| a.path.cmp(&b.path));
        plans
    }

    fn content(self) -> &'static Content {
        match self {
            Self::Loans => &LOANS,
            Self::Churn => &CHURN,
            Self::Messages => &MESSAGES,
            Self::Clothes => &CLOTHES,
        }
    }

    /// All its files: path below the folder of all samples, and bytes.
    fn files(self) -> Vec<(PathBuf, &'static [u8])> {
        let folder = Path::new(self.folder());
        let content = self.content();
        let mut files: Vec<_> =
            content.files.iter().map(|(name, bytes)| (folder.join(name), *bytes)).collect();
        add_files(&content.plans, &folder.join("plans"), &mut files);
        add_files(&content.models, &folder.join("models"), &mut files);
        files
    }
}

fn add_files(dir: &'static Dir, at: &Path, files: &mut Vec<(PathBuf, &'static [u8])>) {
    files.extend(dir.files().map(|file| (at.join(file.path()), file.contents())));
    for inner in dir.dirs() {
        add_files(inner, at, files);
    }
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// Writes the samples below `root`, into a folder whose name tells their content, so that another
/// version of the program never meets these files; returns that folder.
///
/// # Errors
/// If the folder cannot be written.
pub fn unpack(root: &Path) -> Result<PathBuf, Error> {
    let mut hasher = blake3::Hasher::new();
    for (path, bytes) in all_files() {
        hasher.update(path.to_string_lossy().as_bytes());
        hasher.update(bytes);
    }
    let version: String = hasher.finalize().to_hex().chars().take(8).collect();
    let folder = root.join(format!("samples-{version}"));
    write(&folder)?;
    Ok(folder)
}

/// Writes the samples that are missing in `folder`. A file that is there stays, so that a person's
/// changes do.
///
/// # Errors
/// If the folder cannot be written.
pub fn write(folder: &Path) -> Result<(), Error> {
    for (path, bytes) in all_files() {
        let path = folder.join(path);
        if !path.exists() {
            files::write(&path, bytes)?;
        }
    }
    Ok(())
}

fn all_files() -> impl Iterator<Item = (PathBuf, &'static [u8])> {
    Story::ALL.into_iter().flat_map(Story::files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plan_is_sound_and_finds_its_files() {
        let root = tempfile::tempdir().unwrap();
        let folder = unpack(root.path()).unwrap();
        for story in Story::ALL {
            let plans = story.plans();
            assert_eq!(plans.len(), story.content().plans.files().count());
            assert!(folder.join(story.dataset()).is_file());
            for plan in plans {
                let base = folder.join(&plan.path).parent().unwrap().to_owned();
                assert!(base.join(&plan.draft.data.path).is_file(), "{}", plan.path);
                assert_eq!(plan.draft.validate().err(), None, "{}", plan.path);
            }
        }
    }

    #[test]
    fn a_lost_file_comes_back_and_a_changed_one_stays() {
        let root = tempfile::tempdir().unwrap();
        let folder = unpack(root.path()).unwrap();
        let (lost, changed) =
            (folder.join("loans/models/v1/card.toml"), folder.join("loans/plans/canary.toml"));
        std::fs::remove_file(&lost).unwrap();
        std::fs::write(&changed, "seed = 9").unwrap();
        assert_eq!(unpack(root.path()).unwrap(), folder);
        assert!(lost.is_file());
        assert_eq!(std::fs::read_to_string(&changed).unwrap(), "seed = 9");
    }

    #[test]
    fn two_processes_may_unpack_at_once() {
        let root = tempfile::tempdir().unwrap();
        let at = root.path();
        std::thread::scope(|scope| {
            let both = [0, 1].map(|_| scope.spawn(|| unpack(at).unwrap()));
            let [a, b] = both.map(|thread| thread.join().unwrap());
            assert_eq!(a, b);
        });
        let names = |path: &Path| std::fs::read_dir(path).unwrap().count();
        let folder = unpack(at).unwrap();
        assert_eq!((names(at), names(&folder.join("loans"))), (1, 5), "no drafts are left");
    }
}
