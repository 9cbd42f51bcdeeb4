//! What can go wrong with a model, in words that say what to do about it.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use super::Mismatch;
use crate::domain::TomlFault;

/// Why a model could not be opened, asked or measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing at this place.
    #[error("There is no such folder or file of a model\n{}", path.display())]
    Missing { path: PathBuf },
    /// The model has no card at this place.
    #[error(
        "There is no {}, which would say what the model reads and answers. {hint}\n{}",
        file_name(card),
        card.display()
    )]
    NoCard { card: PathBuf, hint: String },
    /// A file could not be read at all.
    #[error("The {what} cannot be read: {source}\n{}", path.display())]
    Read { what: &'static str, path: PathBuf, source: io::Error },
    /// A file is larger than any model that can be held here.
    #[error(
        "The {what} has {bytes} bytes; no more than {limit} are read\n{}",
        path.display()
    )]
    TooLarge { what: &'static str, bytes: u64, limit: u64, path: PathBuf },
    /// The card is not TOML, or a field is unknown or of the wrong type.
    #[error("{fault}\n{}", path.display())]
    Card { fault: TomlFault, path: PathBuf },
    /// The card can be read but contradicts itself; all its problems.
    #[error("The card does not fit together: {}\n{}", problems.join("; "), path.display())]
    CardProblems { problems: Vec<String>, path: PathBuf },
    /// The weights' file is damaged, or of another kind.
    #[error("{message}\n{}", path.display())]
    Weights { message: String, path: PathBuf },
    /// The weights lack a tensor that the card names.
    #[error("The weights have no tensor `{name}`{hint}\n{}", path.display())]
    MissingTensor { name: String, hint: String, path: PathBuf },
    /// A tensor has other dimensions than the card and the layers before it ask for.
    #[error("{message}\n{}", path.display())]
    Shape { message: String, path: PathBuf },
    /// A weight is NaN or infinite.
    #[error(
        "Tensor `{name}` has {value} at index {index:?}: the training may have diverged; \
         export the weights again\n{}",
        path.display()
    )]
    BadWeight { name: String, index: Vec<usize>, value: f32, path: PathBuf },
    /// The dataset lacks what the model reads.
    #[error("The dataset does not fit the model {model}: {}", sentences(mismatches))]
    Mismatch { model: String, mismatches: Vec<Mismatch> },
    /// The model answered with NaN or infinity.
    #[error(
        "The model {model} answers {value} for row {row}{output}: look at that row's numbers \
         (a value far outside the training data, or a `std` near zero in the card)"
    )]
    NotFinite { model: String, row: usize, output: String, value: f32 },
    /// There is nothing to measure with.
    #[error("The dataset has no rows, so the model {model} cannot be measured")]
    NoRows { model: String },
    /// Somebody asked the work to stop.
    #[error("Cancelled")]
    Cancelled,
    /// candle refused; shapes are checked on opening, so this is the device (its memory, usually).
    #[error("The model {model} could not be computed on {device}: {message}")]
    Compute { model: String, device: String, message: String },
    /// A column of recorded predictions cannot be used.
    #[error("Column `{column}` cannot serve as recorded predictions: {message}")]
    Recorded { column: String, message: String },
    /// A file of predictions cannot be joined to the dataset.
    #[error("The predictions cannot be joined by `{key}`: {message}")]
    Join { key: String, message: String },
    /// A feature cannot drift.
    #[error("Feature `{feature}` cannot drift: {message}")]
    Drift { feature: String, message: String },
}

fn file_name(path: &Path) -> Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

fn sentences(mismatches: &[Mismatch]) -> String {
    let parts: Vec<String> =
        mismatches.iter().filter(|m| m.blocks).map(ToString::to_string).collect();
    parts.join("; ")
}

impl Error {
    pub(super) fn weights(message: impl Into<String>, path: &Path) -> Self {
        Self::Weights { message: message.into(), path: path.to_owned() }
    }

    pub(super) fn shape(message: impl Into<String>, path: &Path) -> Self {
        Self::Shape { message: message.into(), path: path.to_owned() }
    }

    pub(super) fn recorded(column: &str, message: impl Into<String>) -> Self {
        Self::Recorded { column: column.to_owned(), message: message.into() }
    }

    pub(super) fn join(key: &str, message: impl Into<String>) -> Self {
        Self::Join { key: key.to_owned(), message: message.into() }
    }
}

/// `; did you mean …?`, or nothing.
pub(super) fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}
