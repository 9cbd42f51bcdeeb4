//! Comments in threads, and the place to write one.

use egui::{Label, ScrollArea, Ui};
use jiff::Timestamp;

use super::super::ago::ago;
use super::{Draft, ReviewMemory, View, compose, decided};
use crate::app::{Command, Commands, PlaybackCommand};
use crate::domain::{About, Comment, Reviewed, SimTime};
use crate::ui::theme::{Tokens, small, strong};
use crate::ui::widgets::{Status, card_frame};
use crate::worker::ReviewChange;

pub(super) fn comments_ui(
    ui: &mut Ui,
    view: &View<'_>,
    reviewed: Option<&Reviewed>,
    memory: &mut ReviewMemory,
    commands: &mut Commands,
) {
    let height = (ui.available_height() - compose::HEIGHT).max(60.0);
    let area = ScrollArea::vertical().id_salt("comments").auto_shrink(false).max_height(height);
    area.show(ui, |ui| {
        ui.set_width(ui.available_width() - 6.0);
        list_ui(ui, view, reviewed, memory, commands);
    });
    compose::compose_ui(ui, view, memory, commands);
}

fn list_ui(
    ui: &mut Ui,
    view: &View<'_>,
    reviewed: Option<&Reviewed>,
    memory: &mut ReviewMemory,
    commands: &mut Commands,
) {
    let subdued = Tokens::of(ui).subdued;
    let Some(reviewed) = reviewed else {
        ui.label(small("Reading the review…").color(subdued));
        return;
    };
    let threads = reviewed.review.threads();
    if threads.is_empty() {
        let text =
            "No comments yet. Click a metric, or drag on the ruler, and write what you think.";
        ui.add(Label::new(small(text).color(subdued)).wrap());
        return;
    }
    let is_resolved = |thread: &Vec<&Comment>| thread.first().is_some_and(|c| c.resolved.is_some());
    let resolved = threads.iter().filter(|thread| is_resolved(thread)).count();
    for thread in &threads {
        if !is_resolved(thread) || memory.shows_resolved {
            thread_ui(ui, view, thread, memory, commands);
        }
    }
    if resolved > 0 {
        ui.checkbox(&mut memory.shows_resolved, format!("Show resolved ({resolved})"));
    }
}

fn thread_ui(
    ui: &mut Ui,
    view: &View<'_>,
    thread: &[&Comment],
    memory: &mut ReviewMemory,
    commands: &mut Commands,
) {
    card_frame(Tokens::of(ui)).fill(Tokens::of(ui).raised).inner_margin(8.0).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 3.0;
        for (place, comment) in thread.iter().enumerate() {
            if place == 0 {
                comment_ui(ui, view, comment, memory, commands);
            } else {
                ui.indent(("answer", comment.number), |ui| {
                    comment_ui(ui, view, comment, memory, commands);
                });
            }
        }
        if let Some(first) = thread.first() {
            acts_ui(ui, view, first, memory, commands);
        }
    });
    ui.add_space(4.0);
}

fn comment_ui(
    ui: &mut Ui,
    view: &View<'_>,
    comment: &Comment,
    memory: &ReviewMemory,
    commands: &mut Commands,
) {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.label(strong(&comment.author));
        let when = ago(comment.written, Timestamp::now());
        ui.label(small(when).color(tokens.subdued));
        if let Some(resolved) = &comment.resolved {
            let text = Status::Pass.text(&format!("resolved by {}", resolved.by));
            ui.label(small(text).color(tokens.pass));
        }
    });
    let end = view.recording.end();
    if comment.answers.is_none()
        && comment.about != About::Run
        && ui
            .link(small(comment.about.label()))
            .on_hover_text("Move the time cursor there")
            .clicked()
    {
        let (from, _) = time_of(&comment.about, view, memory).unwrap_or((end, end));
        commands.playback(PlaybackCommand::Seek(from));
    }
    ui.add(Label::new(&comment.text).wrap());
}

/// The time that a comment is about; those on the run or on the plan have none.
pub(super) fn time_of(
    about: &About,
    view: &View<'_>,
    memory: &ReviewMemory,
) -> Option<(SimTime, SimTime)> {
    match about {
        About::Time { from, to } => Some((*from, *to)),
        About::Metric(metric) => {
            let at = decided(*metric, memory.card.as_ref()?, view.plan);
            Some((at, at))
        }
        About::Stage(name) => {
            let stage = view.recording.stages.iter().position(|stage| stage == name)?;
            let span = memory.spans.iter().find(|span| span.stage == stage)?;
            Some((span.start, span.end))
        }
        About::Run | About::Field(_) => None,
    }
}

fn acts_ui(
    ui: &mut Ui,
    view: &View<'_>,
    first: &Comment,
    memory: &mut ReviewMemory,
    commands: &mut Commands,
) {
    if view.can_add().is_err() {
        return;
    }
    ui.horizontal(|ui| {
        if ui.small_button("Answer").clicked() {
            let text = memory.draft.text.clone();
            memory.draft = Draft { about: first.about.clone(), answers: Some(first.number), text };
            memory.wants_comment = true;
        }
        let is_open = first.resolved.is_none();
        if ui.small_button(if is_open { "Resolve" } else { "Open again" }).clicked() {
            let by = is_open.then(|| view.state.settings.reviewer.trim().to_owned());
            let change = ReviewChange::Resolve { number: first.number, by };
            commands.push(Command::ChangeReview(Box::new(change)));
        }
    });
}
