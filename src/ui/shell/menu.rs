//! The menu bar: every named command has its place in it.

use egui::{Button, Ui};

use crate::app::{
    Ask, Command, Commands, Export, Lesson, Overlay, Place, PlaybackCommand, State, TextSize,
    ThemeChoice, Zoom,
};
use crate::domain::{InterventionKind, StrategyKind, Unit};
use crate::worker::Story;

/// The buttons that open the menus; to be drawn in an [`egui::MenuBar`].
pub fn menus_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    for (title, groups) in menus() {
        ui.menu_button(title, |ui| {
            for (place, group) in groups.into_iter().enumerate() {
                if place > 0 {
                    ui.separator();
                }
                for command in group {
                    item_ui(ui, state, command, commands);
                }
                if title == "File" && place == 0 {
                    recent_ui(ui, state, commands);
                }
            }
        });
    }
}

/// Files that were opened before.
fn recent_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let recent = &state.settings.recent;
    ui.add_enabled_ui(!recent.is_empty(), |ui| {
        ui.menu_button("Open a recent file", |ui| {
            for path in recent {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                if ui.button(name).on_hover_text(path.display().to_string()).clicked() {
                    commands.push(Command::OpenPath(path.clone()));
                    ui.close();
                }
            }
        });
    });
}

/// One command: label, key, and the reason where it is greyed out.
fn item_ui(ui: &mut Ui, state: &State, command: Command, commands: &mut Commands) {
    let mut button = Button::new(command.label());
    if let Some(keys) = command.shortcut() {
        button = button.shortcut_text(keys);
    }
    let can = command.can_run(state);
    let response = ui.add_enabled(can.is_ok(), button).on_hover_text(command.tooltip());
    let response = match can {
        Ok(()) => response,
        Err(reason) => response.on_disabled_hover_text(reason),
    };
    if response.clicked() {
        commands.push(command);
        ui.close();
    }
}

type Menu = (&'static str, Vec<Vec<Command>>);

/// Menus, their groups, and the commands in them.
fn menus() -> [Menu; 6] {
    [
        ("File", file()),
        ("Edit", edit()),
        ("Run", run()),
        ("Playback", playback()),
        ("View", view()),
        ("Help", help()),
    ]
}

fn file() -> Vec<Vec<Command>> {
    vec![
        vec![Command::Choose(Ask::Open), Command::Choose(Ask::Data)],
        vec![Command::NewPlan, Command::SavePlan, Command::Choose(Ask::SavePlan)],
        Export::ALL.map(|export| Command::Choose(Ask::Export(export))).to_vec(),
        vec![Command::Quit],
    ]
}

fn edit() -> Vec<Vec<Command>> {
    vec![
        vec![Command::Undo, Command::Redo],
        vec![Command::AddArm, Command::DuplicatePlan, Command::WriteComment],
        vec![Command::Show(Overlay::Settings)],
        TextSize::ALL.map(Command::SetTextSize).to_vec(),
        Unit::ALL.map(Command::SetUnit).to_vec(),
    ]
}

fn run() -> Vec<Vec<Command>> {
    vec![
        vec![
            Command::Rehearse,
            Command::CompareStrategies,
            Command::AskOdds(false),
            Command::AskOdds(true),
            Command::ProposeGates,
            Command::Verify(None),
        ],
        INTERVENTIONS.map(Command::Intervene).to_vec(),
        vec![Command::CancelAll],
    ]
}

fn playback() -> Vec<Vec<Command>> {
    use PlaybackCommand as Play;
    let groups: [&[Play]; 5] = [
        &[Play::Toggle, Play::Faster, Play::Slower],
        &[Play::NextEvent, Play::PreviousEvent],
        &[Play::Step(1), Play::Step(-1), Play::Step(10), Play::Step(-10)],
        &[Play::ToStart, Play::ToEnd],
        &[Play::LoopFrom, Play::LoopTo, Play::Loop(None)],
    ];
    let mut groups: Vec<Vec<Command>> =
        groups.map(|group| group.iter().copied().map(Command::Playback).collect()).to_vec();
    groups.push(vec![Command::AddNote]);
    groups
}

fn view() -> Vec<Vec<Command>> {
    vec![
        Place::ALL.into_iter().filter(|place| *place != Place::Learn).map(Command::Go).collect(),
        ThemeChoice::ALL.map(Command::SetTheme).to_vec(),
        [true, false].map(Command::SetReducedMotion).to_vec(),
        [Zoom::In, Zoom::Out, Zoom::Reset].map(Command::Zoom).to_vec(),
        vec![Command::FullScreen, Command::Show(Overlay::Notices), Command::RefreshLibrary],
    ]
}

fn help() -> Vec<Vec<Command>> {
    vec![
        vec![Command::Show(Overlay::Palette), Command::Show(Overlay::Keys)],
        [vec![Command::Go(Place::Learn)], Lesson::ALL.map(Command::StartLesson).to_vec()].concat(),
        EXAMPLES.map(Command::StartSample).to_vec(),
        Story::ALL.map(Command::OpenSample).to_vec(),
        vec![Command::Show(Overlay::About)],
    ]
}

const INTERVENTIONS: [InterventionKind; 7] = [
    InterventionKind::Promote,
    InterventionKind::PromoteFully,
    InterventionKind::Abort,
    InterventionKind::RollBack,
    InterventionKind::Pause,
    InterventionKind::Resume,
    InterventionKind::Retry,
];

const EXAMPLES: [StrategyKind; 4] =
    [StrategyKind::Canary, StrategyKind::Shadow, StrategyKind::BlueGreen, StrategyKind::Ab];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_command_has_its_place_in_a_menu_and_only_one() {
        let listed: Vec<Command> =
            menus().into_iter().flat_map(|(_, groups)| groups).flatten().collect();
        // Escape closes what lies on top of the menus as well.
        for command in Command::named().iter().filter(|command| **command != Command::Close) {
            let count = listed.iter().filter(|known| *known == command).count();
            assert_eq!(count, 1, "{}", command.label());
        }
    }
}
