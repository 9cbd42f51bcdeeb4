//! The steps between matrix products, on images that lie as rows × height × width × channels.
//!
//! On the processor they run on the thread that asks: candle would hand large tensors to a pool
//! that all models of the process share and that waits by spinning. Accelerators take candle's
//! own kernels. What works in place is meant for tensors that nobody else holds.

use candle_core::{
    CpuStorage, CustomOp1, CustomOp2, InplaceOp1, InplaceOp2, Layout, Result, Shape, Tensor, bail,
};

use crate::models::card::Activation;

/// Adds `bias` (one number per channel) to `x` if there is one, then activates.
pub(super) fn bias_activate(
    x: Tensor,
    bias: Option<&Tensor>,
    activation: Activation,
) -> Result<Tensor> {
    if !x.device().is_cpu() {
        let x = bias.map_or_else(|| Ok(x.clone()), |bias| x.broadcast_add(bias))?;
        return activate_on_device(&x, activation);
    }
    match bias {
        Some(bias) => x.inplace_op2(bias, &AddActivate(activation))?,
        None if activation == Activation::None => {}
        None => x.inplace_op1(&Activate(activation))?,
    }
    Ok(x)
}

/// `x · scale + shift`, one number of each per channel.
pub(super) fn affine(x: Tensor, scale: &Tensor, shift: &Tensor) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return x.broadcast_mul(scale)?.broadcast_add(shift);
    }
    x.inplace_op2(scale, &Scale)?;
    bias_activate(x, Some(shift), Activation::None)
}

/// `x · scale`, one number per channel.
pub(super) fn scale(x: Tensor, scale: &Tensor) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return x.broadcast_mul(scale);
    }
    x.inplace_op2(scale, &Scale)?;
    Ok(x)
}

/// The sum of two tensors of one shape, activated; it takes the place of `x`.
pub(super) fn add_activate(x: Tensor, y: &Tensor, activation: Activation) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return activate_on_device(&(x + y)?, activation);
    }
    if x.dims() != y.dims() {
        bail!("{:?} and {:?} cannot be added", x.dims(), y.dims());
    }
    x.inplace_op2(&y.contiguous()?, &AddActivate(activation))?;
    Ok(x)
}

fn activate_on_device(x: &Tensor, activation: Activation) -> Result<Tensor> {
    match activation {
        Activation::None => Ok(x.clone()),
        Activation::Relu => x.relu(),
        Activation::Gelu => x.gelu_erf(),
        Activation::Tanh => x.tanh(),
        Activation::Sigmoid => candle_nn::ops::sigmoid(x),
    }
}

/// The body once per activation, named `f` in it, so that the choice stays outside of the loops.
macro_rules! per_activation {
    ($activation:expr, |$f:ident| $body:expr) => {
        match $activation {
            Activation::None => {
                let $f = |x: f32| x;
                $body
            }
            Activation::Relu => {
                // Unlike `max`, this lets NaN through.
                let $f = |x: f32| if x < 0.0 { 0.0 } else { x };
                $body
            }
            Activation::Gelu => {
                let $f = gelu;
                $body
            }
            Activation::Tanh => {
                let $f = f32::tanh;
                $body
            }
            Activation::Sigmoid => {
                let $f = |x: f32| 1.0 / (1.0 + (-x).exp());
                $body
            }
        }
    };
}

/// `x · Φ(x)` with the normal distribution function, as PyTorch's default.
fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + libm::erff(x * std::f32::consts::FRAC_1_SQRT_2))
}

struct Activate(Activation);
/// Adds a number per channel, or another tensor of the same shape, then activates.
struct AddActivate(Activation);
struct Scale;

impl InplaceOp1 for Activate {
    fn name(&self) -> &'static str {
        "activate"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let x = numbers_mut(storage, layout)?;
        per_activation!(self.0, |f| x.iter_mut().for_each(|x| *x = f(*x)));
        Ok(())
    }
}

impl InplaceOp2 for AddActivate {
    fn name(&self) -> &'static str {
        "add and activate"
    }

    fn cpu_fwd(
        &self,
        s1: &mut CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<()> {
        let x = numbers_mut(s1, l1)?;
        let y = numbers(s2, l2)?;
        per_activation!(self.0, |f| with_channels(x, y, |x, y| f(x + y)));
        Ok(())
    }
}

impl InplaceOp2 for Scale {
    fn name(&self) -> &'static str {
        "scale"
    }

    fn cpu_fwd(
        &self,
        s1: &mut CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<()> {
        with_channels(numbers_mut(s1, l1)?, numbers(s2, l2)?, |x, scale| x * scale);
        Ok(())
    }
}

/// Replaces each number of `x` by what `f` makes of it and of its channel's number.
fn with_channels(x: &mut [f32], channels: &[f32], f: impl Fn(f32, f32) -> f32) {
    for pixel in x.chunks_exact_mut(channels.len().max(1)) {
        for (x, channel) in pixel.iter_mut().zip(channels) {
            *x = f(*x, *channel);
        }
    }
}

fn numbers<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let range = layout.contiguous_offsets();
    match range.and_then(|(start, end)| storage.as_slice::<f32>().ok()?.get(start..end)) {
        Some(numbers) => Ok(numbers),
        None => bail!("a tensor does not lie in one piece"),
    }
}

fn numbers_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    let range = layout.contiguous_offsets();
    let CpuStorage::F32(all) = storage else { bail!("a tensor does not hold 32-bit numbers") };
    match range.and_then(|(start, end)| all.get_mut(start..end)) {
        Some(numbers) => Ok(numbers),
        None => bail!("a tensor does not lie in one piece"),
    }
}

/// How a square kernel moves over an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub size: usize,
    pub stride: usize,
    /// Zeros around the image, on each side.
    pub padding: usize,
}

impl Window {
    /// The places of the kernel along a side of `length` pixels.
    pub fn places(self, length: usize) -> Option<usize> {
        let room = (length + 2 * self.padding).checked_sub(self.size)?;
        Some(room / self.stride + 1)
    }

    /// The pixel under the kernel's `offset` at a place, unless it lies in the padding.
    fn pixel(self, place: usize, offset: usize, length: usize) -> Option<usize> {
        let at = (place * self.stride + offset).checked_sub(self.padding)?;
        (at < length).then_some(at)
    }

    /// Rows, places down and across, and channels for an image tensor.
    fn over(self, layout: &Layout) -> Result<Over> {
        let (rows, height, width, channels) = layout.shape().dims4()?;
        let places = self.places(height).zip(self.places(width));
        let Some((down, across)) = places.filter(|_| channels > 0) else {
            bail!("a kernel of {} pixels meets an image of {height} × {width}", self.size)
        };
        Ok(Over { rows, height, width, channels, down, across })
    }
}

struct Over {
    rows: usize,
    height: usize,
    width: usize,
    channels: usize,
    down: usize,
    across: usize,
}

/// Lays the pixels under each place of a kernel side by side, so that a convolution becomes one
/// matrix product: rows × down × across × (size · size · channels).
pub(super) struct Unfold(pub Window);

impl CustomOp1 for Unfold {
    fn name(&self) -> &'static str {
        "unfold"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = numbers(storage, layout)?;
        let window = self.0;
        let Over { rows, height, width, channels, down, across } = window.over(layout)?;
        let patch = window.size * window.size * channels;
        let mut out = vec![0.0; rows * down * across * patch];
        let images = x.chunks_exact(height * width * channels);
        for (image, places) in images.zip(out.chunks_exact_mut(down * across * patch)) {
            for (place, patch) in places.chunks_exact_mut(patch).enumerate() {
                let (row, column) = (place / across, place % across);
                for (offset, line) in patch.chunks_exact_mut(window.size * channels).enumerate() {
                    let Some(y) = window.pixel(row, offset, height) else { continue };
                    for (offset, cell) in line.chunks_exact_mut(channels).enumerate() {
                        let pixel = window.pixel(column, offset, width);
                        let at = pixel.map(|x| (y * width + x) * channels);
                        if let Some(pixel) = at.and_then(|at| image.get(at..at + channels)) {
                            cell.copy_from_slice(pixel);
                        }
                    }
                }
            }
        }
        Ok((CpuStorage::F32(out), Shape::from((rows, down, across, patch))))
    }
}

/// A convolution in which each channel has its own kernel: the weights are (size · size) × channels.
pub(super) struct Depthwise(pub Window);

impl CustomOp2 for Depthwise {
    fn name(&self) -> &'static str {
        "depthwise convolution"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let x = numbers(s1, l1)?;
        let kernel = numbers(s2, l2)?;
        let window = self.0;
        let Over { rows, height, width, channels, down, across } = window.over(l1)?;
        let mut out = vec![0.0; rows * down * across * channels];
        let images = x.chunks_exact(height * width * channels);
        for (image, places) in images.zip(out.chunks_exact_mut(down * across * channels)) {
            for (place, sums) in places.chunks_exact_mut(channels).enumerate() {
                let (row, column) = (place / across, place % across);
                for (offset, weights) in kernel.chunks_exact(channels).enumerate() {
                    let y = window.pixel(row, offset / window.size, height);
                    let x = window.pixel(column, offset % window.size, width);
                    let at = y.zip(x).map(|(y, x)| (y * width + x) * channels);
                    let Some(pixel) = at.and_then(|at| image.get(at..at + channels)) else {
                        continue;
                    };
                    for ((sum, pixel), weight) in sums.iter_mut().zip(pixel).zip(weights) {
                        *sum += pixel * weight;
                    }
                }
            }
        }
        Ok((CpuStorage::F32(out), Shape::from((rows, down, across, channels))))
    }
}

/// As [`Depthwise`], out of products: for each row of the kernel, the pixels under it times its
/// weights, channel by channel. candle's own convolution would start kernels for each channel.
pub(super) fn depthwise_by_rows(x: &Tensor, matrix: &Tensor, window: Window) -> Result<Tensor> {
    let (images, height, width, channels) = x.dims4()?;
    let Some((down, across)) = window.places(height).zip(window.places(width)) else {
        bail!("a kernel of {} pixels meets an image of {height} × {width}", window.size)
    };
    let Window { size, stride, padding } = window;
    let padded = x.pad_with_zeros(1, padding, padding)?.pad_with_zeros(2, padding, padding)?;
    let x = padded.permute((3, 0, 1, 2))?.contiguous()?;
    // The columns under each place side by side: channels × images × height × (across · size).
    let columns = (0..across).flat_map(|place| (0..size).map(move |cell| place * stride + cell));
    let x = x.index_select(&Tensor::from_iter(columns.map(|at| at as u32), x.device())?, 3)?;
    let kernel = matrix.t()?.contiguous()?.reshape((channels, size, size, 1))?;
    let share = |row: usize| {
        let rows = (0..down).map(|place| (place * stride + row) as u32);
        let under = x.index_select(&Tensor::from_iter(rows, x.device())?, 2)?;
        let under = under.reshape((channels, images * down * across, size))?;
        under.matmul(&kernel.narrow(1, row, 1)?.squeeze(1)?)
    };
    let mut sum = share(0)?;
    for row in 1..size {
        sum = (sum + share(row)?)?;
    }
    sum.reshape((channels, images, down, across))?.permute((1, 2, 3, 0))?.contiguous()
}

/// The largest number under each place of a kernel; padding never wins.
pub(super) struct MaxPool(pub Window);

impl CustomOp1 for MaxPool {
    fn name(&self) -> &'static str {
        "max pool"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = numbers(storage, layout)?;
        let window = self.0;
        let Over { rows, height, width, channels, down, across } = window.over(layout)?;
        let mut out = vec![f32::NEG_INFINITY; rows * down * across * channels];
        let images = x.chunks_exact(height * width * channels);
        for (image, places) in images.zip(out.chunks_exact_mut(down * across * channels)) {
            for (place, largest) in places.chunks_exact_mut(channels).enumerate() {
                let (row, column) = (place / across, place % across);
                for offset in 0..window.size * window.size {
                    let y = window.pixel(row, offset / window.size, height);
                    let x = window.pixel(column, offset % window.size, width);
                    let at = y.zip(x).map(|(y, x)| (y * width + x) * channels);
                    let Some(pixel) = at.and_then(|at| image.get(at..at + channels)) else {
                        continue;
                    };
                    largest.iter_mut().zip(pixel).for_each(|(max, x)| *max = max.max(*x));
                }
            }
        }
        Ok((CpuStorage::F32(out), Shape::from((rows, down, across, channels))))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn waves(shape: &[usize]) -> Tensor {
        let values: Vec<f32> =
            (0..shape.iter().product()).map(|i: usize| (i as f32 * 0.37).sin()).collect();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    #[test]
    fn depthwise_convolutions_by_rows_are_those_of_the_loop() {
        for (size, stride, padding) in [(3, 1, 1), (5, 2, 2), (7, 1, 3), (2, 2, 0)] {
            let window = Window { size, stride, padding };
            let (x, matrix) = (waves(&[2, 9, 8, 3]), waves(&[size * size, 3]));
            let by_loop = x.apply_op2_no_bwd(&matrix, &Depthwise(window)).unwrap();
            let by_rows = depthwise_by_rows(&x, &matrix, window).unwrap();
            assert_eq!(by_rows.dims(), by_loop.dims());
            let apart = (by_rows - by_loop).unwrap().abs().unwrap().flatten_all().unwrap();
            assert!(apart.max(0).unwrap().to_scalar::<f32>().unwrap() < 1e-5);
        }
    }
}
