//! The Odds screen: what becomes of good and bad candidates when the plan is run many times.

mod curve;
mod table;
#[cfg(test)]
mod tests;

use egui::{Align, Layout, Margin, ScrollArea, Sense, Ui, vec2};

use self::curve::{Curve, curve_ui};
use crate::app::{Command, Commands, OddsState, Place, State};
use crate::domain::{Ladder, StrategyKind};
use crate::report::odds::{markdown, sentences, tells_gates_apart};
use crate::stats::odds::Odds;
use crate::ui::theme::{GAP, Tokens, small, title};
use crate::ui::widgets::{
    button_or_reason, card, empty_state, explained, primary_button_or_reason,
};

const CURVE_HEIGHT: f32 = 210.0;

/// How the screen was left.
#[derive(Default)]
pub struct OddsMemory {
    /// The strategy that is brought forward; the plan's own if none was chosen.
    chosen: Option<StrategyKind>,
}

impl OddsMemory {
    fn forward(&self, state: &OddsState) -> Option<StrategyKind> {
        let is_known = |kind: &StrategyKind| state.known.iter().any(|(known, _)| known == kind);
        let first = state.known.first().map(|(kind, _)| *kind);
        let own = state.plan.as_ref().map(|plan| plan.strategy.kind());
        self.chosen.filter(is_known).or(own.filter(is_known)).or(first)
    }
}

/// Draws the screen.
pub fn odds_ui(ui: &mut Ui, state: &State, memory: &mut OddsMemory, commands: &mut Commands) {
    egui::Frame::new().inner_margin(Margin::same(16)).show(ui, |ui| {
        head_ui(ui, state, commands);
        ui.add_space(GAP / 2.0);
        let known = &state.odds.known;
        let forward = memory.forward(&state.odds);
        let odds = known.iter().find(|(kind, _)| Some(*kind) == forward).map(|(_, odds)| odds);
        match odds {
            Some(odds) => {
                choice_ui(ui, state, odds, memory);
                ui.add_space(GAP / 2.0);
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    known_ui(ui, state, odds, memory);
                });
            }
            None => nothing_ui(ui, state, commands),
        }
    });
}

/// The ways to ask.
fn head_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    ui.horizontal(|ui| {
        ui.label(title("Odds"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some(job) = state.odds.asking {
                if ui.button("Cancel").clicked() {
                    commands.push(Command::CancelJob(job));
                }
                return;
            }
            let ask = Command::AskOdds(false);
            let button = primary_button_or_reason(ui, &ask.label(), ask.can_run(state));
            if button.on_hover_text(ask.tooltip()).clicked() {
                commands.push(ask);
            }
            let all = Command::AskOdds(true);
            let button = button_or_reason(ui, &all.label(), all.can_run(state));
            if button.on_hover_text(all.tooltip()).clicked() {
                commands.push(all);
            }
        });
    });
}

/// Which strategy is brought forward, and how sharp the picture is.
fn choice_ui(ui: &mut Ui, state: &State, odds: &Odds, memory: &mut OddsMemory) {
    ui.horizontal(|ui| {
        let forward = memory.forward(&state.odds);
        for (kind, _) in &state.odds.known {
            if ui.selectable_label(Some(*kind) == forward, kind.label()).clicked() {
                memory.chosen = Some(*kind);
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let copy = ui.button("Copy the table");
            if copy.on_hover_text("As Markdown, for a report or a pull request").clicked()
                && let Some(plan) = &state.odds.plan
            {
                ui.ctx().copy_text(markdown(plan, odds));
            }
            let sharp = format!(
                "{} of {} runs each, shares ± {:.0} points",
                odds.runs,
                OddsState::RUNS,
                odds.half_width() * 100.0
            );
            ui.label(small(sharp).color(Tokens::of(ui).subdued));
        });
    });
}

fn known_ui(ui: &mut Ui, state: &State, odds: &Odds, memory: &OddsMemory) {
    let ladders: Vec<Ladder> =
        Ladder::ALL.into_iter().filter(|ladder| !odds.rungs_of(*ladder).is_empty()).collect();
    card(ui, |ui| {
        let text = "Share of the runs in which the candidate was not shipped, the worse it is";
        ui.label(small(text).color(Tokens::of(ui).subdued));
        ui.add_space(2.0);
        let gap = ui.spacing().item_spacing.x;
        let count = ladders.len().max(1) as f32;
        let width = (ui.available_width() - gap * (count - 1.0)) / count;
        ui.horizontal(|ui| {
            for ladder in ladders {
                let size = vec2(width, CURVE_HEIGHT);
                let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
                let forward = memory.forward(&state.odds);
                let curve = Curve { state: &state.odds, ladder, forward };
                curve_ui(ui, rect, response, &curve);
            }
        });
    });
    ui.add_space(GAP);
    card(ui, |ui| {
        for sentence in sentences(odds).into_iter().skip(1) {
            explained(ui, sentence);
        }
    });
    ui.add_space(GAP);
    card(ui, |ui| table::table_ui(ui, odds));
    let plan = state.odds.plan.as_ref().filter(|plan| tells_gates_apart(plan));
    if let Some(plan) = plan {
        ui.add_space(GAP);
        card(ui, |ui| table::gates_ui(ui, plan, odds));
    }
}

/// Why there are no odds yet, and the one thing to do about it.
fn nothing_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let ask = Command::AskOdds(false);
    let (sentence, action) = if let Some(job) = state.odds.asking {
        let sentence =
            "The plan is being rehearsed by many seeds, for good and for bad candidates…";
        (sentence, ("Cancel", Command::CancelJob(job)))
    } else {
        match ask.can_run(state) {
            Ok(()) => (
                "One run shows what may happen; many runs show how often. How likely is this plan to \
                 stop a bad candidate, how soon, and how likely to stop a good one?",
                ("Ask for the odds", ask),
            ),
            Err(reason) => (reason, ("Show the plan", Command::Go(Place::Plan))),
        }
    };
    if empty_state(ui, sentence, Some(action.0)) {
        commands.push(action.1);
    }
}
