//! What keeps the plan from being rehearsed, with the way to each field.

use egui::text::LayoutJob;
use egui::{Align, Button, FontSelection, Label, RichText, Ui};

use crate::app::{Command, Commands, Place, State};
use crate::domain::{ArmId, PlanDraft, PlanProblem};
use crate::ui::theme::{GAP, Tokens, small, strong};
use crate::ui::widgets::{Status, card};

/// More problems than these are only counted.
const MOST: usize = 6;

/// Draws the list; asking for a field puts it into `wanted`, or goes to the screen that has it.
pub fn problems_ui(
    ui: &mut Ui,
    state: &State,
    wanted: &mut Option<String>,
    commands: &mut Commands,
) {
    let problems = state.plan.problems();
    if problems.is_empty() {
        advice_ui(ui, state, wanted, commands);
        return;
    }
    let tokens = Tokens::of(ui);
    card(ui, |ui| {
        ui.spacing_mut().interact_size.y = 20.0;
        ui.spacing_mut().button_padding.y = 2.0;
        ui.spacing_mut().item_spacing.y = 4.0;
        let (status, text) = headline(problems);
        ui.label(strong(status.text(&text)).color(status.colour(tokens)));
        for problem in problems.iter().take(MOST) {
            problem_ui(ui, state, problem, wanted, commands);
        }
        if problems.len() > MOST {
            let more = format!("and {} more, marked in the form", problems.len() - MOST);
            ui.label(small(more).color(tokens.subdued));
        }
    });
    ui.add_space(GAP);
}

/// What a sound plan may still get wrong.
fn advice_ui(ui: &mut Ui, state: &State, wanted: &mut Option<String>, commands: &mut Commands) {
    let advice = state.plan.advice();
    if advice.is_empty() {
        return;
    }
    card(ui, |ui| {
        ui.spacing_mut().interact_size.y = 20.0;
        ui.spacing_mut().button_padding.y = 2.0;
        ui.spacing_mut().item_spacing.y = 4.0;
        let text = Status::Warn.text("Worth a second thought");
        ui.label(strong(text).color(Status::Warn.colour(Tokens::of(ui))));
        for one in advice {
            problem_ui(ui, state, one, wanted, commands);
        }
    });
    ui.add_space(GAP);
}

/// A plan without data and models is not wrong, only not there yet.
fn headline(problems: &[PlanProblem]) -> (Status, String) {
    let is_missing =
        |problem: &PlanProblem| problem.field == "data.path" || problem.field.ends_with("].model");
    if problems.iter().all(is_missing) {
        return (Status::Running, "Data and models are still to be chosen".to_owned());
    }
    let count = match problems.len() {
        1 => "1 problem".to_owned(),
        count => format!("{count} problems"),
    };
    (Status::Fail, format!("{count} to solve before this plan can be rehearsed"))
}

fn problem_ui(
    ui: &mut Ui,
    state: &State,
    problem: &PlanProblem,
    wanted: &mut Option<String>,
    commands: &mut Commands,
) {
    let place = place_of(&problem.field);
    ui.horizontal_top(|ui| {
        let text = match place {
            Place::Plan => "Show".to_owned(),
            place => format!("Go to {}", place.label()),
        };
        let button = ui.add(Button::new(small(text)));
        if button.on_hover_text(&problem.field).clicked() {
            match place {
                Place::Plan => *wanted = Some(problem.field.clone()),
                place => commands.push(Command::Go(place)),
            }
        }
        ui.add(Label::new(sentence(ui, problem, state.plan.draft())).wrap());
    });
}

/// The message behind what it is about, over as many lines as it needs.
fn sentence(ui: &Ui, problem: &PlanProblem, draft: &PlanDraft) -> LayoutJob {
    let tokens = Tokens::of(ui);
    let mut sentence = LayoutJob::default();
    let mut add = |text: &str, colour| {
        let text = RichText::new(text).color(colour);
        let style = ui.style();
        text.append_to(&mut sentence, style, FontSelection::Default, Align::Center);
    };
    if let Some(subject) = subject(&problem.field, draft) {
        add(&format!("{subject} "), tokens.subdued);
    }
    add(&problem.message, tokens.text);
    sentence
}

/// Which item of a list the field belongs to.
fn subject(field: &str, draft: &PlanDraft) -> Option<String> {
    let (list, rest) = field.split_once('[')?;
    let place: usize = rest.split(']').next()?.parse().ok()?;
    match list {
        "arms" => Some(format!("{}:", ArmId::new(place))),
        "gates" => {
            let name = draft.gates.get(place).map(|gate| gate.name.as_str());
            let named = name.filter(|name| !name.is_empty()).map(|name| format!("{name}:"));
            Some(named.unwrap_or_else(|| format!("Gate {}:", place + 1)))
        }
        "faults" => Some(format!("Fault {}:", place + 1)),
        _ => None,
    }
}

/// The screen that has the field.
pub fn place_of(field: &str) -> Place {
    let is_model = field == "arms"
        || (field.starts_with("arms[") && (field.ends_with(".name") || field.ends_with(".model")));
    if is_model {
        Place::Models
    } else if field.starts_with("data.") {
        Place::Data
    } else {
        Place::Plan
    }
}
