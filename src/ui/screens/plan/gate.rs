//! The fields of one gate.

use egui::Ui;

use super::condition::condition_ui;
use super::judge::judge_ui;
use crate::domain::gate_test::{Method, Test};
use crate::domain::{Answer, Condition, Correction, Gate, Metric, Reaction};
use crate::ui::form::{Field, Form};

const REACTIONS: [(Reaction, &str); 3] = [
    (Reaction::Continue, "Go on"),
    (Reaction::Pause, "Pause for a person"),
    (Reaction::Abort, "Abort: back to the baseline"),
];
const ANSWERS: [(Answer, &str); 5] = [
    (Answer::Hold, "Wait for more"),
    (Answer::Pass, "A pass"),
    (Answer::Fail, "A failure"),
    (Answer::Inconclusive, "Inconclusive"),
    (Answer::Error, "An error"),
];
/// Fields that are folded away.
const FOLDED: [&str; 13] = [
    "window",
    "count",
    "initial_delay",
    "success_limit",
    "inconclusive_limit",
    "error_limit",
    "max_hold",
    "on_no_data",
    "on_inconclusive",
    "on_error",
    "from_stage",
    "only_stage",
    "dry_run",
];

/// Draws the fields of the gate at `place`.
pub fn gate_ui(ui: &mut Ui, form: &mut Form<'_>, place: usize, gate: &mut Gate) {
    let usual = Gate::default();
    let at = |name: &str, label| Field::new(format!("gates[{place}].{name}"), label);
    form.text(ui, &at("name", "Name"), &mut gate.name);
    match &mut gate.judge {
        Some(judge) => judge_ui(ui, form, place, judge),
        None => metric_ui(ui, form, place, gate),
    }
    form.value(ui, &at("interval", "Measured every").usual(&usual.interval), &mut gate.interval);
    let tolerated = at("failure_limit", "Failures tolerated")
        .hint("any")
        .help("One more fails the gate; empty: failures never do")
        .usual(&usual.failure_limit);
    form.value(ui, &tolerated, &mut gate.failure_limit);
    form.choice(ui, &at("on_failure", "A failed gate"), &mut gate.on_failure, &REACTIONS);
    let paths = FOLDED.map(|name| format!("gates[{place}].{name}"));
    form.more(ui, "More", &paths.each_ref().map(String::as_str), |form, ui| {
        schedule_ui(ui, form, place, gate);
        doubts_ui(ui, form, place, gate);
    });
}

/// The one metric, its conditions, and what counts as evidence.
fn metric_ui(ui: &mut Ui, form: &mut Form<'_>, place: usize, gate: &mut Gate) {
    let at = |name: &str, label| Field::new(format!("gates[{place}].{name}"), label);
    let metrics = Metric::ALL.into_iter().chain(Metric::COMPARISONS);
    let metrics: Vec<(Metric, &str)> = metrics.map(|metric| (metric, metric.label())).collect();
    form.choice(ui, &at("metric", "Metric"), &mut gate.metric, &metrics);
    let metric = gate.metric;
    condition_ui(ui, form, &at("pass_when", "Passes when"), metric, &mut gate.pass_when);
    let fails = at("fail_when", "Fails when")
        .help("With both, neither holding is inconclusive; with only this, all else passes");
    condition_ui(ui, form, &fails, metric, &mut gate.fail_when);
    test_ui(ui, form, place, gate);
    let samples = at("min_samples", "Evidence from")
        .unit(if metric.needs_labels() { "labelled requests" } else { "requests" })
        .help("Fewer in either arm that takes part are no evidence")
        .usual(&Gate::default().min_samples);
    form.value(ui, &samples, &mut gate.min_samples);
}

/// Whether chance is weighed, how, and what chance of a false alarm is accepted.
fn test_ui(ui: &mut Ui, form: &mut Form<'_>, place: usize, gate: &mut Gate) {
    let mut choices = vec![(None, "the bare value")];
    let fitting = Method::ALL.into_iter().filter(|method| method.fits(gate.metric));
    choices.extend(fitting.map(|method| (Some(method), method.label())));
    let at = |name: &str, label| Field::new(format!("gates[{place}].{name}"), label);
    let field = at("test.method", "Decided by").help(
        "A bare value is taken as it is. A test waits until chance is ruled out: the label test, the \
         confidence sequence and the quantile test stay valid however often they are looked at; a \
         fixed-horizon interval does so once, and Bayesian odds promise nothing about false alarms. \
         Where users send many requests each, take users as units.",
    );
    let mut method = gate.test.map(|test| test.method);
    form.choice(ui, &field, &mut method, &choices);
    if method != gate.test.map(|test| test.method) {
        gate.test = method.map(Test::new);
        if matches!(method, Some(Method::Label | Method::Quantile)) {
            // These show harm only, as more than the baseline has.
            gate.pass_when = None;
            gate.fail_when = Some(match gate.metric {
                Metric::Accuracy => Condition::AtMostTimesBaseline(1.0),
                _ => Condition::AtLeastTimesBaseline(1.0),
            });
        }
        if method.is_some_and(Method::is_by_users) {
            // These are about the difference of the arms.
            gate.pass_when = None;
            gate.fail_when = Some(match gate.metric {
                Metric::Accuracy => Condition::AtMostAboveBaseline(0.0),
                _ => Condition::AtMostBelowBaseline(0.0),
            });
        }
    }
    if let Some(test) = &mut gate.test {
        let mut percent = test.alpha * 100.0;
        let alpha = at("test.alpha", "False alarms accepted").unit("%").usual(&1.0);
        form.value(ui, &alpha, &mut percent);
        if percent != test.alpha * 100.0 {
            test.alpha = percent / 100.0;
        }
        let corrections = Correction::ALL.map(|correction| (correction, correction.label()));
        let field = at("correction", "Shared with").help(
            "All gates with the same correction share the accepted chance of a false alarm: by Holm \
             for any of them, by Benjamini and Hochberg for the share of false ones among all",
        );
        form.choice(ui, &field, &mut gate.correction, &corrections);
    } else {
        gate.correction = Correction::None;
    }
}

/// When it measures, and how often.
fn schedule_ui(ui: &mut Ui, form: &mut Form<'_>, place: usize, gate: &mut Gate) {
    let usual = Gate::default();
    let at = |name: &str, label| Field::new(format!("gates[{place}].{name}"), label);
    let window = at("window", "Looks back")
        .hint("the interval")
        .help("Never across a change of the share")
        .usual(&usual.window);
    form.value(ui, &window, &mut gate.window);
    let delay = at("initial_delay", "First after").usual(&usual.initial_delay);
    form.value(ui, &delay, &mut gate.initial_delay);
    let count = at("count", "Measurements")
        .hint("all along")
        .help("It ends well after so many")
        .usual(&usual.count);
    form.value(ui, &count, &mut gate.count);
    let successes = at("success_limit", "Passes early after")
        .unit("in a row")
        .hint("off")
        .usual(&usual.success_limit);
    form.value(ui, &successes, &mut gate.success_limit);
    let from = at("from_stage", "From stage").usual(&usual.from_stage);
    form.value(ui, &from, &mut gate.from_stage);
    let only = at("only_stage", "Only in stage")
        .hint("all")
        .help("The stage ends only when this gate has concluded")
        .usual(&usual.only_stage);
    form.value(ui, &only, &mut gate.only_stage);
}

/// What it does with missing, doubtful and failed measurements.
fn doubts_ui(ui: &mut Ui, form: &mut Form<'_>, place: usize, gate: &mut Gate) {
    let usual = Gate::default();
    let at = |name: &str, label| Field::new(format!("gates[{place}].{name}"), label);
    form.choice(ui, &at("on_no_data", "No evidence is"), &mut gate.on_no_data, &ANSWERS);
    let holds = at("max_hold", "Wait at most")
        .unit("measurements")
        .help("Then it is inconclusive")
        .usual(&usual.max_hold);
    form.value(ui, &holds, &mut gate.max_hold);
    let doubts = at("inconclusive_limit", "Inconclusive").unit("tolerated");
    form.value(ui, &doubts.usual(&usual.inconclusive_limit), &mut gate.inconclusive_limit);
    form.choice(ui, &at("on_inconclusive", "Then"), &mut gate.on_inconclusive, &REACTIONS);
    let errors = at("error_limit", "No answer").unit("times in a row tolerated");
    form.value(ui, &errors.usual(&usual.error_limit), &mut gate.error_limit);
    form.choice(ui, &at("on_error", "Then"), &mut gate.on_error, &REACTIONS);
    let dry = at("dry_run", "Only measure and show, without effect");
    form.switch(ui, &dry, &mut gate.dry_run);
}
