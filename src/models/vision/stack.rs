//! A network that a card describes layer by layer (`kind = "layers"`), every shape checked on
//! building.

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::Net;
use super::conv::{Conv, Dense, mean_of_places};
use super::ops::{MaxPool, Window, affine, bias_activate};
use super::tensors::{Shape, Tensors};
use crate::domain::words::count;
use crate::models::card::Activation;
use crate::models::error::Error;

/// One entry of `[[stack]]` in a card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// A convolution with a square kernel: outputs × inputs × size × size.
    Conv2d {
        weight: String,
        #[serde(default)]
        bias: Option<String>,
        #[serde(default = "one")]
        stride: usize,
        #[serde(default)]
        padding: usize,
        #[serde(default = "one")]
        groups: usize,
        #[serde(default)]
        activation: Activation,
    },
    /// A dense layer: the weight is outputs × inputs.
    Dense {
        weight: String,
        #[serde(default)]
        bias: Option<String>,
        #[serde(default)]
        activation: Activation,
    },
    /// Batch normalisation: `name.weight`, `.bias`, `.running_mean` and `.running_var`.
    BatchNorm {
        name: String,
        #[serde(default = "epsilon")]
        epsilon: f64,
        #[serde(default)]
        activation: Activation,
    },
    /// The stride is the size unless it is given.
    MaxPool {
        size: usize,
        #[serde(default)]
        stride: Option<usize>,
        #[serde(default)]
        padding: usize,
    },
    /// The stride is the size unless it is given.
    AvgPool {
        size: usize,
        #[serde(default)]
        stride: Option<usize>,
    },
    /// The mean over the whole image; what is left is flat.
    GlobalAvgPool,
    Activation {
        activation: Activation,
    },
    /// To one line of numbers, channel by channel as PyTorch does it.
    Flatten,
    /// Of training only; nothing happens here.
    Dropout {
        #[serde(default)]
        p: f64,
    },
}

fn one() -> usize {
    1
}

fn epsilon() -> f64 {
    1e-5
}

/// What flows between two layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Image { height: usize, width: usize, channels: usize },
    Line(usize),
}

impl std::fmt::Display for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Image { height, width, channels } => {
                write!(f, "images of {height} × {width} with {}", count(*channels, "channel"))
            }
            Self::Line(numbers) => write!(f, "{}", count(*numbers, "number")),
        }
    }
}

enum Layer {
    Conv(Conv),
    Dense(Dense),
    Affine(Tensor, Tensor, Activation),
    MaxPool(Window),
    AvgPool(Window),
    GlobalAvgPool,
    Activation(Activation),
    Flatten,
}

/// Layers on a device.
pub(super) struct Stack {
    layers: Vec<Layer>,
    outputs: usize,
    last: Activation,
}

impl Stack {
    /// Takes the steps' weights for images of this height, width and number of channels.
    pub fn load(
        steps: &[Step],
        tensors: &Tensors,
        [height, width, channels]: [usize; 3],
    ) -> Result<Self, Error> {
        let mut flow = Flow::Image { height, width, channels };
        let mut layers = Vec::with_capacity(steps.len());
        let mut last = Activation::None;
        for (index, step) in steps.iter().enumerate() {
            let (layer, after) = build(step, tensors, index + 1, flow)?;
            if let Step::Dense { activation, .. } | Step::Activation { activation } = step {
                last = *activation;
            }
            flow = after;
            layers.extend(layer);
        }
        match flow {
            Flow::Line(outputs) if outputs > 0 => Ok(Self { layers, outputs, last }),
            other => Err(tensors.fault(format!(
                "The last layer gives {other}; a flatten or global_avg_pool step is missing"
            ))),
        }
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The activation that the outputs have been through.
    pub fn last_activation(&self) -> Activation {
        self.last
    }
}

/// A step as a layer, if it does anything, and what flows out of it.
fn build(
    step: &Step,
    tensors: &Tensors,
    number: usize,
    flow: Flow,
) -> Result<(Option<Layer>, Flow), Error> {
    let wrong = |what: &str| tensors.fault(format!("Layer {number} ({what}) cannot read {flow}"));
    match (step, flow) {
        (Step::Conv2d { .. }, Flow::Image { height, width, channels }) => {
            let (conv, outputs) = convolution(step, tensors, number, channels)?;
            let places = conv.window.places(height).zip(conv.window.places(width));
            let (height, width) = places.ok_or_else(|| wrong("conv2d"))?;
            Ok((Some(Layer::Conv(conv)), Flow::Image { height, width, channels: outputs }))
        }
        (Step::Conv2d { .. }, Flow::Line(_)) => Err(wrong("conv2d")),
        (Step::Dense { weight, bias, activation }, Flow::Line(inputs)) => {
            let outputs = tensors.outputs(weight)?;
            let matrix = tensors.tensor_for(number, weight, &[outputs, inputs], &flow)?;
            let bias = match bias {
                Some(name) => Some(tensors.tensor_for(number, name, &[outputs], &flow)?),
                None => None,
            };
            let dense = Dense::new(&matrix, bias, *activation)
                .map_err(|fault| tensors.fault(format!("Layer {number}: {fault}")))?;
            Ok((Some(Layer::Dense(dense)), Flow::Line(outputs)))
        }
        (Step::Dense { .. }, Flow::Image { .. }) => Err(tensors.fault(format!(
            "Layer {number} (dense) cannot read {flow}; put a flatten step before it"
        ))),
        (Step::BatchNorm { name, epsilon, activation }, _) => {
            let (Flow::Image { channels, .. } | Flow::Line(channels)) = flow;
            let (scale, shift) = tensors.batch_norm(name, channels, *epsilon)?;
            let scale = tensors.place(scale, &[channels], name)?;
            let shift = tensors.place(shift, &[channels], name)?;
            Ok((Some(Layer::Affine(scale, shift, *activation)), flow))
        }
        (Step::MaxPool { size, stride, padding }, Flow::Image { height, width, channels }) => {
            let window = Window { size: *size, stride: stride.unwrap_or(*size), padding: *padding };
            // More padding than that would give windows without a pixel.
            let fits = window.stride > 0 && 2 * window.padding <= window.size;
            let places = window.places(height).zip(window.places(width)).filter(|_| fits);
            let (height, width) = places.ok_or_else(|| wrong("max_pool"))?;
            Ok((Some(Layer::MaxPool(window)), Flow::Image { height, width, channels }))
        }
        (Step::AvgPool { size, stride }, Flow::Image { height, width, channels }) => {
            let window = Window { size: *size, stride: stride.unwrap_or(*size), padding: 0 };
            let fits = window.stride > 0 && window.size > 0;
            let places = window.places(height).zip(window.places(width)).filter(|_| fits);
            let (height, width) = places.ok_or_else(|| wrong("avg_pool"))?;
            Ok((Some(Layer::AvgPool(window)), Flow::Image { height, width, channels }))
        }
        (Step::GlobalAvgPool, Flow::Image { channels, .. }) => {
            Ok((Some(Layer::GlobalAvgPool), Flow::Line(channels)))
        }
        (Step::Flatten, Flow::Image { height, width, channels }) => {
            Ok((Some(Layer::Flatten), Flow::Line(height * width * channels)))
        }
        (Step::Activation { activation }, _) => Ok((Some(Layer::Activation(*activation)), flow)),
        (Step::Dropout { .. }, _) | (Step::Flatten, Flow::Line(_)) => Ok((None, flow)),
        (Step::MaxPool { .. } | Step::AvgPool { .. } | Step::GlobalAvgPool, Flow::Line(_)) => {
            Err(wrong("pool"))
        }
    }
}

fn convolution(
    step: &Step,
    tensors: &Tensors,
    number: usize,
    channels: usize,
) -> Result<(Conv, usize), Error> {
    let Step::Conv2d { weight, bias, stride, padding, groups, activation } = step else {
        return Err(tensors.fault(format!("Layer {number} is no convolution")));
    };
    let fault = |message: String| tensors.fault(format!("Layer {number} (`{weight}`): {message}"));
    let (outputs, size) = tensors.kernel_of(weight)?;
    if *groups == 0 || !channels.is_multiple_of(*groups) || !outputs.is_multiple_of(*groups) {
        return Err(fault(format!(
            "{channels} inputs and {outputs} outputs cannot be split into {groups} groups"
        )));
    }
    if *stride == 0 || *padding > size {
        return Err(fault(format!(
            "a stride of {stride} and a padding of {padding} make no sense"
        )));
    }
    let inputs = format!("images with {}", count(channels, "channel"));
    let shape = Shape { inputs: channels, outputs, size, stride: *stride, groups: *groups };
    let kernel = tensors.tensor_for(number, weight, &shape.kernel(), &inputs)?;
    let bias = match bias {
        Some(name) => Some(tensors.tensor_for(number, name, &[outputs], &inputs)?),
        None => None,
    };
    let conv = Conv::new(kernel, bias, (*stride, *padding, *groups), *activation)
        .map_err(|refused| fault(refused.to_string()))?;
    Ok((conv, outputs))
}

/// The largest number under each place of the window.
pub(super) fn max_pool(x: &Tensor, window: Window) -> candle_core::Result<Tensor> {
    if x.device().is_cpu() {
        return x.contiguous()?.apply_op1_no_bwd(&MaxPool(window));
    }
    let mut x = x.permute((0, 3, 1, 2))?;
    if window.padding > 0 {
        // Below anything that a network computes, so that it never wins.
        let lowest = f64::from(f32::MIN);
        let (rows, channels, height, width) = x.dims4()?;
        let pad =
            |shape: (usize, usize, usize, usize)| Tensor::full(lowest as f32, shape, x.device());
        let side = pad((rows, channels, height, window.padding))?;
        let edge = pad((rows, channels, window.padding, width + 2 * window.padding))?;
        x = Tensor::cat(&[&side, &x, &side], 3)?;
        x = Tensor::cat(&[&edge, &x, &edge], 2)?;
    }
    x.max_pool2d_with_stride(window.size, window.stride)?.permute((0, 2, 3, 1))?.contiguous()
}

impl Layer {
    fn forward(&self, x: Tensor) -> candle_core::Result<Tensor> {
        match self {
            Self::Conv(conv) => conv.forward(&x),
            Self::Dense(dense) => dense.forward(&x),
            Self::Affine(scale, shift, activation) => {
                bias_activate(affine(x, scale, shift)?, None, *activation)
            }
            Self::MaxPool(window) => max_pool(&x, *window),
            Self::AvgPool(window) => {
                let pooled =
                    x.permute((0, 3, 1, 2))?.avg_pool2d_with_stride(window.size, window.stride)?;
                pooled.permute((0, 2, 3, 1))?.contiguous()
            }
            Self::GlobalAvgPool => mean_of_places(&x),
            Self::Activation(activation) => bias_activate(x, None, *activation),
            Self::Flatten => x.permute((0, 3, 1, 2))?.contiguous()?.flatten_from(1),
        }
    }
}

impl Net for Stack {
    fn forward(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        // The first layer may work in place, and the caller keeps the images.
        let mut x = images.copy()?;
        for layer in &self.layers {
            x = layer.forward(x)?;
        }
        Ok(x)
    }
}
