//! The card of a model: what it reads, its layers, and what its outputs mean. A `card.toml`.

use serde::{Deserialize, Deserializer, Serialize};

pub use super::generate::{AnswerBy, Generate};
pub use super::vision::{ImageInput, Step};
use crate::domain::{Task, TomlFault, toml_text};

/// What a `card.toml` says. See `sample_data` for complete ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// What people call the model.
    pub name: String,
    pub kind: Kind,
    pub task: TaskKind,
    /// For yes or no: from this probability on the answer is yes.
    #[serde(default = "half")]
    pub threshold: f32,
    /// For yes or no the label's negative and positive value, for classes all in output order.
    #[serde(default, deserialize_with = "texts")]
    pub classes: Vec<String>,
    /// The file of the weights, inside the folder.
    #[serde(default = "default_weights")]
    pub weights: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, alias = "license", skip_serializing_if = "String::is_empty")]
    pub licence: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub origin: String,
    /// The columns that the model reads, in the order of its first layer.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// The file of the layers behind a sentence encoder, inside the folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// From the inputs to the outputs, or of kind `encoder` from the sentence's numbers; only of
    /// kinds that are built from layers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Layer>,
    /// From the image to the outputs, of kind `layers`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<Step>,
    /// What is asked of a model of kind `generate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate: Option<Generate>,
    #[serde(default, skip_serializing_if = "Output::is_default")]
    pub output: Output,
}

/// The family of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A multi-layer perceptron; without hidden layers it is linear or logistic regression.
    Mlp,
    /// A stack of layers over images, described by the card's `[[stack]]`.
    Layers,
    /// A folder of an image classifier as Hugging Face or timm writes it.
    Vision,
    /// A Hugging Face folder of a text model with a head for classification or regression.
    Text,
    /// A Hugging Face folder of a sentence encoder, with the card's `[[layers]]` behind it.
    Encoder,
    /// A language model of the Llama family in a GGUF file.
    Generate,
    /// An ONNX graph: of scikit-learn's or a tree library's converter, or of a neural network.
    Onnx,
    /// XGBoost's JSON or UBJSON.
    Xgboost,
    /// LightGBM's text.
    Lightgbm,
}

/// What kind of question the model answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    Binary,
    Multiclass,
    Regression,
}

/// One column that the model reads, and how its values become numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Input {
    /// `(x - mean) / std`, after the logarithm if there is one.
    Number {
        column: String,
        /// Stands in for a missing number; empty: a missing number counts as the mean, or stays
        /// missing for trees and pipelines, which know what to do with it.
        #[serde(default)]
        impute: Option<f64>,
        /// First take `ln(1 + max(x, 0))`.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        log1p: bool,
        #[serde(default, skip_serializing_if = "is_zero")]
        mean: f64,
        #[serde(default = "one", skip_serializing_if = "is_one")]
        std: f64,
    },
    /// One input per category, 1 where the value is that category; unknown and missing values
    /// leave all of them at 0.
    Category {
        column: String,
        #[serde(deserialize_with = "texts")]
        categories: Vec<String>,
    },
    /// One input: the place of the value among the categories, from 0; unknown and missing values
    /// are missing. So tree libraries number categories.
    Code {
        column: String,
        #[serde(deserialize_with = "texts")]
        categories: Vec<String>,
    },
    /// A text, taken as it is.
    Text { column: String },
    /// A whole image.
    Image(ImageInput),
}

/// One dense layer: `activation(x · weightᵀ + bias)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// The tensor of shape outputs × inputs.
    pub weight: String,
    /// The tensor of one number per output.
    #[serde(default)]
    pub bias: Option<String>,
    #[serde(default)]
    pub activation: Activation,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    #[default]
    None,
    Relu,
    /// The exact form with the error function, as PyTorch's default.
    Gelu,
    Tanh,
    Sigmoid,
}

/// What happens to the last layer's numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Output {
    /// Empty: what the task asks for (sigmoid, softmax, or none for regression).
    pub activation: Option<OutputActivation>,
    /// Regression: the answer is `output * scale + offset`.
    pub scale: f64,
    pub offset: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputActivation {
    None,
    Sigmoid,
    Softmax,
}

impl Default for Output {
    fn default() -> Self {
        Self { activation: None, scale: 1.0, offset: 0.0 }
    }
}

impl Output {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

fn half() -> f32 {
    0.5
}

fn one() -> f64 {
    1.0
}

/// serde asks with a reference.
fn is_zero(x: &f64) -> bool {
    *x == 0.0
}

fn is_one(x: &f64) -> bool {
    *x == 1.0
}

fn default_weights() -> String {
    "model.safetensors".to_owned()
}

/// Texts, where numbers and true or false are taken as they print: labels are often 0 and 1.
fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a text, a number, or true or false")]
    enum Value {
        Text(String),
        Bool(bool),
        Whole(i64),
        Number(f64),
    }
    let values = Vec::<Value>::deserialize(from)?;
    Ok(values
        .into_iter()
        .map(|value| match value {
            Value::Text(text) => text,
            Value::Bool(flag) => flag.to_string(),
            Value::Whole(number) => number.to_string(),
            Value::Number(number) => number.to_string(),
        })
        .collect())
}

impl Card {
    /// Reads TOML without checking that it fits together; see [`Card::problems`].
    ///
    /// # Errors
    /// If the text is not TOML, or a field is missing, unknown or of the wrong type.
    pub fn from_toml(text: &str) -> Result<Self, TomlFault> {
        toml_text::read(text)
    }

    /// The task in the program's own words.
    pub fn task(&self) -> Task {
        match self.task {
            TaskKind::Binary => Task::Binary,
            TaskKind::Multiclass => Task::Multiclass { classes: self.classes.clone() },
            TaskKind::Regression => Task::Regression,
        }
    }

    /// The label's value that a yes stands for, where the card says so.
    pub fn positive(&self) -> Option<&str> {
        match (self.task, self.classes.as_slice()) {
            (TaskKind::Binary, [_, positive]) => Some(positive),
            _ => None,
        }
    }

    /// The numbers that the first layer reads for one row.
    pub fn width(&self) -> usize {
        self.inputs.iter().map(Input::width).sum()
    }

    /// True if the model reads this column.
    pub fn reads(&self, column: &str) -> bool {
        self.inputs.iter().any(|input| input.column() == column)
    }

    /// What happens to the model's outputs, of which there are `outputs`; nothing by itself if they
    /// are probabilities already.
    pub fn output_activation(&self, outputs: usize, are_probabilities: bool) -> OutputActivation {
        self.output.activation.unwrap_or(match self.task {
            _ if are_probabilities => OutputActivation::None,
            TaskKind::Binary if outputs == 2 => OutputActivation::Softmax,
            TaskKind::Binary => OutputActivation::Sigmoid,
            TaskKind::Multiclass => OutputActivation::Softmax,
            TaskKind::Regression => OutputActivation::None,
        })
    }
}

impl Kind {
    /// The largest difference from the framework that a model came from that is no fault: deeper
    /// networks add more roundings.
    pub fn tolerance(self) -> f64 {
        match self {
            Self::Mlp | Self::Onnx | Self::Xgboost | Self::Lightgbm => 1e-5,
            _ => 1e-4,
        }
    }

    /// Whether models of this kind can run on something else than the processor.
    pub(super) fn knows_accelerators(self) -> bool {
        !matches!(self, Self::Onnx | Self::Xgboost | Self::Lightgbm)
    }
}

impl Input {
    /// A number that is taken as it is.
    pub fn plain(column: String) -> Self {
        Self::Number { column, impute: None, log1p: false, mean: 0.0, std: 1.0 }
    }

    /// A number whose column the model's file does not tell.
    pub(super) fn nameless(number: usize) -> Self {
        Self::plain(format!("column_{number}"))
    }

    pub fn column(&self) -> &str {
        match self {
            Self::Number { column, .. }
            | Self::Category { column, .. }
            | Self::Code { column, .. }
            | Self::Text { column } => column,
            Self::Image(image) => &image.column,
        }
    }

    /// The numbers that it becomes.
    pub fn width(&self) -> usize {
        match self {
            Self::Number { .. } | Self::Code { .. } | Self::Text { .. } => 1,
            Self::Category { categories, .. } => categories.len(),
            Self::Image(image) => image.height * image.width * image.channels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALLEST: &str = r#"
name = "Smallest"
kind = "mlp"
task = "binary"
classes = [0, 1]
[[inputs]]
column = "age"
kind = "number"
mean = 40
[[layers]]
weight = "w"
"#;

    #[test]
    fn defaults_make_the_smallest_card_whole() {
        let card = Card::from_toml(SMALLEST).unwrap();
        assert_eq!(card.problems(), Vec::<String>::new());
        assert_eq!(card.weights, "model.safetensors");
        assert_eq!(card.positive(), Some("1"));
        assert_eq!(card.output_activation(1, false), OutputActivation::Sigmoid);
        assert_eq!(card.output_activation(2, false), OutputActivation::Softmax);
    }

    #[test]
    fn unknown_fields_are_named_with_their_line() {
        let fault = Card::from_toml(&SMALLEST.replace("weight =", "wieght =")).unwrap_err();
        assert!(fault.message.contains("wieght"), "{}", fault.message);
        assert_eq!(fault.line, Some(11));
        let fault = Card::from_toml(&SMALLEST.replace("mean =", "mena =")).unwrap_err();
        assert!(fault.message.contains("mena"), "{}", fault.message);
        assert!(fault.line.is_some());
    }
}
