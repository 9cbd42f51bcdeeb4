//! What the program asks a person for: files to open, and names of files to write.

use std::path::Path;
use std::sync::Arc;

use crate::models;
use crate::report::Series;
use crate::store::{ExperimentId, Sharing};
use crate::worker::Form;

/// What a file dialog is opened for.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// A dataset, a plan or an experiment: whatever it turns out to be.
    Open,
    Data,
    /// The folder of an arm's model.
    ModelFolder(usize),
    /// The single file of an arm's model.
    ModelFile(usize),
    /// A file of recorded predictions for an arm.
    PredictionsFile(usize),
    /// A file of service times for an arm.
    ServiceTimes(usize),
    Trace,
    SavePlan,
    Share(ExperimentId, Sharing),
    Export(Export),
    /// A chart of the shown run.
    Chart(ChartFile),
}

impl Ask {
    /// The title of the dialog.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Open => "Open a dataset, a plan or an experiment",
            Self::Data => "Choose a dataset",
            Self::ModelFolder(_) => "Choose a model's folder",
            Self::ModelFile(_) => "Choose a model's file",
            Self::PredictionsFile(_) => "Choose a file of predictions",
            Self::ServiceTimes(_) => "Choose a file of service times",
            Self::Trace => "Choose a trace of arrivals",
            Self::SavePlan => "Save the plan",
            Self::Share(..) => "Share the experiment",
            Self::Export(_) | Self::Chart(_) => "Export",
        }
    }

    pub fn is_save(&self) -> bool {
        matches!(self, Self::SavePlan | Self::Share(..) | Self::Export(_) | Self::Chart(_))
    }

    pub fn is_folder(&self) -> bool {
        matches!(self, Self::ModelFolder(_))
    }

    /// Endings of the files that fit, without dots.
    pub fn endings(&self) -> &[&'static str] {
        const TABLES: &[&str] =
            &["csv", "tsv", "parquet", "ndjson", "jsonl", "arrow", "ipc", "feather"];
        match self {
            Self::Open => &[
                "rehearsal",
                "toml",
                "csv",
                "tsv",
                "parquet",
                "ndjson",
                "jsonl",
                "arrow",
                "ipc",
                "feather",
            ],
            Self::Data | Self::PredictionsFile(_) | Self::Trace => TABLES,
            Self::ServiceTimes(_) => &["csv"],
            Self::ModelFolder(_) => &[],
            Self::ModelFile(_) => models::ENDINGS,
            Self::SavePlan => &["toml"],
            Self::Share(..) => &["rehearsal"],
            Self::Chart(chart) => std::slice::from_ref(&chart.ending),
            Self::Export(export) => match export {
                Export::Report => &["html", "md", "txt"],
                Export::Windows | Export::Events => &["csv", "parquet"],
                Export::Json => &["json"],
            },
        }
    }

    /// The name that a save dialog proposes.
    pub fn file_name(&self) -> String {
        match self {
            Self::SavePlan => "plan.toml".to_owned(),
            Self::Share(id, _) => format!("{id}.rehearsal"),
            Self::Export(export) => export.file_name().to_owned(),
            Self::Chart(chart) => format!("{}.{}", chart.stem, chart.ending),
            _ => String::new(),
        }
    }
}

/// A chart as a file that only needs its place.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartFile {
    /// The proposed name without its ending.
    pub stem: String,
    pub ending: &'static str,
    pub bytes: Arc<Vec<u8>>,
}

/// What leaves the program as a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// For people: HTML, Markdown or plain text.
    Report,
    /// Tables: CSV or Parquet.
    Windows,
    Events,
    Json,
}

impl Export {
    pub const ALL: [Self; 4] = [Self::Report, Self::Windows, Self::Events, Self::Json];

    pub fn label(self) -> &'static str {
        match self {
            Self::Report => "Export a report…",
            Self::Windows => "Export the metrics…",
            Self::Events => "Export the events…",
            Self::Json => "Export everything (JSON)…",
        }
    }

    /// How to write it, as the file's name ends.
    pub(super) fn form(self, path: &Path) -> Form {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let series = match self {
            Self::Report => {
                return match ending.as_deref() {
                    Some("md" | "markdown") => Form::Markdown,
                    Some("txt") => Form::Text,
                    _ => Form::Html,
                };
            }
            Self::Json => return Form::Json,
            Self::Windows => Series::Windows,
            Self::Events => Series::Events,
        };
        if ending.as_deref() == Some("parquet") { Form::Parquet(series) } else { Form::Csv(series) }
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::Report => "report.html",
            Self::Windows => "windows.csv",
            Self::Events => "events.csv",
            Self::Json => "rehearsal.json",
        }
    }
}
