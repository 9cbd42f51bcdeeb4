//! The odds of one strategy in numbers: a row per what-if, for the whole plan and for each gate.

use egui::{Align, Grid, Layout, RichText, Ui};

use crate::domain::{PlanDraft, grouped};
use crate::report::odds::{after, chance, objection};
use crate::stats::odds::{Odds, Rung};
use crate::ui::theme::{Tokens, small};
use crate::ui::widgets::{term, term_in};

const HEADS: [&str; 6] =
    ["promoted", "stopped", "undecided", "stopped after", "exposed", "wrong answers"];

/// Draws the table.
pub fn table_ui(ui: &mut Ui, odds: &Odds) {
    egui::ScrollArea::horizontal().id_salt("odds table").show(ui, |ui| {
        Grid::new("odds").spacing([20.0, 5.0]).striped(true).show(ui, |ui| {
            let subdued = Tokens::of(ui).subdued;
            ui.label(small("If the candidate is …").color(subdued));
            for head in HEADS {
                let text = small(head).color(subdued);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| match term_in(head) {
                    Some(word) => term(ui, word, text),
                    None => ui.label(text),
                });
            }
            ui.end_row();
            for rung in &odds.rungs {
                ui.label(rung.regression.to_string());
                for text in cells(rung) {
                    right(ui, text.into());
                }
                ui.end_row();
            }
        });
    });
}

/// Which gates fail with which candidate: false alarms of their own beside the baseline, and what
/// each catches beside the others.
pub fn gates_ui(ui: &mut Ui, plan: &PlanDraft, odds: &Odds) {
    egui::ScrollArea::horizontal().id_salt("odds of gates").show(ui, |ui| {
        Grid::new("odds of gates").spacing([20.0, 5.0]).striped(true).show(ui, |ui| {
            let subdued = Tokens::of(ui).subdued;
            ui.label(small("Gates that fail if it is …").color(subdued));
            for gate in &plan.gates {
                right(ui, small(gate.name.as_str()).color(subdued));
            }
            ui.end_row();
            for rung in &odds.rungs {
                ui.label(rung.regression.to_string());
                for place in 0..plan.gates.len() {
                    right(ui, objection(rung, place as u16, plan.gates.len()).into());
                }
                ui.end_row();
            }
        });
    });
}

fn right(ui: &mut Ui, text: RichText) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(text));
}

fn cells(rung: &Rung) -> [String; 6] {
    let harm = rung.net_harm.map_or("–".to_owned(), |harm| {
        let sign = if harm.mean < -0.5 { "−" } else { "" };
        format!("{sign}{}", grouped(harm.mean.abs().round() as u64))
    });
    [
        chance(rung.promoted),
        chance(rung.stopped),
        chance(rung.undecided),
        after(rung.detected_after),
        rung.exposed.map_or("–".to_owned(), |exposed| grouped(exposed.median as u64)),
        harm,
    ]
}
