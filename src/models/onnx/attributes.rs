//! Reading a node's attributes.

use super::file::{Attribute, Node, Tensor, Values};

impl Node {
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.attributes.get(name)
    }

    pub fn whole(&self, name: &str, otherwise: i64) -> i64 {
        self.get(name).and_then(|attribute| attribute.whole).unwrap_or(otherwise)
    }

    pub fn float(&self, name: &str, otherwise: f32) -> f32 {
        self.get(name).and_then(|attribute| attribute.float).unwrap_or(otherwise)
    }

    pub fn text(&self, name: &str) -> &str {
        self.get(name).and_then(|attribute| attribute.text.as_deref()).unwrap_or_default()
    }

    /// A list of whole numbers, or the tensor that holds them.
    pub fn wholes(&self, name: &str) -> Vec<i64> {
        let Some(attribute) = self.get(name) else { return Vec::new() };
        attribute.tensor.as_ref().map_or_else(|| attribute.wholes.clone(), Tensor::wholes)
    }

    /// A list of numbers; or the tensor of this name, or of it and `_as_tensor`.
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        let tensor = |name: &str| self.get(name)?.tensor.as_ref();
        if let Some(tensor) = tensor(name).or_else(|| tensor(&format!("{name}_as_tensor"))) {
            return tensor.numbers();
        }
        let floats = self.get(name).map(|attribute| attribute.floats.as_slice());
        floats.unwrap_or_default().iter().map(|&x| f64::from(x)).collect()
    }

    pub fn floats(&self, name: &str) -> Vec<f32> {
        self.numbers(name).into_iter().map(|x| x as f32).collect()
    }

    pub fn floats_of_wholes(&self, name: &str) -> Vec<f32> {
        self.wholes(name).into_iter().map(|x| x as f32).collect()
    }

    pub fn texts(&self, name: &str) -> Vec<String> {
        let Some(attribute) = self.get(name) else { return Vec::new() };
        match attribute.tensor.as_ref().map(|tensor| &tensor.values) {
            Some(Values::Texts(texts)) => texts.clone(),
            _ => attribute.texts.clone(),
        }
    }

    /// The names of the classes that a classifier or a map of probabilities has.
    pub fn classes(&self) -> Vec<String> {
        let texts = self.texts("classlabels_strings");
        if !texts.is_empty() {
            return texts;
        }
        let numbers = ["classlabels_int64s", "classlabels_ints"].map(|name| self.wholes(name));
        numbers.into_iter().flatten().map(|number| number.to_string()).collect()
    }
}
