//! What this program is, and whose work is in it.

use egui::Context;

use super::modal;
use crate::app::{Commands, Overlay};
use crate::ui::theme::{GAP, Tokens, small};

const WORK_OF_OTHERS: [&str; 3] = [
    "Fonts: Inter and JetBrains Mono, SIL Open Font License 1.1.",
    "Sample data: the origin and licence of each story stand in its README.",
    "Built with egui, candle, polars and SQLite; their licences come with the source.",
];

/// Draws the sheet.
pub fn about_ui(ctx: &Context, commands: &mut Commands) {
    modal::overlay(ctx, Overlay::About.label(), 440.0, commands, |ui, _| {
        ui.label(env!("CARGO_PKG_DESCRIPTION"));
        ui.label(format!("Version {}", env!("CARGO_PKG_VERSION")));
        ui.label(format!("Licence: {}", env!("CARGO_PKG_LICENSE")));
        ui.add_space(GAP);
        for line in WORK_OF_OTHERS {
            ui.label(small(line).color(Tokens::of(ui).subdued));
        }
    });
}
