//! Verify: run a stored experiment again and hold the recordings against one another.

use serde::Serialize;
use serde_json::Value;

use super::error::Error;
use crate::domain::{Progress, Recording, SimTime};
use crate::engine;
use crate::store::{Experiment, Status};

/// Whether a stored experiment comes out the same again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Verification {
    /// To the bit.
    Reproduced {
        digest: String,
    },
    Differs(Difference),
    CannotRerun {
        reason: String,
    },
}

/// The first thing that is not as it was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub at: SimTime,
    /// For example `window 12, arm risk v2: answered`.
    pub what: String,
    pub stored: String,
    pub now: String,
}

/// Runs the experiment again from its stored plan, inputs and interventions.
///
/// # Errors
/// If somebody cancels.
pub fn verify(experiment: &Experiment, progress: &Progress) -> Result<Verification, Error> {
    let cannot = |reason: &str| Ok(Verification::CannotRerun { reason: reason.to_owned() });
    let Some(stored) = finished(experiment) else {
        return cannot(
            "The run was interrupted, so there is nothing to compare with: run it again.",
        );
    };
    if !experiment.left_out.is_empty() {
        return cannot(
            "The predictions are not in this file: ask for a copy that has them, or score again with \
             `rehearsal verify --with-models`.",
        );
    }
    let problems = experiment.inputs.problems(&experiment.plan);
    if !problems.is_empty() {
        return cannot(&Error::Problems(problems).to_string());
    }
    let (plan, inputs) = (&experiment.plan, &experiment.inputs);
    let now = engine::simulate_watched(plan, inputs, &experiment.interventions, progress, |_| {})
        .ok_or(Error::Cancelled)?;
    let digest = now.digest();
    Ok(if let Some(difference) = first_difference(stored, &now) {
        Verification::Differs(difference)
    } else if experiment.summary.digest.as_ref() != Some(&digest) {
        Verification::Differs(Difference {
            at: SimTime::START,
            what: "the stored digest, although the recording is the same".to_owned(),
            stored: experiment.summary.digest.clone().unwrap_or_default(),
            now: digest,
        })
    } else {
        Verification::Reproduced { digest }
    })
}

/// The recording, unless it is only a part of one.
fn finished(experiment: &Experiment) -> Option<&Recording> {
    experiment.recording.as_ref().filter(|_| experiment.summary.status == Status::Finished)
}

/// Looks at windows first, since they tell most, then at events, jobs and the rest.
fn first_difference(stored: &Recording, now: &Recording) -> Option<Difference> {
    let (a, b) = (&stored.windows, &now.windows);
    let window = |index: usize, what: &str| format!("window {}{what}", index + 1);
    first_of(a, b, |window| window.start, window, &now.arms)
        .or_else(|| {
            let event = |index: usize, what: &str| format!("event {}{what}", index + 1);
            first_of(&stored.events, &now.events, |event| event.at, event, &now.arms)
        })
        .or_else(|| {
            let job = |index: usize, what: &str| format!("job {}{what}", index + 1);
            first_of(&stored.jobs, &now.jobs, |job| job.start, job, &now.arms)
        })
        .or_else(|| {
            let (a, b) = (json(&stored.head()), json(&now.head()));
            let at = stored.outcome.at;
            of_values(&a, &b, &now.arms).map(|(what, stored, now)| Difference {
                at,
                what: format!("the run{what}"),
                stored,
                now,
            })
        })
}

/// The first entry in which two lists differ.
fn first_of<T: PartialEq + Serialize>(
    stored: &[T],
    now: &[T],
    at: impl Fn(&T) -> SimTime,
    name: impl Fn(usize, &str) -> String,
    arms: &[String],
) -> Option<Difference> {
    let places = 0..stored.len().max(now.len());
    places.filter(|&place| stored.get(place) != now.get(place)).find_map(|place| {
        let (a, b) = (stored.get(place), now.get(place));
        let (what, stored, now) = match (a, b) {
            // NaN differs from itself, but is no difference.
            (Some(a), Some(b)) => of_values(&json(a), &json(b), arms)?,
            _ => {
                let there = |entry: Option<&T>| if entry.is_some() { "there" } else { "missing" };
                (String::new(), there(a).to_owned(), there(b).to_owned())
            }
        };
        Some(Difference { at: a.or(b).map(&at)?, what: name(place, &what), stored, now })
    })
}

/// Plain values; what JSON cannot hold (NaN) becomes null on both sides.
fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// The path to the first difference in words, and both values.
fn of_values(stored: &Value, now: &Value, arms: &[String]) -> Option<(String, String, String)> {
    let path = |key: &str, (what, stored, now)| (format!(", {key}{what}"), stored, now);
    match (stored, now) {
        _ if stored == now => None,
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter().zip(b.values()).find_map(|((key, a), b)| {
                if key == "arms" {
                    return of_arms(a, b, arms);
                }
                of_values(a, b, arms).map(|found| path(&key.replace('_', " "), found))
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(index, (a, b))| {
                of_values(a, b, arms).map(|found| path(&format!("entry {}", index + 1), found))
            })
        }
        _ => Some((String::new(), short(stored), short(now))),
    }
}

/// Arms are told by their names.
fn of_arms(stored: &Value, now: &Value, arms: &[String]) -> Option<(String, String, String)> {
    let (Value::Array(a), Value::Array(b)) = (stored, now) else { return None };
    if a.len() != b.len() {
        let count = |list: &[Value]| format!("{} arms", list.len());
        return Some((String::new(), count(a), count(b)));
    }
    a.iter().zip(b).enumerate().find_map(|(index, (a, b))| {
        let (what, stored, now) = of_values(a, b, arms)?;
        let name = arms.get(index).map_or_else(|| (index + 1).to_string(), Clone::clone);
        Some((format!(", arm {name}{what}"), stored, now))
    })
}

/// A value's text, cut where it gets long.
fn short(value: &Value) -> String {
    const MOST: usize = 80;
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= MOST {
        return text;
    }
    let head: String = text.chars().take(MOST).collect();
    format!("{head}…")
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::store::{Library, NewExperiment};

    /// A finished experiment that went through a library.
    fn experiment() -> Experiment {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::open(&folder.path().join("library.rehearsal")).unwrap();
        let (plan, inputs) = (fixture::plan(), fixture::inputs());
        let id = library
            .begin(&NewExperiment {
                name: "Test",
                plan: &plan,
                inputs: &inputs,
                interventions: &[],
                parent: None,
                base_folder: "",
                author: "",
            })
            .unwrap();
        library.finish(&id, &engine::simulate(&plan, &inputs, &[])).unwrap();
        library.load(&id).unwrap()
    }

    fn verified(experiment: &Experiment) -> Verification {
        verify(experiment, &Progress::default()).unwrap()
    }

    #[test]
    fn what_was_not_touched_is_reproduced() {
        let experiment = experiment();
        let digest = experiment.summary.digest.clone().unwrap();
        assert_eq!(verified(&experiment), Verification::Reproduced { digest });
    }

    #[test]
    fn a_changed_value_is_told_with_its_time_and_arm() {
        let mut changed = experiment();
        let window = &mut changed.recording.as_mut().unwrap().windows[3];
        let (start, answered) = (window.start, window.arms[0].answered);
        window.arms[0].answered += 7;
        let expected = Difference {
            at: start,
            what: "window 4, arm old, answered".to_owned(),
            stored: (answered + 7).to_string(),
            now: answered.to_string(),
        };
        assert_eq!(verified(&changed), Verification::Differs(expected));
    }

    #[test]
    fn a_lost_event_and_a_changed_digest_are_found() {
        let mut lost = experiment();
        let events = &mut lost.recording.as_mut().unwrap().events;
        let (count, last) = (events.len(), events.pop().unwrap());
        let Verification::Differs(found) = verified(&lost) else { panic!("not found") };
        assert_eq!((found.at, found.what), (last.at, format!("event {count}")));
        assert_eq!((found.stored.as_str(), found.now.as_str()), ("missing", "there"));

        let mut renamed = experiment();
        renamed.summary.digest = Some("0".to_owned());
        assert!(matches!(verified(&renamed), Verification::Differs(_)));
    }

    #[test]
    fn an_interrupted_run_cannot_be_verified() {
        let mut interrupted = experiment();
        interrupted.summary.status = Status::Interrupted;
        assert!(matches!(verified(&interrupted), Verification::CannotRerun { .. }));
    }
}
