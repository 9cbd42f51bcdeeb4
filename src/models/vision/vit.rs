//! The vision transformer as Hugging Face's `ViTForImageClassification` writes it (Dosovitskiy and
//! others, 2020).

use candle_core::{D, Tensor};
use serde::Deserialize;

use super::Net;
use super::conv::{Conv, Dense, Norm};
use super::ops::add_activate;
use super::tensors::{Shape, Tensors};
use crate::models::card::Activation;
use crate::models::error::Error;

/// What `config.json` says.
#[derive(Deserialize)]
pub(super) struct Config {
    num_channels: usize,
    pub image_size: usize,
    patch_size: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    #[serde(default = "super::config::gelu")]
    hidden_act: String,
    #[serde(default = "epsilon")]
    layer_norm_eps: f64,
}

fn epsilon() -> f64 {
    1e-12
}

pub(super) struct Vit {
    patches: Conv,
    /// The token that the class is read from, with its position: 1 × 1 × width.
    class: Tensor,
    /// The patches' positions: 1 × patches × width.
    positions: Tensor,
    layers: Vec<Layer>,
    last: Norm,
    classifier: Dense,
}

struct Layer {
    before: Norm,
    /// Queries, keys and values in one product.
    attention: Dense,
    heads: usize,
    attended: Dense,
    after: Norm,
    wide: Dense,
    narrow: Dense,
}

impl Vit {
    pub fn load(config: &Config, tensors: &Tensors, classes: usize) -> Result<Self, Error> {
        let (width, patch, heads) =
            (config.hidden_size, config.patch_size, config.num_attention_heads);
        let activation = super::config::activation(&config.hidden_act)
            .map_err(|message| tensors.fault(message))?;
        if patch == 0 || heads == 0 || width == 0 || !width.is_multiple_of(heads) {
            return Err(tensors.fault(format!(
                "The configuration has a width of {width}, {heads} heads and patches of {patch} \
                 pixels: the heads must share the width evenly"
            )));
        }
        let side = config.image_size / patch;
        let patches = tensors.conv(
            "vit.embeddings.patch_embeddings.projection",
            Shape::new(config.num_channels, width, patch, patch),
            0,
        )?;
        let places = side * side + 1;
        let class = tensors.numbers("vit.embeddings.cls_token", &[1, 1, width])?;
        let positions =
            tensors.numbers("vit.embeddings.position_embeddings", &[1, places, width])?;
        let (first, others) = positions.split_at(width);
        let class = class.iter().zip(first).map(|(class, position)| class + position).collect();
        let class = tensors.place(class, &[1, 1, width], "cls_token")?;
        let positions =
            tensors.place(others.to_vec(), &[1, places - 1, width], "position_embeddings")?;
        let layers = (0..config.num_hidden_layers)
            .map(|index| layer(config, tensors, &format!("vit.encoder.layer.{index}"), activation))
            .collect::<Result<_, _>>()?;
        let last = tensors.layer_norm("vit.layernorm", width, config.layer_norm_eps)?;
        let classifier = tensors.dense("classifier", width, classes, Activation::None)?;
        Ok(Self { patches, class, positions, layers, last, classifier })
    }
}

fn layer(
    config: &Config,
    tensors: &Tensors,
    name: &str,
    activation: Activation,
) -> Result<Layer, Error> {
    let (width, inner) = (config.hidden_size, config.intermediate_size);
    let norm =
        |part: &str| tensors.layer_norm(&format!("{name}.{part}"), width, config.layer_norm_eps);
    let dense = |part: &str, inputs, outputs, activation| {
        tensors.dense(&format!("{name}.{part}"), inputs, outputs, activation)
    };
    let mut weights = Vec::new();
    let mut biases = Vec::new();
    for part in ["query", "key", "value"] {
        let part = format!("{name}.attention.attention.{part}");
        weights.extend(tensors.numbers(&format!("{part}.weight"), &[width, width])?);
        if tensors.has(&format!("{part}.bias")) {
            biases.extend(tensors.numbers(&format!("{part}.bias"), &[width])?);
        }
    }
    let weight = tensors.place(weights, &[3 * width, width], name)?;
    let bias = match biases.len() {
        0 => None,
        _ => Some(tensors.place(biases, &[3 * width], name)?),
    };
    let attention = Dense::new(&weight, bias, Activation::None)
        .map_err(|fault| tensors.fault(format!("`{name}` does not fit: {fault}")))?;
    Ok(Layer {
        before: norm("layernorm_before")?,
        attention,
        heads: config.num_attention_heads,
        attended: dense("attention.output.dense", width, width, Activation::None)?,
        after: norm("layernorm_after")?,
        wide: dense("intermediate.dense", width, inner, activation)?,
        narrow: dense("output.dense", inner, width, Activation::None)?,
    })
}

impl Layer {
    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let attended = self.attend(&self.before.forward(x)?)?;
        let x = add_activate(self.attended.forward(&attended)?, x, Activation::None)?;
        let y = self.narrow.forward(&self.wide.forward(&self.after.forward(&x)?)?)?;
        add_activate(y, &x, Activation::None)
    }

    /// softmax(q · kᵀ / √d) · v in each head; in and out are rows × places × width.
    fn attend(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let (rows, places, width) = x.dims3()?;
        let each = width / self.heads;
        let all = self
            .attention
            .forward(x)?
            .reshape((rows, places, 3, self.heads, each))?
            .permute((2, 0, 3, 1, 4))?
            .contiguous()?;
        let (q, k, v) = (all.get(0)?, all.get(1)?, all.get(2)?);
        let scores = (q.matmul(&k.transpose(D::Minus1, D::Minus2)?)? * (each as f64).powf(-0.5))?;
        let mixed = candle_nn::ops::softmax_last_dim(&scores)?.matmul(&v)?;
        mixed.transpose(1, 2)?.contiguous()?.reshape((rows, places, width))
    }
}

impl Net for Vit {
    fn forward(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        let patches = self.patches.forward(images)?;
        let (rows, down, across, width) = patches.dims4()?;
        let patches = patches.reshape((rows, down * across, width))?;
        let patches = patches.broadcast_add(&self.positions)?;
        let class = self.class.broadcast_as((rows, 1, width))?;
        let mut x = Tensor::cat(&[&class.contiguous()?, &patches], 1)?;
        for layer in &self.layers {
            x = layer.forward(&x)?;
        }
        let class = x.narrow(1, 0, 1)?.reshape((rows, width))?;
        self.classifier.forward(&self.last.forward(&class)?)
    }
}
