//! Does a card fit together? Every contradiction is found, each with its place.

use std::path::{Component, Path};

use super::card::{Card, Input, Kind, TaskKind};

impl Card {
    /// Everything that contradicts itself, each with its place in the card.
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.name.trim().is_empty() {
            found.push("`name` is empty".to_owned());
        }
        if !(0.0..=1.0).contains(&self.threshold) {
            found.push(format!("`threshold` is {}; it must lie between 0 and 1", self.threshold));
        }
        let files = [("weights", Some(&self.weights)), ("head", self.head.as_ref())];
        for (field, file) in files.into_iter().filter_map(|(field, file)| Some((field, file?))) {
            if !stays_inside(file) {
                found.push(format!(
                    "`{field}` is `{file}`; it must name a file inside the model's folder"
                ));
            }
        }
        self.class_problems(&mut found);
        if self.inputs.is_empty() {
            found.push("there is no [[inputs]] entry".to_owned());
        }
        if matches!(self.kind, Kind::Text | Kind::Encoder) && self.inputs.len() > 1 {
            found.push("models of this kind read one [[inputs]] entry".to_owned());
        }
        for (index, input) in self.inputs.iter().enumerate() {
            let place = format!("input {} (`{}`)", index + 1, input.column());
            let problems = input.problems(self.kind);
            found.extend(problems.into_iter().map(|problem| format!("{place}: {problem}")));
        }
        match self.kind {
            Kind::Mlp if self.layers.is_empty() => {
                found.push("there is no [[layers]] entry".to_owned());
            }
            Kind::Encoder if self.layers.is_empty() || self.head.is_none() => found.push(
                "an encoder needs a head: `head` names its file, [[layers]] its tensors".to_owned(),
            ),
            Kind::Generate => match &self.generate {
                Some(generate) => found.extend(generate.problems(self)),
                None => found.push("there is no [generate] part with a `prompt`".to_owned()),
            },
            Kind::Layers if self.stack.is_empty() => {
                found.push("there is no [[stack]] entry".to_owned());
            }
            _ => {}
        }
        if !self.output.scale.is_finite() || !self.output.offset.is_finite() {
            found.push("`output.scale` and `output.offset` must be finite numbers".to_owned());
        }
        found
    }

    fn class_problems(&self, found: &mut Vec<String>) {
        let n = self.classes.len();
        match self.task {
            TaskKind::Binary if n != 0 && n != 2 => found.push(format!(
                "`classes` names {n} values; a binary model has two, negative then positive"
            )),
            TaskKind::Multiclass if n < 2 => found.push(format!(
                "`classes` names {n} values; name all classes in the order of the outputs"
            )),
            TaskKind::Multiclass if n >= usize::from(u16::MAX) => {
                found.push(format!("`classes` names {n} values; that is more than can be counted"));
            }
            TaskKind::Regression if n != 0 => {
                found.push("`classes` has no meaning for regression; remove it".to_owned());
            }
            _ => {}
        }
        if let Some(twice) = repeated(&self.classes) {
            found.push(format!("`classes` names `{twice}` twice"));
        }
    }
}

impl Input {
    fn problems(&self, kind: Kind) -> Vec<String> {
        let mut found = Vec::new();
        if self.column().is_empty() {
            found.push("`column` is empty".to_owned());
        }
        match self {
            Self::Image(_) if !matches!(kind, Kind::Layers | Kind::Vision | Kind::Onnx) => {
                found.push("images are read by the kinds `layers`, `vision` and `onnx`".to_owned());
            }
            Self::Text { .. } if !reads_texts(kind) && kind != Kind::Onnx => {
                let kinds = "`text`, `encoder`, `generate` and `onnx`";
                found.push(format!("texts are read by the kinds {kinds}"));
            }
            Self::Text { .. } => {}
            _ if reads_texts(kind) => {
                found.push("models of this kind read columns of kind `text`".to_owned());
            }
            Self::Image(image) => found.extend(image.problems(kind != Kind::Vision)),
            Self::Number { impute, mean, std, .. } => {
                if !mean.is_finite() || impute.is_some_and(|x| !x.is_finite()) {
                    found.push("`mean` and `impute` must be finite numbers".to_owned());
                }
                if !(std.is_finite() && *std > 0.0) {
                    found.push(format!("`std` is {std}; it must be above 0"));
                }
            }
            Self::Category { categories, .. } | Self::Code { categories, .. } => {
                if categories.is_empty() {
                    found.push("`categories` is empty".to_owned());
                }
                if let Some(twice) = repeated(categories) {
                    found.push(format!("`categories` names `{twice}` twice"));
                }
            }
        }
        found
    }
}

/// Whether models of this kind read texts and nothing else.
fn reads_texts(kind: Kind) -> bool {
    matches!(kind, Kind::Text | Kind::Encoder | Kind::Generate)
}

/// True for a relative path without `..`, whatever the platform's separator.
pub(super) fn stays_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains('\\')
        && !path.contains(':')
        && Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

fn repeated(names: &[String]) -> Option<&str> {
    let mut sorted: Vec<&str> = names.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    sorted.windows(2).find_map(|pair| match pair {
        [a, b] if a == b => Some(*a),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::fixture::card;

    #[test]
    fn every_problem_is_listed_with_its_place() {
        let mut card = card();
        card.weights = "../other/model.safetensors".to_owned();
        card.threshold = f32::NAN;
        card.classes = vec!["a".to_owned(); 2];
        card.inputs.push(Input::Category { column: "term".to_owned(), categories: Vec::new() });
        card.inputs.push(Input::Number {
            column: "age".to_owned(),
            impute: None,
            log1p: false,
            mean: 0.0,
            std: 0.0,
        });
        let found = card.problems().join("\n");
        for part in
            ["threshold", "[[layers]]", "`weights`", "`a` twice", "input 2 (`term`)", "`std` is 0"]
        {
            assert!(found.contains(part), "{part} is not in\n{found}");
        }
    }

    #[test]
    fn weights_stay_inside_their_folder() {
        for inside in ["model.safetensors", "sub/w.safetensors", "./w"] {
            assert!(stays_inside(inside), "{inside}");
        }
        for outside in ["", "/etc/passwd", "../w", "a/../../w", "C:\\w", "a\\..\\w"] {
            assert!(!stays_inside(outside), "{outside}");
        }
    }
}
