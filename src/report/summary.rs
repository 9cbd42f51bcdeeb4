//! One run on a terminal: what it was, how it ended, what it showed and what it cost.

use super::grid::{Align, Grid, wrapped};
use super::{Run, WIDTH, gates, oracle, stages};
use crate::domain::{BatchJob, SimSpan, grouped};
use crate::stats::VerdictCard;
use crate::stats::verdict::{SplitWord, VerdictRow};

/// Width of the names at the head of a summary.
const NAMES: usize = 10;

/// The few lines that a person sees when a run is over.
pub fn short(run: &Run<'_>) -> String {
    let mut text = head(run);
    text.push_str(&section("Verdict", &verdict(run)));
    text.push_str(&section("Ledger", &ledger(run)));
    text.push_str(&oracle::terminal_of(&oracle::of_run(run)));
    text
}

/// Everything but the windows, which are for charts and CSV.
pub fn full(run: &Run<'_>) -> String {
    let mut text = head(run);
    text.push_str(&section("Verdict", &verdict(run)));
    text.push_str(&section("Reasons", &reasons(&run.verdict)));
    text.push_str(&section("Stages", &stages::grid(run).terminal()));
    text.push_str(&section("Gates", &gate_list(run)));
    text.push_str(&section("Batch jobs", &jobs(run)));
    text.push_str(&section("Ledger", &ledger(run)));
    text.push_str(&oracle::terminal_of(&oracle::of_run(run)));
    text
}

/// A titled part; nothing at all without content.
fn section(title: &str, content: &str) -> String {
    if content.is_empty() { String::new() } else { format!("\n{title}\n\n{content}") }
}

/// Name, id, digest, strategy and outcome.
fn head(run: &Run<'_>) -> String {
    let outcome = &run.recording.outcome;
    let winner = run.arm(outcome.winner.index());
    let mut lines = vec![
        ("strategy", run.recording.strategy.label().to_owned()),
        ("outcome", format!("{} at {}", outcome.kind.label(), outcome.at.clock())),
        ("reason", outcome.reason.clone()),
        ("in charge", winner),
        ("seed", run.plan.seed.to_string()),
        ("dataset", run.plan.data.path.clone()),
        ("digest", run.digest.clone()),
    ];
    if let Some(id) = run.id {
        lines.insert(0, ("id", id.to_owned()));
    }
    let mut text = format!("{}\n\n", run.plan.name);
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        let wrapped = wrapped(value, &" ".repeat(NAMES + 2), WIDTH);
        text.push_str(&format!("{name:<NAMES$}  {}", wrapped.trim_start()));
    }
    text
}

/// The headline with its sentence, then a line per metric and the methods behind them.
fn verdict(run: &Run<'_>) -> String {
    let card = &run.verdict;
    let mut text = wrapped(&format!("{}: {}", card.headline.label(), card.sentence), "", WIDTH);
    if card.rows.is_empty() {
        return text;
    }
    text.push('\n');
    text.push_str(&verdict_grid(run).terminal());
    text.push('\n');
    text.push_str(&wrapped(&methods(card), "", WIDTH));
    if card.split.word != SplitWord::NotEnoughData {
        let p = card.split.p.map_or(String::new(), |p| format!(", p = {p:.3}"));
        let split = format!("Split {}{p} ({}).", card.split.word.label(), card.split.method);
        text.push_str(&wrapped(&split, "", WIDTH));
    }
    text
}

pub(super) fn verdict_grid(run: &Run<'_>) -> Grid {
    use Align::{Left, Right};
    let level = run.verdict.rows.first().map_or(95.0, |row| row.level * 100.0);
    let level = format!("{} % interval", (level * 10.0).round() / 10.0);
    // One candidate needs no column to say which it is.
    let is_named = run.recording.arms.len() > 2;
    let (value_head, n_head) = if is_named { ("Arm's", "n of arm") } else { ("B", "n of B") };
    let mut headings = vec![
        ("Metric", Left),
        ("A", Right),
        (value_head, Right),
        ("Change", Right),
        (level.as_str(), Right),
        ("n of A", Right),
        (n_head, Right),
        ("Shows", Left),
    ];
    if is_named {
        headings.insert(1, ("Arm", Left));
    }
    let mut grid = Grid::new(headings);
    for row in &run.verdict.rows {
        let value =
            |value: Option<f64>| value.map_or("–".to_owned(), |value| row.metric.format(value));
        let mut cells = vec![
            row.metric.label().to_owned(),
            value(row.baseline),
            value(row.candidate),
            row.delta.map_or("–".to_owned(), |delta| row.metric.format_delta(delta)),
            interval(row),
            grouped(row.n[0]),
            grouped(row.n[1]),
            row.word.label().to_owned(),
        ];
        if is_named {
            cells.insert(1, row.arm.to_string());
        }
        grid.push(cells);
    }
    grid
}

/// `−0.4 to +2.1 pts`, the unit said once. A row without a change has the interval of its value.
pub(super) fn interval(row: &VerdictRow) -> String {
    let Some(interval) = row.interval else { return "–".to_owned() };
    let show = |value: f64| match row.delta {
        Some(_) => row.metric.format_delta(value),
        None => row.metric.format(value),
    };
    let (low, high) = (show(interval.low), show(interval.high));
    let unit = high.split_once(' ').map(|(_, unit)| format!(" {unit}"));
    let low = unit.and_then(|unit| low.strip_suffix(&unit).map(str::to_owned)).unwrap_or(low);
    format!("{low} to {high}")
}

/// Which method gave which rows, a sentence each.
pub(super) fn methods(card: &VerdictCard) -> String {
    let mut methods: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in card.rows.iter().filter(|row| row.interval.is_some()) {
        let label = row.metric.label();
        match methods.iter_mut().find(|(method, _)| *method == row.method) {
            Some((_, labels)) if labels.contains(&label) => {}
            Some((_, labels)) => labels.push(label),
            None => methods.push((row.method, vec![label])),
        }
    }
    let sentence =
        |(method, labels): &(&str, Vec<&str>)| format!("{}: {method}.", labels.join(", "));
    methods.iter().map(sentence).collect::<Vec<_>>().join("\n")
}

fn reasons(card: &VerdictCard) -> String {
    let list = |mark: &str, sentences: &[String]| -> String {
        let item = |sentence: &String| {
            let text = wrapped(sentence, "  ", WIDTH);
            format!("{mark} {}", text.trim_start())
        };
        sentences.iter().map(item).collect()
    };
    format!("{}{}", list("+", &card.reasons), list("−", &card.counter_reasons))
}

fn gate_list(run: &Run<'_>) -> String {
    let mut text = String::new();
    for gate in &run.plan.gates {
        text.push_str(&wrapped(&format!("{}: {}", gate.name, gates::sentence(gate)), "", WIDTH));
    }
    let measurements = gates::measurements(run);
    if !measurements.is_empty() {
        text.push_str(&format!("\n{}", measurements.terminal()));
    }
    text
}

/// Duration, throughput, staleness, misses and cost of each scheduled job.
fn jobs(run: &Run<'_>) -> String {
    use Align::{Left, Right};
    if run.recording.jobs.is_empty() {
        return String::new();
    }
    let mut grid = Grid::new([
        ("Arm", Left),
        ("Scheduled", Right),
        ("Started", Right),
        ("Took", Right),
        ("Rows", Right),
        ("Rows/s", Right),
        ("Age p50", Right),
        ("Age p95", Right),
        ("Late", Right),
        ("Cost", Right),
        ("", Left),
    ]);
    for job in &run.recording.jobs {
        let age = |q: f64| {
            job.staleness(q).map_or("–".to_owned(), |micros| SimSpan::from_micros(micros).words())
        };
        grid.push(vec![
            job.arm.to_string(),
            job.scheduled.clock(),
            job.start.clock(),
            job.duration().words(),
            grouped(job.rows),
            job.throughput().map_or("–".to_owned(), |rate| format!("{rate:.1}")),
            age(0.5),
            age(0.95),
            grouped(job.deadline_misses),
            job_cost(run, job),
            if job.mirrored { "copies".to_owned() } else { String::new() },
        ]);
    }
    grid.terminal()
}

/// In money where the plan has a price, else in replica-hours.
fn job_cost(run: &Run<'_>, job: &BatchJob) -> String {
    let replicas = run.plan.batch.as_ref().map_or(0, |batch| batch.replicas);
    let hours = job.duration().as_secs_f64() / 3_600.0 * f64::from(replicas);
    match run.plan.cost.replica_hour {
        0.0 => format!("{hours:.2} h"),
        price => format!("{:.2} {}", hours * price, run.plan.cost.currency),
    }
}

fn ledger(run: &Run<'_>) -> String {
    let rows = run.ledger.rows();
    let labels = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0);
    let values = rows.iter().map(|row| row.text.chars().count()).max().unwrap_or(0);
    let line = |label: &str, value: &str| {
        let fill = values.saturating_sub(value.chars().count());
        format!("{label:<labels$}  {}{value}\n", " ".repeat(fill))
    };
    rows.iter().map(|row| line(row.label, &row.text)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn everything_a_person_asks_about_is_there_and_fits() {
        let (plan, recording) = (sample::plan(), sample::recording());
        let text = full(&Run::new(Some("k3f9a2b1"), &plan, &recording));
        for wanted in [
            "k3f9a2b1",
            "aborted at 40:00",
            "Errors failed",
            "Canary 10 %",
            "Error rate passes when ≤ 1 %, measured every 1m",
            "fail",
            "Requests exposed",
            "Rows/s",
            &recording.digest(),
        ] {
            assert!(text.contains(wanted), "{wanted} is missing in\n{text}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    }

    #[test]
    fn an_empty_recording_has_a_summary_too() {
        let mut recording = sample::recording();
        recording.windows.clear();
        recording.events.clear();
        recording.jobs.clear();
        let text = full(&Run::new(None, &sample::plan(), &recording));
        assert!(text.contains("outcome"), "{text}");
        assert!(!text.contains("Batch jobs"), "{text}");
    }
}
