//! A bar on a terminal that shows what a long task is doing.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::out;
use crate::worker::Status;

/// Cells of the bar itself.
const CELLS: usize = 24;

/// Does `work` under a bar. There is none if standard error is no terminal, or if `is_quiet`.
pub(super) fn under<T, E>(
    is_quiet: bool,
    work: impl FnOnce(&Status) -> Result<T, E>,
) -> Result<T, E> {
    let status = Arc::new(Status::default());
    let target = if is_quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(None, target);
    bar.set_style(style(Arc::clone(&status)));
    if !bar.is_hidden() {
        // The bar has a thread of its own that asks the status again and again.
        bar.enable_steady_tick(Duration::from_millis(100));
    }
    let result = work(&status);
    bar.finish_and_clear();
    if !is_quiet {
        for note in status.notes() {
            out::note(&note);
        }
    }
    result
}

fn style(status: Arc<Status>) -> ProgressStyle {
    let text = move |_: &ProgressState, out: &mut dyn Write| {
        out.write_str(&line(&status)).ok();
    };
    match ProgressStyle::with_template("{spinner} {text}") {
        Ok(style) => style.with_key("text", text),
        // The template above is a fixed text; without it the bar says less.
        Err(_) => ProgressStyle::default_spinner(),
    }
}

/// `Scoring risk v2  ████████░░░░  33 %, 4 s left`.
fn line(status: &Status) -> String {
    let mut line = status.step();
    if let Some(share) = status.progress.share() {
        let full = (share * CELLS as f32) as usize;
        let bar = "█".repeat(full) + &"░".repeat(CELLS - full.min(CELLS));
        line.push_str(&format!("  {bar}  {:.0} %", share * 100.0));
    }
    if let Some(left) = status.left().filter(|left| left.as_secs() > 0) {
        line.push_str(&format!(", {} s left", left.as_secs()));
    }
    line
}
