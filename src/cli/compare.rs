//! `rehearsal compare`: several strategies, or the rules of several controllers, on the same stream.

use std::path::Path;

use anyhow::Result;

use super::args::{CompareArgs, Dialects, Strategies};
use super::{Answer, bar, library, out, plan_file};
use crate::domain::{Plan, dialect};
use crate::report::grid::wrapped;
use crate::report::{Run, WIDTH, comparison, csv, json, timelines};
use crate::worker::compare::Unsaid;
use crate::worker::{self, Compared};

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
        .map(|one| (name(one, args), Run::new(None, &one.plan, &one.recording)))
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
        out::print(&format!("{}{}", timelines.unwrap_or_default(), comparison::markdown(&table)))
    } else if args.form.csv {
        out::print(&csv::comparison(&table))
    } else {
        let about = format!("{}: the same requests, seed {}", plan.name, plan.seed);
        let timelines = by_dialect.then(|| format!("{}\n", timelines::terminal(runs)));
        let table = comparison::terminal(&table);
        out::print(&format!("{about}\n\n{}{table}", timelines.unwrap_or_default()))
    }
}

/// What each dialect makes of the plan, and which cannot say it.
fn differences(runs: &[(String, Run<'_>)], unsaid: &[Unsaid]) -> String {
    let mut text = String::new();
    for (name, run) in runs {
        let notes = dialect::notes(run.plan);
        if !notes.is_empty() {
            text.push_str(&format!("\n{name} reads the plan differently\n"));
        }
        text.extend(
            notes
                .iter()
                .map(|note| wrapped(&format!("{}: {}", note.field, note.message), "  ", WIDTH)),
        );
    }
    for (dialect, problems) in unsaid {
        text.push_str(&format!("\n{} is left out\n", dialect.label()));
        text.extend(problems.iter().map(|problem| wrapped(&problem.message, "  ", WIDTH)));
    }
    text
}
