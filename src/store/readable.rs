//! The recording again, in columns that people can query with any SQLite program.

use rusqlite::types::Value;
use rusqlite::{Connection, Statement, params_from_iter};

use super::ExperimentId;
use super::codec::word;
use super::error::Problem;
use super::recording::Written;
use crate::domain::{ArmId, ArmWindow, BatchJob, Event, Metric, Recording, Window};

/// Metrics that are known per segment.
const OF_SEGMENTS: [Metric; 13] = [
    Metric::Accuracy,
    Metric::Precision,
    Metric::Recall,
    Metric::F1,
    Metric::LogLoss,
    Metric::Brier,
    Metric::Rmse,
    Metric::Mae,
    Metric::R2,
    Metric::Agreement,
    Metric::Value,
    Metric::Cost,
    Metric::PositiveRate,
];

/// Writes the rows of what is not `written` yet.
pub(super) fn save(
    connection: &Connection,
    experiment: &ExperimentId,
    recording: &Recording,
    written: Written,
) -> Result<(), Problem> {
    let mut tables = Tables {
        experiment: text(experiment.as_str()),
        recording,
        windows: insert(connection, "windows", WINDOW, &[])?,
        arms: insert(connection, "arm_windows", ARM_WINDOW, &Metric::ALL)?,
        segments: insert(connection, "segment_windows", SEGMENT_WINDOW, &OF_SEGMENTS)?,
        events: insert(connection, "events", EVENT, &[])?,
        jobs: insert(connection, "jobs", JOB, &[])?,
    };
    for (number, window) in recording.windows.iter().enumerate().skip(written.windows) {
        tables.window(number, window)?;
    }
    for (number, event) in recording.events.iter().enumerate().skip(written.events) {
        tables.event(number, event)?;
    }
    for (number, job) in recording.jobs.iter().enumerate().skip(written.jobs) {
        tables.job(number, job)?;
    }
    Ok(())
}

struct Tables<'a> {
    experiment: Value,
    recording: &'a Recording,
    windows: Statement<'a>,
    arms: Statement<'a>,
    segments: Statement<'a>,
    events: Statement<'a>,
    jobs: Statement<'a>,
}

const WINDOW: &[&str] = &["experiment", "number", "start_us", "end_us", "clock", "stage"];

#[rustfmt::skip]
const ARM_WINDOW: &[&str] = &[
    "experiment", "window", "arm", "requested", "feasible", "ready_replicas",
    "answered", "errors", "timeouts", "rejected", "mirrored", "mirror_dropped", "mirror_failed",
    "busy_us", "capacity_us", "replica_us", "downtime_us",
    "units", "labelled", "correct", "harm", "gain",
];

const SEGMENT_WINDOW: &[&str] =
    &["experiment", "window", "arm", "segment", "name", "answers", "labelled"];

const EVENT: &[&str] = &["experiment", "number", "at_us", "clock", "kind", "sentence", "detail"];

#[rustfmt::skip]
const JOB: &[&str] = &[
    "experiment", "number", "arm", "clock", "scheduled_us", "start_us", "end_us", "rows",
    "mirrored", "deadline_misses", "rows_per_second", "staleness_p50_us", "staleness_p95_us",
];

impl Tables<'_> {
    fn window(&mut self, number: usize, window: &Window) -> Result<(), Problem> {
        let stage = self.recording.stages.get(usize::from(window.stage));
        self.windows.execute(params_from_iter([
            self.experiment.clone(),
            count(number as u64),
            count(window.start.micros()),
            count(window.end.micros()),
            text(&window.start.clock()),
            text(stage.map_or("", String::as_str)),
        ]))?;
        for (place, arm) in window.arms.iter().enumerate() {
            let metrics =
                Metric::ALL.map(|metric| number_or_null(window.metric(ArmId::new(place), metric)));
            let key = [self.experiment.clone(), count(number as u64), count(place as u64)];
            let row = key.into_iter().chain(arm_counts(arm)).chain(metrics);
            self.arms.execute(params_from_iter(row))?;
            self.segments_of(number, place, arm)?;
        }
        Ok(())
    }

    fn segments_of(&mut self, number: usize, arm: usize, of: &ArmWindow) -> Result<(), Problem> {
        for (segment, (name, quality)) in
            self.recording.segments.iter().zip(&of.quality).enumerate()
        {
            let key = [
                self.experiment.clone(),
                count(number as u64),
                count(arm as u64),
                count(segment as u64),
                text(name),
                count(quality.answers),
                count(quality.labelled),
            ];
            let metrics = OF_SEGMENTS.map(|metric| number_or_null(quality.metric(metric)));
            self.segments.execute(params_from_iter(key.into_iter().chain(metrics)))?;
        }
        Ok(())
    }

    fn event(&mut self, number: usize, event: &Event) -> Result<(), Problem> {
        let Recording { arms, gates, stages, .. } = self.recording;
        // serde writes `"resumed"` or `{"measured": {…}}`.
        let (kind, detail) = match serde_json::to_value(&event.kind) {
            Ok(serde_json::Value::String(kind)) => (kind, Value::Null),
            Ok(serde_json::Value::Object(tagged)) => match tagged.into_iter().next() {
                Some((kind, detail)) => (kind, text(&detail.to_string())),
                None => (String::new(), Value::Null),
            },
            _ => (String::new(), Value::Null),
        };
        self.events.execute(params_from_iter([
            self.experiment.clone(),
            count(number as u64),
            count(event.at.micros()),
            text(&event.at.clock()),
            text(&kind),
            text(&event.kind.sentence(arms, gates, stages)),
            detail,
        ]))?;
        Ok(())
    }

    fn job(&mut self, number: usize, job: &BatchJob) -> Result<(), Problem> {
        self.jobs.execute(params_from_iter([
            self.experiment.clone(),
            count(number as u64),
            count(job.arm.index() as u64),
            text(&job.start.clock()),
            count(job.scheduled.micros()),
            count(job.start.micros()),
            count(job.end.micros()),
            count(job.rows),
            count(u64::from(job.mirrored)),
            count(job.deadline_misses),
            number_or_null(job.throughput()),
            job.staleness(0.5).map_or(Value::Null, count),
            job.staleness(0.95).map_or(Value::Null, count),
        ]))?;
        Ok(())
    }
}

/// In the order of [`ARM_WINDOW`], after its key.
fn arm_counts(arm: &ArmWindow) -> [Value; 19] {
    let quality = arm.total_quality();
    [
        Value::Real(arm.requested),
        Value::Real(arm.feasible),
        count(u64::from(arm.ready_replicas)),
        count(arm.answered),
        count(arm.errors),
        count(arm.timeouts),
        count(arm.rejected),
        count(arm.mirrored),
        count(arm.mirror_dropped),
        count(arm.mirror_failed),
        count(arm.busy),
        count(arm.capacity),
        count(arm.replica_time),
        count(arm.downtime),
        count(arm.units),
        count(quality.labelled),
        count(quality.correct),
        count(quality.harm),
        count(quality.gain),
    ]
}

/// A statement that fills one row of a table: `columns`, then a column per metric.
fn insert<'a>(
    connection: &'a Connection,
    table: &str,
    columns: &[&str],
    metrics: &[Metric],
) -> Result<Statement<'a>, Problem> {
    let metrics: Vec<String> = metrics.iter().map(word).collect();
    let names: Vec<&str> =
        columns.iter().copied().chain(metrics.iter().map(String::as_str)).collect();
    let places = vec!["?"; names.len()].join(", ");
    let sql = format!("INSERT INTO {table} ({}) VALUES ({places})", names.join(", "));
    Ok(connection.prepare(&sql)?)
}

/// SQLite's integers end at 2⁶³ − 1, where only `SimTime::NEVER` lies beyond.
fn count(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn number_or_null(number: Option<f64>) -> Value {
    number.map_or(Value::Null, Value::Real)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
