//! The gates of a run: what they asked for, and every answer they got.

use super::Run;
use super::grid::{Align, Grid};
use super::palette;
use crate::domain::{Gate, Judge, Metric, Notation, Verdict, grouped};
use crate::stats::proportion::wilson;
use crate::stats::verdict::GateLine;

/// What a gate asks for: `error rate passes when ≤ 1 %, measured every 30s`.
pub(super) fn sentence(gate: &Gate) -> String {
    let condition = |word: &str, condition: Option<crate::domain::Condition>| {
        let usual = Notation::default();
        condition.map(|condition| format!("{word} when {}", condition.sentence(gate.metric, usual)))
    };
    if let Some(judge) = &gate.judge {
        return judged(gate, judge);
    }
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

/// `Score of 3 metrics passes from 95, is marginal from 75, judged every 2m`
fn judged(gate: &Gate, judge: &Judge) -> String {
    let names: Vec<&str> = judge.metrics().map(|judged| judged.metric.label()).collect();
    format!(
        "Score of {} passes from {}, is marginal from {}, judged every {}",
        names.join(", "),
        judge.pass,
        judge.marginal,
        gate.interval
    )
}

/// One line per measurement of any gate, in the order of time.
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
        let metric = run.plan.gates.get(usize::from(line.gate)).map(|gate| gate.metric);
        grid.push(vec![
            line.at.clock(),
            line.name.clone(),
            line.arm.to_string(),
            number(metric, line.value),
            number(metric, line.baseline),
            number(metric, line.limit),
            grouped(line.n),
            line.verdict.label().to_owned(),
            line.evidence.clone().unwrap_or_default(),
        ]);
    }
    grid
}

fn number(metric: Option<Metric>, value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |value| match metric {
        Some(metric) => metric.format(value),
        None => format!("{value}"),
    })
}

/// All that one gate was asked.
pub(super) struct Checks<'a> {
    metric: Metric,
    has_baseline: bool,
    lines: Vec<&'a GateLine>,
}

impl<'a> Checks<'a> {
    /// Of the gate at `place` in the plan.
    pub fn of(run: &'a Run<'_>, place: usize) -> Self {
        let all = run.verdict.why.iter();
        let lines: Vec<_> = all.filter(|line| usize::from(line.gate) == place).collect();
        Self {
            metric: run.plan.gates.get(place).map_or(Metric::ErrorRate, |gate| gate.metric),
            has_baseline: lines.iter().any(|line| line.baseline.is_some()),
            lines,
        }
    }

    /// `12 passed, 1 failed, 3 undecided`.
    pub fn tally(&self) -> String {
        let count =
            |is: fn(Verdict) -> bool| self.lines.iter().filter(|line| is(line.verdict)).count();
        let counts = [
            (count(|verdict| verdict == Verdict::Pass), "passed"),
            (count(|verdict| matches!(verdict, Verdict::Fail | Verdict::Error)), "failed"),
            (
                count(|verdict| matches!(verdict, Verdict::Hold | Verdict::Inconclusive)),
                "undecided",
            ),
        ];
        let parts = counts.into_iter().filter(|(count, _)| *count > 0);
        let words: Vec<String> = parts.map(|(count, word)| format!("{count} {word}")).collect();
        if words.is_empty() { "never measured".to_owned() } else { words.join(", ") }
    }

    /// How a value was measured, and what its interval is.
    pub fn method(&self) -> String {
        let what = match self.metric {
            metric if metric.needs_labels() => "answers whose label was known",
            metric if metric.is_latency() => "answered requests",
            Metric::Split => {
                return "The split check: a chi-square test of the requests against the shares of \
                        each stage, corrected for users who stay with their arm; the value is its \
                        p."
                .to_owned();
            }
            metric if metric.is_comparison() => {
                return "A distance between the distributions of the arms' answers; one that is \
                        too large counts only where chance alone makes it rarer than 1 %."
                    .to_owned();
            }
            Metric::Score => {
                return "Kayenta's judge: for each metric a Mann-Whitney interval at 98 % of the \
                        shift between the arms, from n values each; passed metrics weighted into \
                        a score."
                    .to_owned();
            }
            _ => "requests",
        };
        if is_share_of_samples(self.metric) {
            format!(
                "A share of n {what}; the 95 % interval is Wilson's, the decision is by the value alone."
            )
        } else {
            format!("One number over n {what}, decided by the value alone, without an interval.")
        }
    }

    /// One line per measurement: at most `most`, the first and the last of them; and how many are
    /// left out between.
    pub fn grid(&self, most: usize) -> (Grid, usize) {
        use Align::{Left, Right};
        let mut heads = vec![("At", Right), ("Arm", Left), ("Value", Right)];
        let has_interval = is_share_of_samples(self.metric);
        heads.extend(has_interval.then_some(("95 % interval", Right)));
        heads.extend(self.has_baseline.then_some(("Baseline A", Right)));
        heads.extend([("Limit", Right), ("n", Right), ("Verdict", Left)]);
        let mut grid = Grid::new(heads);
        let left_out = self.lines.len().saturating_sub(most);
        for (place, line) in self.lines.iter().enumerate() {
            if left_out > 0 && (most / 2..most / 2 + left_out).contains(&place) {
                continue;
            }
            let show = |value| number(Some(self.metric), value);
            let mut cells = vec![line.at.clock(), line.arm.to_string(), show(line.value)];
            cells.extend(has_interval.then(|| self.interval(line)));
            cells.extend(self.has_baseline.then(|| show(line.baseline)));
            let verdict = format!("{} {}", palette::glyph(line.verdict), line.verdict.label());
            cells.extend([show(line.limit), grouped(line.n), verdict]);
            grid.push(cells);
        }
        (grid, left_out)
    }

    fn interval(&self, line: &GateLine) -> String {
        let n = line.n as f64;
        let interval = line.value.and_then(|value| wilson(value * n, n, 0.05));
        interval.map_or("–".to_owned(), |interval| {
            let (low, high) = (self.metric.format(interval.low), self.metric.format(interval.high));
            format!("{} to {high}", low.trim_end_matches(" %"))
        })
    }
}

/// True for metrics that are hits over exactly the observations that a measurement counts.
fn is_share_of_samples(metric: Metric) -> bool {
    use Metric::{Accuracy, Agreement, ErrorRate, PositiveRate, TimeoutRate};
    matches!(metric, Accuracy | Agreement | ErrorRate | PositiveRate | TimeoutRate)
}
