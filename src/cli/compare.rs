//! `rehearsal compare`: several strategies on the same stream.

use std::path::Path;

use anyhow::Result;

use super::args::{CompareArgs, Strategies};
use super::{Answer, bar, library, out, plan_file};
use crate::report::{Run, comparison, csv, json};
use crate::worker;

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
