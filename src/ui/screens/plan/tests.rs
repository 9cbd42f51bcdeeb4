//! The Plan screen in use.

use egui::accesskit::Role;
use egui::{Theme, Vec2, vec2};
use egui_kittest::kittest::Queryable as _;

use super::super::desk::{LARGE, SMALL};
use super::*;
use crate::app::PlanEditor;
use crate::domain::{Condition, Dialect, Gate, StrategyKind};
use crate::ui::testing::Screen;

struct Desk {
    state: State,
    memory: PlanMemory,
    sent: Vec<Command>,
}

fn screen(theme: Theme, size: Vec2, draft: PlanDraft) -> Screen<'static, Desk> {
    let state = State { plan: PlanEditor::new(draft, None), ..State::default() };
    let desk = Desk { state, memory: PlanMemory::default(), sent: Vec::new() };
    Screen::new(theme, size, desk, |ui, desk| {
        let mut commands = Commands::default();
        plan_ui(ui, &desk.state, &mut desk.memory, &mut commands);
        for command in commands.take() {
            match command {
                Command::EditPlan(draft) => desk.state.plan.edit(*draft),
                Command::EditPlanText(text) => desk.state.plan.edit_text(text),
                other => desk.sent.push(other),
            }
        }
    })
}

fn sample() -> PlanDraft {
    PlanDraft::from_toml(include_str!("../../../../sample_data/loans/plans/canary.toml")).unwrap()
}

/// Puts `text` into the field instead of what it holds.
fn write(screen: &mut Screen<'_, Desk>, field: &str, text: &str) {
    let node = screen.harness.get_by_role_and_label(Role::TextInput, field);
    node.focus();
    screen.harness.run();
    screen.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    screen.harness.get_by_role_and_label(Role::TextInput, field).type_text(text);
    screen.harness.run();
}

#[test]
fn a_stage_that_falls_is_marked_at_its_field_until_it_climbs() {
    let mut screen = screen(Theme::Dark, LARGE, sample());
    write(&mut screen, "Share, stage 2", "3");
    let problem = "Stage 2 sends less traffic to the candidate than stage 1.";
    // In the summary, and beneath the field.
    assert_eq!(screen.harness.get_all_by_label(problem).count(), 2);
    assert!(Command::Rehearse.can_run(&screen.harness.state().state).is_err());
    write(&mut screen, "Share, stage 2", "30");
    assert_eq!(screen.harness.query_all_by_label(problem).count(), 0);
    screen.harness.get_by_label("Rehearse").click();
    screen.harness.run();
    assert_eq!(screen.harness.state().sent, [Command::Rehearse]);
}

#[test]
fn what_is_no_value_keeps_the_old_one_and_says_what_to_write() {
    let mut screen = screen(Theme::Dark, LARGE, sample());
    write(&mut screen, "Duration", "15");
    screen.harness.get_by_label_contains("is not a length of time");
    let draft = screen.harness.state().state.plan.draft().clone();
    assert_eq!(draft.traffic.duration, sample().traffic.duration);
    write(&mut screen, "Duration", "20m");
    assert!(screen.harness.query_by_label_contains("is not a length of time").is_none());
    let draft = screen.harness.state().state.plan.draft().clone();
    assert_eq!(draft.traffic.duration.to_string(), "20m");
}

#[test]
fn the_summary_leads_to_a_folded_field() {
    let mut draft = sample();
    draft.arms[1].serving.queue_limit = 2_000_000;
    draft.gates.push(Gate { count: Some(0), ..a_gate("late") });
    let mut screen = screen(Theme::Dark, SMALL, draft);
    screen.harness.run();
    let message = "Measure at least once, or leave it empty.";
    // At the field, and in the summary after the gate's name.
    screen.harness.get_by_label(message);
    screen.harness.get_by_label(&format!("late: {message}"));
    screen.harness.get_all_by_label("Show").last().unwrap().click();
    screen.harness.run_steps(60);
    let field = screen.harness.get_by_role_and_label(Role::TextInput, "Measurements, gate 5");
    assert!(field.is_focused());
    assert!((0.0..SMALL.y).contains(&field.rect().top()), "{:?}", field.rect());
}

fn a_gate(name: &str) -> Gate {
    Gate { name: name.to_owned(), pass_when: Some(Condition::AtMost(0.5)), ..Gate::default() }
}

#[test]
fn every_problem_of_this_screen_is_marked_in_the_form() {
    for kind in StrategyKind::ALL {
        let draft = broken(kind);
        let screen = screen(Theme::Light, LARGE, draft);
        for problem in screen.harness.state().state.plan.problems() {
            if problems::place_of(&problem.field) != crate::app::Place::Plan {
                continue;
            }
            let count = screen.harness.query_all_by_label(&problem.message).count();
            assert!(count > 0, "{kind:?}: {problem:?}");
        }
    }
}

/// A draft in which as much as possible is wrong.
fn broken(kind: StrategyKind) -> PlanDraft {
    let text = r#"
name = ""
window = "0s"
deadline = "0s"
gates = [{ name = "", interval = "0s", window = "0s", count = 0, success_limit = 0, from_stage = 0 }]
batch = { share = 200.0, every = "0s", replicas = 0, rows_per_second = 0.0 }
cost = { replica_hour = nan, failed_request = nan }
[traffic]
arrivals = { bursts = { per_second = 0.0, burst_per_second = 0.0, every = "0s", lasts = "9s" } }
duration = "0s"
units = { synthetic = 0 }
[[faults]]
at = "0s"
lasts = "0s"
arm = "nobody"
what = { latency = { factor = 0.0 } }
[[faults]]
at = "0s"
what = { drift = { feature = "", shift = 1000.0 } }
[[arms]]
name = "a"
model = { column = "x" }
latency = { lognormal = { median = "2s", p95 = "1s" } }
serving = { replicas = 0, concurrency = 0, timeout = "0s", queue_limit = 2000000, batching = { max_size = 0, max_wait = "5s" }, capacity_changes = [{ at = "1s", replicas = 20000 }] }
"#;
    let mut draft = PlanDraft::from_toml(text).unwrap();
    draft.strategy = kind.default_strategy();
    draft
}

/// Kittest finds signs without a glyph and fields without a name in whatever is drawn.
#[test]
fn pictures() {
    for theme in [Theme::Dark, Theme::Light] {
        for (name, size) in [("small", SMALL), ("large", LARGE)] {
            screen(theme, size, sample()).save(&format!("plan-{name}"));
            let mut draft = sample();
            draft.gates[0].pass_when = None;
            draft.traffic.duration = crate::domain::SimSpan::from_secs(400);
            let mut broken = screen(theme, size, draft);
            write(&mut broken, "Share, stage 2", "3");
            broken.save(&format!("plan-problems-{name}"));
        }
        let shadow =
            PlanDraft { strategy: StrategyKind::Shadow.default_strategy(), ..PlanDraft::default() };
        screen(theme, SMALL, shadow).save("plan-new-shadow");
    }
}

/// Kittest finds signs without a glyph and fields without a name in whatever is drawn.
#[test]
fn pictures_of_every_part() {
    let of = |text: &str| PlanDraft::from_toml(text).unwrap();
    let abn = of(include_str!("../../../../sample_data/loans/plans/abn.toml"));
    let both = of(include_str!("../../../../sample_data/churn/plans/both_slow.toml"));
    let blue = of(include_str!("../../../../sample_data/loans/plans/blue_green.toml"));
    for (name, draft) in [("abn", abn), ("both", both), ("blue-green", blue)] {
        let mut screen = screen(Theme::Dark, vec2(1_472.0, 1_500.0), draft);
        let folded = "Queue, start-up, micro-batching, capacity";
        screen.harness.get_by_label(folded).click();
        screen.harness.run_ok();
        for more in screen.harness.get_all_by_label("More") {
            more.click();
        }
        screen.harness.run_ok();
        screen.harness.run_ok();
        screen.save(&format!("plan-{name}"));
    }
    let mut text = screen(Theme::Light, SMALL, sample());
    text.harness.get_by_label("TOML").click();
    text.harness.run();
    text.save("plan-text");
}

#[test]
fn another_controller_is_chosen_in_the_form_and_says_what_it_changes() {
    for (theme, size) in [(Theme::Dark, SMALL), (Theme::Light, LARGE)] {
        let mut screen = screen(theme, size, sample());
        screen.harness.get_by_label("By the rules of: Rehearsal").click();
        screen.harness.run();
        screen.harness.get_by_label("Flagger").click();
        screen.harness.run();
        let draft = screen.harness.state().state.plan.draft().clone();
        assert_eq!(draft.dialect, Dialect::Flagger);
        screen.harness.get_by_label_contains("every stage lasts 4 min");
        screen.save(&format!("plan-dialect-{}", size.x));
    }
}

#[test]
fn gates_that_weigh_chance_or_judge_show_their_fields() {
    let of = |text: &str| PlanDraft::from_toml(text).unwrap();
    let judged = of(include_str!("../../../../sample_data/loans/plans/canary_judged.toml"));
    let watched = of(include_str!("../../../../sample_data/loans/plans/canary_watched.toml"));
    for theme in [Theme::Dark, Theme::Light] {
        for (name, draft, field) in
            [("judge", &judged, "Marginal from"), ("watched", &watched, "False alarms accepted")]
        {
            let is_it = |gate: &Gate| gate.judge.is_some() || gate.test.is_some();
            let place = draft.gates.iter().position(is_it).unwrap();
            let mut screen = screen(theme, vec2(896.0, 1_100.0), draft.clone());
            screen.harness.state_mut().memory.open.gate = Some(place);
            screen.harness.run_ok();
            assert!(screen.harness.query_all_by_label_contains(field).next().is_some());
            screen.save(&format!("plan-gate-{name}"));
        }
    }
}
