//! The Compare screen: strategies, or the runs of this session, side by side in measured numbers.

mod chart;
mod course;
#[cfg(test)]
mod fixture;
mod hindsight;
mod lineup;
mod picture;
mod table;
#[cfg(test)]
mod tests;

use egui::{Align, Layout, Margin, ScrollArea, Sense, Ui, vec2};

use self::course::Measure;
use self::lineup::{Lineup, Subject};
use crate::app::{Command, Commands, Place, State};
use crate::report::comparison::markdown;
use crate::report::oracle::Hindsight;
use crate::ui::theme::{GAP, Tokens, small, title};
use crate::ui::widgets::{button_or_reason, card, empty_state, primary_button_or_reason};

const LEAST_CHART: f32 = 190.0;

/// How the screen was left, and the table that it shows.
pub struct CompareMemory {
    subject: Subject,
    lineup: Option<Lineup>,
    /// Numbers of columns: whose difference is shown, which one is forward, and under the pointer.
    pinned: Option<usize>,
    chosen: Option<usize>,
    hovered: Option<usize>,
    /// The label of the row by which the columns are sorted.
    sorted_by: Option<String>,
    only_differing: bool,
    measure: Measure,
}

impl Default for CompareMemory {
    fn default() -> Self {
        Self {
            subject: Subject::default(),
            lineup: None,
            pinned: None,
            chosen: None,
            hovered: None,
            sorted_by: None,
            only_differing: true,
            measure: Measure::default(),
        }
    }
}

impl CompareMemory {
    /// Shows other runs: numbers of columns mean nothing any more.
    fn turn_to(&mut self, subject: Subject) {
        *self = Self {
            subject,
            only_differing: self.only_differing,
            measure: self.measure,
            ..Self::default()
        };
    }
}

/// Draws the screen.
pub fn compare_ui(ui: &mut Ui, state: &State, memory: &mut CompareMemory, commands: &mut Commands) {
    memory.hovered = None;
    memory.lineup = Lineup::follow(memory.lineup.take(), state, memory.subject);
    if let Some(lineup) = memory.lineup.take_if(|lineup| lineup.is_new) {
        memory.turn_to(memory.subject);
        memory.chosen = lineup.own;
        memory.lineup = Some(lineup);
    }
    egui::Frame::new().inner_margin(Margin::same(16)).show(ui, |ui| {
        head_ui(ui, state, memory, commands);
        ui.add_space(GAP / 2.0);
        // Taken out while it is drawn: the table changes the rest of the memory.
        match memory.lineup.take() {
            Some(lineup) => {
                tools_ui(ui, &lineup, memory, commands);
                ui.add_space(GAP / 2.0);
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    lineup_ui(ui, &lineup, memory);
                });
                memory.lineup = Some(lineup);
            }
            None => nothing_ui(ui, state, memory, commands),
        }
    });
}

/// What is compared, and the way to compare anew.
fn head_ui(ui: &mut Ui, state: &State, memory: &mut CompareMemory, commands: &mut Commands) {
    ui.horizontal(|ui| {
        ui.label(title("Compare"));
        ui.add_space(GAP);
        for (subject, text) in [(Subject::Strategies, "Strategies"), (Subject::Runs, "Runs")] {
            if ui.selectable_label(memory.subject == subject, text).clicked()
                && memory.subject != subject
            {
                memory.turn_to(subject);
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let compare = Command::CompareStrategies;
            let button = primary_button_or_reason(ui, &compare.label(), compare.can_run(state));
            if button.on_hover_text(compare.tooltip()).clicked() {
                memory.turn_to(Subject::Strategies);
                commands.push(compare);
            }
        });
    });
}

/// What can be done with the table, and with the chosen run.
fn tools_ui(ui: &mut Ui, lineup: &Lineup, memory: &mut CompareMemory, commands: &mut Commands) {
    ui.horizontal(|ui| {
        ui.checkbox(&mut memory.only_differing, "Only what differs");
        ui.add_space(GAP);
        let chosen = memory.chosen.and_then(|place| lineup.columns.get(place));
        let can = chosen.map(|_| ()).ok_or("Click the head of a column first");
        let is_pinned = memory.pinned.is_some() && memory.pinned == memory.chosen;
        let pin = if is_pinned { "Stop measuring against it" } else { "Measure against it" };
        let button = button_or_reason(ui, pin, can);
        if button.on_hover_text("Shows every figure's difference from the chosen run").clicked() {
            memory.pinned = if is_pinned { None } else { memory.chosen };
        }
        if memory.subject == Subject::Runs
            && button_or_reason(ui, "Play it", can).clicked()
            && let Some(run) = chosen.and_then(|column| column.run)
        {
            commands.push(Command::ShowRun(run));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let copy = ui.button("Copy the table");
            if copy.on_hover_text("As Markdown, for a report or a pull request").clicked() {
                ui.ctx().copy_text(markdown(&lineup.table));
            }
            let pinned = memory.pinned.and_then(|place| lineup.columns.get(place));
            let note = match pinned {
                Some(column) => format!("best of its row; differences from {}", column.title),
                None => "best of its row".to_owned(),
            };
            let tokens = Tokens::of(ui);
            ui.label(small(note).color(tokens.subdued));
            let (mark, _) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
            ui.painter().rect_filled(mark, 4.0, tokens.accent_ground);
        });
    });
}

fn lineup_ui(ui: &mut Ui, lineup: &Lineup, memory: &mut CompareMemory) {
    let whole = ui.available_height();
    let top = ui.cursor().top();
    card(ui, |ui| table::table_ui(ui, lineup, memory));
    ui.add_space(GAP);
    if lineup.hindsight != Hindsight::default() {
        card(ui, |ui| hindsight::hindsight_ui(ui, &lineup.hindsight));
        ui.add_space(GAP);
    }
    let left = whole - (ui.cursor().top() - top);
    card(ui, |ui| {
        ui.horizontal(|ui| {
            for measure in Measure::ALL {
                ui.selectable_value(&mut memory.measure, measure, measure.label());
            }
            ui.label(small(memory.measure.unit()).color(Tokens::of(ui).subdued));
        });
        let height = (left - 64.0).max(LEAST_CHART);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        chart::chart_ui(ui, rect, lineup, memory);
    });
}

/// Why there is no table yet, and the one thing to do about it.
fn nothing_ui(ui: &mut Ui, state: &State, memory: &CompareMemory, commands: &mut Commands) {
    let (sentence, action) = match memory.subject {
        Subject::Runs => (
            "Compare needs two runs. Act on one, or rehearse a changed plan.".to_owned(),
            Some(("Go to Rehearse", Command::Go(Place::Rehearse))),
        ),
        Subject::Strategies => no_strategies(state),
    };
    let label = action.as_ref().map(|(label, _)| *label);
    if empty_state(ui, &sentence, label)
        && let Some((_, command)) = action
    {
        commands.push(command);
    }
}

fn no_strategies(state: &State) -> (String, Option<(&'static str, Command)>) {
    if let Some(job) = state.comparing {
        let sentence = "Every strategy is being rehearsed on the same traffic…".to_owned();
        return (sentence, Some(("Cancel", Command::CancelJob(job))));
    }
    match state.plan.problems().len() {
        0 => (
            "The same traffic and the same seed under every strategy: what would each have cost?"
                .to_owned(),
            Some(("Compare them", Command::CompareStrategies)),
        ),
        count => {
            let problems =
                if count == 1 { "a problem".to_owned() } else { format!("{count} problems") };
            let sentence = format!("The plan has {problems}; without, strategies can be compared.");
            (sentence, Some(("Show the plan", Command::Go(Place::Plan))))
        }
    }
}
