//! From texts to tokens, as the folder's tokenizer and its settings say.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde_json::Value;
use tokenizers::{Tokenizer, TruncationDirection, TruncationParams};

use crate::models::error::Error;
use crate::models::folder::Folder;

/// The largest tokenizer that is read, in bytes.
const MOST_TOKENIZER: u64 = 256 << 20;
/// The largest file of settings that is read, in bytes.
pub(super) const MOST_SETTINGS: u64 = 16 << 20;
/// "No limit" is written as a number near 10³⁰; nothing real is above this.
const NO_LIMIT: f64 = 1e6;

/// A tokenizer that cuts texts to what the model can read.
pub(in crate::models) struct Tokens {
    tokenizer: Tokenizer,
    longest: usize,
}

impl Tokens {
    /// Reads `tokenizer.json` and what lies beside it. The model has `vocabulary` tokens and reads
    /// at most `longest` of them at once; the folder's settings may say less.
    pub fn load(folder: &mut Folder, vocabulary: usize, longest: usize) -> Result<Self, Error> {
        let path = folder.file("tokenizer.json");
        if !path.is_file() {
            return Err(no_tokenizer(&path));
        }
        let bytes = folder.read("tokenizer.json", "tokenizer", MOST_TOKENIZER)?;
        let mut tokenizer = tokenizer(&bytes).map_err(|fault| {
            Error::weights(format!("The tokenizer cannot be read: {fault}"), &path)
        })?;
        let highest = tokenizer.get_vocab(true).into_values().max().unwrap_or(0) as usize;
        if highest >= vocabulary {
            let message = format!(
                "The tokenizer counts tokens up to {highest}, but the model knows {vocabulary} \
                 (`vocab_size`): they are not of one model"
            );
            return Err(Error::weights(message, &path));
        }
        let settings = settings(folder, "tokenizer_config.json")?;
        let sentence = settings_of_sentences(folder)?;
        let own = tokenizer.get_truncation().map(|truncation| truncation.max_length);
        let limit = limit_in(&sentence, "max_seq_length")
            .or_else(|| limit_in(&settings, "model_max_length"))
            .or(own);
        let longest = limit.map_or(longest, |limit| limit.min(longest));
        let left = settings.get("truncation_side").and_then(Value::as_str) == Some("left");
        let truncation = TruncationParams {
            max_length: longest,
            direction: if left { TruncationDirection::Left } else { TruncationDirection::Right },
            ..TruncationParams::default()
        };
        tokenizer
            .with_padding(None)
            .with_truncation(Some(truncation))
            .map_err(|fault| Error::weights(format!("The tokenizer cannot cut: {fault}"), &path))?;
        Ok(Self { tokenizer, longest })
    }

    /// The numbers of a text's tokens, with the special ones around them. (The library meets some
    /// faults of its description only here, with a panic.)
    pub fn of(&self, text: &str) -> Result<Vec<u32>, String> {
        let encode = AssertUnwindSafe(|| self.tokenizer.encode_fast(text, true));
        let encoding = catch_unwind(encode)
            .map_err(|_| "the tokenizer is damaged".to_owned())?
            .map_err(|fault| format!("a text cannot be made tokens of: {fault}"))?;
        match encoding.get_ids() {
            [] => Err("the tokenizer makes no token of a text and adds none around it".to_owned()),
            // Some tokenizers add their special tokens after cutting.
            ids => Ok(ids.get(..self.longest).unwrap_or(ids).to_vec()),
        }
    }

    /// The most tokens that a text is cut to.
    pub fn longest(&self) -> usize {
        self.longest
    }
}

/// Reads a tokenizer's description. The library gives up on some damaged ones with a panic.
fn tokenizer(description: &[u8]) -> Result<Tokenizer, String> {
    match catch_unwind(|| Tokenizer::from_bytes(description)) {
        Ok(read) => read.map_err(|fault| fault.to_string()),
        Err(_) => Err("it is damaged".to_owned()),
    }
}

fn no_tokenizer(path: &Path) -> Error {
    Error::weights(
        "There is no tokenizer.json, which says how texts become tokens; write it with \
         `tokenizer.save_pretrained(folder)` of a fast tokenizer",
        path,
    )
}

/// What the library sentence-transformers says about cutting, under one of its names.
fn settings_of_sentences(folder: &mut Folder) -> Result<Value, Error> {
    settings(folder, "sentence_bert_config.json")
}

/// A file of settings; absent: no settings.
fn settings(folder: &mut Folder, name: &str) -> Result<Value, Error> {
    let path = folder.file(name);
    if !path.is_file() {
        return Ok(Value::Null);
    }
    let bytes = folder.read(name, "tokenizer's settings", MOST_SETTINGS)?;
    serde_json::from_slice(&bytes)
        .map_err(|fault| Error::weights(format!("The settings are not JSON: {fault}"), &path))
}

fn limit_in(settings: &Value, name: &str) -> Option<usize> {
    let limit = settings.get(name)?.as_f64()?;
    (2.0..NO_LIMIT).contains(&limit).then_some(limit as usize)
}
