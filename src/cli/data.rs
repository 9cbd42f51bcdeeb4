//! `rehearsal data`: what a dataset holds and what is wrong with it.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Answer, bar, out};
use crate::data::{self, ColumnProfile, Dataset, Guess, Severity, Shape};
use crate::domain::{DataSource, Role, SimSpan, grouped};
use crate::report::grid::{Align, Grid, wrapped};
use crate::report::{WIDTH, json::key_of};

#[derive(Debug, clap::Args)]
pub(super) struct DataArgs {
    /// CSV, Parquet, NDJSON or Arrow IPC
    file: PathBuf,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Longer texts in a table are cut.
const MOST: usize = 40;

pub(super) fn data(args: &DataArgs) -> Result<Answer> {
    let dataset = bar::under(args.json, |status| {
        status.begin(format!("Reading {}", args.file.display()));
        data::load(&args.file, &status.progress)
    })?;
    let guess = data::guess_roles(&dataset.table);
    if args.json {
        out::print_json(&document(&dataset, &guess))?;
    } else {
        out::print(&text(&dataset, &guess))?;
    }
    Ok(Answer::Yes)
}

fn role(guess: &Guess, column: &str) -> Role {
    data::role_of(&DataSource::default(), guess, column).0
}

fn text(dataset: &Dataset, guess: &Guess) -> String {
    let mut text = format!(
        "{}: {}, {} rows, {} columns, {}\ndigest {}\n\n",
        dataset.path.display(),
        dataset.format.label(),
        grouped(dataset.table.rows as u64),
        dataset.table.columns.len(),
        size(dataset.file_bytes),
        dataset.table.digest,
    );
    text.push_str(&columns(dataset, guess).terminal());
    text.push_str("\nRoles are guesses; a plan's [data] table says which column is what.\n");
    text.push_str(&problems(dataset));
    text
}

fn size(bytes: u64) -> String {
    let bytes = bytes as f64;
    if bytes < 1e6 { format!("{:.1} kB", bytes / 1e3) } else { format!("{:.1} MB", bytes / 1e6) }
}

fn columns(dataset: &Dataset, guess: &Guess) -> Grid {
    use Align::{Left, Right};
    let mut grid = Grid::new([
        ("Column", Left),
        ("Role", Left),
        ("Type", Left),
        ("Missing", Right),
        ("Distinct", Right),
        ("Values", Left),
    ]);
    for profile in &dataset.profiles {
        grid.push(vec![
            profile.name.clone(),
            role(guess, &profile.name).label().to_owned(),
            profile.kind().to_owned(),
            grouped(profile.missing as u64),
            grouped(profile.distinct as u64),
            cut(&values(profile)),
        ]);
    }
    grid
}

/// The range of numbers and times, the commonest texts.
fn values(profile: &ColumnProfile) -> String {
    match &profile.shape {
        Shape::Empty => "no value".to_owned(),
        Shape::Bytes { smallest, largest, .. } => format!("{smallest} to {largest} bytes"),
        Shape::Numbers { min, max, quantiles, .. } => {
            format!("{min} to {max}, median {}", quantiles.p50)
        }
        Shape::Times { first, last, .. } => {
            let span = SimSpan::from_micros(last.abs_diff(*first)).words();
            let first = jiff::Timestamp::from_microsecond(*first);
            let day = first.map_or("?".to_owned(), |at| at.strftime("%Y-%m-%d").to_string());
            format!("{span} from {day}")
        }
        Shape::Texts { top, .. } => {
            let texts: Vec<&str> = top.iter().map(|(text, _)| text.as_str()).collect();
            texts.join(", ")
        }
    }
}

fn cut(text: &str) -> String {
    let mut cut: String = text.chars().take(MOST).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

fn problems(dataset: &Dataset) -> String {
    if dataset.problems.is_empty() {
        return "No problems were found.\n".to_owned();
    }
    let mut text = String::from("\nProblems\n\n");
    for problem in &dataset.problems {
        text.push_str(&wrapped(&problem.to_string(), "", WIDTH));
    }
    text
}

fn document(dataset: &Dataset, guess: &Guess) -> Value {
    let columns = dataset.profiles.iter().map(|profile| {
        json!({
            "name": profile.name,
            "type": profile.kind().to_lowercase(),
            "role": key_of(&role(guess, &profile.name)),
            "role_is_guessed": true,
            "missing": profile.missing,
            "distinct": profile.distinct,
            "values": shape(&profile.shape),
        })
    });
    let problems = dataset.problems.iter().map(|problem| {
        json!({
            "row": problem.row,
            "column": problem.column,
            "message": problem.message,
            "severity": match problem.severity {
                Severity::Note => "note",
                Severity::Warning => "warning",
            },
        })
    });
    json!({
        "path": dataset.path,
        "format": dataset.format.label(),
        "rows": dataset.table.rows,
        "file_bytes": dataset.file_bytes,
        "digest": dataset.table.digest,
        "columns": columns.collect::<Vec<_>>(),
        "problems": problems.collect::<Vec<_>>(),
    })
}

fn shape(shape: &Shape) -> Value {
    match shape {
        Shape::Empty => Value::Null,
        Shape::Bytes { smallest, largest, all } => json!({
            "smallest_bytes": smallest,
            "largest_bytes": largest,
            "all_bytes": all,
        }),
        Shape::Numbers { min, max, mean, quantiles, histogram } => json!({
            "min": min,
            "max": max,
            "mean": mean,
            "p5": quantiles.p5,
            "p25": quantiles.p25,
            "p50": quantiles.p50,
            "p75": quantiles.p75,
            "p95": quantiles.p95,
            "histogram": histogram,
        }),
        Shape::Times { first, last, in_order, histogram } => json!({
            "first_epoch_micros": first,
            "last_epoch_micros": last,
            "in_order": in_order,
            "histogram": histogram,
        }),
        Shape::Texts { top, others } => json!({
            "top": top.iter().map(|(text, count)| json!([text, count])).collect::<Vec<_>>(),
            "others": others,
        }),
    }
}
