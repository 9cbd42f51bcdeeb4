//! The Learn screen: lessons, a page per strategy, and the words of the field.

mod contents;
mod lesson_page;
mod numbers;
mod strategy_page;
mod strategy_texts;
#[cfg(test)]
mod tests;
mod words_page;

use egui::{Margin, Rect, ScrollArea, Ui, UiBuilder};

use super::story::Motion;
use crate::app::{Commands, Lesson, State};
use crate::domain::StrategyKind;
use crate::ui::theme::GAP;
use crate::ui::widgets::filled_card;

const CONTENTS_WIDTH: f32 = 216.0;
/// Longer lines are hard to read.
const WIDEST: f32 = 760.0;

/// What can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Lesson(Lesson),
    Strategy(StrategyKind),
    Words,
}

/// How the screen was left.
pub struct LearnMemory {
    page: Page,
    filter: String,
    motion: Motion,
}

impl Default for LearnMemory {
    fn default() -> Self {
        Self {
            page: Page::Lesson(Lesson::Direct),
            filter: String::new(),
            motion: Motion::default(),
        }
    }
}

/// Draws the screen: what there is at the left, the page at the right.
pub fn learn_ui(ui: &mut Ui, state: &State, memory: &mut LearnMemory, commands: &mut Commands) {
    egui::Frame::new().inner_margin(Margin::same(16)).show(ui, |ui| {
        let whole = ui.available_rect_before_wrap();
        let left = whole.with_max_x(whole.left() + CONTENTS_WIDTH);
        let right = whole.with_min_x(left.right() + GAP);
        filled_card(ui, left, |ui| {
            ScrollArea::vertical().id_salt("contents").auto_shrink(false).show(ui, |ui| {
                contents::contents_ui(ui, state, &mut memory.page);
            });
        });
        filled_card(ui, right, |ui| page_ui(ui, state, memory, commands));
    });
}

fn page_ui(ui: &mut Ui, state: &State, memory: &mut LearnMemory, commands: &mut Commands) {
    let rect = ui.available_rect_before_wrap();
    let column = Rect::from_min_size(rect.min, egui::vec2(rect.width(), rect.height()));
    let mut ui = ui.new_child(UiBuilder::new().max_rect(column));
    let salt = format!("{:?}", memory.page);
    ScrollArea::vertical().id_salt(salt).auto_shrink(false).show(&mut ui, |ui| {
        ui.set_max_width(WIDEST.min(ui.available_width()));
        match memory.page {
            Page::Lesson(lesson) => {
                lesson_page::lesson_ui(ui, state, lesson, &mut memory.motion, commands);
            }
            Page::Strategy(kind) => {
                strategy_page::strategy_ui(ui, state, kind, &mut memory.motion, commands);
            }
            Page::Words => words_page::words_ui(ui, &mut memory.filter),
        }
    });
}
