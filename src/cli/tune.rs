//! `rehearsal tune`: variants of a plan that catch more, sooner, or with fewer false alarms.

use std::path::Path;

use anyhow::{Result, bail};
use serde_json::json;

use super::args::TuneArgs;
use super::{Answer, bar, library, out, plan_file};
use crate::domain::PlanDraft;
use crate::report::tuned::terminal;
use crate::stats::tuned::{Goal, Tuned};
use crate::worker::{self, tune::Variant};

pub(super) fn tune(args: &TuneArgs, library: Option<&Path>) -> Result<Answer> {
    let library = library::open(library)?;
    let file = plan_file::read(&args.plan)?;
    let goal =
        Goal { most_false_alarms: args.false_alarms / 100.0, least_caught: args.detect / 100.0 };
    let bad = &args.regression;
    if !bad.is_worse() {
        bail!("--regression must be something bad, for example accuracy=3 or errors=2");
    }
    let found = bar::under(false, |status| {
        let inputs =
            worker::resolve(&file.plan, &file.base, args.on.device, Some(&library), status)?;
        worker::tune::tune(&file.plan, &inputs, bad, &goal, args.runs, status)
    })
    .map_err(|error| plan_file::at_its_line(error, &args.plan))?;
    if let Some(output) = &args.output {
        write(&found, output, &args.plan)?;
    }
    if args.json {
        let of_variant = |(variant, tuned): &(Variant, Tuned)| {
            let plan: &PlanDraft = &variant.plan;
            json!({ "changes": variant.changes, "is_own": variant.is_own, "plan": plan,
                    "figures": tuned.figures })
        };
        let variants: Vec<_> = found.iter().map(of_variant).collect();
        out::print_json(&json!({ "goal": goal, "regression": bad, "variants": variants }))?;
    } else {
        let rows: Vec<_> =
            found.iter().map(|(variant, tuned)| (variant.changes.clone(), tuned)).collect();
        out::print(&terminal(&rows, bad, &goal))?;
    }
    let is_bettered = found.iter().any(|(variant, _)| !variant.is_own);
    Ok(if is_bettered { Answer::Yes } else { Answer::No })
}

/// The least exposed of the variants, as a plan's file.
fn write(found: &[(Variant, Tuned)], output: &Path, plan: &Path) -> Result<()> {
    if output.exists() {
        bail!(
            "There is a file already; choose another name, or delete it first\n{}",
            output.display()
        );
    }
    if output.parent() != plan.parent() {
        bail!("Its paths start from the folder of the plan: choose a file in that folder");
    }
    let Some((variant, _)) = found.iter().find(|(variant, _)| !variant.is_own) else {
        bail!("No variant reaches the goal, so there is no plan to write");
    };
    let plan: &PlanDraft = &variant.plan;
    worker::files::write(output, plan.to_toml().as_bytes())?;
    out::note(&format!("{} has {}", output.display(), variant.changes.join(", ")));
    Ok(())
}
