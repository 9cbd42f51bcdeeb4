//! ConvNeXt as Hugging Face's `ConvNextForImageClassification` writes it (Liu and others, 2022).

use candle_core::Tensor;
use serde::Deserialize;

use super::Net;
use super::conv::{Conv, Dense, Norm, mean_of_places};
use super::ops::{add_activate, scale};
use super::tensors::{Shape, Tensors};
use crate::models::card::Activation;
use crate::models::error::Error;

/// What `config.json` says.
#[derive(Deserialize)]
pub(super) struct Config {
    num_channels: usize,
    patch_size: usize,
    hidden_sizes: Vec<usize>,
    depths: Vec<usize>,
    #[serde(default = "super::config::gelu")]
    hidden_act: String,
    #[serde(default = "epsilon")]
    layer_norm_eps: f64,
}

fn epsilon() -> f64 {
    1e-12
}

/// The normalisations on the way between stages have PyTorch's own ε whatever the configuration
/// says.
const BETWEEN_STAGES: f64 = 1e-6;

pub(super) struct ConvNext {
    patches: Conv,
    after_patches: Norm,
    stages: Vec<Stage>,
    last: Norm,
    classifier: Dense,
}

struct Stage {
    shrink: Option<(Norm, Conv)>,
    layers: Vec<Layer>,
}

struct Layer {
    spatial: Conv,
    norm: Norm,
    wide: Dense,
    narrow: Dense,
    /// One factor per channel.
    scale: Option<Tensor>,
}

impl ConvNext {
    pub fn load(config: &Config, tensors: &Tensors, classes: usize) -> Result<Self, Error> {
        let activation = super::config::activation(&config.hidden_act)
            .map_err(|message| tensors.fault(message))?;
        let first = config.hidden_sizes.first().copied().unwrap_or_default();
        let patch = config.patch_size;
        let patches = tensors.conv(
            "convnext.embeddings.patch_embeddings",
            Shape::new(config.num_channels, first, patch, patch),
            0,
        )?;
        let after_patches =
            tensors.layer_norm("convnext.embeddings.layernorm", first, BETWEEN_STAGES)?;
        let mut stages = Vec::new();
        let mut inputs = first;
        for (stage, (&depth, &width)) in config.depths.iter().zip(&config.hidden_sizes).enumerate()
        {
            let name = format!("convnext.encoder.stages.{stage}");
            let shrink = if stage > 0 {
                let down = format!("{name}.downsampling_layer");
                let norm = tensors.layer_norm(&format!("{down}.0"), inputs, BETWEEN_STAGES)?;
                let conv =
                    tensors.conv(&format!("{down}.1"), Shape::new(inputs, width, 2, 2), 0)?;
                Some((norm, conv))
            } else {
                None
            };
            let layers = (0..depth)
                .map(|index| layer(tensors, &format!("{name}.layers.{index}"), width, activation));
            stages.push(Stage { shrink, layers: layers.collect::<Result<_, _>>()? });
            inputs = width;
        }
        let last = tensors.layer_norm("convnext.layernorm", inputs, config.layer_norm_eps)?;
        let classifier = tensors.dense("classifier", inputs, classes, Activation::None)?;
        Ok(Self { patches, after_patches, stages, last, classifier })
    }
}

fn layer(
    tensors: &Tensors,
    name: &str,
    width: usize,
    activation: Activation,
) -> Result<Layer, Error> {
    let part = |part: &str| format!("{name}.{part}");
    Ok(Layer {
        spatial: tensors.conv(&part("dwconv"), Shape::depthwise(width, 7, 1), 3)?,
        norm: tensors.layer_norm(&part("layernorm"), width, BETWEEN_STAGES)?,
        wide: tensors.dense(&part("pwconv1"), width, 4 * width, activation)?,
        narrow: tensors.dense(&part("pwconv2"), 4 * width, width, Activation::None)?,
        scale: tensors.optional(&part("layer_scale_parameter"), width)?,
    })
}

impl Net for ConvNext {
    fn forward(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        let mut x = self.after_patches.forward(&self.patches.forward(images)?)?;
        for stage in &self.stages {
            if let Some((norm, conv)) = &stage.shrink {
                x = conv.forward(&norm.forward(&x)?)?;
            }
            for layer in &stage.layers {
                let y = layer.norm.forward(&layer.spatial.forward(&x)?)?;
                let y = layer.narrow.forward(&layer.wide.forward(&y)?)?;
                let y = match &layer.scale {
                    Some(factors) => scale(y, factors)?,
                    None => y,
                };
                x = add_activate(y, &x, Activation::None)?;
            }
        }
        self.classifier.forward(&self.last.forward(&mean_of_places(&x)?)?)
    }
}
