//! The Models screen: whose answers take part, whether they fit the data, and how good and fast
//! they are.

mod answers;
mod arm_card;
mod card_draft;
mod check;
mod source;
mod speed;
mod speed_picture;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use egui::{Align, Frame, Layout, Margin, RichText, ScrollArea, Sides, Ui, vec2};

use super::guesses::Guesses;
use crate::app::{Command, Commands, Place, State};
use crate::domain::PlanDraft;
use crate::ui::form::Form;
use crate::ui::theme::{GAP, Tokens, title};
use crate::ui::widgets::{Status, button_or_reason, primary_button};
use crate::worker::RunningJob;

/// A card is at least so wide; cards that do not fit stand in a second row.
const LEAST_CARD: f32 = 330.0;

const WIDEST_CARD: f32 = 700.0;

/// How the screen was left.
#[derive(Default)]
pub struct ModelsMemory {
    /// Paths that are being typed, by arm.
    paths: BTreeMap<usize, String>,
    guesses: Guesses,
}

/// What the cards share.
struct Page<'a> {
    state: &'a State,
    jobs: &'a [RunningJob],
    memory: &'a mut ModelsMemory,
    commands: &'a mut Commands,
}

/// Draws the screen.
pub fn models_ui(
    ui: &mut Ui,
    state: &State,
    jobs: &[RunningJob],
    memory: &mut ModelsMemory,
    commands: &mut Commands,
) {
    Frame::new().inner_margin(Margin::symmetric(16, 12)).show(ui, |ui| {
        header_ui(ui, state, commands);
        ui.add_space(GAP / 2.0);
        let mut draft = state.plan.draft().clone();
        let mut page = Page { state, jobs, memory, commands };
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            cards_ui(ui, &mut page, &mut draft);
        });
        if draft != *state.plan.draft() {
            commands.push(Command::EditPlan(Box::new(draft)));
        }
    });
}

fn header_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    Sides::new().shrink_left().truncate().show(
        ui,
        |ui| {
            ui.label(title("Models"));
            let text = "A serves today; the others want to.";
            ui.label(RichText::new(text).color(Tokens::of(ui).subdued));
        },
        |ui| {
            let next = Command::Go(Place::Plan);
            if primary_button(ui, "Plan the rollout").on_hover_text(next.tooltip()).clicked() {
                commands.push(next);
            }
            let add = Command::AddArm;
            let button = button_or_reason(ui, "Add a candidate", add.can_run(state));
            if button.on_hover_text(add.tooltip()).clicked() {
                commands.push(add);
            }
        },
    );
    if state.dataset().is_none() {
        ui.horizontal(|ui| {
            let text = Status::Warn.text("Models are held against the columns of a dataset");
            ui.label(RichText::new(text).color(Tokens::of(ui).warn));
            if ui.button("Choose data").clicked() {
                commands.push(Command::Go(Place::Data));
            }
        });
    }
}

fn cards_ui(ui: &mut Ui, page: &mut Page<'_>, draft: &mut PlanDraft) {
    let mut wanted = None;
    let mut form = Form::new(page.state.plan.problems(), &mut wanted);
    form.problems_ui(ui, "arms");
    let count = draft.arms.len().max(1);
    let fitting = ((ui.available_width() + GAP) / (LEAST_CARD + GAP)).floor().max(1.0) as usize;
    // Four cards stand two by two rather than three and one.
    let columns = if fitting >= count { count.max(2) } else { fitting.min(2) };
    let width = (ui.available_width() + GAP) / columns as f32 - GAP;
    let width = width.min(WIDEST_CARD);
    let mut place = 0;
    for row in draft.arms.chunks_mut(columns) {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            for arm in row {
                ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                    arm_card::arm_ui(ui, page, &mut form, place, arm);
                });
                place += 1;
            }
        });
        ui.add_space(GAP);
    }
}
