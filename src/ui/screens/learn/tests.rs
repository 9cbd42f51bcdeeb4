use egui::{Theme, Vec2, vec2};
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::app::Command;
use crate::ui::testing::Screen;

const SMALL: Vec2 = vec2(894.0, 576.0);
const LARGE: Vec2 = vec2(1_312.0, 834.0);

type Shown = (State, LearnMemory, Commands);

fn screen(theme: Theme, size: Vec2) -> Screen<'static, Shown> {
    Screen::new(theme, size, Default::default(), |ui, (state, memory, commands)| {
        learn_ui(ui, state, memory, commands);
    })
}

#[test]
fn every_page_opens_and_every_lesson_can_be_played() {
    let mut screen = screen(Theme::Light, LARGE);
    for lesson in Lesson::ALL {
        screen.harness.get_by_label(&format!("Lesson {}", lesson.title())).click();
        screen.harness.run();
        screen.harness.get_by_label("Play the lesson").click();
        screen.harness.run();
        let last = screen.harness.state().2.list().last().cloned();
        assert_eq!(last, Some(Command::StartLesson(lesson)));
    }
    for kind in StrategyKind::ALL {
        screen.harness.get_by_label(&format!("About {}", kind.label())).click();
        screen.harness.run();
        screen.harness.get_by_label("Disadvantages");
    }
    screen.harness.get_by_label("Words").click();
    screen.harness.run();
    screen.harness.get_by_label("split check");
}

#[test]
fn pictures() {
    for (theme, size, name) in [(Theme::Dark, SMALL, "small"), (Theme::Light, LARGE, "large")] {
        for (label, page) in [
            ("lesson", Page::Lesson(Lesson::Canary)),
            ("strategy", Page::Strategy(StrategyKind::Direct)),
            ("words", Page::Words),
        ] {
            let mut screen = screen(theme, size);
            screen.harness.state_mut().1.page = page;
            screen.harness.run();
            screen.save(&format!("learn-{label}-{name}"));
        }
    }
}
