//! The scheduled job that scores collected rows.

use egui::Ui;

use super::Page;
use crate::domain::{BatchServing, PlanDraft, SimSpan, SimTime};
use crate::ui::form::Field;
use crate::ui::widgets::section;

/// Draws the card.
pub fn batch_ui(ui: &mut Ui, page: &mut Page<'_>, draft: &mut PlanDraft) {
    section(ui, "Batch job", "rows collected and scored on a schedule");
    let mut is_on = draft.batch.is_some();
    let switch = Field::new("batch", "A job answers a part of the requests, or all");
    page.form.switch(ui, &switch, &mut is_on);
    if !is_on {
        draft.batch = None;
        return;
    }
    let duration = draft.traffic.duration;
    let batch = draft.batch.get_or_insert_with(|| first_job(duration));
    let usual = BatchServing::default();
    let form = &mut page.form;
    let at = |name: &str, label| Field::new(format!("batch.{name}"), label);
    let share = at("share", "Share").unit("% of the requests").usual(&usual.share);
    form.value(ui, &share.help("The rest is answered on arrival"), &mut batch.share);
    form.value(ui, &at("every", "Every"), &mut batch.every);
    form.value(ui, &at("first", "First start at"), &mut batch.first);
    let late = at("deadline", "Deadline")
        .hint("none")
        .help("An answer older than this when it is published has missed its deadline")
        .usual(&usual.deadline);
    form.value(ui, &late, &mut batch.deadline);
    let paths = ["batch.replicas", "batch.rows_per_second", "batch.overhead"];
    form.more(ui, "More", &paths, |form, ui| {
        let machines = at("replicas", "Machines").usual(&usual.replicas);
        form.value(ui, &machines.help("That a job uses in parallel"), &mut batch.replicas);
        let rate = at("rows_per_second", "Throughput")
            .hint("measured")
            .unit("rows/s each")
            .usual(&usual.rows_per_second);
        form.value(ui, &rate, &mut batch.rows_per_second);
        let start = at("overhead", "Start-up").usual(&usual.overhead);
        form.value(ui, &start.help("Start-up time of each job"), &mut batch.overhead);
    });
}

/// A job that runs a few times while the traffic lasts.
fn first_job(duration: SimSpan) -> BatchServing {
    let every = SimSpan::from_secs((duration.as_secs_f64() / 6.0).max(1.0) as u64);
    let first = SimTime::START + every;
    BatchServing { every, first, ..BatchServing::default() }
}
