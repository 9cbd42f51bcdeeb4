//! The Plan screen: the whole plan as a form, with every problem marked at its field.

mod arrivals;
mod batch;
mod condition;
mod cost;
mod fault;
mod faults;
mod gate;
mod gates;
mod general;
mod header;
mod judge;
mod latency;
mod outline;
mod picture;
mod power;
mod problems;
mod ramp;
mod serving;
mod strategies;
mod strategy;
mod text;
mod traffic;

#[cfg(test)]
mod tests;

use egui::{Align, Frame, Layout, Margin, RichText, ScrollArea, Ui};

use crate::app::{Command, Commands, State};
use crate::domain::PlanDraft;
use crate::ui::form::Form;
use crate::ui::theme::{GAP, Tokens};
use crate::ui::widgets::card;

/// From this width on the form has three columns, else two.
const WIDE: f32 = 1_240.0;

/// How the screen was left.
#[derive(Default)]
pub struct PlanMemory {
    /// The field that the person wants to see.
    wanted: Option<String>,
    open: Open,
    /// The plan as TOML instead of the form.
    is_text: bool,
    /// What is typed there.
    text: String,
}

/// The items of lists that are open for editing.
#[derive(Default)]
struct Open {
    gate: Option<usize>,
    fault: Option<usize>,
}

/// What the parts of the form share.
struct Page<'a> {
    form: Form<'a>,
    open: &'a mut Open,
    state: &'a State,
    commands: &'a mut Commands,
}

/// One card of the form.
type Part = fn(&mut Ui, &mut Page<'_>, &mut PlanDraft);

const TWO_COLUMNS: [&[Part]; 2] = [
    &[strategy::strategy_ui, traffic::traffic_ui, faults::faults_ui],
    &[gates::gates_ui, serving::serving_ui, batch::batch_ui, cost::cost_ui, general::general_ui],
];
const THREE_COLUMNS: [&[Part]; 3] = [
    &[strategy::strategy_ui, faults::faults_ui, general::general_ui],
    &[gates::gates_ui, batch::batch_ui, cost::cost_ui],
    &[traffic::traffic_ui, serving::serving_ui],
];

/// Draws the screen.
pub fn plan_ui(ui: &mut Ui, state: &State, memory: &mut PlanMemory, commands: &mut Commands) {
    Frame::new().inner_margin(Margin::symmetric(16, 12)).show(ui, |ui| {
        let mut draft = state.plan.draft().clone();
        header::header_ui(ui, state, &mut draft, memory, commands);
        ui.add_space(GAP / 2.0);
        if memory.is_text {
            text::text_ui(ui, state, memory, commands);
        } else {
            form_ui(ui, state, &mut draft, memory, commands);
        }
        if draft != *state.plan.draft() {
            commands.push(Command::EditPlan(Box::new(draft)));
        }
    });
}

fn form_ui(
    ui: &mut Ui,
    state: &State,
    draft: &mut PlanDraft,
    memory: &mut PlanMemory,
    commands: &mut Commands,
) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        problems::problems_ui(ui, state, &mut memory.wanted, commands);
        strategies::strategies_ui(ui, draft);
        ui.add_space(GAP);
        card(ui, |ui| {
            let sentence = draft.strategy.kind().sentence();
            ui.label(RichText::new(sentence).color(Tokens::of(ui).subdued));
            let outline = outline::outline(draft);
            picture::picture_ui(ui, draft, &outline);
            power::power_ui(ui, state, draft, &outline);
        });
        ui.add_space(GAP);
        let mut page = Page {
            form: Form::new(state.plan.problems(), &mut memory.wanted),
            open: &mut memory.open,
            state,
            commands,
        };
        let is_wide = ui.available_width() >= WIDE;
        let columns: &[&[Part]] = if is_wide { &THREE_COLUMNS } else { &TWO_COLUMNS };
        ui.columns(columns.len(), |places| {
            for (ui, parts) in places.iter_mut().zip(columns) {
                ui.spacing_mut().item_spacing.y = 5.0;
                for part in *parts {
                    card(ui, |ui| {
                        // Not justified, as columns are.
                        let layout = Layout::top_down(Align::Min);
                        ui.with_layout(layout, |ui| part(ui, &mut page, draft));
                    });
                    ui.add_space(3.0);
                }
            }
        });
    });
}
