//! The status line: what runs in the background, what has just been done, and how many notices there
//! are.

use std::time::Duration;

use egui::{Align, Button, Label, Layout, ProgressBar, Ui};

use super::toasts::{passing, status_of};
use crate::app::{App, Command, Commands, Notice, Overlay};
use crate::ui::theme::{Tokens, small, strong};
use crate::worker::RunningJob;

pub const HEIGHT: f32 = 30.0;
/// Nobody has to know of a job that ends at once.
const SILENT: Duration = Duration::from_millis(300);
/// More jobs than these are only counted.
const MOST_SHOWN: usize = 2;

/// Draws the line.
pub fn status_line_ui(ui: &mut Ui, app: &App, commands: &mut Commands) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let count = app.state.notices.list().len();
        let show = Command::Show(Overlay::Notices);
        let text = if count == 1 { "1 notice".to_owned() } else { format!("{count} notices") };
        let button = Button::new(small(text)).frame_when_inactive(false);
        if count > 0 && ui.add(button).on_hover_text(show.tooltip()).clicked() {
            commands.push(show);
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            jobs_ui(ui, app.workers().jobs(), commands);
            if let Some(notice) = passing(&app.state) {
                notice_ui(ui, notice);
            }
        });
    });
}

fn jobs_ui(ui: &mut Ui, jobs: &[RunningJob], commands: &mut Commands) {
    let tokens = Tokens::of(ui);
    let shown: Vec<&RunningJob> =
        jobs.iter().filter(|job| job.started.elapsed() >= SILENT).collect();
    for job in shown.iter().take(MOST_SHOWN) {
        job_ui(ui, job, commands);
        ui.add_space(8.0);
    }
    let more = shown.len().saturating_sub(MOST_SHOWN);
    if more > 0 {
        ui.label(small(format!("and {more} more")).color(tokens.subdued));
    }
}

fn notice_ui(ui: &mut Ui, notice: &Notice) {
    let tokens = Tokens::of(ui);
    let status = status_of(notice.level);
    ui.label(strong(status.glyph()).color(status.colour(tokens)));
    ui.add(Label::new(small(&notice.text)).truncate()).on_hover_text(&notice.text);
}

fn job_ui(ui: &mut Ui, job: &RunningJob, commands: &mut Commands) {
    let tokens = Tokens::of(ui);
    let share = job.status.progress.share();
    let bar = ProgressBar::new(share.unwrap_or(0.0)).desired_width(72.0).desired_height(6.0);
    ui.add(bar.fill(tokens.accent)).on_hover_text(&job.title);
    let note = note(&job.status.step(), share, job.status.left());
    let text = if note.is_empty() { job.title.clone() } else { format!("{}: {note}", job.title) };
    let width = (ui.available_width() - 80.0).clamp(60.0, 380.0);
    ui.scope(|ui| {
        ui.set_max_width(width);
        ui.add(Label::new(small(text)).truncate());
    });
    let cancel = Command::CancelJob(job.id);
    if job.status.progress.is_cancelled() {
        ui.label(small("stopping…").color(tokens.subdued));
    } else if ui.add(Button::new(small("Cancel"))).on_hover_text(cancel.tooltip()).clicked() {
        commands.push(cancel);
    }
}

/// What is being done, how much of it is done, and how long the rest will take.
fn note(step: &str, share: Option<f32>, left: Option<Duration>) -> String {
    let mut parts = Vec::new();
    if !step.is_empty() {
        parts.push(step.to_owned());
    }
    if let Some(share) = share {
        parts.push(format!("{:.0} %", share * 100.0));
    }
    if let Some(left) = left.filter(|left| *left >= Duration::from_secs(1)) {
        parts.push(format!("about {} left", words(left)));
    }
    parts.join(", ")
}

fn words(left: Duration) -> String {
    match left.as_secs() {
        secs @ 0..90 => format!("{} s", secs.max(1)),
        secs @ 90..5_400 => format!("{} min", secs.div_ceil(60)),
        secs => format!("{} h", secs.div_ceil(3_600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_tells_its_step_share_and_estimate_as_far_as_they_are_known() {
        let left = Some(Duration::from_secs(12));
        assert_eq!(note("Scoring", Some(0.25), left), "Scoring, 25 %, about 12 s left");
        assert_eq!(note("", Some(0.5), Some(Duration::from_secs(600))), "50 %, about 10 min left");
        assert_eq!(note("Reading", None, None), "Reading");
        assert_eq!(note("", Some(1.0), Some(Duration::ZERO)), "100 %");
    }
}
