//! The files of a model's weights: one, or several that an index names.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::card::Card;
use super::card_check::stays_inside;
use super::error::Error;
use super::folder::Folder;
use super::weights;

/// Shards that are read at most; the largest models have some hundred.
const MOST_FILES: usize = 1000;

/// Bytes that an index has at most.
const MOST_INDEX: u64 = 16 << 20;

/// What Hugging Face calls the weights, the preferred first.
const USUAL: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];

/// The weights in a folder of Hugging Face, as a whole or in shards; the preferred name where there
/// are none.
pub(super) fn usual_in(folder: &Path) -> &'static str {
    let [preferred, other] = USUAL;
    let is_there = |name| folder.join(name).is_file() || folder.join(index_of(name)).is_file();
    if !is_there(preferred) && is_there(other) { other } else { preferred }
}

/// True for a name that the weights have in folders of Hugging Face.
pub(super) fn is_usual(name: &OsStr) -> bool {
    USUAL.iter().any(|usual| name == *usual)
}

fn index_of(weights: &str) -> String {
    format!("{weights}.index.json")
}

/// Reads the card's weights, or the shards of `<weights>.index.json` where that is what there is.
pub(super) fn read(card: &Card, folder: &mut Folder) -> Result<Vec<(PathBuf, Vec<u8>)>, Error> {
    let index = index_of(&card.weights);
    let names = match folder.file(&card.weights).exists() || !folder.file(&index).is_file() {
        true => BTreeSet::from([card.weights.clone()]),
        false => names_in(folder, &index)?,
    };
    let mut files = Vec::with_capacity(names.len());
    for name in names {
        let path = folder.file(&name);
        let bytes = weights::read(&path)?;
        folder.add(&bytes);
        files.push((path, bytes));
    }
    Ok(files)
}

/// The files that an index names, each once.
fn names_in(folder: &mut Folder, index: &str) -> Result<BTreeSet<String>, Error> {
    let bytes = folder.read(index, "index of the weights", MOST_INDEX)?;
    let path = folder.file(index);
    let fail = |message: String| Error::weights(message, &path);
    let parsed: Value = serde_json::from_slice(&bytes)
        .map_err(|fault| fail(format!("The index of the weights is not JSON: {fault}")))?;
    let map = parsed.get("weight_map").and_then(Value::as_object);
    let names: BTreeSet<String> =
        map.into_iter().flatten().filter_map(|(_, file)| Some(file.as_str()?.to_owned())).collect();
    if let Some(outside) = names.iter().find(|name| !stays_inside(name)) {
        return Err(fail(format!("The index names `{outside}`, which is not inside the folder")));
    }
    match names.len() {
        0 => Err(fail("The index of the weights names no file (`weight_map`)".to_owned())),
        n if n > MOST_FILES => Err(fail(format!("The index of the weights names {n} files"))),
        _ => Ok(names),
    }
}
