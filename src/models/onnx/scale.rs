//! Operators that change numbers one by one or row by row.

use super::file::Node;
use super::matrix::{Cells, Matrix};

/// A number for each column, or one for all.
pub(super) struct PerColumn(Vec<f32>);

impl PerColumn {
    pub fn new(values: Vec<f32>, width: usize, what: &str) -> Result<Self, String> {
        if values.len() == 1 || values.len() == width {
            Ok(Self(values))
        } else {
            Err(format!("it has {} numbers of `{what}` for {width} columns", values.len()))
        }
    }

    fn at(&self, column: usize) -> f32 {
        let only = || self.0.first().copied().unwrap_or_default();
        self.0.get(column).copied().unwrap_or_else(only)
    }
}

/// Changes every number with that of its column.
pub(super) fn each_with<'a>(
    matrix: &Matrix,
    by: &PerColumn,
    f: impl Fn(f32, f32) -> f32,
) -> Result<Matrix<'a>, String> {
    let width = matrix.width.max(1);
    let cells = matrix.as_numbers()?;
    let changed = cells.iter().enumerate().map(|(at, &x)| f(x, by.at(at % width))).collect();
    Ok(Matrix::numbers(matrix.width, changed))
}

pub(super) fn each<'a>(matrix: &Matrix, f: impl Fn(f32) -> f32) -> Result<Matrix<'a>, String> {
    Ok(Matrix::numbers(matrix.width, matrix.as_numbers()?.iter().map(|&x| f(x)).collect()))
}

/// `Scaler`: `(x - offset) · scale`.
pub(super) struct Scaler {
    offset: PerColumn,
    scale: PerColumn,
}

impl Scaler {
    pub fn read(node: &Node, width: usize) -> Result<Self, String> {
        Ok(Self {
            offset: PerColumn::new(node.floats("offset"), width, "offset")?,
            scale: PerColumn::new(node.floats("scale"), width, "scale")?,
        })
    }

    pub fn apply<'a>(&self, matrix: &Matrix) -> Result<Matrix<'a>, String> {
        let moved = each_with(matrix, &self.offset, |x, offset| x - offset)?;
        each_with(&moved, &self.scale, |x, scale| x * scale)
    }
}

/// `Imputer`: another number for a missing one.
pub(super) struct Imputer {
    missing: f32,
    values: PerColumn,
}

impl Imputer {
    pub fn read(node: &Node, width: usize) -> Result<Self, String> {
        let mut values = node.floats("imputed_value_floats");
        let mut missing = node.float("replaced_value_float", 0.0);
        if values.is_empty() {
            values = node.floats_of_wholes("imputed_value_int64s");
            missing = node.whole("replaced_value_int64", 0) as f32;
        }
        Ok(Self { missing, values: PerColumn::new(values, width, "imputed_value_floats")? })
    }

    pub fn apply<'a>(&self, matrix: &Matrix) -> Result<Matrix<'a>, String> {
        let is_missing = |x: f32| x == self.missing || (x.is_nan() && self.missing.is_nan());
        each_with(matrix, &self.values, |x, value| if is_missing(x) { value } else { x })
    }
}

/// `Normalizer`: each row by its norm.
#[derive(Clone, Copy)]
pub(super) enum Norm {
    Max,
    L1,
    L2,
}

impl Norm {
    pub fn read(node: &Node) -> Result<Self, String> {
        match node.text("norm") {
            "" | "MAX" => Ok(Self::Max),
            "L1" => Ok(Self::L1),
            "L2" => Ok(Self::L2),
            other => Err(format!("its norm `{other}` is not known")),
        }
    }

    /// Of `LpNormalization`, which numbers its norms.
    pub fn lp(node: &Node) -> Result<Self, String> {
        match node.whole("p", 2) {
            1 => Ok(Self::L1),
            2 => Ok(Self::L2),
            other => Err(format!("its norm {other} is not known")),
        }
    }

    pub fn apply<'a>(self, matrix: &Matrix) -> Result<Matrix<'a>, String> {
        let mut cells = matrix.as_numbers()?.into_owned();
        for row in cells.chunks_mut(matrix.width.max(1)) {
            let norm = match self {
                Self::Max => row.iter().copied().fold(f32::NEG_INFINITY, f32::max),
                Self::L1 => row.iter().map(|x| x.abs()).sum(),
                Self::L2 => row.iter().map(|x| x * x).sum::<f32>().sqrt(),
            };
            if norm != 0.0 {
                row.iter_mut().for_each(|x| *x /= norm);
            }
        }
        Ok(Matrix::numbers(matrix.width, cells))
    }
}

/// `Cast` to an element type of ONNX.
pub(super) fn cast<'a>(matrix: &Matrix<'a>, to: i64) -> Result<Matrix<'a>, String> {
    let width = matrix.width;
    let cells = match (to, &matrix.cells) {
        (1 | 10 | 11, Cells::Texts(cells)) => Cells::Numbers(
            cells
                .iter()
                .map(|text| text.trim().parse().map_err(|_| format!("`{text}` is no number")))
                .collect::<Result<_, String>>()?,
        ),
        (1 | 10 | 11, _) => Cells::Numbers(matrix.as_numbers()?.into_owned()),
        (2..=7 | 12 | 13, Cells::Wholes(_)) | (8, Cells::Texts(_)) => return Ok(matrix.clone()),
        (2..=7 | 12 | 13, _) => {
            Cells::Wholes(matrix.as_numbers()?.iter().map(|&x| x as i64).collect())
        }
        (8, Cells::Wholes(cells)) => {
            Cells::Texts(cells.iter().map(|x| x.to_string().into()).collect())
        }
        (8, Cells::Numbers(cells)) => {
            Cells::Texts(cells.iter().map(|x| x.to_string().into()).collect())
        }
        (9, _) => {
            let cells = matrix.as_numbers()?;
            Cells::Wholes(cells.iter().map(|&x| i64::from(x != 0.0)).collect())
        }
        (other, _) => return Err(format!("it casts to the type {other}, which is not known")),
    };
    Ok(Matrix { width, cells })
}
