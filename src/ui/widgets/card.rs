//! Cards: the framed surfaces on which a screen puts its parts.

use egui::{Frame, InnerResponse, Margin, Rect, Stroke, Ui, UiBuilder};

use crate::ui::theme::{CARD_MARGIN, RADIUS, Tokens, small, strong};

/// The frame of a card.
pub fn card_frame(tokens: &Tokens) -> Frame {
    Frame::new()
        .fill(tokens.card)
        .stroke(Stroke::new(1.0, tokens.edge))
        .corner_radius(RADIUS)
        .inner_margin(Margin::same(CARD_MARGIN))
}

/// A card as wide as the space that is there and as high as its contents.
pub fn card<R>(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    card_frame(Tokens::of(ui)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        add_contents(ui)
    })
}

/// A card that fills exactly `rect`; what does not fit is cut at its inner edge.
pub fn filled_card<R>(ui: &mut Ui, rect: Rect, add_contents: impl FnOnce(&mut Ui) -> R) -> R {
    let tokens = Tokens::of(ui);
    ui.painter().rect(
        rect,
        RADIUS,
        tokens.card,
        Stroke::new(1.0, tokens.edge),
        egui::StrokeKind::Inside,
    );
    let inner = rect.shrink(f32::from(CARD_MARGIN));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
    child.set_clip_rect(child.clip_rect().intersect(rect.shrink(1.0)));
    let result = add_contents(&mut child);
    ui.advance_cursor_after_rect(rect);
    result
}

/// A heading inside a card: what it is about, and in smaller type a note such as its unit.
pub fn section(ui: &mut Ui, heading: &str, note: &str) {
    ui.horizontal(|ui| {
        ui.label(strong(heading));
        if !note.is_empty() {
            ui.label(small(note).color(Tokens::of(ui).subdued));
        }
    });
}
