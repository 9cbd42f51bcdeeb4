//! The gates: one line each, opened for editing.

use egui::{RichText, Ui};

use super::{Page, gate};
use crate::app::Command;
use crate::domain::gate_test::{Method, Test};
use crate::domain::{Condition, Gate, Judge, Metric, PlanDraft, Reaction};
use crate::ui::form::{Item, item_ui};
use crate::ui::notation;
use crate::ui::theme::{Tokens, small};
use crate::ui::widgets::{button_or_reason, section};

/// Draws the card.
pub fn gates_ui(ui: &mut Ui, page: &mut Page<'_>, draft: &mut PlanDraft) {
    section(ui, "Gates", "what the candidate must pass");
    if draft.gates.is_empty() {
        let text = "No gates yet: nothing will stop a bad candidate.";
        ui.label(RichText::new(text).color(Tokens::of(ui).subdued));
    }
    let mut removed = None;
    for (place, gate) in draft.gates.iter_mut().enumerate() {
        let item = Item {
            kind: "gate",
            place,
            name: if gate.name.is_empty() { "Gate without a name" } else { &gate.name.clone() },
            sentence: sentence(gate),
            is_wrong: page.form.concerns(&[&format!("gates[{place}]")]),
        };
        let form = &mut page.form;
        let is_removed = item_ui(ui, &item, &mut page.open.gate, |ui| {
            let about = format!("gate {}", place + 1);
            form.about(about, |form| gate::gate_ui(ui, form, place, gate));
        });
        if is_removed {
            removed = Some(place);
        }
    }
    if let Some(place) = removed {
        draft.gates.remove(place);
        page.open.gate = None;
    }
    ui.horizontal_wrapped(|ui| {
        ui.menu_button("Add gate", |ui| {
            for (text, make) in PRESETS {
                if ui.button(text).clicked() {
                    draft.gates.push(make());
                    page.open.gate = Some(draft.gates.len() - 1);
                    ui.close();
                }
            }
        });
        let propose = Command::ProposeGates;
        let button = button_or_reason(ui, "Propose from A's numbers", propose.can_run(page.state));
        if button.on_hover_text(propose.tooltip()).clicked() {
            page.commands.push(propose);
        }
    });
    for note in &page.state.proposal {
        ui.label(small(note.as_str()).color(Tokens::of(ui).subdued));
    }
}

/// What is wished for, and the gate that watches over it.
type Preset = (&'static str, fn() -> Gate);

/// Gates to start from.
const PRESETS: [Preset; 10] = [
    ("Errors stay rare", || preset("Errors", Metric::ErrorRate, Condition::AtMost(0.02))),
    ("p95 latency stays near the baseline's", || {
        preset("p95 latency", Metric::LatencyP95, Condition::AtMostTimesBaseline(1.2))
    }),
    ("Accuracy does not fall", || {
        preset("Accuracy", Metric::Accuracy, Condition::AtMostBelowBaseline(0.01))
    }),
    ("Log loss does not grow", || {
        preset("Log loss", Metric::LogLoss, Condition::AtMostTimesBaseline(1.05))
    }),
    ("No more errors than the baseline (exact, may be watched)", || Gate {
        pass_when: None,
        fail_when: Some(Condition::AtLeastTimesBaseline(1.0)),
        test: Some(Test::new(Method::Label)),
        ..preset("More errors", Metric::ErrorRate, Condition::AtMost(0.02))
    }),
    ("Accuracy surely not 1 point lower (may be watched)", || Gate {
        test: Some(Test::new(Method::Sequence)),
        max_hold: 1_000,
        ..preset("Accuracy proof", Metric::Accuracy, Condition::AtMostBelowBaseline(0.01))
    }),
    ("Answers agree with the baseline", || {
        preset("Agreement", Metric::Agreement, Condition::AtLeast(0.9))
    }),
    ("The traffic is split as planned", || Gate {
        on_failure: Reaction::Pause,
        min_samples: 1_000,
        ..preset("Split", Metric::Split, Condition::AtLeast(0.001))
    }),
    ("Answers are spread as the baseline's", || Gate {
        on_failure: Reaction::Pause,
        min_samples: 1_000,
        ..preset("Drift", Metric::Psi, Condition::AtMost(0.2))
    }),
    ("Kayenta's judge scores errors and latency", || Gate {
        name: "Score".to_owned(),
        metric: Metric::Score,
        judge: Some(Judge::default()),
        ..Gate::default()
    }),
];

fn preset(name: &str, metric: Metric, condition: Condition) -> Gate {
    Gate { name: name.to_owned(), metric, pass_when: Some(condition), ..Gate::default() }
}

/// `Error rate ≤ 2 %, every 1m, else abort`.
fn sentence(gate: &Gate) -> String {
    let mut text = gate.metric.label().to_owned();
    if let Some(condition) = gate.pass_when {
        text = format!("{text} {}", condition.sentence(gate.metric, notation::chosen()));
    }
    if let Some(condition) = gate.fail_when {
        text = format!("{text}, fails if {}", condition.sentence(gate.metric, notation::chosen()));
    }
    if let Some(judge) = &gate.judge {
        text = format!("{text} of {} metrics ≥ {}", judge.metrics().count(), judge.pass);
    }
    let reaction = match gate.on_failure {
        Reaction::Continue => "go on",
        Reaction::Pause => "pause",
        Reaction::Abort => "abort",
    };
    if let Some(test) = gate.test {
        text = format!("{text} ({})", test.method.label());
    }
    let dry = if gate.dry_run { ", dry run" } else { "" };
    format!("{text}, every {}, else {reaction}{dry}", gate.interval)
}
