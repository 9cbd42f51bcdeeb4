//! What the oracle knows about runs side by side: harm by segment, and what to believe.

use super::grid::{Align, Grid, wrapped};
use super::{Run, WIDTH};
use crate::domain::{Metric, grouped};
use crate::stats::truth::{Part, Truth};

type Known<'a> = Vec<(&'a str, &'a Truth)>;

/// The table by segment and the warnings, for a terminal; empty where nothing is to be told.
pub fn terminal(runs: &[(String, Run<'_>)]) -> String {
    let known = known(runs);
    let mut text = String::new();
    if let Some(grid) = by_segment(&known) {
        text.push_str("\nNet wrong answers caused, by segment (all labels known)\n\n");
        text.push_str(&grid.terminal());
    }
    for warning in warnings(&known) {
        text.push('\n');
        text.push_str(&wrapped(&warning, "", WIDTH));
    }
    text
}

/// The same as Markdown.
pub fn markdown(runs: &[(String, Run<'_>)]) -> String {
    let known = known(runs);
    let table = by_segment(&known).map(|grid| {
        format!("\nNet wrong answers caused, by segment (all labels known):\n\n{}", grid.markdown())
    });
    let warnings = warnings(&known).into_iter().map(|warning| format!("\n{warning}\n"));
    table.into_iter().chain(warnings).collect()
}

fn known<'a>(runs: &'a [(String, Run<'_>)]) -> Known<'a> {
    let of_run =
        |(name, run): &'a (String, Run<'_>)| Some((name.as_str(), run.ledger.truth.as_ref()?));
    runs.iter().filter_map(of_run).collect()
}

/// Segments down, runs across; `None` without segments, and for numbers, where no answer is wrong.
fn by_segment(known: &Known<'_>) -> Option<Grid> {
    let (_, first) = known.first()?;
    if first.metric != Metric::Accuracy || first.segments.is_empty() {
        return None;
    }
    let heads = ["Segment", "Requests", "True difference"].map(str::to_owned);
    let heads = heads.into_iter().chain(known.iter().map(|(name, _)| (*name).to_owned()));
    let side = |place| if place == 0 { Align::Left } else { Align::Right };
    let mut grid = Grid::new(heads.enumerate().map(|(place, head)| (head, side(place))));
    for part in &first.segments {
        let of_run = |truth: &Truth| {
            let own = truth.segments.iter().find(|own| own.segment == part.segment);
            own.map_or("–".to_owned(), net)
        };
        let cells = [part.segment.clone(), grouped(part.labelled), differences(first.metric, part)];
        let nets = known.iter().map(|(_, truth)| of_run(truth));
        grid.push(cells.into_iter().chain(nets).collect());
    }
    Some(grid)
}

fn net(part: &Part) -> String {
    let net = part.harm as i64 - part.gain as i64;
    format!("{}{}", if net < 0 { "−" } else { "" }, grouped(net.unsigned_abs()))
}

fn differences(metric: Metric, part: &Part) -> String {
    let texts = part.differences.iter().map(|difference| metric.format_delta(difference.truth));
    texts.collect::<Vec<_>>().join(", ")
}

/// What to know before believing what was measured, with the runs that it is about.
fn warnings(known: &Known<'_>) -> Vec<String> {
    let mut found: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, truth) in known {
        for warning in truth.warnings() {
            match found.iter_mut().find(|(text, _)| *text == warning) {
                Some((_, names)) => names.push(name),
                None => found.push((warning, vec![name])),
            }
        }
    }
    let all = known.len();
    let told = |(text, names): (String, Vec<&str>)| match names.len() {
        count if count == all => text,
        _ => format!("{}: {text}", names.join(", ")),
    };
    found.into_iter().map(told).collect()
}
