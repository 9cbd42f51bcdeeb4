//! What the program is doing: its state, and the commands that change it. Knows no widget.

pub mod ask;
pub mod command;
pub mod lesson;
pub mod moments;
pub mod note;
pub mod notices;
pub mod place;
pub mod plan_editor;
pub mod playback;
pub mod playback_command;
pub mod run;
pub mod settings;
pub mod state;

mod changed_field;
mod command_refusal;
mod command_words;
mod files;
mod foreseen;
mod library_view;
mod naming;
mod noting;
mod planning;
mod program;
mod reports;
mod reviewing;
mod running;
mod shortcut;
mod teaching;

#[cfg(test)]
mod tests;

pub use ask::{Ask, ChartFile, Export};
pub use command::{Command, Commands, Zoom};
pub use lesson::{Lesson, Teaching};
pub use library_view::{Found, LibraryRow, LibraryView, SortBy};
pub use moments::is_notable;
pub use note::Note;
pub use notices::{Level, Notice, Notices};
pub use place::Place;
pub use plan_editor::PlanEditor;
pub use playback::Playback;
pub use playback_command::PlaybackCommand;
pub use program::App;
pub use reviewing::ReviewState;
pub use run::{Run, RunStage};
pub use settings::{Settings, TextSize, ThemeChoice};
pub use state::{CardDraft, DataState, LibraryState, ModelState, OddsState, Overlay, State};
