//! The fleets: how long answers take, and who gives them. Fleets stand side by side, so that a
//! difference between the arms is seen.

use egui::{Align, Button, Label, Layout, RichText, Sense, Ui, vec2};

use super::{Page, latency};
use crate::domain::{
    Arm, ArmId, CapacityChange, MicroBatching, PlanDraft, Serving, SimSpan, SimTime,
};
use crate::ui::form::{FIELD_WIDTH, Field, Form, LABEL_WIDTH, Typed};
use crate::ui::theme::{Tokens, small};
use crate::ui::widgets::{Icon, icon_button, mark_label, section};

/// Draws the card.
pub fn serving_ui(ui: &mut Ui, page: &mut Page<'_>, draft: &mut PlanDraft) {
    section(ui, "Serving", "the simulated fleet of each arm");
    for (place, arm) in draft.arms.iter_mut().enumerate() {
        let id = ArmId::new(place);
        mark_label(ui, id, &arm.name);
        let (form, commands) = (&mut page.form, &mut *page.commands);
        form.about(format!("arm {id}"), |form| {
            latency::latency_ui(ui, form, commands, place, &mut arm.latency);
        });
    }
    ui.add_space(4.0);
    fleets_ui(ui, &mut page.form, &mut draft.arms);
}

/// A row of the table: one field of every arm's fleet.
struct Fleets<'a> {
    arms: &'a mut [Arm],
    width: f32,
}

impl Fleets<'_> {
    fn row<T: Typed>(
        &mut self,
        ui: &mut Ui,
        form: &mut Form<'_>,
        (name, label, help): (&str, &'static str, &'static str),
        hint: &str,
        value: impl Fn(&mut Serving) -> &mut T,
    ) {
        let path = |place: usize| format!("arms[{place}].serving.{name}");
        ui.horizontal(|ui| {
            let size = vec2(LABEL_WIDTH, ui.spacing().interact_size.y);
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                ui.set_min_size(size);
                let text = RichText::new(label).color(Tokens::of(ui).subdued);
                ui.add(Label::new(text).truncate().sense(Sense::hover())).on_hover_text(help);
            });
            for (place, arm) in self.arms.iter_mut().enumerate() {
                let field = Field::new(path(place), label).hint(hint);
                form.about(format!("arm {}", ArmId::new(place)), |form| {
                    form.cell(ui, &field, self.width, value(&mut arm.serving))
                });
            }
        });
        for place in 0..self.arms.len() {
            form.problems_ui(ui, &path(place));
        }
    }
}

fn fleets_ui(ui: &mut Ui, form: &mut Form<'_>, arms: &mut [Arm]) {
    let count = arms.len().max(1) as f32;
    let gap = ui.spacing().item_spacing.x;
    let space = ui.available_width() - LABEL_WIDTH - gap * (count + 1.0);
    let width = (space / count).clamp(30.0, FIELD_WIDTH);
    heads_ui(ui, arms, width);
    let mut fleets = Fleets { arms, width };
    let replicas = ("replicas", "Replicas", "Copies of the model at full size");
    fleets.row(ui, form, replicas, "", |serving| &mut serving.replicas);
    let concurrency = ("concurrency", "At a time", "Requests that one replica works on at a time");
    fleets.row(ui, form, concurrency, "", |serving| &mut serving.concurrency);
    let timeout =
        ("timeout", "Timeout", "A caller gives up after this time; it counts as an error");
    fleets.row(ui, form, timeout, "", |serving| &mut serving.timeout);
    let paths: Vec<String> = (0..fleets.arms.len())
        .flat_map(|place| {
            ["queue_limit", "cold_start", "batching", "capacity_changes"]
                .map(|name| format!("arms[{place}].serving.{name}"))
        })
        .collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    form.more(ui, "Queue, start-up, micro-batching, capacity", &paths, |form, ui| {
        let queue = ("queue_limit", "Queue limit", "One more waiting request is turned away");
        fleets.row(ui, form, queue, "", |serving| &mut serving.queue_limit);
        let cold = ("cold_start", "Cold start", "From asking for a replica until it can answer");
        fleets.row(ui, form, cold, "", |serving| &mut serving.cold_start);
        batching_ui(ui, form, &mut fleets);
        for (place, arm) in fleets.arms.iter_mut().enumerate() {
            changes_ui(ui, form, place, &mut arm.serving);
        }
    });
}

/// The marks of the arms above their columns.
fn heads_ui(ui: &mut Ui, arms: &[Arm], width: f32) {
    ui.horizontal(|ui| {
        ui.add_space(LABEL_WIDTH + ui.spacing().item_spacing.x);
        for (place, arm) in arms.iter().enumerate() {
            let layout = Layout::left_to_right(Align::Center);
            let size = vec2(width, 18.0);
            ui.allocate_ui_with_layout(size, layout, |ui| {
                ui.set_min_size(size);
                mark_label(ui, ArmId::new(place), "").on_hover_text(&arm.name);
            });
        }
    });
}

fn batching_ui(ui: &mut Ui, form: &mut Form<'_>, fleets: &mut Fleets<'_>) {
    for (place, arm) in fleets.arms.iter_mut().enumerate() {
        let mut is_on = arm.serving.batching.is_some();
        ui.checkbox(&mut is_on, format!("Micro-batching in {}", ArmId::new(place)))
            .on_hover_text("Collect requests and score them together");
        if !is_on {
            arm.serving.batching = None;
            continue;
        }
        let batching = arm
            .serving
            .batching
            .get_or_insert(MicroBatching { max_size: 16, max_wait: SimSpan::from_millis(5) });
        let at =
            |name: &str, label| Field::new(format!("arms[{place}].serving.batching.{name}"), label);
        form.about(format!("arm {}", ArmId::new(place)), |form| {
            form.value(ui, &at("max_size", "At most").unit("requests"), &mut batching.max_size);
            let wait = at("max_wait", "Wait at most").help("For the batch to fill");
            form.value(ui, &wait, &mut batching.max_wait);
        });
    }
}

fn changes_ui(ui: &mut Ui, form: &mut Form<'_>, place: usize, serving: &mut Serving) {
    let arm = ArmId::new(place);
    let mut removed = None;
    for (number, change) in serving.capacity_changes.iter_mut().enumerate() {
        let path = format!("arms[{place}].serving.capacity_changes[{number}]");
        let about = format!("capacity change {} of {arm}", number + 1);
        ui.horizontal(|ui| {
            form.about(about, |form| {
                ui.label(small(format!("{arm} from")).color(Tokens::of(ui).subdued));
                form.cell(ui, &Field::new(format!("{path}.at"), "From"), 56.0, &mut change.at);
                let replicas = Field::new(format!("{path}.replicas"), "Replicas");
                form.cell(ui, &replicas, 44.0, &mut change.replicas);
                ui.label(small("replicas").color(Tokens::of(ui).subdued));
            });
            let label = format!("Remove capacity change {} of {arm}", number + 1);
            if icon_button(ui, Icon::Remove, &label).clicked() {
                removed = Some(number);
            }
        });
        for name in ["at", "replicas"] {
            form.problems_ui(ui, &format!("{path}.{name}"));
        }
    }
    if let Some(number) = removed {
        serving.capacity_changes.remove(number);
    }
    let add = Button::new(small(format!("Change the capacity of {arm}")));
    if ui.add(add).on_hover_text("A scheduled change of the fleet's size").clicked() {
        let at = SimTime::from_secs(300);
        serving.capacity_changes.push(CapacityChange { at, replicas: serving.replicas });
    }
}
