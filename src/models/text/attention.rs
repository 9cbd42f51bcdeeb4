//! Self-attention over texts that lie end to end: on the processor without padding or masks, so that
//! no row's answer depends on the rows beside it.

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
    if !qkv.device().is_cpu() {
        return attend_at_once(qkv, lengths, heads, scale, scores);
    }
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

/// As [`attend`], all texts in one product: on an accelerator a text at a time would cost more in
/// starts of kernels than in numbers. Shorter texts are padded within the attention alone, and what
/// they are padded with is hidden from it; `scores` gets (texts · heads) × tokens × size.
fn attend_at_once(
    qkv: &Tensor,
    lengths: &[usize],
    heads: Heads,
    scale: f32,
    scores: impl Fn(&Tensor, &Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let (texts, device) = (lengths.len(), qkv.device());
    let longest = lengths.iter().copied().max().unwrap_or_default();
    let Heads { count, size } = heads;
    let padding = Padding::new(lengths, longest);
    let padded = match &padding {
        Some(padding) => qkv.index_select(&Tensor::new(padding.rows.as_slice(), device)?, 0)?,
        None => qkv.clone(),
    };
    let parts = padded.reshape((texts, longest, 3, count, size))?.permute((2, 0, 3, 1, 4))?;
    let parts = parts.contiguous()?.reshape((3, texts * count, longest, size))?;
    let mut scores = scores(&parts.get(0)?, &parts.get(1)?)?;
    if let Some(padding) = &padding {
        let hidden = Tensor::from_slice(&padding.hidden, (texts, 1, 1, longest), device)?;
        let by_text = scores.reshape((texts, count, longest, longest))?;
        scores = by_text.broadcast_add(&hidden)?.reshape((texts * count, longest, longest))?;
    }
    let mixed = softmax(scores, scale)?.matmul(&parts.get(2)?)?;
    let mixed = mixed.reshape((texts, count, longest, size))?.transpose(1, 2)?.contiguous()?;
    let mixed = mixed.reshape((texts * longest, count * size))?;
    match &padding {
        Some(padding) => mixed.index_select(&Tensor::new(padding.places.as_slice(), device)?, 0),
        None => Ok(mixed),
    }
}

/// How texts that lie end to end are laid out as texts × longest, and back.
struct Padding {
    /// The row of the token at each place; what is past a text's end repeats its last token.
    rows: Vec<u32>,
    /// The place of each token.
    places: Vec<u32>,
    /// What is added to the score of each place as a key: far below any score, yet finite.
    hidden: Vec<f32>,
}

impl Padding {
    /// None where all texts are equally long.
    fn new(lengths: &[usize], longest: usize) -> Option<Self> {
        if lengths.iter().all(|&length| length == longest) {
            return None;
        }
        let mut padding = Self { rows: Vec::new(), places: Vec::new(), hidden: Vec::new() };
        let mut first = 0;
        for (text, &length) in lengths.iter().enumerate() {
            for at in 0..longest {
                padding.rows.push((first + at.min(length.saturating_sub(1))) as u32);
                padding.hidden.push(if at < length { 0.0 } else { -1e9 });
            }
            padding.places.extend((0..length).map(|at| (text * longest + at) as u32));
            first += length;
        }
        Some(padding)
    }
}

/// Each query by each key.
pub(super) fn products(queries: &Tensor, keys: &Tensor) -> Result<Tensor> {
    queries.matmul(&keys.transpose(D::Minus1, D::Minus2)?)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn all_texts_at_once_attend_as_each_alone() {
        let heads = Heads { count: 2, size: 4 };
        for lengths in [[5, 1, 3], [4, 4, 4]] {
            let tokens: usize = lengths.iter().sum();
            let values = (0..tokens * 24).map(|i| (i as f32 * 0.7).sin());
            let values: Vec<f32> = values.collect();
            let qkv = Tensor::from_vec(values, (tokens, 24), &Device::Cpu).unwrap();
            let alone = attend(&qkv, &lengths, heads, 0.5, products).unwrap();
            let at_once = attend_at_once(&qkv, &lengths, heads, 0.5, products).unwrap();
            let apart = (alone - at_once).unwrap().abs().unwrap().flatten_all().unwrap();
            assert!(apart.max(0).unwrap().to_scalar::<f32>().unwrap() < 1e-6);
        }
    }
}
