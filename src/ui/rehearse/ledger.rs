//! What the whole run cost, and whom it exposed.

use egui::{RichText, ScrollArea, Ui};

use crate::stats::Ledger;
use crate::ui::theme::{Tokens, small};
use crate::ui::widgets::value_row;

/// The ledger's rows, once the run has ended.
pub fn ledger_ui(ui: &mut Ui, ledger: Option<&Ledger>) {
    let Some(ledger) = ledger else {
        let text = "The ledger is drawn up when the run has ended.";
        ui.label(RichText::new(text).color(Tokens::of(ui).subdued));
        return;
    };
    ui.label(small("the whole run, whatever the cursor shows").color(Tokens::of(ui).subdued));
    ScrollArea::vertical().id_salt("ledger").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        for row in ledger.rows() {
            value_row(ui, row.label, &row.text);
        }
    });
}
