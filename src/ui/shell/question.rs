//! Questions before something is lost for good.

use egui::{Context, Key, Modifiers};

use super::modal;
use crate::app::{Command, State};
use crate::store::ExperimentId;
use crate::ui::theme::{GAP, title};
use crate::ui::widgets::primary_button;

#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    Delete(ExperimentId),
    Quit,
}

impl Question {
    /// What yes stands for.
    pub fn command(&self) -> Command {
        match self {
            Self::Delete(id) => Command::DeleteExperiment(id.clone()),
            Self::Quit => Command::Quit,
        }
    }

    fn heading(&self, state: &State) -> String {
        match self {
            Self::Delete(id) => {
                let known = state.library.list().iter().find(|known| known.id == *id);
                let name = known.map_or_else(|| id.to_string(), |known| known.name.clone());
                format!("Delete {name}?")
            }
            Self::Quit if state.is_rehearsing() => "Close while a rehearsal is running?".to_owned(),
            Self::Quit => "Close without saving the plan?".to_owned(),
        }
    }

    fn explanation(&self, state: &State) -> &'static str {
        match self {
            Self::Delete(_) => "It is removed from the library for good. Shared copies stay.",
            Self::Quit if state.is_rehearsing() => {
                "What was simulated so far is kept, and the run can be made again."
            }
            Self::Quit => "Its changes since the last save are lost.",
        }
    }

    fn yes(&self) -> &'static str {
        match self {
            Self::Delete(_) => "Delete",
            Self::Quit => "Close anyway",
        }
    }
}

/// Asks; the answer, once there is one.
pub fn question_ui(ctx: &Context, state: &State, question: &Question) -> Option<bool> {
    let (answer, is_closed) = modal::sheet(ctx, "question", 380.0, |ui| {
        ui.label(title(question.heading(state)));
        ui.label(question.explanation(state));
        ui.add_space(GAP);
        ui.horizontal(|ui| {
            let yes = ui.button(question.yes()).clicked();
            let keep = primary_button(ui, "Keep");
            // Enter must not lose anything.
            if ui.memory(|memory| memory.focused().is_none()) {
                keep.request_focus();
            }
            if yes { Some(true) } else { keep.clicked().then_some(false) }
        })
        .inner
    });
    let is_left = is_closed || ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
    answer.or(is_left.then_some(false))
}
