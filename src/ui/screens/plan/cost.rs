//! What things cost.

use egui::Ui;

use super::Page;
use crate::domain::{Cost, PlanDraft};
use crate::ui::form::{Field, Typed as _};
use crate::ui::widgets::section;

/// Draws the card.
pub fn cost_ui(ui: &mut Ui, page: &mut Page<'_>, draft: &mut PlanDraft) {
    section(ui, "Cost", "0 leaves it out");
    let usual = Cost::default();
    let cost = &mut draft.cost;
    let form = &mut page.form;
    let currency = Field::new("cost.currency", "Currency").usual(&usual.currency);
    form.value(ui, &currency, &mut cost.currency);
    let unit = cost.currency.show();
    let price =
        |name: &str, label| Field::new(format!("cost.{name}"), label).unit(&unit).usual(&0.0);
    form.value(ui, &price("replica_hour", "Replica-hour"), &mut cost.replica_hour);
    form.value(ui, &price("false_positive", "False positive"), &mut cost.false_positive);
    form.value(ui, &price("false_negative", "False negative"), &mut cost.false_negative);
    form.more(ui, "More", &["cost.wrong_class", "cost.failed_request"], |form, ui| {
        let wrong = price("wrong_class", "Wrong class").help("Of several classes");
        form.value(ui, &wrong, &mut cost.wrong_class);
        form.value(ui, &price("failed_request", "Failed request"), &mut cost.failed_request);
    });
}
