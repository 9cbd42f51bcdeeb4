//! `rehearsal tune`: variants of a plan that catch more, sooner, or with fewer false alarms.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde_json::json;

use super::args::On;
use super::{Answer, bar, library, out, plan_file};
use crate::domain::{PlanDraft, Regression};
use crate::report::tuned::terminal;
use crate::stats::tuned::{Goal, Tuned};
use crate::worker::{self, tune::Variant};

const TUNE_EXAMPLES: &str = "\
Examples:
  rehearsal tune plan.toml --regression accuracy=3
  rehearsal tune plan.toml --false-alarms 2 --detect 95 --regression latency=1.5 --runs 400
  rehearsal tune plan.toml --regression errors=2 --output better.toml

Ramps (of canaries), times, limits and tolerated failures are varied. Of those that reach the goal,
the ones are shown that no other beats in false alarms, misses, exposure and time at once.

Exits with 0 if there are any besides the plan as it is, else with 1.";

#[derive(Debug, clap::Args)]
#[command(after_help = TUNE_EXAMPLES)]
pub(super) struct TuneArgs {
    /// The plan's file
    plan: PathBuf,
    /// The bad candidate that is to be caught, written as for `odds`
    #[arg(long, value_name = "WHAT", default_value = "errors=2")]
    regression: Regression,
    /// At most so many percent of good candidates may be stopped
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
    false_alarms: f64,
    /// At least so many percent of bad candidates must be caught
    #[arg(long, value_name = "PERCENT", default_value_t = 90.0)]
    detect: f64,
    /// Runs of each variant that is left in the end, with a good and with a bad candidate
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    runs: u32,
    /// Write the least exposed variant's plan here
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    on: On,
    /// Write JSON, with every variant's plan
    #[arg(long)]
    json: bool,
}

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
