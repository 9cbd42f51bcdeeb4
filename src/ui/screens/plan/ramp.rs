//! The stages of a canary, one by one or by a rule.

use egui::{Button, RichText, Ui};

use crate::domain::{Ramp, SimSpan, Step};
use crate::ui::form::{Field, Form};
use crate::ui::theme::{Tokens, small};
use crate::ui::widgets::{Icon, icon_button};

const KINDS: [&str; 3] = ["Step by step", "Linear", "Exponential"];
const NUMBER_WIDTH: f32 = 24.0;
const CELL_WIDTH: f32 = 84.0;

/// Draws the ramp.
pub fn ramp_ui(ui: &mut Ui, form: &mut Form<'_>, ramp: &mut Ramp) {
    let kind = match ramp {
        Ramp::Steps(_) => 0,
        Ramp::Linear { .. } => 1,
        Ramp::Exponential { .. } => 2,
    };
    let field = Field::new("strategy.ramp", "Stages");
    form.row(ui, &field, |form, ui| {
        if let Some(kind) = form.pick(ui, &field, 130.0, Some(kind), &KINDS) {
            *ramp = of_kind(kind, ramp);
        }
    });
    match ramp {
        Ramp::Steps(steps) => steps_ui(ui, form, steps),
        Ramp::Linear { step, max, hold } => {
            form.value(ui, &at("linear.step", "Step").unit("% more each time"), step);
            form.value(ui, &at("linear.max", "Up to").unit("%, then all"), max);
            form.value(ui, &at("linear.hold", "Each for at least"), hold);
        }
        Ramp::Exponential { first, factor, max, hold } => {
            form.value(ui, &at("exponential.first", "First").unit("%"), first);
            form.value(ui, &at("exponential.factor", "Factor").unit("× each time"), factor);
            form.value(ui, &at("exponential.max", "Up to").unit("%, then all"), max);
            form.value(ui, &at("exponential.hold", "Each for at least"), hold);
        }
    }
    if !matches!(ramp, Ramp::Steps(_)) {
        let weights =
            ramp.steps().iter().map(|step| format!("{} %", round(step.weight))).collect::<Vec<_>>();
        ui.label(small(weights.join(", ")).color(Tokens::of(ui).subdued));
        for (place, _) in weights.iter().enumerate() {
            form.problems_ui(ui, &format!("strategy.ramp.steps[{place}].weight"));
        }
        form.problems_ui(ui, "strategy.ramp.steps");
    }
}

fn at(name: &str, label: &'static str) -> Field {
    Field::new(format!("strategy.ramp.{name}"), label)
}

fn round(weight: f64) -> f64 {
    (weight * 100.0).round() / 100.0
}

/// A ramp of another kind; the steps that a rule gave are kept as explicit ones.
fn of_kind(kind: usize, before: &Ramp) -> Ramp {
    let hold = before.steps().first().and_then(|step| step.hold).unwrap_or(SimSpan::from_secs(60));
    match kind {
        0 => Ramp::Steps(before.steps()),
        1 => Ramp::Linear { step: 10.0, max: 50.0, hold },
        _ => Ramp::Exponential { first: 1.0, factor: 2.0, max: 50.0, hold },
    }
}

fn steps_ui(ui: &mut Ui, form: &mut Form<'_>, steps: &mut Vec<Step>) {
    ui.horizontal(|ui| {
        for (width, text) in
            [(NUMBER_WIDTH, "#"), (CELL_WIDTH + 22.0, "Share to B"), (CELL_WIDTH, "For at least")]
        {
            let size = egui::vec2(width, 16.0);
            let layout = egui::Layout::left_to_right(egui::Align::Center);
            ui.allocate_ui_with_layout(size, layout, |ui| {
                ui.set_min_width(width);
                ui.label(small(text).color(Tokens::of(ui).subdued));
            });
        }
    });
    let mut removed = None;
    for (place, step) in steps.iter_mut().enumerate() {
        if form.about(format!("stage {}", place + 1), |form| step_ui(ui, form, place, step)) {
            removed = Some(place);
        }
        form.problems_ui(ui, &format!("strategy.ramp.steps[{place}].weight"));
    }
    if let Some(place) = removed {
        steps.remove(place);
    }
    form.problems_ui(ui, "strategy.ramp.steps");
    ui.horizontal(|ui| {
        if ui.add(Button::new(small("Add stage"))).clicked() {
            steps.push(next(steps.last()));
        }
    });
}

/// A stage that follows the last one soundly: twice its share.
fn next(last: Option<&Step>) -> Step {
    let hold = last.map_or(Some(SimSpan::from_secs(60)), |last| last.hold);
    Step { weight: last.map_or(5.0, |last| (last.weight * 2.0).clamp(1.0, 100.0)), hold }
}

/// True if the stage is to be removed.
fn step_ui(ui: &mut Ui, form: &mut Form<'_>, place: usize, step: &mut Step) -> bool {
    ui.horizontal(|ui| {
        let subdued = Tokens::of(ui).subdued;
        ui.allocate_ui(egui::vec2(NUMBER_WIDTH, 26.0), |ui| {
            ui.set_min_width(NUMBER_WIDTH);
            ui.label(RichText::new((place + 1).to_string()).color(subdued));
        });
        let weight = at(&format!("steps[{place}].weight"), "Share");
        form.cell(ui, &weight, CELL_WIDTH, &mut step.weight);
        ui.label(RichText::new("%").color(subdued));
        let hold = at(&format!("steps[{place}].hold"), "Hold").hint("you promote");
        form.cell(ui, &hold, CELL_WIDTH, &mut step.hold)
            .on_hover_text("Empty: until a person promotes");
        icon_button(ui, Icon::Remove, &format!("Remove stage {}", place + 1)).clicked()
    })
    .inner
}
