//! What reviewers said: sign-offs and whether they hold, the checklist, comments.

use super::super::dossier::Dossier;
use super::super::escape::escaped;
use super::super::grid::{Align, Grid};
use super::Page;
use crate::domain::{Comment, Decision, Review, Reviewed};
use crate::stats::checklist::checklist;

pub(super) fn review(page: &mut Page, dossier: &Dossier<'_>) {
    let Some(reviewed) = dossier.review.filter(|reviewed| reviewed.review != Review::default())
    else {
        return;
    };
    page.section("Review");
    sign_offs(page, reviewed);
    checks(page, dossier, reviewed);
    if !reviewed.review.comments.is_empty() {
        page.push("<h3>Comments</h3>\n");
        for thread in reviewed.review.threads() {
            let text: String =
                thread.iter().enumerate().map(|(place, one)| comment(one, place > 0)).collect();
            page.card("", &text);
        }
    }
}

/// The sign that goes with a decision's colour.
fn status(decision: Decision) -> (&'static str, &'static str) {
    match decision {
        Decision::Approve => ("pass", "✓"),
        Decision::AskForChanges => ("warn", "!"),
        Decision::Reject => ("fail", "✕"),
    }
}

fn sign_offs(page: &mut Page, reviewed: &Reviewed) {
    for (sign_off, standing) in reviewed.sign_offs() {
        let (class, glyph) = status(sign_off.decision);
        let words = escaped(&standing.words(sign_off));
        let decision = format!("{glyph} {} by {}", sign_off.decision.past(), sign_off.name);
        // What no longer holds must not look as if it did.
        let (class, tag) = if standing.holds() { (class, "b") } else { ("quiet", "s") };
        page.card(
            &format!("answer {class}"),
            &format!(
                "<{tag} class=\"{class}\">{}</{tag}> <span class=\"note\">{}</span>\n<p>{}</p>\n\
                 <p class=\"{}\">{words}</p>\n",
                escaped(&decision),
                sign_off.signed.strftime("%Y-%m-%d %H:%M UTC"),
                escaped(&sign_off.reason),
                if standing.holds() { "note" } else { "fail" }
            ),
        );
    }
}

fn checks(page: &mut Page, dossier: &Dossier<'_>, reviewed: &Reviewed) {
    if reviewed.review.checks.is_empty() {
        return;
    }
    let run = &dossier.run;
    let mut grid = Grid::new([
        ("Question", Align::Left),
        ("Answer", Align::Left),
        ("By", Align::Left),
        ("What the run shows", Align::Left),
    ]);
    for question in checklist(run.plan, run.recording, &run.verdict) {
        let answer = reviewed.review.checks.iter().find(|check| check.item == question.item);
        let note = answer.map_or("", |check| check.note.as_str());
        grid.push(vec![
            question.question.to_owned(),
            answer.map_or("open".to_owned(), |check| check.answer.label().to_owned()),
            answer.map_or(String::new(), |check| check.author.clone()),
            format!("{} {note}", question.evidence).trim().to_owned(),
        ]);
    }
    page.push("<h3>Checklist</h3>\n");
    page.card("long", &grid.html());
}

fn comment(comment: &Comment, is_answer: bool) -> String {
    let class = if is_answer { " style=\"margin-left:24px\"" } else { "" };
    let about = if is_answer { String::new() } else { format!(" on {}", comment.about.label()) };
    let resolved = comment.resolved.as_ref();
    let resolved = resolved.map_or(String::new(), |by| format!(", resolved by {}", by.by));
    format!(
        "<div{class}><b>{}</b> <span class=\"note\">{}</span>\n<p>{}</p></div>\n",
        escaped(&comment.author),
        escaped(&format!("{}{about}{resolved}", comment.written.strftime("%Y-%m-%d %H:%M UTC"))),
        escaped(&comment.text)
    )
}
