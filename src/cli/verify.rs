//! `rehearsal verify`: does a stored experiment come out the same again?

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::args::{On, tolerance};
use super::{Answer, bar, library, out};
use crate::store::Experiment;
use crate::worker::{self, Rescored, Verification};

#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    /// The experiment's id, or the beginning of it, or a shared file
    #[arg(value_name = "ID|FILE")]
    experiment: String,
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Score every row again from the dataset's and the models' files, and compare the predictions
    #[arg(long)]
    with_models: bool,
    /// The folder that the plan's paths start from [default: where the run was made]
    #[arg(long, value_name = "FOLDER", requires = "with_models")]
    base: Option<PathBuf>,
    /// The largest difference of a score that is no fault
    #[arg(long, value_name = "NUMBER", value_parser = tolerance, default_value = "1e-5", requires = "with_models")]
    tolerance: f64,
    #[command(flatten)]
    on: On,
}

pub(super) fn verify(args: &VerifyArgs, library: Option<&Path>) -> Result<Answer> {
    let experiment = library::experiment(&args.experiment, library)?;
    if args.with_models {
        return with_models(args, &experiment);
    }
    let id = &experiment.summary.id;
    let verification = bar::under(args.json, |status| {
        status.begin(format!("Rehearsing {} again", experiment.summary.name));
        worker::verify(&experiment, &status.progress)
    })?;
    if let Verification::CannotRerun { reason } = &verification {
        bail!("Experiment {id} cannot be verified: {reason}");
    }
    if args.json {
        let mut value = serde_json::to_value(&verification)?;
        if let Some(fields) = value.as_object_mut() {
            fields.insert("id".to_owned(), id.as_str().into());
        }
        out::print_json(&value)?;
    } else {
        out::print(&text(id.as_str(), &verification))?;
    }
    Ok(match verification {
        Verification::Reproduced { .. } => Answer::Yes,
        _ => Answer::No,
    })
}

/// Scores again and compares the predictions.
fn with_models(args: &VerifyArgs, experiment: &Experiment) -> Result<Answer> {
    let id = &experiment.summary.id;
    let base = match (&args.base, &experiment.base_folder) {
        (Some(base), _) => base.clone(),
        (None, Some(base)) => PathBuf::from(base),
        (None, None) => bail!(
            "A shared file does not tell where its data and models lie: name the folder that its \
             plan's paths start from with --base FOLDER"
        ),
    };
    let rescored = bar::under(args.json, |status| {
        worker::rescore(experiment, &base, args.on.device, args.tolerance, status)
    })?;
    if args.json {
        out::print_json(&rescored)?;
    } else {
        out::print(&rescored_text(id.as_str(), &rescored))?;
    }
    Ok(if rescored.fits() { Answer::Yes } else { Answer::No })
}

fn rescored_text(id: &str, rescored: &Rescored) -> String {
    let mut text = String::new();
    if !rescored.is_same_dataset {
        text.push_str("The dataset is not the one that was rehearsed: its digest differs\n");
    }
    for arm in &rescored.arms {
        let first = arm.first.map_or(String::new(), |row| format!(", the first in row {row}"));
        text.push_str(&format!(
            "{}: largest difference {:.2e}, {} of {} rows beyond {:e}{first}, {} other answers\n",
            arm.name, arm.largest, arm.beyond, rescored.rows, rescored.tolerance, arm.flips
        ));
    }
    if let Some(rerun) = &rescored.rerun {
        text.push_str(&self::text(id, rerun));
    }
    let word = if rescored.fits() { "the predictions are the stored ones" } else { "NOT the same" };
    text + &format!("{id} scored again: {word}\n")
}

fn text(id: &str, verification: &Verification) -> String {
    match verification {
        Verification::Reproduced { digest } => format!("{id} reproduced\ndigest {digest}\n"),
        Verification::Differs(difference) => format!(
            "{id} NOT reproduced: differs from {} on\n{}\n  stored  {}\n  now     {}\n",
            difference.at.clock(),
            difference.what,
            difference.stored,
            difference.now
        ),
        Verification::CannotRerun { reason } => format!("{id} cannot rerun: {reason}\n"),
    }
}
