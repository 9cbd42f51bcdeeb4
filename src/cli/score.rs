//! `rehearsal score`: how good and how fast one model is on a dataset, without traffic.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use serde_json::{Value, json};

use super::args::On;
use super::{Answer, bar, library, out};
use crate::data;
use crate::domain::{
    Answers, Arm, ArmWindow, DataSource, Inputs, Labels, Latency, LatencyProfile, Metric,
    ModelSource, Plan, PlanDraft, Predictions, Progress, Serving, StrategyKind, Table, grouped,
};
use crate::engine;
use crate::report::grid::{Align, Grid};
use crate::report::json::key_of;
use crate::worker::{self, Status};

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
    on: On,
    /// The model's folder or file, with its card
    #[arg(long, value_name = "PATH")]
    model: PathBuf,
    /// CSV, Parquet, NDJSON or Arrow IPC
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// The column that holds the truth [default: guessed]
    #[arg(long, value_name = "COLUMN")]
    label: Option<String>,
    /// The label's value that counts as yes [default: guessed]
    #[arg(long, value_name = "VALUE")]
    positive: Option<String>,
    /// Write the answers to this CSV file, one line per row
    #[arg(long, short, value_name = "FILE.csv")]
    output: Option<PathBuf>,
    /// A column to copy to the output, so that it can be joined again
    #[arg(long, value_name = "COLUMN", requires = "output")]
    key: Option<String>,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

/// What labels make known, in the order in which people read it.
const QUALITY: [Metric; 11] = [
    Metric::Accuracy,
    Metric::Precision,
    Metric::Recall,
    Metric::F1,
    Metric::RocAuc,
    Metric::PrAuc,
    Metric::LogLoss,
    Metric::Brier,
    Metric::Rmse,
    Metric::Mae,
    Metric::R2,
];

pub(super) fn score(args: &ScoreArgs, library: Option<&Path>) -> Result<Answer> {
    let library = library::open(library)?;
    let plan = bar::under(false, |status| plan(args, status))?;
    let inputs = bar::under(false, |status| {
        worker::resolve(&plan, Path::new(""), args.on.device, Some(&library), status)
    })?;
    let predictions =
        inputs.predictions.first().ok_or_else(|| anyhow!("The model gave no answers"))?;
    let judged = engine::judge(&inputs.rows, predictions);
    if let Some(output) = &args.output {
        write_answers(args, output, &inputs, predictions)?;
    }
    if args.json {
        out::print_json(&document(args, &inputs, predictions, &judged))?;
    } else {
        out::print(&text(&inputs, predictions, &judged))?;
        if let Some(output) = &args.output {
            out::print(&format!("\nThe answers are in {}\n", output.display()))?;
        }
    }
    Ok(Answer::Yes)
}

/// One arm alone: resolving it asks the model for every row and measures it.
fn plan(args: &ScoreArgs, status: &Status) -> Result<Plan> {
    status.begin(format!("Reading {}", args.data.display()));
    let table = data::load(&args.data, &status.progress)?.table;
    let given = DataSource {
        path: args.data.to_string_lossy().into_owned(),
        label: args.label.clone(),
        positive: args.positive.clone(),
        ..DataSource::default()
    };
    let name = args.model.file_name().map(|name| name.to_string_lossy().into_owned());
    let draft = PlanDraft {
        // Nothing else is needed to judge a model.
        data: DataSource { label: worker::roles(&given, &table).label, ..given },
        strategy: StrategyKind::Single.default_strategy(),
        arms: vec![Arm {
            name: name.unwrap_or_else(|| "model".to_owned()),
            model: ModelSource::Folder(args.model.to_string_lossy().into_owned()),
            latency: Latency::default(),
            serving: Serving::default(),
        }],
        ..PlanDraft::default()
    };
    draft.validate().map_err(|problems| {
        let first = problems.first().map(|problem| problem.message.clone());
        anyhow!(first.unwrap_or_default())
    })
}

fn text(inputs: &Inputs, predictions: &Predictions, judged: &ArmWindow) -> String {
    let mut text = format!(
        "{}: {}, {} rows\n\n",
        predictions.model,
        predictions.task.label(),
        grouped(inputs.rows.count as u64)
    );
    text.push_str(&quality(judged).terminal());
    text.push('\n');
    text.push_str(&latency(&predictions.latency));
    text
}

fn quality(judged: &ArmWindow) -> Grid {
    let quality = judged.total_quality();
    let mut grid = Grid::new([("Quality", Align::Left), ("", Align::Right)]);
    if quality.labelled == 0 {
        grid.push(vec!["no label is known".to_owned()]);
    } else {
        grid.push(vec!["Rows with a label".to_owned(), grouped(quality.labelled)]);
    }
    for metric in QUALITY {
        if let Some(value) = judged.metric(metric) {
            grid.push(vec![metric.label().to_owned(), metric.format(value)]);
        }
    }
    if let Some(rate) = judged.metric(Metric::PositiveRate) {
        grid.push(vec!["Answers yes".to_owned(), Metric::PositiveRate.format(rate)]);
    }
    grid
}

/// One row at a time by quantiles, then batches.
fn latency(profile: &LatencyProfile) -> String {
    if !profile.is_measured() {
        return "The time was not measured.\n".to_owned();
    }
    let right = |head| (head, Align::Right);
    let mut grid = Grid::new(["Batch", "Time", "Per row", "Rows/s"].map(right));
    for batch in &profile.batches {
        let rows = f64::from(batch.rows);
        grid.push(vec![
            grouped(u64::from(batch.rows)),
            micros(batch.micros),
            micros(batch.micros / rows),
            format!("{:.0}", rows * 1e6 / batch.micros),
        ]);
    }
    let quantiles: Vec<String> = [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")]
        .into_iter()
        .filter_map(|(q, name)| Some(format!("{name} {}", micros(profile.quantile(q)?))))
        .collect();
    let threads = if profile.threads == 1 { "thread" } else { "threads" };
    format!(
        "{}\nOne row: {}; {}, {} {threads}\n",
        grid.terminal(),
        quantiles.join(", "),
        profile.device,
        profile.threads
    )
}

fn micros(micros: f64) -> String {
    if micros < 1e3 { format!("{micros:.1} µs") } else { format!("{:.2} ms", micros / 1e3) }
}

fn document(
    args: &ScoreArgs,
    inputs: &Inputs,
    predictions: &Predictions,
    judged: &ArmWindow,
) -> Value {
    let metrics: serde_json::Map<String, Value> = QUALITY
        .into_iter()
        .chain([Metric::PositiveRate])
        .filter_map(|metric| Some((key_of(&metric), json!(judged.metric(metric)?))))
        .collect();
    json!({
        "model": predictions.model,
        "folder": args.model,
        "data": args.data,
        "task": predictions.task,
        "rows": inputs.rows.count,
        "labelled": judged.total_quality().labelled,
        "metrics": metrics,
        "latency": predictions.latency,
        "digest": predictions.digest,
        "dataset_digest": inputs.rows.digest,
    })
}

/// One line per row: its number, its key, the answer, and the label where there is one.
fn write_answers(
    args: &ScoreArgs,
    output: &Path,
    inputs: &Inputs,
    predictions: &Predictions,
) -> Result<()> {
    let table = match &args.key {
        Some(_) => Some(data::load(&args.data, &Progress::default())?.table),
        None => None,
    };
    let key = match (&args.key, &table) {
        (Some(key), Some(table)) => Some((key.as_str(), key_column(key, table)?)),
        _ => None,
    };
    let has_score = matches!(predictions.answers, Answers::Scores { .. });
    let mut file = csv::Writer::from_writer(Vec::new());
    let mut head = vec!["row"];
    head.extend(key.map(|(name, _)| name));
    head.extend(has_score.then_some("score"));
    head.extend(["answer", "label"]);
    file.write_record(head)?;
    for row in 0..inputs.rows.count {
        let mut cells = vec![(row + 1).to_string()];
        cells.extend(key.map(|(_, column)| column.values.show(row)));
        if let Answers::Scores { values, .. } = &predictions.answers {
            cells.extend(values.get(row).map(ToString::to_string));
        }
        cells.extend([answer(predictions, &inputs.rows.labels, row), label(inputs, row)]);
        file.write_record(cells)?;
    }
    let bytes = file.into_inner().context("The answers could not be written")?;
    Ok(worker::files::write(output, &bytes)?)
}

fn key_column<'t>(key: &str, table: &'t Table) -> Result<&'t crate::domain::Column> {
    table.column(key).ok_or_else(|| {
        let near = table.nearest_name(key).map(|near| format!("; did you mean `{near}`?"));
        anyhow!("There is no column `{key}`{}", near.unwrap_or_default())
    })
}

/// The class by its name where the dataset names it, or the number.
fn answer(predictions: &Predictions, labels: &Labels, row: usize) -> String {
    if let Answers::Numbers(values) = &predictions.answers {
        return values.get(row).map(ToString::to_string).unwrap_or_default();
    }
    let Some(class) = predictions.answers.class(row) else { return String::new() };
    let name = match labels {
        Labels::Classes { names, .. } => names.get(usize::from(class)).cloned(),
        Labels::None | Labels::Numbers(_) => None,
    };
    name.unwrap_or_else(|| class.to_string())
}

fn label(inputs: &Inputs, row: usize) -> String {
    match &inputs.rows.labels {
        Labels::None => String::new(),
        Labels::Classes { names, codes } => {
            let code = codes.get(row).map(|code| usize::from(*code));
            code.and_then(|code| names.get(code)).cloned().unwrap_or_default()
        }
        Labels::Numbers(values) => {
            values.get(row).filter(|x| !x.is_nan()).map(ToString::to_string).unwrap_or_default()
        }
    }
}
