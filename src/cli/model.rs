//! `rehearsal model inspect`: what a model's folder holds.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Subcommand;

use super::args::On;
use super::model_check::CheckModelArgs;
use super::model_measure::MeasureArgs;
use super::{Answer, bar, model_check, model_measure, out};
use crate::data;
use crate::domain::{Column, Table, Values, grouped};
use crate::models::{self, Card, Columns, DeviceChoice, Error, Input, Mismatch, Model};
use crate::report::grid::{Align, Grid};

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
    /// Say what a model reads and answers; without a card.toml, propose one
    Inspect {
        /// The model's folder, or its file
        path: PathBuf,
        /// Rows that it is to read: CSV, Parquet, NDJSON or Arrow IPC
        #[arg(long, value_name = "FILE")]
        data: Option<PathBuf>,
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
        ModelCommand::Inspect { path, data, on } => inspect(path, data.as_deref(), on.device),
        ModelCommand::Check(args) => model_check::check(args),
        ModelCommand::Measure(args) => model_measure::measure(args),
    }
}

fn inspect(path: &Path, data: Option<&Path>, device: DeviceChoice) -> Result<Answer> {
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
        Err(Error::NoCard { folder, hint }) => {
            // The model's file says enough for a first card; without one the first fault is told.
            let columns = table.as_ref().map(features).unwrap_or_default();
            let card = models::propose_card_for(path, &columns).map_err(|fault| match fault {
                Error::NoCard { .. } => Error::NoCard { folder: folder.clone(), hint },
                other => other,
            })?;
            let home = if path.is_file() { path.parent().unwrap_or(path) } else { path };
            out::note(&format!(
                "there is no card.toml; complete this proposal and save it as {}",
                home.join("card.toml").display()
            ));
            out::print(&card)?;
        }
        Err(fault) => return Err(fault.into()),
    }
    Ok(Answer::Yes)
}

/// The columns that a model may read: all, or all but those that look like the label, an identity
/// or a time. Of the columns of texts the one with the longest is the likeliest.
fn features(table: &Table) -> Columns {
    let roles = data::guess_roles(table).source;
    let is_number = |column: &&Column| matches!(column.values, Values::Number(_));
    let numbers = table.columns.iter().filter(is_number).map(|column| column.name.clone());
    let all: Vec<String> = numbers.collect();
    let free = all.iter().filter(|name| roles.role_of(name).is_none()).cloned().collect();
    let mut texts: Vec<(usize, String)> = table
        .columns
        .iter()
        .filter_map(|column| Some((length(column)?, column.name.clone())))
        .collect();
    texts.sort_by(|a, b| b.cmp(a));
    Columns { numbers: vec![all, free], texts: texts.into_iter().map(|(_, name)| name).collect() }
}

/// The mean length of the distinct texts of a column, if it holds texts.
fn length(column: &Column) -> Option<usize> {
    let Values::Text { dictionary, .. } = &column.values else { return None };
    Some(dictionary.iter().map(String::len).sum::<usize>() / dictionary.len().max(1))
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
