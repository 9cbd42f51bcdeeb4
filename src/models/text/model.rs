//! A text model as a backend: from a column of texts to outputs per row.

use candle_core::Device;

use super::config::{Config, Family};
use super::encoder::Encoder;
use super::head::Head;
use super::modern::ModernBert;
use super::tensors::Tensors;
use super::tokens::{MOST_SETTINGS, Tokens};
use crate::domain::words::count;
use crate::domain::{Table, Values};
use crate::models::backend::{Backend, Bound, Fault};
use crate::models::card::{Card, Input, Kind};
use crate::models::error::{Error, did_you_mean};
use crate::models::features::Mismatch;
use crate::models::folder::Folder;
use crate::models::shards;
use crate::models::weights::Weights;

/// Rows in one call while scoring, and tokens that are computed at once. On the processor: enough to
/// keep the matrix products busy, few enough for the cache.
const ROWS_ON_CPU: usize = 32;
const TOKENS_ON_CPU: usize = 512;
const ROWS_ELSEWHERE: usize = 256;
const TOKENS_ELSEWHERE: usize = 16 * 1024;

/// An encoder with its tokenizer and a head.
pub(in crate::models) struct TextModel {
    tokens: Tokens,
    trunk: Trunk,
    head: Head,
    description: String,
    device: Device,
}

enum Trunk {
    Bert(Encoder),
    Modern(ModernBert),
}

impl TextModel {
    /// Opens a Hugging Face folder as the card says.
    pub fn load(card: &Card, folder: &mut Folder, device: &Device) -> Result<Self, Error> {
        let path = folder.file("config.json");
        let bytes = folder.read("config.json", "configuration", MOST_SETTINGS)?;
        let config = Config::parse(&bytes, &path)?;
        let tokens = Tokens::load(folder, config.vocabulary, config.longest())?;
        let files = shards::read(card, folder)?;
        let files = files
            .iter()
            .map(|(path, bytes)| Weights::parse(bytes, path))
            .collect::<Result<Vec<_>, _>>()?;
        let mut tensors = Tensors::new(files, device);
        let is_modern = config.family == Family::ModernBert;
        tensors.find_prefix(match is_modern {
            true => "embeddings.tok_embeddings.weight",
            false => "embeddings.word_embeddings.weight",
        });
        let trunk = match is_modern {
            true => Trunk::Modern(ModernBert::load(&config, &tensors)?),
            false => Trunk::Bert(Encoder::load(&config, &tensors)?),
        };
        let head = match card.kind {
            Kind::Encoder => Head::of_encoder(&config, card, folder, device)?,
            _ => Head::of_classifier(&config, &tensors)?,
        };
        check_classes(card, &config)?;
        let description = format!(
            "{:?}, {} of {} numbers, {} parameters, texts of up to {} tokens",
            config.family,
            count(config.layers, "layer"),
            config.hidden,
            tensors.parameters(),
            tokens.longest()
        );
        Ok(Self { tokens, trunk, head, description, device: device.clone() })
    }

    /// The outputs of texts, each as if it were alone.
    fn outputs_of(&self, texts: &[&str]) -> Result<Vec<f32>, Fault> {
        let ids = texts.iter().map(|text| self.tokens.of(text)).collect::<Result<Vec<_>, _>>();
        let ids = ids.map_err(Fault)?;
        let mut order: Vec<usize> = (0..ids.len()).collect();
        let mut most = TOKENS_ON_CPU;
        if !self.device.is_cpu() {
            // Texts of one length side by side: an accelerator pads them to the longest.
            order.sort_by_key(|&row| ids.get(row).map_or(0, Vec::len));
            most = TOKENS_ELSEWHERE;
        }
        let mut outputs = Vec::with_capacity(texts.len() * self.head.outputs());
        let in_order = order.iter().filter_map(|&row| ids.get(row));
        for group in groups(in_order, most, !self.device.is_cpu()) {
            outputs.extend(self.forward(&group)?);
        }
        Ok(put_back(&outputs, &order, self.head.outputs()))
    }

    /// The outputs of texts, given as tokens.
    fn forward(&self, texts: &[&[u32]]) -> candle_core::Result<Vec<f32>> {
        let ids = texts.concat();
        let lengths: Vec<usize> = texts.iter().map(|text| text.len()).collect();
        let tokens = match &self.trunk {
            Trunk::Bert(encoder) => encoder.forward(&ids, &lengths)?,
            Trunk::Modern(encoder) => encoder.forward(&ids, &lengths)?,
        };
        self.head.forward(&tokens, &lengths)?.flatten_all()?.to_vec1()
    }
}

/// Texts in their order, cut into groups of at most so many tokens (counted as if each text were as
/// long as the last, where shorter ones are padded), yet of one text at least.
fn groups<'a>(
    texts: impl Iterator<Item = &'a Vec<u32>>,
    most: usize,
    is_padded: bool,
) -> Vec<Vec<&'a [u32]>> {
    let mut groups: Vec<Vec<&[u32]>> = Vec::new();
    let mut tokens = 0;
    for text in texts {
        let before = groups.last().map_or(0, Vec::len);
        tokens = if is_padded { (before + 1) * text.len() } else { tokens + text.len() };
        match groups.last_mut() {
            Some(group) if tokens <= most => group.push(text),
            _ => {
                tokens = text.len();
                groups.push(vec![text]);
            }
        }
    }
    groups
}

/// Rows of `width` numbers that were computed in this order, in their own.
fn put_back(outputs: &[f32], order: &[usize], width: usize) -> Vec<f32> {
    let mut back = vec![0.0; outputs.len()];
    for (&row, found) in order.iter().zip(outputs.chunks_exact(width.max(1))) {
        if let Some(place) = back.get_mut(row * width..(row + 1) * width) {
            place.copy_from_slice(found);
        }
    }
    back
}

/// The card's classes must be the model's labels, in its order; names like `LABEL_0` say nothing.
fn check_classes(card: &Card, config: &Config) -> Result<(), Error> {
    let says_nothing = config.labels.iter().all(|label| label.starts_with("LABEL_"));
    let is_other = card.kind == Kind::Text
        && !card.classes.is_empty()
        && !says_nothing
        && card.classes != config.labels
        && sorted(&card.classes) == sorted(&config.labels);
    if !is_other {
        return Ok(());
    }
    Err(config.fail(&format!(
        "names the labels {} in this order, the card the same as {}; the card's `classes` must \
         follow the outputs",
        config.labels.join(", "),
        card.classes.join(", ")
    )))
}

fn sorted(names: &[String]) -> Vec<&str> {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names
}

impl Backend for TextModel {
    fn outputs(&self) -> usize {
        self.head.outputs()
    }

    fn are_probabilities(&self) -> bool {
        false
    }

    fn describe(&self) -> String {
        self.description.clone()
    }

    fn rows_per_call(&self) -> usize {
        if self.device.is_cpu() { ROWS_ON_CPU } else { ROWS_ELSEWHERE }
    }

    fn is_shared(&self) -> bool {
        self.device.is_cpu()
    }

    fn bind<'a>(
        &'a self,
        card: &'a Card,
        table: &'a Table,
    ) -> (Box<dyn Bound + 'a>, Vec<Mismatch>) {
        let (texts, mismatches) = Texts::bind(card, table);
        (Box::new(Rows { model: self, texts }), mismatches)
    }
}

/// A model with a table's texts at hand.
struct Rows<'a> {
    model: &'a TextModel,
    texts: Texts<'a>,
}

impl Bound for Rows<'_> {
    fn ask(&self, first: usize, count: usize) -> Result<Vec<f32>, Fault> {
        self.model.outputs_of(&self.texts.of(first, count))
    }
}

/// A column of texts.
pub(in crate::models) struct Texts<'a> {
    values: Option<&'a Values>,
    rows: usize,
}

impl<'a> Texts<'a> {
    /// Finds the column that the card names; with what does not fit.
    pub fn bind(card: &Card, table: &'a Table) -> (Self, Vec<Mismatch>) {
        let name = card.inputs.iter().find_map(|input| match input {
            Input::Text { column } => Some(column.as_str()),
            _ => None,
        });
        let name = name.unwrap_or_default();
        let told = |blocks: bool, message: String| {
            vec![Mismatch { column: name.to_owned(), message, blocks }]
        };
        let values = table.column(name).map(|column| &column.values);
        let holds = |what: &str| told(true, format!("holds {what} where the model needs texts"));
        let mismatches = match values {
            Some(Values::Text { codes, .. }) => {
                match codes.iter().filter(|&&code| code == Values::MISSING).count() {
                    0 => Vec::new(),
                    n => {
                        let rows = count(n, "row");
                        told(false, format!("has no text in {rows}; the model reads an empty one"))
                    }
                }
            }
            Some(Values::Number(_)) => holds("numbers"),
            Some(Values::Time(_)) => holds("times"),
            Some(Values::Bytes(_)) => holds("bytes"),
            None => {
                let nearest = did_you_mean(table.nearest_name(name));
                told(true, format!("is not in the dataset{nearest}"))
            }
        };
        (Self { values, rows: table.rows.max(1) }, mismatches)
    }

    /// The texts of `count` rows from `first` on, going on from the start past the end.
    pub fn of(&self, first: usize, count: usize) -> Vec<&'a str> {
        let text = |row: usize| self.values.and_then(|values| values.text(row % self.rows));
        (first..first + count).map(|row| text(row).unwrap_or_default()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_into_groups_and_put_back() {
        let texts = [vec![1], vec![2, 2, 2, 2, 2], vec![3, 3], vec![4]];
        let cut = |texts: &[Vec<u32>], most, is_padded| {
            let groups = groups(texts.iter(), most, is_padded);
            groups.iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(cut(&texts, 4, false), [1, 1, 2], "a text that is too long stands alone");
        assert_eq!(cut(&texts, 6, false), [2, 2]);
        let sorted = [vec![1], vec![4], vec![3, 3], vec![2, 2, 2, 2, 2]];
        assert_eq!(cut(&sorted, 9, false), [4]);
        assert_eq!(cut(&sorted, 9, true), [3, 1], "four texts of five are more");
        assert_eq!(
            put_back(&[3.0, 30.0, 1.0, 10.0, 2.0, 20.0], &[2, 0, 1], 2),
            [1.0, 10.0, 2.0, 20.0, 3.0, 30.0]
        );
    }
}
