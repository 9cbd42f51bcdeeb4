//! `rehearsal odds`: what becomes of good and bad candidates under a plan.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::args::{OddsArgs, Strategies};
use super::plan_file::PlanFile;
use super::{Answer, bar, library, out, plan_file};
use crate::domain::{Inputs, Plan};
use crate::report::{json, odds};
use crate::stats::odds::Odds;
use crate::worker::{self, Status, odds::Question};

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
                true => format!("## {title}\n\n{}\n", odds::markdown(found)),
                false => format!("{title}\n\n{}\n", odds::terminal(found)),
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
