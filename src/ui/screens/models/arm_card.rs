//! One arm: its name, where its answers come from, and what is known of them.

use egui::{Align, Layout, RichText, Ui};

use super::{Page, answers, card_draft, check, source};
use crate::app::{Command, ModelState};
use crate::domain::{Arm, ArmId, ModelSource};
use crate::ui::form::{Field, Form};
use crate::ui::screens::job::job_ui;
use crate::ui::theme::{GAP, Tokens, number, small, strong};
use crate::ui::widgets::{Icon, Status, card, icon_button, mark, problem_line};

/// Draws the card.
pub fn arm_ui(ui: &mut Ui, page: &mut Page<'_>, form: &mut Form<'_>, place: usize, arm: &mut Arm) {
    card(ui, |ui| {
        // Cards look alike, so what they keep needs names of its own.
        ui.push_id(("arm", place), |ui| contents_ui(ui, page, form, place, arm));
    });
}

fn contents_ui(ui: &mut Ui, page: &mut Page<'_>, form: &mut Form<'_>, place: usize, arm: &mut Arm) {
    ui.spacing_mut().item_spacing.y = 6.0;
    head_ui(ui, page, form, place, &mut arm.name);
    source::source_ui(ui, page, form, place, &arm.model);
    ui.add_space(GAP / 2.0);
    ui.separator();
    state_ui(ui, page, place, arm);
}

fn head_ui(ui: &mut Ui, page: &mut Page<'_>, form: &mut Form<'_>, place: usize, name: &mut String) {
    let id = ArmId::new(place);
    let field = Field::new(format!("arms[{place}].name"), "Name").hint("Name of the model");
    ui.horizontal(|ui| {
        mark(ui, id);
        ui.label(strong(id.to_string()));
        let width = (ui.available_width() - 130.0).clamp(80.0, 220.0);
        form.about(format!("arm {id}"), |form| form.cell(ui, &field, width, name));
        let part = if place == 0 { "baseline" } else { "candidate" };
        ui.label(small(part).color(Tokens::of(ui).subdued));
        let remove = Command::RemoveArm(place);
        if remove.can_run(page.state).is_ok() {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if icon_button(ui, Icon::Remove, &format!("Remove arm {id}")).clicked() {
                    page.commands.push(remove);
                }
            });
        }
    });
    form.problems_ui(ui, &field.path);
}

fn state_ui(ui: &mut Ui, page: &mut Page<'_>, place: usize, arm: &Arm) {
    let state = page.state;
    match state.models.get(place) {
        Some(ModelState::Checking(job)) => {
            job_ui(ui, page.jobs, *job, "rows", page.commands);
        }
        Some(ModelState::NoCard(_)) => {
            if let Some((path, card)) = state.card_of(place) {
                card_draft::card_draft_ui(ui, page, place, path, card);
            }
        }
        Some(ModelState::Failed(message)) => {
            let (what, path) = message.split_once('\n').unwrap_or((message, ""));
            problem_line(ui, Status::Fail, what, None);
            if !path.is_empty() {
                ui.label(number(path));
            }
        }
        Some(ModelState::Checked(found)) => {
            let baseline = match state.models.first() {
                Some(ModelState::Checked(baseline)) if place > 0 => Some(baseline.as_ref()),
                _ => None,
            };
            check::check_ui(ui, ArmId::new(place), found, baseline);
        }
        Some(ModelState::Recorded) => {
            if let ModelSource::Column(column) = &arm.model {
                answers::answers_ui(ui, state, column);
            }
            answers::latency_note_ui(ui, &arm.latency, page.commands);
        }
        Some(ModelState::Unknown) | None => unknown_ui(ui, page, arm),
    }
}

/// Nothing is known yet: why, and when it will be.
fn unknown_ui(ui: &mut Ui, page: &mut Page<'_>, arm: &Arm) {
    let is_chosen = !source::is_empty(&arm.model);
    let text = match (&arm.model, is_chosen) {
        (_, false) => "Fit, quality and speed show here once a model is chosen.",
        (ModelSource::File { .. }, true) => {
            "The file is read and joined when the plan is rehearsed."
        }
        (_, true) => "Fit, quality and speed show here once there is data.",
    };
    ui.label(RichText::new(text).color(Tokens::of(ui).subdued));
    if is_chosen && matches!(arm.model, ModelSource::File { .. }) {
        answers::latency_note_ui(ui, &arm.latency, page.commands);
    }
}
