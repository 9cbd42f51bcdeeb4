//! Questions that a reviewer should ask about a run, with the answers that it suggests itself.

use serde::Serialize;

use super::distribution::normal_quantile;
use super::verdict::{ALPHA, SplitWord, VerdictCard, VerdictRow, Word};
use crate::domain::{
    EventKind, Fault, FaultKind, InterventionKind, Plan, Recording, Tick, Verdict, grouped,
};

/// One question of the checklist.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Question {
    /// Its short name, under which answers are kept.
    pub item: &'static str,
    pub question: &'static str,
    /// What the run suggests; empty where only a person can say.
    pub proposed: Option<Tick>,
    pub evidence: String,
}

/// Short names of all questions, in order.
pub const ITEMS: [&str; 5] = ["split", "power", "labels", "faults", "slow"];

/// The questions that a run's plan and recording raise.
pub fn checklist(plan: &Plan, recording: &Recording, card: &VerdictCard) -> Vec<Question> {
    let has_candidate = recording.arms.len() > 1;
    let faults = all_faults(plan, recording);
    vec![
        split(card, has_candidate),
        power(card, has_candidate),
        labels(plan, card),
        scripted(&faults),
        slow(plan, &faults, has_candidate),
    ]
}

fn split(card: &VerdictCard, has_candidate: bool) -> Question {
    let p = card.split.p.map_or(String::new(), |p| format!(", p = {p:.3}"));
    let proposed = match card.split.word {
        _ if !has_candidate => Some(Tick::NotApplicable),
        SplitWord::AsPlanned => Some(Tick::Yes),
        SplitWord::NotAsPlanned => Some(Tick::No),
        SplitWord::NotEnoughData => None,
    };
    Question {
        item: "split",
        question: "Did the arms get the traffic that the plan meant for them?",
        proposed,
        evidence: format!("Split {}{p}: {}.", card.split.word.label(), card.split.method),
    }
}

/// Whether the run could have seen a change that matters. The smallest change that it would have
/// found with a power of 80 % is (z₁₋α/₂ + z₀.₈) · SE, where the interval's half-width is
/// z₁₋α/₂ · SE.
fn power(card: &VerdictCard, has_candidate: bool) -> Question {
    let judged = |row: &&VerdictRow| row.delta.is_some() && row.interval.is_some();
    let row = card.rows.iter().find(judged);
    let z = normal_quantile(1.0 - ALPHA / 2.0);
    let evidence = match row.and_then(|row| Some((row, row.interval?))) {
        Some((row, interval)) => {
            let least = interval.width() / 2.0 * (z + normal_quantile(0.8)) / z;
            format!(
                "With {} and {} observations, a change of {} in {} would have been found with a \
                 power of 80 %.",
                grouped(row.n[0]),
                grouped(row.n[1]),
                row.metric.format_delta(least).trim_start_matches('+'),
                row.metric.label()
            )
        }
        None => "No change of any metric has an interval.".to_owned(),
    };
    let is_starved = card.rows.iter().all(|row| row.word == Word::NotEnoughData);
    let proposed = match has_candidate {
        false => Some(Tick::NotApplicable),
        true if row.is_none() || is_starved => Some(Tick::No),
        // Which change matters is for a person to say.
        true => None,
    };
    let question = "Could the run have seen a change that matters?";
    Question { item: "power", question, proposed, evidence }
}

fn labels(plan: &Plan, card: &VerdictCard) -> Question {
    let gates = plan.gates.iter().enumerate().filter(|(_, gate)| gate.metric.needs_labels());
    let mut sentences = Vec::new();
    let mut all_judged = true;
    for (place, gate) in gates {
        let lines = card.why.iter().filter(|line| usize::from(line.gate) == place);
        let (mut all, mut judged) = (0, 0);
        for line in lines {
            all += 1;
            judged += usize::from(!matches!(line.verdict, Verdict::Hold | Verdict::Error));
        }
        all_judged &= judged > 0;
        let least = grouped(gate.min_samples);
        sentences.push(format!(
            "{}: {judged} of {all} measurements had the {least} labels that it wants.",
            gate.name
        ));
    }
    let proposed = match sentences.is_empty() {
        true => Some(Tick::No),
        false => Some(if all_judged { Tick::Yes } else { Tick::No }),
    };
    if sentences.is_empty() {
        sentences.push("No gate judges quality.".to_owned());
    }
    Question {
        item: "labels",
        question: "Did the gates judge quality on enough labels?",
        proposed,
        evidence: sentences.join(" "),
    }
}

fn scripted(faults: &[&Fault]) -> Question {
    let list: Vec<String> = faults.iter().map(|fault| fault.what.sentence()).collect();
    Question {
        item: "faults",
        question: "Was something made to go wrong, to see the gates catch it?",
        proposed: Some(if list.is_empty() { Tick::No } else { Tick::Yes }),
        evidence: match list.is_empty() {
            true => "Nothing was scripted or injected.".to_owned(),
            false => format!("Yes: {}.", list.join(", ")),
        },
    }
}

fn slow(plan: &Plan, faults: &[&Fault], has_candidate: bool) -> Question {
    let is_slow = |fault: &&&Fault| {
        matches!(fault.what, FaultKind::Latency { .. }) && plan.arm_of(fault).index() > 0
    };
    let found = faults.iter().find(is_slow);
    Question {
        item: "slow",
        question: "Was a slow candidate tried?",
        proposed: match has_candidate {
            false => Some(Tick::NotApplicable),
            true => Some(if found.is_some() { Tick::Yes } else { Tick::No }),
        },
        evidence: match found {
            Some(fault) => format!("{} from {}.", fault.what.sentence(), fault.at.clock()),
            None => "No fault slows a candidate down.".to_owned(),
        },
    }
}

/// Faults of the plan, and those that a person injected.
fn all_faults<'a>(plan: &'a Plan, recording: &'a Recording) -> Vec<&'a Fault> {
    let injected = recording.events.iter().filter_map(|event| match &event.kind {
        EventKind::Intervened(InterventionKind::Inject(fault)) => Some(fault),
        _ => None,
    });
    plan.faults.iter().chain(injected).collect()
}
