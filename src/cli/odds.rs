//! `rehearsal odds`: what becomes of good and bad candidates under a plan.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;

use super::args::On;
use super::plan_file::PlanFile;
use super::strategies::{Strategies, strategies};
use super::{Answer, bar, library, out, plan_file};
use crate::domain::{Inputs, Plan, Regression};
use crate::report::{json, odds};
use crate::stats::odds::Odds;
use crate::worker::{self, Status, odds::Question};

const ODDS_EXAMPLES: &str = "\
Examples:
  rehearsal odds plan.toml
  rehearsal odds plan.toml --strategies direct,canary,ab
  rehearsal odds careful.toml bold.toml --runs 1000
  rehearsal odds plan.toml --regression none --regression accuracy=5@freelance --regression latency=1.3

Without --regression: the plan's own candidate, the baseline in its place (whatever stops that is a
false alarm), and the baseline made worse step by step: accuracy, latency, errors. All plans and
rows meet the same requests by the same seeds; the answer does not depend on the number of threads.";

#[derive(Debug, clap::Args)]
#[command(after_help = ODDS_EXAMPLES)]
pub(super) struct OddsArgs {
    /// One plan or several
    #[arg(required = true, value_name = "PLAN")]
    plans: Vec<PathBuf>,
    /// At most so many runs of each row
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    runs: u32,
    /// Stop sooner, once every share is known to so many points either way
    #[arg(long, value_name = "POINTS")]
    precision: Option<f64>,
    /// What is wrong with the candidate: none, as-planned, accuracy=POINTS, accuracy=POINTS@SEGMENT,
    /// error-size=FACTOR, latency=FACTOR or errors=PERCENT; as often as you like
    #[arg(long, value_name = "WHAT")]
    regression: Vec<Regression>,
    /// The same with other strategies: all, or some of them
    #[arg(long, value_parser = strategies)]
    strategies: Option<Strategies>,
    #[command(flatten)]
    on: On,
    /// The first run's seed [default: the first plan's]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    form: OddsForm,
}

/// The form of odds.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct OddsForm {
    /// As JSON, with a digest over every run
    #[arg(long)]
    json: bool,
    /// As Markdown
    #[arg(long)]
    markdown: bool,
}

pub(super) fn odds(args: &OddsArgs, library: Option<&Path>) -> Result<Answer> {
    let library = library::open(library)?;
    let mut answers = Vec::new();
    let mut seed = args.seed;
    for path in &args.plans {
        let file = plan_file::read(path)?;
        // All plans meet the same requests: those of the first one's seed.
        let seed = *seed.get_or_insert(file.plan.seed);
        let PlanFile { plan, base } = file;
        let found = bar::under(false, |status| {
            let inputs = worker::resolve(&plan, &base, args.on.device, Some(&library), status)?;
            variants(&plan, &inputs, args)?
                .into_iter()
                .map(|(plan, inputs)| ask(plan, &inputs, args, seed, status))
                .collect::<Result<Vec<_>, worker::Error>>()
        })
        .map_err(|error| plan_file::at_its_line(error, path))?;
        answers.extend(found);
    }
    if args.form.json {
        let of_plan = |(plan, odds): &(Plan, Odds)| json::odds(plan, odds);
        out::print_json(&json!({ "plans": answers.iter().map(of_plan).collect::<Vec<_>>() }))?;
    } else {
        for (plan, found) in &answers {
            let title = format!("{} ({})", plan.name, plan.strategy.kind().label());
            let text = match args.form.markdown {
                true => format!("## {title}\n\n{}\n", odds::markdown(plan, found)),
                false => format!("{title}\n\n{}\n", odds::terminal(plan, found)),
            };
            out::print(&text)?;
        }
    }
    Ok(Answer::Yes)
}

/// The plan as it is, or with each of the strategies asked for.
fn variants(
    plan: &Plan,
    inputs: &Inputs,
    args: &OddsArgs,
) -> Result<Vec<(Plan, Inputs)>, worker::Error> {
    let kinds = match &args.strategies {
        None => return Ok(vec![(plan.clone(), inputs.clone())]),
        Some(Strategies::All) => worker::compare::strategies(plan),
        Some(Strategies::These(kinds)) => kinds.clone(),
    };
    kinds.into_iter().map(|kind| worker::compare::with_strategy(plan, kind, inputs)).collect()
}

fn ask(
    plan: Plan,
    inputs: &Inputs,
    args: &OddsArgs,
    seed: u64,
    status: &Status,
) -> Result<(Plan, Odds), worker::Error> {
    let mut question = Question::of(&plan, inputs, args.runs);
    question.seed = seed;
    question.precision = args.precision.map(|points| points / 100.0);
    if !args.regression.is_empty() {
        question.regressions.clone_from(&args.regression);
    }
    status.begin(format!("Odds of {}", plan.strategy.kind().label().to_lowercase()));
    let odds = worker::odds(&plan, inputs, &question, &status.progress, |_| {})?;
    Ok((plan, odds))
}
