//! A run as Markdown: for pull requests, wikis and notes.

use super::dossier::Dossier;
use super::escape::escaped_markdown as escaped;
use super::grid::{Align, Grid};
use super::{events, gates, origin, stages, summary};
use crate::domain::Reviewed;

/// Measurements of one gate that are listed.
const MOST: usize = 40;

/// The whole report, without charts.
pub fn document(dossier: &Dossier<'_>) -> String {
    let run = &dossier.run;
    let (card, outcome) = (&run.verdict, &run.recording.outcome);
    let mut text = format!("# {}\n\n", escaped(&run.plan.name));
    let mut about = vec![run.recording.strategy.label().to_owned()];
    about.extend(run.id.map(|id| format!("experiment `{id}`")));
    about.extend(dossier.created.clone());
    about.push(format!("Rehearsal {}", dossier.program_version));
    text.push_str(&format!("{}\n\n", escaped(&about.join(" · ")).replace("\\`", "`")));
    text.push_str(&format!("**{}.** {}\n\n", card.headline.label(), escaped(&card.sentence)));
    text.push_str(&format!(
        "Outcome: {} at {}, {} in charge. Seed {}.\n",
        outcome.kind.label(),
        outcome.at.clock(),
        escaped(&run.arm(outcome.winner.index())),
        run.plan.seed
    ));
    part(&mut text, "Verdict", &summary::verdict_grid(run));
    if !card.rows.is_empty() {
        text.push_str(&format!("\n{}\n", escaped(&summary::methods(card))));
    }
    for (title, sentences) in [("For it", &card.reasons), ("Against it", &card.counter_reasons)] {
        if !sentences.is_empty() {
            text.push_str(&format!("\n{title}:\n\n"));
            sentences.iter().for_each(|one| text.push_str(&format!("- {}\n", escaped(one))));
        }
    }
    part(&mut text, "Stages", &stages::grid(run));
    for (place, gate) in run.plan.gates.iter().enumerate() {
        let checks = gates::Checks::of(run, place);
        let title = format!("Gate {}: {}", gate.name, checks.tally());
        let (grid, left_out) = checks.grid(MOST);
        text.push_str(&format!("\n## {}\n\n", escaped(&title)));
        let method = format!("{}. {}", gates::sentence(gate), checks.method());
        text.push_str(&format!("{}\n\n{}", escaped(&method), grid.markdown()));
        if left_out > 0 {
            text.push_str(&format!("\n{left_out} more in between.\n"));
        }
    }
    part(&mut text, "Ledger", &ledger(dossier));
    part(&mut text, "What happened", &events::grid(run));
    if let Some(reviewed) = dossier.review {
        review(&mut text, reviewed);
    }
    part(&mut text, "What went in", &origin::plan_grid(dossier));
    part(&mut text, "Data and models", &origin::arms_grid(dossier));
    text.push_str("\n## Have it again\n\n```sh\n");
    for (command, what) in dossier.commands() {
        text.push_str(&format!("{command}  # {what}\n"));
    }
    let plan = dossier.plan_text();
    let fence = fence(&plan);
    text.push_str(&format!("```\n\nDigest of the recording: `{}`\n\n", run.digest));
    text.push_str(&format!("{fence}toml\n{plan}{fence}\n"));
    text
}

fn review(text: &mut String, reviewed: &Reviewed) {
    let lines = reviewed.sign_off_lines();
    if lines.is_empty() && reviewed.review.comments.is_empty() {
        return;
    }
    text.push_str("\n## Review\n\n");
    lines.iter().for_each(|line| text.push_str(&format!("- {}\n", escaped(line))));
    for comment in reviewed.review.threads().into_iter().flatten() {
        let indent = if comment.answers.is_some() { "  " } else { "" };
        let resolved = if comment.resolved.is_some() { " (resolved)" } else { "" };
        let line = format!("{} on {}: {}", comment.author, comment.about.label(), comment.text);
        text.push_str(&format!("{indent}- {}{resolved}\n", escaped(&line)));
    }
}

fn part(text: &mut String, title: &str, grid: &Grid) {
    if !grid.is_empty() {
        text.push_str(&format!("\n## {title}\n\n{}", grid.markdown()));
    }
}

fn ledger(dossier: &Dossier<'_>) -> Grid {
    let mut grid = Grid::new([("", Align::Left), ("", Align::Right)]);
    for row in dossier.run.ledger.rows() {
        grid.push(vec![row.label.to_owned(), row.text]);
    }
    grid
}

/// A fence longer than any in the text, so that the text cannot end it.
fn fence(text: &str) -> String {
    let longest = text.split(|sign| sign != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::super::{Run, sample};
    use super::*;

    #[test]
    fn the_report_tells_all_and_text_stays_text() {
        let mut draft: crate::domain::PlanDraft = sample::plan().into();
        draft.name = "# <b>new</b> | ```".to_owned();
        let plan = draft.validate().unwrap();
        let recording = sample::recording();
        let dossier = super::super::dossier::sample(&plan, &recording);
        let text = document(&dossier);
        assert!(text.starts_with("# \\# &lt;b>new&lt;/b> \\| "), "{text}");
        assert!(text.contains("````toml\n"), "{text}");
        let run: &Run<'_> = &dossier.run;
        for wanted in ["Error rate", "Gate Errors: 1 failed", "rehearsal verify", &run.digest] {
            assert!(text.contains(wanted), "{wanted} is missing in\n{text}");
        }
    }
}
