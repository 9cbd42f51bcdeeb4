//! What can be written on the command line. A command with arguments of its own declares them in
//! its own file, beside what it does.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::advise::AdviseArgs;
use super::compare::CompareArgs;
use super::data::DataArgs;
use super::list::ListArgs;
use super::model::ModelCommand;
use super::odds::OddsArgs;
use super::plan::PlanCommand;
use super::report::ReportArgs;
use super::review::ReviewCommand;
use super::run::RunArgs;
use super::score::ScoreArgs;
use super::show::ShowArgs;
use super::soak::SoakArgs;
use super::sql::SqlArgs;
use super::tune::TuneArgs;
use super::verify::VerifyArgs;
use crate::models::DeviceChoice;

const EXAMPLES: &str = "\
A first tour:
  rehearsal sample                                   write data, models and plans to ./samples
  rehearsal run samples/loans/plans/canary.toml      rehearse a canary
  rehearsal compare samples/loans/plans/canary.toml  every strategy, the same requests
  rehearsal odds samples/loans/plans/canary.toml     which regressions it catches, and how often
  rehearsal list                                     what was run so far
  rehearsal show ID                                  gates, stages and costs of a run
  rehearsal report ID --out report.html              a page for people without the program
  rehearsal verify ID                                the same to the bit if run again?
  rehearsal review show ID                           checklist, comments and sign-offs

With your own data and models:
  rehearsal data rows.csv                            what is in it and wrong with it
  rehearsal model inspect models/v2                  what a model reads and answers
  rehearsal score --model models/v2 --data rows.csv  how good and how fast it is
  rehearsal model measure models/v2 --data rows.csv  how fast, how surely, and its cold start
  rehearsal soak plan.toml --seconds 30              served in real time beside the simulation
  rehearsal plan new --data rows.csv -o plan.toml    a plan to complete in an editor
  rehearsal plan check plan.toml                     every problem with its line

Exit codes: 0 done; 1 the answer is no (aborted, rolled back, not reproduced); 2 could not run.";

/// Rehearse the rollout of a machine-learning model before anyone's users meet it: real rows and
/// real models, simulated time, traffic and serving.
///
/// Without a command the window opens.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, subcommand_precedence_over_arg = true)]
pub(super) struct Args {
    /// A plan (.toml) or a shared experiment (.rehearsal) to open in the window
    pub file: Option<PathBuf>,

    /// The file that keeps all experiments [default: in the platform's folder for a program's data]
    #[arg(long, value_name = "FILE", global = true)]
    pub library: Option<PathBuf>,

    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Rehearse a plan and keep the run in the library
    Run(RunArgs),
    /// Run several strategies on the same requests and put their measured numbers side by side
    Compare(CompareArgs),
    /// Run a plan by many seeds, for good and for bad candidates: how often it catches what, how soon,
    /// at what price
    Odds(OddsArgs),
    /// Vary stages, times and limits: which plans catch a bad candidate, and at what price
    Tune(TuneArgs),
    /// Name the strategy that fits what matters, measured on the plan's own traffic
    Advise(AdviseArgs),
    /// Ask a model for every row: quality where a label is known, and time by batch size
    Score(ScoreArgs),
    /// Serve a plan's traffic in real time with the real models, beside the simulation of it
    Soak(SoakArgs),
    /// List the experiments in the library
    List(ListArgs),
    /// Show one experiment: verdict, stages, gates, batch jobs and costs
    Show(ShowArgs),
    /// Write a report that needs no program to read, or the run's tables and charts
    Report(ReportArgs),
    /// Run an experiment again from its stored inputs and compare the digests
    Verify(VerifyArgs),
    /// Write one experiment to a file of its own, for a reviewer
    Share {
        /// The experiment's id, or the beginning of it
        id: String,
        /// The file to write, for example canary.rehearsal; without one, only sizes are told
        file: Option<PathBuf>,
        /// Leave the models' answers out: smaller, but only who has the models can run it again
        #[arg(long)]
        without_predictions: bool,
    },
    /// Copy the experiment of a shared file into the library, with its review
    Adopt {
        /// The file that somebody shared
        file: PathBuf,
    },
    /// Comment on an experiment, answer its checklist, and sign off on it
    Review {
        #[command(subcommand)]
        command: ReviewCommand,
    },
    /// Ask a question in SQL about an experiment; read-only
    Sql(SqlArgs),
    /// Bring back an experiment that was deleted less than a week ago
    Restore {
        /// The experiment's whole id
        id: String,
    },
    /// Put an experiment away from the list, or take it out again
    Archive {
        /// The experiment's id, or the beginning of it
        id: String,
        /// Take it out again
        #[arg(long)]
        undo: bool,
    },
    /// Tag an experiment, so that it is found again: the tags replace those before
    Tag {
        /// The experiment's id, or the beginning of it
        id: String,
        tags: Vec<String>,
        /// Notes, in place of those before
        #[arg(long)]
        notes: Option<String>,
    },
    /// Delete an experiment from the library
    Delete {
        /// The experiment's id, or the beginning of it
        id: String,
        /// At once and for good
        #[arg(long)]
        for_good: bool,
    },
    /// Describe a dataset: columns, guessed roles, and every problem with row and column
    Data(DataArgs),
    /// Look into a model
    Model {
        #[command(subcommand)]
        command: ModelCommand,
    },
    /// Write and check plans
    Plan {
        #[command(subcommand)]
        command: PlanCommand,
    },
    /// Write the sample data, models and plans to a folder
    Sample {
        /// Where to; files that are there already stay as they are
        #[arg(default_value = "samples")]
        folder: PathBuf,
    },
}

/// Where models run.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct On {
    /// Where models run: cpu, cuda, cuda:1 or metal; a build or machine without it falls back to
    /// the CPU and says so
    #[arg(long, value_name = "DEVICE", default_value_t)]
    pub device: DeviceChoice,
}

/// Reads how far two numbers may lie apart.
pub(super) fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number >= 0.0 && number.is_finite() => Ok(number),
        _ => Err("a tolerance is a number from 0 up, such as 1e-5".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_library_may_stand_before_or_after_the_command() {
        for line in [
            ["rehearsal", "--library", "x", "list"].as_slice(),
            &["rehearsal", "list", "--library", "x"],
        ] {
            let args = Args::try_parse_from(line).unwrap();
            assert_eq!(args.library, Some(PathBuf::from("x")));
            assert!(matches!(args.command, Some(Command::List(_))), "{line:?}");
        }
        let args = Args::try_parse_from(["rehearsal", "plan.toml"]).unwrap();
        assert!(args.command.is_none() && args.file.is_some());
    }
}
