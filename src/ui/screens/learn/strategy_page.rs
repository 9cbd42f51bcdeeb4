//! A strategy: what it is, what speaks for and against it, and what it did with one's own plan.

use egui::{Grid, RichText, Ui};

use super::super::story::Motion;
use super::lesson_page::picture_ui;
use super::numbers::{Number, numbers};
use super::strategy_texts::text_of;
use crate::app::{Command, Commands, Lesson, State};
use crate::domain::StrategyKind;
use crate::ui::theme::{GAP, Tokens, small, strong, verdict};
use crate::ui::widgets::{Status, button_or_reason, explained, primary_button};

/// Draws the page.
pub fn strategy_ui(
    ui: &mut Ui,
    state: &State,
    kind: StrategyKind,
    motion: &mut Motion,
    commands: &mut Commands,
) {
    let text = text_of(kind);
    ui.label(verdict(kind.label()));
    explained(ui, text.what);
    ui.add_space(GAP);
    picture_ui(ui, kind, state.settings.reduced_motion, motion);
    ui.add_space(GAP);
    play_ui(ui, kind, commands);
    ui.add_space(GAP);
    list_ui(ui, "Advantages", Status::Pass, "+", text.advantages);
    list_ui(ui, "Disadvantages", Status::Fail, "−", text.disadvantages);
    ui.label(strong("Use case"));
    explained(ui, text.use_case);
    ui.add_space(GAP);
    numbers_ui(ui, state, kind, commands);
}

fn play_ui(ui: &mut Ui, kind: StrategyKind, commands: &mut Commands) {
    ui.horizontal(|ui| {
        let (text, command) = match Lesson::of(kind).filter(|_| kind != StrategyKind::Single) {
            Some(lesson) => ("Play its lesson", Command::StartLesson(lesson)),
            None => ("Play the example", Command::StartSample(kind)),
        };
        if primary_button(ui, text).on_hover_text(command.tooltip()).clicked() {
            commands.push(command);
        }
    });
}

fn list_ui(ui: &mut Ui, heading: &str, status: Status, sign: &str, lines: &[&'static str]) {
    let tokens = Tokens::of(ui);
    ui.label(strong(heading));
    for line in lines {
        ui.horizontal_top(|ui| {
            ui.label(RichText::new(sign).color(status.colour(tokens)));
            explained(ui, *line);
        });
    }
    ui.add_space(GAP);
}

fn numbers_ui(ui: &mut Ui, state: &State, kind: StrategyKind, commands: &mut Commands) {
    let tokens = Tokens::of(ui);
    ui.label(strong("In your own numbers"));
    let lines = state.compared.as_ref().map(|all| numbers(all, kind)).unwrap_or_default();
    if lines.is_empty() {
        let note = "Compare the strategies once, and what each did with your plan stands here.";
        ui.label(RichText::new(note).color(tokens.subdued));
        let compare = Command::CompareStrategies;
        let button = button_or_reason(ui, &compare.label(), compare.can_run(state));
        if button.on_hover_text(compare.tooltip()).clicked() {
            commands.push(compare);
        }
        return;
    }
    let note = format!("{}, as last compared", state.plan.draft().name);
    ui.label(small(note).color(tokens.subdued));
    Grid::new("numbers").num_columns(3).spacing([24.0, 5.0]).striped(false).show(ui, |ui| {
        for heading in ["", kind.label(), "Best of all"] {
            ui.label(small(heading).color(tokens.subdued));
        }
        ui.end_row();
        for line in &lines {
            number_ui(ui, line);
        }
    });
}

fn number_ui(ui: &mut Ui, line: &Number) {
    let tokens = Tokens::of(ui);
    ui.label(RichText::new(&line.label).color(tokens.subdued));
    if line.is_best {
        ui.label(RichText::new(Status::Pass.text(&line.value)).color(tokens.pass));
    } else {
        ui.label(&line.value);
    }
    ui.label(RichText::new(&line.best).color(tokens.subdued));
    ui.end_row();
}
