//! Operators that turn categories into numbers, or into others.

use std::borrow::Cow;
use std::collections::HashMap;

use super::file::Node;
use super::matrix::{Cells, Matrix};

/// What a cell may be looked up by: equal cells have equal keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Text(String),
    Number(u64),
}

impl Key {
    fn of_number(x: f64) -> Self {
        // Both zeros are one, and so are all NaN.
        Self::Number(if x.is_nan() { f64::NAN.to_bits() } else { (x + 0.0).to_bits() })
    }
}

fn keys(matrix: &Matrix) -> Vec<Key> {
    match &matrix.cells {
        Cells::Numbers(cells) => cells.iter().map(|&x| Key::of_number(f64::from(x))).collect(),
        Cells::Wholes(cells) => cells.iter().map(|&x| Key::of_number(x as f64)).collect(),
        Cells::Texts(cells) => {
            cells.iter().map(|text| Key::Text(text.clone().into_owned())).collect()
        }
    }
}

/// `OneHotEncoder`: a column for each category.
pub(super) struct OneHot {
    places: HashMap<Key, usize>,
    categories: usize,
    /// Unknown values leave all columns at 0; else they are an error.
    allows_unknown: bool,
}

impl OneHot {
    pub fn read(node: &Node) -> Self {
        let texts = node.texts("cats_strings").into_iter().map(Key::Text);
        let wholes = node.wholes("cats_int64s").into_iter().map(|x| Key::of_number(x as f64));
        let all: Vec<Key> = texts.chain(wholes).collect();
        let categories = all.len();
        let places = all.into_iter().zip(0..).collect();
        Self { places, categories, allows_unknown: node.whole("zeros", 1) != 0 }
    }

    /// Columns for `inputs` cells.
    pub fn width(&self, inputs: usize) -> usize {
        inputs.saturating_mul(self.categories)
    }

    pub fn apply<'a>(&self, matrix: &Matrix) -> Result<Matrix<'a>, String> {
        let cells = keys(matrix);
        let mut hot = vec![0.0; cells.len() * self.categories];
        for (key, columns) in cells.iter().zip(hot.chunks_mut(self.categories.max(1))) {
            match self.places.get(key).and_then(|&place| columns.get_mut(place)) {
                Some(column) => *column = 1.0,
                None if self.allows_unknown => {}
                None => return Err("it got a category that it does not know".to_owned()),
            }
        }
        Ok(Matrix::numbers(self.width(matrix.width), hot))
    }
}

/// `LabelEncoder`: another value for each value.
pub(super) struct Label {
    places: HashMap<Key, usize>,
    values: Found,
}

/// The values by place, and the one for what is not found.
enum Found {
    Numbers(Vec<f32>, f32),
    Wholes(Vec<i64>, i64),
    Texts(Vec<String>, String),
}

impl Label {
    pub fn read(node: &Node) -> Result<Self, String> {
        let fallback = node.text("default_string");
        let fallback = if fallback.is_empty() { "_Unused" } else { fallback }.to_owned();
        let whole = node.whole("default_int64", -1);
        let classes = node.texts("classes_strings");
        if !classes.is_empty() {
            return Err("it is in the form of version 1; export the graph again".to_owned());
        }
        let texts = node.texts("keys_strings").into_iter().map(Key::Text);
        let wholes = node.wholes("keys_int64s").into_iter().map(|x| Key::of_number(x as f64));
        let floats = node.numbers("keys_floats").into_iter().map(Key::of_number);
        let mut keys: Vec<Key> = texts.chain(wholes).chain(floats).collect();
        if keys.is_empty() {
            let texts = node.texts("keys_tensor").into_iter().map(Key::Text);
            keys =
                texts.chain(node.numbers("keys_tensor").into_iter().map(Key::of_number)).collect();
        }
        let floats = node.floats("values_floats");
        let wholes = node.wholes("values_int64s");
        let texts = node.texts("values_strings");
        let values = if !floats.is_empty() {
            Found::Numbers(floats, node.float("default_float", 0.0))
        } else if !wholes.is_empty() {
            Found::Wholes(wholes, whole)
        } else if !texts.is_empty() {
            Found::Texts(texts, fallback)
        } else {
            Self::of_tensor(node, fallback)
        };
        Ok(Self { places: keys.into_iter().zip(0..).collect(), values })
    }

    fn of_tensor(node: &Node, fallback: String) -> Found {
        use super::file::Values;
        let tensor = |name: &str| node.get(name).and_then(|attribute| attribute.tensor.as_ref());
        let default = tensor("default_tensor");
        match tensor("values_tensor").map(|tensor| (&tensor.values, tensor)) {
            Some((Values::Texts(texts), _)) => Found::Texts(texts.clone(), fallback),
            Some((Values::Wholes(wholes), _)) => {
                let default = default.and_then(|tensor| tensor.wholes().first().copied());
                Found::Wholes(wholes.clone(), default.unwrap_or(-1))
            }
            Some((Values::Numbers(numbers), _)) => {
                let default = default.and_then(|tensor| tensor.numbers().first().copied());
                let numbers = numbers.iter().map(|&x| x as f32).collect();
                Found::Numbers(numbers, default.unwrap_or(0.0) as f32)
            }
            None => Found::Wholes(Vec::new(), -1),
        }
    }

    pub fn apply<'a>(&'a self, matrix: &Matrix) -> Matrix<'a> {
        let keys = keys(matrix);
        let places = keys.iter().map(|key| self.places.get(key).copied());
        let cells = match &self.values {
            Found::Numbers(values, default) => Cells::Numbers(looked_up(places, values, *default)),
            Found::Wholes(values, default) => Cells::Wholes(looked_up(places, values, *default)),
            Found::Texts(values, default) => Cells::Texts(
                places
                    .map(|place| place.and_then(|place| values.get(place)).unwrap_or(default))
                    .map(|text| Cow::Borrowed(text.as_str()))
                    .collect(),
            ),
        };
        Matrix { width: matrix.width, cells }
    }
}

fn looked_up<T: Copy>(
    places: impl Iterator<Item = Option<usize>>,
    values: &[T],
    default: T,
) -> Vec<T> {
    places
        .map(|place| place.and_then(|place| values.get(place)).copied().unwrap_or(default))
        .collect()
}
