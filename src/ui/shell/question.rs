//! Questions before something is lost for good.

use std::path::Path;

use egui::{Context, Key, Modifiers};

use super::modal;
use crate::app::{Ask, Command, State};
use crate::ui::theme::{GAP, title};
use crate::ui::widgets::primary_button;

#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// The command brings another plan, and this one is not saved.
    Replace(Box<Command>),
    Quit,
}

impl Question {
    /// What to ask before `command` runs, if something would be lost.
    pub fn before(command: &Command, state: &State) -> Option<Self> {
        let is_plan = |path: &Path| path.extension().is_some_and(|ending| ending == "toml");
        let replaces = match command {
            Command::StartSample(_) | Command::StartLesson(_) | Command::OpenSample(_) => true,
            Command::OpenPath(path) | Command::Picked(Ask::Open, path) => is_plan(path),
            _ => false,
        };
        (replaces && state.has_unsaved_plan()).then(|| Self::Replace(Box::new(command.clone())))
    }

    /// What yes stands for.
    pub fn command(&self) -> Command {
        match self {
            Self::Replace(command) => Command::clone(command),
            Self::Quit => Command::Quit,
        }
    }

    fn heading(&self, state: &State) -> String {
        match self {
            Self::Replace(_) => "Leave the plan without saving it?".to_owned(),
            Self::Quit if state.is_rehearsing() => "Close while a rehearsal is running?".to_owned(),
            Self::Quit => "Close without saving the plan?".to_owned(),
        }
    }

    fn explanation(&self, state: &State) -> &'static str {
        match self {
            Self::Quit if state.is_rehearsing() => {
                "What was simulated so far is kept, and the run can be made again."
            }
            Self::Replace(_) | Self::Quit => "Its changes since the last save are lost.",
        }
    }

    fn yes(&self) -> &'static str {
        match self {
            Self::Replace(_) => "Leave it",
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
