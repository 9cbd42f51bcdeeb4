//! An opened model: its card, its network on a device, and the answers it gives to a dataset.

use std::path::Path;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::answers::{Head, not_finite};
use super::card::Card;
use super::content::digest_of;
use super::device::{DeviceChoice, Placed, first_line};
use super::error::Error;
use super::features::{Features, Mismatch};
use super::network::Network;
use super::propose;
use super::weights::{self, Weights};
use crate::domain::{Answers, Labels, Progress, Table};

/// The largest card that is read, in bytes.
const MOST_CARD: u64 = 16 << 20;
/// The card's name in a model's folder.
const CARD: &str = "card.toml";

/// A model that can be asked. Asking needs no `&mut`, so threads may share it.
pub struct Model {
    card: Card,
    pub(super) network: Network,
    pub(super) head: Head,
    digest: String,
    device: String,
    note: Option<String>,
}

/// Opens the model in `folder`: a `card.toml` and the weights that it names.
///
/// If the device is not to be had, the model runs on the processor and [`Model::note`] says so.
///
/// # Errors
/// If a file is missing, too large or damaged, or card and weights do not fit together.
pub fn open(folder: &Path, device: &DeviceChoice) -> Result<Model, Error> {
    let card_path = folder.join(CARD);
    if !card_path.is_file() {
        return Err(no_card(folder));
    }
    let card_bytes = weights::read_bounded(&card_path, "card", MOST_CARD)?;
    let card = parse_card(&card_bytes, &card_path)?;
    let weights_path = folder.join(&card.weights);
    let weight_bytes = weights::read(&weights_path)?;
    let weights = Weights::parse(&weight_bytes, &weights_path)?.named_by(&card);
    let Placed { device, label, note } = device.place();
    let network = Network::load(&card, &weights, &device)?;
    let head = Head::new(&card, network.outputs(), network.last_activation())
        .map_err(|problem| Error::CardProblems { problems: vec![problem], path: card_path })?;
    let digest = digest_of(&[&card_bytes, &weight_bytes]);
    Ok(Model { card, network, head, digest, device: label, note })
}

fn parse_card(bytes: &[u8], path: &Path) -> Result<Card, Error> {
    let fail = |line, message| Error::Card { line, message, path: path.to_owned() };
    let text = std::str::from_utf8(bytes).map_err(|fault| {
        let before = bytes.get(..fault.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        fail(Some(line), "it is not UTF-8 text".to_owned())
    })?;
    let card = Card::from_toml(text).map_err(|fault| fail(fault.line, fault.message))?;
    let problems = card.problems();
    if problems.is_empty() {
        Ok(card)
    } else {
        Err(Error::CardProblems { problems, path: path.to_owned() })
    }
}

fn no_card(folder: &Path) -> Error {
    let hint = if !folder.exists() {
        "The folder does not exist."
    } else if propose::weights_in(folder).is_some() {
        "There are weights, from which a first card can be proposed."
    } else {
        "There is no .safetensors file either; is this the model's folder?"
    };
    Error::NoCard { folder: folder.to_owned(), hint: hint.to_owned() }
}

impl Model {
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// BLAKE3, in hexadecimal, over the bytes of card and weights.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Where the model runs, for people.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// Why the model does not run on the device that was asked for.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// The network's size, for example `46-32-16-1, 2033 parameters`.
    pub fn describe(&self) -> String {
        let widths: Vec<String> = self.network.widths().iter().map(usize::to_string).collect();
        format!("{}, {} parameters", widths.join("-"), self.network.parameters())
    }

    /// What in the table does not fit the model. Without an entry that blocks, it can be asked.
    pub fn mismatches(&self, table: &Table) -> Vec<Mismatch> {
        Features::bind(&self.card, table).1
    }

    /// Why the model's yes is not the dataset's positive class, if it is not: nothing else looks
    /// as much like a bad model.
    pub fn label_mismatch(&self, labels: &Labels) -> Option<String> {
        let (Labels::Classes { names, .. }, Some(yes)) = (labels, self.card.positive()) else {
            return None;
        };
        match names.as_slice() {
            [negative, positive] if positive != yes && negative == yes => Some(format!(
                "The model {} says yes for `{yes}`, but the dataset counts `{positive}` as \
                 positive; set `positive` to `{yes}`",
                self.card.name
            )),
            _ => None,
        }
    }

    /// Asks the model for every row, in slices that several threads share.
    ///
    /// # Errors
    /// If the table does not fit, an answer is not a finite number (with its row), the device
    /// fails, or somebody cancels.
    pub fn score(&self, table: &Table, progress: &Progress) -> Result<Answers, Error> {
        let features = Features::of(&self.card, table)?;
        progress.set_total(table.rows as u64);
        progress.set_done(0);
        let step = self.network.rows_per_call();
        let slice = |index: usize| {
            if progress.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let first = index * step;
            let rows = step.min(table.rows - first);
            let mut inputs = Vec::new();
            features.write(first, rows, &mut inputs);
            let outputs = self.ask(&inputs)?;
            let answers = self.head.apply(outputs);
            progress.add(rows as u64);
            answers.map_err(|at| not_finite(&self.card.name, first, at))
        };
        let slices = 0..table.rows.div_ceil(step);
        // A result per slice, so that the error told is that of the first row and not of the
        // fastest thread.
        let parts: Vec<Result<Vec<f32>, Error>> = if self.network.is_on_cpu() {
            slices.into_par_iter().map(slice).collect()
        } else {
            slices.map(slice).collect()
        };
        let mut values = Vec::with_capacity(table.rows);
        for part in parts {
            values.extend(part?);
        }
        Ok(self.head.answers(values))
    }

    /// The network's outputs for rows of features.
    pub(super) fn ask(&self, inputs: &[f32]) -> Result<Vec<f32>, Error> {
        self.network.forward(inputs).map_err(|fault| Error::Compute {
            model: self.card.name.clone(),
            device: self.device.clone(),
            message: first_line(&fault.to_string()).to_owned(),
        })
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Model({}, {})", self.card.name, self.describe())
    }
}
