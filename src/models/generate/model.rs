//! A language model as a backend: from rows to prompts to scored answers.

use std::borrow::Cow;
use std::path::Path;

use candle_core::Device;
use candle_core::quantized::gguf_file::Value;

use super::answer::{likelihoods, written};
use super::gguf::Gguf;
use super::llama::Llama;
use super::prompt::{AnswerBy, Generate, filled, proposed};
use super::vocabulary::Vocabulary;
use crate::domain::words::count;
use crate::domain::{Table, Values};
use crate::models::backend::{Backend, Bound, Fault};
use crate::models::card::{Card, Input};
use crate::models::error::{Error, did_you_mean};
use crate::models::features::Mismatch;
use crate::models::folder::Folder;

/// The largest file that is read, in bytes.
pub(in crate::models) const MOST_BYTES: u64 = 8 << 30;

/// The mark of a turn in a conversation, of models that know such marks.
const TURN: &str = "<|im_start|>";

/// A model that only chooses writes as well when its tokens are timed: at most so many.
const TIMED_TOKENS: usize = 16;

/// A network with its vocabulary, and what is asked of it.
pub(in crate::models) struct Generator {
    network: Llama,
    vocabulary: Vocabulary,
    asked: Generate,
    /// The tokens and the text of what would be written for each class.
    choices: Vec<(Vec<u32>, String)>,
    /// The class of a written answer that is no choice.
    otherwise: usize,
    description: String,
}

impl Generator {
    /// Opens the GGUF file that the card names.
    pub fn load(card: &Card, folder: &mut Folder, device: &Device) -> Result<Self, Error> {
        let path = folder.file(&card.weights);
        let mut file =
            Gguf::parse(folder.read(&card.weights, "model", MOST_BYTES)?, &path, device)?;
        match file.text("general.architecture") {
            Some("llama") => {}
            other => {
                return Err(file.fail(format!(
                    "The file is of the architecture `{}`; `llama` is read",
                    other.unwrap_or("none")
                )));
            }
        }
        let network = Llama::load(&mut file)?;
        let vocabulary = Vocabulary::load(&file, network.vocabulary())?;
        let asked = card.generate.clone().ok_or_else(|| {
            file.fail("The card has no [generate] part, which says what is asked".to_owned())
        })?;
        let choice = |text: String| {
            let ids = vocabulary.of(&text).map_err(|problem| file.fail(problem))?;
            Ok((ids, text.trim().to_lowercase()))
        };
        let choices = asked.choices(card).into_iter().map(choice).collect::<Result<_, Error>>()?;
        let otherwise = asked.otherwise.as_ref();
        let otherwise = otherwise.and_then(|name| card.classes.iter().position(|c| c == name));
        let description = describe(&file, &network);
        let otherwise = otherwise.unwrap_or(0);
        Ok(Self { network, vocabulary, asked, choices, otherwise, description })
    }

    /// What the model answers to a prompt, as numbers.
    fn answer(&self, prompt: &[u32]) -> Result<Vec<f32>, Fault> {
        if self.asked.answer == AnswerBy::Choices {
            let choices: Vec<Vec<u32>> = self.choices.iter().map(|(ids, _)| ids.clone()).collect();
            return likelihoods(&self.network, prompt, &choices);
        }
        let most = self.asked.most_tokens;
        let ids = written(&self.network, &self.vocabulary, prompt, most, &mut || {})?;
        if self.asked.answer == AnswerBy::Length {
            return Ok(vec![ids.len() as f32]);
        }
        let text = self.vocabulary.text(&ids).map_err(Fault)?.trim().to_lowercase();
        let place = self.choices.iter().position(|(_, choice)| *choice == text);
        let place = place.unwrap_or(self.otherwise);
        Ok((0..self.choices.len()).map(|class| f32::from(class == place)).collect())
    }
}

/// What a file tells for a first card that asks about `column`.
pub(in crate::models) fn told(
    bytes: Vec<u8>,
    path: &Path,
    column: &str,
) -> Result<Generate, Error> {
    let file = Gguf::parse(bytes, path, &Device::Cpu)?;
    let tokens = file.list("tokenizer.ggml.tokens");
    let knows_turns =
        tokens.iter().any(|token| matches!(token, Value::String(text) if text == TURN));
    Ok(proposed(column, knows_turns))
}

fn describe(file: &Gguf, network: &Llama) -> String {
    let slow = match file.slow() {
        [] => String::new(),
        names => format!(
            "; its {} weights have no fast kernel and were made 32-bit numbers: Q8_0 or Q4_K are \
             smaller and faster",
            names.join(" and ")
        ),
    };
    format!(
        "Llama, {} parameters, {} words, texts of up to {} tokens{slow}",
        file.parameters(),
        network.vocabulary(),
        network.longest()
    )
}

impl Backend for Generator {
    fn outputs(&self) -> usize {
        if self.asked.answer == AnswerBy::Length { 1 } else { self.choices.len() }
    }

    fn are_probabilities(&self) -> bool {
        self.asked.answer == AnswerBy::Text
    }

    fn describe(&self) -> String {
        self.description.clone()
    }

    fn rows_per_call(&self) -> usize {
        1
    }

    /// candle's quantised products share one pool that waits by spinning, so two calls at once
    /// would only be in each other's way.
    fn is_shared(&self) -> bool {
        false
    }

    fn bind<'a>(
        &'a self,
        card: &'a Card,
        table: &'a Table,
    ) -> (Box<dyn Bound + 'a>, Vec<Mismatch>) {
        let mut columns = Vec::new();
        let mut mismatches = Vec::new();
        for name in card.inputs.iter().map(Input::column) {
            let mut refuse = |message: String| {
                mismatches.push(Mismatch { column: name.to_owned(), message, blocks: true });
            };
            match table.column(name).map(|column| &column.values) {
                Some(values @ (Values::Text { .. } | Values::Number(_))) => {
                    columns.push((name, values));
                }
                Some(_) => refuse("holds neither texts nor numbers".to_owned()),
                None => {
                    let nearest = did_you_mean(table.nearest_name(name));
                    refuse(format!("is not in the dataset{nearest}"));
                }
            }
        }
        (Box::new(Rows { model: self, columns, rows: table.rows.max(1) }), mismatches)
    }
}

/// A model with a table's columns at hand.
struct Rows<'a> {
    model: &'a Generator,
    columns: Vec<(&'a str, &'a Values)>,
    rows: usize,
}

impl Rows<'_> {
    /// The tokens of a row's prompt.
    fn prompt(&self, row: usize) -> Result<Vec<u32>, Fault> {
        let row = row % self.rows;
        let cells: Vec<(&str, Cow<str>)> =
            self.columns.iter().map(|(name, values)| (*name, cell(values, row))).collect();
        let cells: Vec<(&str, &str)> = cells.iter().map(|(name, cell)| (*name, &**cell)).collect();
        let Generator { network, vocabulary, asked, choices, .. } = self.model;
        let ids = vocabulary.of_prompt(&filled(&asked.prompt, &cells)).map_err(Fault)?;
        let answer = choices.iter().map(|(ids, _)| ids.len()).max().unwrap_or(0);
        let room = network.longest().saturating_sub(answer.max(asked.most_tokens));
        if ids.len() > room {
            return Err(Fault(format!(
                "the prompt of row {} has {}, the model reads {room} beside its answer",
                row + 1,
                count(ids.len(), "token")
            )));
        }
        Ok(ids)
    }
}

impl Bound for Rows<'_> {
    fn ask(&self, first: usize, count: usize) -> Result<Vec<f32>, Fault> {
        let mut answers = Vec::with_capacity(count * self.model.outputs());
        for row in first..first + count {
            answers.extend(self.model.answer(&self.prompt(row)?)?);
        }
        Ok(answers)
    }

    fn write(&self, row: usize, on_token: &mut dyn FnMut()) -> Option<Result<(), Fault>> {
        let Generator { network, vocabulary, asked, .. } = self.model;
        let write = |ids: Vec<u32>| {
            let most = asked.most_tokens.max(TIMED_TOKENS).min(network.longest() - ids.len());
            written(network, vocabulary, &ids, most, on_token)
        };
        Some(self.prompt(row).and_then(write).map(drop))
    }
}

/// A cell as text; empty where it is missing.
fn cell(values: &Values, row: usize) -> Cow<'_, str> {
    match values {
        Values::Number(values) => match values.get(row) {
            Some(x) if !x.is_nan() => x.to_string().into(),
            _ => "".into(),
        },
        other => other.text(row).unwrap_or_default().into(),
    }
}
