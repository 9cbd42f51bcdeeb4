//! `rehearsal verify`: does a stored experiment come out the same again?

use std::path::Path;

use anyhow::{Result, bail};

use super::args::VerifyArgs;
use super::{Answer, bar, library, out};
use crate::worker::{self, Verification};

pub(super) fn verify(args: &VerifyArgs, library: Option<&Path>) -> Result<Answer> {
    let experiment = library::experiment(&args.experiment, library)?;
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

fn text(id: &str, verification: &Verification) -> String {
    match verification {
        Verification::Reproduced { digest } => format!("{id} reproduced\ndigest {digest}\n"),
        Verification::Differs(difference) => format!(
            "{id} NOT reproduced\nFirst difference at {}, {}\n  stored  {}\n  now     {}\n",
            difference.at.clock(),
            difference.what,
            difference.stored,
            difference.now
        ),
        Verification::CannotRerun { reason } => format!("{id} cannot be verified: {reason}\n"),
    }
}
