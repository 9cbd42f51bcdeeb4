//! The timeline with a lane of comments beneath.

use egui::{Align2, FontId, Rangef, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::comments::time_of;
use super::{Draft, ReviewMemory, Tab, View};
use crate::app::{Commands, PlaybackCommand};
use crate::domain::About;
use crate::ui::notation;
use crate::ui::rehearse::time_axis::TimeAxis;
use crate::ui::rehearse::timeline;
use crate::ui::theme::{CARD_MARGIN, Tokens};
use crate::ui::widgets::{Line, paint_line};

const LANE: f32 = 20.0;
const BUTTON: f32 = 28.0;
pub(super) const HEIGHT: f32 = timeline::HEIGHT + LANE + BUTTON + 2.0 * CARD_MARGIN as f32 + 6.0;

pub(super) fn lanes_ui(
    ui: &mut Ui,
    view: &View<'_>,
    memory: &mut ReviewMemory,
    commands: &mut Commands,
) {
    let rect = ui.max_rect();
    let playback = &view.state.playback;
    let upper = rect.with_max_y(rect.top() + timeline::HEIGHT);
    let flags = timeline::Flags { notes: &[], forks: &[] };
    timeline::timeline_ui(ui, upper, view.recording, &memory.spans, playback, flags, commands);
    let lane = upper.with_min_y(upper.bottom()).with_max_y(upper.bottom() + LANE);
    marks_ui(ui, lane, view, memory, commands);
    let below = rect.with_min_y(lane.bottom() + 4.0);
    let mut row = ui.new_child(egui::UiBuilder::new().max_rect(below));
    row.horizontal(|ui| {
        let (from, to) = playback.loop_range().unwrap_or((playback.now(), playback.now()));
        let about = About::Time { from, to };
        let label = format!("Comment on {}", about.label());
        let tip = "Drag on the ruler to choose a stretch of time";
        if ui.button(label).on_hover_text(tip).clicked() {
            memory.draft = Draft { about, answers: None, ..memory.draft.clone() };
            memory.wants_comment = true;
            memory.tab = Tab::Comments;
        }
    });
}

/// Comments about a time, a metric or a stage as bars, where that is on the time axis; a click moves
/// the cursor.
fn marks_ui(
    ui: &mut Ui,
    lane: egui::Rect,
    view: &View<'_>,
    memory: &ReviewMemory,
    commands: &mut Commands,
) {
    let tokens = Tokens::of(ui);
    let end = view.state.playback.end();
    let stretch = Rangef::new(lane.left() + timeline::NAMES_WIDTH, lane.right() - 8.0);
    let axis = TimeAxis::new(stretch, end);
    let name = Line {
        font: FontId::proportional(11.0),
        colour: tokens.subdued,
        align: Align2::LEFT_CENTER,
    };
    let y = lane.center().y;
    paint_line(ui.painter(), pos2(lane.left(), y), "Review", &name, timeline::NAMES_WIDTH);
    let Some(shown) = view.state.review.of(view.run) else { return };
    for comment in &shown.reviewed.review.comments {
        let Some((from, to)) = time_of(&comment.about, view, memory) else { continue };
        let x = Rangef::new(axis.x_of(from) - 3.0, axis.x_of(to).max(axis.x_of(from)) + 3.0);
        let bar = egui::Rect::from_x_y_ranges(x, Rangef::point(y).expand(6.0));
        let id = ui.scope_id().with(("comment", comment.number));
        let response = ui.interact(bar.expand2(vec2(2.0, 3.0)), id, Sense::click());
        let label = format!("Comment {} at {}", comment.number, notation::time(from));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
        let colour = if comment.resolved.is_some() { tokens.faint } else { tokens.accent };
        ui.painter().rect(
            bar,
            3.0,
            tokens.accent_ground,
            Stroke::new(1.3, colour),
            egui::StrokeKind::Inside,
        );
        if response.clicked() {
            commands.playback(PlaybackCommand::Seek(from));
        }
        response.on_hover_text(format!("{}: {}", comment.author, comment.text));
    }
}
