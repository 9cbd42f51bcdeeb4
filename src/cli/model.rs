//! `rehearsal model inspect`: what a model reads and answers.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Subcommand;

use super::args::On;
use super::model_check::CheckModelArgs;
use super::model_measure::MeasureArgs;
use super::{Answer, bar, model_check, model_measure, out};
use crate::data;
use crate::domain::{DataSource, Table, grouped};
use crate::models::{self, Card, DeviceChoice, Error, Input, Mismatch, Model};
use crate::report::grid::{Align, Grid};
use crate::worker::{files, first_card};

const INSPECT_EXAMPLES: &str = "\
A model's folder has its card as card.toml; a single file v2.onnx has it beside itself, as
v2.card.toml. With --data the card is proposed for these rows: their columns and classes.

Examples:
  rehearsal model inspect models/v2
  rehearsal model inspect v2.onnx --data rows.csv
  rehearsal model inspect v2.onnx --data rows.csv --write";

const CHECK_EXAMPLES: &str = "\
The reference has the same rows in the same order as the data. A yes-or-no model is compared with a
column of probabilities, named `probability`, `score` or as the positive class; a model of several
classes with a column for each, named as the classes; a regression with `prediction`. Columns of
other names will do if there are no others that the model does not read.

Examples:
  rehearsal model check --model churn --reference answers.csv --data rows.csv
  rehearsal model check --model churn --reference rows_with_probability.parquet
  rehearsal model check --model churn --reference answers.json --data rows.csv --tolerance 1e-4";

const MEASURE_EXAMPLES: &str = "\
Examples:
  rehearsal model measure models/v2 --data rows.csv
  rehearsal model measure models/v2 --data rows.csv --seconds 10 --json

Single rows are asked one after another on one thread, features included, after a warm-up. Intervals
are at 95 %, from order statistics. Meanwhile a fixed task is timed again and again: what it takes
longer than at best is the machine's noise.";

#[derive(Debug, Subcommand)]
pub(super) enum ModelCommand {
    /// Say what a model reads and answers; without a card, propose one
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect {
        /// The model's folder or file
        path: PathBuf,
        /// Rows that it is to read: CSV, Parquet, NDJSON or Arrow IPC
        #[arg(long, value_name = "FILE")]
        data: Option<PathBuf>,
        /// Save the proposed card where it belongs
        #[arg(long)]
        write: bool,
        #[command(flatten)]
        on: On,
    },
    /// Hold a model to the answers of the framework that it came from
    ///
    /// Exits with 0 if every number is within the tolerance, else with 1.
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckModelArgs),
    /// Time a model on this machine: cold start, single rows and batches, with the machine's noise
    #[command(after_help = MEASURE_EXAMPLES)]
    Measure(MeasureArgs),
}

pub(super) fn model(command: &ModelCommand) -> Result<Answer> {
    match command {
        ModelCommand::Inspect { path, data, write, on } => {
            inspect(path, data.as_deref(), *write, on.device)
        }
        ModelCommand::Check(args) => model_check::check(args),
        ModelCommand::Measure(args) => model_measure::measure(args),
    }
}

fn inspect(path: &Path, data: Option<&Path>, write: bool, device: DeviceChoice) -> Result<Answer> {
    let table = match data {
        Some(data) => Some(bar::under(false, |status| data::load(data, &status.progress))?.table),
        None => None,
    };
    match models::open(path, &device) {
        Ok(model) => {
            out::print(&describe(&model))?;
            if let Some(table) = &table {
                print_mismatches(&model, table)?;
            }
        }
        Err(Error::NoCard { .. }) => {
            let card = first_card(path, table.as_ref(), &DataSource::default())?;
            let place = card.path.display();
            if write {
                files::write(&card.path, card.text.as_bytes())?;
                out::note(&format!("written to {place}; look over the columns and classes"));
            } else {
                out::note(&format!(
                    "there is no card yet; complete this one and save it as {place}"
                ));
            }
            out::print(&card.text)?;
        }
        Err(fault) => return Err(fault.into()),
    }
    Ok(Answer::Yes)
}

fn print_mismatches(model: &Model, table: &Table) -> Result<()> {
    let mismatches = model.mismatches(table);
    if mismatches.is_empty() {
        return out::print("\nThe data has all that the model reads.\n");
    }
    let line = |mismatch: &Mismatch| {
        let mark = if mismatch.blocks { "cannot be read" } else { "note" };
        format!("{mark}: {mismatch}\n")
    };
    let lines: String = mismatches.iter().map(line).collect();
    out::print(&format!("\nWhat does not fit the data\n\n{lines}"))
}

fn describe(model: &Model) -> String {
    let card = model.card();
    let mut lines = vec![
        ("task", card.task().label().to_owned()),
        ("network", model.describe()),
        ("classes", card.classes.join(", ")),
        ("threshold", card.threshold.to_string()),
        ("device", model.device().to_owned()),
        ("description", card.description.trim().to_owned()),
        ("licence", card.licence.clone()),
        ("origin", card.origin.clone()),
        ("digest", model.digest().to_owned()),
    ];
    lines.retain(|(_, text)| !text.is_empty());
    let mut text = format!("{}\n\n", card.name);
    for (name, value) in lines {
        text.push_str(&format!("{name:<11}  {value}\n"));
    }
    let columns = grouped(card.inputs.len() as u64);
    text.push_str(&format!("\nReads {columns} columns\n\n{}", inputs(card).terminal()));
    text
}

fn inputs(card: &Card) -> Grid {
    let heads = ["Column", "Kind", "Preprocessing"];
    let mut grid = Grid::new(heads.map(|head| (head, Align::Left)));
    for input in &card.inputs {
        grid.push(match input {
            Input::Number { column, impute, log1p, mean, std } => {
                let log = if *log1p { "ln(1 + x), " } else { "" };
                let impute = impute.map(|x| format!(", missing: {x}")).unwrap_or_default();
                let text = format!("{log}(x − {mean}) / {std}{impute}");
                vec![column.clone(), "number".to_owned(), text]
            }
            Input::Category { column, categories } => {
                let text = format!("one of {}: {}", categories.len(), categories.join(", "));
                vec![column.clone(), "category".to_owned(), text]
            }
            Input::Code { column, categories } => {
                let text = format!("number among {}: {}", categories.len(), categories.join(", "));
                vec![column.clone(), "code".to_owned(), text]
            }
            Input::Text { column } => vec![column.clone(), "text".to_owned(), String::new()],
            Input::Image(image) => {
                let text = if image.height > 0 {
                    format!("{} × {} × {}", image.height, image.width, image.channels)
                } else {
                    "as the model's folder says".to_owned()
                };
                vec![image.column.clone(), "image".to_owned(), text]
            }
        });
    }
    grid
}
