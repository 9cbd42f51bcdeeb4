//! Words of the field that explain themselves when the pointer rests on them.

use std::ops::Range;

use egui::text::CCursor;
use egui::{Color32, Label, Pos2, Response, RichText, Role, Sense, Shape, Ui, WidgetInfo, pos2};

use crate::ui::theme::{Tokens, small, strong};

/// A word that the glossary knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    Arm,
    Bake,
    Baseline,
    Canary,
    Candidate,
    ConfidenceInterval,
    Drift,
    Exposure,
    Fork,
    Gate,
    Job,
    LabelDelay,
    P95,
    Power,
    Replica,
    Shadow,
    Shares,
    Srm,
    Sticky,
    Verdict,
    Window,
}

impl Term {
    pub const ALL: [Self; 21] = [
        Self::Arm,
        Self::Bake,
        Self::Baseline,
        Self::Canary,
        Self::Candidate,
        Self::ConfidenceInterval,
        Self::Drift,
        Self::Exposure,
        Self::Fork,
        Self::Gate,
        Self::Job,
        Self::LabelDelay,
        Self::P95,
        Self::Power,
        Self::Replica,
        Self::Shadow,
        Self::Shares,
        Self::Srm,
        Self::Sticky,
        Self::Verdict,
        Self::Window,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Arm => "arm",
            Self::Bake => "bake",
            Self::Baseline => "baseline",
            Self::Canary => "canary",
            Self::Candidate => "candidate",
            Self::ConfidenceInterval => "confidence interval",
            Self::Drift => "drift",
            Self::Exposure => "exposure",
            Self::Fork => "fork",
            Self::Gate => "gate",
            Self::Job => "job",
            Self::LabelDelay => "label delay",
            Self::P95 => "p95",
            Self::Power => "power",
            Self::Replica => "replica",
            Self::Shadow => "shadow",
            Self::Shares => "share",
            Self::Srm => "split check",
            Self::Sticky => "sticky",
            Self::Verdict => "verdict",
            Self::Window => "window",
        }
    }

    /// Two sentences for a person who meets the word for the first time.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Arm => {
                "One model version that takes part. A is the baseline that serves today; B, C and D are candidates."
            }
            Self::Bake => {
                "The time after a switch in which gates still watch. A fault that shows itself only under full traffic is found here."
            }
            Self::Baseline => {
                "The model that serves today: arm A. Everything new is measured against it, at the same time and on the same kind of requests."
            }
            Self::Canary => {
                "A small share of the requests goes to the candidate first. The share grows only while every gate passes."
            }
            Self::Candidate => {
                "A model that wants the place of the baseline: arm B, C or D. Until the rollout ends, every answer of it is at somebody's risk."
            }
            Self::ConfidenceInterval => {
                "The range in which the true value lies, in 95 of 100 such rehearsals. It narrows as requests arrive; if it includes zero, there is no clear change."
            }
            Self::Drift => {
                "The inputs, or what is true about them, slowly change after a model was trained. A model that was good last year may be wrong today without any error."
            }
            Self::Exposure => {
                "How many requests and users the candidate answered before the rollout ended. It is what a fault could have reached."
            }
            Self::Fork => {
                "A second run that equals the first until a moment, and then takes another way. Nothing of the first one changes, so both can be compared."
            }
            Self::Gate => {
                "A check (also called a guardrail) that the candidate must pass, measured again and again. When it fails often enough, the rollout is aborted or put on hold."
            }
            Self::Job => {
                "Scores many rows in one go, at a fixed hour, instead of each when it is asked for. It is cheap for each row, but its answers may be old when they are published."
            }
            Self::LabelDelay => {
                "The time until it is known whether an answer was right. Until then quality cannot be judged, only speed and errors."
            }
            Self::P95 => {
                "95 of 100 requests were answered in this time or less. Means hide the slow ones; percentiles do not."
            }
            Self::Power => {
                "The chance that a real difference of a given size is found. Little traffic means little power: no alarm is then no proof."
            }
            Self::Replica => {
                "One running copy of a model, with so many requests at a time. More of them carry more traffic and cost more."
            }
            Self::Shadow => {
                "The candidate gets copies of the requests, and its answers are thrown away. Nobody is harmed, but every copy costs a second answer."
            }
            Self::Shares => {
                "The part of the live requests that an arm answers. What was asked for, what the fleet can carry and what was delivered may differ."
            }
            Self::Srm => {
                "Compares how the traffic was split with how it should have been (sample ratio mismatch). If they differ by more than chance, no comparison can be trusted."
            }
            Self::Sticky => {
                "A user always meets the same arm while the shares stand still. A reload never shows the other model."
            }
            Self::Verdict => {
                "What the numbers so far advise: promote, hold or roll back, or that there is not enough data. The reasons stand beneath it."
            }
            Self::Window => {
                "A slice of the rehearsal's time in which everything is counted. Each point of a chart is one window or more."
            }
        }
    }
}

/// The word with a dotted line beneath; resting on it opens its meaning.
pub fn term(ui: &mut Ui, term: Term, text: impl Into<RichText>) -> Response {
    let tokens = Tokens::of(ui);
    let response = ui.add(Label::new(text.into()).sense(Sense::hover()));
    let rect = response.rect;
    underline(ui, [rect.left_bottom(), rect.right_bottom()], tokens.faint);
    response.on_hover_ui(|ui| meaning_ui(ui, term))
}

/// A running text in which the first mention of each known word has a dotted line beneath and
/// explains itself.
pub fn explained(ui: &mut Ui, text: impl Into<RichText>) -> Response {
    let text = text.into();
    let plain = text.text().to_owned();
    let mentions = mentions(&plain);
    let (corner, galley, response) = Label::new(text).wrap().sense(Sense::hover()).layout_in_ui(ui);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &plain));
    let tokens = Tokens::of(ui);
    ui.painter().galley(corner, galley.clone(), tokens.text);
    for (letters, _) in &mentions {
        let place = |letter: usize| galley.pos_from_cursor(CCursor::new(letter));
        let (start, end) = (place(letters.start), place(letters.end));
        // A word that is broken over two lines has its line where it begins.
        let right =
            if end.bottom() > start.bottom() + 1.0 { galley.rect.right() } else { end.left() };
        let y = start.bottom() - 1.0;
        let line = [pos2(start.left(), y), pos2(right, y)].map(|at| at + corner.to_vec2());
        underline(ui, line, tokens.faint);
    }
    let pointed = response.hover_pos().and_then(|pointer| {
        let letter = galley.cursor_from_pos(pointer - corner).index.0;
        mentions.into_iter().find(|(letters, _)| letters.contains(&letter))
    });
    match pointed {
        Some((_, term)) => response.on_hover_ui(|ui| meaning_ui(ui, term)),
        None => response,
    }
}

fn underline(ui: &Ui, line: [Pos2; 2], colour: Color32) {
    ui.painter().extend(Shape::dotted_line(&line, colour, 3.0, 0.6));
}

fn meaning_ui(ui: &mut Ui, term: Term) {
    ui.label(strong(term.word()));
    ui.label(small(term.meaning()));
}

/// The first mention of each word that the glossary knows, by the letters it takes.
fn mentions(text: &str) -> Vec<(Range<usize>, Term)> {
    let letters: Vec<char> = text.to_lowercase().chars().collect();
    let is_in_word = |place: Option<&char>| place.is_some_and(|letter| letter.is_alphanumeric());
    // "Share" is a verb as often as not.
    let known = Term::ALL.into_iter().filter(|term| *term != Term::Shares);
    let find = |term: Term| {
        let word: Vec<char> = term.word().chars().collect();
        let starts = letters.windows(word.len()).enumerate();
        let found = starts.filter(|(_, window)| *window == word).find_map(|(start, _)| {
            let end = start + word.len();
            let end = if letters.get(end) == Some(&'s') { end + 1 } else { end };
            let before = start.checked_sub(1).and_then(|place| letters.get(place));
            (!is_in_word(before) && !is_in_word(letters.get(end))).then_some(start..end)
        })?;
        Some((found, term))
    };
    known.filter_map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meaning_is_two_short_sentences() {
        for term in Term::ALL {
            let sentences = term.meaning().matches(". ").count() + 1;
            assert_eq!(sentences, 2, "{}", term.word());
            assert!(term.meaning().len() <= 200, "{}", term.word());
        }
    }

    #[test]
    fn whole_words_are_found_once() {
        let found = mentions("Gates watch the jobber, not this gate; p95 too.");
        assert_eq!(found, [(0..5, Term::Gate), (39..42, Term::P95)]);
    }
}
