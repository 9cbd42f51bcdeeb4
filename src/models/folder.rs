//! The files of a model's folder, read within bounds and digested on the way.

use std::path::{Path, PathBuf};

use super::content::Digester;
use super::error::Error;
use super::weights::read_bounded;

/// The card's name in a model's folder.
const CARD: &str = "card.toml";

/// Where the card of the model at `path` lies, whether it exists or not: `card.toml` in the model's
/// folder; for a single file `v1.onnx`, `v1.card.toml` beside it. A card stands for its model.
pub fn card_path(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_card =
        name.strip_suffix(CARD).is_some_and(|stem| stem.is_empty() || stem.ends_with('.'));
    match path.is_file() {
        true if is_card => path.to_owned(),
        true => path.with_extension(CARD),
        false => path.join(CARD),
    }
}

/// A model's folder. Every file that is read through it counts in the model's digest, in the order
/// of reading.
pub(super) struct Folder<'a> {
    path: &'a Path,
    digester: Digester,
}

impl<'a> Folder<'a> {
    pub fn new(path: &'a Path) -> Self {
        Self { path, digester: Digester::default() }
    }

    /// Where the file of this name lies, whether it exists or not.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Reads a file of at most `limit` bytes; `what` names it for people.
    pub fn read(&mut self, name: &str, what: &'static str, limit: u64) -> Result<Vec<u8>, Error> {
        let bytes = read_bounded(&self.file(name), what, limit)?;
        self.add(&bytes);
        Ok(bytes)
    }

    /// Counts bytes in the digest that were read by other means.
    pub fn add(&mut self, bytes: &[u8]) {
        self.digester.add(bytes);
    }

    /// BLAKE3, in hexadecimal, over all files that were read.
    pub fn digest(self) -> String {
        self.digester.finish()
    }
}
