//! `rehearsal plan`: write, check and describe plans.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Subcommand;

use super::strategies::strategy;
use super::{Answer, bar, out, plan_file};
use crate::data;
use crate::domain::{
    Condition, DataSource, Gate, Metric, ModelSource, PlanDraft, StrategyKind, grouped,
};
use crate::models::DeviceChoice;
use crate::stats::lint::lint;
use crate::worker;

const NEW_EXAMPLES: &str = "\
Examples:
  rehearsal plan new --data rows.csv -o plan.toml
  rehearsal plan new --strategy blue_green --data rows.csv
  rehearsal plan check plan.toml";

#[derive(Debug, Subcommand)]
pub(super) enum PlanCommand {
    /// Write a plan to complete in an editor
    #[command(after_help = NEW_EXAMPLES)]
    New(NewPlanArgs),
    /// List every problem of a plan, with its line and field
    Check {
        /// The plan's file
        file: PathBuf,
    },
    /// Print the JSON Schema of plans, for editors that complete and check
    Schema,
}

#[derive(Debug, clap::Args)]
pub(super) struct NewPlanArgs {
    /// single, direct, rolling, shadow, blue_green, canary, ab or bandit
    #[arg(long, default_value = "canary", value_parser = strategy)]
    strategy: StrategyKind,
    /// The dataset, from which roles are guessed
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Where to write it [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn plan(command: &PlanCommand) -> Result<Answer> {
    match command {
        PlanCommand::New(args) => new(args),
        PlanCommand::Check { file } => check(file),
        PlanCommand::Schema => {
            out::print_json(&schemars::schema_for!(PlanDraft))?;
            Ok(Answer::Yes)
        }
    }
}

/// The plan itself first, then whether data and models are there and fit.
fn check(path: &Path) -> Result<Answer> {
    let file = plan_file::read(path)?;
    let plan = &file.plan;
    let inputs = bar::under(false, |status| {
        worker::resolve(plan, &file.base, DeviceChoice::Cpu, None, status)
    })
    .map_err(|error| plan_file::at_its_line(error, path))?;
    out::print(&format!(
        "{} is sound: {}, {} arms, {} gates, {} rows\nNext: rehearsal run {}\n",
        path.display(),
        plan.strategy.kind().label(),
        plan.arms.len(),
        plan.gates.len(),
        grouped(inputs.rows.count as u64),
        path.display()
    ))?;
    let advice = lint(plan);
    if !advice.is_empty() {
        out::print(&format!("\nWorth a second thought\n{}", plan_file::lines(&advice, path)))?;
    }
    Ok(Answer::Yes)
}

const HEAD: &str = "\
# A plan for Rehearsal. What is left out has the default that this file shows.
#   rehearsal plan check FILE    every problem with its line
#   rehearsal plan schema        every field with its meaning
#   rehearsal run FILE           rehearse it

";

fn new(args: &NewPlanArgs) -> Result<Answer> {
    let text = format!("{HEAD}{}", draft(args)?.to_toml());
    let Some(output) = &args.output else {
        out::print(&text)?;
        return Ok(Answer::Yes);
    };
    if output.exists() {
        bail!(
            "There is a file already; choose another name, or delete it first\n{}",
            output.display()
        );
    }
    worker::files::write(output, text.as_bytes())?;
    out::print(&format!(
        "Wrote {0}\nNext: put in the models' folders, then rehearsal plan check {0}\n",
        output.display()
    ))?;
    Ok(Answer::Yes)
}

fn draft(args: &NewPlanArgs) -> Result<PlanDraft> {
    let mut draft =
        PlanDraft { strategy: args.strategy.default_strategy(), ..PlanDraft::default() };
    let mut recorded = Vec::new();
    if let Some(path) = &args.data {
        let dataset = bar::under(false, |status| {
            status.begin(format!("Reading {}", path.display()));
            data::load(path, &status.progress)
        })?;
        let given =
            DataSource { path: below(path, args.output.as_deref()), ..DataSource::default() };
        draft.data = worker::roles(&given, &dataset.table);
        recorded = data::guess_roles(&dataset.table).predictions;
    }
    if args.strategy == StrategyKind::Single {
        draft.arms.truncate(1);
    }
    for (place, arm) in draft.arms.iter_mut().enumerate() {
        arm.model = match recorded.get(place) {
            Some(column) => ModelSource::Column(column.clone()),
            None => ModelSource::Folder(format!("models/v{}", place + 1)),
        };
    }
    draft.gates = gates(&draft);
    Ok(draft)
}

/// Guardrails that fit most rollouts.
fn gates(draft: &PlanDraft) -> Vec<Gate> {
    if draft.arms.len() < 2 {
        return Vec::new();
    }
    let gate = |name: &str, metric, pass_when| Gate {
        name: name.to_owned(),
        metric,
        pass_when: Some(pass_when),
        ..Gate::default()
    };
    let mut gates = vec![
        gate("Errors", Metric::ErrorRate, Condition::AtMost(0.01)),
        gate("p95 latency", Metric::LatencyP95, Condition::AtMostTimesBaseline(1.5)),
    ];
    if draft.data.label.is_some() {
        let accuracy = gate("Accuracy", Metric::Accuracy, Condition::AtMostBelowBaseline(0.02));
        gates.push(Gate { min_samples: 1_000, ..accuracy });
    }
    gates
}

/// The dataset's path as the plan has to write it: relative paths start from the plan's folder.
fn below(data: &Path, output: Option<&Path>) -> String {
    let folder = output.and_then(Path::parent).filter(|folder| *folder != Path::new(""));
    let path: PathBuf = match folder {
        None => data.to_owned(),
        Some(folder) => match data.strip_prefix(folder) {
            Ok(inside) => inside.to_owned(),
            Err(_) => std::path::absolute(data).unwrap_or_else(|_| data.to_owned()),
        },
    };
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_plans_need_only_models_and_data() {
        for strategy in StrategyKind::ALL {
            let args = NewPlanArgs { strategy, data: None, output: None };
            let problems = draft(&args).unwrap().validate().err().unwrap_or_default();
            let fields: Vec<String> = problems.into_iter().map(|problem| problem.field).collect();
            assert_eq!(fields, ["data.path"], "{strategy:?}");
        }
    }

    #[test]
    fn data_is_named_from_the_plan_s_folder() {
        let path = |data: &str, output: Option<&str>| below(Path::new(data), output.map(Path::new));
        assert_eq!(path("rows.csv", None), "rows.csv");
        assert_eq!(path("rows.csv", Some("plan.toml")), "rows.csv");
        assert_eq!(path("study/rows.csv", Some("study/plan.toml")), "rows.csv");
        assert!(Path::new(&path("rows.csv", Some("plans/plan.toml"))).is_absolute());
    }
}
