//! `rehearsal advise`: which strategy fits what matters.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::args::AdviseArgs;
use super::{Answer, bar, library, out, plan_file};
use crate::report::advice;
use crate::stats::advice::{Needs, advise as weigh};
use crate::worker;

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
