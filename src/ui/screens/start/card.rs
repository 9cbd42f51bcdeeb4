//! The cards of the Start screen: an example, its moving picture, and one click to play it.

use egui::{
    Align2, FontId, Rangef, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::super::story::{Motion, paint_story, phase};
use crate::domain::StrategyKind;
use crate::ui::theme::{RADIUS, Tokens, semibold};
use crate::ui::widgets::{Icon, paint_icon};
use crate::ui::widgets::{Line, paint_line};

/// The picture's height, as parts of its width.
const PICTURE_SHARE: Rangef = Rangef { min: 0.42, max: 0.72 };
const TEXT_HEIGHT: f32 = 86.0;
const MARGIN: f32 = 12.0;

/// One example.
pub struct Card {
    pub kind: StrategyKind,
    title: &'static str,
    sentence: &'static str,
}

pub const CARDS: [Card; 4] = [
    Card {
        kind: StrategyKind::Canary,
        title: "Canary in 30 seconds",
        sentence: "A few users first. Something breaks; a gate catches it.",
    },
    Card {
        kind: StrategyKind::Shadow,
        title: "Shadow: just look",
        sentence: "The new model gets copies; nobody ever sees its answers.",
    },
    Card {
        kind: StrategyKind::BlueGreen,
        title: "Blue-green: one switch",
        sentence: "Two full fleets and a lever, with an instant way back.",
    },
    Card {
        kind: StrategyKind::Ab,
        title: "A/B: which is better?",
        sentence: "Users are split in two until a test can tell.",
    },
];

/// How large a card is that is `width` wide and has so much height to grow into.
pub fn size(width: f32, height: f32) -> Vec2 {
    let picture =
        (height - TEXT_HEIGHT).clamp(PICTURE_SHARE.min * width, PICTURE_SHARE.max * width);
    vec2(width, picture.round() + TEXT_HEIGHT)
}

/// Draws a card; it is one big button.
pub fn card_ui(
    ui: &mut Ui,
    size: Vec2,
    card: &Card,
    is_still: bool,
    motion: &mut Motion,
) -> Response {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let label = format!("{}. {}", card.title, card.sentence);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    let is_wanted = !is_still && (response.has_focus() || response.hovered());
    let secs = motion.secs(ui, card.kind, is_wanted);
    if ui.is_rect_visible(rect) {
        paint(ui, rect, card, &response, secs);
    }
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}

fn paint(ui: &Ui, rect: Rect, card: &Card, response: &Response, secs: Option<f64>) {
    let tokens = Tokens::of(ui);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let is_lit = response.hovered() || response.has_focus();
    let line = match (response.has_focus(), response.hovered()) {
        (true, _) => Stroke::new(2.0, tokens.accent),
        (false, true) => Stroke::new(1.0, tokens.faint),
        _ => Stroke::new(1.0, tokens.edge),
    };
    painter.rect(rect, RADIUS, tokens.card, line, egui::StrokeKind::Inside);
    let divider = rect.bottom() - TEXT_HEIGHT;
    let picture = rect.with_max_y(divider).shrink(MARGIN);
    paint_story(&painter, picture, tokens, card.kind, phase(card.kind, secs));
    let inside = rect.x_range().shrink(1.0);
    painter.hline(inside, divider, Stroke::new(1.0, tokens.edge));
    let text = Rect::from_min_max(pos2(rect.left(), divider), rect.max).shrink(MARGIN);
    let title = Line { font: semibold(14.0), colour: tokens.text, align: Align2::LEFT_TOP };
    paint_line(&painter, text.left_top(), card.title, &title, text.width() - 22.0);
    let sentence = painter.layout(
        card.sentence.to_owned(),
        FontId::proportional(12.0),
        tokens.subdued,
        text.width(),
    );
    painter.galley(text.left_top() + vec2(0.0, 21.0), sentence, tokens.subdued);
    let icon = Rect::from_center_size(pos2(text.right() - 6.0, text.top() + 9.0), vec2(12.0, 12.0));
    let colour = if is_lit { tokens.accent } else { tokens.subdued };
    paint_icon(&painter, icon, Icon::Play, colour);
}
