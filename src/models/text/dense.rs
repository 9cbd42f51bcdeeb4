//! Dense layers and norms: weights with the numbers that follow them.

use candle_core::{Result, Tensor};

use super::fused::{Act, add_norm, bias_act};
use super::tensors::Tensors;
use crate::models::error::Error;

/// `act(x · weightᵀ + bias)`.
pub(super) struct Dense {
    /// Inputs × outputs, in this order in memory: the other way round, every product would begin by
    /// laying all weights out anew.
    weight: Tensor,
    bias: Option<Tensor>,
    act: Option<Act>,
}

impl Dense {
    /// `weight` is outputs × inputs.
    pub fn new(weight: &Tensor, bias: Option<Tensor>, act: Option<Act>) -> Result<Self> {
        Ok(Self { weight: weight.t()?.contiguous()?, bias, act })
    }

    /// The layer of the tensors `name.weight` (outputs × inputs) and `name.bias`.
    pub fn load(
        tensors: &Tensors,
        name: &str,
        shape: (usize, usize),
        act: Option<Act>,
    ) -> std::result::Result<Self, Error> {
        let weight = tensors.get(&format!("{name}.weight"), &[shape.0, shape.1])?;
        let bias = tensors.find(&format!("{name}.bias"), &[shape.0])?;
        Self::new(&weight, bias, act).map_err(|fault| tensors.fault(&fault))
    }

    /// Several layers that read the same inputs, as one: their outputs lie side by side.
    pub fn load_joined(
        tensors: &Tensors,
        names: &[String],
        shape: (usize, usize),
    ) -> std::result::Result<Self, Error> {
        let mut weights = Vec::with_capacity(names.len());
        let mut biases = Vec::with_capacity(names.len());
        for name in names {
            weights.push(tensors.get(&format!("{name}.weight"), &[shape.0, shape.1])?);
            biases.push(tensors.get(&format!("{name}.bias"), &[shape.0])?);
        }
        let weight = Tensor::cat(&weights, 0).map_err(|fault| tensors.fault(&fault))?;
        let bias = Tensor::cat(&biases, 0).map_err(|fault| tensors.fault(&fault))?;
        Self::new(&weight, Some(bias), None).map_err(|fault| tensors.fault(&fault))
    }

    /// Rows × inputs to rows × outputs.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let x = x.matmul(&self.weight)?;
        match (&self.bias, self.act) {
            (Some(bias), act) => bias_act(x, bias, act),
            (None, Some(act)) => act.apply(x),
            (None, None) => Ok(x),
        }
    }
}

/// Layer norm over the last dimension.
pub(super) struct Norm {
    /// Scale and shift, 2 × width.
    affine: Tensor,
    eps: f32,
}

impl Norm {
    /// The norm of the tensors `name.weight` and, if there is one, `name.bias`.
    pub fn load(
        tensors: &Tensors,
        name: &str,
        width: usize,
        eps: f64,
    ) -> std::result::Result<Self, Error> {
        let scale = tensors.get(&format!("{name}.weight"), &[width])?;
        let shift = tensors.find(&format!("{name}.bias"), &[width])?;
        let affine = shift
            .map_or_else(|| scale.zeros_like(), Ok)
            .and_then(|shift| Tensor::stack(&[&scale, &shift], 0))
            .map_err(|fault| tensors.fault(&fault))?;
        Ok(Self { affine, eps: eps as f32 })
    }

    /// Normalises `x`, which nobody else may hold.
    pub fn forward(&self, x: Tensor) -> Result<Tensor> {
        add_norm(x, None, &self.affine, self.eps)
    }

    /// Normalises `x + residual`; nobody else may hold `x`.
    pub fn forward_sum(&self, x: Tensor, residual: &Tensor) -> Result<Tensor> {
        add_norm(x, Some(residual), &self.affine, self.eps)
    }
}
