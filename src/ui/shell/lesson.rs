//! A lesson under way: a bar above the run that says what to look at, and a ring around that. The
//! bar has room of its own, so that it never hides what it speaks of.

use egui::{
    Align, Frame, Key, Label, Layout, Margin, Modifiers, RichText, Slider, Stroke, StrokeKind, Ui,
    UiBuilder, vec2,
};

use crate::app::lesson::{Anchor, Exercise, Lesson, Part, Question, Teaching, question};
use crate::app::{Command, Commands, Place, PlaybackCommand, State};
use crate::ui::notation;
use crate::ui::rehearse::RehearsePlaces;
use crate::ui::theme::{GAP, RADIUS, Tokens, small};
use crate::ui::widgets::{Status, button_or_reason, explained, primary_button};

/// Two lines of text; every step has the same, so that nothing beneath it jumps.
const HEIGHT: f32 = 40.0;
/// So many times looser is the limit that is proposed, and the loosest on offer.
const LOOSER: f64 = 5.0;
const LOOSEST: f64 = 10.0;

/// What was chosen in the exercise.
#[derive(Default)]
pub struct LessonMemory {
    limit: Option<f64>,
}

/// Draws the bar, where there is a lesson and its run is on the screen.
pub fn bar_ui(ui: &mut Ui, state: &State, memory: &mut LessonMemory, commands: &mut Commands) {
    let Some(teaching) = state.lesson.filter(|_| state.place == Place::Rehearse) else { return };
    let Some(step) = teaching.step() else { return };
    let tokens = Tokens::of(ui);
    let gap = GAP as i8;
    let outer = Margin { left: gap, right: gap, top: gap, bottom: 0 };
    let frame = Frame::new()
        .fill(tokens.accent_ground)
        .stroke(Stroke::new(1.0, tokens.accent))
        .corner_radius(RADIUS)
        .inner_margin(Margin::symmetric(12, 8))
        .outer_margin(outer);
    frame.show(ui, |ui| {
        let (rect, _) =
            ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), egui::Sense::hover());
        let builder = UiBuilder::new().max_rect(rect).layout(Layout::right_to_left(Align::Center));
        let mut line = ui.new_child(builder);
        let ui = &mut line;
        let text = match step.part {
            Part::Read => {
                read_ui(ui, commands);
                None
            }
            Part::Exercise => {
                match exercise(state) {
                    Some(exercise) => exercise_ui(ui, exercise, memory, commands),
                    None => read_ui(ui, commands),
                }
                None
            }
            Part::Question => question_ui(ui, state, teaching, commands),
        };
        let builder = UiBuilder::new()
            .max_rect(ui.available_rect_before_wrap())
            .layout(Layout::left_to_right(Align::Center));
        let mut rest = ui.new_child(builder);
        let count = format!("{} of {}", teaching.step + 1, teaching.lesson.steps().len());
        rest.label(small(count).color(tokens.subdued));
        match text {
            Some((status, text)) => {
                rest.label(RichText::new(status.glyph()).color(status.colour(tokens)));
                rest.add(Label::new(text).wrap());
            }
            None => _ = explained(&mut rest, step.text),
        }
    });
}

/// Enter goes on, Escape (a command of its own) skips the rest. From the right end inwards.
fn read_ui(ui: &mut Ui, commands: &mut Commands) {
    skip_ui(ui, commands);
    if primary_button(ui, "Next").clicked() || takes_enter(ui) {
        commands.push(Command::NextLessonStep);
    }
}

fn skip_ui(ui: &mut Ui, commands: &mut Commands) {
    let skip = Command::SkipLesson;
    if ui.button(skip.label()).on_hover_text(skip.tooltip()).clicked() {
        commands.push(skip);
    }
}

fn takes_enter(ui: &Ui) -> bool {
    ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter))
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
    skip_ui(ui, commands);
    if primary_button(ui, "Try it").clicked() || takes_enter(ui) {
        commands.push(Command::NextLessonStep);
        commands.playback(PlaybackCommand::Seek(exercise.from));
        commands.push(Command::Intervene(exercise.with_limit(*limit)));
    }
    ui.spacing_mut().slider_width = 120.0;
    // The bar itself has the colour of a selection.
    ui.visuals_mut().selection.bg_fill = Tokens::of(ui).accent;
    let slider =
        Slider::new(limit, range).custom_formatter(move |limit, _| notation::value(metric, limit));
    let name = format!("{} at most", metric.label());
    let response = ui.add(slider);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Slider, true, &name));
    ui.label(small(name));
}

/// The choices; once one was made, whether it was right, and what to do next.
fn question_ui(
    ui: &mut Ui,
    state: &State,
    teaching: Teaching,
    commands: &mut Commands,
) -> Option<(Status, String)> {
    let run = state.shown_run()?;
    let asked = run.recording.as_ref().filter(|_| run.is_finished());
    let asked = asked.and_then(|recording| question(teaching.lesson, recording));
    let Some(asked) = asked else {
        read_ui(ui, commands);
        let text = match run.is_running() {
            true => "The run is still being simulated.",
            false => "This run has no answer to the question: nothing of the kind happened.",
        };
        return Some((Status::Neutral, text.to_owned()));
    };
    let Some(answer) = teaching.answer else {
        choices_ui(ui, &asked, commands);
        return None;
    };
    after_ui(ui, teaching.lesson, commands);
    Some(told(&asked, answer))
}

fn choices_ui(ui: &mut Ui, asked: &Question, commands: &mut Commands) {
    skip_ui(ui, commands);
    for (place, choice) in asked.choices.iter().enumerate().rev() {
        let answer = Command::AnswerLesson(place);
        if ui.button(*choice).on_hover_text(answer.tooltip()).clicked() {
            commands.push(answer);
        }
    }
}

fn told(asked: &Question, answer: usize) -> (Status, String) {
    if answer == asked.right {
        return (Status::Pass, format!("Right. {}", asked.because));
    }
    let right = asked.choices.get(asked.right).copied().unwrap_or_default();
    (Status::Warn, format!("Not quite: {}. {}", right.to_lowercase(), asked.because))
}

/// What the lesson leads to.
fn after_ui(ui: &mut Ui, lesson: Lesson, commands: &mut Commands) {
    match lesson.next() {
        Some(next) => {
            let text = format!("Next: {}", next.title());
            if primary_button(ui, &text).on_hover_text(next.about()).clicked() || takes_enter(ui) {
                commands.push(Command::SkipLesson);
                commands.push(Command::StartLesson(next));
            }
        }
        None => {
            if primary_button(ui, "Done").clicked() || takes_enter(ui) {
                commands.push(Command::SkipLesson);
            }
        }
    }
    let change = button_or_reason(ui, "Change the plan", Ok(()));
    if change.on_hover_text(lesson.to_change()).clicked() {
        commands.push(Command::SkipLesson);
        commands.push(Command::Go(Place::Plan));
    }
}

/// A ring around what the step speaks of.
pub fn ring_ui(ui: &Ui, state: &State, places: &RehearsePlaces) {
    let Some(step) = state.lesson.and_then(|teaching| teaching.step()) else { return };
    let rect = match step.anchor {
        Anchor::Diagram => places.diagram,
        Anchor::Charts => places.charts.expand(2.0),
        Anchor::Verdict => places.verdict,
        Anchor::Timeline => places.time,
    };
    let line = Stroke::new(2.0, Tokens::of(ui).accent);
    ui.painter().rect_stroke(rect, RADIUS, line, StrokeKind::Outside);
}
