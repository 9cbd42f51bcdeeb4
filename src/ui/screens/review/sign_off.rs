//! Sign-offs: those that were given, and whether they still hold; and one to give.

use egui::{Label, Margin, Role, ScrollArea, TextEdit, Ui, WidgetInfo};
use jiff::Timestamp;

use super::super::ago::ago;
use super::{ReviewMemory, View, compose};
use crate::app::{Command, Commands};
use crate::domain::{Decision, Reviewed, SignOff, Standing};
use crate::ui::theme::{Tokens, small, strong};
use crate::ui::widgets::{Status, card_frame, primary_button_or_reason};
use crate::worker::ReviewChange;

pub(super) fn sign_off_ui(
    ui: &mut Ui,
    view: &View<'_>,
    reviewed: Option<&Reviewed>,
    memory: &mut ReviewMemory,
    commands: &mut Commands,
) {
    let area = ScrollArea::vertical().id_salt("sign-off").auto_shrink(false);
    area.show(ui, |ui| {
        ui.set_width(ui.available_width() - 6.0);
        let given = reviewed.into_iter().flat_map(Reviewed::sign_offs).rev();
        for (sign_off, standing) in given {
            given_ui(ui, sign_off, standing);
        }
        form_ui(ui, view, reviewed, memory, commands);
    });
}

fn status_of(decision: Decision) -> Status {
    match decision {
        Decision::Approve => Status::Pass,
        Decision::AskForChanges => Status::Warn,
        Decision::Reject => Status::Fail,
    }
}

fn given_ui(ui: &mut Ui, sign_off: &SignOff, standing: &Standing) {
    let tokens = Tokens::of(ui);
    card_frame(tokens).fill(tokens.raised).inner_margin(8.0).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 3.0;
        ui.horizontal_wrapped(|ui| {
            let status = status_of(sign_off.decision);
            let text = status.text(sign_off.decision.past());
            let text = strong(text).color(status.colour(tokens));
            // What no longer holds must not look as if it did.
            ui.label(if standing.holds() { text } else { text.strikethrough() });
            ui.label(strong(format!("by {}", sign_off.name)));
            ui.label(small(ago(sign_off.signed, Timestamp::now())).color(tokens.subdued));
        });
        ui.add(Label::new(&sign_off.reason).wrap());
        let (status, words) =
            (if standing.holds() { Status::Pass } else { Status::Fail }, standing.words(sign_off));
        let line = small(status.text(&words)).color(status.colour(tokens));
        ui.add(Label::new(line).wrap());
    });
    ui.add_space(4.0);
}

fn form_ui(
    ui: &mut Ui,
    view: &View<'_>,
    reviewed: Option<&Reviewed>,
    memory: &mut ReviewMemory,
    commands: &mut Commands,
) {
    let subdued = Tokens::of(ui).subdued;
    ui.add_space(4.0);
    ui.label(strong("Sign off"));
    let text = "It holds for exactly what is here now: plan, inputs, recording, comments and \
                checklist. Any later change makes it void, and everyone sees that.";
    ui.add(Label::new(small(text).color(subdued)).wrap());
    ui.horizontal_wrapped(|ui| {
        for decision in Decision::ALL {
            let is_chosen = memory.decision == Some(decision);
            if ui.radio(is_chosen, decision.label()).clicked() {
                memory.decision = Some(decision);
            }
        }
    });
    let edit = TextEdit::multiline(&mut memory.reason)
        .hint_text("Why?")
        .margin(Margin::symmetric(7, 5))
        .desired_rows(3)
        .desired_width(f32::INFINITY);
    ui.add(edit).widget_info(|| WidgetInfo::labeled(Role::MultilineTextInput, true, "Reason"));
    let has_key = view.state.review.of(view.run).is_some_and(|shown| shown.has_key);
    ui.add_enabled_ui(has_key, |ui| {
        ui.checkbox(&mut memory.with_key, "Sign with my key")
            .on_disabled_hover_text("Make one with `rehearsal review key new`")
            .on_hover_text("Nobody else can sign in your name");
    });
    let open = reviewed
        .map_or(0, |reviewed| memory.questions.len().saturating_sub(reviewed.review.checks.len()));
    if open > 0 {
        let text = match open {
            1 => "1 question of the checklist is open".to_owned(),
            _ => format!("{open} questions of the checklist are open"),
        };
        ui.label(small(Status::Warn.text(&text)).color(Tokens::of(ui).warn));
    }
    ui.horizontal(|ui| {
        compose::name_ui(ui, view, commands);
        let can = can_sign(view, memory);
        if primary_button_or_reason(ui, "Sign", can).clicked()
            && let Some(decision) = memory.decision
        {
            let change = ReviewChange::Sign {
                decision,
                name: view.state.settings.reviewer.trim().to_owned(),
                reason: std::mem::take(&mut memory.reason),
                with_key: memory.with_key && has_key,
            };
            memory.decision = None;
            commands.push(Command::ChangeReview(Box::new(change)));
        }
    });
}

fn can_sign(view: &View<'_>, memory: &ReviewMemory) -> Result<(), &'static str> {
    view.can_add()?;
    if !view.run.is_finished() {
        return Err("The run is not finished: there is nothing to sign yet");
    }
    if memory.decision.is_none() {
        return Err("Choose a decision first");
    }
    if memory.reason.trim().is_empty() { Err("Write a reason first") } else { Ok(()) }
}
