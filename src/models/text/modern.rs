//! ModernBERT: rotated positions, blocks that normalise before each part, most of them looking at
//! near tokens only, and gated feed-forward parts (Warner et al., 2024).

use candle_core::{D, Device, Result, Tensor};

use super::attention::{Heads, attend, products};
use super::config::Config;
use super::dense::{Dense, Norm};
use super::fused::Act;
use super::tensors::Tensors;
use crate::models::error::Error;

/// ModernBERT without a head.
pub(super) struct ModernBert {
    /// Vocabulary × width.
    words: Tensor,
    embedding_norm: Norm,
    blocks: Vec<Block>,
    norm: Norm,
    heads: Heads,
    act: Act,
}

struct Block {
    /// The first block has none: the embeddings' norm serves.
    attention_norm: Option<Norm>,
    qkv: Dense,
    out: Dense,
    norm: Norm,
    up: Dense,
    down: Dense,
    rotation: Rotation,
    /// How far apart two tokens may stand that see each other.
    reach: Option<usize>,
}

/// Angles per place, each for half a head's numbers.
struct Rotation {
    frequencies: Vec<f32>,
}

impl ModernBert {
    pub fn load(config: &Config, tensors: &Tensors) -> std::result::Result<Self, Error> {
        let hidden = config.hidden;
        let norm = |name: &str| Norm::load(tensors, &tensors.prefixed(name), hidden, config.eps);
        let words = tensors.get(
            &tensors.prefixed("embeddings.tok_embeddings.weight"),
            &[config.vocabulary, hidden],
        )?;
        let heads = Heads { count: config.heads, size: hidden / config.heads };
        let mut blocks = Vec::new();
        for number in 0..config.layers {
            blocks.push(Block::load(config, tensors, heads, number)?);
        }
        Ok(Self {
            words,
            embedding_norm: norm("embeddings.norm")?,
            blocks,
            norm: norm("final_norm")?,
            heads,
            act: config.act,
        })
    }

    /// The outputs, a row per token, for texts of these lengths end to end.
    pub fn forward(&self, ids: &[u32], lengths: &[usize]) -> Result<Tensor> {
        let words = self.words.index_select(&Tensor::new(ids, self.words.device())?, 0)?;
        let mut x = self.embedding_norm.forward(words)?;
        for block in &self.blocks {
            x = block.forward(&x, lengths, self.heads, self.act)?;
        }
        self.norm.forward(x)
    }
}

impl Block {
    fn load(
        config: &Config,
        tensors: &Tensors,
        heads: Heads,
        number: usize,
    ) -> std::result::Result<Self, Error> {
        let named = |name: &str| tensors.prefixed(&format!("layers.{number}.{name}"));
        let (hidden, inner) = (config.hidden, config.inner);
        let is_near = is_near(config, number);
        let attention_norm = match number {
            0 => None,
            _ => Some(Norm::load(tensors, &named("attn_norm"), hidden, config.eps)?),
        };
        Ok(Self {
            attention_norm,
            qkv: Dense::load(tensors, &named("attn.Wqkv"), (3 * hidden, hidden), None)?,
            out: Dense::load(tensors, &named("attn.Wo"), (hidden, hidden), None)?,
            norm: Norm::load(tensors, &named("mlp_norm"), hidden, config.eps)?,
            up: Dense::load(tensors, &named("mlp.Wi"), (2 * inner, hidden), None)?,
            down: Dense::load(tensors, &named("mlp.Wo"), (hidden, inner), None)?,
            rotation: Rotation::new(rotation_base(config, is_near), heads.size),
            reach: is_near.then(|| config.number("local_attention").unwrap_or(128) / 2),
        })
    }

    fn forward(&self, x: &Tensor, lengths: &[usize], heads: Heads, act: Act) -> Result<Tensor> {
        let scale = 1.0 / (heads.size as f32).sqrt();
        let normal = match &self.attention_norm {
            None => x.clone(),
            Some(norm) => norm.forward(x.copy()?)?,
        };
        let mixed =
            attend(&self.qkv.forward(&normal)?, lengths, heads, scale, |q, k| self.scores(q, k))?;
        let x = (self.out.forward(&mixed)? + x)?;
        let both = self.up.forward(&self.norm.forward(x.copy()?)?)?;
        let inner = both.dim(D::Minus1)? / 2;
        let value = act.apply(both.narrow(D::Minus1, 0, inner)?.contiguous()?)?;
        let gated = (value * both.narrow(D::Minus1, inner, inner)?)?;
        self.down.forward(&gated)? + x
    }

    fn scores(&self, queries: &Tensor, keys: &Tensor) -> Result<Tensor> {
        let (_, tokens, _) = queries.dims3()?;
        let (cos, sin) = self.rotation.angles(tokens, queries.device())?;
        let turned = |x: &Tensor| {
            candle_nn::rotary_emb::rope(&x.unsqueeze(0)?.contiguous()?, &cos, &sin)?.squeeze(0)
        };
        let scores = products(&turned(queries)?, &turned(keys)?)?;
        match self.reach {
            Some(reach) if reach + 1 < tokens => {
                scores.broadcast_add(&far(tokens, reach, scores.device())?)
            }
            _ => Ok(scores),
        }
    }
}

/// What hides tokens that stand further apart than `reach`, as tokens × tokens: far below any score,
/// yet finite.
fn far(tokens: usize, reach: usize, device: &Device) -> Result<Tensor> {
    let of = |query: usize, key: usize| if query.abs_diff(key) > reach { -1e9 } else { 0.0 };
    let all = (0..tokens).flat_map(|query| (0..tokens).map(move |key| of(query, key)));
    Tensor::from_vec(all.collect::<Vec<f32>>(), (tokens, tokens), device)
}

/// Whether a block looks at near tokens only.
fn is_near(config: &Config, number: usize) -> bool {
    let named = config.field("layer_types").and_then(|types| types.get(number)?.as_str());
    match named {
        Some(name) => name == "sliding_attention",
        None => {
            let every = config.number("global_attn_every_n_layers").unwrap_or(3).max(1);
            !number.is_multiple_of(every)
        }
    }
}

/// The base of the rotation, by its newer or older name.
fn rotation_base(config: &Config, is_near: bool) -> f64 {
    let (newer, older, usual) = match is_near {
        true => ("sliding_attention", "local_rope_theta", 10_000.0),
        false => ("full_attention", "global_rope_theta", 160_000.0),
    };
    let said = config.field("rope_parameters").and_then(|all| all.get(newer)?.get("rope_theta"));
    said.or(config.field(older)).and_then(serde_json::Value::as_f64).unwrap_or(usual)
}

impl Rotation {
    fn new(base: f64, size: usize) -> Self {
        let frequency = |i: usize| (1.0 / base.powf(i as f64 / size as f64)) as f32;
        Self { frequencies: (0..size).step_by(2).map(frequency).collect() }
    }

    /// Cosines and sines, each tokens × half a head.
    fn angles(&self, tokens: usize, device: &Device) -> Result<(Tensor, Tensor)> {
        let places: Vec<f32> = (0..tokens).map(|place| place as f32).collect();
        let places = Tensor::from_vec(places, (tokens, 1), device)?;
        let frequencies = Tensor::new(self.frequencies.as_slice(), device)?.unsqueeze(0)?;
        let angles = places.matmul(&frequencies)?;
        Ok((angles.cos()?, angles.sin()?))
    }
}
