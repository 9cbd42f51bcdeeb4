//! `rehearsal advise`: which strategy fits what matters.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;

use super::args::On;
use super::{Answer, bar, library, out, plan_file};
use crate::domain::{Regression, SimSpan};
use crate::report::advice;
use crate::stats::advice::{Needs, advise as weigh};
use crate::worker;

const ADVISE_EXAMPLES: &str = "\
Examples:
  rehearsal advise plan.toml
  rehearsal advise plan.toml --most-exposed 2 --one-fleet
  rehearsal advise plan.toml --feedback --within 20m --regression latency=2

Every strategy is rehearsed on the plan's traffic: once with the plan's own candidate, and many times
with the baseline and with a bad candidate in its place.

Exits with 0 if a strategy meets every need, else with 1.";

#[derive(Debug, clap::Args)]
#[command(after_help = ADVISE_EXAMPLES)]
pub(super) struct AdviseArgs {
    /// The plan's file
    plan: PathBuf,
    /// The bad candidate that must not get through
    #[arg(long, value_name = "WHAT", default_value = "errors=5")]
    regression: Regression,
    /// The largest share of the requests that may meet it, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0)]
    most_exposed: f64,
    /// Live requests may go unanswered for a while
    #[arg(long)]
    downtime: bool,
    /// There is no room for a second fleet beside the first
    #[arg(long)]
    one_fleet: bool,
    /// The effect on users is to be measured, so they must meet both models at random
    #[arg(long)]
    feedback: bool,
    /// A good candidate must have all traffic by then
    #[arg(long, value_name = "SPAN")]
    within: Option<SimSpan>,
    /// Runs of each strategy with a good and with a bad candidate
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    runs: u32,
    #[command(flatten)]
    on: On,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn advise(args: &AdviseArgs, library: Option<&Path>) -> Result<Answer> {
    let library = library::open(library)?;
    let file = plan_file::read(&args.plan)?;
    let measured = bar::under(false, |status| {
        let inputs =
            worker::resolve(&file.plan, &file.base, args.on.device, Some(&library), status)?;
        worker::advise::measure(&file.plan, &inputs, &args.regression, args.runs, status)
    })
    .map_err(|error| plan_file::at_its_line(error, &args.plan))?;
    let needs = Needs {
        tolerates_downtime: args.downtime,
        has_double_capacity: !args.one_fleet,
        most_exposed: args.most_exposed / 100.0,
        wants_feedback: args.feedback,
        within: args.within,
    };
    let standings = weigh(&needs, &measured);
    if args.json {
        out::print_json(&json!({ "needs": needs, "strategies": standings }))?;
    } else {
        out::print(&advice::terminal(&standings))?;
    }
    let is_met = standings.first().is_some_and(|best| best.faults.is_empty());
    Ok(if is_met { Answer::Yes } else { Answer::No })
}
