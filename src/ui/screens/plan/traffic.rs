//! The stream of requests.

use egui::Ui;

use super::{Page, arrivals};
use crate::domain::{LabelDelay, PlanDraft, RowOrder, SimSpan, Traffic, Units};
use crate::ui::form::{FIELD_WIDTH, Field, Form};
use crate::ui::widgets::section;

const ORDERS: [(RowOrder, &str); 3] = [
    (RowOrder::InOrder, "In time order"),
    (RowOrder::Shuffled, "Shuffled"),
    (RowOrder::Sampled, "Drawn at random"),
];
const UNITS: [&str; 3] = ["User column", "Every request", "Made-up users"];
const DELAYS: [&str; 3] = ["None", "Constant", "Random"];
const PICK_WIDTH: f32 = 130.0;

/// Draws the card.
pub fn traffic_ui(ui: &mut Ui, page: &mut Page<'_>, draft: &mut PlanDraft) {
    section(ui, "Traffic", "");
    arrivals::arrivals_ui(ui, page, &mut draft.traffic.arrivals);
    let form = &mut page.form;
    let traffic = &mut draft.traffic;
    let duration = Field::new("traffic.duration", "Duration")
        .help("Recorded arrivals may end it earlier")
        .usual(&Traffic::default().duration);
    form.value(ui, &duration, &mut traffic.duration);
    let rows = Field::new("traffic.rows", "Rows").help("Which row the next request carries");
    form.choice(ui, &rows, &mut traffic.rows, &ORDERS);
    units_ui(ui, form, &mut traffic.units);
    delay_ui(ui, form, &mut traffic.label_delay);
}

fn units_ui(ui: &mut Ui, form: &mut Form<'_>, units: &mut Units) {
    let field = Field::new("traffic.units", "Sticky by")
        .help("A unit always meets the same arm while the shares stand still");
    let kind = match units {
        Units::Column => 0,
        Units::Request => 1,
        Units::Synthetic(_) => 2,
    };
    let count = Field::new("traffic.units.synthetic", "Users");
    form.row(ui, &field, |form, ui| {
        match form.pick(ui, &field, PICK_WIDTH, Some(kind), &UNITS) {
            Some(0) => *units = Units::Column,
            Some(1) => *units = Units::Request,
            Some(_) => *units = Units::Synthetic(10_000),
            None => {}
        }
        if let Units::Synthetic(users) = units {
            form.cell(ui, &count, FIELD_WIDTH * 0.7, users);
        }
    });
    form.problems_ui(ui, &count.path);
}

fn delay_ui(ui: &mut Ui, form: &mut Form<'_>, delay: &mut LabelDelay) {
    let field = Field::new("traffic.label_delay", "Label delay")
        .help("How long after the answer the truth becomes known");
    let (kind, span) = match *delay {
        LabelDelay::None => (0, SimSpan::from_secs(30)),
        LabelDelay::Constant(span) => (1, span),
        LabelDelay::Exponential { mean } => (2, mean),
    };
    form.row(ui, &field, |form, ui| {
        match form.pick(ui, &field, PICK_WIDTH, Some(kind), &DELAYS) {
            Some(0) => *delay = LabelDelay::None,
            Some(1) => *delay = LabelDelay::Constant(span),
            Some(_) => *delay = LabelDelay::Exponential { mean: span },
            None => {}
        }
        let value = Field::new("traffic.label_delay.span", "Length of the label delay");
        if let LabelDelay::Constant(span) | LabelDelay::Exponential { mean: span } = delay {
            form.cell(ui, &value, FIELD_WIDTH * 0.7, span);
        }
    });
    form.problems_ui(ui, "traffic.label_delay.span");
}
