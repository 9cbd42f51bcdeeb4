//! The tokenizer that a GGUF file carries.

use candle_core::quantized::gguf_file::Value;
use serde_json::json;
use tokenizers::{AddedToken, Tokenizer};

use super::gguf::{Gguf, integer};
use crate::models::error::Error;

/// GGUF's kinds of tokens that stand for themselves wherever they are written.
const CONTROL: i64 = 3;
const USER_DEFINED: i64 = 4;

/// From text to tokens and back.
pub(super) struct Vocabulary {
    tokenizer: Tokenizer,
    /// Stands before every text.
    first: Option<u32>,
    /// A prompt begins as if a space stood before it.
    begins_with_space: bool,
    /// Texts of the tokens that stand for themselves.
    special: Vec<String>,
    /// End an answer.
    ends: Vec<u32>,
}

impl Vocabulary {
    /// Builds the tokenizer of a network that knows `count` tokens.
    pub fn load(file: &Gguf, count: usize) -> Result<Self, Error> {
        let tokens: Vec<&str> =
            file.list("tokenizer.ggml.tokens").iter().filter_map(text_of).collect();
        if tokens.len() != count {
            return Err(file.fail(format!(
                "The file's tokenizer has {} tokens, its network {count}",
                tokens.len()
            )));
        }
        let kinds: Vec<i64> =
            file.list("tokenizer.ggml.token_type").iter().filter_map(integer).collect();
        let described = match file.text("tokenizer.ggml.model") {
            Some("gpt2") => byte_pairs(file, &tokens)?,
            Some("llama") => sentence_pieces(file, &tokens),
            other => {
                let kind = other.unwrap_or("none");
                return Err(file.fail(format!(
                    "The file's tokenizer is of the kind `{kind}`; `gpt2` and `llama` are read"
                )));
            }
        };
        let damaged = |fault: tokenizers::Error| {
            file.fail(format!("The file's tokenizer cannot be read: {fault}"))
        };
        let mut tokenizer = Tokenizer::from_bytes(described.to_string()).map_err(damaged)?;
        let special: Vec<AddedToken> = (tokens.iter().zip(&kinds))
            .filter(|(token, kind)| !token.is_empty() && matches!(**kind, CONTROL | USER_DEFINED))
            .map(|(token, kind)| AddedToken::from(*token, *kind == CONTROL).normalized(false))
            .collect();
        tokenizer.add_special_tokens(special.clone()).map_err(damaged)?;
        let known = |name: &str| {
            file.whole(&format!("tokenizer.ggml.{name}"))
                .filter(|&id| id < count)
                .map(|id| id as u32)
        };
        let is_pieces = file.text("tokenizer.ggml.model") == Some("llama");
        let flag = |name: &str| file.flag(&format!("tokenizer.ggml.{name}")).unwrap_or(is_pieces);
        let end_of_turn =
            tokenizer.token_to_id("<|im_end|>").or(tokenizer.token_to_id("<|eot_id|>"));
        Ok(Self {
            first: known("bos_token_id").filter(|_| flag("add_bos_token")),
            begins_with_space: is_pieces && flag("add_space_prefix"),
            special: special.into_iter().map(|token| token.content).collect(),
            ends: [known("eos_token_id"), known("eot_token_id"), end_of_turn]
                .into_iter()
                .flatten()
                .collect(),
            tokenizer,
        })
    }

    /// The tokens of a prompt, with the one that stands before every text.
    pub fn of_prompt(&self, text: &str) -> Result<Vec<u32>, String> {
        let mut ids: Vec<u32> = self.first.into_iter().collect();
        if self.begins_with_space && !text.is_empty() && !self.begins_with_special(text) {
            ids.extend(self.of(&format!(" {text}"))?);
        } else {
            ids.extend(self.of(text)?);
        }
        if ids.is_empty() { Err("the prompt has no token".to_owned()) } else { Ok(ids) }
    }

    fn begins_with_special(&self, text: &str) -> bool {
        self.special.iter().any(|token| text.starts_with(token))
    }

    /// The tokens of a text that goes on after another.
    pub fn of(&self, text: &str) -> Result<Vec<u32>, String> {
        let encoding = self.tokenizer.encode_fast(text, false);
        let encoding =
            encoding.map_err(|fault| format!("a text cannot be made tokens of: {fault}"))?;
        Ok(encoding.get_ids().to_vec())
    }

    pub fn text(&self, ids: &[u32]) -> Result<String, String> {
        self.tokenizer.decode(ids, true).map_err(|fault| format!("tokens cannot be read: {fault}"))
    }

    pub fn is_end(&self, id: u32) -> bool {
        self.ends.contains(&id)
    }
}

fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// GPT-2's tokenizer: bytes as letters, joined in pairs by a list of merges.
fn byte_pairs(file: &Gguf, tokens: &[&str]) -> Result<serde_json::Value, Error> {
    /// Llama 3's way of cutting a text into words.
    const LLAMA3: &str = concat!(
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}",
        r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    );
    let bytes = |use_regex: bool| {
        json!({
            "type": "ByteLevel",
            "add_prefix_space": false,
            "trim_offsets": true,
            "use_regex": use_regex,
        })
    };
    let in_turn = |first, then| json!({"type": "Sequence", "pretokenizers": [first, then]});
    let digits = json!({"type": "Digits", "individual_digits": true});
    let words = json!({
        "type": "Split",
        "pattern": {"Regex": LLAMA3},
        "behavior": "Isolated",
        "invert": false,
    });
    let cut = match file.text("tokenizer.ggml.pre").unwrap_or("default") {
        "default" | "gpt-2" => bytes(true),
        "smollm" => in_turn(digits, bytes(true)),
        "llama-bpe" | "llama3" => in_turn(words, bytes(false)),
        other => {
            return Err(file.fail(format!(
                "The file's tokenizer cuts words as `{other}` does; gpt-2, smollm and llama-bpe are \
                 known"
            )));
        }
    };
    let merges: Vec<&str> = file.list("tokenizer.ggml.merges").iter().filter_map(text_of).collect();
    let vocabulary: serde_json::Map<String, serde_json::Value> =
        tokens.iter().zip(0..).map(|(token, id)| ((*token).to_owned(), id.into())).collect();
    Ok(json!({
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": cut,
        "decoder": bytes(true),
        "model": {"type": "BPE", "vocab": vocabulary, "merges": merges},
    }))
}

/// SentencePiece's tokenizer: pieces with scores. Joining the pair of the highest score first is
/// what a list of merges in that order does.
fn sentence_pieces(file: &Gguf, tokens: &[&str]) -> serde_json::Value {
    let vocabulary: serde_json::Map<String, serde_json::Value> =
        tokens.iter().zip(0_u32..).map(|(token, id)| ((*token).to_owned(), id.into())).collect();
    let scores: Vec<f32> = file
        .list("tokenizer.ggml.scores")
        .iter()
        .map(|score| score.to_f32().unwrap_or(0.0))
        .collect();
    let mut pairs: Vec<(f32, usize, [&str; 2])> = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        let score = scores.get(place).copied().unwrap_or(0.0);
        let cuts = token.char_indices().skip(1).map(|(at, _)| token.split_at(at));
        let known =
            cuts.filter(|(a, b)| vocabulary.contains_key(*a) && vocabulary.contains_key(*b));
        pairs.extend(known.map(|(a, b)| (score, place, [a, b])));
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let merges: Vec<[&str; 2]> = pairs.into_iter().map(|(_, _, pair)| pair).collect();
    let unknown = file.whole("tokenizer.ggml.unknown_token_id").and_then(|id| tokens.get(id));
    json!({
        "version": "1.0",
        "added_tokens": [],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        "decoder": {"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
            {"type": "ByteFallback"},
            {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0},
        ]},
        "model": {
            "type": "BPE",
            "vocab": vocabulary,
            "merges": merges,
            "unk_token": unknown,
            "fuse_unk": true,
            "byte_fallback": true,
        },
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use candle_core::Device;
    use serde::Deserialize;

    use super::*;

    /// What SentencePiece makes of a text.
    #[derive(Deserialize)]
    struct Known {
        text: String,
        first: Vec<u32>,
        then: Vec<u32>,
        back: String,
    }

    fn fixture(name: &str) -> Vec<u8> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/models/generate");
        std::fs::read(root.join(name)).unwrap()
    }

    #[test]
    fn pieces_are_those_of_sentence_piece() {
        let path = Path::new("pieces.gguf");
        let file = Gguf::parse(fixture("pieces.gguf"), path, &Device::Cpu).unwrap();
        let count = file.list("tokenizer.ggml.tokens").len();
        let vocabulary = Vocabulary::load(&file, count).unwrap();
        let known: Vec<Known> = serde_json::from_slice(&fixture("pieces.json")).unwrap();
        assert_eq!(known.len(), 12);
        for Known { text, first, then, back } in known {
            let prompt = [vec![1], first.clone()].concat();
            assert_eq!(vocabulary.of_prompt(&text).unwrap(), prompt, "a prompt of {text:?}");
            assert_eq!(vocabulary.of(&text).unwrap(), then, "{text:?} after other text");
            let read = vocabulary.tokenizer.decode(&first, false).unwrap();
            assert_eq!(read, back);
        }
    }
}
