//! How long one answer of an arm takes.

use egui::Ui;

use crate::app::{Ask, Command, Commands};
use crate::domain::{Latency, SimSpan};
use crate::ui::form::{Field, Form};

const KINDS: [&str; 5] = ["As measured", "Constant", "Exponential", "Lognormal", "From a file"];

/// Draws the fields of the arm at `place`.
pub fn latency_ui(
    ui: &mut Ui,
    form: &mut Form<'_>,
    commands: &mut Commands,
    place: usize,
    latency: &mut Latency,
) {
    let path = format!("arms[{place}].latency");
    let kind = match latency {
        Latency::Measured { .. } => 0,
        Latency::Constant(_) => 1,
        Latency::Exponential { .. } => 2,
        Latency::Lognormal { .. } => 3,
        Latency::File(_) => 4,
    };
    let field = Field::new(&path, "Service time")
        .help("How long one request keeps one server busy; waiting comes on top");
    form.row(ui, &field, |form, ui| {
        if let Some(kind) = form.pick(ui, &field, 130.0, Some(kind), &KINDS) {
            *latency = of_kind(kind);
        }
    });
    let at = |name: &str, label| Field::new(format!("{path}.{name}"), label);
    match latency {
        Latency::Measured { scale, overhead } => {
            let times = at("measured.scale", "Times").unit("× the measured time").usual(&1.0);
            form.value(ui, &times, scale);
            let plus = at("measured.overhead", "Plus")
                .help("Network, serialisation, feature look-up")
                .usual(&SimSpan::ZERO);
            form.value(ui, &plus, overhead);
        }
        Latency::Constant(span) => form.value(ui, &at("constant", "Always"), span),
        Latency::Exponential { mean } => form.value(ui, &at("exponential.mean", "Mean"), mean),
        Latency::Lognormal { median, p95 } => {
            form.value(ui, &at("lognormal.median", "Median"), median);
            form.value(ui, &at("lognormal.p95", "p95"), p95);
        }
        Latency::File(file) => {
            let field = at("file", "File").hint("CSV, milliseconds in its first column");
            form.row(ui, &field, |form, ui| {
                let width = (ui.available_width() - 84.0).max(60.0);
                form.cell(ui, &field, width, file);
                if ui.button("Choose…").clicked() {
                    commands.push(Command::Choose(Ask::ServiceTimes(place)));
                }
            });
        }
    }
}

fn of_kind(kind: usize) -> Latency {
    match kind {
        0 => Latency::default(),
        1 => Latency::Constant(SimSpan::from_millis(20)),
        2 => Latency::Exponential { mean: SimSpan::from_millis(20) },
        3 => Latency::Lognormal { median: SimSpan::from_millis(18), p95: SimSpan::from_millis(40) },
        _ => Latency::File(String::new()),
    }
}
