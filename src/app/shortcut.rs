//! The keys of commands.

use super::ask::{Ask, Export};
use super::command::{Command, Zoom};
use super::place::Place;
use super::playback_command::PlaybackCommand;
use super::state::Overlay;

impl Command {
    /// The key, as menus write it: `Ctrl+Shift+Z`. Letters without Ctrl work only while no text
    /// field has the focus.
    pub fn shortcut(&self) -> Option<&'static str> {
        use PlaybackCommand as Play;
        Some(match self {
            Self::Go(Place::Start) => "Ctrl+1",
            Self::Go(Place::Data) => "Ctrl+2",
            Self::Go(Place::Models) => "Ctrl+3",
            Self::Go(Place::Plan) => "Ctrl+4",
            Self::Go(Place::Rehearse) => "Ctrl+5",
            Self::Go(Place::Compare) => "Ctrl+6",
            Self::Go(Place::Odds) => "Ctrl+7",
            Self::Go(Place::Review) => "Ctrl+8",
            Self::Go(Place::Library) => "Ctrl+L",
            Self::Go(Place::Learn) => "Ctrl+H",
            Self::Choose(Ask::Open) => "Ctrl+O",
            Self::Choose(Ask::Export(Export::Report)) => "Ctrl+E",
            Self::NewPlan => "Ctrl+N",
            Self::SavePlan => "Ctrl+S",
            Self::Choose(Ask::SavePlan) => "Ctrl+Shift+S",
            Self::Undo => "Ctrl+Z",
            Self::Redo => "Ctrl+Shift+Z",
            Self::Rehearse => "F5",
            Self::CompareStrategies => "Ctrl+Shift+C",
            Self::AddNote => "N",
            Self::WriteComment => "C",
            Self::Playback(Play::Toggle) => "Space",
            Self::Playback(Play::Step(1)) => "Right",
            Self::Playback(Play::Step(-1)) => "Left",
            Self::Playback(Play::Step(10)) => "Shift+Right",
            Self::Playback(Play::Step(-10)) => "Shift+Left",
            Self::Playback(Play::NextEvent) => "E",
            Self::Playback(Play::PreviousEvent) => "Shift+E",
            Self::Playback(Play::ToStart) => "Home",
            Self::Playback(Play::ToEnd) => "End",
            Self::Playback(Play::Faster) => "]",
            Self::Playback(Play::Slower) => "[",
            Self::Playback(Play::LoopFrom) => "I",
            Self::Playback(Play::LoopTo) => "O",
            Self::Playback(Play::Loop(None)) => "L",
            Self::Zoom(Zoom::In) => "Ctrl+=",
            Self::Zoom(Zoom::Out) => "Ctrl+-",
            Self::Zoom(Zoom::Reset) => "Ctrl+0",
            Self::FullScreen => "F11",
            Self::Show(Overlay::Palette) => "Ctrl+K",
            Self::Show(Overlay::Keys) => "F1",
            Self::Show(Overlay::Settings) => "Ctrl+,",
            Self::Close => "Escape",
            Self::Quit => "Ctrl+Q",
            _ => return None,
        })
    }
}
