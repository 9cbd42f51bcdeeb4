//! Self-attention over texts that lie end to end: no padding, so no masks, and no row's answer
//! depends on the rows beside it.

use candle_core::{D, Result, Tensor};

use super::fused::softmax;

/// How the attention is cut up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heads {
    pub count: usize,
    /// Numbers in one head.
    pub size: usize,
}

/// Attends within each text. `qkv` holds a row per token (queries, keys and values side by side),
/// `lengths` the tokens of each text, and `scores` makes of one text's queries and keys
/// (each heads × tokens × size) the scores (heads × tokens × tokens) that a softmax of `scale` times
/// them turns into weights. The result has a row per token, heads side by side.
pub(super) fn attend(
    qkv: &Tensor,
    lengths: &[usize],
    heads: Heads,
    scale: f32,
    scores: impl Fn(&Tensor, &Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let mut parts = Vec::with_capacity(lengths.len());
    let mut first = 0;
    for &length in lengths {
        let part = qkv.narrow(0, first, length)?.reshape((length, 3, heads.count, heads.size))?;
        // A view: heads × tokens × size.
        let of = |which: usize| part.narrow(1, which, 1)?.squeeze(1)?.transpose(0, 1);
        let weights = softmax(scores(&of(0)?, &of(1)?)?, scale)?;
        let mixed = weights.matmul(&of(2)?)?.transpose(0, 1)?;
        parts.push(mixed.reshape((length, heads.count * heads.size))?);
        first += length;
    }
    match parts.as_slice() {
        [only] => Ok(only.clone()),
        several => Tensor::cat(several, 0),
    }
}

/// Each query by each key.
pub(super) fn products(queries: &Tensor, keys: &Tensor) -> Result<Tensor> {
    queries.matmul(&keys.transpose(D::Minus1, D::Minus2)?)
}
