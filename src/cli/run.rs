//! `rehearsal run`: one rehearsal, kept in the library.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::args::RunArgs;
use super::{Answer, bar, library, out, plan_file};
use crate::domain::{Inputs, Intervention, InterventionKind, Plan, Recording};
use crate::models::DeviceChoice;
use crate::report::{Run, json, summary};
use crate::store::{ExperimentId, Library, NewExperiment};
use crate::worker::{self, Status};

/// What is to be run, and where it comes from.
struct Source {
    plan: Plan,
    /// The folder that the plan's paths start from.
    base: PathBuf,
    /// Stored inputs, for a run that is repeated.
    inputs: Option<Inputs>,
    interventions: Vec<Intervention>,
    parent: Option<ExperimentId>,
}

pub(super) fn run(args: &RunArgs, library: Option<&Path>) -> Result<Answer> {
    let library = library::open(library)?;
    let source = source(args, &library)?;
    check(&source)?;
    let (id, recording) = bar::under(args.quiet, |status| {
        rehearse(&source, args.on.device, &library, status)
            .map_err(|error| plan_file::at_its_line(error, Path::new(&args.plan)))
    })?;
    let run = Run::new(Some(id.as_str()), &source.plan, &recording);
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
        }
    } else {
        let stored = library.load(&library.find(&args.plan)?)?;
        Source {
            plan: stored.plan,
            base: stored.base_folder.unwrap_or_default().into(),
            inputs: Some(stored.inputs),
            interventions: stored.interventions,
            parent: Some(stored.summary.id),
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
    library: &Library,
    status: &Status,
) -> Result<(ExperimentId, Recording), worker::Error> {
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
    };
    worker::rehearse(&experiment, library, status, |_| {})
}
