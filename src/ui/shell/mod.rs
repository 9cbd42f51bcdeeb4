//! The frame around the screens: rail, bars, palette, notices, dialogs and keys.

mod about;
mod drops;
mod file_dialog;
mod file_prompt;
mod fuzzy;
mod history;
mod keys;
mod keys_overlay;
mod lesson;
mod menu;
mod modal;
mod palette;
mod question;
mod rail;
mod settings;
mod sharing;
mod stage;
mod status_line;
mod toasts;
mod top_bar;
mod workbench;

#[cfg(test)]
mod flows;
#[cfg(test)]
mod readme_pictures;
#[cfg(test)]
mod settings_tests;

pub use file_dialog::SystemPicker;
pub use workbench::Workbench;
