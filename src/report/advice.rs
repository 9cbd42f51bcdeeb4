//! Advice on strategies, for a terminal.

use super::WIDTH;
use super::grid::wrapped;
use crate::stats::advice::Standing;

/// The answer with its reasons, and why not the others.
pub fn terminal(standings: &[Standing]) -> String {
    let Some((best, others)) = standings.split_first() else { return String::new() };
    let mut text = if best.faults.is_empty() {
        format!("{}\n", best.kind.label())
    } else {
        format!("No strategy meets all needs; {} comes nearest\n", best.kind.label())
    };
    text.push_str(&list("Needs that it does not meet", &best.faults));
    text.push_str(&list("For it", &best.reasons));
    text.push_str(&list("Against it", &best.counter_reasons));
    if !others.is_empty() {
        text.push_str("\nWhy not another\n");
    }
    for other in others {
        let why = match (other.faults.is_empty(), other.counter_reasons.is_empty()) {
            (false, _) => other.faults.join("; "),
            (true, false) => format!("possible, but {}", other.counter_reasons.join("; ")),
            (true, true) => "possible; it exposes more requests or costs more".to_owned(),
        };
        text.push_str(&wrapped(&format!("{}: {why}", other.kind.label()), "  ", WIDTH));
    }
    text
}

fn list(head: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let items: String = items.iter().map(|item| wrapped(item, "  ", WIDTH)).collect();
    format!("\n{head}\n{items}")
}
