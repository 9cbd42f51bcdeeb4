//! `rehearsal model check`: a model held to the answers of the framework that it came from.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};

use super::args::{On, tolerance};
use super::{Answer, bar, out};
use crate::domain::grouped;
use crate::domain::words::count;
use crate::models;
use crate::report::grid::{Align, Grid};
use crate::worker::{self, ReferenceCheck, Status};

#[derive(Debug, clap::Args)]
pub(super) struct CheckModelArgs {
    /// The model's folder or file
    #[arg(long, value_name = "PATH")]
    model: PathBuf,
    /// The answers: CSV, Parquet, NDJSON, Arrow IPC, or a JSON object with a list for each column
    #[arg(long, value_name = "FILE")]
    reference: PathBuf,
    /// The rows that were asked, unless the reference has them, too
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// The largest difference that is no fault [default: 1e-5 for tables, 1e-4 for texts and images]
    #[arg(long, value_name = "NUMBER", value_parser = tolerance)]
    tolerance: Option<f64>,
    /// Write JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    on: On,
}

pub(super) fn check(args: &CheckModelArgs) -> Result<Answer> {
    let check = bar::under(false, |status: &Status| -> Result<ReferenceCheck> {
        status.begin("Opening the model");
        let model = models::open(&args.model, &args.on.device)?;
        if let Some(note) = model.note() {
            status.note(note);
        }
        let tolerance = args.tolerance.unwrap_or_else(|| model.card().kind.tolerance());
        let data = args.data.as_deref();
        Ok(worker::check_reference(&model, &args.reference, data, tolerance, status)?)
    })?;
    if args.json {
        out::print_json(&document(&check))?;
    } else {
        out::print(&text(&check))?;
    }
    Ok(if check.passes() { Answer::Yes } else { Answer::No })
}

fn text(check: &ReferenceCheck) -> String {
    let mut text = format!(
        "{}, compared with {}\n\n\
         largest difference  {:.3e}\n\
         mean difference     {:.3e}\n\
         beyond {:<11.1e}  {}\n\
         other class         {}\n",
        count(check.rows, "row"),
        check.columns.join(", "),
        check.largest,
        check.mean,
        check.tolerance,
        count(check.beyond, "number"),
        count(check.flips, "row"),
    );
    if !check.places.is_empty() {
        let heads = [
            ("Row", Align::Right),
            ("Column", Align::Left),
            ("Model", Align::Right),
            ("Reference", Align::Right),
        ];
        let mut grid = Grid::new(heads);
        for place in &check.places {
            let row = grouped(place.row as u64);
            let (found, expected) =
                (format!("{:.7}", place.found), format!("{:.7}", place.expected));
            grid.push(vec![row, place.column.clone(), found, expected]);
        }
        text.push_str(&format!("\nFirst numbers beyond the tolerance\n\n{}", grid.terminal()));
    }
    if !check.flipped.is_empty() {
        let heads = [("Row", Align::Right), ("Model", Align::Left), ("Reference", Align::Left)];
        let mut grid = Grid::new(heads);
        for flip in &check.flipped {
            let row = grouped(flip.row as u64);
            grid.push(vec![row, flip.found.clone(), flip.expected.clone()]);
        }
        text.push_str(&format!("\nFirst rows with another class\n\n{}", grid.terminal()));
    }
    text
}

fn document(check: &ReferenceCheck) -> Value {
    let places = check.places.iter().map(|place| {
        json!({
            "row": place.row,
            "column": place.column,
            "model": place.found,
            "reference": place.expected,
        })
    });
    let flipped = check
        .flipped
        .iter()
        .map(|flip| json!({ "row": flip.row, "model": flip.found, "reference": flip.expected }));
    json!({
        "rows": check.rows,
        "columns": check.columns,
        "tolerance": check.tolerance,
        "largest_difference": check.largest,
        "mean_difference": check.mean,
        "beyond": check.beyond,
        "first_beyond": places.collect::<Vec<_>>(),
        "flips": check.flips,
        "first_flips": flipped.collect::<Vec<_>>(),
        "passes": check.passes(),
    })
}
