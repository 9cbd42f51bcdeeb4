//! What survives a restart: choices of the person, and nothing of their work.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::lesson::Lesson;
use super::library_view::LibraryView;
use crate::domain::Notation;
use crate::models::DeviceChoice;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    #[default]
    System,
    Light,
    Dark,
}

impl ThemeChoice {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub fn label(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

/// How large letters are, whatever the size of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextSize {
    Small,
    #[default]
    Medium,
    Large,
    Largest,
}

impl TextSize {
    pub const ALL: [Self; 4] = [Self::Small, Self::Medium, Self::Large, Self::Largest];

    pub fn label(self) -> &'static str {
        match self {
            Self::Small => "Small",
            Self::Medium => "Medium",
            Self::Large => "Large",
            Self::Largest => "Largest",
        }
    }

    /// What the size of every letter is multiplied by. Rows have room for the largest.
    pub fn scale(self) -> f32 {
        match self {
            Self::Small => 0.92,
            Self::Medium => 1.0,
            Self::Large => 1.1,
            Self::Largest => 1.2,
        }
    }
}

/// Old files keep loading: every field has a default, unknown ones are ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub theme: ThemeChoice,
    /// Stills instead of moving pictures.
    pub reduced_motion: bool,
    /// Where models run.
    pub device: DeviceChoice,
    /// Size of everything, 0.75 to 2.
    pub zoom: f32,
    pub text_size: TextSize,
    /// Units that numbers are written in.
    pub notation: Notation,
    pub window_size: [f32; 2],
    /// Newest first; data, plans and experiments alike.
    pub recent: Vec<PathBuf>,
    pub last_folder: Option<PathBuf>,
    /// Lessons that were taken or skipped.
    pub known_lessons: BTreeSet<Lesson>,
    /// The name under which the person runs, comments and signs; never guessed.
    pub reviewer: String,
    /// Filters and order of the library.
    pub library: LibraryView,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            reduced_motion: false,
            device: DeviceChoice::default(),
            zoom: 1.0,
            text_size: TextSize::default(),
            notation: Notation::default(),
            window_size: [1360.0, 860.0],
            recent: Vec::new(),
            last_folder: None,
            known_lessons: BTreeSet::new(),
            reviewer: String::new(),
            library: LibraryView::default(),
        }
    }
}

const MOST_RECENT: usize = 12;

impl Settings {
    /// Where the platform keeps settings; `None` where there is no home folder.
    pub fn default_path() -> Option<PathBuf> {
        let folders = directories::ProjectDirs::from("", "", "rehearsal")?;
        Some(folders.config_dir().join("settings.json"))
    }

    /// What `path` holds. Settings are no work of anyone's: a missing or broken file gives the
    /// defaults.
    pub fn load(path: &Path) -> Self {
        let read = fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let mut settings: Self = read.unwrap_or_default();
        settings.set_zoom(settings.zoom);
        for side in &mut settings.window_size {
            *side = if side.is_finite() { side.clamp(400.0, 10_000.0) } else { 900.0 };
        }
        settings
    }

    /// # Errors
    /// If the folder cannot be made or the file cannot be written.
    pub fn save(&self, path: &Path) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let beside = path.with_extension("json.new");
        fs::write(&beside, serde_json::to_vec_pretty(self)?)?;
        fs::rename(beside, path)
    }

    pub fn set_zoom(&mut self, zoom: f32) {
        self.zoom = if zoom.is_finite() { zoom.clamp(0.75, 2.0) } else { 1.0 };
    }

    pub fn remember(&mut self, path: &Path) {
        self.recent.retain(|known| known != path);
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(MOST_RECENT);
        self.last_folder = path.parent().map(Path::to_owned);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{TimeUnit, Unit};

    #[test]
    fn settings_survive_a_restart_and_a_broken_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/settings.json");
        let mut settings = Settings {
            reduced_motion: true,
            text_size: TextSize::Large,
            notation: Notation::default().with(Unit::Time(TimeUnit::Secs)),
            ..Settings::default()
        };
        settings.remember(Path::new("/data/a.csv"));
        settings.save(&path).unwrap();
        assert_eq!(Settings::load(&path), settings);
        fs::write(&path, b"{ \"zoom\": 900, \"future\": [1] }").unwrap();
        assert_eq!(Settings::load(&path), Settings { zoom: 2.0, ..Settings::default() });
        fs::write(&path, b"\xff not json").unwrap();
        assert_eq!(Settings::load(&path), Settings::default());
    }

    #[test]
    fn recent_files_are_few_and_distinct() {
        let mut settings = Settings::default();
        (0..30).for_each(|n| settings.remember(Path::new(&format!("/d/{n}"))));
        settings.remember(Path::new("/d/25"));
        assert_eq!(settings.recent.len(), MOST_RECENT);
        assert_eq!(settings.recent[0], Path::new("/d/25"));
    }
}
