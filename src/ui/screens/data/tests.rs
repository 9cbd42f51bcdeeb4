//! The Data screen in use.

use egui::{Theme, Vec2};
use egui_kittest::kittest::Queryable as _;

use super::super::desk::{self, Desk, LARGE, SMALL, after, open, settle};
use super::*;
use crate::domain::Role;
use crate::ui::testing::Screen;
use crate::worker::Story;

fn screen(theme: Theme, size: Vec2) -> Screen<'static, Desk<DataMemory>> {
    desk::screen(theme, size, |ui, app, memory, commands| {
        data_ui(ui, &app.state, app.workers().jobs(), memory, commands);
    })
}

fn with_sample(theme: Theme, size: Vec2) -> Screen<'static, Desk<DataMemory>> {
    let mut screen = screen(theme, size);
    screen.harness.get_by_label("Loans: a risk score for every request").click();
    settle(&mut screen);
    screen
}

#[test]
fn a_sample_brings_data_models_and_a_plan_and_a_role_can_be_changed() {
    let mut screen = with_sample(Theme::Dark, LARGE);
    let state = &screen.harness.state().app.state;
    assert_eq!(state.plan.problems(), []);
    assert!(state.guessed.contains("home"));
    assert_eq!(state.place, crate::app::Place::Start, "the person stays where they are");
    screen.harness.get_by_label("Role of home: Feature").click();
    screen.harness.run();
    screen.harness.get_all_by_label("Segment").last().unwrap().click();
    screen.harness.run();
    screen.harness.get_by_label("Role of home: Segment");
    // Only one column can be the segment.
    screen.harness.get_by_label("Role of job: Feature");
    let state = &screen.harness.state().app.state;
    assert_eq!(state.plan.draft().data.role_of("home"), Some(Role::Segment));
    assert!(!state.guessed.contains("home"));
}

#[test]
fn faults_are_listed_with_row_and_column_and_can_be_ignored() {
    let mut screen = screen(Theme::Dark, SMALL);
    let rows: String = (0..50).map(|k| format!("{k},a\n")).collect();
    open(&mut screen, "faulty.csv", format!("x,label\n{rows}oops,b\n").as_bytes());
    screen.harness.get_by_label("Row 51, x");
    screen.harness.get_by_label("Ignore").click();
    screen.harness.run();
    assert!(screen.harness.query_by_label("Row 51, x").is_none());
    screen.harness.get_by_label("No problems");
    screen.save("data-faults-ignored");
}

#[test]
fn photos_are_seen_and_not_only_their_bytes() {
    let mut screen = screen(Theme::Light, LARGE);
    after(&mut screen, Command::OpenSample(Story::Clothes));
    screen.harness.get_by_label("First rows").click();
    // One is decoded in each frame.
    screen.harness.run_steps(40);
    assert!(screen.harness.query_all_by_label_contains("Image in row").count() >= 20);
    screen.save("data-photos-rows");
    screen.harness.state_mut().memory.shows_rows = false;
    after(&mut screen, Command::SelectColumn("photo".to_owned()));
    screen.harness.run();
    assert_eq!(screen.harness.query_all_by_label_contains("Image in row").count(), 12);
    screen.save("data-photos");
}

#[test]
fn a_file_that_is_no_table_says_why_and_what_to_do() {
    let mut screen = screen(Theme::Dark, SMALL);
    open(&mut screen, "book.xlsx", b"PK\x03\x04 and so on");
    screen.harness.get_by_label_contains("unpack it, or save the sheet as CSV");
    screen.harness.get_by_label("Choose another file…").click();
    screen.harness.run();
    let asking = &screen.harness.state().app.state.asking;
    assert_eq!(*asking, Some(Ask::Data));
    screen.save("data-failed");
}

#[test]
fn loading_can_be_cancelled() {
    let mut screen = screen(Theme::Dark, SMALL);
    let desk = screen.harness.state_mut();
    let path = desk.folder.path().join("long.csv");
    std::fs::write(&path, "a,b\n1,2\n".repeat(10)).unwrap();
    desk.app.apply(Command::OpenPath(path));
    // Whatever the worker does meanwhile, nothing was taken from it yet.
    screen.harness.run_ok();
    screen.save("data-loading");
    screen.harness.get_by_label("Cancel").click();
    screen.harness.run_ok();
    screen.harness.get_by_label("Stopping…");
}

/// Kittest finds signs without a glyph and fields without a name in whatever is drawn.
#[test]
fn pictures() {
    for (theme, size, name) in [(Theme::Dark, SMALL, "small"), (Theme::Light, LARGE, "large")] {
        screen(theme, size).save(&format!("data-empty-{name}"));
        let mut screen = with_sample(theme, size);
        screen.save(&format!("data-{name}"));
        let app = &mut screen.harness.state_mut().app;
        app.apply(Command::SelectColumn("income".to_owned()));
        screen.harness.state_mut().memory.shows_rows = true;
        screen.harness.run();
        screen.save(&format!("data-rows-{name}"));
    }
}
