//! `rehearsal review show`: everything a reviewer reads, on one page.

use std::path::Path;

use anyhow::Result;

use crate::cli::{Answer, library, out};
use crate::domain::Reviewed;
use crate::report::{Run, WIDTH, grid::wrapped};
use crate::stats::checklist::checklist;
use crate::store::Experiment;
use crate::worker::Document;

pub(super) fn show(named: &str, as_json: bool, library: Option<&Path>) -> Result<Answer> {
    let (experiment, reviewed) = library::with_review(named, library)?;
    if as_json {
        out::print_json(&reviewed)?;
    } else {
        out::print(&text(experiment, &reviewed))?;
    }
    Ok(Answer::Yes)
}

/// Everything a reviewer reads, the answer first.
fn text(experiment: Experiment, reviewed: &Reviewed) -> String {
    let name = experiment.summary.name.clone();
    let mut text = format!("{name}\n");
    if let Some(document) = Document::of(experiment) {
        let run = document.dossier().run;
        let card = &run.verdict;
        let verdict = format!("{}: {}", card.headline.label(), card.sentence);
        text.push_str(&format!("\n{}", wrapped(&verdict, "", WIDTH)));
        text.push_str(&questions(&run, reviewed));
    }
    text.push_str("\nComments\n\n");
    if reviewed.review.comments.is_empty() {
        text.push_str("None yet.\n");
    }
    for thread in reviewed.review.threads() {
        for (place, comment) in thread.iter().enumerate() {
            let indent = if place == 0 { "" } else { "    " };
            let about =
                if place == 0 { format!(" on {}", comment.about.label()) } else { String::new() };
            let resolved = comment.resolved.as_ref();
            let resolved = resolved.map_or(String::new(), |by| format!(", resolved by {}", by.by));
            text.push_str(&format!(
                "{indent}{}. {}{about}{resolved}\n{}",
                comment.number,
                comment.author,
                wrapped(&comment.text, &format!("{indent}   "), WIDTH)
            ));
        }
    }
    text.push_str("\nSign-offs\n\n");
    if reviewed.review.sign_offs.is_empty() {
        text.push_str("None yet.\n");
    }
    for line in reviewed.sign_off_lines() {
        text.push_str(&wrapped(&line, "", WIDTH));
    }
    text
}

/// The checklist with what the run suggests and what was answered.
fn questions(run: &Run<'_>, reviewed: &Reviewed) -> String {
    let mut text = String::from("\nChecklist\n\n");
    for question in checklist(run.plan, run.recording, &run.verdict) {
        let answered = reviewed.review.checks.iter().find(|check| check.item == question.item);
        let answer = match (answered, question.proposed) {
            (Some(check), _) => format!("{} ({})", check.answer.label(), check.author),
            (None, Some(tick)) => format!("{}? not confirmed", tick.label()),
            (None, None) => "open".to_owned(),
        };
        text.push_str(&wrapped(
            &format!("{}: {} {answer}", question.item, question.question),
            "",
            WIDTH,
        ));
        text.push_str(&wrapped(&question.evidence, "    ", WIDTH));
        if let Some(check) = answered.filter(|check| !check.note.is_empty()) {
            text.push_str(&wrapped(&check.note, "    ", WIDTH));
        }
    }
    text
}
