//! Words of the field that explain themselves when the pointer rests on them.

use egui::{Response, RichText, Sense, Stroke, Ui};

use crate::ui::theme::{Tokens, small, strong};

/// A word that the glossary knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    Arm,
    Canary,
    ConfidenceInterval,
    Drift,
    Exposure,
    Gate,
    LabelDelay,
    P95,
    Power,
    Shadow,
    Shares,
    Srm,
    Sticky,
    Verdict,
    Window,
}

impl Term {
    pub const ALL: [Self; 15] = [
        Self::Arm,
        Self::Canary,
        Self::ConfidenceInterval,
        Self::Drift,
        Self::Exposure,
        Self::Gate,
        Self::LabelDelay,
        Self::P95,
        Self::Power,
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
            Self::Canary => "canary",
            Self::ConfidenceInterval => "confidence interval",
            Self::Drift => "drift",
            Self::Exposure => "exposure",
            Self::Gate => "gate",
            Self::LabelDelay => "label delay",
            Self::P95 => "p95",
            Self::Power => "power",
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
            Self::Canary => {
                "A small share of the requests goes to the candidate first. The share grows only while every gate passes."
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
            Self::Gate => {
                "A check that the candidate must pass, measured again and again. When it fails often enough, the rollout is aborted or put on hold."
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
    let response = ui.add(egui::Label::new(text.into()).sense(Sense::hover()));
    let rect = response.rect;
    let line = Stroke::new(1.0, tokens.faint);
    ui.painter().extend(egui::Shape::dotted_line(
        &[rect.left_bottom(), rect.right_bottom()],
        line.color,
        3.0,
        0.6,
    ));
    response.on_hover_ui(|ui| {
        ui.label(strong(term.word()));
        ui.label(small(term.meaning()));
    })
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
}
