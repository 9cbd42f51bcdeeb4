//! What a folder's `config.json` says about a text encoder.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::fused::Act;
use crate::models::error::Error;

/// The families of encoders that are built here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Bert,
    DistilBert,
    /// RoBERTa and XLM-RoBERTa, which differ in their tokenizers only.
    Roberta,
    DebertaV2,
    ModernBert,
}

impl Family {
    pub fn of(model_type: &str) -> Option<Self> {
        match model_type {
            "bert" => Some(Self::Bert),
            "distilbert" => Some(Self::DistilBert),
            "roberta" | "xlm-roberta" | "camembert" => Some(Self::Roberta),
            "deberta-v2" => Some(Self::DebertaV2),
            "modernbert" => Some(Self::ModernBert),
            _ => None,
        }
    }
}

/// A `config.json`, its dimensions read and checked.
#[derive(Debug)]
pub(super) struct Config {
    pub family: Family,
    pub layers: usize,
    pub heads: usize,
    /// Numbers per token.
    pub hidden: usize,
    /// Numbers per token inside a feed-forward block.
    pub inner: usize,
    pub vocabulary: usize,
    /// Rows of the table of positions, or the longest text where there is no table.
    pub positions: usize,
    /// Rows of the table of token types; 0: there is no such table.
    pub types: usize,
    pub eps: f64,
    pub act: Act,
    pub padding: usize,
    /// Names of the outputs in order, from `id2label`.
    pub labels: Vec<String>,
    pub problem_type: Option<String>,
    fields: Map<String, Value>,
    path: PathBuf,
}

impl Config {
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Self, Error> {
        let fail = |message: String| Error::weights(message, path);
        let fields = match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return Err(fail("config.json holds no object".to_owned())),
            Err(fault) => return Err(fail(format!("config.json is not JSON: {fault}"))),
        };
        let model_type = fields.get("model_type").and_then(Value::as_str).unwrap_or_default();
        let family = Family::of(model_type).ok_or_else(|| {
            fail(format!(
                "config.json says `model_type` `{model_type}`; text models of the types bert, \
                 distilbert, roberta, xlm-roberta, deberta-v2 and modernbert are read"
            ))
        })?;
        let raw = Raw { fields: &fields, path };
        let defaults = Defaults::of(family);
        let act = raw.text(&["hidden_act", "activation", "hidden_activation"]).unwrap_or("gelu");
        let config = Self {
            family,
            layers: raw.size(&["num_hidden_layers", "n_layers"])?,
            heads: raw.size(&["num_attention_heads", "n_heads"])?,
            hidden: raw.size(&["hidden_size", "dim"])?,
            inner: raw.size(&["intermediate_size", "hidden_dim"])?,
            vocabulary: raw.size(&["vocab_size"])?,
            positions: raw.size(&["max_position_embeddings"])?,
            types: raw.number("type_vocab_size").unwrap_or(defaults.types),
            // ModernBERT's files carry a stray `layer_norm_eps` too.
            eps: raw.real("norm_eps").or(raw.real("layer_norm_eps")).unwrap_or(defaults.eps),
            act: Act::named(act).ok_or_else(|| {
                fail(format!("config.json asks for the activation `{act}`, which is not known"))
            })?,
            padding: raw.number("pad_token_id").unwrap_or(defaults.padding),
            labels: raw.labels(),
            problem_type: raw.text(&["problem_type"]).map(str::to_owned),
            path: path.to_owned(),
            fields,
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Error> {
        if !self.hidden.is_multiple_of(self.heads) {
            return Err(self.fail(&format!(
                "says {} heads, which do not divide the {} numbers of a token",
                self.heads, self.hidden
            )));
        }
        let position = self.text("position_embedding_type").unwrap_or("absolute");
        if self.family != Family::ModernBert && position != "absolute" {
            return Err(self.fail(&format!(
                "says `position_embedding_type` `{position}`; only `absolute` is read"
            )));
        }
        if self.longest() < 2 {
            return Err(self.fail("leaves no room for a text in `max_position_embeddings`"));
        }
        Ok(())
    }

    /// The most tokens of a text.
    pub fn longest(&self) -> usize {
        match self.family {
            // Positions count from behind the padding's number.
            Family::Roberta => self.positions.saturating_sub(self.padding + 1),
            _ => self.positions,
        }
    }

    /// An error about this file, with what it says.
    pub fn fail(&self, what: &str) -> Error {
        Error::weights(format!("config.json {what}"), &self.path)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.fields.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    pub fn number(&self, name: &str) -> Option<usize> {
        usize::try_from(self.fields.get(name)?.as_u64()?).ok()
    }

    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }
}

/// What a family's own configuration leaves out.
struct Defaults {
    types: usize,
    eps: f64,
    padding: usize,
}

impl Defaults {
    fn of(family: Family) -> Self {
        match family {
            Family::Bert => Self { types: 2, eps: 1e-12, padding: 0 },
            Family::DistilBert => Self { types: 0, eps: 1e-12, padding: 0 },
            Family::Roberta => Self { types: 1, eps: 1e-5, padding: 1 },
            Family::DebertaV2 => Self { types: 0, eps: 1e-7, padding: 0 },
            Family::ModernBert => Self { types: 0, eps: 1e-5, padding: 0 },
        }
    }
}

struct Raw<'a> {
    fields: &'a Map<String, Value>,
    path: &'a Path,
}

impl<'a> Raw<'a> {
    /// A number above zero under the first of these names that is there.
    fn size(&self, names: &[&str]) -> Result<usize, Error> {
        let found = names.iter().find_map(|name| self.number(name));
        found.filter(|&size| size > 0).ok_or_else(|| {
            let name = names.first().unwrap_or(&"");
            let message = format!("config.json has no `{name}` that is a number above zero");
            Error::weights(message, self.path)
        })
    }

    fn number(&self, name: &str) -> Option<usize> {
        usize::try_from(self.fields.get(name)?.as_u64()?).ok()
    }

    fn real(&self, name: &str) -> Option<f64> {
        self.fields.get(name)?.as_f64()
    }

    fn text(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.fields.get(*name)?.as_str())
    }

    /// `id2label` in the order of its numbers.
    fn labels(&self) -> Vec<String> {
        let known = self.fields.get("id2label").and_then(Value::as_object);
        let mut labels: Vec<(usize, String)> = known
            .into_iter()
            .flatten()
            .filter_map(|(id, label)| Some((id.parse().ok()?, label.as_str()?.to_owned())))
            .collect();
        labels.sort();
        labels.into_iter().map(|(_, label)| label).collect()
    }
}
