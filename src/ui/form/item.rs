//! Items of a list: one line each, opened for editing.

use egui::{Align, Button, Frame, Label, Layout, Sense, Ui};

use crate::ui::theme::{GAP, SMALL_RADIUS, Tokens, small, strong};
use crate::ui::widgets::{Icon, Status, icon_button};

/// One item.
pub struct Item<'a> {
    /// What all items of the list are: `gate`.
    pub kind: &'static str,
    pub place: usize,
    pub name: &'a str,
    /// The item in a sentence, while it is closed.
    pub sentence: String,
    /// An item with a problem is open until the problem is solved.
    pub is_wrong: bool,
}

/// Draws the item; `open` is the one that is open. True if it is to be removed.
pub fn item_ui(
    ui: &mut Ui,
    item: &Item<'_>,
    open: &mut Option<usize>,
    add_fields: impl FnOnce(&mut Ui),
) -> bool {
    let tokens = Tokens::of(ui);
    let is_open = item.is_wrong || *open == Some(item.place);
    let frame = Frame::new().fill(tokens.raised).corner_radius(SMALL_RADIUS).inner_margin(GAP);
    let contents = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let is_removed = line_ui(ui, item, open, is_open);
        if is_open {
            add_fields(ui);
        } else {
            let text = small(&item.sentence).color(tokens.subdued);
            ui.add(Label::new(text).wrap().sense(Sense::hover()));
        }
        is_removed
    });
    contents.inner
}

fn line_ui(ui: &mut Ui, item: &Item<'_>, open: &mut Option<usize>, is_open: bool) -> bool {
    let number = item.place + 1;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let label = format!("Remove {} {number}", item.kind);
            let is_removed = icon_button(ui, Icon::Remove, &label).clicked();
            let verb = if is_open { "Close" } else { "Edit" };
            let button = ui.add_enabled(!item.is_wrong, Button::new(small(verb)));
            let button = button.on_disabled_hover_text("Solve its problem first");
            if button.clicked() {
                *open = (!is_open).then_some(item.place);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let mut name = strong(item.name);
                if item.is_wrong {
                    name = strong(Status::Fail.text(item.name)).color(Tokens::of(ui).fail);
                }
                ui.add(Label::new(name).truncate());
            });
            is_removed
        })
        .inner
    })
    .inner
}
