//! What a Hugging Face folder tells about a text model, for a first card.

use std::path::Path;

use serde_json::Value;

use super::config::{Config, Family};
use super::tokens::MOST_SETTINGS;
use crate::models::card::{Kind, TaskKind};
use crate::models::error::Error;
use crate::models::weights::read_bounded;

/// What a card can say without a person.
pub(in crate::models) struct Told {
    pub kind: Kind,
    pub task: TaskKind,
    pub classes: Vec<String>,
    /// Of an encoder, the only other file of weights.
    pub head: Option<String>,
}

/// What `folder` tells, if its `config.json` is that of a text model that is known.
pub(in crate::models) fn told(folder: &Path) -> Result<Option<Told>, Error> {
    let path = folder.join("config.json");
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = read_bounded(&path, "configuration", MOST_SETTINGS)?;
    let json: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let model_type = json.get("model_type").and_then(Value::as_str).unwrap_or_default();
    if Family::of(model_type).is_none() {
        return Ok(None);
    }
    let config = Config::parse(&bytes, &path)?;
    let is_classifier = json
        .get("architectures")
        .and_then(|names| names.get(0)?.as_str())
        .is_some_and(|name| name.ends_with("ForSequenceClassification"));
    if !is_classifier {
        let classes = vec!["0".to_owned(), "1".to_owned()];
        let (kind, head) = (Kind::Encoder, other_weights(folder));
        return Ok(Some(Told { kind, task: TaskKind::Binary, classes, head }));
    }
    let mut classes = config.labels;
    // Without `id2label` a model has two.
    if classes.is_empty() {
        classes = vec!["LABEL_0".to_owned(), "LABEL_1".to_owned()];
    }
    let task = match classes.len() {
        1 => TaskKind::Regression,
        2 => TaskKind::Binary,
        _ => TaskKind::Multiclass,
    };
    if task == TaskKind::Regression {
        classes.clear();
    }
    Ok(Some(Told { kind: Kind::Text, task, classes, head: None }))
}

/// The only file of weights besides the model's own.
fn other_weights(folder: &Path) -> Option<String> {
    let entries = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let mut others = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".safetensors") && !name.starts_with("model"));
    let only = others.next()?;
    others.next().is_none().then_some(only)
}
