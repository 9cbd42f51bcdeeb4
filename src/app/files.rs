//! Commands about files: opening, saving and exporting.

use std::path::{Path, PathBuf};

use super::ask::{Ask, Export};
use super::place::Place;
use super::program::{App, Next};
use super::settings::Settings;
use super::state::DataState;
use crate::domain::{Arrivals, Latency, ModelSource, SimSpan};
use crate::worker::{Document, Stored, Task};

impl App {
    pub(super) fn picked(&mut self, ask: Ask, path: PathBuf) {
        match ask {
            Ask::Open => self.open_path(path),
            Ask::Data => self.load_data(path),
            Ask::ModelFolder(arm) | Ask::ModelFile(arm) => {
                self.set_model(arm, ModelSource::Folder(path.display().to_string()));
            }
            Ask::PredictionsFile(arm) => {
                let path = path.display().to_string();
                let source = ModelSource::File { path, key: String::new(), column: String::new() };
                self.set_model(arm, source);
            }
            Ask::ServiceTimes(arm) => {
                let mut draft = self.state.plan.draft().clone();
                if let Some(arm) = draft.arms.get_mut(arm) {
                    arm.latency = Latency::File(path.display().to_string());
                }
                self.edit_plan(draft);
            }
            Ask::Trace => {
                let mut draft = self.state.plan.draft().clone();
                draft.traffic.arrivals = Arrivals::Trace {
                    path: path.display().to_string(),
                    column: String::new(),
                    unit: SimSpan::from_secs(1),
                    speed_up: 1.0,
                };
                self.edit_plan(draft);
            }
            Ask::SavePlan => self.save_plan(path),
            Ask::Share(id, sharing) => {
                self.start(Task::Share { id, sharing, path });
            }
            Ask::Export(export) => self.export(export, path),
            Ask::Chart(chart) => {
                let bytes = chart.bytes.as_ref().clone();
                self.start(Task::WriteFile { path, bytes });
            }
        }
    }

    /// What it is shows in its name; whatever is unknown is tried as a dataset.
    pub(super) fn open_path(&mut self, path: PathBuf) {
        let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("rehearsal") => {
                self.remember(&path);
                let job = self.start(Task::OpenExperiment(Stored::File(path.clone())));
                self.next.insert(job, Next::Shared(path));
            }
            Some("toml") => {
                self.remember(&path);
                self.start(Task::ReadPlan { path });
            }
            _ => self.load_data(path),
        }
    }

    pub(super) fn load_data(&mut self, path: PathBuf) {
        self.remember(&path);
        let job = self.start(Task::LoadData { path: path.clone() });
        self.state.data = DataState::Loading { job, path };
        self.state.place = Place::Data;
    }

    pub(super) fn save_plan(&mut self, path: PathBuf) {
        self.remember(&path);
        let text = self.state.plan.draft().to_toml();
        self.start(Task::SavePlan { path, text });
    }

    pub(super) fn export(&mut self, export: Export, path: PathBuf) {
        let Some(run) = self.state.shown_run() else { return };
        let Some(recording) = &run.recording else { return };
        let summary = run
            .id
            .as_ref()
            .and_then(|id| self.state.library.list().iter().find(|known| known.id == *id).cloned());
        let document = Document {
            summary,
            plan: run.plan.clone(),
            recording: recording.clone(),
            inputs: run.inputs.clone(),
            interventions: run.interventions.clone(),
            review: self.state.review.of(run).map(|shown| shown.reviewed.clone()),
        };
        let form = export.form(&path);
        self.start(Task::Export { document: Box::new(document), form, path });
    }

    pub(super) fn remember(&mut self, path: &Path) {
        let path = path.to_owned();
        self.change_settings(|settings| settings.remember(&path));
    }

    pub(super) fn change_settings(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.state.settings);
        let Some(path) = &self.settings_path else { return };
        if let Err(fault) = self.state.settings.save(path) {
            self.state.notices.note(format!("The settings could not be saved: {fault}."));
            self.settings_path = None;
        }
    }

    /// Takes note of the window's size, to be saved when it closes.
    pub fn set_window_size(&mut self, size: [f32; 2]) {
        self.state.settings.window_size = size;
    }

    /// Before the window closes.
    pub fn shut_down(&mut self) {
        self.change_settings(|_| {});
        self.cancel_all();
    }
}
