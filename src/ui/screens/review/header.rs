//! What is reviewed, whether it reproduces, and what can be taken along.

use egui::{Align, Label, Layout, Rect, RichText, Ui, UiBuilder};

use super::View;
use crate::app::{Ask, Command, Commands, Export};
use crate::ui::notation;
use crate::ui::theme::{Tokens, small, title};
use crate::ui::widgets::{Status, button_or_reason, primary_button_or_reason};
use crate::worker::Verification;

pub(super) const HEIGHT: f32 = 46.0;

/// Name and digest at the left, buttons and the answer of Verify at the right.
pub(super) fn header_ui(ui: &mut Ui, rect: Rect, view: &View<'_>, commands: &mut Commands) {
    let layout = Layout::right_to_left(Align::Center);
    let mut right = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
    buttons_ui(&mut right, view, commands);
    let room = rect.with_max_x(right.min_rect().left() - 12.0);
    let mut left = ui.new_child(UiBuilder::new().max_rect(room));
    left.spacing_mut().item_spacing.y = 0.0;
    left.add(Label::new(title(&view.run.title)).truncate());
    let subdued = Tokens::of(ui).subdued;
    left.add(Label::new(small(about(view)).color(subdued)).truncate());
    verification_ui(&mut left, view);
    ui.advance_cursor_after_rect(rect);
}

fn about(view: &View<'_>) -> String {
    let mut parts = Vec::new();
    parts.extend(view.run.id.as_ref().map(|id| format!("Experiment {id}")));
    if view.run.file.is_some() {
        parts.push("read only".to_owned());
    }
    let id = view.run.id.as_ref();
    let known = view.state.library.list().iter().find(|known| Some(&known.id) == id);
    if let Some(known) = known {
        parts.push(known.created.strftime("%Y-%m-%d %H:%M UTC").to_string());
        parts.push(format!("program {}", known.program_version));
        parts.extend(
            known.digest.as_ref().and_then(|digest| Some(format!("digest {}…", digest.get(..12)?))),
        );
    }
    parts.join(" · ")
}

/// The answer of the last verification, in words.
fn verification_ui(ui: &mut Ui, view: &View<'_>) {
    let Some(id) = &view.run.id else { return };
    let Some(verification) = view.state.verified.get(id) else { return };
    let (status, text) = match verification {
        Verification::Reproduced { .. } => (Status::Pass, "Reproduced to the bit".to_owned()),
        Verification::Differs(difference) => (
            Status::Fail,
            format!(
                "Differs from {} on: {}, {} is stored, the rerun gives {}",
                notation::time(difference.at),
                difference.what,
                difference.stored,
                difference.now
            ),
        ),
        Verification::CannotRerun { reason } => (Status::Warn, format!("Cannot rerun: {reason}")),
    };
    let colour = status.colour(Tokens::of(ui));
    let line = RichText::new(status.text(&text)).small().color(colour);
    ui.add(Label::new(line).truncate()).on_hover_text(text);
}

fn buttons_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let state = view.state;
    let export = Command::Choose(Ask::Export(Export::Report));
    let report = button_or_reason(ui, "Report…", export.can_run(state));
    if report.on_hover_text("A page for people without this program").clicked() {
        commands.push(export);
    }
    let share = view.run.id.clone().filter(|_| view.run.file.is_none()).map(Command::Share);
    if let Some(share) = share
        && ui.button("Share…").on_hover_text(share.tooltip()).clicked()
    {
        commands.push(share);
    }
    if view.run.file.is_some() {
        let adopt = Command::Adopt;
        if ui.button("Copy to my library").on_hover_text(adopt.tooltip()).clicked() {
            commands.push(adopt);
        }
    }
    let verify = Command::Verify(None);
    let button = primary_button_or_reason(ui, "Verify", verify.can_run(state));
    if button.on_hover_text(verify.tooltip()).clicked() {
        commands.push(verify);
    }
}
