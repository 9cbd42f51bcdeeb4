//! What happens between an encoder's matrix products: biases, activations, norms and softmax, each
//! in one pass and in place on the processor, and as candle's own operators on other devices.
//!
//! candle's own operators for the processor allocate a tensor per step, compute the error function
//! value by value, and from 64 Ki numbers on wake a pool that waits by spinning. The loops here are
//! plain and branchless, so that the compiler makes vector instructions of them, as wide as the
//! processor has them.

use candle_core::{
    CpuStorage, D, Error, InplaceOp1, InplaceOp2, InplaceOp3, Layout, Result, Tensor,
};

use crate::models::curves::{exp, gelu, gelu_tanh, tanh};
use crate::models::wide::wide;

/// An activation, by the names of Hugging Face configurations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// With the error function.
    Gelu,
    /// The approximation with tanh.
    GeluTanh,
    Relu,
    Silu,
    Tanh,
}

impl Act {
    /// The activation of a `hidden_act` and its kin.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "gelu" | "gelu_python" => Some(Self::Gelu),
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Some(Self::GeluTanh),
            "relu" => Some(Self::Relu),
            "silu" | "swish" => Some(Self::Silu),
            "tanh" => Some(Self::Tanh),
            _ => None,
        }
    }

    pub fn apply(self, x: Tensor) -> Result<Tensor> {
        if x.device().is_cpu() {
            x.inplace_op1(&self)?;
            return Ok(x);
        }
        match self {
            Self::Gelu => x.gelu_erf(),
            Self::GeluTanh => x.gelu(),
            Self::Relu => x.relu(),
            Self::Silu => x.silu(),
            Self::Tanh => x.tanh(),
        }
    }

    #[inline(always)]
    fn each(self, values: &mut [f32]) {
        match self {
            Self::Gelu => values.iter_mut().for_each(|x| *x = gelu(*x)),
            Self::GeluTanh => values.iter_mut().for_each(|x| *x = gelu_tanh(*x)),
            Self::Relu => values.iter_mut().for_each(|x| *x = if *x < 0.0 { 0.0 } else { *x }),
            Self::Silu => values.iter_mut().for_each(|x| *x /= 1.0 + exp(-*x)),
            Self::Tanh => values.iter_mut().for_each(|x| *x = tanh(*x)),
        }
    }
}

/// `act(x + bias)` for rows of outputs.
pub(super) fn bias_act(x: Tensor, bias: &Tensor, act: Option<Act>) -> Result<Tensor> {
    if x.device().is_cpu() {
        x.inplace_op2(bias, &BiasAct(act))?;
        return Ok(x);
    }
    let x = x.broadcast_add(bias)?;
    act.map_or(Ok(x.clone()), |act| act.apply(x))
}

/// `norm(x + residual)`, where the rows of `affine` (2 × width) are the norm's scale and shift.
pub(super) fn add_norm(
    x: Tensor,
    residual: Option<&Tensor>,
    affine: &Tensor,
    eps: f32,
) -> Result<Tensor> {
    if x.device().is_cpu() {
        match residual {
            Some(residual) => x.inplace_op3(residual, affine, &AddNorm(eps))?,
            None => x.inplace_op2(affine, &AddNorm(eps))?,
        }
        return Ok(x);
    }
    let x = residual.map_or_else(|| Ok(x.clone()), |residual| &x + residual)?;
    candle_nn::ops::layer_norm(&x, &affine.get(0)?, &affine.get(1)?, eps)
}

/// `softmax(scale · x)` along the last dimension.
pub(super) fn softmax(x: Tensor, scale: f32) -> Result<Tensor> {
    if x.device().is_cpu() {
        let width = x.dim(D::Minus1)?;
        x.inplace_op1(&Softmax { scale, width })?;
        return Ok(x);
    }
    candle_nn::ops::softmax_last_dim(&(x * f64::from(scale))?)
}

struct BiasAct(Option<Act>);
struct AddNorm(f32);
struct Softmax {
    scale: f32,
    width: usize,
}

impl InplaceOp1 for Act {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn cpu_fwd(&self, x: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let values = values_mut(x, layout)?;
        wide(|| self.each(values));
        Ok(())
    }
}

impl InplaceOp2 for BiasAct {
    fn name(&self) -> &'static str {
        "bias and activation"
    }

    fn cpu_fwd(
        &self,
        x: &mut CpuStorage,
        layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<()> {
        let bias = values(bias, bias_layout)?;
        let rows = values_mut(x, layout)?.chunks_exact_mut(bias.len().max(1));
        wide(|| {
            for row in rows {
                add(row, bias);
                if let Some(act) = self.0 {
                    act.each(row);
                }
            }
        });
        Ok(())
    }
}

impl InplaceOp2 for AddNorm {
    fn name(&self) -> &'static str {
        "norm"
    }

    fn cpu_fwd(
        &self,
        x: &mut CpuStorage,
        layout: &Layout,
        affine: &CpuStorage,
        affine_layout: &Layout,
    ) -> Result<()> {
        let affine = values(affine, affine_layout)?;
        let (scale, shift) = affine.split_at(affine.len() / 2);
        let rows = values_mut(x, layout)?.chunks_exact_mut(scale.len().max(1));
        wide(|| rows.for_each(|row| normalise(row, scale, shift, self.0)));
        Ok(())
    }
}

impl InplaceOp3 for AddNorm {
    fn name(&self) -> &'static str {
        "sum and norm"
    }

    fn cpu_fwd(
        &self,
        x: &mut CpuStorage,
        layout: &Layout,
        residual: &CpuStorage,
        residual_layout: &Layout,
        affine: &CpuStorage,
        affine_layout: &Layout,
    ) -> Result<()> {
        let affine = values(affine, affine_layout)?;
        let (scale, shift) = affine.split_at(affine.len() / 2);
        let width = scale.len().max(1);
        let residual = values(residual, residual_layout)?.chunks_exact(width);
        let rows = values_mut(x, layout)?.chunks_exact_mut(width).zip(residual);
        wide(|| {
            for (row, residual) in rows {
                add(row, residual);
                normalise(row, scale, shift, self.0);
            }
        });
        Ok(())
    }
}

impl Softmax {
    #[inline(always)]
    fn weigh(&self, row: &mut [f32]) {
        let largest = largest(row);
        // Scales are positive, so the largest stays the largest and nothing overflows.
        row.iter_mut().for_each(|x| *x = exp(self.scale * (*x - largest)));
        let share = 1.0 / sum(row, |x| x);
        row.iter_mut().for_each(|x| *x *= share);
    }
}

impl InplaceOp1 for Softmax {
    fn name(&self) -> &'static str {
        "scaled softmax"
    }

    fn cpu_fwd(&self, x: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let rows = values_mut(x, layout)?.chunks_exact_mut(self.width.max(1));
        wide(|| rows.for_each(|row| self.weigh(row)));
        Ok(())
    }
}

/// The numbers of a tensor that lies in one piece.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let all = storage.as_slice::<f32>()?;
    let part = layout.contiguous_offsets().and_then(|(first, end)| all.get(first..end));
    part.ok_or_else(|| Error::msg("an operator met a tensor in several pieces"))
}

fn values_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    let CpuStorage::F32(all) = storage else {
        return Err(Error::msg("an operator met numbers that are not F32"));
    };
    let part = layout.contiguous_offsets().and_then(|(first, end)| all.get_mut(first..end));
    part.ok_or_else(|| Error::msg("an operator met a tensor in several pieces"))
}

#[inline(always)]
fn normalise(row: &mut [f32], scale: &[f32], shift: &[f32], eps: f32) {
    let n = row.len() as f32;
    let mean = sum(row, |x| x) / n;
    let variance = sum(row, |x| (x - mean) * (x - mean)) / n;
    let factor = 1.0 / (variance + eps).sqrt();
    for ((x, scale), shift) in row.iter_mut().zip(scale).zip(shift) {
        *x = (*x - mean) * factor * scale + shift;
    }
}

/// The sum over a row in eight lanes: faster than one by one, more exact, and always the same.
#[inline(always)]
fn sum(row: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0f32; 8];
    let (chunks, rest) = row.as_chunks::<8>();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += of(x);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|&x| of(x)).sum::<f32>()
}

#[inline(always)]
fn add(row: &mut [f32], other: &[f32]) {
    for (x, other) in row.iter_mut().zip(other) {
        *x += other;
    }
}

/// The largest of a row, in eight lanes; what is no number is passed over.
#[inline(always)]
fn largest(row: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let mut lanes = [f32::NEG_INFINITY; 8];
    let (chunks, rest) = row.as_chunks::<8>();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = larger(*lane, x);
        }
    }
    lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, larger)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn values() -> Vec<f32> {
        (-4000..4000).map(|i| i as f32 * 0.005).collect()
    }

    #[test]
    fn activations_equal_candles() {
        let x = Tensor::new(values(), &Device::Cpu).unwrap();
        let theirs = [
            (Act::Gelu, x.gelu_erf()),
            (Act::GeluTanh, x.gelu()),
            (Act::Relu, x.relu()),
            (Act::Silu, x.silu()),
            (Act::Tanh, x.tanh()),
        ];
        for (act, theirs) in theirs {
            let ours = act.apply(x.copy().unwrap()).unwrap();
            let apart = (ours - theirs.unwrap()).unwrap().abs().unwrap();
            let apart = apart.max(0).unwrap().to_scalar::<f32>().unwrap();
            assert!(apart < 2e-6, "{act:?} is {apart} apart");
        }
    }

    #[test]
    fn norms_and_softmax_equal_candles() {
        let device = &Device::Cpu;
        let mixed: Vec<f32> = (0..7700).map(|i| (i * 7919 % 1009) as f32 * 0.01 - 4.0).collect();
        let x = Tensor::from_vec(mixed, (100, 77), device).unwrap();
        let other = (&x * 0.5).unwrap();
        let (scale, shift) = (x.get(3).unwrap(), x.get(60).unwrap());
        let affine = Tensor::stack(&[&scale, &shift], 0).unwrap();
        let sum = (&x + &other).unwrap();
        let pairs = [
            (
                add_norm(x.copy().unwrap(), Some(&other), &affine, 1e-5),
                candle_nn::ops::layer_norm(&sum, &scale, &shift, 1e-5),
            ),
            (
                add_norm(x.copy().unwrap(), None, &affine, 1e-5),
                candle_nn::ops::layer_norm(&x, &scale, &shift, 1e-5),
            ),
            (
                softmax(x.copy().unwrap(), 0.25),
                candle_nn::ops::softmax_last_dim(&(&x * 0.25).unwrap()),
            ),
        ];
        for (ours, theirs) in pairs {
            let apart = (ours.unwrap() - theirs.unwrap()).unwrap().abs().unwrap();
            let apart = apart.flatten_all().unwrap().max(0).unwrap().to_scalar::<f32>().unwrap();
            assert!(apart < 1e-5, "{apart} apart");
        }
    }

    #[test]
    fn what_is_no_number_spreads_over_its_row() {
        let x = softmax(Tensor::new(&[[1.0, f32::NAN]], &Device::Cpu).unwrap(), 1.0).unwrap();
        assert!(x.flatten_all().unwrap().to_vec1::<f32>().unwrap().iter().all(|x| x.is_nan()));
    }
}
