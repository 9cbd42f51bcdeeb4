//! Taking tensors out of the weights' files by name, with every shape held against what the
//! architecture asks for.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::Path;

use candle_core::{Device, Tensor};

use super::conv::{Conv, Dense, Norm};
use crate::models::card::Activation;
use crate::models::error::Error;
use crate::models::weights::Weights;

/// The weights of a model on their way to a device.
pub(super) struct Tensors<'a> {
    /// One or several files; a name stands in one of them.
    files: &'a [Weights<'a>],
    device: &'a Device,
    taken: RefCell<BTreeSet<String>>,
    parameters: Cell<usize>,
}

/// What a convolution looks like but for its weights.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub inputs: usize,
    pub outputs: usize,
    pub size: usize,
    pub stride: usize,
    pub groups: usize,
}

impl Shape {
    /// A dense kernel with padding that keeps the size at stride 1.
    pub fn new(inputs: usize, outputs: usize, size: usize, stride: usize) -> Self {
        Self { inputs, outputs, size, stride, groups: 1 }
    }

    /// A kernel of its own for each channel.
    pub fn depthwise(channels: usize, size: usize, stride: usize) -> Self {
        Self { inputs: channels, outputs: channels, size, stride, groups: channels }
    }
}

impl<'a> Tensors<'a> {
    pub fn new(files: &'a [Weights<'a>], device: &'a Device) -> Self {
        Self { files, device, taken: RefCell::default(), parameters: Cell::new(0) }
    }

    /// Numbers in all tensors taken so far.
    pub fn parameters(&self) -> usize {
        self.parameters.get()
    }

    pub fn has(&self, name: &str) -> bool {
        self.shape(name).is_some()
    }

    /// The shape of a tensor, if there is one of this name.
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.files.iter().find_map(|file| file.shape(name))
    }

    /// Whether any tensor's name starts like this.
    pub fn has_below(&self, prefix: &str) -> bool {
        self.files.iter().any(|file| file.names().any(|name| name.starts_with(prefix)))
    }

    /// The outputs of a weight: its first dimension.
    pub fn outputs(&self, name: &str) -> Result<usize, Error> {
        self.shape_of(name).map(|shape| shape.first().copied().unwrap_or_default())
    }

    /// The outputs and the size of a square convolution kernel.
    pub fn kernel_of(&self, name: &str) -> Result<(usize, usize), Error> {
        let shape = self.shape_of(name)?;
        match shape.as_slice() {
            &[outputs, _, height, width] if height == width && height % 2 == 1 => {
                Ok((outputs, height))
            }
            _ => Err(self.fault(format!(
                "Tensor `{name}` has the shape {shape:?}; a convolution's is outputs × inputs × \
                 size × size with an odd size"
            ))),
        }
    }

    fn shape_of(&self, name: &str) -> Result<Vec<usize>, Error> {
        match self.shape(name) {
            Some(shape) => Ok(shape),
            None => self.values(name).map(|(shape, _)| shape),
        }
    }

    /// The values of a tensor of any shape.
    fn values(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>), Error> {
        let mut fault = None;
        for file in self.files {
            match file.tensor(name) {
                Ok(tensor) => {
                    self.taken.borrow_mut().insert(name.to_owned());
                    self.parameters.set(self.parameters.get() + tensor.values.len());
                    return Ok((tensor.shape, tensor.values));
                }
                Err(missing @ Error::MissingTensor { .. }) => fault = fault.or(Some(missing)),
                Err(other) => return Err(other),
            }
        }
        Err(fault.unwrap_or_else(|| self.fault(format!("There is no file with tensor `{name}`"))))
    }

    /// The tensor's numbers, which must have this shape.
    pub fn numbers(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        let (found, values) = self.values(name)?;
        if found == shape {
            return Ok(values);
        }
        Err(self.fault(format!(
            "Tensor `{name}` has the shape {found:?}, but the model's configuration asks for \
             {shape:?}: do both belong to one model?"
        )))
    }

    /// The tensor on the device; it must have this shape.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Tensor, Error> {
        self.place(self.numbers(name, shape)?, shape, name)
    }

    /// As [`Tensors::tensor`], for a layer of a card: the fault names the layer and what it reads.
    pub fn tensor_for(
        &self,
        layer: usize,
        name: &str,
        shape: &[usize],
        reads: &impl std::fmt::Display,
    ) -> Result<Tensor, Error> {
        let found = self.shape_of(name)?;
        if found != shape {
            return Err(self.fault(format!(
                "Layer {layer}: `{name}` has the shape {found:?}, but the layer reads {reads}, so \
                 {shape:?} is expected"
            )));
        }
        self.tensor(name, shape)
    }

    pub fn place(&self, values: Vec<f32>, shape: &[usize], name: &str) -> Result<Tensor, Error> {
        Tensor::from_vec(values, shape, self.device).map_err(|fault| self.refused(name, &fault))
    }

    fn refused(&self, name: &str, fault: &candle_core::Error) -> Error {
        self.fault(format!("Tensor `{name}` does not fit: {fault}"))
    }

    /// An error about these files.
    pub fn fault(&self, message: String) -> Error {
        let path = self.files.first().map_or(Path::new(""), Weights::path);
        Error::shape(message, path)
    }

    /// A convolution with the bias of its own name, if there is one.
    pub fn conv(&self, name: &str, shape: Shape, padding: usize) -> Result<Conv, Error> {
        let weight = self.kernel(&format!("{name}.weight"), shape)?;
        let bias = self.optional(&format!("{name}.bias"), shape.outputs)?;
        Conv::new(weight, bias, (shape.stride, padding, shape.groups), Activation::None)
            .map_err(|fault| self.refused(name, &fault))
    }

    fn kernel(&self, name: &str, shape: Shape) -> Result<Tensor, Error> {
        self.tensor(name, &shape.kernel())
    }

    /// A tensor of one number per output, if it is there.
    pub fn optional(&self, name: &str, outputs: usize) -> Result<Option<Tensor>, Error> {
        if self.has(name) { self.tensor(name, &[outputs]).map(Some) } else { Ok(None) }
    }

    /// A convolution without bias followed by batch normalisation, which is folded into it.
    pub fn conv_norm(
        &self,
        conv: &str,
        norm: &str,
        shape: Shape,
        activation: Activation,
    ) -> Result<Conv, Error> {
        let name = format!("{conv}.weight");
        let dimensions = shape.kernel();
        let mut kernel = self.numbers(&name, &dimensions)?;
        let (scale, shift) = self.batch_norm(norm, shape.outputs, 1e-5)?;
        let per_output = kernel.len() / shape.outputs.max(1);
        for (weights, scale) in kernel.chunks_exact_mut(per_output.max(1)).zip(&scale) {
            weights.iter_mut().for_each(|weight| *weight *= scale);
        }
        let weight = self.place(kernel, &dimensions, &name)?;
        let bias = self.place(shift, &[shape.outputs], norm)?;
        let moves = (shape.stride, shape.size / 2, shape.groups);
        Conv::new(weight, Some(bias), moves, activation).map_err(|fault| self.refused(conv, &fault))
    }

    /// Batch normalisation of a trained model as `x · scale + shift`.
    pub fn batch_norm(
        &self,
        name: &str,
        channels: usize,
        epsilon: f64,
    ) -> Result<(Vec<f32>, Vec<f32>), Error> {
        let part = |part: &str| self.numbers(&format!("{name}.{part}"), &[channels]);
        let variance = part("running_var")?;
        if variance.iter().any(|x| f64::from(*x) + epsilon <= 0.0) {
            return Err(self.fault(format!("Tensor `{name}.running_var` has a negative variance")));
        }
        let scale: Vec<f32> = part("weight")?
            .iter()
            .zip(&variance)
            .map(|(weight, variance)| {
                (f64::from(*weight) / (f64::from(*variance) + epsilon).sqrt()) as f32
            })
            .collect();
        let mean = part("running_mean")?;
        let shift = part("bias")?
            .iter()
            .zip(mean.iter().zip(&scale))
            .map(|(bias, (mean, scale))| bias - mean * scale)
            .collect();
        Ok((scale, shift))
    }

    pub fn dense(
        &self,
        name: &str,
        inputs: usize,
        outputs: usize,
        activation: Activation,
    ) -> Result<Dense, Error> {
        let weight = self.tensor(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = self.optional(&format!("{name}.bias"), outputs)?;
        Dense::new(&weight, bias, activation).map_err(|fault| self.refused(name, &fault))
    }

    pub fn layer_norm(&self, name: &str, width: usize, epsilon: f64) -> Result<Norm, Error> {
        let weight = self.tensor(&format!("{name}.weight"), &[width])?;
        let bias = self.tensor(&format!("{name}.bias"), &[width])?;
        Ok(Norm(candle_nn::LayerNorm::new(weight, bias, epsilon)))
    }

    /// Refuses files with tensors that nobody asked for: the model would not be the one computed.
    pub fn all_taken(&self) -> Result<(), Error> {
        let taken = self.taken.borrow();
        let left: Vec<String> = self
            .files
            .iter()
            .flat_map(Weights::shapes)
            .map(|(name, _)| name)
            .filter(|name| !taken.contains(name) && !name.ends_with("num_batches_tracked"))
            .collect();
        let Some(first) = left.first() else { return Ok(()) };
        Err(self.fault(format!(
            "The file has {} tensors that this architecture does not know, such as `{first}`: it \
             is another model than its configuration says",
            left.len()
        )))
    }
}

impl Shape {
    /// Outputs × inputs of a group × size × size.
    pub fn kernel(self) -> [usize; 4] {
        [self.outputs, self.inputs / self.groups.max(1), self.size, self.size]
    }
}
