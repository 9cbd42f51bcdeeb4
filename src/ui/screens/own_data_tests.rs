//! The way of a person with own data and two models whose answers were recorded elsewhere.

use egui::accesskit::Role;
use egui::{Modifiers, Theme, Ui};
use egui_kittest::kittest::Queryable as _;

use super::desk::{self, Desk, LARGE, open, settle};
use super::{Screens, data_ui, models_ui, plan_ui};
use crate::app::{App, Command, Commands, Place};
use crate::domain::Role as ColumnRole;
use crate::ui::testing::Screen;

type Bench = Screen<'static, Desk<Screens>>;

/// The screen of the current place.
fn draw(ui: &mut Ui, app: &App, screens: &mut Screens, commands: &mut Commands) {
    let jobs = app.workers().jobs();
    match app.state.place {
        Place::Models => models_ui(ui, &app.state, jobs, &mut screens.models, commands),
        Place::Plan => plan_ui(ui, &app.state, &mut screens.plan, commands),
        _ => data_ui(ui, &app.state, jobs, &mut screens.data, commands),
    }
}

fn click(bench: &mut Bench, label: &str) {
    bench.harness.get_by_label(label).click();
    bench.harness.run();
}

fn choose(bench: &mut Bench, list: &str, item: &str) {
    click(bench, list);
    bench.harness.get_all_by_label(item).last().unwrap().click();
    bench.harness.run();
}

fn write(bench: &mut Bench, field: &str, text: &str) {
    bench.harness.get_by_role_and_label(Role::TextInput, field).focus();
    bench.harness.run();
    bench.harness.key_press_modifiers(Modifiers::COMMAND, egui::Key::A);
    bench.harness.get_by_role_and_label(Role::TextInput, field).type_text(text);
    bench.harness.run();
}

/// 300 rows; the new model is right a little more often.
fn scored_rows() -> String {
    let rows = (0..300).map(|k| {
        let truth = k % 2;
        let old = if k % 5 == 0 { 1 - truth } else { truth };
        let new = if k % 10 == 0 { 1 - truth } else { truth };
        format!("c{},{k},{truth},0.{old}5,0.{new}5\n", k % 40)
    });
    format!("customer,x,label,old_prediction,new_prediction\n{}", rows.collect::<String>())
}

#[test]
fn from_a_file_to_a_rehearsed_plan() {
    let mut bench = desk::screen(Theme::Light, LARGE, draw);
    open(&mut bench, "mine.csv", scored_rows().as_bytes());
    let roles = &bench.harness.state().app.state.plan.draft().data;
    assert_eq!(roles.role_of("customer"), Some(ColumnRole::User));
    click(&mut bench, "Choose models");
    for (arm, column) in [("A", "old_prediction"), ("B", "new_prediction")] {
        click(&mut bench, &format!("Answers of {arm} from: Column"));
        choose(&mut bench, &format!("Column of answers, arm {arm}: Choose…"), column);
    }
    click(&mut bench, "Plan the rollout");
    // Nobody measured them: that is told before anything is run.
    assert_eq!(bench.harness.get_all_by_label_contains("state a service time").count(), 4);
    bench.save("own-data-problem");
    for arm in ["A", "B"] {
        choose(&mut bench, &format!("Service time, arm {arm}: As measured"), "Constant");
        write(&mut bench, &format!("Always, arm {arm}"), "8ms");
    }
    write(&mut bench, "Duration", "5m");
    assert_eq!(bench.harness.state().app.state.plan.problems(), []);
    click(&mut bench, "Rehearse");
    settle(&mut bench);
    let state = &bench.harness.state().app.state;
    let run = state.shown_run().unwrap();
    assert!(run.is_finished(), "{:?}", run.stage);
    assert!(run.recording.as_ref().is_some_and(|recording| !recording.windows.is_empty()));
    // A number that was typed is one step back.
    bench.harness.state_mut().app.apply(Command::Undo);
    let duration = bench.harness.state().app.state.plan.draft().traffic.duration;
    assert_eq!(duration.to_string(), "10m");
}
