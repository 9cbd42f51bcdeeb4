//! The values that flow through a graph of the `ai.onnx.ml` domain: for each row a few cells.

use std::borrow::Cow;

use super::file::Element;

/// Cells, row after row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Matrix<'a> {
    /// Cells in each row.
    pub width: usize,
    pub cells: Cells<'a>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cells<'a> {
    Numbers(Vec<f32>),
    Wholes(Vec<i64>),
    Texts(Vec<Cow<'a, str>>),
}

impl Cells<'_> {
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(cells) => cells.len(),
            Self::Wholes(cells) => cells.len(),
            Self::Texts(cells) => cells.len(),
        }
    }

    pub fn element(&self) -> Element {
        match self {
            Self::Numbers(_) => Element::Numbers,
            Self::Wholes(_) => Element::Wholes,
            Self::Texts(_) => Element::Texts,
        }
    }
}

impl<'a> Matrix<'a> {
    pub fn numbers(width: usize, cells: Vec<f32>) -> Self {
        Self { width, cells: Cells::Numbers(cells) }
    }

    pub fn rows(&self) -> usize {
        self.cells.len().checked_div(self.width).unwrap_or(0)
    }

    /// The cells as numbers; texts are none.
    pub fn as_numbers(&self) -> Result<Cow<'_, [f32]>, String> {
        match &self.cells {
            Cells::Numbers(cells) => Ok(Cow::Borrowed(cells)),
            Cells::Wholes(cells) => Ok(cells.iter().map(|&x| x as f32).collect()),
            Cells::Texts(_) => Err("it got texts where it needs numbers".to_owned()),
        }
    }

    /// The columns of these places, in this order.
    pub fn pick(&self, places: &[usize]) -> Result<Matrix<'a>, String> {
        if let Some(place) = places.iter().find(|&&place| place >= self.width) {
            return Err(format!("it takes column {}, there are {}", place + 1, self.width));
        }
        let cells = match &self.cells {
            Cells::Numbers(cells) => Cells::Numbers(picked(cells, self.width, places)),
            Cells::Wholes(cells) => Cells::Wholes(picked(cells, self.width, places)),
            Cells::Texts(cells) => Cells::Texts(picked(cells, self.width, places)),
        };
        Ok(Matrix { width: places.len(), cells })
    }

    /// The columns of all matrices side by side; of different kinds they become numbers.
    pub fn beside(parts: &[&Matrix<'a>]) -> Result<Matrix<'a>, String> {
        let Some(first) = parts.first() else { return Err("it joins nothing".to_owned()) };
        let rows = first.rows();
        if parts.iter().any(|part| part.rows() != rows) {
            return Err("it joins different numbers of rows".to_owned());
        }
        let width = parts.iter().map(|part| part.width).sum();
        let element = first.cells.element();
        let alike = parts.iter().all(|part| part.cells.element() == element);
        let cells = match element {
            Element::Texts if alike => {
                Cells::Texts(joined(parts, rows, |part| match &part.cells {
                    Cells::Texts(cells) => Ok(Cow::Borrowed(cells.as_slice())),
                    _ => Ok(Cow::Borrowed(&[])),
                })?)
            }
            Element::Wholes if alike => {
                Cells::Wholes(joined(parts, rows, |part| match &part.cells {
                    Cells::Wholes(cells) => Ok(Cow::Borrowed(cells.as_slice())),
                    _ => Ok(Cow::Borrowed(&[])),
                })?)
            }
            _ => Cells::Numbers(joined(parts, rows, Matrix::as_numbers)?),
        };
        Ok(Matrix { width, cells })
    }
}

fn picked<T: Clone>(cells: &[T], width: usize, places: &[usize]) -> Vec<T> {
    let of_row = |row: &[T]| -> Vec<T> {
        places.iter().filter_map(|&place| row.get(place).cloned()).collect()
    };
    cells.chunks_exact(width.max(1)).flat_map(of_row).collect()
}

fn joined<'m, 'a, T: Clone + 'm>(
    parts: &[&'m Matrix<'a>],
    rows: usize,
    cells: impl Fn(&'m Matrix<'a>) -> Result<Cow<'m, [T]>, String>,
) -> Result<Vec<T>, String> {
    let sources: Vec<(usize, Cow<[T]>)> =
        parts.iter().map(|part| Ok((part.width, cells(part)?))).collect::<Result<_, String>>()?;
    let mut all = Vec::new();
    for row in 0..rows {
        for (width, cells) in &sources {
            all.extend_from_slice(cells.get(row * width..(row + 1) * width).unwrap_or_default());
        }
    }
    Ok(all)
}
