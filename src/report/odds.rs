//! The odds of plans: what becomes of good and bad candidates in many runs.

use super::WIDTH;
use super::grid::{Align, Grid, wrapped};
use crate::domain::{Dialect, Ladder, PlanDraft, SimSpan, grouped};
use crate::stats::odds::{Average, Chance, Odds, Rung, Typical};

/// A regression counts as caught where so many runs catch it.
pub const CAUGHT: f64 = 0.8;

/// A table of the what-ifs, and what to read off it.
pub fn terminal(plan: &PlanDraft, odds: &Odds) -> String {
    let paragraphs: Vec<String> =
        sentences(odds).iter().map(|line| wrapped(line, "", WIDTH)).collect();
    let gates = objections(plan, odds).map_or(String::new(), |gates| gates.terminal() + "\n");
    format!("{}\n{gates}{}", grid(odds).terminal(), paragraphs.concat())
}

/// The same in Markdown.
pub fn markdown(plan: &PlanDraft, odds: &Odds) -> String {
    let lines: Vec<String> = sentences(odds).iter().map(|line| format!("- {line}")).collect();
    let gates = objections(plan, odds).map_or(String::new(), |gates| gates.markdown() + "\n");
    format!("{}\n{gates}{}\n", grid(odds).markdown(), lines.join("\n"))
}

/// Which gates object to which candidate: their own false alarms in the row of the baseline, what
/// they catch in the others. `None` without gates, and for a dialect that does not tell them apart.
fn objections(plan: &PlanDraft, odds: &Odds) -> Option<Grid> {
    if !tells_gates_apart(plan) {
        return None;
    }
    let gates = plan.gates.iter().map(|gate| (gate.name.clone(), Align::Right));
    let head = [("Gates that fail if it is …".to_owned(), Align::Left)];
    let mut grid = Grid::new(head.into_iter().chain(gates));
    for rung in &odds.rungs {
        let places = 0..plan.gates.len() as u16;
        let cells = places.map(|place| objection(rung, place, plan.gates.len()));
        grid.push(std::iter::once(rung.regression.to_string()).chain(cells).collect());
    }
    Some(grid)
}

/// True if a run of the plan tells which of its gates failed.
pub fn tells_gates_apart(plan: &PlanDraft) -> bool {
    !plan.gates.is_empty() && plan.dialect != Dialect::Flagger
}

/// How often the gate at `place` failed, of so many gates side by side: with its interval, where
/// there is room for those.
pub fn objection(rung: &Rung, place: u16, gates: usize) -> String {
    let of_gate = rung.objections(place);
    match of_gate.share() {
        Some(share) if gates > 3 => format!("{:.0} %", share * 100.0),
        _ => chance(of_gate),
    }
}

/// A column's heading, whether it is shown, and its cell.
type Column = (&'static str, bool, fn(&Rung) -> String);

/// Columns in which nothing ever happened are left out.
fn grid(odds: &Odds) -> Grid {
    let any = |happened: fn(&Rung) -> bool| odds.rungs.iter().any(happened);
    let has_kept = any(|rung| rung.kept.count > 0);
    let has_undecided = any(|rung| rung.undecided.count > 0);
    let has_cost = any(|rung| rung.cost.is_some_and(|cost| cost.mean != 0.0));
    let columns: [Column; 8] = [
        ("promoted", true, |rung| chance(rung.promoted)),
        ("stopped", true, |rung| chance(rung.stopped)),
        ("not shipped", has_kept, |rung| chance(rung.kept)),
        ("undecided", has_undecided, |rung| chance(rung.undecided)),
        ("after", true, |rung| after(rung.detected_after)),
        ("exposed", true, |rung| {
            rung.exposed.map_or(String::new(), |exposed| grouped(exposed.median as u64))
        }),
        ("wrong", true, |rung| average(rung.net_harm)),
        ("cost", has_cost, |rung| average(rung.cost)),
    ];
    let shown = || columns.into_iter().filter(|(_, is_shown, _)| *is_shown);
    let headings = shown().map(|(heading, ..)| (heading, Align::Right));
    let mut grid = Grid::new([("If the candidate is …", Align::Left)].into_iter().chain(headings));
    for rung in &odds.rungs {
        let cells = shown().map(|(.., cell)| cell(rung));
        grid.push(std::iter::once(rung.regression.to_string()).chain(cells).collect());
    }
    grid
}

/// `97 % (94–99)`.
pub fn chance(chance: Chance) -> String {
    let Some(share) = chance.share() else { return "–".to_owned() };
    let (low, high) = (chance.interval.low * 100.0, chance.interval.high * 100.0);
    format!("{:.0} % ({low:.0}–{high:.0})", share * 100.0)
}

/// The median time, in words.
pub fn after(time: Option<Typical>) -> String {
    time.map_or("–".to_owned(), |time| SimSpan::from_secs_f64(time.median).words())
}

fn average(average: Option<Average>) -> String {
    let Some(average) = average else { return "–".to_owned() };
    let sign = if average.mean < -0.5 { "−" } else { "" };
    format!("{sign}{}", grouped(average.mean.abs().round() as u64))
}

/// What a person should take away.
pub fn sentences(odds: &Odds) -> Vec<String> {
    let mut lines = vec![format!(
        "{} runs of each, seeds {} to {}; shares with 95 % intervals. After: from the candidate's first \
         request until it was stopped; exposed: requests that met it (medians). Wrong: answers beyond \
         the better arm's (mean).",
        odds.runs,
        odds.first_seed,
        odds.first_seed.wrapping_add(u64::from(odds.runs.saturating_sub(1)))
    )];
    if let Some(alarms) = odds.false_alarms() {
        lines.push(format!(
            "False alarms: the baseline against itself was stopped in {} of {} runs, so at most \
             {:.1} % of good candidates are.",
            alarms.count,
            alarms.runs,
            alarms.interval.high * 100.0
        ));
    }
    lines.extend(Ladder::ALL.into_iter().filter_map(|ladder| caught(odds, ladder)));
    lines
}

/// The mildest regression of a ladder that is caught, it and every worse one.
fn caught(odds: &Odds, ladder: Ladder) -> Option<String> {
    let wanted = format!("{:.0} % of the runs", CAUGHT * 100.0);
    let rungs = odds.rungs_of(ladder);
    let worst = rungs.last()?;
    Some(match odds.least_caught(ladder, CAUGHT) {
        Some(rung) => {
            format!("Of {}, the least that is caught in {wanted}: {}.", ladder.label(), told(rung))
        }
        None => format!(
            "Of {}, nothing is caught in {wanted}, not even {}.",
            ladder.label(),
            told(worst)
        ),
    })
}

fn told(rung: &Rung) -> String {
    format!("{} ({} stopped)", rung.regression, chance(rung.stopped))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{OutcomeKind, Regression};
    use crate::stats::odds::Trial;

    fn rung(regression: Regression, stopped: usize) -> Rung {
        let trial = |place| Trial {
            outcome: if place < stopped { OutcomeKind::Aborted } else { OutcomeKind::Promoted },
            detected_after: (place < stopped).then(|| SimSpan::from_secs(90)),
            full_after: None,
            exposed: 1_234,
            net_harm: -2,
            failed: 0,
            cost: 0.0,
            objected: if place < stopped { vec![0] } else { Vec::new() },
        };
        Rung::of(regression, (0..10).map(trial).collect())
    }

    #[test]
    fn the_table_says_what_is_caught_and_what_is_not() {
        let latency = |factor, stopped| rung(Regression::Latency { factor }, stopped);
        let errors = |percent, stopped| rung(Regression::Errors { percent }, stopped);
        let rungs = vec![
            rung(Regression::None, 1),
            latency(1.1, 9),
            latency(1.5, 3),
            latency(2.0, 8),
            errors(1.0, 2),
        ];
        let odds = Odds { runs: 10, first_seed: 5, rungs };
        let text = terminal(&crate::report::sample::plan(), &odds);
        assert!(text.contains("seeds 5 to 14"), "{text}");
        assert!(text.contains("stopped in 1 of 10 runs"), "{text}");
        assert!(text.contains("Gates that fail"), "{text}");
        let flat = text.replace('\n', " ");
        let least = "the least that is caught in 80 % of the runs: latency × 2 (80 %";
        assert!(flat.contains(least), "× 1.1 was lucky: {text}");
        assert!(flat.contains("not even 1 % failing"), "{text}");
        assert!(text.contains("1 min 30 s") && text.contains("1,234"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    }
}
