//! The checklist: what a reviewer should have asked, with what the run suggests.

use egui::{Margin, Role, ScrollArea, TextEdit, Ui, WidgetInfo};

use super::{ReviewMemory, View, compose};
use crate::app::{Command, Commands};
use crate::domain::{Check, Reviewed, Tick};
use crate::stats::checklist::Question;
use crate::ui::theme::{Tokens, small, strong};
use crate::ui::widgets::{Status, explained};
use crate::worker::ReviewChange;

pub(super) fn checklist_ui(
    ui: &mut Ui,
    view: &View<'_>,
    reviewed: Option<&Reviewed>,
    memory: &mut ReviewMemory,
    commands: &mut Commands,
) {
    compose::name_ui(ui, view, commands);
    if let Err(reason) = view.can_add()
        && view.run.file.is_none()
    {
        ui.label(small(reason).color(Tokens::of(ui).subdued));
    }
    let area = ScrollArea::vertical().id_salt("checklist").auto_shrink(false);
    area.show(ui, |ui| {
        ui.set_width(ui.available_width() - 6.0);
        for question in &memory.questions {
            let checks = reviewed.map_or(&[][..], |reviewed| &reviewed.review.checks);
            let answered = checks.iter().find(|check| check.item == question.item);
            let note = memory
                .notes
                .entry(question.item)
                .or_insert_with(|| answered.map_or_else(String::new, |check| check.note.clone()));
            question_ui(ui, view, question, answered, note, commands);
            ui.separator();
        }
    });
}

fn question_ui(
    ui: &mut Ui,
    view: &View<'_>,
    question: &Question,
    answered: Option<&Check>,
    note: &mut String,
    commands: &mut Commands,
) {
    let subdued = Tokens::of(ui).subdued;
    explained(ui, strong(question.question));
    explained(ui, small(&question.evidence).color(subdued));
    ui.horizontal_wrapped(|ui| {
        ui.add_enabled_ui(view.can_add().is_ok(), |ui| {
            for tick in Tick::ALL {
                let is_chosen = answered.is_some_and(|check| check.answer == tick);
                let is_suggested = answered.is_none() && question.proposed == Some(tick);
                let suffix = if is_suggested { " (suggested)" } else { "" };
                let text = format!("{}{suffix}", capital(tick.label()));
                let response = ui.selectable_label(is_chosen, text);
                let label = format!("{}: {}", question.item, tick.label());
                response.widget_info(|| {
                    WidgetInfo::selected(Role::RadioButton, true, is_chosen, &label)
                });
                if response.clicked() {
                    let change = ReviewChange::Check {
                        item: question.item.to_owned(),
                        answer: tick,
                        note: note.clone(),
                        author: view.state.settings.reviewer.trim().to_owned(),
                    };
                    commands.push(Command::ChangeReview(Box::new(change)));
                }
            }
        });
    });
    let edit = TextEdit::singleline(note)
        .hint_text("Why (optional, kept with the answer)")
        .margin(Margin::symmetric(7, 3))
        .desired_width(f32::INFINITY);
    let label = format!("Note on {}", question.item);
    ui.add(edit).widget_info(|| WidgetInfo::labeled(Role::TextInput, true, &label));
    if let Some(check) = answered {
        let text = Status::Pass.text(&format!("answered by {}", check.author));
        ui.label(small(text).color(subdued));
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
