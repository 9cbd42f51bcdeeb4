//! The bubbles of the first lesson.

use egui::{
    Align2, Area, Id, Key, Label, Modifiers, Order, Pos2, Rect, Shape, Slider, Stroke, Ui, pos2,
    vec2,
};

use crate::app::lesson::{Anchor, Exercise, STEPS};
use crate::app::{Command, Commands, PlaybackCommand, State};
use crate::ui::rehearse::RehearsePlaces;
use crate::ui::theme::{Tokens, small};
use crate::ui::widgets::{card_frame, primary_button};

const WIDTH: f32 = 280.0;
const TIP: f32 = 9.0;
/// So many times looser is the limit that is proposed, and the loosest on offer.
const LOOSER: f64 = 5.0;
const LOOSEST: f64 = 10.0;

/// What was chosen in the last step.
#[derive(Default)]
pub struct LessonMemory {
    limit: Option<f64>,
}

/// Where a bubble's tip is and which corner of it lies there.
fn place(anchor: Anchor, places: &RehearsePlaces) -> (Pos2, Align2) {
    match anchor {
        Anchor::Router => {
            // The router stands left of the middle.
            let x = egui::lerp(places.diagram.x_range(), 0.34);
            let at = pos2(x, places.diagram.bottom() - 18.0);
            (at, Align2::CENTER_TOP)
        }
        Anchor::Charts => {
            // Beside the arms, which stay visible.
            let x = egui::lerp(places.charts.x_range(), 0.84);
            (pos2(x, places.charts.top() + 14.0), Align2::CENTER_BOTTOM)
        }
        Anchor::Verdict if places.is_folded => {
            let at = pos2(places.verdict.left() + 120.0, places.verdict.bottom() - 4.0);
            (at, Align2::CENTER_TOP)
        }
        Anchor::Verdict => {
            (pos2(places.verdict.left() + 6.0, places.verdict.top() + 60.0), Align2::RIGHT_TOP)
        }
    }
}

/// Draws the bubble of the lesson's step; Enter goes on, Escape skips the rest.
pub fn bubble_ui(
    ui: &Ui,
    state: &State,
    places: &RehearsePlaces,
    memory: &mut LessonMemory,
    commands: &mut Commands,
) {
    let Some(step) = state.lesson else { return };
    let Some(lesson) = STEPS.get(step) else { return };
    let tokens = Tokens::of(ui);
    let (tip, align) = place(lesson.anchor, places);
    let away = match align {
        Align2::CENTER_TOP => vec2(0.0, TIP),
        Align2::CENTER_BOTTOM => vec2(0.0, -TIP),
        _ => vec2(-TIP, -40.0),
    };
    let area = Area::new(Id::unique("lesson")).order(Order::Foreground).pivot(align);
    let bubble = area.fixed_pos(tip + away).show(ui.ctx(), |ui| {
        let frame = card_frame(tokens)
            .fill(tokens.accent_ground)
            .stroke(Stroke::new(1.0, tokens.accent))
            .shadow(ui.visuals().popup_shadow);
        frame.show(ui, |ui| {
            ui.set_width(WIDTH);
            let count = format!("{} of {}", step + 1, STEPS.len());
            ui.label(small(count).color(tokens.subdued));
            ui.add(Label::new(lesson.text).wrap());
            ui.add_space(2.0);
            match exercise(state).filter(|_| step + 1 == STEPS.len()) {
                Some(exercise) => exercise_ui(ui, exercise, memory, commands),
                None => next_ui(ui, step, commands),
            }
        });
    });
    tip_ui(ui, tip, bubble.response.rect);
}

fn next_ui(ui: &mut Ui, step: usize, commands: &mut Commands) {
    ui.horizontal(|ui| {
        let next = if step + 1 == STEPS.len() { "Done" } else { "Next" };
        let enter = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
        if primary_button(ui, next).clicked() || enter {
            commands.push(Command::NextLessonStep);
        }
        skip_ui(ui, commands);
    });
}

fn skip_ui(ui: &mut Ui, commands: &mut Commands) {
    let skip = Command::SkipLesson;
    if ui.button(skip.label()).on_hover_text(skip.tooltip()).clicked() {
        commands.push(skip);
    }
}

fn exercise(state: &State) -> Option<Exercise> {
    let run = state.shown_run().filter(|run| run.is_finished())?;
    Exercise::new(&run.plan, run.recording.as_ref()?)
}

/// The limit as a slider, and a second run with it.
fn exercise_ui(
    ui: &mut Ui,
    exercise: Exercise,
    memory: &mut LessonMemory,
    commands: &mut Commands,
) {
    let limit = memory.limit.get_or_insert(exercise.limit * LOOSER);
    let range = exercise.limit..=exercise.limit * LOOSEST;
    let metric = exercise.metric;
    ui.label(format!("{} at most", metric.label()));
    let slider = Slider::new(limit, range).custom_formatter(move |limit, _| metric.format(limit));
    ui.spacing_mut().slider_width = 180.0;
    // The bubble itself has the colour of a selection.
    ui.visuals_mut().selection.bg_fill = Tokens::of(ui).accent;
    ui.add(slider);
    let limit = *limit;
    ui.horizontal(|ui| {
        let enter = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
        if primary_button(ui, "Try it").clicked() || enter {
            commands.push(Command::NextLessonStep);
            commands.playback(PlaybackCommand::Seek(exercise.from));
            commands.push(Command::Intervene(exercise.with_limit(limit)));
        }
        skip_ui(ui, commands);
    });
}

/// The bubble's tip, from the side of `bubble` that is next to it.
fn tip_ui(ui: &Ui, tip: Pos2, bubble: Rect) {
    let tokens = Tokens::of(ui);
    let base = bubble.clamp(tip);
    let side = (tip - base).normalized().rot90() * (TIP * 0.8);
    let layer = egui::LayerId::new(Order::Foreground, Id::unique("lesson tip"));
    let painter = ui.ctx().layer_painter(layer);
    let points = vec![base + side, tip, base - side];
    painter.add(Shape::convex_polygon(points, tokens.accent, Stroke::NONE));
}
