//! The lines of the summary table that only a rehearsal can fill: what really happened.

use super::{LedgerRow, Unit, grouped};
use crate::domain::Metric;
use crate::domain::metric::Direction::{self, Lower, Neither};
use crate::stats::by_units::{ByUnits, Estimate};
use crate::stats::truth::{Difference, Truth};

pub(super) fn of(truth: &Truth) -> Vec<LedgerRow> {
    let row = |label, good: Direction, number: Option<f64>, text: String| LedgerRow {
        label,
        text,
        number,
        good,
        unit: Unit::Count,
    };
    let mut rows = Vec::new();
    let is_number = truth.metric == Metric::Mae;
    if !is_number {
        let net = truth.whole.harm as f64 - truth.whole.gain as f64;
        let sign = if net < 0.0 { "−" } else { "" };
        let text = format!("{sign}{}", grouped(net.abs() as u64));
        let harm = truth.whole.harm;
        rows.push(row("True wrong answers", Lower, Some(harm as f64), grouped(harm)));
        rows.push(row("True net wrong answers", Lower, Some(net), text));
    }
    let each = truth.regret / truth.whole.labelled.max(1) as f64;
    let regret = match is_number {
        true => format!("{} per answer", truth.metric.format(each)),
        false => format!("{} ({:.2} %)", grouped(truth.regret.round() as u64), each * 100.0),
    };
    rows.push(row("Regret against the best arm", Lower, Some(truth.regret), regret));
    let differences = |of: fn(&Difference) -> Option<f64>| {
        let texts = truth.whole.differences.iter().map(|difference| {
            let text = of(difference).map_or("–".to_owned(), |x| truth.metric.format_delta(x));
            match truth.whole.differences.len() {
                1 => text,
                _ => format!("{} {text}", difference.arm),
            }
        });
        texts.collect::<Vec<_>>().join(", ")
    };
    let [measured, true_] = match is_number {
        true => ["Error against A (measured)", "Error against A (true)"],
        false => ["Accuracy against A (measured)", "Accuracy against A (true)"],
    };
    rows.push(row(measured, Neither, None, differences(|difference| difference.measured)));
    if !truth.by_units.is_empty() {
        let is_alone = truth.by_units.len() == 1;
        let texts = |of: fn(&ByUnits) -> Option<Estimate>| -> Vec<String> {
            let text = |found: &ByUnits| {
                let Estimate { value, half } = of(found)?;
                let arm = if is_alone { String::new() } else { format!("{} ", found.arm) };
                // `+6.15 ± 0.98 pts`
                let [value, half] = [value, half].map(|x| truth.metric.format_delta(x));
                let value = value.trim_end_matches(" pts");
                Some(format!("{arm}{value} ± {}", half.trim_start_matches('+')))
            };
            truth.by_units.iter().filter_map(text).collect()
        };
        let plain = texts(|found| Some(found.difference));
        rows.push(row("… with users as units (95 %)", Neither, None, plain.join(", ")));
        let cuped = texts(|found| found.cuped);
        if !cuped.is_empty() {
            rows.push(row("… and CUPED on the value", Neither, None, cuped.join(", ")));
        }
    }
    rows.push(row(true_, Neither, None, differences(|difference| Some(difference.truth))));
    if let Some(at_once) = &truth.at_once {
        let text = match at_once.is_reversed {
            true => format!("{} at {}", at_once.outcome.label(), at_once.at),
            false => "the same".to_owned(),
        };
        rows.push(row("Outcome if labels came at once", Neither, None, text));
    }
    rows
}
