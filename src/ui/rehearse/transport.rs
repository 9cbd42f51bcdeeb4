//! Play, pause, step, speed, and the clock.

use egui::{Align, ComboBox, Label, Layout, Ui};

use crate::app::{Commands, Playback, PlaybackCommand};
use crate::ui::notation;
use crate::ui::theme::{Tokens, semibold, small};
use crate::ui::widgets::{Icon, icon_button};

pub const HEIGHT: f32 = 28.0;

/// Buttons at the left, what is simulated at the right.
pub fn transport_ui(
    ui: &mut Ui,
    playback: &Playback,
    seed: u64,
    shows_ahead: &mut bool,
    commands: &mut Commands,
) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let mut button = |ui: &mut Ui, icon: Icon, label: &str, command: PlaybackCommand| {
            if icon_button(ui, icon, label).clicked() {
                commands.playback(command);
            }
        };
        button(ui, Icon::ToStart, "To the start (Home)", PlaybackCommand::ToStart);
        button(ui, Icon::PreviousEvent, "Previous event (Shift+E)", PlaybackCommand::PreviousEvent);
        button(ui, Icon::StepBack, "One step back (←)", PlaybackCommand::Step(-1));
        let (icon, label) = if playback.is_playing() {
            (Icon::Pause, "Pause (Space)")
        } else {
            (Icon::Play, "Play (Space)")
        };
        button(ui, icon, label, PlaybackCommand::Toggle);
        button(ui, Icon::StepForward, "One step forward (→)", PlaybackCommand::Step(1));
        button(ui, Icon::NextEvent, "Next event (E)", PlaybackCommand::NextEvent);
        button(ui, Icon::ToEnd, "To the end (End)", PlaybackCommand::ToEnd);
        ui.add_space(4.0);
        speed_ui(ui, playback, commands);
        ui.add_space(8.0);
        clock_ui(ui, playback);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            options_ui(ui, playback, shows_ahead, commands);
            ui.add_space(8.0);
            let text = format!("{}   seed {seed}", progress(playback));
            ui.add(Label::new(small(text).color(Tokens::of(ui).subdued)).truncate());
        });
    });
}

fn speed_ui(ui: &mut Ui, playback: &Playback, commands: &mut Commands) {
    let combo = ComboBox::from_id_salt("speed").width(58.0).selected_text(speed(playback.speed()));
    let response = combo.show_ui(ui, |ui| {
        for choice in playback.speeds() {
            if ui.selectable_label(choice == playback.speed(), speed(choice)).clicked() {
                commands.playback(PlaybackCommand::SetSpeed(choice));
            }
        }
    });
    response.response.on_hover_text("Speed: simulated seconds per second ([ and ])");
}

fn speed(value: f64) -> String {
    if value >= 1e4 { format!("{:.0}k ×", value / 1e3) } else { format!("{value} ×") }
}

fn clock_ui(ui: &mut Ui, playback: &Playback) {
    let text = egui::RichText::new(notation::time(playback.now())).font(semibold(16.0));
    ui.label(text);
    ui.label(small(format!("/ {}", notation::time(playback.end()))).color(Tokens::of(ui).subdued));
    if playback.is_slowed() {
        ui.label(small("slowed at the event").color(Tokens::of(ui).accent));
    }
}

fn progress(playback: &Playback) -> String {
    if playback.is_waiting() {
        "simulating…".to_owned()
    } else if playback.is_finished() {
        format!("simulated to {}", notation::time(playback.simulated()))
    } else {
        format!("simulating, at {}", notation::time(playback.simulated()))
    }
}

fn options_ui(ui: &mut Ui, playback: &Playback, shows_ahead: &mut bool, commands: &mut Commands) {
    ui.checkbox(shows_ahead, "Show ahead")
        .on_hover_text("Draw what comes after the cursor faintly in the charts");
    ui.add_space(8.0);
    let mut slows = playback.slows_at_events();
    let response = ui
        .checkbox(&mut slows, "Slow at events")
        .on_hover_text("Playback slows down for two seconds after each event");
    if response.changed() {
        commands.playback(PlaybackCommand::SlowAtEvents(slows));
    }
    ui.add_space(8.0);
    if let Some((start, end)) = playback.loop_range() {
        let text = format!("{} to {}", notation::time(start), notation::time(end));
        if icon_button(ui, Icon::Close, "Stop repeating the range").clicked() {
            commands.playback(PlaybackCommand::Loop(None));
        }
        ui.label(small(format!("repeats {text}")));
    }
}
