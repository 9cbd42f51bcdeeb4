//! `rehearsal compare`: several strategies, or the rules of several controllers, on the same stream.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::args::On;
use super::dialects::{Dialects, dialects, differences};
use super::strategies::{Strategies, strategies};
use super::{Answer, bar, library, out, plan_file};
use crate::domain::Plan;
use crate::report::{Run, comparison, csv, json, oracle, timelines};
use crate::worker::{self, Compared};

const COMPARE_EXAMPLES: &str = "\
Examples:
  rehearsal compare plan.toml
  rehearsal compare plan.toml --strategies direct,canary,blue_green
  rehearsal compare plan.toml --markdown > comparison.md
  rehearsal compare plan.toml --dialects all         as Argo Rollouts, Flagger and SageMaker would

All runs get the same requests by the same seed. The plan's own strategy keeps its parameters; the
others take as much time for their rollout, and the same gates.";

#[derive(Debug, clap::Args)]
#[command(after_help = COMPARE_EXAMPLES)]
pub(super) struct CompareArgs {
    /// The plan's file
    plan: PathBuf,
    /// Which strategies: all, or some of single, direct, rolling, shadow, blue_green, canary, ab,
    /// bandit
    #[arg(long, default_value = "all", value_parser = strategies)]
    strategies: Strategies,
    /// Controllers instead of strategies: all, or some of rehearsal, argo, flagger, sagemaker
    #[arg(long, value_parser = dialects, conflicts_with = "strategies")]
    dialects: Option<Dialects>,
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
    let (translated, unsaid) = match &args.dialects {
        Some(Dialects(dialects)) => worker::compare::translated(&plan, dialects),
        None => (Vec::new(), Vec::new()),
    };
    let compared = bar::under(false, |status| {
        let inputs = worker::resolve(&plan, &file.base, args.on.device, Some(&library), status)?;
        if args.dialects.is_some() {
            status.begin(format!("Rehearsing {} dialects", translated.len()));
            return worker::compare::compare_dialects(
                translated.clone(),
                &inputs,
                &status.progress,
            );
        }
        let kinds = match &args.strategies {
            Strategies::All => worker::compare::strategies(&plan),
            Strategies::These(kinds) => kinds.clone(),
        };
        status.begin(format!("Rehearsing {} strategies", kinds.len()));
        worker::compare(&plan, &kinds, &inputs, &status.progress)
    })
    .map_err(|error| plan_file::at_its_line(error, &args.plan))?;
    let runs: Vec<(String, Run<'_>)> = compared
        .iter()
        .map(|one| {
            let run = Run::new(None, &one.plan, &one.recording);
            (name(one, args), Run { ledger: one.ledger.clone(), ..run })
        })
        .collect();
    print(args, &plan, &runs)?;
    if args.dialects.is_some() && !args.form.json && !args.form.csv {
        out::print(&differences(&runs, &unsaid))?;
    }
    Ok(Answer::Yes)
}

fn name(one: &Compared, args: &CompareArgs) -> String {
    let name = if args.dialects.is_some() { one.plan.dialect.label() } else { one.kind.label() };
    name.to_owned()
}

fn print(args: &CompareArgs, plan: &Plan, runs: &[(String, Run<'_>)]) -> Result<()> {
    let table = comparison::table(runs);
    let by_dialect = args.dialects.is_some();
    if args.form.json && by_dialect {
        out::print_json(&json::dialects(&plan.name, runs))
    } else if args.form.json {
        out::print_json(&json::comparison(&plan.name, runs))
    } else if args.form.markdown {
        let timelines = by_dialect.then(|| format!("{}\n", timelines::markdown(runs)));
        out::print(&format!("{}{}", timelines.unwrap_or_default(), comparison::markdown(&table)))?;
        out::print(&oracle::markdown(runs))
    } else if args.form.csv {
        out::print(&csv::comparison(&table))
    } else {
        let about = format!("{}: the same requests, seed {}", plan.name, plan.seed);
        let timelines = by_dialect.then(|| format!("{}\n", timelines::terminal(runs)));
        let table = comparison::terminal(&table);
        let truth = oracle::terminal(runs);
        out::print(&format!("{about}\n\n{}{table}{truth}", timelines.unwrap_or_default()))
    }
}
