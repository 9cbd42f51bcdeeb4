//! The stages in a row: what has passed, where the run is, what waits.

use egui::{
    Align2, Color32, FontId, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::stages::{Checks, Decided, StageSpan, StageState, current, state};
use crate::app::{Commands, PlaybackCommand};
use crate::domain::{ArmId, Recording, SimTime, StrategyKind, Window};
use crate::ui::theme::{SMALL_RADIUS, Tokens, mix};
use crate::ui::widgets::{Line, paint_line};

pub const HEIGHT: f32 = 42.0;
const GAP: f32 = 4.0;

/// Draws the strip into `rect`; a click on a stage that has begun moves the cursor to its start.
pub fn stage_strip_ui(
    ui: &mut Ui,
    rect: Rect,
    recording: &Recording,
    spans: &[StageSpan],
    now: SimTime,
    commands: &mut Commands,
) {
    let decided = Decided::until(recording, now);
    let count = recording.stages.len().max(1) as f32;
    let width = (rect.width() - GAP * (count - 1.0)) / count;
    for (stage, name) in recording.stages.iter().enumerate() {
        let left = rect.left() + stage as f32 * (width + GAP);
        let place = Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()));
        let state = state(spans, stage, now, decided);
        let begun = spans.iter().find(|span| span.stage == stage);
        let note = note(recording, spans, stage, state, now);
        let id = ui.scope_id().with(("stage", stage));
        let sense = if begun.is_some() { Sense::click() } else { Sense::hover() };
        let response = ui.interact(place, id, sense);
        let label = format!("Stage {name}: {note}");
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
        let tokens = Tokens::of(ui);
        let colour = begun.map_or(tokens.track, |span| stage_colour(tokens, recording, span));
        paint(ui, place, name, &note, state, colour);
        if state == StageState::Current {
            paint_progress(ui, place, spans, now);
        }
        if let (true, Some(span)) = (response.clicked(), begun) {
            commands.playback(PlaybackCommand::Seek(span.start));
        }
        response.on_hover_text(label);
    }
    ui.advance_cursor_after_rect(rect);
}

fn last_window<'a>(recording: &'a Recording, span: &StageSpan) -> Option<&'a Window> {
    let ended = recording.windows.partition_point(|window| window.end <= span.end);
    recording.windows.get(ended.checked_sub(1)?)
}

/// The candidates' requested share in a stage.
pub fn candidate_share(recording: &Recording, span: &StageSpan) -> f64 {
    let arms = last_window(recording, span).map_or(&[][..], |window| &window.arms);
    arms.iter().skip(1).map(|arm| arm.requested).sum()
}

/// The colour of the arm that a stage is about; an experiment is about all of them.
pub fn stage_colour(tokens: &Tokens, recording: &Recording, span: &StageSpan) -> Color32 {
    if recording.strategy == StrategyKind::Ab {
        return tokens.accent;
    }
    let arms = last_window(recording, span).map_or(&[][..], |window| &window.arms);
    let takes_part = arms.iter().skip(1).any(|arm| arm.requested > 0.0 || arm.mirrored > 0);
    tokens.arm(if takes_part { ArmId::CANDIDATE } else { ArmId::BASELINE })
}

fn note(
    recording: &Recording,
    spans: &[StageSpan],
    stage: usize,
    state: StageState,
    now: SimTime,
) -> String {
    let span = match state {
        StageState::Current => current(spans, now),
        _ => spans.iter().find(|span| span.stage == stage).copied(),
    };
    let Some(span) = span.filter(|span| span.start <= now) else { return state.label().to_owned() };
    let seen = Checks::between(recording, span.start, now.min(span.end));
    let checks = seen.sentence();
    match state {
        StageState::Current if !checks.is_empty() => checks,
        _ => state.label().to_owned(),
    }
}

fn paint(ui: &Ui, place: Rect, name: &str, note: &str, state: StageState, colour: Color32) {
    let tokens = Tokens::of(ui);
    let painter = ui.painter();
    let glyph = match state {
        StageState::Passed => "✓ ",
        StageState::Stopped => "✗ ",
        StageState::Current => "→ ",
        StageState::Waiting | StageState::NotReached => "",
    };
    let font = FontId::proportional(11.0);
    let colour_of_note = if state == StageState::Stopped { tokens.fail } else { tokens.subdued };
    let line = Line { font, colour: colour_of_note, align: Align2::LEFT_TOP };
    paint_line(
        painter,
        place.left_top() + vec2(2.0, 0.0),
        &format!("{glyph}{note}"),
        &line,
        place.width() - 8.0,
    );
    let bar = bar(place);
    let (fill, text) = match state {
        StageState::Passed | StageState::Stopped => (mix(tokens.card, colour, 0.28), tokens.text),
        StageState::Current => (mix(tokens.card, colour, 0.5), tokens.text),
        StageState::Waiting | StageState::NotReached => (tokens.track, tokens.subdued),
    };
    painter.rect_filled(bar, SMALL_RADIUS, fill);
    if state == StageState::Current {
        let edge = Stroke::new(1.5, mix(tokens.card, colour, 0.9));
        painter.rect_stroke(bar, SMALL_RADIUS, edge, StrokeKind::Inside);
    }
    let font = FontId::proportional(11.5);
    let line = Line { font, colour: text, align: Align2::CENTER_CENTER };
    paint_line(painter, bar.center(), name, &line, bar.width() - 10.0);
}

fn bar(place: Rect) -> Rect {
    place.with_min_y(place.top() + 17.0)
}

/// A line across the current stage, as far in as its time has gone.
fn paint_progress(ui: &Ui, place: Rect, spans: &[StageSpan], now: SimTime) {
    let Some(span) = current(spans, now) else { return };
    let whole = span.end.since(span.start).as_secs_f64().max(1e-9);
    let share = (now.since(span.start).as_secs_f64() / whole).min(1.0) as f32;
    let bar = bar(place);
    let x = egui::lerp(bar.x_range(), share).round();
    let line = Stroke::new(2.0, Tokens::of(ui).cursor);
    ui.painter().line_segment([pos2(x, bar.top() - 2.0), pos2(x, bar.bottom() + 2.0)], line);
}
