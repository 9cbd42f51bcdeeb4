//! What the oracle knows: harm by segment and group of users, what late labels changed, and what to
//! believe of what was measured.

use egui::{Grid, RichText, ScrollArea, Ui};

use crate::report::oracle::{Hindsight, Table};
use crate::ui::theme::{GAP, Tokens, small};
use crate::ui::widgets::{explained, section};

pub(super) fn hindsight_ui(ui: &mut Ui, hindsight: &Hindsight) {
    section(ui, "What really happened", "");
    for warning in &hindsight.warnings {
        explained(ui, warning.as_str());
    }
    for table in &hindsight.tables {
        table_ui(ui, table);
    }
}

fn table_ui(ui: &mut Ui, table: &Table) {
    ui.add_space(GAP / 2.0);
    ui.label(small(table.title).color(Tokens::of(ui).subdued));
    // Ten columns and more do not fit a small window.
    ScrollArea::horizontal().id_salt(table.title).show(ui, |ui| {
        Grid::new(table.title).spacing([18.0, 4.0]).show(ui, |ui| {
            for head in &table.heads {
                ui.label(RichText::new(head).strong());
            }
            ui.end_row();
            for line in &table.lines {
                for text in line {
                    ui.label(text);
                }
                ui.end_row();
            }
        });
    });
}
