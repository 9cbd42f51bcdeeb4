//! The cards of the Start screen: an example, its moving picture, and one click to play it.

use std::time::Duration;

use egui::{Align2, FontId, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::StrategyKind;
use super::picture::{self, LOOP_SECS};
use crate::ui::theme::{RADIUS, Tokens, semibold};
use crate::ui::widgets::{Icon, paint_icon};
use crate::ui::widgets::{Line, paint_line};

/// Of the width.
const PICTURE_SHARE: f32 = 0.5;
const TEXT_HEIGHT: f32 = 86.0;
const MARGIN: f32 = 12.0;
/// A picture comes to rest after so many rounds: an idle window draws nothing.
const ROUNDS: f64 = 3.0;
const FRAME: Duration = Duration::from_millis(33);

/// One example.
pub struct Card {
    pub kind: StrategyKind,
    title: &'static str,
    sentence: &'static str,
    /// Where in its round the picture rests: at the moment that tells most.
    still: f32,
}

pub const CARDS: [Card; 4] = [
    Card {
        kind: StrategyKind::Canary,
        title: "Canary in 30 seconds",
        sentence: "A few users first. Something breaks; a gate catches it.",
        still: 0.34,
    },
    Card {
        kind: StrategyKind::Shadow,
        title: "Shadow: just look",
        sentence: "The new model gets copies; nobody ever sees its answers.",
        still: 0.3,
    },
    Card {
        kind: StrategyKind::BlueGreen,
        title: "Blue-green: one switch",
        sentence: "Two full fleets and a lever, with an instant way back.",
        still: 0.3,
    },
    Card {
        kind: StrategyKind::Ab,
        title: "A/B: which is better?",
        sentence: "Users are split in two until a test can tell.",
        still: 0.9,
    },
];

/// Which picture moves, and since when.
#[derive(Default)]
pub struct Motion {
    moving: Option<(StrategyKind, f64)>,
}

impl Motion {
    /// Seconds that the picture of `kind` has been moving; `None` while it rests.
    fn secs(&mut self, kind: StrategyKind, is_wanted: bool, now: f64) -> Option<f64> {
        let since = self.moving.filter(|(moving, _)| *moving == kind).map(|(_, since)| since);
        match (since, is_wanted) {
            (None, false) => None,
            (Some(_), false) => {
                self.moving = None;
                None
            }
            (None, true) => {
                self.moving = Some((kind, now));
                Some(0.0)
            }
            (Some(since), true) => {
                let secs = now - since;
                (secs < ROUNDS * LOOP_SECS).then_some(secs)
            }
        }
    }
}

/// Draws a card; it is one big button.
pub fn card_ui(
    ui: &mut Ui,
    width: f32,
    card: &Card,
    is_still: bool,
    motion: &mut Motion,
) -> Response {
    let size = vec2(width, (width * PICTURE_SHARE).round() + TEXT_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let label = format!("{}. {}", card.title, card.sentence);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    let now = ui.input(|input| input.time);
    let is_wanted = !is_still && (response.has_focus() || response.hovered());
    let secs = motion.secs(card.kind, is_wanted, now);
    if secs.is_some() {
        ui.ctx().request_repaint_after(FRAME);
    }
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
    // From the moment that tells most, and back to it.
    let turns = secs.map_or(0.0, |secs| secs / LOOP_SECS);
    let phase = (turns + f64::from(card.still)).rem_euclid(1.0) as f32;
    picture::paint_story(&painter, picture, tokens, card.kind, phase);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_picture_moves_and_comes_to_rest() {
        let mut motion = Motion::default();
        let canary = StrategyKind::Canary;
        assert_eq!(motion.secs(canary, true, 10.0), Some(0.0));
        assert_eq!(motion.secs(StrategyKind::Ab, false, 10.0), None);
        assert_eq!(motion.secs(canary, true, 12.0), Some(2.0));
        assert_eq!(motion.secs(canary, true, 10.0 + ROUNDS * LOOP_SECS), None, "it rests");
        assert_eq!(motion.secs(canary, false, 99.0), None);
        assert_eq!(motion.secs(canary, true, 100.0), Some(0.0), "and moves again");
    }
}
