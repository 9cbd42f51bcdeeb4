//! Charts as SVG: crisp in print, readable by screen readers, and text that tests can read.

mod axis;
mod canvas;
mod chart;
mod course;
mod forest;

pub use chart::chart;
pub use course::course;
pub use forest::forest;

use super::Dossier;
use super::figures::{Figure, History, figures};

/// Every picture of a run under a name for its file.
pub fn all(dossier: &Dossier<'_>) -> Vec<(String, String)> {
    let recording = dossier.run.recording;
    let of = |figure: &Figure| (file_name(&figure.title), chart(figure, recording));
    let course = ("course".to_owned(), course(recording));
    std::iter::once(course).chain(of_run(dossier).iter().map(of)).collect()
}

/// The run's figures.
pub fn of_run(dossier: &Dossier<'_>) -> Vec<Figure> {
    let (plan, recording) = (dossier.run.plan, dossier.run.recording);
    let mut history = History::new(recording.window, plan.traffic.duration);
    history.follow(recording);
    figures(plan, recording, &history)
}

/// `p95 latency` as `p95-latency`.
fn file_name(title: &str) -> String {
    let sign = |sign: char| if sign.is_alphanumeric() { sign.to_ascii_lowercase() } else { '-' };
    title.chars().map(sign).collect()
}
