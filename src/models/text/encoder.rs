//! Encoders of BERT's kin: embeddings, then blocks that normalise after each sum.

use candle_core::{Result, Tensor};

use super::attention::{Heads, attend, products};
use super::config::{Config, Family};
use super::dense::{Dense, Norm};
use super::relative::Relative;
use super::tensors::Tensors;
use crate::models::error::Error;

/// BERT, DistilBERT, RoBERTa or DeBERTa-v2 without a head.
pub(super) struct Encoder {
    embeddings: Embeddings,
    blocks: Vec<Block>,
    heads: Heads,
    scale: f32,
}

struct Embeddings {
    /// Vocabulary × width, the token type's share included.
    words: Tensor,
    /// What a token's place adds, positions × width.
    places: Option<Tensor>,
    /// The place of a text's first token.
    first_place: u32,
    /// From the words' width to the blocks', where they differ.
    projection: Option<Dense>,
    norm: Norm,
}

struct Block {
    /// Queries, keys and values side by side.
    qkv: Dense,
    relative: Option<Relative>,
    out: Dense,
    attention_norm: Norm,
    up: Dense,
    down: Dense,
    norm: Norm,
}

/// What the tensors of a block are called.
struct Names {
    block: &'static str,
    qkv: [&'static str; 3],
    out: &'static str,
    attention_norm: &'static str,
    up: &'static str,
    down: &'static str,
    norm: &'static str,
}

const BERT: Names = Names {
    block: "encoder.layer",
    qkv: ["attention.self.query", "attention.self.key", "attention.self.value"],
    out: "attention.output.dense",
    attention_norm: "attention.output.LayerNorm",
    up: "intermediate.dense",
    down: "output.dense",
    norm: "output.LayerNorm",
};
const DEBERTA: Names = Names {
    qkv: ["attention.self.query_proj", "attention.self.key_proj", "attention.self.value_proj"],
    ..BERT
};
const DISTILBERT: Names = Names {
    block: "transformer.layer",
    qkv: ["attention.q_lin", "attention.k_lin", "attention.v_lin"],
    out: "attention.out_lin",
    attention_norm: "sa_layer_norm",
    up: "ffn.lin1",
    down: "ffn.lin2",
    norm: "output_layer_norm",
};

impl Encoder {
    pub fn load(config: &Config, tensors: &Tensors) -> std::result::Result<Self, Error> {
        let names = match config.family {
            Family::DistilBert => DISTILBERT,
            Family::DebertaV2 => DEBERTA,
            _ => BERT,
        };
        let heads = Heads { count: config.heads, size: config.hidden / config.heads };
        let embeddings = Embeddings::load(config, tensors)?;
        let relative = Relative::loader(config, tensors, heads)?;
        let mut blocks = Vec::new();
        for number in 0..config.layers {
            let place = tensors.prefixed(&format!("{}.{number}", names.block));
            let mut block = Block::load(config, tensors, &names, &place)?;
            block.relative = relative.load(&place)?;
            blocks.push(block);
        }
        let scale = 1.0 / (heads.size as f32 * relative.terms() as f32).sqrt();
        Ok(Self { embeddings, blocks, heads, scale })
    }

    /// The last block's outputs, a row per token, for texts of these lengths end to end.
    pub fn forward(&self, ids: &[u32], lengths: &[usize]) -> Result<Tensor> {
        let mut x = self.embeddings.forward(ids, lengths)?;
        for block in &self.blocks {
            x = block.forward(&x, lengths, self.heads, self.scale)?;
        }
        Ok(x)
    }
}

impl Embeddings {
    fn load(config: &Config, tensors: &Tensors) -> std::result::Result<Self, Error> {
        let named = |name: &str| tensors.prefixed(&format!("embeddings.{name}"));
        let width = config.number("embedding_size").unwrap_or(config.hidden);
        let mut words =
            tensors.get(&named("word_embeddings.weight"), &[config.vocabulary, width])?;
        if config.types > 0 {
            // Texts are not pairs: every token is of the first type.
            let types =
                tensors.get(&named("token_type_embeddings.weight"), &[config.types, width])?;
            words = types
                .narrow(0, 0, 1)
                .and_then(|first| words.broadcast_add(&first))
                .map_err(|fault| tensors.fault(&fault))?;
        }
        let is_deberta = config.family == Family::DebertaV2;
        let has_places = !is_deberta || config.flag("position_biased_input");
        let places = match has_places {
            true => {
                let shape = [config.positions, width];
                Some(tensors.get(&named("position_embeddings.weight"), &shape)?)
            }
            false => None,
        };
        let projection = match width == config.hidden {
            true => None,
            false => {
                Some(Dense::load(tensors, &named("embed_proj"), (config.hidden, width), None)?)
            }
        };
        let first_place = if config.family == Family::Roberta { config.padding + 1 } else { 0 };
        let norm = Norm::load(tensors, &named("LayerNorm"), config.hidden, config.eps)?;
        Ok(Self { words, places, first_place: first_place as u32, projection, norm })
    }

    fn forward(&self, ids: &[u32], lengths: &[usize]) -> Result<Tensor> {
        let device = self.words.device();
        let mut x = self.words.index_select(&Tensor::new(ids, device)?, 0)?;
        if let Some(table) = &self.places {
            let first = self.first_place;
            let places: Vec<u32> =
                lengths.iter().flat_map(|&length| first..first + length as u32).collect();
            x = (x + table.index_select(&Tensor::new(places, device)?, 0)?)?;
        }
        if let Some(projection) = &self.projection {
            x = projection.forward(&x)?;
        }
        self.norm.forward(x)
    }
}

impl Block {
    fn load(
        config: &Config,
        tensors: &Tensors,
        names: &Names,
        place: &str,
    ) -> std::result::Result<Self, Error> {
        let named = |name: &str| format!("{place}.{name}");
        let (hidden, inner) = (config.hidden, config.inner);
        let square = (hidden, hidden);
        Ok(Self {
            qkv: Dense::load_joined(tensors, &names.qkv.map(named), square)?,
            relative: None,
            out: Dense::load(tensors, &named(names.out), square, None)?,
            attention_norm: Norm::load(tensors, &named(names.attention_norm), hidden, config.eps)?,
            up: Dense::load(tensors, &named(names.up), (inner, hidden), Some(config.act))?,
            down: Dense::load(tensors, &named(names.down), (hidden, inner), None)?,
            norm: Norm::load(tensors, &named(names.norm), hidden, config.eps)?,
        })
    }

    fn forward(&self, x: &Tensor, lengths: &[usize], heads: Heads, scale: f32) -> Result<Tensor> {
        let qkv = self.qkv.forward(x)?;
        let mixed = attend(&qkv, lengths, heads, scale, |queries, keys| match &self.relative {
            None => products(queries, keys),
            Some(relative) => relative.scores(queries, keys),
        })?;
        let x = self.attention_norm.forward_sum(self.out.forward(&mixed)?, x)?;
        let inner = self.up.forward(&x)?;
        self.norm.forward_sum(self.down.forward(&inner)?, &x)
    }
}
