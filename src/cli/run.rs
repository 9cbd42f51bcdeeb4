//! `rehearsal run`: one rehearsal, kept in the library.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::args::On;
use super::{Answer, bar, intervention, library, out, plan_file};
use crate::domain::{Inputs, Intervention, InterventionKind, Plan, Recording};
use crate::models::DeviceChoice;
use crate::report::{Run, json, summary};
use crate::stats::truth::Truth;
use crate::store::{ExperimentId, Library, NewExperiment};
use crate::worker::{self, Status};

const RUN_EXAMPLES: &str = "\
Examples:
  rehearsal run plan.toml
  rehearsal run plan.toml --seed 7 --json
  rehearsal run plan.toml --at 4m:pause --at 6m:promote
  rehearsal run plan.toml --at '3m:latency=2.5:2m'   from 3m on, for 2m, service times × 2.5
  rehearsal run k3f9 --at 2m:abort                   the stored run k3f9… again, but aborted at 2m

Interventions are TIME:ACTION. Actions of a person: promote, promote-fully, abort, roll-back,
pause, resume, retry, limit=GATE:CONDITION:NUMBER (gates are counted from 1, conditions are named
as in a plan: limit=1:at_most:0.02). Things that break, until the end or for ACTION:SPAN:
latency=FACTOR, errors=PERCENT, crash, replica-loss=COUNT, burst=FACTOR, label-outage,
metric-outage; they hit the first candidate, or ACTION@ARM.

The exit code is 1 if the rollout was aborted or rolled back.";

#[derive(Debug, clap::Args)]
#[command(after_help = RUN_EXAMPLES)]
pub(super) struct RunArgs {
    /// A plan's file, or the id of a stored run to be run again from its stored inputs
    #[arg(value_name = "PLAN|ID")]
    plan: String,
    #[command(flatten)]
    on: On,
    /// Another seed than the plan's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Act at a time: TIME:ACTION, as often as you like
    #[arg(long, value_name = "TIME:ACTION", value_parser = intervention::parse)]
    at: Vec<Intervention>,
    /// Who runs it, for the list; the name stays in your library
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    author: String,
    /// Print id, digest, outcome, ledger and verdict as JSON
    #[arg(long)]
    json: bool,
    /// Print nothing but errors; the exit code tells the outcome
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,
}

/// What is to be run, and where it comes from.
struct Source {
    plan: Plan,
    /// The folder that the plan's paths start from.
    base: PathBuf,
    /// Stored inputs, for a run that is repeated.
    inputs: Option<Inputs>,
    interventions: Vec<Intervention>,
    parent: Option<ExperimentId>,
    author: String,
}

pub(super) fn run(args: &RunArgs, library: Option<&Path>) -> Result<Answer> {
    let mut library = library::open(library)?;
    let source = source(args, &library)?;
    check(&source)?;
    let (id, recording, truth) = bar::under(args.quiet, |status| {
        rehearse(&source, args.on.device, &mut library, status)
            .map_err(|error| plan_file::at_its_line(error, Path::new(&args.plan)))
    })?;
    let mut run = Run::new(Some(id.as_str()), &source.plan, &recording);
    run.ledger.truth = truth;
    if args.json {
        out::print_json(&json::summary(&run))?;
    } else if !args.quiet {
        out::print(&summary::short(&run))?;
        out::print(&format!("\nMore: rehearsal show {id}\n"))?;
    }
    Ok(if recording.outcome.kind.is_refusal() { Answer::No } else { Answer::Yes })
}

/// A plan's file, or an experiment that is run again.
fn source(args: &RunArgs, library: &Library) -> Result<Source> {
    let path = Path::new(&args.plan);
    let mut source = if library::looks_like_a_file(&args.plan) {
        let file = plan_file::read(path)?;
        Source {
            plan: file.plan,
            base: file.base,
            inputs: None,
            interventions: Vec::new(),
            parent: None,
            author: args.author.clone(),
        }
    } else {
        let stored = library.load(&library.find(&args.plan)?)?;
        Source {
            plan: stored.plan,
            base: stored.base_folder.unwrap_or_default().into(),
            inputs: Some(stored.inputs),
            interventions: stored.interventions,
            parent: Some(stored.summary.id),
            author: args.author.clone(),
        }
    };
    if let Some(seed) = args.seed {
        source.plan = source.plan.with_seed(seed);
    }
    source.interventions.extend(args.at.iter().cloned());
    source.interventions.sort_by_key(|intervention| intervention.at);
    Ok(source)
}

/// Interventions name arms and gates that only the plan knows.
fn check(source: &Source) -> Result<()> {
    let plan = &source.plan;
    for intervention in &source.interventions {
        match &intervention.kind {
            InterventionKind::Inject(fault) => {
                let arms = plan.arm_names();
                if let Some(arm) = fault.arm.as_ref().filter(|arm| !arms.contains(arm)) {
                    bail!("No arm is called `{arm}`; the plan has {}", arms.join(", "));
                }
            }
            InterventionKind::SetLimit { gate, .. } if usize::from(*gate) >= plan.gates.len() => {
                bail!("There is no gate {}; the plan has {}", gate + 1, plan.gates.len());
            }
            _ => {}
        }
    }
    Ok(())
}

fn rehearse(
    source: &Source,
    device: DeviceChoice,
    library: &mut Library,
    status: &Status,
) -> Result<(ExperimentId, Recording, Option<Truth>), worker::Error> {
    let resolved;
    let inputs = match &source.inputs {
        Some(inputs) => inputs,
        None => {
            resolved = worker::resolve(&source.plan, &source.base, device, Some(library), status)?;
            &resolved
        }
    };
    // Relative paths in a stored plan must not depend on where the command was typed.
    let base = std::path::absolute(&source.base).unwrap_or_else(|_| source.base.clone());
    let experiment = NewExperiment {
        name: &source.plan.name,
        plan: &source.plan,
        inputs,
        interventions: &source.interventions,
        parent: source.parent.as_ref(),
        base_folder: &base.to_string_lossy(),
        author: &source.author,
    };
    let (id, recording) = worker::rehearse(&experiment, library, status, |_| {})?;
    let truth = worker::hindsight(&source.plan, inputs, &source.interventions, &recording);
    Ok((id, recording, truth))
}
