//! Convolutions, dense layers and normalisation on rows × height × width × channels.

use candle_core::{Module, Result, Tensor};

use super::ops::{Depthwise, Unfold, Window, bias_activate, depthwise_by_rows};
use crate::models::card::Activation;

/// A convolution with its bias and activation. On the processor it is one matrix product (or a
/// loop of our own where each channel has its own kernel), elsewhere candle's convolution (or a product
/// for each row of the kernel).
pub(super) struct Conv {
    /// Outputs × inputs of a group × size × size, as PyTorch keeps it.
    pub weight: Tensor,
    /// The same for the product: (size · size · inputs) × outputs, or (size · size) × channels.
    matrix: Tensor,
    pub bias: Option<Tensor>,
    pub window: Window,
    groups: usize,
    pub activation: Activation,
}

impl Conv {
    pub fn new(
        weight: Tensor,
        bias: Option<Tensor>,
        (stride, padding, groups): (usize, usize, usize),
        activation: Activation,
    ) -> Result<Self> {
        let (outputs, inputs, size, _) = weight.dims4()?;
        let window = Window { size, stride, padding };
        // For a kernel of its own per channel, `inputs` is 1.
        let matrix = weight.permute((2, 3, 1, 0))?.reshape((size * size * inputs, outputs))?;
        Ok(Self { matrix: matrix.contiguous()?, weight, bias, window, groups, activation })
    }

    pub fn outputs(&self) -> usize {
        self.matrix.dim(1).unwrap_or_default()
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (_, _, _, channels) = x.dims4()?;
        let Window { size, stride, padding } = self.window;
        let depthwise = self.groups == channels && self.outputs() == channels && channels > 1;
        let is_cpu = x.device().is_cpu();
        let y = if depthwise && is_cpu {
            x.contiguous()?.apply_op2_no_bwd(&self.matrix, &Depthwise(self.window))?
        } else if depthwise {
            depthwise_by_rows(x, &self.matrix, self.window)?
        } else if (size, stride, padding) == (1, 1, 0) && self.groups == 1 {
            product(x, &self.matrix)?
        } else if !is_cpu || self.groups > 1 {
            x.permute((0, 3, 1, 2))?
                .conv2d(&self.weight, padding, stride, 1, self.groups)?
                .permute((0, 2, 3, 1))?
                .contiguous()?
        } else {
            product(&x.contiguous()?.apply_op1_no_bwd(&Unfold(self.window))?, &self.matrix)?
        };
        bias_activate(y, self.bias.as_ref(), self.activation)
    }
}

/// `x · matrix` over the last dimension of `x`.
fn product(x: &Tensor, matrix: &Tensor) -> Result<Tensor> {
    let mut shape = x.dims().to_vec();
    let (inputs, outputs) = matrix.dims2()?;
    let flat = x.reshape((x.elem_count() / inputs.max(1), inputs))?;
    if let Some(last) = shape.last_mut() {
        *last = outputs;
    }
    flat.matmul(matrix)?.reshape(shape)
}

/// `activation(x · weightᵀ + bias)` over the last dimension.
pub(super) struct Dense {
    /// Inputs × outputs.
    matrix: Tensor,
    bias: Option<Tensor>,
    activation: Activation,
}

impl Dense {
    /// The weight is outputs × inputs.
    pub fn new(weight: &Tensor, bias: Option<Tensor>, activation: Activation) -> Result<Self> {
        Ok(Self { matrix: weight.t()?.contiguous()?, bias, activation })
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        bias_activate(product(x, &self.matrix)?, self.bias.as_ref(), self.activation)
    }
}

/// Normalisation over the last dimension: `(x - mean) / √(variance + ε) · weight + bias`.
pub(super) struct Norm(pub candle_nn::LayerNorm);

impl Norm {
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.0.forward(&x.contiguous()?)
    }
}

/// The mean over height and width: rows × channels.
pub(super) fn mean_of_places(x: &Tensor) -> Result<Tensor> {
    let (rows, height, width, channels) = x.dims4()?;
    x.reshape((rows, height * width, channels))?.mean(1)
}
