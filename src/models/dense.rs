//! Dense layers on the processor: one row at a time for few, sixteen or more side by side for many.
//!
//! Each output is its bias plus input × weight in the order of the inputs, every step fused, so a row
//! gets the same answer to the bit in any company and on any processor that can fuse.

use super::card::Activation;
use super::curves::{gelu, sigmoid, tanh};

/// Outputs whose sums stay in registers together. The rows side by side fill two registers, so that
/// eight sums are under way: as many as processors need to have no wait between them.
const TILE: usize = 4;
/// Up to so many rows the loops over single rows are faster.
const FEW_ROWS: usize = 8;

pub(super) struct Dense {
    activation: Activation,
    inputs: usize,
    /// Outputs × inputs.
    by_output: Vec<f32>,
    /// Inputs × outputs: what each input adds to all outputs lies together.
    by_input: Vec<f32>,
    /// One for each output.
    bias: Vec<f32>,
}

impl Dense {
    /// `weight` has outputs × inputs numbers, `bias` one for each output; `inputs` is not 0.
    pub fn new(weight: Vec<f32>, bias: Vec<f32>, inputs: usize, activation: Activation) -> Self {
        let column = |input| weight.iter().skip(input).step_by(inputs).copied();
        let by_input = (0..inputs).flat_map(column).collect();
        Self { activation, inputs, by_output: weight, by_input, bias }
    }

    /// Puts the outputs for one row of inputs into `outputs`.
    #[inline(always)]
    fn forward_row(&self, inputs: &[f32], outputs: &mut Vec<f32>) {
        outputs.clear();
        outputs.extend_from_slice(&self.bias);
        for (input, weights) in inputs.iter().zip(self.by_input.chunks_exact(self.bias.len())) {
            for (output, weight) in outputs.iter_mut().zip(weights) {
                *output = weight.mul_add(*input, *output);
            }
        }
        self.activate(outputs);
    }

    /// Puts the outputs for rows side by side into `outputs`.
    #[inline(always)]
    fn forward_lanes<const N: usize>(&self, inputs: &[[f32; N]], outputs: &mut Vec<[f32; N]>) {
        outputs.clear();
        outputs.resize(self.bias.len(), [0.0; N]);
        let tiles = self.by_output.chunks_exact(TILE * self.inputs);
        let last = tiles.remainder().chunks_exact(self.inputs);
        let (sums, biases) = (outputs.chunks_exact_mut(TILE), self.bias.chunks_exact(TILE));
        for ((weights, sums), bias) in tiles.zip(sums).zip(biases) {
            self.tile(inputs, weights, bias, sums);
        }
        let done = self.bias.len() - self.bias.len() % TILE;
        let rest = outputs.iter_mut().zip(&self.bias).skip(done);
        for (weights, (output, bias)) in last.zip(rest) {
            // In a variable of its own, so that it stays in registers.
            let mut sum = [*bias; N];
            for (x, weight) in inputs.iter().zip(weights) {
                add(&mut sum, *weight, x);
            }
            *output = sum;
        }
        self.activate(outputs.as_flattened_mut());
    }

    /// Four outputs at once: each input is loaded once for all of them.
    #[inline(always)]
    fn tile<const N: usize>(
        &self,
        inputs: &[[f32; N]],
        weights: &[f32],
        bias: &[f32],
        out: &mut [[f32; N]],
    ) {
        let mut sums = [[0.0; N]; TILE];
        for (sum, bias) in sums.iter_mut().zip(bias) {
            *sum = [*bias; N];
        }
        let (first, rest) = weights.split_at(self.inputs);
        let (second, rest) = rest.split_at(self.inputs);
        let (third, fourth) = rest.split_at(self.inputs);
        let weights = first.iter().zip(second).zip(third).zip(fourth);
        for (x, (((a, b), c), d)) in inputs.iter().zip(weights) {
            for (sum, weight) in sums.iter_mut().zip([a, b, c, d]) {
                add(sum, *weight, x);
            }
        }
        out.copy_from_slice(&sums);
    }

    #[inline(always)]
    fn activate(&self, values: &mut [f32]) {
        match self.activation {
            Activation::None => {}
            Activation::Relu => {
                values.iter_mut().for_each(|x| *x = if *x < 0.0 { 0.0 } else { *x });
            }
            Activation::Gelu => values.iter_mut().for_each(|x| *x = gelu(*x)),
            Activation::Tanh => values.iter_mut().for_each(|x| *x = tanh(*x)),
            Activation::Sigmoid => values.iter_mut().for_each(|x| *x = sigmoid(*x)),
        }
    }
}

#[inline(always)]
fn add<const N: usize>(sum: &mut [f32; N], weight: f32, x: &[f32; N]) {
    for (sum, x) in sum.iter_mut().zip(x) {
        *sum = weight.mul_add(*x, *sum);
    }
}

/// The outputs of the last layer, row after row, for the features of `rows` rows, column after column.
pub(super) fn forward(layers: &[Dense], features: &[f32], rows: usize) -> Vec<f32> {
    pulp::Arch::new().dispatch(Forward { layers, features, rows })
}

/// All of it compiled for the best of what the processor has; only what is inlined here gains by it.
struct Forward<'a> {
    layers: &'a [Dense],
    features: &'a [f32],
    rows: usize,
}

impl pulp::WithSimd for Forward<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Vec<f32> {
        let outputs = self.layers.last().map_or(0, |layer| layer.bias.len());
        let mut all = Vec::with_capacity(self.rows * outputs);
        if self.rows <= FEW_ROWS {
            self.row_by_row(&mut all);
        } else if S::F32_LANES < 16 {
            self.side_by_side::<16>(&mut all);
        } else {
            self.side_by_side::<32>(&mut all);
        }
        all
    }
}

impl Forward<'_> {
    #[inline(always)]
    fn row_by_row(&self, all: &mut Vec<f32>) {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for row in 0..self.rows {
            x.clear();
            x.extend(self.features.iter().skip(row).step_by(self.rows));
            for layer in self.layers {
                layer.forward_row(&x, &mut y);
                std::mem::swap(&mut x, &mut y);
            }
            all.extend_from_slice(&x);
        }
    }

    /// `N` rows at a time; it is a power of two.
    #[inline(always)]
    fn side_by_side<const N: usize>(&self, all: &mut Vec<f32>) {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for first in (0..self.rows).step_by(N) {
            x.clear();
            for column in self.features.chunks_exact(self.rows) {
                let mut lanes = [0.0; N];
                let values = column.get(first..).unwrap_or_default();
                lanes.iter_mut().zip(values).for_each(|(lane, value)| *lane = *value);
                x.push(lanes);
            }
            for layer in self.layers {
                layer.forward_lanes(&x, &mut y);
                std::mem::swap(&mut x, &mut y);
            }
            for lane in 0..N.min(self.rows - first) {
                // A mask instead of a check: there are never more rows than lanes.
                all.extend(x.iter().map(|x| x[lane & (N - 1)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_same_answer_in_any_company() {
        let number = |k: usize| ((k * 7_919 % 2_003) as f32 - 1_000.0) / 700.0;
        let layer = |inputs: usize, outputs: usize, activation| {
            let weight = (0..inputs * outputs).map(number).collect();
            Dense::new(weight, (0..outputs).map(number).collect(), inputs, activation)
        };
        // Widths that no tile divides.
        let layers = [
            layer(7, 13, Activation::Relu),
            layer(13, 6, Activation::Gelu),
            layer(6, 3, Activation::None),
        ];
        let features: Vec<f32> = (0..7 * 53).map(|k| number(k * 31)).collect();
        let row =
            |row: usize| -> Vec<f32> { features.iter().skip(row).step_by(53).copied().collect() };
        let together = forward(&layers, &features, 53);
        assert_eq!(together.len(), 3 * 53);
        let alone: Vec<f32> = (0..53).flat_map(|k| forward(&layers, &row(k), 1)).collect();
        assert_eq!(together, alone);
        // By the definition, in double precision.
        let mut x: Vec<f64> = row(0).into_iter().map(f64::from).collect();
        for (layer, inputs) in layers.iter().zip([7, 13, 6]) {
            x = layer
                .by_output
                .chunks(inputs)
                .zip(&layer.bias)
                .map(|(weights, bias)| {
                    let terms = weights.iter().zip(&x).map(|(w, x)| f64::from(*w) * x);
                    let sum = terms.sum::<f64>() + f64::from(*bias);
                    match layer.activation {
                        Activation::Relu => sum.max(0.0),
                        Activation::Gelu => f64::from(gelu(sum as f32)),
                        _ => sum,
                    }
                })
                .collect();
        }
        for (ours, exact) in together.iter().zip(&x) {
            assert!((f64::from(*ours) - exact).abs() < 1e-3 * exact.abs().max(1.0));
        }
    }
}
