//! A multi-layer perceptron: dense layers with activations, every shape checked on building, so that
//! a forward pass has nothing left to refuse.

use candle_core::{Device, Tensor};
use candle_nn::{Linear, Module};

use super::backend::{Backend, Bound, Fault};
use super::card::{Activation, Card};
use super::dense::{self, Dense};
use super::error::Error;
use super::features::{Features, Mismatch};
use super::weights::Weights;
use crate::domain::Table;

/// Rows in one call while scoring.
const MOST_ROWS: usize = 1024;

/// Dense layers on a device.
pub(super) struct Network {
    place: Place,
    /// The numbers in one row at each step: inputs, then the outputs of each layer.
    widths: Vec<usize>,
    parameters: usize,
    ends_with_sigmoid: bool,
}

/// Where the layers are, and what computes them there.
enum Place {
    /// Loops of ours: for small layers candle's tensors cost more than the numbers in them.
    Processor(Vec<Dense>),
    Other(Device, Vec<(Linear, Activation)>),
}

impl Place {
    fn new(device: &Device) -> Self {
        if device.is_cpu() {
            Self::Processor(Vec::new())
        } else {
            Self::Other(device.clone(), Vec::new())
        }
    }

    /// Adds a layer: outputs × inputs weights, and a bias for each output.
    fn push(
        &mut self,
        weight: Vec<f32>,
        bias: Vec<f32>,
        inputs: usize,
        activation: Activation,
    ) -> candle_core::Result<()> {
        match self {
            Self::Processor(layers) => layers.push(Dense::new(weight, bias, inputs, activation)),
            Self::Other(device, layers) => {
                let outputs = bias.len();
                let weight = Tensor::from_vec(weight, (outputs, inputs), device)?;
                let bias = Tensor::from_vec(bias, outputs, device)?;
                layers.push((Linear::new(weight, Some(bias)), activation));
            }
        }
        Ok(())
    }
}

impl Network {
    /// Takes the card's layers out of the weights.
    pub fn load(card: &Card, weights: &Weights, device: &Device) -> Result<Self, Error> {
        let mut widths = vec![card.width()];
        let mut place = Place::new(device);
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
            if found != inputs || outputs == 0 || inputs == 0 {
                let message = mismatch(number, &layer.weight, [outputs, found], inputs);
                return Err(Error::shape(message, weights.path()));
            }
            parameters += weight.values.len();
            let mut biases = vec![0.0; outputs];
            if let Some(name) = &layer.bias {
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
                biases = bias.values;
            }
            place.push(weight.values, biases, inputs, layer.activation).map_err(|fault| {
                let message = format!("Layer {number} does not fit: {fault}");
                Error::weights(message, weights.path())
            })?;
            widths.push(outputs);
        }
        let last = card.layers.last();
        let ends_with_sigmoid = last.is_some_and(|layer| layer.activation == Activation::Sigmoid);
        Ok(Self { place, widths, parameters, ends_with_sigmoid })
    }

    /// The outputs, row after row and before the output's activation, for the features of `rows` rows,
    /// column after column.
    fn forward(&self, features: &[f32], rows: usize) -> candle_core::Result<Vec<f32>> {
        match &self.place {
            Place::Processor(layers) => Ok(dense::forward(layers, features, rows)),
            Place::Other(device, layers) => {
                let width = self.widths.first().copied().unwrap_or_default();
                let mut x = Tensor::from_slice(features, (width, rows), device)?.t()?;
                for (linear, activation) in layers {
                    x = linear.forward(&x)?;
                    x = match activation {
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
    }
}

impl Backend for Network {
    fn outputs(&self) -> usize {
        self.widths.last().copied().unwrap_or_default()
    }

    fn are_probabilities(&self) -> bool {
        self.ends_with_sigmoid
    }

    fn describe(&self) -> String {
        let widths: Vec<String> = self.widths.iter().map(usize::to_string).collect();
        format!("{}, {} parameters", widths.join("-"), self.parameters)
    }

    fn rows_per_call(&self) -> usize {
        MOST_ROWS
    }

    fn is_shared(&self) -> bool {
        matches!(self.place, Place::Processor(_))
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
        self.features.write_columns(first, count, &mut inputs);
        Ok(self.network.forward(&inputs, count)?)
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
