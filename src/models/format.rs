//! Which format a file is in: its first bytes and the ending of its name tell.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The formats that a model without a card may be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Tensors by name: safetensors, or an archive of PyTorch or NumPy.
    Tensors,
    Xgboost,
    Lightgbm,
    Onnx,
    Gguf,
}

/// Endings of the files that may hold a model.
pub const ENDINGS: &[&str] = &[
    "safetensors",
    "pt",
    "pth",
    "bin",
    "npz",
    "onnx",
    "gguf",
    "json",
    "ubj",
    "txt",
    "lgb",
    "model",
    "toml",
];

/// Bytes that are enough to tell formats apart.
const HEAD: u64 = 256;

impl Format {
    /// Of a file that can be read and is recognised.
    fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            // Those that are not read get a sentence when they are.
            "safetensors" | "pt" | "pth" | "bin" | "npz" | "h5" | "keras" | "pkl" | "joblib" => {
                Some(Self::Tensors)
            }
            "onnx" => Some(Self::Onnx),
            "gguf" => Some(Self::Gguf),
            "json" | "ubj" | "ubjson" | "txt" | "lgb" | "model" => {
                let mut head = Vec::new();
                File::open(path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
                Self::of_trees(&head)
            }
            _ => None,
        }
    }

    fn of_trees(head: &[u8]) -> Option<Self> {
        let contains = |word: &[u8]| head.windows(word.len()).any(|part| part == word);
        if head.starts_with(b"tree\n") || head.starts_with(b"tree\r\n") {
            Some(Self::Lightgbm)
        } else if head.starts_with(b"{") && contains(b"learner") {
            Some(Self::Xgboost)
        } else {
            None
        }
    }
}

/// The file of a model: `path` itself, or of a folder `model.safetensors` or the only file in a
/// known format.
pub(super) fn model_in(path: &Path) -> Option<(PathBuf, Format)> {
    let known = |path: PathBuf| Format::of(&path).map(|format| (path, format));
    if path.is_file() {
        return known(path.to_owned());
    }
    let usual = path.join("model.safetensors");
    if usual.is_file() {
        return known(usual);
    }
    let entries = std::fs::read_dir(path).ok()?.filter_map(Result::ok);
    let mut found = entries.map(|entry| entry.path()).filter(|path| path.is_file());
    let mut models = found.by_ref().filter_map(known);
    let only = models.next()?;
    models.next().is_none().then_some(only)
}
