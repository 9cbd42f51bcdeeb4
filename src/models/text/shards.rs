//! The files of a model's weights: one, or several that an index names.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use super::tokens::MOST_SETTINGS;
use crate::models::card::Card;
use crate::models::card_check::stays_inside;
use crate::models::error::Error;
use crate::models::folder::Folder;
use crate::models::weights;

/// Shards that are read at most; the largest models have some hundred.
const MOST_FILES: usize = 1000;

/// Reads the card's weights, or the shards of `<weights>.index.json` where that is what there is.
pub(super) fn read(card: &Card, folder: &mut Folder) -> Result<Vec<(PathBuf, Vec<u8>)>, Error> {
    let index = format!("{}.index.json", card.weights);
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
    let bytes = folder.read(index, "index of the weights", MOST_SETTINGS)?;
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
