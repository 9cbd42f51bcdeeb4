//! `rehearsal compare`: several strategies on the same stream.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::args::On;
use super::strategies::{Strategies, strategies};
use super::{Answer, bar, library, out, plan_file};
use crate::report::{Run, comparison, csv, json};
use crate::worker;

const COMPARE_EXAMPLES: &str = "\
Examples:
  rehearsal compare plan.toml
  rehearsal compare plan.toml --strategies direct,canary,blue_green
  rehearsal compare plan.toml --markdown > comparison.md

All runs get the same requests by the same seed. The plan's own strategy keeps its parameters; the
others take as much time for their rollout, and the same gates.";

#[derive(Debug, clap::Args)]
#[command(after_help = COMPARE_EXAMPLES)]
pub(super) struct CompareArgs {
    /// The plan's file
    plan: PathBuf,
    /// Which strategies: all, or some of single, direct, rolling, shadow, blue_green, canary, ab
    #[arg(long, default_value = "all", value_parser = strategies)]
    strategies: Strategies,
    #[command(flatten)]
    on: On,
    /// Another seed than the plan's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    form: Form,
}

/// The form of a comparison.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct Form {
    /// As JSON, with each run's digest, ledger and verdict
    #[arg(long)]
    json: bool,
    /// As a Markdown table
    #[arg(long)]
    markdown: bool,
    /// As CSV, one line per measure
    #[arg(long)]
    csv: bool,
}

pub(super) fn compare(args: &CompareArgs, library: Option<&Path>) -> Result<Answer> {
    let library = library::open(library)?;
    let file = plan_file::read(&args.plan)?;
    let plan = file.plan.with_seed(args.seed.unwrap_or(file.plan.seed));
    let kinds = match &args.strategies {
        Strategies::All => worker::compare::strategies(&plan),
        Strategies::These(kinds) => kinds.clone(),
    };
    let compared = bar::under(false, |status| {
        let inputs = worker::resolve(&plan, &file.base, args.on.device, Some(&library), status)?;
        status.begin(format!("Rehearsing {} strategies", kinds.len()));
        worker::compare(&plan, &kinds, &inputs, &status.progress)
    })
    .map_err(|error| plan_file::at_its_line(error, &args.plan))?;
    let runs: Vec<(String, Run<'_>)> = compared
        .iter()
        .map(|one| (one.kind.label().to_owned(), Run::new(None, &one.plan, &one.recording)))
        .collect();
    let table = comparison::table(&runs);
    if args.form.json {
        out::print_json(&json::comparison(&plan.name, &runs))?;
    } else if args.form.markdown {
        out::print(&comparison::markdown(&table))?;
    } else if args.form.csv {
        out::print(&csv::comparison(&table))?;
    } else {
        let about = format!("{}: the same requests, seed {}", plan.name, plan.seed);
        out::print(&format!("{about}\n\n{}", comparison::terminal(&table)))?;
    }
    Ok(Answer::Yes)
}
