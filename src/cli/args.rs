//! What can be written on the command line, with the help that teaches it.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::intervention;
use crate::domain::time::NotASpan;
use crate::domain::{
    Decision, Dialect, Intervention, Metric, Regression, SimSpan, SimTime, StrategyKind, Tick,
};
use crate::models::DeviceChoice;
use crate::report;

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
    /// Look into a model's folder
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
    pub plan: String,
    #[command(flatten)]
    pub on: On,
    /// Another seed than the plan's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Act at a time: TIME:ACTION, as often as you like
    #[arg(long, value_name = "TIME:ACTION", value_parser = intervention::parse)]
    pub at: Vec<Intervention>,
    /// Print id, digest, outcome, ledger and verdict as JSON
    #[arg(long)]
    pub json: bool,
    /// Print nothing but errors; the exit code tells the outcome
    #[arg(long, short, conflicts_with = "json")]
    pub quiet: bool,
}

const COMPARE_EXAMPLES: &str = "\
Examples:
  rehearsal compare plan.toml
  rehearsal compare plan.toml --strategies direct,canary,blue_green
  rehearsal compare plan.toml --markdown > comparison.md
  rehearsal compare plan.toml --dialects all       the same plan as Argo Rollouts, Flagger and
                                                   SageMaker would carry it out

All runs get the same requests by the same seed. The plan's own strategy keeps its parameters; the
others take as much time for their rollout, and the same gates.";

#[derive(Debug, clap::Args)]
#[command(after_help = COMPARE_EXAMPLES)]
pub(super) struct CompareArgs {
    /// The plan's file
    pub plan: PathBuf,
    /// Which strategies: all, or some of single, direct, rolling, shadow, blue_green, canary, ab
    #[arg(long, default_value = "all", value_parser = strategies)]
    pub strategies: Strategies,
    /// Controllers instead of strategies: all, or some of rehearsal, argo, flagger, sagemaker
    #[arg(long, value_parser = dialects, conflicts_with = "strategies")]
    pub dialects: Option<Dialects>,
    #[command(flatten)]
    pub on: On,
    /// Another seed than the plan's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    #[command(flatten)]
    pub form: Form,
}

/// The form of a comparison.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct Form {
    /// As JSON, with each run's digest, ledger and verdict
    #[arg(long)]
    pub json: bool,
    /// As a Markdown table
    #[arg(long)]
    pub markdown: bool,
    /// As CSV, one line per measure
    #[arg(long)]
    pub csv: bool,
}

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
    pub plans: Vec<PathBuf>,
    /// At most so many runs of each row
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub runs: u32,
    /// Stop sooner, once every share is known to so many points either way
    #[arg(long, value_name = "POINTS")]
    pub precision: Option<f64>,
    /// What is wrong with the candidate: none, as-planned, accuracy=POINTS, accuracy=POINTS@SEGMENT,
    /// error-size=FACTOR, latency=FACTOR or errors=PERCENT; as often as you like
    #[arg(long, value_name = "WHAT")]
    pub regression: Vec<Regression>,
    /// The same with other strategies: all, or some of them
    #[arg(long, value_parser = strategies)]
    pub strategies: Option<Strategies>,
    #[command(flatten)]
    pub on: On,
    /// The first run's seed [default: the first plan's]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    #[command(flatten)]
    pub form: OddsForm,
}

const TUNE_EXAMPLES: &str = "\
Examples:
  rehearsal tune plan.toml --regression accuracy=3
  rehearsal tune plan.toml --false-alarms 2 --detect 95 --regression latency=1.5 --runs 400
  rehearsal tune plan.toml --regression errors=2 --output better.toml

Ramps (of canaries), times, limits and tolerated failures are varied. Of those that reach the goal,
the ones are shown that no other beats in false alarms, misses, exposure and time at once.

Exits with 0 if there are any besides the plan as it is, else with 1.";

#[derive(Debug, clap::Args)]
#[command(after_help = TUNE_EXAMPLES)]
pub(super) struct TuneArgs {
    /// The plan's file
    pub plan: PathBuf,
    /// The bad candidate that is to be caught, written as for `odds`
    #[arg(long, value_name = "WHAT", default_value = "errors=2")]
    pub regression: Regression,
    /// At most so many percent of good candidates may be stopped
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
    pub false_alarms: f64,
    /// At least so many percent of bad candidates must be caught
    #[arg(long, value_name = "PERCENT", default_value_t = 90.0)]
    pub detect: f64,
    /// Runs of each variant that is left in the end, with a good and with a bad candidate
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub runs: u32,
    /// Write the least exposed variant's plan here
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub on: On,
    /// Write JSON, with every variant's plan
    #[arg(long)]
    pub json: bool,
}

const ADVISE_EXAMPLES: &str = "\
Examples:
  rehearsal advise plan.toml
  rehearsal advise plan.toml --most-exposed 2 --one-fleet
  rehearsal advise plan.toml --feedback --within 20m --regression latency=2

Every strategy is rehearsed on the plan's traffic: once with the plan's own candidate, and many times
with the baseline and with a bad candidate in its place.

Exits with 0 if a strategy meets every need, else with 1.";

#[derive(Debug, clap::Args)]
#[command(after_help = ADVISE_EXAMPLES)]
pub(super) struct AdviseArgs {
    /// The plan's file
    pub plan: PathBuf,
    /// The bad candidate that must not get through
    #[arg(long, value_name = "WHAT", default_value = "errors=5")]
    pub regression: Regression,
    /// The largest share of the requests that may meet it, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0)]
    pub most_exposed: f64,
    /// Live requests may go unanswered for a while
    #[arg(long)]
    pub downtime: bool,
    /// There is no room for a second fleet beside the first
    #[arg(long)]
    pub one_fleet: bool,
    /// The effect on users is to be measured, so they must meet both models at random
    #[arg(long)]
    pub feedback: bool,
    /// A good candidate must have all traffic by then
    #[arg(long, value_name = "SPAN")]
    pub within: Option<SimSpan>,
    /// Runs of each strategy with a good and with a bad candidate
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub runs: u32,
    #[command(flatten)]
    pub on: On,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// The form of odds.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct OddsForm {
    /// As JSON, with a digest over every run
    #[arg(long)]
    pub json: bool,
    /// As Markdown
    #[arg(long)]
    pub markdown: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Strategies {
    /// Every one that the plan's arms allow.
    All,
    These(Vec<StrategyKind>),
}

/// Whose rules to follow.
#[derive(Clone, Debug)]
pub(super) struct Dialects(pub Vec<Dialect>);

fn dialects(text: &str) -> Result<Dialects, String> {
    if text.trim().eq_ignore_ascii_case("all") {
        return Ok(Dialects(Dialect::ALL.to_vec()));
    }
    let dialect = |name: &str| {
        let wanted = name.trim().to_lowercase();
        let found = Dialect::ALL.into_iter().find(|dialect| {
            // `argo` is short for Argo Rollouts.
            dialect.label().to_lowercase().split(' ').next() == Some(wanted.as_str())
        });
        found.ok_or_else(|| {
            format!("`{wanted}` is no dialect; choose from rehearsal, argo, flagger, sagemaker")
        })
    };
    text.split(',').map(dialect).collect::<Result<_, _>>().map(Dialects)
}

fn strategies(text: &str) -> Result<Strategies, String> {
    if text.trim().eq_ignore_ascii_case("all") {
        return Ok(Strategies::All);
    }
    text.split(',').map(strategy).collect::<Result<_, _>>().map(Strategies::These)
}

/// A strategy's name as plans spell it; people also write `blue-green` and `A/B`.
pub(super) fn strategy(text: &str) -> Result<StrategyKind, String> {
    let plain = |name: &str| -> String {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let wanted = plain(text);
    StrategyKind::ALL.into_iter().find(|kind| plain(kind.label()) == wanted).ok_or_else(|| {
        format!(
            "`{}` is no strategy; choose from single, direct, rolling, shadow, blue_green, canary, \
             ab",
            text.trim()
        )
    })
}

const SCORE_EXAMPLES: &str = "\
Examples:
  rehearsal score --model models/v2 --data rows.csv
  rehearsal score --model models/v2 --data rows.csv --label churned --positive yes
  rehearsal score --model models/v2 --data rows.csv --key customer --output v2.csv

A plan can use the file that --output writes: model = { file = { path = \"v2.csv\", key = \"customer\",
column = \"score\" } }";

#[derive(Debug, clap::Args)]
#[command(after_help = SCORE_EXAMPLES)]
pub(super) struct ScoreArgs {
    #[command(flatten)]
    pub on: On,
    /// The model's folder, with card.toml and weights
    #[arg(long, value_name = "DIR")]
    pub model: PathBuf,
    /// CSV, Parquet, NDJSON or Arrow IPC
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// The column that holds the truth [default: guessed]
    #[arg(long, value_name = "COLUMN")]
    pub label: Option<String>,
    /// The label's value that counts as yes [default: guessed]
    #[arg(long, value_name = "VALUE")]
    pub positive: Option<String>,
    /// Write the answers to this CSV file, one line per row
    #[arg(long, short, value_name = "FILE.csv")]
    pub output: Option<PathBuf>,
    /// A column to copy to the output, so that it can be joined again
    #[arg(long, value_name = "COLUMN", requires = "output")]
    pub key: Option<String>,
    /// Print the figures as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Only those with all these words in name, strategy, outcome, data, models, tags or notes
    pub words: Vec<String>,
    /// Those that were put away, too
    #[arg(long)]
    pub all: bool,
    /// As a JSON array
    #[arg(long)]
    pub json: bool,
}

const SHOW_EXAMPLES: &str = "\
Examples:
  rehearsal show k3f9
  rehearsal show canary.rehearsal --json
  rehearsal show k3f9 --csv windows > windows.csv";

#[derive(Debug, clap::Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub(super) struct ShowArgs {
    /// The experiment's id, or the beginning of it, or a shared file
    #[arg(value_name = "ID|FILE")]
    pub experiment: String,
    /// Everything as JSON: plan, verdict, ledger, windows, events and jobs
    #[arg(long)]
    pub json: bool,
    /// One series as CSV
    #[arg(long, value_name = "WHAT", conflicts_with = "json")]
    pub csv: Option<Series>,
}

/// What `show --csv` can write.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Series {
    /// One line per window and arm, with every metric
    Windows,
    /// One line per window, arm and segment
    Segments,
    /// One line per event
    Events,
}

impl From<Series> for report::Series {
    fn from(series: Series) -> Self {
        match series {
            Series::Windows => Self::Windows,
            Series::Segments => Self::Segments,
            Series::Events => Self::Events,
        }
    }
}

const REPORT_EXAMPLES: &str = "\
Examples:
  rehearsal report k3f9 --out report.html
  rehearsal report canary.rehearsal --format md > report.md
  rehearsal report k3f9 --format parquet --out tables
  rehearsal report k3f9 --format svg --out plots

The HTML file needs nothing beside it: no script, no font, no network.";

#[derive(Debug, clap::Args)]
#[command(after_help = REPORT_EXAMPLES)]
pub(super) struct ReportArgs {
    /// The experiment's id, or the beginning of it, or a shared file
    #[arg(value_name = "ID|FILE")]
    pub experiment: String,
    /// What to write [default: as --out ends, else html]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ReportFormat>,
    /// The file to write [default: standard output]; of csv, parquet and svg, the folder
    #[arg(long, short, value_name = "PATH")]
    pub out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// One page with charts, verdict, every check, costs, plan and digests
    Html,
    /// The same without charts
    #[value(alias = "markdown")]
    Md,
    /// Everything, for programs
    Json,
    /// Windows, segments and events as tables
    Csv,
    /// The same tables, typed and compressed
    Parquet,
    /// Every chart as a file of its own
    Svg,
}

const SQL_EXAMPLES: &str = "\
Examples:
  rehearsal sql                                      the views and ready questions
  rehearsal sql k3f9 --ready stages
  rehearsal sql k3f9 \"SELECT clock, arm, latency_p95 FROM window_metrics\" --csv > p95.csv

The views show this experiment alone. Nothing can be changed.";

#[derive(Debug, clap::Args)]
#[command(after_help = SQL_EXAMPLES)]
pub(super) struct SqlArgs {
    /// The experiment's id, or the beginning of it, or a shared file
    #[arg(value_name = "ID|FILE")]
    pub experiment: Option<String>,
    /// One SELECT
    #[arg(value_name = "SQL")]
    pub sql: Option<String>,
    /// One of the ready questions, by its name
    #[arg(long, value_name = "NAME", conflicts_with = "sql")]
    pub ready: Option<String>,
    /// As CSV
    #[arg(long)]
    pub csv: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum ReviewCommand {
    /// The verdict, the checklist, comments and sign-offs
    Show {
        /// The experiment's id, or the beginning of it, or a shared file
        #[arg(value_name = "ID|FILE")]
        experiment: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a comment on the run, or on a part of it
    Comment(CommentArgs),
    /// Mark a comment as seen to
    Resolve {
        /// The experiment's id, or the beginning of it
        id: String,
        /// The comment's number
        number: u32,
        /// Who saw to it
        #[arg(long)]
        name: String,
        /// Open it again
        #[arg(long)]
        reopen: bool,
    },
    /// Answer a question of the checklist: split, power, labels, faults, slow
    Check(CheckArgs),
    /// Approve, ask for changes or reject, over everything that is there now
    #[command(after_help = SIGN_HELP)]
    Sign(SignArgs),
    /// A key of your own, so that nobody else can sign in your name
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct CommentArgs {
    /// The experiment's id, or the beginning of it
    pub id: String,
    /// What you have to say
    pub text: String,
    /// Who says it
    #[arg(long)]
    pub name: String,
    /// About a moment, or a stretch of time: 2m or 2m..4m
    #[arg(long, value_name = "TIME[..TIME]", value_parser = stretch, group = "about")]
    pub at: Option<(SimTime, SimTime)>,
    /// About a metric, as plans name it: accuracy, latency_p95, …
    #[arg(long, value_parser = metric, group = "about")]
    pub metric: Option<Metric>,
    /// About a stage, by its name
    #[arg(long, group = "about")]
    pub stage: Option<String>,
    /// About a field of the plan: `gates[0].pass_when`
    #[arg(long, group = "about")]
    pub field: Option<String>,
    /// The number of the comment that this one answers
    #[arg(long, value_name = "NUMBER")]
    pub answer: Option<u32>,
}

fn stretch(text: &str) -> Result<(SimTime, SimTime), String> {
    let moment = |text: &str| -> Result<SimTime, String> {
        let span: SimSpan = text.parse().map_err(|fault: NotASpan| fault.to_string())?;
        Ok(SimTime::START + span)
    };
    let (from, to) = match text.split_once("..") {
        Some((from, to)) => (moment(from)?, moment(to)?),
        None => (moment(text)?, moment(text)?),
    };
    if from <= to { Ok((from, to)) } else { Err("it ends before it begins".to_owned()) }
}

fn metric(text: &str) -> Result<Metric, String> {
    let known = |metric: &Metric| report::json::key_of(metric) == text.trim();
    Metric::ALL.into_iter().find(known).ok_or_else(|| {
        let names: Vec<String> = Metric::ALL.iter().map(report::json::key_of).collect();
        format!("`{text}` is no metric; choose from {}", names.join(", "))
    })
}

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// The experiment's id, or the beginning of it
    pub id: String,
    /// split, power, labels, faults or slow
    pub item: String,
    pub answer: TickArg,
    /// Who answers
    #[arg(long)]
    pub name: String,
    /// Why
    #[arg(long)]
    pub note: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum TickArg {
    Yes,
    No,
    /// The question does not apply to this run
    Na,
}

impl From<TickArg> for Tick {
    fn from(answer: TickArg) -> Self {
        match answer {
            TickArg::Yes => Self::Yes,
            TickArg::No => Self::No,
            TickArg::Na => Self::NotApplicable,
        }
    }
}

const SIGN_HELP: &str = "\
A sign-off holds for exactly what was there: a later comment or answer makes it void, and everyone
sees that. With a key (see `rehearsal review key new`) nobody else can sign in your name.

Examples:
  rehearsal review sign k3f9 --approve --name Ada --reason \"SRM fine, enough labels\"
  rehearsal review sign k3f9 --reject --name Ada --reason \"no slow candidate tried\" --with-key";

#[derive(Debug, clap::Args)]
pub(super) struct SignArgs {
    /// The experiment's id, or the beginning of it
    pub id: String,
    #[command(flatten)]
    pub decision: DecisionArgs,
    /// Who signs
    #[arg(long)]
    pub name: String,
    /// Why
    #[arg(long)]
    pub reason: String,
    /// Sign with the key in its usual place
    #[arg(long)]
    pub with_key: bool,
    /// Sign with the key in this file
    #[arg(long, value_name = "FILE", conflicts_with = "with_key")]
    pub key: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct DecisionArgs {
    #[arg(long)]
    pub approve: bool,
    #[arg(long)]
    pub ask_for_changes: bool,
    #[arg(long)]
    pub reject: bool,
}

impl From<&DecisionArgs> for Decision {
    fn from(args: &DecisionArgs) -> Self {
        match args {
            DecisionArgs { approve: true, .. } => Self::Approve,
            DecisionArgs { reject: true, .. } => Self::Reject,
            DecisionArgs { .. } => Self::AskForChanges,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make one, if there is none yet
    New {
        /// Where to [default: beside the program's settings]
        file: Option<PathBuf>,
    },
    /// Print the half that others know it by
    Show { file: Option<PathBuf> },
}

#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    /// The experiment's id, or the beginning of it, or a shared file
    #[arg(value_name = "ID|FILE")]
    pub experiment: String,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    /// Score every row again from the dataset's and the models' files, and compare the predictions
    #[arg(long)]
    pub with_models: bool,
    /// The folder that the plan's paths start from [default: where the run was made]
    #[arg(long, value_name = "FOLDER", requires = "with_models")]
    pub base: Option<PathBuf>,
    /// The largest difference of a score that is no fault
    #[arg(long, value_name = "NUMBER", value_parser = tolerance, default_value = "1e-5", requires = "with_models")]
    pub tolerance: f64,
    #[command(flatten)]
    pub on: On,
}

#[derive(Debug, clap::Args)]
pub(super) struct DataArgs {
    /// CSV, Parquet, NDJSON or Arrow IPC
    pub file: PathBuf,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum ModelCommand {
    /// Say what a model reads and answers; without a card.toml, propose one
    Inspect {
        /// The model's folder, or its file
        path: PathBuf,
        /// Rows that it is to read: CSV, Parquet, NDJSON or Arrow IPC
        #[arg(long, value_name = "FILE")]
        data: Option<PathBuf>,
        #[command(flatten)]
        on: On,
    },
    /// Hold a model to the answers of the framework that it came from
    ///
    /// Exits with 0 if every number is within the tolerance, else with 1.
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckModelArgs),
}

const CHECK_EXAMPLES: &str = "\
The reference has the same rows in the same order as the data. A yes-or-no model is compared with a
column of probabilities, named `probability`, `score` or as the positive class; a model of several
classes with a column for each, named as the classes; a regression with `prediction`. Columns of
other names will do if there are no others that the model does not read.

Examples:
  rehearsal model check --model churn --reference answers.csv --data rows.csv
  rehearsal model check --model churn --reference rows_with_probability.parquet
  rehearsal model check --model churn --reference answers.json --data rows.csv --tolerance 1e-4";

#[derive(Debug, clap::Args)]
pub(super) struct CheckModelArgs {
    /// The model's folder
    #[arg(long, value_name = "FOLDER")]
    pub model: PathBuf,
    /// The answers: CSV, Parquet, NDJSON, Arrow IPC, or a JSON object with a list for each column
    #[arg(long, value_name = "FILE")]
    pub reference: PathBuf,
    /// The rows that were asked, unless the reference has them, too
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// The largest difference that is no fault [default: 1e-5 for tables, 1e-4 for texts and images]
    #[arg(long, value_name = "NUMBER", value_parser = tolerance)]
    pub tolerance: Option<f64>,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub on: On,
}

fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number >= 0.0 && number.is_finite() => Ok(number),
        _ => Err("a tolerance is a number from 0 up, such as 1e-5".to_owned()),
    }
}

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
    /// single, direct, rolling, shadow, blue_green, canary or ab
    #[arg(long, default_value = "canary", value_parser = strategy)]
    pub strategy: StrategyKind,
    /// The dataset, from which roles are guessed
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Where to write it [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
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
    fn strategies_have_the_names_that_people_write() {
        for text in ["blue-green", "blue_green", "Blue-green"] {
            assert_eq!(strategy(text), Ok(StrategyKind::BlueGreen));
        }
        assert_eq!(strategy(" a/b "), Ok(StrategyKind::Ab));
        assert!(strategy("canry").is_err());
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
