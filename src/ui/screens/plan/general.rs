//! What the whole rehearsal shares: its seed, its windows, and what it is for.

use egui::{Margin, TextEdit, Ui};

use super::Page;
use crate::domain::PlanDraft;
use crate::ui::form::{FIELD_WIDTH, Field};
use crate::ui::widgets::section;

/// Draws the card.
pub fn general_ui(ui: &mut Ui, page: &mut Page<'_>, draft: &mut PlanDraft) {
    section(ui, "Rehearsal", "");
    let usual = PlanDraft::default();
    let form = &mut page.form;
    let seed = Field::new("seed", "Seed")
        .help("The same seed gives the same arrivals, splits and service times");
    form.row(ui, &seed, |form, ui| {
        form.cell(ui, &seed, FIELD_WIDTH, &mut draft.seed);
        if ui.button("Next").on_hover_text("Another seed: another possible course").clicked() {
            draft.seed = draft.seed.wrapping_add(1);
        }
    });
    let about = Field::new("description", "What for").hint("What the rehearsal is to find out");
    form.row(ui, &about, |_, ui| {
        let edit = TextEdit::multiline(&mut draft.description).hint_text(about.hint.as_str());
        let edit = edit.margin(Margin::symmetric(7, 4)).desired_rows(2);
        ui.add(edit.desired_width(f32::INFINITY));
    });
    form.more(ui, "More", &["window", "deadline"], |form, ui| {
        let window = Field::new("window", "Window")
            .hint("about 240")
            .help("Length of the windows in which metrics are counted")
            .usual(&usual.window);
        form.value(ui, &window, &mut draft.window);
        let deadline = Field::new("deadline", "Deadline")
            .help("A rollout without progress for so long outside a hold is aborted")
            .usual(&usual.deadline);
        form.value(ui, &deadline, &mut draft.deadline);
    });
}
