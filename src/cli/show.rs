//! `rehearsal show`: one experiment for people, programs and notebooks.

use std::path::Path;

use anyhow::{Result, bail};

use super::args::ShowArgs;
use super::{Answer, library, list, out};
use crate::report::{Run, csv, json, summary};
use crate::store::Status;

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
    let run = Run::new(Some(about.id.as_str()), &experiment.plan, recording);
    match args.csv {
        Some(series) => out::print(&csv::series(recording, series.into()))?,
        None if args.json => out::print_json(&json::full(&run))?,
        None => out::print(&summary::full(&run))?,
    }
    Ok(Answer::Yes)
}
