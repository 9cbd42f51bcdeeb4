//! Statuses: always a word and a glyph, the colour only helps.

use egui::{Align2, Color32, Margin, Response, Role, Sense, Stroke, Ui, WidgetInfo};

use crate::ui::theme::{SMALL_RADIUS, Tokens, mix};

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Pass,
    Warn,
    Fail,
    /// Under way.
    Running,
    /// Neither good nor bad, or not known.
    Neutral,
}

impl Status {
    pub const ALL: [Self; 5] = [Self::Pass, Self::Warn, Self::Fail, Self::Running, Self::Neutral];

    /// The sign that says the same as the colour.
    pub fn glyph(self) -> char {
        match self {
            Self::Pass => '✓',
            Self::Warn => '!',
            Self::Fail => '✗',
            Self::Running => '→',
            Self::Neutral => '–',
        }
    }

    pub fn colour(self, tokens: &Tokens) -> Color32 {
        match self {
            Self::Pass => tokens.pass,
            Self::Warn => tokens.warn,
            Self::Fail => tokens.fail,
            Self::Running => tokens.accent,
            Self::Neutral => tokens.subdued,
        }
    }

    /// The glyph and `word`, as texts in one line show it.
    pub fn text(self, word: &str) -> String {
        format!("{} {word}", self.glyph())
    }
}

/// A small tinted label with the status' glyph and `word`.
pub fn status_chip(ui: &mut Ui, status: Status, word: &str) -> Response {
    let tokens = Tokens::of(ui);
    let colour = status.colour(tokens);
    let font = egui::TextStyle::Small.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(status.text(word), font, colour);
    let margin = Margin::symmetric(7, 3);
    let size = galley.size() + margin.sum();
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, word));
    ui.painter().rect(
        rect,
        SMALL_RADIUS,
        mix(tokens.card, colour, 0.14),
        Stroke::new(1.0, mix(tokens.card, colour, 0.35)),
        egui::StrokeKind::Inside,
    );
    let place = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size()).min;
    ui.painter().galley(place, galley, colour);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_statuses_share_a_glyph() {
        let mut glyphs = Status::ALL.map(Status::glyph).to_vec();
        glyphs.sort_unstable();
        glyphs.dedup();
        assert_eq!(glyphs.len(), Status::ALL.len());
    }
}
