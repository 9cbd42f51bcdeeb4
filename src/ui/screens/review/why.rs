//! Why? Every check behind the verdict; a click moves the time cursor there.

use egui::Ui;

use super::{ReviewMemory, View};
use crate::app::Commands;
use crate::ui::rehearse::why;
use crate::ui::theme::{Tokens, small, strong};

pub(super) fn why_ui(ui: &mut Ui, view: &View<'_>, memory: &ReviewMemory, commands: &mut Commands) {
    ui.horizontal(|ui| {
        ui.label(strong("Why? Every check"));
        let gates = view.plan.gates.len();
        let text = if gates == 1 { "1 gate".to_owned() } else { format!("{gates} gates") };
        ui.label(small(text).color(Tokens::of(ui).subdued));
    });
    why::why_ui(ui, memory.card.as_ref(), view.plan, commands);
}
