//! Keys: the commands' shortcuts, taken before any widget sees them.

use std::cmp::Reverse;

use egui::{Context, FocusDirection, Key, KeyboardShortcut, Modifiers, Popup};

use crate::app::{Command, Commands, Overlay, Place, PlaybackCommand, State, Zoom};

/// Keys of playback speeds, slowest first.
const SPEED_KEYS: [Key; 5] = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5];

/// A shortcut as [`Command::shortcut`] writes it.
pub fn chord(text: &str) -> Option<KeyboardShortcut> {
    let (modifiers, key) = text.rsplit_once('+').unwrap_or(("", text));
    let mut chord = KeyboardShortcut::new(Modifiers::NONE, Key::from_name(key)?);
    for name in modifiers.split('+').filter(|name| !name.is_empty()) {
        chord.modifiers |= match name {
            "Ctrl" => Modifiers::COMMAND,
            "Shift" => Modifiers::SHIFT,
            _ => return None,
        };
    }
    Some(chord)
}

/// What keys may mean at the moment.
#[derive(Clone, Copy)]
struct Situation {
    is_typing: bool,
    was_typing: bool,
    has_popup: bool,
    place: Place,
    overlay: Option<Overlay>,
}

impl Situation {
    fn allows(self, chord: KeyboardShortcut, command: &Command) -> bool {
        if self.overlay.is_some()
            && !matches!(
                command,
                Command::Close
                    | Command::Show(_)
                    | Command::Zoom(_)
                    | Command::FullScreen
                    | Command::Quit
            )
        {
            return false;
        }
        match command {
            // Escape first leaves a menu or a text field, and only then what it stands on.
            Command::Close => !self.has_popup && (self.overlay.is_some() || !self.was_typing),
            // A text field has its own way back.
            Command::Undo | Command::Redo => !self.is_typing,
            _ => !is_plain(chord) || self.allows_plain(),
        }
    }

    /// Letters, arrows and the like belong to text fields, menus and focus, except where there is
    /// something to play.
    fn allows_plain(self) -> bool {
        !self.is_typing
            && !self.has_popup
            && self.overlay.is_none()
            && matches!(self.place, Place::Rehearse | Place::Review)
    }
}

fn is_plain(chord: KeyboardShortcut) -> bool {
    let is_function =
        chord.logical_key.name().len() > 1 && chord.logical_key.name().starts_with('F');
    !chord.modifiers.command && !is_function && chord.logical_key != Key::Escape
}

/// Takes this frame's shortcuts out of the input.
pub fn take_shortcuts(ctx: &Context, state: &State, was_typing: bool, commands: &mut Commands) {
    let situation = Situation {
        is_typing: ctx.text_edit_focused(),
        was_typing,
        has_popup: Popup::is_any_open(ctx),
        place: state.place,
        overlay: state.overlay,
    };
    let mut taken_plain = false;
    for (chord, command) in shortcuts() {
        if situation.allows(chord, &command)
            && ctx.input_mut(|input| input.consume_shortcut(&chord))
        {
            taken_plain |= is_plain(chord);
            commands.push(command);
        }
    }
    let is_pressed = |key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if !situation.is_typing && is_pressed(Key::Questionmark) {
        commands.push(Command::Show(Overlay::Keys));
    }
    if situation.allows_plain() && state.shown.is_some() {
        for (key, speed) in SPEED_KEYS.into_iter().zip(preset_speeds(state)) {
            if is_pressed(key) {
                commands.playback(PlaybackCommand::SetSpeed(speed));
            }
        }
    }
    if taken_plain {
        // Arrows that moved time must not move the focus as well.
        ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    }
}

/// The five fastest speeds.
fn preset_speeds(state: &State) -> Vec<f64> {
    let speeds = state.playback.speeds();
    speeds[speeds.len().saturating_sub(SPEED_KEYS.len())..].to_vec()
}

/// All shortcuts, those with the most modifiers first: egui lets Ctrl+Shift+Z pass for Ctrl+Z.
fn shortcuts() -> Vec<(KeyboardShortcut, Command)> {
    let mut all: Vec<(KeyboardShortcut, Command)> = Command::named()
        .into_iter()
        .filter_map(|command| Some((chord(command.shortcut()?)?, command)))
        .collect();
    // On many keyboards plus needs no Shift while equals does.
    all.push((KeyboardShortcut::new(Modifiers::COMMAND, Key::Plus), Command::Zoom(Zoom::In)));
    all.sort_by_key(|(chord, _)| {
        Reverse(u8::from(chord.modifiers.command) + u8::from(chord.modifiers.shift))
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shortcut_can_be_pressed() {
        for command in Command::named() {
            if let Some(text) = command.shortcut() {
                assert!(chord(text).is_some(), "{text} of {}", command.label());
            }
        }
        let chord = chord("Ctrl+Shift+Z").unwrap();
        assert_eq!((chord.logical_key, chord.modifiers.shift), (Key::Z, true));
    }

    #[test]
    fn letters_belong_to_text_fields_and_escape_leaves_them_first() {
        let free = Situation {
            is_typing: false,
            was_typing: false,
            has_popup: false,
            place: Place::Rehearse,
            overlay: None,
        };
        let letter = chord("E").unwrap();
        let next = Command::Playback(PlaybackCommand::NextEvent);
        assert!(free.allows(letter, &next));
        for other in [
            Situation { is_typing: true, ..free },
            Situation { has_popup: true, ..free },
            Situation { place: Place::Plan, ..free },
            Situation { overlay: Some(Overlay::Keys), ..free },
        ] {
            assert!(!other.allows(letter, &next));
        }
        let escape = chord("Escape").unwrap();
        assert!(free.allows(escape, &Command::Close));
        assert!(!Situation { was_typing: true, ..free }.allows(escape, &Command::Close));
        let palette = Situation { was_typing: true, overlay: Some(Overlay::Palette), ..free };
        assert!(palette.allows(escape, &Command::Close));
    }
}
