//! The Llama family: blocks of attention with rotated positions and of gated feed-forward layers,
//! each behind a root-mean-square norm (Touvron et al., 2023).

use candle_core::quantized::QMatMul;
use candle_core::{Device, Module, Result, Tensor};

use super::gguf::Gguf;
use crate::models::error::Error;

/// The longest text that is read, whatever the file claims.
const MOST_TOKENS: usize = 8192;

/// A network from tokens to the scores of the next token.
pub(super) struct Llama {
    /// Vocabulary × width.
    words: Tensor,
    blocks: Vec<Block>,
    norm: Norm,
    /// Vocabulary × width; the embeddings again where the file has no other.
    output: QMatMul,
    heads: Heads,
    /// Tokens × half a head.
    cos: Tensor,
    sin: Tensor,
}

#[derive(Clone, Copy)]
struct Heads {
    count: usize,
    /// Heads of keys and values; each serves as many of queries.
    keys: usize,
    size: usize,
}

struct Block {
    attention_norm: Norm,
    query: QMatMul,
    key: QMatMul,
    value: QMatMul,
    out: QMatMul,
    norm: Norm,
    gate: QMatMul,
    up: QMatMul,
    down: QMatMul,
}

struct Norm {
    scale: Tensor,
    eps: f32,
}

/// Keys and values of the tokens so far, for each block: heads × tokens × size. Cloning is cheap.
#[derive(Clone, Default)]
pub(super) struct Past {
    blocks: Vec<(Tensor, Tensor)>,
    tokens: usize,
}

impl Llama {
    pub fn load(file: &mut Gguf) -> std::result::Result<Self, Error> {
        let width = file.size("llama.embedding_length")?;
        let inner = file.size("llama.feed_forward_length")?;
        let count = file.size("llama.attention.head_count")?;
        let keys = file.whole("llama.attention.head_count_kv").unwrap_or(count).max(1);
        if !width.is_multiple_of(2 * count) || !count.is_multiple_of(keys) {
            return Err(file.fail(format!(
                "The file claims {count} heads, {keys} of keys and values, and {width} numbers of a \
                 token, which do not divide (a head needs an even number of them)"
            )));
        }
        if file.whole("llama.expert_count").unwrap_or(0) > 0 {
            return Err(
                file.fail("The file holds a mixture of experts, which is not read".to_owned())
            );
        }
        let heads = Heads { count, keys, size: width / count };
        let eps = file.real("llama.attention.layer_norm_rms_epsilon").unwrap_or(1e-5) as f32;
        let vocabulary = match file.shape("token_embd.weight") {
            Some(&[vocabulary, _]) => vocabulary,
            _ => 0,
        };
        let words = file.tensor("token_embd.weight", &[vocabulary, width])?;
        let mut blocks = Vec::new();
        for number in 0..file.size("llama.block_count")? {
            blocks.push(Block::load(file, number, width, inner, heads, eps)?);
        }
        let output = if file.has("output.weight") { "output.weight" } else { "token_embd.weight" };
        let output = file.matrix(output, [vocabulary, width])?;
        let norm = Norm { scale: file.tensor("output_norm.weight", &[width])?, eps };
        let (cos, sin) = angles(file, heads.size)?;
        Ok(Self { words, blocks, norm, output, heads, cos, sin })
    }

    /// The tokens of the longest text, prompt and answer together.
    pub fn longest(&self) -> usize {
        self.cos.dims().first().copied().unwrap_or_default()
    }

    /// The tokens that it knows.
    pub fn vocabulary(&self) -> usize {
        self.words.dims().first().copied().unwrap_or_default()
    }

    /// Reads tokens that come after `past`, which grows by them. The result has a row of scores
    /// over the vocabulary for each of the last `rows` tokens.
    pub fn forward(&self, ids: &[u32], past: &mut Past, rows: usize) -> Result<Tensor> {
        let mut x = self.words.index_select(&Tensor::new(ids, self.words.device())?, 0)?;
        let mask = hidden(past.tokens, ids.len(), x.device())?;
        let angles = (
            self.cos.narrow(0, past.tokens, ids.len())?,
            self.sin.narrow(0, past.tokens, ids.len())?,
        );
        let mut blocks = Vec::with_capacity(self.blocks.len());
        for (number, block) in self.blocks.iter().enumerate() {
            let before = past.blocks.get(number);
            let (next, seen) = block.forward(&x, before, self.heads, &angles, mask.as_ref())?;
            x = next;
            blocks.push(seen);
        }
        *past = Past { blocks, tokens: past.tokens + ids.len() };
        let last = x.narrow(0, ids.len().saturating_sub(rows), rows.min(ids.len()))?;
        self.output.forward(&self.norm.forward(&last)?)
    }
}

impl Block {
    fn load(
        file: &mut Gguf,
        number: usize,
        width: usize,
        inner: usize,
        heads: Heads,
        eps: f32,
    ) -> std::result::Result<Self, Error> {
        let named = |name: &str| format!("blk.{number}.{name}.weight");
        let narrow = heads.keys * heads.size;
        let mut norm =
            |name: &str| file.tensor(&named(name), &[width]).map(|scale| Norm { scale, eps });
        let (attention_norm, ffn_norm) = (norm("attn_norm")?, norm("ffn_norm")?);
        let mut matrix = |name: &str, outputs, inputs| file.matrix(&named(name), [outputs, inputs]);
        Ok(Self {
            attention_norm,
            query: matrix("attn_q", width, width)?,
            key: matrix("attn_k", narrow, width)?,
            value: matrix("attn_v", narrow, width)?,
            out: matrix("attn_output", width, width)?,
            norm: ffn_norm,
            gate: matrix("ffn_gate", inner, width)?,
            up: matrix("ffn_up", inner, width)?,
            down: matrix("ffn_down", width, inner)?,
        })
    }

    /// The block's outputs for tokens × width, and the keys and values with these tokens'.
    fn forward(
        &self,
        x: &Tensor,
        past: Option<&(Tensor, Tensor)>,
        heads: Heads,
        (cos, sin): &(Tensor, Tensor),
        mask: Option<&Tensor>,
    ) -> Result<(Tensor, (Tensor, Tensor))> {
        let normal = self.attention_norm.forward(x)?;
        let rotated = |x: Tensor, count: usize| {
            let x = by_head(&x, count, heads.size)?.unsqueeze(0)?;
            candle_nn::rotary_emb::rope_i(&x, cos, sin)?.squeeze(0)
        };
        let query = rotated(self.query.forward(&normal)?, heads.count)?;
        let mut key = rotated(self.key.forward(&normal)?, heads.keys)?;
        let mut value = by_head(&self.value.forward(&normal)?, heads.keys, heads.size)?;
        if let Some((keys, values)) = past {
            key = Tensor::cat(&[keys, &key], 1)?;
            value = Tensor::cat(&[values, &value], 1)?;
        }
        let mixed = attend(&query, &key, &value, heads, mask)?;
        let x = (x + self.out.forward(&mixed)?)?;
        let normal = self.norm.forward(&x)?;
        let gate = candle_nn::ops::silu(&self.gate.forward(&normal)?)?;
        let inner = (gate * self.up.forward(&normal)?)?;
        Ok(((x + self.down.forward(&inner)?)?, (key, value)))
    }
}

/// Each group of query heads reads one head of keys and values, so a group is one matrix.
fn attend(
    query: &Tensor,
    key: &Tensor,
    value: &Tensor,
    heads: Heads,
    mask: Option<&Tensor>,
) -> Result<Tensor> {
    let (_, tokens, size) = query.dims3()?;
    let all = key.dim(1)?;
    let grouped = query.reshape((heads.keys, heads.count / heads.keys * tokens, size))?;
    let scores = (grouped.matmul(&key.t()?)? / (size as f64).sqrt())?;
    let scores = scores.reshape((heads.count, tokens, all))?;
    let scores = match mask {
        Some(mask) => scores.broadcast_add(mask)?,
        None => scores,
    };
    let weights = candle_nn::ops::softmax_last_dim(&scores)?;
    let weights = weights.reshape((heads.keys, heads.count / heads.keys * tokens, all))?;
    let mixed = weights.matmul(value)?.reshape((heads.count, tokens, size))?;
    mixed.transpose(0, 1)?.contiguous()?.reshape((tokens, heads.count * size))
}

/// Tokens × (heads · size) as heads × tokens × size.
fn by_head(x: &Tensor, count: usize, size: usize) -> Result<Tensor> {
    let tokens = x.dim(0)?;
    x.reshape((tokens, count, size))?.transpose(0, 1)?.contiguous()
}

/// What hides later tokens from earlier ones, new × all; none is needed for one token.
fn hidden(past: usize, new: usize, device: &Device) -> Result<Option<Tensor>> {
    if new < 2 {
        return Ok(None);
    }
    let of = |query: usize, key: usize| if key > past + query { -1e9 } else { 0.0 };
    let all = (0..new).flat_map(|query| (0..past + new).map(move |key| of(query, key)));
    Tensor::from_vec(all.collect::<Vec<f32>>(), (new, past + new), device).map(Some)
}

/// Cosines and sines of the rotations, tokens × half a head.
fn angles(file: &mut Gguf, size: usize) -> std::result::Result<(Tensor, Tensor), Error> {
    let rotated = file.whole("llama.rope.dimension_count").unwrap_or(size);
    if rotated != size {
        return Err(file.fail(format!(
            "The file rotates {rotated} of the {size} numbers of a head; only all are read"
        )));
    }
    let base = file.real("llama.rope.freq_base").unwrap_or(10_000.0);
    let factors = match file.has("rope_freqs.weight") {
        true => file.tensor("rope_freqs.weight", &[size / 2])?.to_vec1().unwrap_or_default(),
        false => vec![1.0_f32; size / 2],
    };
    let frequency = |(place, factor): (usize, &f32)| {
        (base.powf(-2.0 * place as f64 / size as f64) / f64::from(*factor)) as f32
    };
    let frequencies: Vec<f32> = factors.iter().enumerate().map(frequency).collect();
    let tokens = file.size("llama.context_length")?.min(MOST_TOKENS);
    let angles = (0..tokens).flat_map(|token| frequencies.iter().map(move |f| token as f32 * f));
    Tensor::from_vec(angles.collect::<Vec<f32>>(), (tokens, size / 2), file.device())
        .and_then(|angles| Ok((angles.cos()?, angles.sin()?)))
        .map_err(|fault| file.fail(format!("The rotations cannot be computed: {fault}")))
}

impl Norm {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        candle_nn::ops::rms_norm(&x.contiguous()?, &self.scale, self.eps)
    }
}
