//! Writing a comment: what it is about, who writes, and what.

use egui::{ComboBox, Margin, Role, TextEdit, Ui, WidgetInfo};

use super::{Draft, ReviewMemory, View};
use crate::app::{Command, Commands};
use crate::domain::About;
use crate::store::NewComment;
use crate::ui::theme::{Tokens, small};
use crate::ui::widgets::{button_or_reason, name_field};
use crate::worker::ReviewChange;

pub(super) const HEIGHT: f32 = 156.0;

pub(super) fn compose_ui(
    ui: &mut Ui,
    view: &View<'_>,
    memory: &mut ReviewMemory,
    commands: &mut Commands,
) {
    ui.separator();
    match memory.draft.answers {
        Some(number) => answer_ui(ui, number, memory),
        None => about_ui(ui, view, memory),
    }
    let edit = TextEdit::multiline(&mut memory.draft.text)
        .hint_text("What do you think?")
        .margin(Margin::symmetric(7, 5))
        .desired_rows(3)
        .desired_width(f32::INFINITY);
    let field = ui.add(edit);
    field.widget_info(|| WidgetInfo::labeled(Role::MultilineTextInput, true, "Comment"));
    if std::mem::take(&mut memory.wants_comment) {
        field.request_focus();
    }
    ui.horizontal(|ui| {
        name_ui(ui, view, commands);
        let can = match view.can_add() {
            Ok(()) if memory.draft.text.trim().is_empty() => Err("Write something first"),
            other => other,
        };
        if button_or_reason(ui, "Comment", can).clicked() {
            let Draft { about, answers, text } = std::mem::take(&mut memory.draft);
            let author = view.state.settings.reviewer.trim().to_owned();
            let change = ReviewChange::Comment(NewComment { about, answers, author, text });
            commands.push(Command::ChangeReview(Box::new(change)));
        }
    });
}

/// The field for the reviewer's name, which is kept for the next time.
pub(super) fn name_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    if let Some(name) = name_field(ui, &view.state.settings.reviewer) {
        commands.push(Command::SetReviewer(name));
    }
}

fn answer_ui(ui: &mut Ui, number: u32, memory: &mut ReviewMemory) {
    ui.horizontal(|ui| {
        ui.label(small(format!("Answer to comment {number}")).color(Tokens::of(ui).subdued));
        if ui.small_button("Not an answer").clicked() {
            memory.draft.answers = None;
        }
    });
}

fn about_ui(ui: &mut Ui, view: &View<'_>, memory: &mut ReviewMemory) {
    ui.horizontal(|ui| {
        ui.label(small("About").color(Tokens::of(ui).subdued));
        let about = &mut memory.draft.about;
        let combo = ComboBox::from_id_salt("about").width(220.0).selected_text(about.label());
        let response = combo.show_ui(ui, |ui| {
            let playback = &view.state.playback;
            let (from, to) = playback.loop_range().unwrap_or((playback.now(), playback.now()));
            let mut choices = vec![About::Run, About::Time { from, to }];
            let rows = memory.card.iter().flat_map(|card| &card.rows);
            choices.extend(rows.map(|row| About::Metric(row.metric)));
            choices.extend(view.recording.stages.iter().cloned().map(About::Stage));
            let gates = 0..view.plan.gates.len();
            choices.extend(gates.map(|gate| About::Field(format!("gates[{gate}]"))));
            choices.extend(["traffic", "data", "strategy"].map(str::to_owned).map(About::Field));
            for choice in choices {
                let label = choice.label();
                ui.selectable_value(about, choice, label);
            }
        });
        response.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, "About"));
    });
}
