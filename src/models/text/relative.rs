//! DeBERTa's disentangled attention: scores also weigh how far apart two tokens stand (He et al.,
//! 2021, section 3.1).

use candle_core::{Device, Result, Tensor};

use super::attention::{Heads, products};
use super::config::{Config, Family};
use super::dense::{Dense, Norm};
use super::tensors::Tensors;
use crate::models::error::Error;

/// One block's share: what each distance is as a key and as a query.
pub(super) struct Relative {
    /// Heads × distances × size.
    keys: Option<Tensor>,
    queries: Option<Tensor>,
    buckets: Buckets,
}

/// What the blocks of a model have in common.
pub(super) struct Loader<'a> {
    tensors: &'a Tensors<'a>,
    heads: Heads,
    hidden: usize,
    /// A row per distance; none: the model attends plainly.
    distances: Option<Tensor>,
    by_key: bool,
    by_query: bool,
    is_shared: bool,
    buckets: Buckets,
}

/// How distances are counted: one by one when near, by the logarithm when far.
#[derive(Clone, Copy, Debug)]
struct Buckets {
    /// Distances beyond this count as this.
    span: i64,
    /// The width of the near part and the longest text; none: all distances count one by one.
    logarithmic: Option<(i64, i64)>,
}

impl Relative {
    pub fn loader<'a>(
        config: &Config,
        tensors: &'a Tensors<'a>,
        heads: Heads,
    ) -> std::result::Result<Loader<'a>, Error> {
        let longest = config.number("max_relative_positions").filter(|&n| n > 0);
        let longest = longest.unwrap_or(config.positions);
        let buckets = config.number("position_buckets").filter(|&n| n > 0);
        let span = buckets.unwrap_or(longest);
        let is_relative = config.family == Family::DebertaV2 && config.flag("relative_attention");
        let kinds = pos_att_types(config);
        let has = |kind: &str| is_relative && kinds.iter().any(|known| known == kind);
        if config.number("conv_kernel_size").unwrap_or(0) > 0 {
            return Err(
                config.fail("asks for a convolution (`conv_kernel_size`), which is not read")
            );
        }
        let distances = match is_relative {
            true => Some(distances(config, tensors, span)?),
            false => None,
        };
        Ok(Loader {
            tensors,
            heads,
            hidden: config.hidden,
            distances,
            by_key: has("c2p"),
            by_query: has("p2c"),
            is_shared: config.flag("share_att_key"),
            buckets: Buckets {
                span: span as i64,
                logarithmic: buckets.map(|buckets| (buckets as i64, longest as i64)),
            },
        })
    }

    /// Scores, not yet scaled, of queries and keys (each heads × tokens × size, for one text or for
    /// several as if they had that many more heads).
    pub fn scores(&self, queries: &Tensor, keys: &Tensor) -> Result<Tensor> {
        let (heads, tokens, _) = queries.dims3()?;
        let places = self.buckets.places(tokens, queries.device())?;
        let places = places.broadcast_as((heads, tokens, tokens))?.contiguous()?;
        let products = |x: &Tensor, distances: &Tensor| {
            let texts = heads / distances.dim(0)?.max(1);
            if texts > 1 {
                products(x, &distances.repeat((texts, 1, 1))?)
            } else {
                products(x, distances)
            }
        };
        let mut scores = products(queries, keys)?;
        if let Some(by_key) = &self.keys {
            scores = (scores + products(queries, by_key)?.gather(&places, 2)?)?;
        }
        if let Some(by_query) = &self.queries {
            // Tokens as keys: the place of (i, j) lies in row j, so both are transposed.
            let places = places.transpose(1, 2)?.contiguous()?;
            let share = products(keys, by_query)?.gather(&places, 2)?;
            scores = (scores + share.transpose(1, 2)?)?;
        }
        Ok(scores)
    }
}

/// `pos_att_type` as a list, or as one text with bars.
fn pos_att_types(config: &Config) -> Vec<String> {
    match config.field("pos_att_type") {
        Some(serde_json::Value::String(text)) => text.split('|').map(str::to_owned).collect(),
        Some(serde_json::Value::Array(list)) => {
            list.iter().filter_map(|kind| Some(kind.as_str()?.to_owned())).collect()
        }
        _ => Vec::new(),
    }
}

/// The table of distances, normalised if the model says so.
fn distances(
    config: &Config,
    tensors: &Tensors,
    span: usize,
) -> std::result::Result<Tensor, Error> {
    let name = tensors.prefixed("encoder.rel_embeddings.weight");
    let table = tensors.get(&name, &[span.saturating_mul(2), config.hidden])?;
    if !config.text("norm_rel_ebd").unwrap_or("none").contains("layer_norm") {
        return Ok(table);
    }
    let norm =
        Norm::load(tensors, &tensors.prefixed("encoder.LayerNorm"), config.hidden, config.eps)?;
    norm.forward(table).map_err(|fault| tensors.fault(&fault))
}

impl Loader<'_> {
    /// The terms that a score is the sum of.
    pub fn terms(&self) -> usize {
        1 + usize::from(self.by_key) + usize::from(self.by_query)
    }

    /// The share of the block whose tensors begin with `place`.
    pub fn load(&self, place: &str) -> std::result::Result<Option<Relative>, Error> {
        let Some(distances) = &self.distances else { return Ok(None) };
        let (key, query) = match self.is_shared {
            true => ("key_proj", "query_proj"),
            false => ("pos_key_proj", "pos_query_proj"),
        };
        let project = |wanted: bool, name: &str| match wanted {
            true => self.project(distances, &format!("{place}.attention.self.{name}")).map(Some),
            false => Ok(None),
        };
        let (keys, queries) = (project(self.by_key, key)?, project(self.by_query, query)?);
        Ok(Some(Relative { keys, queries, buckets: self.buckets }))
    }

    /// Distances as heads × distances × size: they are the same for every text.
    fn project(&self, distances: &Tensor, name: &str) -> std::result::Result<Tensor, Error> {
        let dense = Dense::load(self.tensors, name, (self.hidden, self.hidden), None)?;
        let rows = distances.dims().first().copied().unwrap_or_default();
        dense
            .forward(distances)
            .and_then(|x| x.reshape((rows, self.heads.count, self.heads.size)))
            .and_then(|x| x.transpose(0, 1)?.contiguous())
            .map_err(|fault| self.tensors.fault(&fault))
    }
}

impl Buckets {
    /// The row of the table for each pair of tokens (query × key), as 1 × tokens × tokens.
    fn places(&self, tokens: usize, device: &Device) -> Result<Tensor> {
        let tokens = tokens as i64;
        let place = |apart: i64| (self.of(apart) + self.span).clamp(0, 2 * self.span - 1) as u32;
        let near: Vec<u32> = (1 - tokens..tokens).map(place).collect();
        let rows = (0..tokens).flat_map(|query| (0..tokens).map(move |key| query - key));
        let places: Vec<u32> =
            rows.filter_map(|apart| near.get((apart + tokens - 1) as usize).copied()).collect();
        Tensor::from_vec(places, (1, tokens as usize, tokens as usize), device)
    }

    /// The bucket of a distance; as in transformers' `make_log_bucket_position`, in 32-bit numbers.
    fn of(&self, apart: i64) -> i64 {
        let Some((buckets, longest)) = self.logarithmic else { return apart };
        let middle = buckets / 2;
        if apart.abs() <= middle {
            return apart;
        }
        let [away, middle, longest] = [apart.abs(), middle, longest].map(|n| n as f32);
        let far = (away / middle).ln() / ((longest - 1.0) / middle).ln() * (middle - 1.0);
        (far.ceil() + middle) as i64 * apart.signum()
    }
}
