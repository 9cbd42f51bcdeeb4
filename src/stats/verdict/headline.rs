//! The headline: what the run decided, or else what its rows suggest; with reasons for and against.

use super::{GateLine, Headline, SplitCheck, SplitWord, VerdictCard, VerdictRow, Word, gates};
use crate::domain::metric::Direction;
use crate::domain::{ArmId, EventKind, InterventionKind, Metric, OutcomeKind, Recording, SimTime};
use crate::stats::strata::Design;

/// More requests per unit than these make intervals that count requests doubtful.
const MANY_PER_UNIT: f64 = 2.0;

/// Puts the card together.
pub(super) fn card(
    recording: &Recording,
    until: SimTime,
    rows: Vec<VerdictRow>,
    split: SplitCheck,
    why: Vec<GateLine>,
) -> VerdictCard {
    let decision = decision(recording, until);
    let opinion = opinion(recording, &rows, &split);
    let (headline, arm, sentence) = match &decision {
        Some(Decision::Made { headline, arm, sentence, .. }) => {
            (*headline, arm.unwrap_or(opinion.arm), sentence.clone())
        }
        Some(Decision::Waiting(why)) => {
            (Headline::Hold, opinion.arm, format!("The rollout waits: {}", sentence_of(why)))
        }
        None => (opinion.headline, opinion.arm, opinion.sentence),
    };
    let (mut pros, mut cons) = (Vec::new(), Vec::new());
    for row in rows.iter().filter(|row| row.word != Word::ForInformation) {
        match lean(row) {
            Lean::Better | Lean::ShownNotWorse => pros.push(row_sentence(row)),
            _ => cons.push(row_sentence(row)),
        }
    }
    for (speaks_for, sentence) in gates::summary(&why) {
        if speaks_for { pros.push(sentence) } else { cons.push(sentence) }
    }
    let (mut reasons, mut counter_reasons) =
        if headline == Headline::Promote { (pros, cons) } else { (cons, pros) };
    if split.word == SplitWord::NotAsPlanned {
        reasons.insert(0, "The arms did not get the traffic they were meant to get.".to_owned());
    }
    let is_open = decision.is_none() && until < recording.end();
    counter_reasons.extend(caveats(recording, until, &rows, is_open));
    let decided_at = match decision {
        Some(Decision::Made { at, .. }) => Some(at),
        _ => None,
    };
    VerdictCard {
        until,
        headline,
        sentence,
        arm,
        decided_at,
        rows,
        split,
        reasons,
        counter_reasons,
        why,
    }
}

/// What the run itself has settled.
enum Decision {
    Made {
        headline: Headline,
        at: SimTime,
        arm: Option<ArmId>,
        sentence: String,
    },
    /// On hold for a person.
    Waiting(String),
}

fn decision(recording: &Recording, until: SimTime) -> Option<Decision> {
    let mut decision = None;
    for event in recording.events.iter().filter(|event| event.at <= until) {
        let made = |headline, arm, sentence: String| {
            Some(Decision::Made { headline, at: event.at, arm, sentence })
        };
        decision = match &event.kind {
            EventKind::Promoted { arm, reason } => made(
                Headline::Promote,
                Some(*arm),
                format!("{arm} took over: {}", sentence_of(reason)),
            ),
            EventKind::Aborted { reason } | EventKind::RolledBack { reason } => made(
                Headline::RollBack,
                None,
                format!("The traffic went back to A: {}", sentence_of(reason)),
            ),
            EventKind::Ended(OutcomeKind::Kept) => made(
                Headline::Hold,
                None,
                format!("A was kept: {}", sentence_of(&recording.outcome.reason)),
            ),
            EventKind::Intervened(InterventionKind::Retry) => None,
            EventKind::Paused(why) if !matches!(decision, Some(Decision::Made { .. })) => {
                Some(Decision::Waiting(why.clone()))
            }
            EventKind::Resumed if matches!(decision, Some(Decision::Waiting(_))) => None,
            _ => decision,
        };
    }
    decision
}

/// A reason as the end of a sentence.
fn sentence_of(reason: &str) -> String {
    let reason = reason.trim();
    match reason.chars().last() {
        None => "no reason was recorded.".to_owned(),
        Some('.' | '!' | '?') => reason.to_owned(),
        Some(_) => format!("{reason}."),
    }
}

struct Opinion {
    headline: Headline,
    arm: ArmId,
    sentence: String,
}

/// What the rows suggest where the run has not decided.
fn opinion(recording: &Recording, rows: &[VerdictRow], split: &SplitCheck) -> Opinion {
    if recording.arms.len() < 2 {
        let sentence = "One model alone: there is nothing to compare it with.".to_owned();
        return Opinion { headline: Headline::Hold, arm: ArmId::BASELINE, sentence };
    }
    let of = |arm: ArmId| rows.iter().filter(|row| row.arm == arm).collect::<Vec<_>>();
    let mut opinions: Vec<(Headline, f64, ArmId)> = (1..recording.arms.len())
        .map(|place| {
            let arm = ArmId::new(place);
            let rows = of(arm);
            let gain = rows.first().and_then(|row| Some(row.delta? * sign(row.metric)));
            (suggestion(&rows), gain.unwrap_or(f64::NEG_INFINITY), arm)
        })
        .collect();
    // The best candidate speaks for the card; of equals the one with the larger gain.
    opinions.sort_by(|a, b| rank(a.0).cmp(&rank(b.0)).then(b.1.total_cmp(&a.1)));
    let (headline, arm) = opinions
        .first()
        .map_or((Headline::NotEnoughData, ArmId::CANDIDATE), |best| (best.0, best.2));
    if split.word == SplitWord::NotAsPlanned {
        let sentence = "The arms did not get the traffic they were meant to get, so no comparison can be trusted.";
        return Opinion { headline: Headline::Hold, arm, sentence: sentence.to_owned() };
    }
    Opinion { headline, arm, sentence: sentence(arm, headline, &of(arm)) }
}

fn rank(headline: Headline) -> u8 {
    match headline {
        Headline::Promote => 0,
        Headline::Hold => 1,
        Headline::NotEnoughData => 2,
        Headline::RollBack => 3,
    }
}

/// What a row says when it matters how large a difference is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lean {
    Better,
    Worse,
    /// Worse, but by less than the margin.
    SlightlyWorse,
    /// Even the bad end of the interval is within the margin.
    ShownNotWorse,
    Unclear,
    NoData,
}

/// How much worse still counts as no harm: 1 % of the baseline's quality, half a point more errors,
/// 10 % more latency or a millisecond, which nobody notices behind a network.
fn margin(row: &VerdictRow) -> f64 {
    let baseline = row.baseline.unwrap_or(0.0).abs();
    match row.metric {
        Metric::ErrorRate => 0.005,
        metric if metric.is_latency() => (0.1 * baseline).max(1.0),
        _ => 0.01 * baseline,
    }
}

fn sign(metric: Metric) -> f64 {
    if metric.direction() == Direction::Lower { -1.0 } else { 1.0 }
}

fn lean(row: &VerdictRow) -> Lean {
    let gain = row.delta.unwrap_or(0.0) * sign(row.metric);
    let worst = row
        .interval
        .map(|interval| if sign(row.metric) > 0.0 { interval.low } else { -interval.high });
    match row.word {
        Word::Better => Lean::Better,
        Word::Worse if gain < -margin(row) => Lean::Worse,
        Word::Worse => Lean::SlightlyWorse,
        Word::NotEnoughData => Lean::NoData,
        _ if worst.is_some_and(|worst| worst >= -margin(row)) => Lean::ShownNotWorse,
        _ => Lean::Unclear,
    }
}

fn suggestion(rows: &[&VerdictRow]) -> Headline {
    let judged: Vec<Lean> =
        rows.iter().filter(|row| row.word != Word::ForInformation).map(|row| lean(row)).collect();
    let has = |wanted: Lean| judged.contains(&wanted);
    let is_missing = |wanted: fn(Metric) -> bool| {
        !rows.iter().any(|row| wanted(row.metric) && lean(row) != Lean::NoData)
    };
    if has(Lean::Worse) {
        return if has(Lean::Better) { Headline::Hold } else { Headline::RollBack };
    }
    if is_missing(Metric::needs_labels) || is_missing(|metric| metric == Metric::ErrorRate) {
        return Headline::NotEnoughData;
    }
    if has(Lean::Unclear) || has(Lean::NoData) { Headline::Hold } else { Headline::Promote }
}

/// "B is more accurate, but its p95 is 17 ms slower."
fn sentence(arm: ArmId, headline: Headline, rows: &[&VerdictRow]) -> String {
    let with = |wanted: fn(Lean) -> bool| -> Vec<String> {
        rows.iter()
            .filter(|row| row.word != Word::ForInformation && wanted(lean(row)))
            .map(|row| phrase(row))
            .collect()
    };
    let good = with(|lean| lean == Lean::Better);
    let bad = with(|lean| lean == Lean::Worse);
    let slight = with(|lean| lean == Lean::SlightlyWorse);
    match (good.is_empty(), bad.is_empty()) {
        (false, false) => format!("{}, but {}.", said_of(arm, &good), joined(&bad)),
        (true, false) => format!("{}.", said_of(arm, &bad)),
        (false, true) if headline == Headline::Promote && slight.is_empty() => {
            format!("{}, and nothing got worse.", said_of(arm, &good))
        }
        (false, true) if headline == Headline::Promote => {
            format!("{}; {}, by less than the margin.", said_of(arm, &good), said_of(arm, &slight))
        }
        _ if headline == Headline::Promote => {
            format!("{arm} is as good as A within the margins.")
        }
        _ => uncertain(arm, headline, &good, rows),
    }
}

fn uncertain(arm: ArmId, headline: Headline, good: &[String], rows: &[&VerdictRow]) -> String {
    if headline == Headline::NotEnoughData {
        let labels = rows.iter().any(|row| row.metric.needs_labels());
        return if labels {
            format!("{arm} has too few answers to be compared with A yet.")
        } else {
            "Without labels nobody knows which answers are right.".to_owned()
        };
    }
    let open = rows.iter().find(|row| matches!(lean(row), Lean::Unclear | Lean::NoData));
    let Some(open) = open else { return format!("{arm} shows no clear change.") };
    let so_far = match good {
        [] => format!("{arm} shows no clear change"),
        good => said_of(arm, good),
    };
    let worst = open
        .interval
        .map(|interval| if sign(open.metric) > 0.0 { interval.low } else { interval.high });
    let name = name(open.metric);
    match worst {
        Some(worst) if open.word != Word::NotEnoughData => {
            format!("{so_far}; its {name} may still differ by {}.", open.metric.format_delta(worst))
        }
        _ => format!("{so_far}; there are too few answers to compare its {name}."),
    }
}

/// A metric in the middle of a sentence.
fn name(metric: Metric) -> String {
    match metric {
        Metric::RocAuc | Metric::Rmse | Metric::Mae => metric.label().to_owned(),
        Metric::LatencyP95 => "p95".to_owned(),
        _ => metric.label().to_lowercase(),
    }
}

fn joined(phrases: &[String]) -> String {
    match phrases {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// "B is more accurate", "B's p95 is 17 ms slower".
fn said_of(arm: ArmId, phrases: &[String]) -> String {
    let phrases = joined(phrases);
    match phrases.strip_prefix("its ") {
        Some(rest) => format!("{arm}'s {rest}"),
        None => format!("{arm} {phrases}"),
    }
}

/// What a found difference means, as the end of a sentence that begins with the arm.
fn phrase(row: &VerdictRow) -> String {
    let delta = row.delta.unwrap_or(0.0);
    let is_better = delta * sign(row.metric) > 0.0;
    let size = row.metric.format(delta.abs());
    let points = row.metric.format_delta(delta);
    match (row.metric, is_better) {
        (Metric::Accuracy, true) => format!("is more accurate ({points})"),
        (Metric::Accuracy, false) => format!("is less accurate ({points})"),
        (Metric::RocAuc, true) => format!("ranks better ({points} ROC AUC)"),
        (Metric::RocAuc, false) => format!("ranks worse ({points} ROC AUC)"),
        (Metric::Mae | Metric::Rmse, true) => {
            format!("errs less ({points} {})", row.metric.label())
        }
        (Metric::Mae | Metric::Rmse, false) => {
            format!("errs more ({points} {})", row.metric.label())
        }
        (Metric::ErrorRate, true) => format!("fails less often ({points})"),
        (Metric::ErrorRate, false) => format!("fails more often ({points})"),
        (metric, true) if metric.is_latency() => format!("its {} is {size} faster", name(metric)),
        (metric, false) if metric.is_latency() => format!("its {} is {size} slower", name(metric)),
        (metric, true) => format!("is better in {} ({points})", name(metric)),
        (metric, false) => format!("is worse in {} ({points})", name(metric)),
    }
}

/// One line for the lists of reasons.
fn row_sentence(row: &VerdictRow) -> String {
    let (arm, label) = (row.arm, row.metric.label());
    match (row.delta, row.interval, row.word) {
        (Some(delta), Some(interval), word) if word != Word::NotEnoughData => format!(
            "{arm}: {label} {} ({} to {}): {}{}.",
            row.metric.format_delta(delta),
            row.metric.format_delta(interval.low),
            row.metric.format_delta(interval.high),
            word.label(),
            match lean(row) {
                Lean::SlightlyWorse => ", but within the margin",
                Lean::ShownNotWorse => ", and harm beyond the margin is ruled out",
                Lean::Unclear => ", and harm beyond the margin is not ruled out",
                _ => "",
            }
        ),
        _ => {
            format!("{arm}: {label}: not enough data ({} and {} observations).", row.n[0], row.n[1])
        }
    }
}

/// What a careful reader should know before trusting the numbers.
fn caveats(
    recording: &Recording,
    until: SimTime,
    rows: &[VerdictRow],
    is_open: bool,
) -> Vec<String> {
    let mut caveats = Vec::new();
    let is_compared = rows.iter().any(|row| row.delta.is_some());
    if rows.iter().any(|row| row.design == Design::BeforeAfter && row.delta.is_some()) {
        caveats.push(
            "The arms answered one after the other: the time of day or the traffic may be the cause of a difference."
                .to_owned(),
        );
    }
    if is_open && is_compared {
        caveats.push(
            "The run is not over: intervals that are looked at again and again exclude zero too easily."
                .to_owned(),
        );
    }
    let reversed = rows.iter().any(|row| {
        row.delta.zip(row.crude_delta).is_some_and(|(fair, crude)| fair * crude < 0.0)
            && matches!(row.word, Word::Better | Word::Worse)
    });
    if reversed {
        caveats.push(
            "Pooled over all stages the difference points the other way, because the shares changed (Simpson's paradox)."
                .to_owned(),
        );
    }
    if let Some(window) = recording.until(until) {
        let units: u64 = window.arms.iter().map(|arm| arm.units).sum();
        let per_unit = window.arrivals() as f64 / units.max(1) as f64;
        if units > 0 && per_unit > MANY_PER_UNIT && is_compared {
            caveats.push(format!(
                "Each unit sent {per_unit:.1} requests; they count as independent, so intervals are too narrow if a unit's rows are alike."
            ));
        }
    }
    caveats
}
