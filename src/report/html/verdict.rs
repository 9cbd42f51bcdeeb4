//! The answer: the headline in words, the numbers behind it, and what speaks against it.

use super::super::escape::escaped;
use super::super::{Run, drawing, summary};
use super::Page;
use crate::domain::grouped;
use crate::stats::VerdictCard;
use crate::stats::verdict::{Headline, SplitWord, VerdictRow, Word};

/// The class and the sign of a headline: colour is never alone.
fn headline(headline: Headline) -> (&'static str, &'static str) {
    match headline {
        Headline::Promote => ("pass", "✓"),
        Headline::Hold => ("warn", "!"),
        Headline::RollBack => ("fail", "✕"),
        Headline::NotEnoughData => ("quiet", "–"),
    }
}

fn word(word: Word) -> (&'static str, &'static str) {
    match word {
        Word::Better => ("pass", "✓"),
        Word::Worse => ("fail", "✕"),
        Word::NoClearChange | Word::NotEnoughData | Word::ForInformation => ("quiet", "–"),
    }
}

pub(super) fn answer(page: &mut Page, run: &Run<'_>) {
    let card = &run.verdict;
    let (class, glyph) = headline(card.headline);
    let mut text = format!(
        "<div class=\"word {class}\">{glyph} {}</div>\n<p class=\"lead\">{}</p>\n",
        escaped(card.headline.label()),
        escaped(&card.sentence)
    );
    if !card.rows.is_empty() {
        text.push_str(&rows(run));
        text.push_str(&format!("<p class=\"note\">{}</p>\n", escaped(&summary::methods(card))));
        text.push_str(&format!("<p class=\"note\">{}</p>\n", split(card)));
    }
    page.card(&format!("answer {class}"), &text);
    reasons(page, card);
}

fn rows(run: &Run<'_>) -> String {
    let has_several = run.recording.arms.len() > 2;
    let level = run.verdict.rows.first().map_or(95.0, |row| row.level * 100.0);
    let level = (level * 10.0).round() / 10.0;
    let arm = if has_several { "<th>Arm</th>" } else { "" };
    let mut text = format!(
        "<table>\n<thead><tr><th>Metric</th>{arm}<th class=\"right\">Baseline A</th>\
         <th class=\"right\">Candidate</th><th class=\"right\">Change</th>\
         <th class=\"right\">{level} % interval</th><th>worse ◂ 0 ▸ better</th>\
         <th class=\"right\">n of A</th><th class=\"right\">n of candidate</th><th>Shows</th>\
         </tr></thead>\n<tbody>\n"
    );
    for row in &run.verdict.rows {
        text.push_str(&line(row, has_several));
    }
    text + "</tbody>\n</table>\n"
}

fn line(row: &VerdictRow, has_several: bool) -> String {
    let value =
        |value: Option<f64>| value.map_or("–".to_owned(), |value| row.metric.format(value));
    let (class, glyph) = word(row.word);
    let arm = if has_several { format!("<td>{}</td>", row.arm) } else { String::new() };
    let right = |text: &str| format!("<td class=\"right\">{}</td>", escaped(text));
    format!(
        "<tr><td><b>{}</b></td>{arm}{}{}{}{}<td class=\"picture\">{}</td>{}{}\
         <td class=\"{class}\">{glyph} {}</td></tr>\n",
        escaped(row.metric.label()),
        right(&value(row.baseline)),
        right(&value(row.candidate)),
        right(&row.delta.map_or("–".to_owned(), |delta| row.metric.format_delta(delta))),
        right(&summary::interval(row)),
        drawing::forest(row).map_or_else(String::new, |drawing| drawing.svg()),
        right(&grouped(row.n[0])),
        right(&grouped(row.n[1])),
        escaped(row.word.label())
    )
}

/// Whether the arms got the traffic that they were meant to get.
fn split(card: &VerdictCard) -> String {
    let (class, glyph) = match card.split.word {
        SplitWord::AsPlanned => ("pass", "✓"),
        SplitWord::NotAsPlanned => ("fail", "✕"),
        SplitWord::NotEnoughData => ("quiet", "–"),
    };
    let p = match card.split.p {
        Some(p) if p < 0.001 => ", p &lt; 0.001".to_owned(),
        Some(p) => format!(", p = {p:.3}"),
        None => String::new(),
    };
    format!(
        "Traffic split: <span class=\"{class}\">{glyph} {}</span>{p} ({})",
        escaped(card.split.word.label()),
        escaped(card.split.method)
    )
}

fn reasons(page: &mut Page, card: &VerdictCard) {
    let sides = [("What speaks for it", &card.reasons), ("And against", &card.counter_reasons)];
    if sides.iter().all(|(_, sentences)| sentences.is_empty()) {
        return;
    }
    page.push("<div class=\"two\">\n");
    for (title, sentences) in sides.into_iter().filter(|(_, sentences)| !sentences.is_empty()) {
        page.push(&format!("<div class=\"card\">\n<b>{title}</b>\n"));
        page.list(sentences);
        page.push("</div>\n");
    }
    page.push("</div>\n");
}
