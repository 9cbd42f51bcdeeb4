//! The timeline: a ruler, three lanes (stages, gates, events) and the cursor.

use egui::{
    Align2, CursorIcon, FontId, Id, Painter, Pos2, Rangef, Rect, Response, Role, Sense, Shape,
    Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::moment;
use super::stage_strip::{candidate_share, stage_colour};
use super::stages::{StageSpan, current};
use super::time_axis::{self, TimeAxis};
use super::traffic::percent;
use crate::app::is_notable;
use crate::app::{Command, Commands, Note, Playback, PlaybackCommand};
use crate::domain::{ArmId, Event, EventKind, Recording, SimTime, Verdict};
use crate::ui::notation;
use crate::ui::theme::{Tokens, mix, small, strong};
use crate::ui::widgets::paint_cross;
use crate::ui::widgets::{Line, paint_line};

const LANE: f32 = 18.0;
pub const NAMES_WIDTH: f32 = 52.0;
/// The ruler and three lanes.
pub const HEIGHT: f32 = 4.0 * LANE + 4.0;
/// Marks nearer to the pointer than this are told about.
const NEAR: f32 = 5.0;

/// What stands on the ruler besides its ticks.
#[derive(Clone, Copy)]
pub struct Flags<'a> {
    pub notes: &'a [Note],
    /// Where other runs leave this one, or it left them, and their places among the runs.
    pub forks: &'a [(SimTime, usize)],
}

/// Draws the timeline into `rect`. A click or drag in the lanes moves the cursor, a drag on the
/// ruler sets the range to repeat.
pub fn timeline_ui(
    ui: &mut Ui,
    rect: Rect,
    recording: &Recording,
    spans: &[StageSpan],
    playback: &Playback,
    flags: Flags<'_>,
    commands: &mut Commands,
) {
    let stretch = Rangef::new(rect.left() + NAMES_WIDTH, rect.right() - 8.0);
    let axis = TimeAxis::new(stretch, playback.end());
    let sketch =
        Sketch { painter: ui.painter(), tokens: Tokens::of(ui), rect, axis, recording, playback };
    sketch.ruler();
    sketch.stages(spans);
    sketch.gates();
    sketch.events();
    sketch.flags(flags);
    sketch.cursor();
    let ruler = rect.with_max_y(rect.top() + LANE);
    let lanes = rect.with_min_y(rect.top() + LANE);
    let id = ui.scope_id().with("timeline");
    let on_ruler = ui.interact(ruler, id.with("ruler"), Sense::click_and_drag());
    on_ruler.widget_info(|| WidgetInfo::labeled(Role::Slider, true, "Range to repeat"));
    let on_lanes = ui.interact(lanes, id.with("lanes"), Sense::click_and_drag());
    let label =
        format!("Time {} of {}", notation::time(playback.now()), notation::time(playback.end()));
    on_lanes.widget_info(|| WidgetInfo::slider(true, playback.now().as_secs_f64(), &label));
    if let Some(pointer) = on_lanes.interact_pointer_pos()
        && (on_lanes.clicked() || on_lanes.dragged())
    {
        commands.playback(PlaybackCommand::Seek(axis.time_at(pointer.x)));
    }
    select_range(ui, &on_ruler, id, &axis, commands);
    fork_buttons(ui, id, &axis, rect, flags, commands);
    if let Some(pointer) = on_lanes.hover_pos() {
        on_lanes.on_hover_ui_at_pointer(|ui| hover_ui(ui, recording, spans, &axis, pointer));
    }
    on_ruler.on_hover_cursor(CursorIcon::ResizeHorizontal).on_hover_text(
        "Drag to repeat a range; click to move the cursor, double-click to stop repeating",
    );
    ui.advance_cursor_after_rect(rect);
}

/// A click on a branch shows the run that goes on there.
fn fork_buttons(
    ui: &Ui,
    id: Id,
    axis: &TimeAxis,
    rect: Rect,
    flags: Flags<'_>,
    commands: &mut Commands,
) {
    for (at, run) in flags.forks {
        let place = pos2(axis.x_of(*at), rect.top() + LANE / 2.0);
        let area = Rect::from_center_size(place, vec2(16.0, LANE));
        let show = Command::ShowRun(*run);
        let label = format!("{}, which branches off at {}", show.label(), notation::time(*at));
        let branch = ui.interact(area, id.with(("fork", run)), Sense::click());
        branch.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
        if branch.on_hover_text(label.as_str()).clicked() {
            commands.push(show);
        }
    }
}

fn select_range(ui: &Ui, ruler: &Response, id: Id, axis: &TimeAxis, commands: &mut Commands) {
    let Some(pointer) = ruler.interact_pointer_pos() else { return };
    let at = axis.time_at(pointer.x);
    if ruler.drag_started() {
        let from = ui.input(|input| input.pointer.press_origin()).unwrap_or(pointer);
        ui.data_mut(|data| data.insert_temp(id, axis.time_at(from.x)));
    }
    if ruler.double_clicked() {
        commands.playback(PlaybackCommand::Loop(None));
    } else if ruler.clicked() {
        commands.playback(PlaybackCommand::Seek(at));
    } else if ruler.dragged()
        && let Some(from) = ui.data(|data| data.get_temp::<SimTime>(id))
    {
        commands.playback(PlaybackCommand::Loop(Some((from, at))));
    }
}

/// Time, stage, shares, and the events near the pointer.
fn hover_ui(
    ui: &mut Ui,
    recording: &Recording,
    spans: &[StageSpan],
    axis: &TimeAxis,
    pointer: Pos2,
) {
    let at = axis.time_at(pointer.x);
    let stage = current(spans, at).and_then(|span| recording.stages.get(span.stage));
    ui.label(strong(match stage {
        Some(stage) => format!("{}  {stage}", notation::time(at)),
        None => notation::time(at),
    }));
    if at > recording.end() {
        ui.label("not simulated yet");
        return;
    }
    if let Some(window) = moment::recent(recording, moment::reached(recording, at)) {
        let all = window.arrivals().max(1) as f64;
        let share = |(place, arm): (usize, &crate::domain::ArmWindow)| {
            format!("{} {}", ArmId::new(place), percent(arm.arrivals as f64 / all))
        };
        let shares: Vec<String> = window.arms.iter().enumerate().map(share).collect();
        ui.label(shares.join("   "));
    }
    let near = |event: &&Event| (axis.x_of(event.at) - pointer.x).abs() <= NEAR;
    for event in recording.events.iter().filter(near).take(6) {
        let text = event.kind.sentence(&recording.arms, &recording.gates, &recording.stages);
        ui.label(small(text));
    }
}

struct Sketch<'a> {
    painter: &'a Painter,
    tokens: &'a Tokens,
    rect: Rect,
    axis: TimeAxis,
    recording: &'a Recording,
    playback: &'a Playback,
}

impl Sketch<'_> {
    /// The middle of a lane; the ruler is lane 0.
    fn lane(&self, lane: usize) -> f32 {
        self.rect.top() + LANE * (lane as f32 + 0.5) + if lane > 0 { 2.0 } else { 0.0 }
    }

    fn name(&self, lane: usize, name: &str) {
        let font = FontId::proportional(11.0);
        let line = Line { font, colour: self.tokens.subdued, align: Align2::LEFT_CENTER };
        paint_line(self.painter, pos2(self.rect.left(), self.lane(lane)), name, &line, NAMES_WIDTH);
    }

    fn ruler(&self) {
        let tokens = self.tokens;
        let most = (self.axis.x.span() / 90.0) as usize;
        let step = time_axis::step(self.axis.end, most);
        let bottom = self.rect.top() + LANE;
        if let Some((from, to)) = self.playback.loop_range() {
            let x = Rangef::new(self.axis.x_of(from), self.axis.x_of(to));
            let range = Rect::from_x_y_ranges(x, Rangef::new(self.rect.top() + 1.0, bottom));
            self.painter.rect_filled(range, 3.0, tokens.accent_ground);
        }
        for at in time_axis::ticks(self.axis.end, most) {
            let x = self.axis.x_of(at).round();
            let tick = [pos2(x, bottom - 4.0), pos2(x, bottom)];
            self.painter.line_segment(tick, Stroke::new(1.0, tokens.faint));
            let text = time_axis::tick_label(at, self.axis.end, step);
            let font = FontId::proportional(10.5);
            // The last label must not run out of the timeline.
            let is_last = x > self.axis.x.max - 30.0;
            let (align, shift) =
                if is_last { (Align2::RIGHT_CENTER, 0.0) } else { (Align2::LEFT_CENTER, 3.0) };
            let place = pos2(x + shift, self.lane(0) - 3.0);
            let line = Line { font, colour: tokens.subdued, align };
            paint_line(self.painter, place, &text, &line, 90.0);
        }
    }

    /// Solid until the cursor, lighter behind it, and a thin track where nothing is simulated yet.
    fn stages(&self, spans: &[StageSpan]) {
        self.name(1, "Stages");
        let (tokens, y) = (self.tokens, self.lane(1));
        let track = Rect::from_x_y_ranges(self.axis.x, Rangef::point(y).expand(3.0));
        self.painter.rect_filled(track, 2.0, tokens.track);
        for span in spans {
            let colour = stage_colour(tokens, self.recording, span);
            let depth = 0.35 + 0.4 * candidate_share(self.recording, span) as f32;
            let now = self.playback.now().clamp(span.start, span.end);
            for (from, to, strength) in [(span.start, now, depth), (now, span.end, depth * 0.45)] {
                let x = Rangef::new(self.axis.x_of(from), self.axis.x_of(to));
                if x.span() > 0.0 {
                    let bar = Rect::from_x_y_ranges(x, Rangef::point(y).expand(7.0));
                    self.painter.rect_filled(bar, 2.0, mix(tokens.card, colour, strength));
                }
            }
            let x = Rangef::new(self.axis.x_of(span.start), self.axis.x_of(span.end));
            let edge = [pos2(x.min, y - 7.0), pos2(x.min, y + 7.0)];
            self.painter.line_segment(edge, Stroke::new(1.0, tokens.card));
            if let Some(name) = self.recording.stages.get(span.stage).filter(|_| x.span() > 34.0) {
                let font = FontId::proportional(10.5);
                let line = Line { font, colour: tokens.text, align: Align2::LEFT_CENTER };
                paint_line(self.painter, pos2(x.min + 5.0, y), name, &line, x.span() - 8.0);
            }
        }
    }

    /// A flag for each note, and a branch where another run goes its own way.
    fn flags(&self, flags: Flags<'_>) {
        let (top, colour) = (self.rect.top(), self.tokens.accent);
        for note in flags.notes {
            let x = self.axis.x_of(note.at);
            let pole = [pos2(x, top), pos2(x, top + LANE)];
            self.painter.line_segment(pole, Stroke::new(1.2, colour));
            let cloth = vec![pos2(x, top), pos2(x + 8.0, top + 3.5), pos2(x, top + 7.0)];
            self.painter.add(Shape::convex_polygon(cloth, colour, Stroke::NONE));
        }
        for (at, _) in flags.forks {
            let at = pos2(self.axis.x_of(*at), top + LANE - 3.0);
            let line = Stroke::new(1.6, self.tokens.text);
            self.painter.line_segment([at, at - vec2(0.0, 11.0)], line);
            self.painter.line(vec![at, at + vec2(5.0, -5.0), at + vec2(5.0, -10.0)], line);
            for end in [vec2(0.0, -12.0), vec2(5.0, -11.0)] {
                self.painter.circle_filled(at + end, 2.2, line.color);
            }
        }
    }

    fn gates(&self) {
        self.name(2, "Gates");
        let y = self.lane(2);
        let mut last_tick = f32::NEG_INFINITY;
        for event in &self.recording.events {
            let EventKind::Measured(measured) = &event.kind else { continue };
            let place = pos2(self.axis.x_of(event.at), y);
            let strength = self.strength(event.at);
            let tokens = self.tokens;
            let colour = |colour| mix(tokens.card, colour, strength);
            match measured.verdict {
                Verdict::Fail => {
                    paint_cross(self.painter, place, 4.0, Stroke::new(2.0, colour(tokens.fail)));
                }
                Verdict::Inconclusive | Verdict::Error => {
                    let line = Stroke::new(1.5, colour(tokens.warn));
                    self.painter.circle_stroke(place, 3.5, line);
                }
                // Hundreds of passed checks become a comb, not a smear.
                _ if place.x - last_tick < 3.0 => {}
                verdict => {
                    let is_pass = verdict == Verdict::Pass;
                    let line =
                        Stroke::new(1.5, colour(if is_pass { tokens.pass } else { tokens.faint }));
                    let half = vec2(0.0, if is_pass { 5.0 } else { 2.0 });
                    self.painter.line_segment([place - half, place + half], line);
                    last_tick = place.x;
                }
            }
        }
    }

    fn events(&self) {
        self.name(3, "Events");
        let y = self.lane(3);
        self.faults(y);
        let notable = |event: &&Event| {
            is_notable(&event.kind)
                && !matches!(
                    event.kind,
                    EventKind::Stage(_) | EventKind::Measured(_) | EventKind::FaultEnded(_)
                )
        };
        let mut marks: Vec<(&Event, f32)> = Vec::new();
        for event in self.recording.events.iter().filter(notable) {
            marks.push((event, self.axis.x_of(event.at)));
        }
        for (place, (event, x)) in marks.iter().enumerate() {
            let next = marks.get(place + 1).map_or(self.axis.x.max, |(_, x)| *x);
            self.mark(event, pos2(*x, y));
            self.label(event, *x, next, y);
        }
    }

    /// A bar beneath the marks from each fault's beginning to its end.
    fn faults(&self, y: f32) {
        let events = &self.recording.events;
        for (place, event) in events.iter().enumerate() {
            let EventKind::FaultBegan(what) = &event.kind else { continue };
            let is_end =
                |later: &&Event| matches!(&later.kind, EventKind::FaultEnded(w) if w == what);
            let end = events.iter().skip(place).find(is_end).map_or(self.recording.end(), |e| e.at);
            let x = Rangef::new(self.axis.x_of(event.at), self.axis.x_of(end));
            let bar = Rect::from_x_y_ranges(x, Rangef::new(y + 6.0, y + 8.5));
            let colour = mix(self.tokens.card, self.tokens.fail, 0.55 * self.strength(event.at));
            self.painter.rect_filled(bar, 1.0, colour);
        }
    }

    fn mark(&self, event: &Event, place: Pos2) {
        let tokens = self.tokens;
        let colour = match event.kind {
            EventKind::FaultBegan(_) | EventKind::Cut { .. } => tokens.fail,
            EventKind::Aborted { .. } | EventKind::RolledBack { .. } => tokens.fail,
            EventKind::Paused(_) => tokens.warn,
            EventKind::Promoted { .. } => tokens.pass,
            EventKind::Intervened(_) => tokens.accent,
            _ => tokens.subdued,
        };
        let fill = mix(tokens.card, colour, self.strength(event.at));
        let corners = [vec2(0.0, -5.5), vec2(5.5, 0.0), vec2(0.0, 5.5), vec2(-5.5, 0.0)];
        let corners = corners.map(|corner| place + corner).to_vec();
        let edge = Stroke::new(1.0, tokens.card);
        self.painter.add(Shape::convex_polygon(corners, fill, edge));
    }

    /// A word or two beside the mark, where they fit before the next one.
    fn label(&self, event: &Event, x: f32, next: f32, y: f32) {
        let room = next - x - 18.0;
        if room < 30.0 {
            return;
        }
        let text = event.kind.sentence(
            &self.recording.arms,
            &self.recording.gates,
            &self.recording.stages,
        );
        let font = FontId::proportional(10.5);
        let colour = mix(self.tokens.card, self.tokens.text, 0.8 * self.strength(event.at));
        let line = Line { font, colour, align: Align2::LEFT_CENTER };
        paint_line(self.painter, pos2(x + 9.0, y), &text, &line, room.min(180.0));
    }

    /// What lies ahead of the cursor is faint.
    fn strength(&self, at: SimTime) -> f32 {
        if at <= self.playback.now() { 1.0 } else { 0.4 }
    }

    fn cursor(&self) {
        let x = self.axis.x_of(self.playback.now()).round();
        let colour = self.tokens.cursor;
        let top = self.rect.top() + LANE - 1.0;
        let line = [pos2(x, top), pos2(x, self.rect.bottom())];
        self.painter.line_segment(line, Stroke::new(2.0, colour));
        let head = vec![pos2(x - 4.5, top - 5.0), pos2(x + 4.5, top - 5.0), pos2(x, top + 1.0)];
        self.painter.add(Shape::convex_polygon(head, colour, Stroke::NONE));
    }
}
