//! A first card for a model that has none, from what its file tells.

use std::path::Path;

use super::card::{Activation, Card, ImageInput, Input, Kind, Layer, Output, TaskKind};
use super::error::Error;
use super::format::{Format, model_in};
use super::model::no_card;
use super::weights::{self, Weights};
use super::{generate, onnx, shards, text, trees, vision};

/// What the data tells about the models that are made for it.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Lists of columns of numbers: if a model's file tells no names, those of the first list are
    /// taken that has as many as the model reads.
    pub numbers: Vec<Vec<String>>,
    /// Columns of texts, the likeliest first.
    pub texts: Vec<String>,
    /// Columns of images, the likeliest first.
    pub images: Vec<String>,
    /// What the label calls the classes, in the usual order of outputs; empty if it is not known.
    pub classes: Vec<String>,
}

/// The text of a card for a model's file, or for the folder of one, to be completed by hand. What
/// neither the file nor the data tells is guessed: mostly column names, classes and the task.
///
/// # Errors
/// If there is no file of a known format, or it is damaged.
pub fn propose_card(path: &Path, hints: &Hints) -> Result<String, Error> {
    let (note, card) = proposed(path, hints)?;
    let card = Card { name: name_of(path), classes: named_classes(card.classes, hints), ..card };
    let mut text = String::new();
    for line in note.lines() {
        text.push_str(&format!("# {line}\n"));
    }
    match toml::to_string(&card) {
        Ok(card) => Ok(text + &card),
        Err(fault) => Err(Error::weights(format!("No card can be written: {fault}"), path)),
    }
}

/// Of the file, or else of the folder.
fn name_of(path: &Path) -> String {
    let name = if path.is_file() { path.file_stem() } else { path.file_name() };
    name.map_or_else(|| "Model".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// The label's names for classes, if the model has as many: by the model's order where its own names
/// differ in nothing but capitals, in the label's where it has none of them.
fn named_classes(told: Vec<String>, hints: &Hints) -> Vec<String> {
    let spelt = |class: &String| {
        let lower = class.to_lowercase();
        hints.classes.iter().find(|known| known.to_lowercase() == lower).cloned()
    };
    let spelt: Vec<Option<String>> = told.iter().map(spelt).collect();
    if told.len() != hints.classes.len() || told.iter().all(|class| hints.classes.contains(class)) {
        told
    } else if spelt.iter().all(Option::is_none) {
        hints.classes.clone()
    } else {
        told.into_iter().zip(spelt).map(|(own, spelt)| spelt.unwrap_or(own)).collect()
    }
}

/// A card, and what is left to do with it, in lines.
fn proposed(path: &Path, hints: &Hints) -> Result<(&'static str, Card), Error> {
    if let Some((folder, weights)) = hugging_face_folder(path) {
        if let Some(classes) = vision::classes_of(folder)? {
            return Ok(vision_card(weights, classes, hints));
        }
        if let Some(told) = text::told(folder)? {
            return text_card(folder, weights, told, hints);
        }
    }
    let Some((file, format)) = model_in(path) else { return Err(no_card(path)) };
    let damaged = |problem: String| Error::weights(problem, &file);
    let read = |limit| weights::read_bounded(&file, "model", limit);
    let (kind, told) = match format {
        Format::Tensors => return dense_card(&file, hints),
        Format::Gguf => return generate_card(&file, hints),
        Format::Onnx => {
            let bytes = read(onnx::MOST_BYTES)?;
            (Kind::Onnx, onnx::told(&bytes).map_err(damaged)?)
        }
        Format::Xgboost => {
            let bytes = read(trees::MOST_BYTES)?;
            (Kind::Xgboost, trees::xgboost::read(&bytes).map_err(damaged)?.1)
        }
        Format::Lightgbm => {
            let bytes = read(trees::MOST_BYTES)?;
            (Kind::Lightgbm, trees::lightgbm::read(&bytes).map_err(damaged)?.1)
        }
    };
    let inputs = named(told.inputs, hints);
    let card = Card { inputs, ..empty_card(&file, kind, told.task, told.classes) };
    let note = match card.inputs.as_slice() {
        [Input::Image(_)] => {
            "Proposed from the file. Put in the classes as the label writes them, and `mean` and\n\
             `std` where pixels are standardised."
        }
        _ => "Proposed from the file. Put in the classes as the label writes them.",
    };
    Ok((note, card))
}

/// The folder that may be one of Hugging Face, with its weights: the path, or where it is the weights
/// of such a folder.
fn hugging_face_folder(path: &Path) -> Option<(&Path, &Path)> {
    if path.is_dir() {
        return Some((path, shards::usual_in(path).as_ref()));
    }
    let name = path.file_name().filter(|name| shards::is_usual(name))?;
    Some((path.parent()?, name.as_ref()))
}

/// A card for a language model: the question and its answers are left to say.
fn generate_card(file: &Path, hints: &Hints) -> Result<(&'static str, Card), Error> {
    let column = hints.texts.first().map_or("text", String::as_str);
    let bytes = weights::read_bounded(file, "model", generate::MOST_BYTES)?;
    let generate = generate::told(bytes, file, column)?;
    let classes = vec!["no".to_owned(), "yes".to_owned()];
    let card = Card {
        inputs: vec![Input::Text { column: column.to_owned() }],
        generate: Some(generate),
        ..empty_card(file, Kind::Generate, TaskKind::Binary, classes)
    };
    let note = "Proposed for a language model. Put in what is asked of it, and what it would write \
                for each class.";
    Ok((note, card))
}

/// A card for tensors that are a chain of dense layers.
fn dense_card(file: &Path, hints: &Hints) -> Result<(&'static str, Card), Error> {
    let bytes = weights::read(file)?;
    let shapes = Weights::parse(&bytes, file)?.shapes();
    let (layers, inputs, outputs) =
        chain(&shapes).map_err(|message| Error::weights(message, file))?;
    let (task, classes) = guessed(outputs);
    let card = Card {
        inputs: named((1..=inputs).map(Input::nameless).collect(), hints),
        layers,
        ..empty_card(file, Kind::Mlp, task, classes)
    };
    let note = "Proposed from the shapes of the tensors. Put in the columns, with `mean` and `std`\n\
                where they are standardised, the classes, the task and the activations.";
    Ok((note, card))
}

/// A card without inputs and a name.
fn empty_card(file: &Path, kind: Kind, task: TaskKind, classes: Vec<String>) -> Card {
    Card {
        name: String::new(),
        kind,
        task,
        threshold: 0.5,
        classes,
        weights: file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        description: String::new(),
        licence: String::new(),
        origin: String::new(),
        inputs: Vec::new(),
        head: None,
        layers: Vec::new(),
        stack: Vec::new(),
        generate: None,
        output: Output::default(),
    }
}

/// Gives inputs without a name those of the columns, if there are as many.
fn named(inputs: Vec<Input>, hints: &Hints) -> Vec<Input> {
    if let ([Input::Text { .. }], Some(column)) = (inputs.as_slice(), hints.texts.first()) {
        return vec![Input::Text { column: column.clone() }];
    }
    if let ([Input::Image(image)], Some(column)) = (inputs.as_slice(), hints.images.first()) {
        return vec![Input::Image(ImageInput { column: column.clone(), ..image.clone() })];
    }
    let is_nameless = (1..).zip(&inputs).all(|(number, input)| *input == Input::nameless(number));
    let mut lists = hints.numbers.iter();
    let fitting = lists.find(|names| is_nameless && names.len() == inputs.len());
    fitting.map_or(inputs, |names| names.iter().cloned().map(Input::plain).collect())
}

/// A card for a folder of a known image classifier: only the column is left to say.
fn vision_card(weights: &Path, classes: Vec<String>, hints: &Hints) -> (&'static str, Card) {
    let column = hints.images.first().map_or("image", String::as_str);
    let card = Card {
        inputs: vec![Input::Image(ImageInput::of_sides(column, 0, 0, 1))],
        ..empty_card(weights, Kind::Vision, TaskKind::Multiclass, classes)
    };
    let note = "Proposed from config.json. Put in the column of images, and the classes as the \
                label writes them.";
    (note, card)
}

/// A card for a Hugging Face folder of a text model.
fn text_card(
    folder: &Path,
    weights: &Path,
    told: text::Told,
    hints: &Hints,
) -> Result<(&'static str, Card), Error> {
    let column = hints.texts.first().map_or("text", String::as_str).to_owned();
    let card = Card {
        inputs: vec![Input::Text { column }],
        ..empty_card(weights, told.kind, told.task, told.classes)
    };
    if card.kind == Kind::Encoder {
        let head = told.head.unwrap_or_else(|| "head.safetensors".to_owned());
        let note = "Proposed for an encoder of sentences. Put in the column of texts, the file of a \
                    linear head\nwith its tensors (outputs × inputs), the classes and the task.";
        return Ok((note, with_head(card, folder, head)?));
    }
    let note = "Proposed from config.json. Put in the column of texts, and the classes as the label \
                writes them.";
    Ok((note, card))
}

/// The card of a sentence encoder with the layers of its head: those in the file `head` of its
/// folder, or one to be filled in.
fn with_head(card: Card, folder: &Path, head: String) -> Result<Card, Error> {
    let path = folder.join(&head);
    if !path.is_file() {
        let (weight, bias) = ("weight".to_owned(), Some("bias".to_owned()));
        let layers = vec![Layer { weight, bias, activation: Activation::None }];
        return Ok(Card { head: Some(head), layers, ..card });
    }
    let bytes = weights::read(&path)?;
    let (layers, _, outputs) = chain(&Weights::parse(&bytes, &path)?.shapes())
        .map_err(|message| Error::weights(message, &path))?;
    let (task, classes) = guessed(outputs);
    Ok(Card { head: Some(head), layers, task, classes, ..card })
}

/// The task of a model with so many outputs, and names for its classes.
fn guessed(outputs: usize) -> (TaskKind, Vec<String>) {
    let task = if outputs == 1 { TaskKind::Binary } else { TaskKind::Multiclass };
    (task, (0..outputs.max(2)).map(|class| class.to_string()).collect())
}

/// Dense layers in the order of their names, with the first one's inputs and the last's outputs.
fn chain(shapes: &[(String, Vec<usize>)]) -> Result<(Vec<Layer>, usize, usize), String> {
    /// Wider first layers are not tables.
    const WIDEST: usize = 10_000;
    let list = || {
        let shown: Vec<String> =
            shapes.iter().take(12).map(|(name, shape)| format!("{name} {shape:?}")).collect();
        format!("{}{}", shown.join(", "), if shapes.len() > shown.len() { ", …" } else { "" })
    };
    let fail = || format!("The tensors are no chain of dense layers: {}", list());
    let weights: Vec<(&str, usize, usize)> = shapes
        .iter()
        .filter_map(|(name, shape)| match shape.as_slice() {
            &[outputs, inputs] => Some((name.as_str(), outputs, inputs)),
            _ => None,
        })
        .collect();
    let linked = weights.windows(2).all(|pair| matches!(pair, [a, b] if a.1 == b.2));
    let (Some(&(_, _, inputs)), Some(&(_, outputs, _))) = (weights.first(), weights.last()) else {
        return Err(fail());
    };
    let mut layers = Vec::with_capacity(weights.len());
    for (index, (name, rows, _)) in weights.iter().enumerate() {
        let bias = name.replace("weight", "bias");
        let has_bias = shapes.iter().any(|(known, shape)| *known == bias && *shape == [*rows]);
        let hidden = index + 1 < weights.len();
        layers.push(Layer {
            weight: (*name).to_owned(),
            bias: has_bias.then_some(bias),
            activation: if hidden { Activation::Relu } else { Activation::None },
        });
    }
    let used = weights.len() + layers.iter().filter(|layer| layer.bias.is_some()).count();
    if linked && used == shapes.len() && inputs <= WIDEST && outputs <= WIDEST {
        Ok((layers, inputs, outputs))
    } else {
        Err(fail())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{folder, tensor};
    use super::*;
    use crate::models::{DeviceChoice, open};

    #[test]
    fn proposed_cards_open() {
        let dir = folder(
            "",
            &[
                tensor("0.weight", &[3, 2], &[0.5; 6]),
                tensor("0.bias", &[3], &[0.0; 3]),
                tensor("2.weight", &[1, 3], &[1.0; 3]),
            ],
        );
        let card = dir.path().join("card.toml");
        std::fs::remove_file(&card).unwrap();
        let fault = open(dir.path(), &DeviceChoice::Cpu).unwrap_err();
        assert!(fault.to_string().contains("model inspect"), "{fault}");
        std::fs::write(&card, propose_card(dir.path(), &Hints::default()).unwrap()).unwrap();
        let model = open(dir.path(), &DeviceChoice::Cpu).unwrap();
        assert_eq!(model.describe(), "2-3-1, 12 parameters");
        assert_eq!(model.card().layers[0].bias.as_deref(), Some("0.bias"));
    }

    #[test]
    fn classes_keep_the_models_order_where_the_label_only_writes_them_otherwise() {
        let named = |told: &[&str], label: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            named_classes(owned(told), &Hints { classes: owned(label), ..Hints::default() })
        };
        assert_eq!(
            named(&["POSITIVE", "NEGATIVE"], &["negative", "positive"]),
            ["positive", "negative"]
        );
        assert_eq!(named(&["LABEL_0", "LABEL_1"], &["no", "yes"]), ["no", "yes"]);
        assert_eq!(named(&["spam", "ham"], &["ham", "spam"]), ["spam", "ham"]);
    }

    #[test]
    fn folders_of_image_classifiers_get_their_classes() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/models/vision");
        for name in ["vit", "mobilenetv4"] {
            let card = propose_card(&root.join(name), &Hints::default()).unwrap();
            let card = Card::from_toml(&card).unwrap();
            assert_eq!(card.problems(), Vec::<String>::new());
            assert_eq!(
                (card.kind, card.classes.join(" ")),
                (Kind::Vision, "ant bee cat dog".into())
            );
        }
    }

    #[test]
    fn folders_of_text_models_get_their_labels_and_the_column() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/models/text");
        let hints = Hints { texts: vec!["message".to_owned()], ..Hints::default() };
        let read = |name: &str| {
            let card = propose_card(&root.join(name), &hints).unwrap();
            let card = Card::from_toml(&card).unwrap();
            assert_eq!(card.problems(), Vec::<String>::new());
            assert!(card.reads("message"));
            card
        };
        let card = read("distilbert");
        assert_eq!((card.kind, card.task), (Kind::Text, TaskKind::Multiclass));
        assert_eq!(card.classes, ["bill", "offer", "other"]);
        let card = read("bert_regression");
        assert_eq!((card.task, card.classes.len()), (TaskKind::Regression, 0));
        let card = read("encoder");
        assert_eq!((card.kind, card.task), (Kind::Encoder, TaskKind::Multiclass));
        assert_eq!((card.head.as_deref(), card.layers.len()), (Some("head.safetensors"), 1));
    }

    #[test]
    fn tensors_of_other_models_are_listed() {
        let dir = folder("", &[tensor("conv.weight", &[1, 1, 2], &[0.0; 2])]);
        let fault = propose_card(dir.path(), &Hints::default()).unwrap_err();
        assert!(fault.to_string().contains("conv.weight [1, 1, 2]"), "{fault}");
    }
}
