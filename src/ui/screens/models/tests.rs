//! The Models screen in use.

use std::path::Path;

use egui::{Event, Theme, Vec2};
use egui_kittest::kittest::Queryable as _;

use super::super::desk::{self, Desk, LARGE, SMALL, after, open, settle};
use super::*;
use crate::app::{Ask, ModelState};
use crate::domain::{MAX_ARMS, ModelSource, Role};
use crate::ui::testing::Screen;
use crate::worker::Story;

type Bench = Screen<'static, Desk<ModelsMemory>>;

fn screen(theme: Theme, size: Vec2) -> Bench {
    desk::screen(theme, size, |ui, app, memory, commands| {
        models_ui(ui, &app.state, app.workers().jobs(), memory, commands);
    })
}

fn click(screen: &mut Bench, label: &str) {
    screen.harness.get_by_label(label).click();
    screen.harness.run();
}

#[test]
fn an_arm_takes_its_answers_from_a_column() {
    let mut screen = screen(Theme::Dark, LARGE);
    let rows: String = (0..60).map(|k| format!("{k},{},0.{k:02}\n", k % 2)).collect();
    open(&mut screen, "scored.csv", format!("x,label,model_prediction\n{rows}").as_bytes());
    click(&mut screen, "Answers of B from: Column");
    screen.harness.get_by_label("model_prediction looks like answers");
    click(&mut screen, "Column of answers, arm B: Choose…");
    click(&mut screen, "model_prediction");
    screen.harness.get_by_label("✓ The answers are in the data");
    // Nobody measured them.
    screen.harness.get_by_label_contains("state a service time in the plan");
    let state = &screen.harness.state().app.state;
    let column = ModelSource::Column("model_prediction".to_owned());
    assert_eq!(state.plan.draft().arms[1].model, column);
    assert!(matches!(state.models[1], ModelState::Recorded));
}

#[test]
fn models_are_checked_and_candidates_come_and_go() {
    let mut screen = screen(Theme::Dark, LARGE);
    after(&mut screen, Command::OpenSample(Story::Loans));
    assert_eq!(screen.harness.query_all_by_label_contains("inputs are in the data").count(), 2);
    screen.harness.get_by_label("Loan risk v1");
    click(&mut screen, "Add a candidate");
    screen.harness.get_by_label(
        "Only an A/B test or a bandit can have more than one candidate: remove arms, or choose one of these.",
    );
    click(&mut screen, "Add a candidate");
    let arms = |screen: &Bench| screen.harness.state().app.state.plan.draft().arms.len();
    assert_eq!(arms(&screen), MAX_ARMS);
    assert!(Command::AddArm.can_run(&screen.harness.state().app.state).is_err());
    click(&mut screen, "Remove arm D");
    click(&mut screen, "Remove arm C");
    assert_eq!(arms(&screen), 2);
    assert_eq!(screen.harness.state().app.state.plan.problems(), []);
}

/// Two files of one folder, and data whose label has its own words for yes and no.
#[test]
fn single_files_get_their_cards_from_the_data() {
    let mut screen = screen(Theme::Light, LARGE);
    let trees = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/models/trees");
    let rows = std::fs::read_to_string(trees.join("rows.csv")).unwrap();
    let labelled = rows.lines().enumerate().map(|(k, row)| match k {
        0 => format!("{row},bought\n"),
        _ => format!("{row},{}\n", if k % 3 == 0 { "yes" } else { "no" }),
    });
    open(&mut screen, "mine.csv", labelled.collect::<String>().as_bytes());
    let files = ["xgb_binary.json", "lgb_binary.txt"];
    for (arm, name) in files.into_iter().enumerate() {
        let file = screen.harness.state().folder.path().join(name);
        std::fs::copy(trees.join(name), &file).unwrap();
        after(&mut screen, Command::Picked(Ask::ModelFile(arm), file));
    }
    screen.save("models-first-cards");
    let state = |screen: &Bench| screen.harness.state().app.state.card_of(1).unwrap().1.clone();
    let proposed = state(&screen);
    assert!(proposed.text.contains("classes = [\"no\", \"yes\"]"), "{}", proposed.text);

    // What is written by hand stays, is checked, and is not saved while it is wrong.
    let card = screen.harness.state().folder.path().join("lgb_binary.card.toml");
    let edit = |text: String| Command::EditCard { card: card.clone(), text };
    after(&mut screen, edit(proposed.text.replace("task = \"binary\"", "task = \"maybe\"")));
    let role = Role::Ignore;
    after(&mut screen, Command::SetRole { column: "bought".to_owned(), role });
    assert!(state(&screen).text.contains("maybe"), "{}", state(&screen).text);
    screen.harness.get_by_label_contains("Line 4: unknown variant");
    assert!(Command::WriteCard(1).can_run(&screen.harness.state().app.state).is_err());
    after(&mut screen, edit(proposed.text));
    for name in ["xgb_binary", "lgb_binary"] {
        screen.harness.get_by_label(&format!("Write {name}.card.toml")).click();
        settle(&mut screen);
    }
    let models = &screen.harness.state().app.state.models;
    let is_checked = |model: &ModelState| matches!(model, ModelState::Checked(_));
    assert!(models.iter().all(is_checked), "a card was not taken");
}

#[test]
fn half_a_path_waits_while_another_window_has_the_keyboard() {
    let mut screen = screen(Theme::Dark, LARGE);
    let path = |screen: &Bench| {
        let field = screen.harness.get_by_label("Path, arm B");
        field.value().unwrap_or_default()
    };
    screen.harness.get_by_label("Path, arm B").focus();
    screen.harness.run();
    screen.harness.event(Event::Text("models/cand".to_owned()));
    screen.harness.run();
    assert_eq!(path(&screen), "models/cand");
    for is_focused in [false, true] {
        screen.harness.input_mut().focused = is_focused;
        screen.harness.event(Event::WindowFocused(is_focused));
        screen.harness.run();
        assert_eq!(path(&screen), "models/cand");
    }
    screen.harness.event(Event::Text("idate".to_owned()));
    screen.harness.run();
    assert_eq!(path(&screen), "models/candidate");
}

/// Kittest finds signs without a glyph and fields without a name in whatever is drawn.
#[test]
fn pictures() {
    for (theme, size, name) in [(Theme::Dark, SMALL, "small"), (Theme::Light, LARGE, "large")] {
        let mut screen = screen(theme, size);
        screen.save(&format!("models-empty-{name}"));
        after(&mut screen, Command::OpenSample(Story::Loans));
        screen.save(&format!("models-{name}"));
        let column = ModelSource::Column("margin".to_owned());
        after(&mut screen, Command::AddArm);
        after(&mut screen, Command::SetModel { arm: 2, source: column });
        after(&mut screen, Command::AddArm);
        let gone = ModelSource::Folder("/nowhere".to_owned());
        after(&mut screen, Command::SetModel { arm: 3, source: gone });
        screen.save(&format!("models-four-{name}"));
    }
}
