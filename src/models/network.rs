//! A multi-layer perceptron: dense layers with activations, every shape checked on building, so that
//! a forward pass has nothing left to refuse. Many rows go through candle's matrix products, few
//! through loops of ours: for those, candle's tensors cost more than the numbers in them.

use candle_core::{Device, Tensor};
use candle_nn::{Linear, Module};

use super::backend::{Backend, Bound, Fault};
use super::card::{Activation, Card};
use super::curves::{gelu, sigmoid, tanh};
use super::error::Error;
use super::features::{Features, Mismatch};
use super::weights::Weights;
use super::wide::wide;
use crate::domain::Table;

/// From this many numbers on candle wakes a pool that all models of the process share and that
/// waits by spinning: measured on a busy machine, calls then take a thousand times longer.
/// Smaller slices keep each call on its own thread, and in the cache.
const POOL_WAKES_AT: usize = 64 * 1024;
/// Rows in one call to candle, at most.
const MOST_ROWS: usize = 1024;
/// Up to so many rows the loops are faster than candle (measured on 30-64-32-1).
const FEW_ROWS: usize = 16;

/// Dense layers on a device.
pub(super) struct Network {
    layers: Vec<Dense>,
    /// The numbers in one row at each step: inputs, then the outputs of each layer.
    widths: Vec<usize>,
    parameters: usize,
    device: Device,
}

struct Dense {
    linear: Linear,
    activation: Activation,
    /// Inputs × outputs: what each input adds to all outputs lies together.
    by_input: Vec<f32>,
    /// One for each output.
    bias: Vec<f32>,
}

impl Dense {
    /// Puts the outputs for one row of inputs into `outputs`.
    #[inline(always)]
    fn forward(&self, inputs: &[f32], outputs: &mut Vec<f32>) {
        outputs.clear();
        outputs.extend_from_slice(&self.bias);
        for (input, weights) in inputs.iter().zip(self.by_input.chunks_exact(self.bias.len())) {
            for (output, weight) in outputs.iter_mut().zip(weights) {
                *output += input * weight;
            }
        }
        match self.activation {
            Activation::None => {}
            Activation::Relu => {
                outputs.iter_mut().for_each(|x| *x = if *x < 0.0 { 0.0 } else { *x });
            }
            Activation::Gelu => outputs.iter_mut().for_each(|x| *x = gelu(*x)),
            Activation::Tanh => outputs.iter_mut().for_each(|x| *x = tanh(*x)),
            Activation::Sigmoid => outputs.iter_mut().for_each(|x| *x = sigmoid(*x)),
        }
    }
}

/// A matrix of outputs × inputs, as inputs × outputs.
fn by_input(weight: &[f32], inputs: usize) -> Vec<f32> {
    let column = |input| weight.iter().skip(input).step_by(inputs.max(1)).copied();
    (0..inputs).flat_map(column).collect()
}

impl Network {
    /// Takes the card's layers out of the weights.
    pub fn load(card: &Card, weights: &Weights, device: &Device) -> Result<Self, Error> {
        let mut widths = vec![card.width()];
        let mut layers = Vec::with_capacity(card.layers.len());
        let mut parameters = 0;
        for (index, layer) in card.layers.iter().enumerate() {
            let number = index + 1;
            let inputs = widths.last().copied().unwrap_or_default();
            let weight = weights.tensor(&layer.weight)?;
            let &[outputs, found] = weight.shape.as_slice() else {
                let message = format!(
                    "Layer {number}: `{}` has the shape {:?}; a weight has two dimensions, \
                     outputs × inputs",
                    layer.weight, weight.shape
                );
                return Err(Error::shape(message, weights.path()));
            };
            if found != inputs || outputs == 0 {
                let message = mismatch(number, &layer.weight, [outputs, found], inputs);
                return Err(Error::shape(message, weights.path()));
            }
            parameters += weight.values.len();
            let place = |values: Vec<f32>, shape: &[usize]| {
                Tensor::from_vec(values, shape, device).map_err(|fault| {
                    Error::weights(format!("Layer {number} does not fit: {fault}"), weights.path())
                })
            };
            let by_input = by_input(&weight.values, inputs);
            let mut biases = vec![0.0; outputs];
            let bias = match &layer.bias {
                None => None,
                Some(name) => {
                    let bias = weights.tensor(name)?;
                    if bias.shape != [outputs] {
                        let message = format!(
                            "Layer {number}: `{name}` has the shape {:?}, but `{}` gives {outputs} \
                             outputs, so [{outputs}] is expected",
                            bias.shape, layer.weight
                        );
                        return Err(Error::shape(message, weights.path()));
                    }
                    parameters += bias.values.len();
                    biases.copy_from_slice(&bias.values);
                    Some(place(bias.values, &bias.shape)?)
                }
            };
            let weight = place(weight.values, &weight.shape)?;
            layers.push(Dense {
                linear: Linear::new(weight, bias),
                activation: layer.activation,
                by_input,
                bias: biases,
            });
            widths.push(outputs);
        }
        Ok(Self { layers, widths, parameters, device: device.clone() })
    }

    /// The outputs for rows of features (row after row), before the output's activation.
    fn forward(&self, features: &[f32]) -> candle_core::Result<Vec<f32>> {
        let width = self.widths.first().copied().unwrap_or(1).max(1);
        if features.len() <= FEW_ROWS * width && self.device.is_cpu() {
            return Ok(wide(|| self.forward_few(features, width)));
        }
        let rows_per_call = self.rows_per_call();
        if features.len() <= rows_per_call * width {
            return self.forward_once(features, width);
        }
        let mut outputs = Vec::with_capacity(features.len() / width * self.outputs());
        for part in features.chunks(rows_per_call * width) {
            outputs.extend(self.forward_once(part, width)?);
        }
        Ok(outputs)
    }

    #[inline(always)]
    fn forward_few(&self, features: &[f32], width: usize) -> Vec<f32> {
        let mut all = Vec::with_capacity(features.len() / width * self.outputs());
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for row in features.chunks_exact(width) {
            x.clear();
            x.extend_from_slice(row);
            for layer in &self.layers {
                layer.forward(&x, &mut y);
                std::mem::swap(&mut x, &mut y);
            }
            all.extend_from_slice(&x);
        }
        all
    }

    fn forward_once(&self, features: &[f32], width: usize) -> candle_core::Result<Vec<f32>> {
        let shape = (features.len() / width, width);
        let mut x = Tensor::from_slice(features, shape, &self.device)?;
        for layer in &self.layers {
            x = layer.linear.forward(&x)?;
            x = match layer.activation {
                Activation::None => x,
                Activation::Relu => x.relu()?,
                Activation::Gelu => x.gelu_erf()?,
                Activation::Tanh => x.tanh()?,
                Activation::Sigmoid => candle_nn::ops::sigmoid(&x)?,
            };
        }
        x.flatten_all()?.to_vec1()
    }
}

impl Backend for Network {
    fn outputs(&self) -> usize {
        self.widths.last().copied().unwrap_or_default()
    }

    fn are_probabilities(&self) -> bool {
        self.layers.last().is_some_and(|layer| layer.activation == Activation::Sigmoid)
    }

    fn describe(&self) -> String {
        let widths: Vec<String> = self.widths.iter().map(usize::to_string).collect();
        format!("{}, {} parameters", widths.join("-"), self.parameters)
    }

    /// So many that candle's pool stays asleep.
    fn rows_per_call(&self) -> usize {
        let widest = self.widths.iter().copied().max().unwrap_or(1).max(1);
        ((POOL_WAKES_AT - 1) / widest).clamp(1, MOST_ROWS)
    }

    fn is_shared(&self) -> bool {
        self.device.is_cpu()
    }

    fn bind<'a>(
        &'a self,
        card: &'a Card,
        table: &'a Table,
    ) -> (Box<dyn Bound + 'a>, Vec<Mismatch>) {
        let (features, mismatches) = Features::bind(&card.inputs, 0.0, table);
        (Box::new(Rows { network: self, features }), mismatches)
    }
}

/// A network with a table's features at hand.
struct Rows<'a> {
    network: &'a Network,
    features: Features<'a>,
}

impl Bound for Rows<'_> {
    fn ask(&self, first: usize, count: usize) -> Result<Vec<f32>, Fault> {
        let mut inputs: Vec<f32> = Vec::new();
        self.features.write(first, count, &mut inputs);
        Ok(self.network.forward(&inputs)?)
    }
}

/// Why a weight does not follow what comes before it, with both sides.
fn mismatch(number: usize, name: &str, [outputs, found]: [usize; 2], inputs: usize) -> String {
    let before = if number == 1 {
        "the card's inputs give".to_owned()
    } else {
        format!("layer {} gives", number - 1)
    };
    let transposed = if outputs == inputs && found != inputs {
        "; it may be transposed, a weight is outputs × inputs"
    } else {
        ""
    };
    format!(
        "Layer {number} (`{name}`, {outputs} × {found}) expects {found} inputs, {before} \
         {inputs}{transposed}"
    )
}
