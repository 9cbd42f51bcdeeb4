//! The ledger: what a rehearsal cost, whom it exposed, and how fast it was.

mod compare;
mod times;
mod true_rows;

use serde::Serialize;

pub use compare::{Cell, Comparison, ComparisonRow, comparison};

use super::truth::Truth;
use crate::domain::metric::Direction;
use crate::domain::{
    ArmWindow, BatchJob, OutcomeKind, Plan, Quality, Recording, SimSpan, SimTime, Window, grouped,
};

/// What one arm did over the whole run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArmLedger {
    pub name: String,
    /// Live requests that arrived, and their share of all.
    pub requests: u64,
    pub share: f64,
    /// Copies that arrived.
    pub mirrored: u64,
    pub units: u64,
    /// Answers (copies included) whose label became known, and how many of them were wrong. Zero for
    /// regression, where no answer is simply wrong.
    pub labelled: u64,
    pub wrong: u64,
    /// Live requests without an answer.
    pub failed: u64,
    pub replica_hours: f64,
}

/// The price of a rollout in requests, time and money.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ledger {
    pub arms: Vec<ArmLedger>,
    /// Live requests and units that met a candidate.
    pub exposed_requests: u64,
    pub exposed_share: f64,
    pub exposed_units: u64,
    /// Live answers of candidates that were wrong where another arm was right.
    pub harm: u64,
    /// Live answers of candidates that were right where the baseline was wrong.
    pub gain: u64,
    /// `harm` − `gain`: wrong answers that the rollout caused, on balance.
    pub net_harm: i64,
    /// Whether answers are right or wrong, so that harm and gain mean something.
    pub has_labels: bool,
    pub failed: u64,
    pub failed_share: f64,
    /// Time in which live traffic had no ready replica, summed over arms.
    pub downtime: SimSpan,
    /// Replica-hours paid for, jobs included.
    pub replica_hours: f64,
    /// The same less what the baseline's fleet alone would have cost.
    pub extra_hours: f64,
    pub money: Money,
    /// From the start until a candidate took all live traffic; empty if none ever did.
    pub time_to_full: Option<SimSpan>,
    /// From the candidate's first request (or the first fault, if that came later) to the decision
    /// to send the traffic back; empty if there was none.
    pub time_to_detect: Option<SimSpan>,
    pub outcome: OutcomeKind,
    pub reason: String,
    /// The run's end.
    pub end: SimTime,
    /// What the oracle knows besides, where it was asked.
    pub truth: Option<Truth>,
}

/// Costs in the plan's currency.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Money {
    pub currency: String,
    pub compute: f64,
    /// Compute beyond the baseline's fleet alone.
    pub extra_compute: f64,
    pub mistakes: f64,
    pub failures: f64,
    pub total: f64,
    /// False if the plan names no price at all.
    pub is_priced: bool,
}

/// One line of a ledger.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LedgerRow {
    pub label: &'static str,
    /// The value with its unit.
    pub text: String,
    /// For sorting and charts; empty where there is no value.
    pub number: Option<f64>,
    #[serde(serialize_with = "direction_name")]
    pub good: Direction,
    #[serde(skip)]
    pub unit: Unit,
}

/// What a line's number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Count,
    ReplicaHours,
    Money,
    Seconds,
}

impl Unit {
    /// A difference between two numbers, with its sign.
    pub fn format_delta(self, delta: f64) -> String {
        let size = delta.abs();
        let text = match self {
            Self::Count => grouped(size.round() as u64),
            Self::ReplicaHours | Self::Money => format!("{size:.2}"),
            Self::Seconds => SimSpan::from_secs_f64(size).words(),
        };
        let is_none = !text.contains(|c: char| ('1'..='9').contains(&c));
        match delta {
            _ if is_none => text,
            _ if delta < 0.0 => format!("−{text}"),
            _ => format!("+{text}"),
        }
    }
}

fn direction_name<S: serde::Serializer>(good: &Direction, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(match good {
        Direction::Higher => "higher",
        Direction::Lower => "lower",
        Direction::Neither => "neither",
    })
}

/// Adds a recording up. The plan gives the prices and the baseline's own fleet.
pub fn ledger(recording: &Recording, plan: &Plan) -> Ledger {
    let end = recording.end();
    let whole = recording.until(end);
    let arms = whole.as_ref().map_or(&[][..], |window| &window.arms);
    let arrivals = whole.as_ref().map_or(0, Window::arrivals);
    let share = |part: u64| if arrivals > 0 { part as f64 / arrivals as f64 } else { 0.0 };
    let of_arms: Vec<ArmLedger> = arms
        .iter()
        .enumerate()
        .map(|(place, arm)| {
            let quality = arm.total_quality();
            let is_judged = !is_regression(arm);
            ArmLedger {
                name: recording.arms.get(place).cloned().unwrap_or_default(),
                requests: arm.arrivals,
                share: share(arm.arrivals),
                mirrored: arm.mirrored,
                units: arm.units,
                labelled: quality.labelled,
                wrong: if is_judged { quality.labelled.saturating_sub(quality.correct) } else { 0 },
                failed: arm.failed(),
                replica_hours: hours(arm.replica_time),
            }
        })
        .collect();
    let candidates = || arms.iter().skip(1);
    let quality =
        |of: fn(&Quality) -> u64| -> u64 { candidates().map(|arm| of(&arm.total_quality())).sum() };
    let (harm, gain) = (quality(|q| q.harm), quality(|q| q.gain));
    let exposed: u64 = candidates().map(|arm| arm.arrivals).sum();
    let failed: u64 = arms.iter().map(ArmWindow::failed).sum();
    let fleet_hours: f64 = of_arms.iter().map(|arm| arm.replica_hours).sum();
    let replica_hours = fleet_hours + job_hours(recording, plan, |_| true);
    // Without a candidate the baseline's jobs would score what any arm's jobs published.
    let alone = baseline_hours(plan, end) + job_hours(recording, plan, |job| !job.mirrored);
    let extra_hours = replica_hours - alone;
    Ledger {
        exposed_requests: exposed,
        exposed_share: share(exposed),
        exposed_units: candidates().map(|arm| arm.units).sum(),
        harm,
        gain,
        net_harm: harm as i64 - gain as i64,
        has_labels: arms.iter().any(|arm| arm.total_quality().labelled > 0 && !is_regression(arm)),
        failed,
        failed_share: share(failed),
        downtime: SimSpan::from_micros(arms.iter().map(|arm| arm.downtime).sum()),
        replica_hours,
        extra_hours,
        money: money(plan, arms, replica_hours, extra_hours, failed),
        time_to_full: times::to_full(recording),
        time_to_detect: times::to_detect(recording),
        outcome: recording.outcome.kind,
        reason: recording.outcome.reason.clone(),
        end,
        arms: of_arms,
        truth: None,
    }
}

fn is_regression(arm: &ArmWindow) -> bool {
    arm.scores.is_empty() && arm.classes.is_empty() && arm.total_quality().absolute > 0.0
}

fn hours(micros: u64) -> f64 {
    micros as f64 / 3.6e9
}

/// Replica-hours of the scheduled jobs.
fn job_hours(recording: &Recording, plan: &Plan, counts: impl Fn(&BatchJob) -> bool) -> f64 {
    let replicas = plan.batch.as_ref().map_or(0, |batch| batch.replicas);
    let jobs = recording.jobs.iter().filter(|job| counts(job));
    let time: u64 = jobs.map(|job| job.duration().micros()).sum();
    hours(time) * f64::from(replicas)
}

/// What the baseline's fleet costs if nothing is rolled out: its replicas with their scheduled
/// changes.
fn baseline_hours(plan: &Plan, end: SimTime) -> f64 {
    // Where every request waits for a job there is no fleet.
    if plan.batch.as_ref().is_some_and(|batch| batch.share >= 100.0) {
        return 0.0;
    }
    let Some(serving) = plan.arms.first().map(|arm| &arm.serving) else { return 0.0 };
    let mut changes = serving.capacity_changes.clone();
    changes.sort_by_key(|change| change.at);
    let (mut since, mut replicas, mut time) = (SimTime::START, serving.replicas, 0.0);
    for change in changes.iter().filter(|change| change.at < end) {
        time += hours(change.at.since(since).micros()) * f64::from(replicas);
        (since, replicas) = (change.at, change.replicas);
    }
    time + hours(end.since(since).micros()) * f64::from(replicas)
}

fn money(
    plan: &Plan,
    arms: &[ArmWindow],
    replica_hours: f64,
    extra_hours: f64,
    failed: u64,
) -> Money {
    let cost = &plan.cost;
    let compute = replica_hours * cost.replica_hour;
    let mistakes: f64 = arms.iter().map(|arm| arm.total_quality().cost).sum();
    let failures = failed as f64 * cost.failed_request;
    let prices = [
        cost.replica_hour,
        cost.false_positive,
        cost.false_negative,
        cost.wrong_class,
        cost.failed_request,
    ];
    Money {
        currency: cost.currency.clone(),
        compute,
        extra_compute: extra_hours * cost.replica_hour,
        mistakes,
        failures,
        total: compute + mistakes + failures,
        is_priced: prices.iter().any(|price| *price != 0.0),
    }
}

/// The label of the line that tells how a run ended.
pub const OUTCOME: &str = "Outcome";

impl Ledger {
    /// The ledger as lines of label and value, in the order of the summary table.
    pub fn rows(&self) -> Vec<LedgerRow> {
        use Direction::{Higher, Lower, Neither};
        let row = |label, good, number: Option<f64>, text: String| LedgerRow {
            label,
            text,
            number,
            good,
            unit: Unit::Count,
        };
        let count =
            |label, good, number: u64| row(label, good, Some(number as f64), grouped(number));
        let labelled = |label, good, number: i64| {
            let known = self.has_labels.then_some(number as f64);
            row(label, good, known, known.map_or("no labels".to_owned(), |_| signless(number)))
        };
        let hours = |label, good, hours: f64, text| LedgerRow {
            unit: Unit::ReplicaHours,
            ..row(label, good, Some(hours), text)
        };
        let money = |label, amount: f64| {
            let text = format!("{amount:.2} {}", self.money.currency);
            LedgerRow { unit: Unit::Money, ..row(label, Lower, Some(amount), text) }
        };
        let time = |label, span: Option<SimSpan>| {
            let text = span.map_or("–".to_owned(), SimSpan::words);
            let number = span.map(SimSpan::as_secs_f64);
            LedgerRow { unit: Unit::Seconds, ..row(label, Lower, number, text) }
        };
        let mut rows = vec![
            row(
                "Requests exposed",
                Lower,
                Some(self.exposed_requests as f64),
                format!("{} ({:.1} %)", grouped(self.exposed_requests), self.exposed_share * 100.0),
            ),
            count("Units exposed", Lower, self.exposed_units),
            labelled("Wrong answers caused", Lower, self.harm as i64),
            labelled("Wrong answers avoided", Higher, self.gain as i64),
            labelled("Net wrong answers", Lower, self.net_harm),
            row(
                "Failed requests",
                Lower,
                Some(self.failed as f64),
                format!("{} ({:.2} %)", grouped(self.failed), self.failed_share * 100.0),
            ),
            time("Downtime", Some(self.downtime)),
            hours("Compute", Neither, self.replica_hours, hours_text(self.replica_hours)),
            hours("Extra compute", Lower, self.extra_hours, signed_hours(self.extra_hours)),
        ];
        if self.money.is_priced {
            rows.push(money("Money", self.money.total));
        }
        rows.push(time("Time to full rollout", self.time_to_full));
        rows.push(time("Time to detect", self.time_to_detect));
        rows.push(row(OUTCOME, Neither, None, self.outcome.label().to_owned()));
        rows.extend(self.truth.as_ref().map(true_rows::of).unwrap_or_default());
        rows
    }
}

fn signless(number: i64) -> String {
    let digits = grouped(number.unsigned_abs());
    if number < 0 { format!("−{digits}") } else { digits }
}

fn hours_text(hours: f64) -> String {
    format!("{hours:.2} replica-hours")
}

fn signed_hours(hours: f64) -> String {
    let sign = if hours < 0.0 { "−" } else { "+" };
    format!("{sign}{}", hours_text(hours.abs()))
}

#[cfg(test)]
mod tests;
