//! An opened model: its card, the backend that computes it, and the answers it gives to a dataset.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::answers::{Head, not_finite};
use super::backend::{Backend, Bound, Fault};
use super::card::{Card, Kind};
use super::device::{DeviceChoice, Placed};
use super::error::Error;
use super::features::Mismatch;
use super::folder::{Folder, card_path};
use super::format::model_in;
use super::generate::Generator;
use super::network::Network;
use super::text::TextModel;
use super::vision::{self, ImageModel};
use super::weights::{self, Weights, read_bounded};
use super::{onnx, trees};
use crate::domain::{Answers, Labels, Progress, Table, TomlFault};

/// The largest card that is read, in bytes.
const MOST_CARD: u64 = 16 << 20;

/// A model that can be asked. Asking needs no `&mut`, so threads may share it.
pub struct Model {
    card: Card,
    pub(super) backend: Box<dyn Backend>,
    pub(super) head: Head,
    digest: String,
    device: String,
    note: Option<String>,
    load_time: Duration,
}

/// Opens the model at `path`, which is its folder, its only file or its card: a card, as
/// [`card_path`] finds it, and the weights that it names.
///
/// If the device is not to be had, the model runs on the processor and [`Model::note`] says so.
///
/// # Errors
/// If a file is missing, too large or damaged, or card and weights do not fit together.
pub fn open(path: &Path, device: &DeviceChoice) -> Result<Model, Error> {
    let began = Instant::now();
    let card_path = card_of(path)?;
    let mut files = Folder::new(card_path.parent().unwrap_or(path));
    let bytes = read_bounded(&card_path, "card", MOST_CARD)?;
    files.add(&bytes);
    let card = parse_card(&bytes, &card_path)?;
    let placed = if card.kind.knows_accelerators() { device.place() } else { device.stay() };
    let backend = load(&card, &mut files, &placed)?;
    let head =
        Head::new(&card, backend.outputs(), backend.are_probabilities()).map_err(|problem| {
            Error::CardProblems { problems: vec![problem], path: card_path.clone() }
        })?;
    let Placed { label, note, device } = placed;
    if !device.is_cpu() {
        // Another device answers a little otherwise and takes another time: nothing of the one may
        // be taken for the other's.
        files.add(label.as_bytes());
    }
    let (digest, load_time) = (files.digest(), began.elapsed());
    Ok(Model { card, backend, head, digest, device: label, note, load_time })
}

/// The one place that knows which backend serves which kind.
fn load(card: &Card, folder: &mut Folder, placed: &Placed) -> Result<Box<dyn Backend>, Error> {
    match card.kind {
        Kind::Mlp => {
            let path = folder.file(&card.weights);
            let bytes = weights::read(&path)?;
            folder.add(&bytes);
            let weights = Weights::parse(&bytes, &path)?.named_by(card);
            Ok(Box::new(Network::load(card, &weights, &placed.device)?))
        }
        Kind::Layers => {
            let path = folder.file(&card.weights);
            let bytes = weights::read(&path)?;
            folder.add(&bytes);
            let weights = Weights::parse(&bytes, &path)?;
            Ok(Box::new(ImageModel::of_layers(card, weights, &placed.device)?))
        }
        Kind::Text | Kind::Encoder => Ok(Box::new(TextModel::load(card, folder, &placed.device)?)),
        Kind::Generate => Ok(Box::new(Generator::load(card, folder, &placed.device)?)),
        Kind::Onnx => onnx::load(card, folder),
        Kind::Xgboost => {
            let fit = |bytes: &[u8]| trees::xgboost::read(bytes)?.0.check(card);
            Ok(read_file(card, folder, fit)?)
        }
        Kind::Lightgbm => {
            let fit = |bytes: &[u8]| trees::lightgbm::read(bytes)?.0.check(card);
            Ok(read_file(card, folder, fit)?)
        }
        Kind::Vision => Ok(Box::new(vision::load(card, folder, &placed.device)?)),
    }
}

/// Reads the card's weights as a whole file.
fn read_file<T>(
    card: &Card,
    folder: &mut Folder,
    read: impl FnOnce(&[u8]) -> Result<T, String>,
) -> Result<T, Error> {
    let bytes = folder.read(&card.weights, "model", trees::MOST_BYTES)?;
    read(&bytes).map_err(|problem| Error::weights(problem, &folder.file(&card.weights)))
}

fn parse_card(bytes: &[u8], path: &Path) -> Result<Card, Error> {
    let fail = |fault| Error::Card { fault, path: path.to_owned() };
    let text = std::str::from_utf8(bytes).map_err(|fault| {
        let before = bytes.get(..fault.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        fail(TomlFault { line: Some(line), message: "it is not UTF-8 text".to_owned() })
    })?;
    let card = Card::from_toml(text).map_err(fail)?;
    let problems = card.problems();
    if problems.is_empty() {
        Ok(card)
    } else {
        Err(Error::CardProblems { problems, path: path.to_owned() })
    }
}

/// The card to open the model with: of a file without one of its own, that of its folder, if that
/// is about this file.
fn card_of(path: &Path) -> Result<PathBuf, Error> {
    let own = card_path(path);
    if own.is_file() {
        return if path.is_file() && own != path { of_this(own, path) } else { Ok(own) };
    }
    let of_folder = card_path(path.parent().unwrap_or(path));
    if path.is_file() && is_about(&of_folder, path)? { Ok(of_folder) } else { Err(no_card(path)) }
}

/// The card beside a file, unless it is that of another file of the same name but for its ending.
fn of_this(card: PathBuf, file: &Path) -> Result<PathBuf, Error> {
    let read = parse_card(&read_bounded(&card, "card", MOST_CARD)?, &card)?;
    let weights = read.weights.as_str();
    if weights.is_empty() || file.file_name().is_some_and(|name| name == weights) {
        return Ok(card);
    }
    let message = format!(
        "The card beside `{}` is that of `{weights}`; rename one of the two, so that each has its own",
        file.file_name().unwrap_or_default().to_string_lossy()
    );
    Err(Error::weights(message, &card))
}

/// True if there is a card that names this file; what is wrong with a broken one is only told if the
/// file's name stands in it, since others of the folder may have been meant.
fn is_about(card: &Path, file: &Path) -> Result<bool, Error> {
    let (Ok(bytes), Some(name)) = (read_bounded(card, "card", MOST_CARD), file.file_name()) else {
        return Ok(false);
    };
    match parse_card(&bytes, card) {
        Ok(card) => Ok(name == card.weights.as_str()),
        Err(fault) if String::from_utf8_lossy(&bytes).contains(&*name.to_string_lossy()) => {
            Err(fault)
        }
        Err(_) => Ok(false),
    }
}

/// There is no card; whether one can be proposed.
pub(super) fn no_card(path: &Path) -> Error {
    if !path.exists() {
        return Error::Missing { path: path.to_owned() };
    }
    let hint = if model_in(path).is_some() {
        format!(
            "There is a model's file, for which `rehearsal model inspect {} --write` writes a first one.",
            path.display()
        )
    } else if path.is_file() {
        "The file is of no known kind of model either.".to_owned()
    } else {
        "There is no model's file either; is this the model's folder?".to_owned()
    };
    Error::NoCard { card: card_path(path), hint }
}

impl Model {
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// BLAKE3, in hexadecimal, over the bytes of the card and of every file that the model is made of.
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

    /// How long opening took.
    pub(super) fn load_time(&self) -> Duration {
        self.load_time
    }

    /// The model's size, for example `46-32-16-1, 2033 parameters`.
    pub fn describe(&self) -> String {
        self.backend.describe()
    }

    /// What in the table does not fit the model. Without an entry that blocks, it can be asked.
    pub fn mismatches(&self, table: &Table) -> Vec<Mismatch> {
        self.backend.bind(&self.card, table).1
    }

    /// The model with the table's rows at hand.
    ///
    /// # Errors
    /// If the table lacks what the model reads.
    pub(super) fn bind<'a>(&'a self, table: &'a Table) -> Result<Box<dyn Bound + 'a>, Error> {
        let (bound, mismatches) = self.backend.bind(&self.card, table);
        if mismatches.iter().any(|mismatch| mismatch.blocks) {
            return Err(Error::Mismatch { model: self.card.name.clone(), mismatches });
        }
        Ok(bound)
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
        let bound = self.bind(table)?;
        progress.set_total(table.rows as u64);
        progress.set_done(0);
        let step = self.backend.rows_per_call().max(1);
        let slice = |index: usize| {
            if progress.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let first = index * step;
            let rows = step.min(table.rows - first);
            let answers = self.head.apply(self.ask(&*bound, first, rows)?);
            progress.add(rows as u64);
            answers.map_err(|at| not_finite(&self.card, first, at))
        };
        let slices = 0..table.rows.div_ceil(step);
        // A result per slice, so that the error told is that of the first row and not of the
        // fastest thread.
        let parts: Vec<Result<Vec<f32>, Error>> = if self.backend.is_shared() {
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

    /// The raw outputs of rows, as [`Bound::ask`] gives them.
    pub(super) fn ask(
        &self,
        bound: &dyn Bound,
        first: usize,
        rows: usize,
    ) -> Result<Vec<f32>, Error> {
        bound.ask(first, rows).map_err(|fault| self.fault(fault))
    }

    pub(super) fn fault(&self, fault: Fault) -> Error {
        Error::Compute {
            model: self.card.name.clone(),
            device: self.device.clone(),
            message: fault.0,
        }
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Model({}, {})", self.card.name, self.describe())
    }
}
