//! The operators that a graph of the `ai.onnx.ml` domain may use, ready to be asked.

use super::encode::{Label, OneHot};
use super::ensemble::Ensemble;
use super::file::{Node, Tensor};
use super::linear::Linear;
use super::matrix::Matrix;
use super::scale::{Imputer, Norm, PerColumn, Scaler, cast, each, each_with};
use super::transform::{logistic, softmax};

/// An operator with its attributes and constants taken in.
pub(super) enum Op {
    Ensemble(Ensemble),
    Linear(Linear),
    Scaler(Scaler),
    Imputer(Imputer),
    Normalizer(Norm),
    OneHot(OneHot),
    Label(Label),
    Cast(i64),
    /// 1 above the threshold, else 0.
    Binarizer(f32),
    /// Columns by their places.
    Pick(Vec<usize>),
    /// Columns side by side.
    Beside,
    /// The same cells, of which each row must have so many.
    Same(Option<usize>),
    Each(fn(f32) -> f32),
    Softmax,
    /// With a constant on the right.
    WithConstant(fn(f32, f32) -> f32, PerColumn),
    /// Of two values that flow.
    OfTwo(fn(f32, f32) -> f32),
    /// Of any number of values that flow, all as wide.
    Sum,
    /// Of each row's cells.
    RowSum,
    Product(Product),
}

/// Of an operator outside the list.
const UNKNOWN: &str = "it is not known here. Export the model without that step, or let your framework \
                       answer every row once and rehearse with these predictions";

/// `x · weights + bias`; weights have a row for each output.
pub(super) struct Product {
    weights: Vec<f32>,
    bias: Option<PerColumn>,
    inputs: usize,
    outputs: usize,
}

/// A node's inputs as far as they are known: constants, and how wide a value is that flows.
pub(super) enum Given<'g> {
    Constant(&'g Tensor),
    Flowing { width: usize },
}

impl Given<'_> {
    fn flows_with(&self, columns: usize) -> bool {
        matches!(self, Self::Flowing { width } if *width == columns)
    }
}

impl Op {
    /// Takes a node in; the text says what of it is not known.
    pub fn read(node: &Node, given: &[Given]) -> Result<Self, String> {
        let width = given
            .iter()
            .find_map(|given| match given {
                Given::Flowing { width } => Some(*width),
                Given::Constant(_) => None,
            })
            .unwrap_or(0);
        let constant = |place: usize| match given.get(place) {
            Some(Given::Constant(tensor)) => Ok(*tensor),
            _ => Err(format!("its input {} must be a constant", place + 1)),
        };
        Ok(match node.op.as_str() {
            "TreeEnsembleClassifier" | "TreeEnsembleRegressor" | "TreeEnsemble" => {
                Self::Ensemble(Ensemble::read(node, width)?)
            }
            "LinearClassifier" | "LinearRegressor" => Self::Linear(Linear::read(node, width)?),
            "Scaler" => Self::Scaler(Scaler::read(node, width)?),
            "Imputer" => Self::Imputer(Imputer::read(node, width)?),
            "Normalizer" => Self::Normalizer(Norm::read(node)?),
            "OneHotEncoder" => Self::OneHot(OneHot::read(node)),
            "LabelEncoder" => Self::Label(Label::read(node)?),
            "Binarizer" => Self::Binarizer(node.float("threshold", 0.0)),
            "ArrayFeatureExtractor" => Self::Pick(places(constant(1)?, width)?),
            "Gather" if is_over_columns(node, 0) => Self::Pick(places(constant(1)?, width)?),
            "Concat" if is_over_columns(node, 1) => Self::Beside,
            "FeatureVectorizer" => Self::Beside,
            "Cast" => Self::Cast(node.whole("to", 1)),
            "Identity" | "ZipMap" | "Dropout" => Self::Same(None),
            "Flatten" if node.whole("axis", 1) == 1 => Self::Same(None),
            "Reshape" => Self::Same(row_width(constant(1)?)?),
            "Relu" => Self::Each(|x| x.max(0.0)),
            "Sigmoid" => Self::Each(logistic),
            "Tanh" => Self::Each(f32::tanh),
            "Exp" => Self::Each(f32::exp),
            "Log" => Self::Each(f32::ln),
            "Sqrt" => Self::Each(f32::sqrt),
            "Abs" => Self::Each(f32::abs),
            "Neg" => Self::Each(|x| -x),
            "Not" => Self::Each(|x| truth(x == 0.0)),
            "Softmax" if is_over_columns(node, -1) => Self::Softmax,
            "LpNormalization" if is_over_columns(node, -1) => Self::Normalizer(Norm::lp(node)?),
            "Slice" => Self::Pick(sliced(given, width)?),
            "ReduceSum" if is_along_rows(node, given) => Self::RowSum,
            "Sum" if given.iter().all(|given| given.flows_with(width)) => Self::Sum,
            "Add" => arithmetic(given, |x, y| x + y, |x, y| x + y)?,
            "Sub" => arithmetic(given, |x, y| x - y, |x, y| y - x)?,
            "Mul" => arithmetic(given, |x, y| x * y, |x, y| x * y)?,
            "Div" => arithmetic(given, |x, y| x / y, |x, y| y / x)?,
            "Pow" => arithmetic(given, f32::powf, |x, y| y.powf(x))?,
            "Less" => arithmetic(given, |x, y| truth(x < y), |x, y| truth(y < x))?,
            "LessOrEqual" => arithmetic(given, |x, y| truth(x <= y), |x, y| truth(y <= x))?,
            "Greater" => arithmetic(given, |x, y| truth(x > y), |x, y| truth(y > x))?,
            "GreaterOrEqual" => arithmetic(given, |x, y| truth(x >= y), |x, y| truth(y >= x))?,
            "MatMul" => Self::Product(Product::read(constant(1)?, None, width, false)?),
            "Gemm" if node.whole("transA", 0) == 0 && is_plain_gemm(node) => {
                let bias = if given.len() > 2 { Some(constant(2)?) } else { None };
                let transposed = node.whole("transB", 0) != 0;
                Self::Product(Product::read(constant(1)?, bias, width, transposed)?)
            }
            _ => return Err(UNKNOWN.to_owned()),
        })
    }

    pub fn apply<'a>(&'a self, inputs: &[&Matrix<'a>]) -> Result<Matrix<'a>, String> {
        let Some(&first) = inputs.first() else { return Err("it has no input".to_owned()) };
        match self {
            Self::Ensemble(trees) => {
                let answers = trees.answers(&first.as_numbers()?);
                Ok(Matrix::numbers(trees.outputs(), answers))
            }
            Self::Linear(linear) => {
                let answers = linear.answers(&first.as_numbers()?);
                Ok(Matrix::numbers(linear.outputs(), answers))
            }
            Self::Scaler(scaler) => scaler.apply(first),
            Self::Imputer(imputer) => imputer.apply(first),
            Self::Normalizer(norm) => norm.apply(first),
            Self::OneHot(encoder) => encoder.apply(first),
            Self::Label(encoder) => Ok(encoder.apply(first)),
            Self::Cast(to) => cast(first, *to),
            Self::Binarizer(threshold) => each(first, |x| truth(x > *threshold)),
            Self::Pick(places) => first.pick(places),
            Self::Beside => Matrix::beside(inputs),
            Self::Same(Some(width)) if *width != first.width => {
                Err(format!("it makes rows of {width} out of rows of {}", first.width))
            }
            Self::Same(_) => Ok(first.clone()),
            Self::Each(f) => each(first, f),
            Self::Softmax => {
                let mut cells = first.as_numbers()?.into_owned();
                cells.chunks_mut(first.width.max(1)).for_each(softmax);
                Ok(Matrix::numbers(first.width, cells))
            }
            Self::WithConstant(f, constant) => each_with(first, constant, f),
            Self::OfTwo(f) => of_two(inputs, *f),
            Self::Sum => {
                let (_, others) = inputs.split_at(1);
                others
                    .iter()
                    .try_fold(first.clone(), |sum, next| of_two(&[&sum, next], |x, y| x + y))
            }
            Self::RowSum => {
                let cells = first.as_numbers()?;
                let rows = cells.chunks_exact(first.width.max(1));
                Ok(Matrix::numbers(1, rows.map(|row| row.iter().sum()).collect()))
            }
            Self::Product(product) => Ok(product.apply(&first.as_numbers()?)),
        }
    }
}

/// Whether the operator works along the second of two dimensions.
fn is_over_columns(node: &Node, otherwise: i64) -> bool {
    matches!(node.whole("axis", otherwise), 1 | -1)
}

/// Whether a reduction makes one cell of each row; its axes are an attribute, or since version 13 an
/// input.
fn is_along_rows(node: &Node, given: &[Given]) -> bool {
    let axes = match given.get(1) {
        Some(Given::Constant(tensor)) => tensor.wholes(),
        Some(Given::Flowing { .. }) => return false,
        None => node.wholes("axes"),
    };
    matches!(axes.as_slice(), [1 | -1]) && node.whole("keepdims", 1) == 1
}

/// What ONNX's truth values are as numbers.
fn truth(is_true: bool) -> f32 {
    f32::from(u8::from(is_true))
}

fn is_plain_gemm(node: &Node) -> bool {
    let is_one = |name| (node.float(name, 1.0) - 1.0).abs() < f32::EPSILON;
    is_one("alpha") && is_one("beta")
}

fn places(tensor: &Tensor, width: usize) -> Result<Vec<usize>, String> {
    let place = |place: i64| {
        let counted = if place < 0 { place + width as i64 } else { place };
        usize::try_from(counted).map_err(|_| format!("it takes column {place}"))
    };
    tensor.wholes().into_iter().map(place).collect()
}

/// The columns that a slice takes: starts, ends, axes and steps are inputs, each a constant.
fn sliced(given: &[Given], width: usize) -> Result<Vec<usize>, String> {
    let lists: Vec<Vec<i64>> = (given.iter().skip(1))
        .map(|given| match given {
            Given::Constant(tensor) => Ok(tensor.wholes()),
            Given::Flowing { .. } => Err("its bounds must be constants".to_owned()),
        })
        .collect::<Result<_, _>>()?;
    let lists: Vec<&[i64]> = lists.iter().map(Vec::as_slice).collect();
    let (start, end) = match lists.as_slice() {
        &[&[start], &[end], &[1 | -1]] | &[&[start], &[end], &[1 | -1], &[1]] => (start, end),
        _ => return Err("it takes more than a range of columns".to_owned()),
    };
    let all = i64::try_from(width).unwrap_or(i64::MAX);
    let place =
        |bound: i64| (if bound < 0 { bound.saturating_add(all) } else { bound }).clamp(0, all);
    Ok((place(start)..place(end)).filter_map(|place| usize::try_from(place).ok()).collect())
}

/// The width of the rows that a shape asks for: it may only say again how many there are.
fn row_width(shape: &Tensor) -> Result<Option<usize>, String> {
    match shape.wholes().as_slice() {
        [-1 | 0] => Ok(Some(1)),
        [-1 | 0, -1 | 0] => Ok(None),
        &[-1 | 0, width] => Ok(usize::try_from(width).ok()),
        other => Err(format!("it has the shape {other:?}, which moves cells between rows")),
    }
}

/// An operator with two operands, of which one may be constant; `swapped` has them the other way.
fn arithmetic(
    given: &[Given],
    f: fn(f32, f32) -> f32,
    swapped: fn(f32, f32) -> f32,
) -> Result<Op, String> {
    let per_column = |tensor: &Tensor, width| {
        let values = tensor.numbers().into_iter().map(|x| x as f32).collect();
        PerColumn::new(values, width, "its constant")
    };
    match given {
        [Given::Flowing { width }, Given::Constant(tensor)] => {
            Ok(Op::WithConstant(f, per_column(tensor, *width)?))
        }
        [Given::Constant(tensor), Given::Flowing { width }] => {
            Ok(Op::WithConstant(swapped, per_column(tensor, *width)?))
        }
        [Given::Flowing { .. }, Given::Flowing { .. }] => Ok(Op::OfTwo(f)),
        _ => Err("it needs two inputs of which one flows".to_owned()),
    }
}

fn of_two<'a>(inputs: &[&Matrix], f: fn(f32, f32) -> f32) -> Result<Matrix<'a>, String> {
    let &[left, right] = inputs else { return Err("it needs two inputs".to_owned()) };
    if right.width != left.width && right.width != 1 {
        return Err(format!("it joins rows of {} with rows of {}", left.width, right.width));
    }
    let (x, y) = (left.as_numbers()?, right.as_numbers()?);
    let (columns, step) = (left.width.max(1), usize::from(right.width != 1));
    let other = |at: usize| {
        let (row, column) = (at / columns, at % columns);
        y.get(row * right.width + column * step).copied().unwrap_or_default()
    };
    let cells = x.iter().enumerate().map(|(at, &x)| f(x, other(at))).collect();
    Ok(Matrix::numbers(left.width, cells))
}

impl Product {
    fn read(
        weights: &Tensor,
        bias: Option<&Tensor>,
        width: usize,
        is_transposed: bool,
    ) -> Result<Self, String> {
        let values: Vec<f32> = weights.numbers().into_iter().map(|x| x as f32).collect();
        let &[rows, columns] = weights.shape.as_slice() else {
            return Err(format!("its weights have the shape {:?}", weights.shape));
        };
        let (inputs, outputs) = if is_transposed { (columns, rows) } else { (rows, columns) };
        if inputs != width || Some(values.len()) != inputs.checked_mul(outputs) || width == 0 {
            return Err(format!("its weights are for {inputs} inputs, it gets {width}"));
        }
        let at = |output: usize, input: usize| {
            let place =
                if is_transposed { output * inputs + input } else { input * outputs + output };
            values.get(place).copied().unwrap_or_default()
        };
        let each = (0..outputs).flat_map(|output| (0..inputs).map(move |input| (output, input)));
        let by_output = each.map(|(output, input)| at(output, input)).collect();
        let bias = match bias {
            None => None,
            Some(tensor) => {
                let values = tensor.numbers().into_iter().map(|x| x as f32).collect();
                Some(PerColumn::new(values, outputs, "bias")?)
            }
        };
        Ok(Self { weights: by_output, bias, inputs, outputs })
    }

    fn apply<'a>(&self, rows: &[f32]) -> Matrix<'a> {
        let mut cells = Vec::new();
        for row in rows.chunks_exact(self.inputs) {
            let dot = |weights: &[f32]| weights.iter().zip(row).map(|(w, x)| w * x).sum::<f32>();
            cells.extend(self.weights.chunks_exact(self.inputs).map(dot));
        }
        let product = Matrix::numbers(self.outputs, cells);
        match &self.bias {
            None => product,
            // Numbers are never refused.
            Some(bias) => each_with(&product, bias, |x, bias| x + bias).unwrap_or(product),
        }
    }
}
