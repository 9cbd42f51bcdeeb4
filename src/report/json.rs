//! Runs as JSON for other programs. Times are seconds from the start unless their name says
//! otherwise; what is undefined is left out or `null`.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::series::{column_of, kind_of};
use super::{Dossier, Run, comparison};
use crate::domain::{
    ArmId, BatchJob, Event, Metric, Plan, PlanDraft, Predictions, Recording, SimSpan, SimTime,
    Window,
};
use crate::stats::odds::Odds;
use crate::stats::timeline::{Moment, timeline};

/// How a run ended and what it showed and cost: all but the series.
pub fn summary(run: &Run<'_>) -> Value {
    let outcome = &run.recording.outcome;
    json!({
        "id": run.id,
        "digest": run.digest,
        "name": run.plan.name,
        "strategy": key_of(&run.recording.strategy),
        "outcome": key_of(&outcome.kind),
        "decided_at": outcome.at.as_secs_f64(),
        "reason": outcome.reason,
        "winner": run.recording.arms.get(outcome.winner.index()),
        "seed": run.plan.seed,
        "arms": run.recording.arms,
        "ledger": value_of(&run.ledger),
        "verdict": value_of(&run.verdict),
    })
}

/// Everything: the summary, the plan, windows, events and jobs.
pub fn full(run: &Run<'_>) -> Value {
    let mut document = summary(run);
    let recording = run.recording;
    if let Value::Object(fields) = &mut document {
        let plan: &PlanDraft = run.plan;
        fields.insert("plan".to_owned(), value_of(plan));
        fields.insert("stages".to_owned(), value_of(&recording.stages));
        fields.insert("gates".to_owned(), value_of(&recording.gates));
        fields.insert("segments".to_owned(), value_of(&recording.segments));
        let windows = recording.windows.iter().map(|window| of_window(recording, window));
        fields.insert("windows".to_owned(), windows.collect());
        let events = recording.events.iter().map(|event| of_event(recording, event));
        fields.insert("events".to_owned(), events.collect());
        let jobs = recording.jobs.iter().map(|job| of_job(recording, job));
        fields.insert("jobs".to_owned(), jobs.collect());
    }
    document
}

/// Everything, and where it came from: digests of data and models, what a person did.
pub fn dossier(dossier: &Dossier<'_>) -> Value {
    let mut document = full(&dossier.run);
    if let Value::Object(fields) = &mut document {
        let mut plan: PlanDraft = dossier.run.plan.clone().into();
        plan.forget_folders();
        let predictions = dossier.inputs.map(|inputs| {
            let of = |known: &Predictions| json!({ "model": known.model, "digest": known.digest });
            inputs.predictions.iter().map(of).collect::<Vec<_>>()
        });
        fields.insert("plan".to_owned(), value_of(&plan));
        fields.insert("created".to_owned(), value_of(&dossier.created));
        fields.insert("program_version".to_owned(), value_of(&dossier.program_version));
        fields.insert("parent".to_owned(), value_of(&dossier.parent));
        fields.insert(
            "dataset_digest".to_owned(),
            value_of(&dossier.inputs.map(|inputs| &inputs.rows.digest)),
        );
        fields.insert("predictions".to_owned(), value_of(&predictions));
        fields.insert("review".to_owned(), value_of(&dossier.review));
        fields.insert("interventions".to_owned(), value_of(&dossier.interventions));
    }
    document
}

/// Runs side by side: each run's summary, and the table.
pub fn comparison(plan: &str, runs: &[(String, Run<'_>)]) -> Value {
    json!({
        "plan": plan,
        "runs": runs.iter().map(|(_, run)| summary(run)).collect::<Vec<_>>(),
        "table": value_of(&comparison::table(runs)),
    })
}

/// The same for one plan under several dialects, with their timelines: times in seconds.
pub fn dialects(plan: &str, runs: &[(String, Run<'_>)]) -> Value {
    let mut document = comparison(plan, runs);
    let timelines = runs.iter().map(|(_, run)| {
        let moment = |moment: &Moment| {
            json!({
                "at": moment.at.as_secs_f64(),
                "share": moment.share,
                "copied": moment.copied,
                "says": moment.says,
            })
        };
        let moments = timeline(run.recording, run.plan);
        json!({
            "dialect": key_of(&run.plan.dialect),
            "notes": value_of(&crate::domain::dialect::notes(run.plan)),
            "moments": moments.iter().map(moment).collect::<Vec<_>>(),
        })
    });
    let timelines: Vec<Value> = timelines.collect();
    if let Value::Object(fields) = &mut document {
        fields.insert("dialects".to_owned(), Value::Array(timelines));
    }
    document
}

/// The odds of one plan: a rung per what-if, times in seconds.
pub fn odds(plan: &Plan, odds: &Odds) -> Value {
    json!({
        "plan": plan.name,
        "strategy": key_of(&plan.strategy.kind()),
        "digest": odds.digest(),
        "odds": value_of(odds),
    })
}

fn of_window(recording: &Recording, window: &Window) -> Value {
    let arms = (0..window.arms.len()).map(|place| of_arm(recording, window, ArmId::new(place)));
    json!({
        "start": window.start.as_secs_f64(),
        "end": window.end.as_secs_f64(),
        "stage": recording.stages.get(usize::from(window.stage)),
        "arms": arms.collect::<Vec<_>>(),
    })
}

fn of_arm(recording: &Recording, window: &Window, id: ArmId) -> Value {
    let Some(arm) = window.arm(id) else { return Value::Null };
    let metrics = metrics(|metric| window.metric(id, metric));
    let segments: Map<String, Value> = recording
        .segments
        .iter()
        .enumerate()
        .map(|(place, name)| {
            (name.clone(), Value::Object(self::metrics(|metric| arm.segment_metric(place, metric))))
        })
        .collect();
    json!({
        "arm": recording.arms.get(id.index()),
        "requested_share": arm.requested,
        "feasible_share": arm.feasible,
        "arrivals": arm.arrivals,
        "mirrored": arm.mirrored,
        "mirror_dropped": arm.mirror_dropped,
        "mirror_failed": arm.mirror_failed,
        "answered": arm.answered,
        "errors": arm.errors,
        "timeouts": arm.timeouts,
        "rejected": arm.rejected,
        "ready_replicas": arm.ready_replicas,
        "replica_seconds": arm.replica_time as f64 / 1e6,
        "downtime": arm.downtime as f64 / 1e6,
        "units": arm.units,
        "metrics": metrics,
        "segments": segments,
    })
}

fn metrics(value: impl Fn(Metric) -> Option<f64>) -> Map<String, Value> {
    let known = Metric::ALL.into_iter().filter_map(|metric| Some((metric, value(metric)?)));
    known.map(|(metric, value)| (column_of(metric), json!(value))).collect()
}

fn of_event(recording: &Recording, event: &Event) -> Value {
    json!({
        "at": event.at.as_secs_f64(),
        "kind": kind_of(&event.kind),
        "text": event.kind.sentence(&recording.arms, &recording.gates, &recording.stages),
        "detail": match value_of(&event.kind) {
            Value::Object(fields) => fields.into_iter().next().map_or(Value::Null, |(_, v)| v),
            _ => Value::Null,
        },
    })
}

fn of_job(recording: &Recording, job: &BatchJob) -> Value {
    let secs = |at: SimTime| at.as_secs_f64();
    let age = |q| job.staleness(q).map(|micros| SimSpan::from_micros(micros).as_secs_f64());
    json!({
        "arm": recording.arms.get(job.arm.index()),
        "scheduled": secs(job.scheduled),
        "start": secs(job.start),
        "end": secs(job.end),
        "rows": job.rows,
        "rows_per_second": job.throughput(),
        "staleness_p50": age(0.5),
        "staleness_p95": age(0.95),
        "staleness_max": age(1.0),
        "deadline_misses": job.deadline_misses,
        "mirrored": job.mirrored,
    })
}

/// The text that stands for a unit variant in plans: `blue_green`, `error_rate`.
pub fn key_of(value: &impl Serialize) -> String {
    match value_of(value) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn value_of(value: &impl Serialize) -> Value {
    match serde_json::to_value(value) {
        Ok(value) => value,
        // Plain values with text keys always have a JSON form.
        Err(fault) => unreachable!("a value could not be written as JSON: {fault}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn programs_find_id_digest_outcome_and_the_series() {
        let (plan, recording) = (sample::plan(), sample::recording());
        let document = full(&Run::new(Some("k3f9a2b1"), &plan, &recording));
        assert_eq!(document["id"], "k3f9a2b1");
        assert_eq!(document["digest"], recording.digest());
        assert_eq!(document["outcome"], "aborted");
        assert_eq!(document["plan"]["name"], plan.name.as_str());
        assert_eq!(document["windows"][1]["arms"][1]["metrics"]["accuracy"], 0.8);
        assert_eq!(document["windows"][1]["arms"][1]["segments"]["north"]["accuracy"], 0.8);
        assert_eq!(document["events"][1]["kind"], "measured");
        assert_eq!(document["events"][1]["detail"]["samples"], 100);
        assert_eq!(document["jobs"][0]["rows"], 500);
    }
}
