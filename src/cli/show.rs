//! `rehearsal show`: one experiment for people, programs and notebooks.

use std::path::Path;

use anyhow::{Result, bail};
use clap::ValueEnum;

use super::{Answer, library, list, out};
use crate::report::{self, Run, csv, json, summary};
use crate::store::Status;
use crate::worker;

const SHOW_EXAMPLES: &str = "\
Examples:
  rehearsal show k3f9
  rehearsal show canary.rehearsal --json
  rehearsal show k3f9 --csv windows > windows.csv";

#[derive(Debug, clap::Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub(super) struct ShowArgs {
    /// The experiment's id, or the beginning of it, or a shared file
    #[arg(value_name = "ID|FILE")]
    experiment: String,
    /// Everything as JSON: plan, verdict, ledger, windows, events and jobs
    #[arg(long)]
    json: bool,
    /// One series as CSV
    #[arg(long, value_name = "WHAT", conflicts_with = "json")]
    csv: Option<Series>,
}

/// What `show --csv` can write.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Series {
    /// One line per window and arm, with every metric
    Windows,
    /// One line per window, arm and segment
    Segments,
    /// One line per event
    Events,
}

impl From<Series> for report::Series {
    fn from(series: Series) -> Self {
        match series {
            Series::Windows => Self::Windows,
            Series::Segments => Self::Segments,
            Series::Events => Self::Events,
        }
    }
}

pub(super) fn show(args: &ShowArgs, library: Option<&Path>) -> Result<Answer> {
    let experiment = library::experiment(&args.experiment, library)?;
    let about = &experiment.summary;
    let Some(recording) = &experiment.recording else {
        bail!(
            "Experiment {} is {}, and nothing of it was recorded\nhint: run it again with \
             `rehearsal run {}`",
            about.id,
            list::state(about),
            about.id
        );
    };
    if about.status != Status::Finished {
        out::note(&format!(
            "this experiment is {}; it is shown as far as it was recorded",
            list::state(about)
        ));
    }
    let mut run = Run::new(Some(about.id.as_str()), &experiment.plan, recording);
    run.ledger.truth = worker::hindsight(
        &experiment.plan,
        &experiment.inputs,
        &experiment.interventions,
        recording,
    );
    match args.csv {
        Some(series) => out::print(&csv::series(recording, series.into()))?,
        None if args.json => out::print_json(&json::full(&run))?,
        None => out::print(&summary::full(&run))?,
    }
    Ok(Answer::Yes)
}
