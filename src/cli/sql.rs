//! `rehearsal sql`: questions in SQL about one experiment.

use std::path::Path;

use anyhow::{Result, bail};

use super::{Answer, library, out};
use crate::report::csv::lines;
use crate::report::grid::{Align, Grid};
use crate::store::{Answered, READY};

const SQL_EXAMPLES: &str = "\
Examples:
  rehearsal sql                                      the views and ready questions
  rehearsal sql k3f9 --ready stages
  rehearsal sql k3f9 \"SELECT clock, arm, latency_p95 FROM window_metrics\" --csv > p95.csv

The views show this experiment alone. Nothing can be changed.";

#[derive(Debug, clap::Args)]
#[command(after_help = SQL_EXAMPLES)]
pub(super) struct SqlArgs {
    /// The experiment's id, or the beginning of it, or a shared file
    #[arg(value_name = "ID|FILE")]
    experiment: Option<String>,
    /// One SELECT
    #[arg(value_name = "SQL")]
    sql: Option<String>,
    /// One of the ready questions, by its name
    #[arg(long, value_name = "NAME", conflicts_with = "sql")]
    ready: Option<String>,
    /// As CSV
    #[arg(long)]
    csv: bool,
}

pub(super) fn sql(args: &SqlArgs, library: Option<&Path>) -> Result<Answer> {
    let Some(named) = &args.experiment else {
        out::print(&ready_list())?;
        return Ok(Answer::Yes);
    };
    let sql = match (&args.sql, &args.ready) {
        (Some(sql), _) => sql.as_str(),
        (None, Some(name)) => ready(name)?,
        (None, None) => {
            out::print(&ready_list())?;
            return Ok(Answer::Yes);
        }
    };
    let (library, id) = library::readable(named, library)?;
    let answer = library.query(&id, sql)?;
    let cell = |cell: &Option<String>| cell.clone().unwrap_or_default();
    if args.csv {
        let rows = answer.rows.iter().map(|row| row.iter().map(cell).collect());
        out::print(&lines(&answer.columns, rows))?;
    } else {
        out::print(&grid(&answer).terminal())?;
    }
    Ok(Answer::Yes)
}

fn ready(name: &str) -> Result<&'static str> {
    match READY.iter().find(|query| query.name == name) {
        Some(query) => Ok(query.sql),
        None => {
            let names: Vec<&str> = READY.iter().map(|query| query.name).collect();
            bail!("There is no ready question `{name}`; choose from {}", names.join(", "))
        }
    }
}

fn ready_list() -> String {
    let mut text = String::from(
        "Views, each showing the experiment alone: experiment_list, window_metrics,\n\
         segment_metrics, event_log, gate_log, job_log, review_log.\n\
         Their columns: rehearsal sql ID \"SELECT * FROM window_metrics LIMIT 1\"\n\nReady questions:\n",
    );
    for query in READY {
        text.push_str(&format!(
            "\n{}: {}\n  rehearsal sql ID --ready {0}\n",
            query.name, query.what
        ));
        query.sql.lines().for_each(|line| text.push_str(&format!("    {line}\n")));
    }
    text
}

/// Columns of numbers end where their column ends.
fn grid(answer: &Answered) -> Grid {
    let is_number = |column: usize| {
        let cells = answer.rows.iter().filter_map(|row| row.get(column)?.as_ref());
        cells.into_iter().all(|cell| cell.parse::<f64>().is_ok())
    };
    let heads = answer.columns.iter().enumerate().map(|(column, name)| {
        (name.clone(), if is_number(column) { Align::Right } else { Align::Left })
    });
    let mut grid = Grid::new(heads);
    for row in &answer.rows {
        grid.push(row.iter().map(|cell| cell.clone().unwrap_or_default()).collect());
    }
    grid
}
