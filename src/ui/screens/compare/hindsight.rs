//! What the oracle knows: harm by segment, and what to believe of what was measured.

use egui::{Grid, RichText, ScrollArea, Ui};

use crate::report::oracle::{BY_SEGMENT, Hindsight};
use crate::ui::theme::{GAP, Tokens, small};
use crate::ui::widgets::{explained, section};

pub(super) fn hindsight_ui(ui: &mut Ui, hindsight: &Hindsight) {
    section(ui, "What really happened", "");
    for warning in &hindsight.warnings {
        explained(ui, warning.as_str());
    }
    if hindsight.heads.is_empty() {
        return;
    }
    ui.add_space(GAP / 2.0);
    ui.label(small(BY_SEGMENT).color(Tokens::of(ui).subdued));
    // Ten columns and more do not fit a small window.
    ScrollArea::horizontal().id_salt("by segment").show(ui, |ui| {
        Grid::new("by segment").spacing([18.0, 4.0]).show(ui, |ui| {
            for head in &hindsight.heads {
                ui.label(RichText::new(head).strong());
            }
            ui.end_row();
            for line in &hindsight.segments {
                for text in line {
                    ui.label(text);
                }
                ui.end_row();
            }
        });
    });
}
