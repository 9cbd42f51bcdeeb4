//! The screen of the current place.

use std::sync::Arc;

use egui::{Align, Layout, Ui};

use crate::app::{App, Command, Commands, Place, Run, RunStage, State};
use crate::domain::SimTime;
use crate::ui::rehearse::{RehearsePlaces, RehearseView, rehearse_ui};
use crate::ui::screens::{
    Screens, compare_ui, data_ui, learn_ui, library_ui, models_ui, odds_ui, plan_ui, review_ui,
    start_ui,
};
use crate::ui::theme::{GAP, Tokens, small};
use crate::ui::widgets::{Icon, empty_state, icon_button};

/// Draws the screen; where its parts lie, if it is the one that lessons point at.
pub fn stage_ui(
    ui: &mut Ui,
    app: &App,
    screens: &mut Screens,
    commands: &mut Commands,
) -> Option<RehearsePlaces> {
    if app.state.place != Place::Start {
        screens.start.leave();
    }
    // Each screen has its own scroll positions.
    ui.push_id(app.state.place, |ui| screen_ui(ui, app, screens, commands)).inner
}

fn screen_ui(
    ui: &mut Ui,
    app: &App,
    screens: &mut Screens,
    commands: &mut Commands,
) -> Option<RehearsePlaces> {
    let state = &app.state;
    match state.place {
        Place::Start => start_ui(ui, state, &mut screens.start, commands),
        Place::Learn => learn_ui(ui, state, &mut screens.learn, commands),
        Place::Odds => odds_ui(ui, state, &mut screens.odds, commands),
        Place::Library => library_ui(ui, state, &mut screens.library, commands),
        Place::Compare => compare_ui(ui, state, &mut screens.compare, commands),
        Place::Review => {
            screens.review.wants_comment |= state.wants_comment;
            review_ui(ui, state, &mut screens.review, commands);
        }
        Place::Rehearse => return run_ui(ui, app, screens, commands),
        Place::Plan => plan_ui(ui, state, &mut screens.plan, commands),
        Place::Data => {
            data_ui(ui, state, app.workers().jobs(), &mut screens.data, commands);
        }
        Place::Models => {
            models_ui(ui, state, app.workers().jobs(), &mut screens.models, commands);
        }
    }
    None
}

fn run_ui(
    ui: &mut Ui,
    app: &App,
    screens: &mut Screens,
    commands: &mut Commands,
) -> Option<RehearsePlaces> {
    let state = &app.state;
    let Some((place, run)) = state.shown.and_then(|place| Some((place, state.runs.get(place)?)))
    else {
        nothing_ui(ui, state, commands);
        return None;
    };
    if state.runs.len() > 1 {
        runs_ui(ui, state, commands);
    }
    let Some(recording) = &run.recording else {
        waiting_ui(ui, app, run, commands);
        return None;
    };
    if let RunStage::Stopped(reason) = &run.stage {
        ui.horizontal(|ui| {
            ui.add_space(GAP);
            ui.label(small(format!("This run stopped early. {reason}")).color(Tokens::of(ui).warn));
        });
    }
    let view = RehearseView {
        run: Arc::as_ptr(&run.plan) as u64 ^ place as u64,
        plan: &run.plan,
        recording,
        playback: &state.playback,
        notes: &run.notes,
        forks: &forks(state, place),
        is_still: state.settings.reduced_motion,
    };
    Some(rehearse_ui(ui, &view, &mut screens.rehearse, commands))
}

/// Where the run at `place` and other runs of the session part, and which those are.
fn forks(state: &State, place: usize) -> Vec<(SimTime, usize)> {
    let Some(shown) = state.runs.get(place) else { return Vec::new() };
    let others = state.runs.iter().enumerate().filter(|(other, _)| *other != place);
    others
        .filter_map(|(other, run)| {
            let leaves = run.parent.is_some() && run.parent == shown.id;
            let left = shown.parent.is_some() && shown.parent == run.id;
            let at = if leaves { run.forked_at } else { shown.forked_at.filter(|_| left) };
            Some((at?, other))
        })
        .collect()
}

/// The runs of this session, where there are several.
fn runs_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    ui.add_space(GAP / 2.0);
    egui::ScrollArea::horizontal().id_salt("runs").show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.add_space(GAP);
            for (place, run) in state.runs.iter().enumerate() {
                let is_shown = state.shown == Some(place);
                let show = Command::ShowRun(place);
                // A fork stands behind a bent arrow.
                let arrow = if run.forked_at.is_some() { "↳ " } else { "" };
                let title = format!("{arrow}{}", run.numbered_title(place));
                let label = ui.selectable_label(is_shown, title);
                if label.on_hover_text(show.tooltip()).clicked() {
                    commands.push(show);
                }
                if is_shown && icon_button(ui, Icon::Close, "Close this run").clicked() {
                    commands.push(Command::CloseRun(place));
                }
            }
        });
    });
}

fn nothing_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let problems = state.plan.problems().len();
    let (sentence, action, command) = match problems {
        0 => ("The plan is ready.".to_owned(), "Rehearse", Command::Rehearse),
        1 => ("The plan has 1 problem.".to_owned(), "Show it", Command::Go(Place::Plan)),
        _ => (format!("The plan has {problems} problems."), "Show them", Command::Go(Place::Plan)),
    };
    if empty_state(ui, &sentence, Some(action)) {
        commands.push(command);
    }
}

/// A run of which nothing is recorded yet, or ever was.
fn waiting_ui(ui: &mut Ui, app: &App, run: &Run, commands: &mut Commands) {
    if let RunStage::Stopped(reason) = &run.stage {
        let reason = if reason.is_empty() { "Nothing was recorded." } else { reason };
        if empty_state(ui, reason, Some("Show the plan")) {
            commands.push(Command::Go(Place::Plan));
        }
        return;
    }
    let job = app.workers().jobs().iter().find(|job| Some(job.id) == run.job());
    let step = job.map(|job| job.status.step()).filter(|step| !step.is_empty());
    let sentence = step.map_or_else(|| "Getting ready…".to_owned(), |step| format!("{step}…"));
    ui.with_layout(Layout::top_down(Align::Center), |ui| {
        empty_state(ui, &sentence, None);
    });
}
