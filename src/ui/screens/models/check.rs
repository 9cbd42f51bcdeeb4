//! What a first look at a model found.

use egui::{Label, RichText, Ui, vec2};

use super::speed::speed_ui;
use crate::domain::ArmId;
use crate::models::Card;
use crate::ui::notation;
use crate::ui::theme::{GAP, Tokens, small};
use crate::ui::widgets::{Status, problem_line, section, value_row};
use crate::worker::{ModelCheck, QuickCheck};

/// Mismatches beyond these are counted.
const MOST_MISMATCHES: usize = 6;
/// Width of the labels of long texts.
const LABEL_WIDTH: f32 = 62.0;

/// Draws fit, quality, speed and card, in the order in which they are asked for; `baseline` is what
/// was found of A.
pub fn check_ui(ui: &mut Ui, arm: ArmId, check: &ModelCheck, baseline: Option<&ModelCheck>) {
    ui.spacing_mut().interact_size.y = 18.0;
    ui.spacing_mut().item_spacing.y = 4.0;
    fit_ui(ui, check);
    if let Some(quick) = &check.quick {
        let before = baseline.and_then(|baseline| baseline.quick.as_ref());
        quality_ui(ui, quick, before);
        ui.add_space(GAP / 2.0);
        speed_ui(ui, (arm, quick), before.map(|before| (ArmId::BASELINE, before)));
    }
    ui.add_space(GAP / 2.0);
    card_ui(ui, check);
}

fn fit_ui(ui: &mut Ui, check: &ModelCheck) {
    if check.mismatches.is_empty() && check.label_problem.is_none() {
        let text = match check.card.inputs.len() {
            1 => "The input is in the data".to_owned(),
            inputs => format!("All {inputs} inputs are in the data"),
        };
        let text = Status::Pass.text(&text);
        ui.label(RichText::new(text).color(Tokens::of(ui).pass));
    }
    for mismatch in check.mismatches.iter().take(MOST_MISMATCHES) {
        let status = if mismatch.blocks { Status::Fail } else { Status::Warn };
        problem_line(ui, status, &capital(&mismatch.to_string()), None);
    }
    let more = check.mismatches.len().saturating_sub(MOST_MISMATCHES);
    if more > 0 {
        ui.label(small(format!("and {more} more")).color(Tokens::of(ui).subdued));
    }
    if let Some(problem) = &check.label_problem {
        problem_line(ui, Status::Warn, &capital(problem), None);
    }
    if let Some(note) = &check.note {
        problem_line(ui, Status::Neutral, note, None);
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn quality_ui(ui: &mut Ui, quick: &QuickCheck, baseline: Option<&QuickCheck>) {
    let Some((metric, value)) = quick.quality else {
        let text = "Quality is not known: no label fits this model.";
        ui.label(RichText::new(text).color(Tokens::of(ui).subdued));
        return;
    };
    let before = baseline
        .and_then(|baseline| baseline.quality)
        .filter(|(of, _)| *of == metric)
        .map(|(_, before)| format!(" ({} against A)", notation::delta(metric, value - before)));
    let text = format!("{}{}", notation::value(metric, value), before.unwrap_or_default());
    let label = format!("{} on {} rows", metric.label(), quick.labelled);
    value_row(ui, &label, &text)
        .on_hover_text("On labelled rows, evenly spread: a first look, not a verdict");
}

fn card_ui(ui: &mut Ui, check: &ModelCheck) {
    let card: &Card = &check.card;
    section(ui, "Card", "");
    if !card.description.is_empty() {
        ui.add(Label::new(RichText::new(&card.description).color(Tokens::of(ui).subdued)).wrap());
    }
    value_row(ui, "Called", &card.name);
    value_row(ui, "Task", card.task().label());
    if let Some(positive) = card.positive() {
        value_row(ui, "Positive", &format!("{positive}, from {}", card.threshold));
    }
    value_row(ui, "Layers", &check.size);
    value_row(ui, "Runs on", &check.device);
    for (label, text) in [("Licence", &card.licence), ("Origin", &card.origin)] {
        if !text.is_empty() {
            ui.horizontal_top(|ui| {
                ui.allocate_ui(vec2(LABEL_WIDTH, 18.0), |ui| {
                    ui.set_min_width(LABEL_WIDTH);
                    ui.label(RichText::new(label).color(Tokens::of(ui).subdued));
                });
                ui.add(Label::new(text.as_str()).wrap());
            });
        }
    }
}
