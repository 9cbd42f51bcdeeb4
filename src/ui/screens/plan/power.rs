//! How small a difference the plan can show, before anything is run.

use egui::{RichText, Ui};

use super::outline::Outline;
use crate::app::{ModelState, State};
use crate::domain::{Metric, PlanDraft};
use crate::stats::power::{Sides, detectable, rate_at};
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Term, term};

const POWER: f64 = 0.8;
const LEVEL: f64 = 0.05;

/// Says it in a line, where A's accuracy and the rate of the traffic are known.
pub fn power_ui(ui: &mut Ui, state: &State, draft: &PlanDraft, outline: &Outline) {
    let Some(accuracy) = baseline_accuracy(state) else { return };
    let Some(rate) = draft.traffic.arrivals.mean_rate() else { return };
    let rows = state.dataset().map_or(f64::INFINITY, |dataset| dataset.table.rows as f64);
    let (baseline, candidate) = answers(draft, outline, rate);
    // A row that is asked again gets the same answer, and tells nothing new.
    let (baseline, candidate) = (baseline.min(rows), candidate.min(rows));
    let Some(points) = visible_points(accuracy, baseline, candidate) else { return };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.spacing_mut().interact_size.y = 0.0;
        let subdued = Tokens::of(ui).subdued;
        let text = format!("This plan can show a change of accuracy from about {points:.1} points");
        ui.label(RichText::new(text).color(subdued));
        term(ui, Term::POWER, RichText::new("(80 % power)").color(subdued));
    });
}

/// What the first look at A found.
fn baseline_accuracy(state: &State) -> Option<f64> {
    let Some(ModelState::Checked(check)) = state.models.first() else { return None };
    let (metric, value) = check.quick.as_ref()?.quality?;
    (metric == Metric::Accuracy && value > 0.0 && value < 1.0).then_some(value)
}

/// Requests that A and the first candidate answer while both are compared.
fn answers(draft: &PlanDraft, outline: &Outline, per_second: f64) -> (f64, f64) {
    let end = draft.traffic.duration.as_secs_f64();
    let mut sums = (0.0, 0.0);
    for phase in &outline.phases {
        let from = phase.from.as_secs_f64().min(end);
        let requests = per_second * (phase.to.as_secs_f64().min(end) - from);
        let all: f64 = phase.shares.iter().sum();
        let candidate = phase.shares.first().copied().unwrap_or(0.0).max(phase.mirrored);
        if candidate > 0.0 && all < 100.0 {
            sums.0 += requests * (100.0 - all) / 100.0;
            sums.1 += requests * candidate / 100.0;
        }
    }
    sums
}

/// The smallest rise of wrong answers that so many can show, in points.
fn visible_points(accuracy: f64, baseline: f64, candidate: f64) -> Option<f64> {
    let wrong = 1.0 - accuracy;
    let h = detectable(baseline, POWER, candidate / baseline, LEVEL, Sides::Two)?;
    let points = 100.0 * (rate_at(wrong, h) - wrong);
    points.is_finite().then_some(points)
}

#[cfg(test)]
mod tests {
    use super::super::outline::outline;
    use super::*;
    use crate::domain::StrategyKind;

    #[test]
    fn only_times_when_both_answer_count() {
        // 40 a second; 5, 25 and 50 % for a minute each.
        let draft = PlanDraft::default();
        let (baseline, candidate) = answers(&draft, &outline(&draft), 40.0);
        assert_eq!((baseline.round(), candidate.round()), (5_280.0, 1_920.0));
        let strategy = StrategyKind::Direct.default_strategy();
        let direct = PlanDraft { strategy, ..draft };
        assert_eq!(answers(&direct, &outline(&direct), 40.0), (0.0, 0.0));
    }

    #[test]
    fn more_answers_show_smaller_changes() {
        let few = visible_points(0.8, 1_000.0, 1_000.0).unwrap();
        let many = visible_points(0.8, 100_000.0, 100_000.0).unwrap();
        assert!((4.5..6.0).contains(&few), "{few}");
        assert!(many < few / 8.0, "{many}");
        assert_eq!(visible_points(0.8, 0.0, 0.0), None);
    }
}
