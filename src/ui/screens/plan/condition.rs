//! A limit on a metric, in the unit in which people read it.

use egui::Ui;

use crate::domain::{Condition, Metric};
use crate::ui::form::{Field, Form};

/// Makes a condition of its number.
type Make = fn(f64) -> Condition;

/// Kinds of conditions with what stands before and after their number.
const KINDS: [(&str, Make); 6] = [
    ("at most", Condition::AtMost),
    ("at least", Condition::AtLeast),
    ("at most × baseline", Condition::AtMostTimesBaseline),
    ("at least × baseline", Condition::AtLeastTimesBaseline),
    ("at most baseline +", Condition::AtMostAboveBaseline),
    ("at least baseline −", Condition::AtMostBelowBaseline),
];
const PICK_WIDTH: f32 = 138.0;
const NUMBER_WIDTH: f32 = 48.0;

/// Draws the kind and the number; the first choice is no condition.
pub fn condition_ui(
    ui: &mut Ui,
    form: &mut Form<'_>,
    field: &Field,
    metric: Metric,
    condition: &mut Option<Condition>,
) {
    let mut names = vec!["no condition"];
    names.extend(KINDS.map(|(name, _)| name));
    let kind = condition.map_or(0, |condition| kind_of(condition) + 1);
    form.row(ui, field, |form, ui| {
        match form.pick(ui, field, PICK_WIDTH, Some(kind), &names) {
            Some(0) => *condition = None,
            Some(chosen) => {
                if let Some((_, make)) = KINDS.get(chosen - 1) {
                    let made = make(0.0);
                    let kept = condition.filter(|before| is_factor(*before) == is_factor(made));
                    *condition =
                        Some(kept.map_or_else(|| sensible(made, metric), |c| make(c.number())));
                }
            }
            None => {}
        }
        if let Some(condition) = condition {
            number_ui(ui, form, field, metric, condition);
        }
    });
}

fn number_ui(
    ui: &mut Ui,
    form: &mut Form<'_>,
    field: &Field,
    metric: Metric,
    condition: &mut Condition,
) {
    let (scale, unit) = match (is_factor(*condition), metric) {
        (true, _) => (1.0, "×"),
        (_, metric) if metric.is_share() => (100.0, "%"),
        (_, metric) if metric.is_latency() => (1.0, "ms"),
        _ => (1.0, ""),
    };
    let mut shown = condition.number() * scale;
    let cell = Field { path: format!("{}.number", field.path), ..field.clone() };
    form.cell(ui, &cell, NUMBER_WIDTH, &mut shown);
    ui.label(unit);
    if let Some((_, make)) = KINDS.get(kind_of(*condition))
        && shown != condition.number() * scale
    {
        *condition = make(shown / scale);
    }
}

fn kind_of(condition: Condition) -> usize {
    match condition {
        Condition::AtMost(_) => 0,
        Condition::AtLeast(_) => 1,
        Condition::AtMostTimesBaseline(_) => 2,
        Condition::AtLeastTimesBaseline(_) => 3,
        Condition::AtMostAboveBaseline(_) => 4,
        Condition::AtMostBelowBaseline(_) => 5,
    }
}

fn is_factor(condition: Condition) -> bool {
    matches!(condition, Condition::AtMostTimesBaseline(_) | Condition::AtLeastTimesBaseline(_))
}

/// A number to start from.
pub fn sensible(condition: Condition, metric: Metric) -> Condition {
    let amount = if metric.is_share() { 0.01 } else { 10.0 };
    match condition {
        Condition::AtMost(_) if metric.is_latency() => Condition::AtMost(100.0),
        Condition::AtMost(_) => Condition::AtMost(if metric.is_share() { 0.02 } else { 1.0 }),
        Condition::AtLeast(_) => Condition::AtLeast(if metric.is_share() { 0.8 } else { 0.5 }),
        Condition::AtMostTimesBaseline(_) => Condition::AtMostTimesBaseline(1.2),
        Condition::AtLeastTimesBaseline(_) => Condition::AtLeastTimesBaseline(0.95),
        Condition::AtMostAboveBaseline(_) => Condition::AtMostAboveBaseline(amount),
        Condition::AtMostBelowBaseline(_) => Condition::AtMostBelowBaseline(amount),
    }
}
