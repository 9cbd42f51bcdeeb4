//! The gates of a run: what they asked for, and every answer they got.

use super::Run;
use super::grid::{Align, Grid};
use crate::domain::{Gate, Metric, grouped};
use crate::stats::verdict::GateLine;

/// What a gate asks for: `error rate passes when ≤ 1 %, measured every 30s`.
pub(super) fn sentence(gate: &Gate) -> String {
    let condition = |word: &str, condition: Option<crate::domain::Condition>| {
        condition.map(|condition| format!("{word} when {}", condition.sentence(gate.metric)))
    };
    let conditions = [condition("passes", gate.pass_when), condition("fails", gate.fail_when)];
    let conditions: Vec<String> = conditions.into_iter().flatten().collect();
    let tolerated = match gate.failure_limit {
        None => ", failures only counted".to_owned(),
        Some(0) => String::new(),
        Some(1) => ", 1 failure tolerated".to_owned(),
        Some(limit) => format!(", {limit} failures tolerated"),
    };
    let window = gate.window.map(|window| format!(" over {window}")).unwrap_or_default();
    let test = gate.test.map_or(String::new(), |test| {
        format!(", weighed by a {} at {} %", test.method.label(), 100.0 * test.alpha)
    });
    let dry_run = if gate.dry_run { ", without effect" } else { "" };
    format!(
        "{} {}, measured every {}{window}{test}{tolerated}{dry_run}",
        gate.metric.label(),
        conditions.join(" and "),
        gate.interval
    )
}

/// One line per measurement, in the order of time.
pub(super) fn measurements(run: &Run<'_>) -> Grid {
    use Align::{Left, Right};
    let has_evidence = run.verdict.why.iter().any(|line| line.evidence.is_some());
    let evidence = has_evidence.then_some(("Evidence", Left));
    let headings = [
        ("At", Right),
        ("Gate", Left),
        ("Arm", Left),
        ("Value", Right),
        ("Baseline", Right),
        ("Limit", Right),
        ("Samples", Right),
        ("Verdict", Left),
    ];
    let mut grid = Grid::new(headings.into_iter().chain(evidence));
    for line in &run.verdict.why {
        let metric = metric(run, line);
        let number = |value: Option<f64>| {
            value.map_or("–".to_owned(), |value| match metric {
                Some(metric) => metric.format(value),
                None => format!("{value}"),
            })
        };
        grid.push(vec![
            line.at.clock(),
            line.name.clone(),
            line.arm.to_string(),
            number(line.value),
            number(line.baseline),
            number(line.limit),
            grouped(line.n),
            line.verdict.label().to_owned(),
            line.evidence.clone().unwrap_or_default(),
        ]);
    }
    grid
}

fn metric(run: &Run<'_>, line: &GateLine) -> Option<Metric> {
    run.plan.gates.get(usize::from(line.gate)).map(|gate| gate.metric)
}
