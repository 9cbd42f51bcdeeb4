//! ResNet as Hugging Face's `ResNetForImageClassification` writes it, with basic or bottleneck
//! layers (He and others, 2015; the stride sits in the 3 × 3 convolution unless the configuration
//! says otherwise).

use candle_core::Tensor;
use serde::Deserialize;

use super::Net;
use super::conv::{Conv, Dense, mean_of_places};
use super::ops::{Window, add_activate};
use super::stack::max_pool;
use super::tensors::{Shape, Tensors};
use crate::models::card::Activation;
use crate::models::error::Error;

/// What `config.json` says.
#[derive(Deserialize)]
pub(super) struct Config {
    num_channels: usize,
    embedding_size: usize,
    hidden_sizes: Vec<usize>,
    depths: Vec<usize>,
    #[serde(default = "bottleneck")]
    layer_type: String,
    #[serde(default = "super::config::relu")]
    hidden_act: String,
    #[serde(default)]
    downsample_in_first_stage: bool,
    #[serde(default)]
    downsample_in_bottleneck: bool,
}

fn bottleneck() -> String {
    "bottleneck".to_owned()
}

pub(super) struct ResNet {
    stem: Conv,
    layers: Vec<Layer>,
    classifier: Dense,
}

struct Layer {
    convs: Vec<Conv>,
    shortcut: Option<Conv>,
    activation: Activation,
}

impl ResNet {
    pub fn load(config: &Config, tensors: &Tensors, classes: usize) -> Result<Self, Error> {
        let activation = super::config::activation(&config.hidden_act)
            .map_err(|message| tensors.fault(message))?;
        let stem = tensors.conv_norm(
            "resnet.embedder.embedder.convolution",
            "resnet.embedder.embedder.normalization",
            Shape::new(config.num_channels, config.embedding_size, 7, 2),
            activation,
        )?;
        let mut layers = Vec::new();
        let mut inputs = config.embedding_size;
        for (stage, (&depth, &outputs)) in
            config.depths.iter().zip(&config.hidden_sizes).enumerate()
        {
            for index in 0..depth {
                let halves = index == 0 && (stage > 0 || config.downsample_in_first_stage);
                let name = format!("resnet.encoder.stages.{stage}.layers.{index}");
                let stride = if halves { 2 } else { 1 };
                layers.push(layer(config, tensors, &name, [inputs, outputs, stride], activation)?);
                inputs = outputs;
            }
        }
        let classifier = tensors.dense("classifier.1", inputs, classes, Activation::None)?;
        Ok(Self { stem, layers, classifier })
    }
}

fn layer(
    config: &Config,
    tensors: &Tensors,
    name: &str,
    [inputs, outputs, stride]: [usize; 3],
    activation: Activation,
) -> Result<Layer, Error> {
    let narrow = outputs / 4;
    let shapes = match config.layer_type.as_str() {
        "basic" => vec![Shape::new(inputs, outputs, 3, stride), Shape::new(outputs, outputs, 3, 1)],
        "bottleneck" => {
            let (first, second) =
                if config.downsample_in_bottleneck { (stride, 1) } else { (1, stride) };
            vec![
                Shape::new(inputs, narrow, 1, first),
                Shape::new(narrow, narrow, 3, second),
                Shape::new(narrow, outputs, 1, 1),
            ]
        }
        other => {
            return Err(tensors.fault(format!(
                "`layer_type` is `{other}`; a ResNet's is `basic` or `bottleneck`"
            )));
        }
    };
    let part = |part: &str, shape, activation| {
        let (conv, norm) =
            (format!("{name}.{part}.convolution"), format!("{name}.{part}.normalization"));
        tensors.conv_norm(&conv, &norm, shape, activation)
    };
    let last = shapes.len() - 1;
    let convs = shapes.into_iter().enumerate().map(|(index, shape)| {
        let activation = if index == last { Activation::None } else { activation };
        part(&format!("layer.{index}"), shape, activation)
    });
    let convs = convs.collect::<Result<_, _>>()?;
    let shortcut = if inputs != outputs || stride != 1 {
        Some(part("shortcut", Shape::new(inputs, outputs, 1, stride), Activation::None)?)
    } else {
        None
    };
    Ok(Layer { convs, shortcut, activation })
}

impl Net for ResNet {
    fn forward(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        const POOL: Window = Window { size: 3, stride: 2, padding: 1 };
        let mut x = max_pool(&self.stem.forward(images)?, POOL)?;
        for layer in &self.layers {
            let mut y = x.clone();
            for conv in &layer.convs {
                y = conv.forward(&y)?;
            }
            x = match &layer.shortcut {
                Some(shortcut) => add_activate(y, &shortcut.forward(&x)?, layer.activation)?,
                None => add_activate(y, &x, layer.activation)?,
            };
        }
        self.classifier.forward(&mean_of_places(&x)?)
    }
}
