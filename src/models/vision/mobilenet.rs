//! MobileNetV4, the convolutional ones, as timm writes them (Qin and others, 2024).
//!
//! timm keeps the architecture in its program, not in the folder; here it is read off the tensors'
//! names and shapes. Strides leave no trace in them: in all published variants the first block of
//! each stage halves the image, but for the last stage of 1 × 1 kernels.

use candle_core::Tensor;

use super::Net;
use super::conv::{Conv, Dense, mean_of_places};
use super::ops::{add_activate, scale};
use super::tensors::{Shape, Tensors};
use crate::models::card::Activation;
use crate::models::error::Error;

pub(super) struct MobileNet {
    stem: Conv,
    blocks: Vec<Block>,
    head: Conv,
    classifier: Dense,
}

/// Convolutions one after the other, around which the block's input may be added.
struct Block {
    convs: Vec<Conv>,
    scale: Option<Tensor>,
    is_residual: bool,
}

impl MobileNet {
    /// Loads the tensors of `architecture`, such as `mobilenetv4_conv_small`.
    pub fn load(
        architecture: &str,
        channels: usize,
        tensors: &Tensors,
        classes: usize,
    ) -> Result<Self, Error> {
        let is_known = architecture.starts_with("mobilenetv4_conv_")
            && !["blur", "_aa"].iter().any(|other| architecture.contains(other));
        if !is_known {
            return Err(tensors.fault(format!(
                "The architecture `{architecture}` is not known; of timm's models the \
                 `mobilenetv4_conv_…` are, without anti-aliasing. Export others to ONNX"
            )));
        }
        let width = tensors.outputs("conv_stem.weight")?;
        let stem = Shape::new(channels, width, 3, 2);
        let stem = tensors.conv_norm("conv_stem", "bn1", stem, Activation::Relu)?;
        let mut inputs = width;
        let mut blocks = Vec::new();
        for stage in 0.. {
            for index in 0.. {
                let name = format!("blocks.{stage}.{index}");
                let Some(block) = block(tensors, &name, inputs, index == 0)? else { break };
                inputs = block.convs.last().map_or(inputs, Conv::outputs);
                blocks.push(block);
            }
            if !tensors.has_below(&format!("blocks.{}.", stage + 1)) {
                break;
            }
        }
        let wide = tensors.outputs("conv_head.weight")?;
        let head = Shape::new(inputs, wide, 1, 1);
        let head = tensors.conv_norm("conv_head", "norm_head", head, Activation::Relu)?;
        let classifier = tensors.dense("classifier", wide, classes, Activation::None)?;
        Ok(Self { stem, blocks, head, classifier })
    }
}

/// The block of this name, if there is one.
fn block(
    tensors: &Tensors,
    name: &str,
    inputs: usize,
    is_first: bool,
) -> Result<Option<Block>, Error> {
    let part = |part: &str| format!("{name}.{part}");
    let has = |conv: &str| tensors.has(&format!("{name}.{conv}.weight"));
    if has("conv") {
        let (outputs, size) = tensors.kernel_of(&part("conv.weight"))?;
        let shape = Shape::new(inputs, outputs, size, stride(is_first && size > 1));
        let conv = tensors.conv_norm(&part("conv"), &part("bn1"), shape, Activation::Relu)?;
        Ok(Some(Block { convs: vec![conv], scale: None, is_residual: false }))
    } else if has("conv_exp") {
        let (wide, size) = tensors.kernel_of(&part("conv_exp.weight"))?;
        let outputs = tensors.outputs(&part("conv_pwl.weight"))?;
        let expand = Shape::new(inputs, wide, size, stride(is_first));
        let project = Shape::new(wide, outputs, 1, 1);
        let convs = vec![
            tensors.conv_norm(&part("conv_exp"), &part("bn1"), expand, Activation::Relu)?,
            tensors.conv_norm(&part("conv_pwl"), &part("bn2"), project, Activation::None)?,
        ];
        Ok(Some(Block { convs, scale: None, is_residual: inputs == outputs && !is_first }))
    } else if has("pw_exp.conv") {
        inverted_bottleneck(tensors, name, inputs, is_first).map(Some)
    } else {
        Ok(None)
    }
}

/// The universal inverted bottleneck: an optional depthwise convolution before the expansion, and
/// another one within it, which then does the halving.
fn inverted_bottleneck(
    tensors: &Tensors,
    name: &str,
    inputs: usize,
    is_first: bool,
) -> Result<Block, Error> {
    let wide = tensors.outputs(&format!("{name}.pw_exp.conv.weight"))?;
    let outputs = tensors.outputs(&format!("{name}.pw_proj.conv.weight"))?;
    let conv = |part: &str, shape, activation| {
        let part = format!("{name}.{part}");
        tensors.conv_norm(&format!("{part}.conv"), &format!("{part}.bn"), shape, activation)
    };
    let depthwise = |part: &str| -> Result<Option<usize>, Error> {
        let kernel = format!("{name}.{part}.conv.weight");
        if tensors.has(&kernel) { tensors.kernel_of(&kernel).map(|k| Some(k.1)) } else { Ok(None) }
    };
    let (start, middle) = (depthwise("dw_start")?, depthwise("dw_mid")?);
    let mut convs = Vec::new();
    if let Some(size) = start {
        let shape = Shape::depthwise(inputs, size, stride(is_first && middle.is_none()));
        convs.push(conv("dw_start", shape, Activation::None)?);
    }
    convs.push(conv("pw_exp", Shape::new(inputs, wide, 1, 1), Activation::Relu)?);
    if let Some(size) = middle {
        let shape = Shape::depthwise(wide, size, stride(is_first));
        convs.push(conv("dw_mid", shape, Activation::Relu)?);
    }
    convs.push(conv("pw_proj", Shape::new(wide, outputs, 1, 1), Activation::None)?);
    let scale = tensors.optional(&format!("{name}.layer_scale.gamma"), outputs)?;
    Ok(Block { convs, scale, is_residual: inputs == outputs && !is_first })
}

fn stride(halves: bool) -> usize {
    if halves { 2 } else { 1 }
}

impl Net for MobileNet {
    fn forward(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        let mut x = self.stem.forward(images)?;
        for block in &self.blocks {
            let mut y = x.clone();
            for conv in &block.convs {
                y = conv.forward(&y)?;
            }
            if let Some(factors) = &block.scale {
                y = scale(y, factors)?;
            }
            x = if block.is_residual { add_activate(y, &x, Activation::None)? } else { y };
        }
        let (rows, _, _, channels) = x.dims4()?;
        let pooled = mean_of_places(&x)?.reshape((rows, 1, 1, channels))?;
        let wide = self.head.forward(&pooled)?;
        self.classifier.forward(&wide.reshape((rows, wide.elem_count() / rows.max(1)))?)
    }
}
