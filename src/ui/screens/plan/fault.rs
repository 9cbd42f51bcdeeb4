//! The fields of one fault.

use egui::Ui;

use crate::app::State;
use crate::domain::{Fault, FaultKind, SimSpan, Values};
use crate::ui::form::{FIELD_WIDTH, Field, Form};

/// What can go wrong.
pub const KINDS: [&str; 9] = [
    "Latency",
    "Errors",
    "Crash",
    "Replicas lost",
    "Labels missing",
    "Metrics missing",
    "Drift of a feature",
    "Labels flipped",
    "Burst of traffic",
];

pub fn kind_of(what: &FaultKind) -> usize {
    match what {
        FaultKind::Latency { .. } => 0,
        FaultKind::Errors { .. } => 1,
        FaultKind::Crash => 2,
        FaultKind::ReplicaLoss { .. } => 3,
        FaultKind::LabelOutage => 4,
        FaultKind::MetricOutage => 5,
        FaultKind::Drift { .. } => 6,
        FaultKind::FlippedLabels { .. } => 7,
        FaultKind::Burst { .. } => 8,
    }
}

/// A fault of this kind that can be noticed.
pub fn of_kind(kind: usize) -> FaultKind {
    match kind {
        0 => FaultKind::Latency { factor: 1.0, add: SimSpan::from_millis(100) },
        1 => FaultKind::Errors { percent: 5.0 },
        2 => FaultKind::Crash,
        3 => FaultKind::ReplicaLoss { replicas: 1 },
        4 => FaultKind::LabelOutage,
        5 => FaultKind::MetricOutage,
        6 => FaultKind::Drift { feature: String::new(), shift: 1.0 },
        7 => FaultKind::FlippedLabels { percent: 20.0, segment: None },
        _ => FaultKind::Burst { factor: 3.0 },
    }
}

/// Draws the fields of the fault at `place`.
pub fn fault_ui(
    ui: &mut Ui,
    form: &mut Form<'_>,
    state: &State,
    place: usize,
    fault: &mut Fault,
    arms: &[String],
) {
    let at = |name: &str, label| Field::new(format!("faults[{place}].{name}"), label);
    let kind = at("what", "What");
    form.row(ui, &kind, |form, ui| {
        let current = kind_of(&fault.what);
        if let Some(chosen) = form.pick(ui, &kind, 160.0, Some(current), &KINDS) {
            fault.what = of_kind(chosen);
        }
    });
    what_ui(ui, form, state, place, &mut fault.what);
    form.value(ui, &at("at", "At").unit("from the start"), &mut fault.at);
    form.value(ui, &at("lasts", "For").hint("to the end"), &mut fault.lasts);
    if fault.what.is_of_arm() {
        let mut options = vec![(None, "First candidate")];
        options.extend(arms.iter().map(|name| (Some(name.clone()), name.as_str())));
        form.choice(ui, &at("arm", "Hits"), &mut fault.arm, &options);
    } else {
        form.problems_ui(ui, &at("arm", "").path);
    }
}

fn what_ui(ui: &mut Ui, form: &mut Form<'_>, state: &State, place: usize, what: &mut FaultKind) {
    let at = |name: &str, label| Field::new(format!("faults[{place}].what.{name}"), label);
    match what {
        FaultKind::Latency { factor, add } => {
            form.value(ui, &at("latency.factor", "Times").unit("×"), factor);
            form.value(ui, &at("latency.add", "Plus"), add);
        }
        FaultKind::Errors { percent } => {
            form.value(ui, &at("errors.percent", "Share").unit("% of the requests"), percent);
        }
        FaultKind::ReplicaLoss { replicas } => {
            form.value(ui, &at("replica_loss.replicas", "How many"), replicas);
        }
        FaultKind::Drift { feature, shift } => {
            feature_ui(ui, form, state, &at("drift.feature", "Feature"), feature);
            let shift_field = at("drift.shift", "Shift").unit("standard deviations");
            form.value(ui, &shift_field, shift);
        }
        FaultKind::FlippedLabels { percent, segment } => {
            form.value(ui, &at("flipped_labels.percent", "Share").unit("% of the rows"), percent);
            let only = at("flipped_labels.segment", "Only in").hint("all segments");
            form.value(ui, &only, segment);
        }
        FaultKind::Burst { factor } => {
            form.value(ui, &at("burst.factor", "Arrivals").unit("×"), factor);
        }
        FaultKind::Crash | FaultKind::LabelOutage | FaultKind::MetricOutage => {}
    }
}

/// A numeric column of the dataset, or its name where there is no dataset.
fn feature_ui(
    ui: &mut Ui,
    form: &mut Form<'_>,
    state: &State,
    field: &Field,
    feature: &mut String,
) {
    let Some(dataset) = state.dataset() else {
        form.value(ui, field, feature);
        return;
    };
    let columns = dataset.table.columns.iter();
    let names: Vec<&str> = columns
        .filter(|column| matches!(column.values, Values::Number(_)))
        .map(|column| column.name.as_str())
        .collect();
    let current = names.iter().position(|name| name == feature);
    form.row(ui, field, |form, ui| {
        let chosen = form.pick(ui, field, 1.5 * FIELD_WIDTH, current, &names);
        if let Some(name) = chosen.and_then(|place| names.get(place)) {
            (*name).clone_into(feature);
        }
    });
}
