//! What a card says about a language model: the prompt, and how its answer counts.

use serde::{Deserialize, Serialize};

use crate::models::card::{Card, TaskKind};

/// The `[generate]` part of a card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    /// What the model goes on from; `{column}` stands for the row's text in that column.
    pub prompt: String,
    #[serde(default)]
    pub answer: AnswerBy,
    /// What the model would write for each class; empty: a space and the class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// The class of an answer by `text` that is none of the choices; empty: the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// The tokens of a written answer, at most.
    #[serde(default = "few")]
    pub most_tokens: usize,
}

/// How an answer counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerBy {
    /// By the likelihood of each choice after the prompt: a classification.
    #[default]
    Choices,
    /// By what is written, which must be a choice: a classification.
    Text,
    /// By the number of tokens that are written: a regression, for those who only want times.
    Length,
}

fn few() -> usize {
    32
}

/// The most tokens of an answer that a card may ask for.
const MOST_TOKENS: usize = 4096;

impl Generate {
    /// Everything that contradicts itself in a card whose part this is.
    pub fn problems(&self, card: &Card) -> Vec<String> {
        let mut found = Vec::new();
        for input in &card.inputs {
            if !self.prompt.contains(&place_of(input.column())) {
                found.push(format!(
                    "`generate.prompt` does not mention the input `{{{}}}`",
                    input.column()
                ));
            }
        }
        let is_classification = card.task != TaskKind::Regression;
        match self.answer {
            AnswerBy::Length if is_classification => {
                found.push(
                    "answers by `length` are numbers: `task` must be `regression`".to_owned(),
                );
            }
            AnswerBy::Choices | AnswerBy::Text if !is_classification => {
                found
                    .push("answers by `choices` and `text` are classes, not regression".to_owned());
            }
            AnswerBy::Choices | AnswerBy::Text if card.classes.is_empty() => {
                found.push("`classes` is empty; it names what the model may answer".to_owned());
            }
            _ => {}
        }
        let (choices, classes) = (self.choices.len(), card.classes.len());
        if choices != 0 && choices != classes {
            found.push(format!("`generate.choices` has {choices} entries for {classes} classes"));
        }
        if self.choices.iter().any(String::is_empty) {
            found.push("`generate.choices` has an empty entry".to_owned());
        }
        if let Some(class) = self.otherwise.as_ref().filter(|class| !card.classes.contains(class)) {
            found.push(format!("`generate.otherwise` is `{class}`, which is no class"));
        }
        if !(1..=MOST_TOKENS).contains(&self.most_tokens) {
            found.push(format!("`generate.most_tokens` must lie between 1 and {MOST_TOKENS}"));
        }
        found
    }

    /// What the model would write for each class.
    pub fn choices(&self, card: &Card) -> Vec<String> {
        if self.choices.is_empty() {
            card.classes.iter().map(|class| format!(" {class}")).collect()
        } else {
            self.choices.clone()
        }
    }
}

/// How a prompt mentions a column.
fn place_of(column: &str) -> String {
    format!("{{{column}}}")
}

/// The prompt with each column's text in its place. Texts are put in once: what looks like a place
/// inside a text stays as it is.
pub(super) fn filled(prompt: &str, cells: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(prompt.len());
    let mut rest = prompt;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let found = cells
            .iter()
            .find_map(|(column, cell)| Some((cell, from.strip_prefix(place_of(column).as_str())?)));
        rest = match found {
            Some((cell, after)) => {
                text.push_str(cell);
                after
            }
            None => {
                text.push('{');
                from.get(1..).unwrap_or_default()
            }
        };
    }
    text.push_str(rest);
    text
}

/// The first card's part for a model, with the turns of a conversation if it knows their marks.
pub(super) fn proposed(column: &str, knows_turns: bool) -> Generate {
    let question = format!("{}\nAnswer yes or no.", place_of(column));
    let prompt = match knows_turns {
        true => format!("<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n"),
        false => format!("{question}\nAnswer:"),
    };
    let choices = if knows_turns { vec!["No".to_owned(), "Yes".to_owned()] } else { Vec::new() };
    let (answer, otherwise, most_tokens) = (AnswerBy::Choices, None, few());
    Generate { prompt, answer, choices, otherwise, most_tokens }
}
