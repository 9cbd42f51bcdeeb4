//! How far a job has come, where its result is waited for.

use egui::{ProgressBar, RichText, Ui};

use crate::app::{Command, Commands};
use crate::domain::grouped;
use crate::ui::theme::Tokens;
use crate::worker::{JobId, RunningJob};

const WIDEST: f32 = 360.0;

/// Draws the step, a bar, the number of `things` with their rate, and Cancel. Nothing is there to
/// draw before the job is known or when it has ended.
pub fn job_ui(ui: &mut Ui, jobs: &[RunningJob], id: JobId, things: &str, commands: &mut Commands) {
    let tokens = Tokens::of(ui);
    let Some(job) = jobs.iter().find(|job| job.id == id) else { return };
    let status = &job.status;
    let step = status.step();
    ui.label(if step.is_empty() { "Waiting for its turn" } else { step.as_str() });
    let share = status.progress.share();
    let bar = ProgressBar::new(share.unwrap_or(0.0)).desired_height(8.0).fill(tokens.accent);
    ui.add(bar.desired_width(ui.available_width().min(WIDEST)));
    let rate = rate(status.progress.done(), status.elapsed().as_secs_f64(), things);
    let left = status.left().map(|left| format!("about {} s left", left.as_secs().max(1)));
    let share = share.map(|share| format!("{:.0} %", share * 100.0));
    let parts = [rate, share, left].into_iter().flatten().collect::<Vec<_>>();
    ui.label(RichText::new(parts.join(", ")).color(tokens.subdued));
    ui.horizontal(|ui| {
        if status.progress.is_cancelled() {
            ui.label("Stopping…");
        } else if ui.button("Cancel").clicked() {
            commands.push(Command::CancelJob(id));
        }
    });
}

/// `1,200 rows, 400 rows/s`; nothing before there is a first one.
fn rate(done: u64, secs: f64, things: &str) -> Option<String> {
    if done == 0 {
        return None;
    }
    let per_second = (done as f64 / secs.max(1e-3)).round() as u64;
    Some(format!("{} {things}, {} {things}/s", grouped(done), grouped(per_second)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_needs_something_done() {
        assert_eq!(rate(0, 1.0, "rows"), None);
        assert_eq!(rate(1_200, 3.0, "rows").as_deref(), Some("1,200 rows, 400 rows/s"));
    }
}
