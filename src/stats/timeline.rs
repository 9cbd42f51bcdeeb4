//! What a rollout decided and when, read off its recording: the same plan under several controllers
//! can be put side by side.

use serde::Serialize;

use crate::domain::{ArmId, Event, EventKind, Plan, Recording, SimTime, Verdict};

/// What changed at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moment {
    pub at: SimTime,
    /// The candidates' share of the requests from then on, 0 to 1.
    pub share: f64,
    /// The share that is only copied to the candidate.
    pub copied: f64,
    /// Whether any of the two changed.
    pub moves: bool,
    /// Checks that did not pass, pauses and the decision, in words.
    pub says: Vec<String>,
}

/// The moments of a rollout up to its end, in order.
pub fn timeline(recording: &Recording, plan: &Plan) -> Vec<Moment> {
    let mut shares = vec![0.0; recording.arms.len()];
    let mut copied = 0.0;
    let mut moments: Vec<Moment> = Vec::new();
    for same_time in recording.events.chunk_by(|a, b| a.at == b.at) {
        let Some(at) = same_time.first().map(|event| event.at) else { continue };
        let before = (candidates(&shares), copied);
        let mut says = unhappy(same_time, plan);
        for event in same_time {
            match &event.kind {
                EventKind::Feasible { arm, share } => {
                    if let Some(place) = shares.get_mut(arm.index()) {
                        *place = *share;
                    }
                }
                EventKind::Mirror { arm: ArmId::CANDIDATE, share } => copied = *share,
                kind => says.extend(said(kind).map(str::to_owned)),
            }
        }
        let share = candidates(&shares);
        let moves = before != (share, copied);
        if moves || !says.is_empty() {
            moments.push(Moment { at, share, copied, moves, says });
        }
    }
    moments
}

fn candidates(shares: &[f64]) -> f64 {
    shares.iter().skip(1).sum()
}

/// The gates that count and did not pass: by name where there is one, else how many.
fn unhappy(events: &[Event], plan: &Plan) -> Vec<String> {
    let measured = |event: &Event| match &event.kind {
        EventKind::Measured(measured) => {
            let gate = plan.gates.get(usize::from(measured.gate)).filter(|gate| !gate.dry_run)?;
            Some((measured.verdict, gate.name.as_str()))
        }
        _ => None,
    };
    let all: Vec<(Verdict, &str)> = events.iter().filter_map(measured).collect();
    let of_verdict = |verdict: Verdict| {
        let names: Vec<&str> =
            all.iter().filter(|(of, _)| *of == verdict).map(|(_, name)| *name).collect();
        match names.as_slice() {
            [] => None,
            [only] => Some(format!("{only}: {}", verdict.label())),
            several => Some(format!("{} gates: {}", several.len(), verdict.label())),
        }
    };
    [Verdict::Fail, Verdict::Error, Verdict::Inconclusive]
        .into_iter()
        .filter_map(of_verdict)
        .collect()
}

/// What an event says about the decision, where it does.
fn said(kind: &EventKind) -> Option<&'static str> {
    match kind {
        EventKind::Paused(_) => Some("paused"),
        EventKind::Resumed => Some("resumed"),
        EventKind::Degraded(_) => Some("degraded"),
        EventKind::Ended(outcome) => Some(outcome.label()),
        _ => None,
    }
}

/// Several timelines on one clock.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    pub at: SimTime,
    /// The candidates' shares differ between the rollouts from this moment on.
    pub differs: bool,
    /// One per rollout; empty where nothing changed.
    pub cells: Vec<String>,
}

/// One row for each moment at which anything changed in any of them.
pub fn side_by_side(timelines: &[Vec<Moment>]) -> Vec<Row> {
    let mut times: Vec<SimTime> = timelines.iter().flatten().map(|moment| moment.at).collect();
    times.sort_unstable();
    times.dedup();
    let mut states = vec![(0.0, 0.0); timelines.len()];
    let row = |at: SimTime| {
        let moment = |timeline: &Vec<Moment>| {
            let place = timeline.binary_search_by_key(&at, |moment| moment.at).ok()?;
            timeline.get(place).cloned()
        };
        let moments: Vec<Option<Moment>> = timelines.iter().map(moment).collect();
        for (state, moment) in states.iter_mut().zip(&moments) {
            if let Some(moment) = moment {
                *state = (moment.share, moment.copied);
            }
        }
        let differs = states.windows(2).any(|pair| pair.first() != pair.last());
        let cells = moments.iter().map(|moment| moment.as_ref().map_or(String::new(), cell));
        Row { at, differs, cells: cells.collect() }
    };
    times.into_iter().map(row).collect()
}

fn cell(moment: &Moment) -> String {
    let percent = |share: f64| format!("{} %", (share * 1e3).round() / 10.0);
    let mut parts = moment.says.clone();
    if moment.moves {
        let copies = (moment.copied > 0.0).then(|| format!("{} copied", percent(moment.copied)));
        parts.insert(0, copies.unwrap_or_else(|| percent(moment.share)));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(secs: u64, share: f64, says: &[&str]) -> Moment {
        Moment {
            at: SimTime::from_secs(secs),
            share,
            copied: 0.0,
            moves: says.is_empty(),
            says: says.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    #[test]
    fn rows_differ_as_long_as_the_shares_do() {
        let one = vec![moment(0, 0.2, &[]), moment(60, 1.0, &[])];
        let other =
            vec![moment(0, 0.2, &[]), moment(60, 0.2, &["errors: fail"]), moment(90, 1.0, &[])];
        let rows = side_by_side(&[one, other]);
        let shown: Vec<(bool, Vec<&str>)> = rows
            .iter()
            .map(|row| (row.differs, row.cells.iter().map(String::as_str).collect()))
            .collect();
        let expected = [
            (false, vec!["20 %", "20 %"]),
            (true, vec!["100 %", "errors: fail"]),
            (false, vec!["", "100 %"]),
        ];
        assert_eq!(shown, expected);
    }
}
