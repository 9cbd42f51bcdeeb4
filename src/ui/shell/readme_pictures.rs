//! The README's pictures: a canary that is rolled back, and the canary's lesson as a strip of four.
//! They are made by `REHEARSAL_PICTURES=assets/pictures cargo test --lib readme_pictures`.

use egui::{Color32, ColorImage, Theme, Vec2, vec2};

use super::flows::Bench;
use crate::app::{Command, Lesson, PlaybackCommand, Run};
use crate::domain::SimTime;
use crate::ui::testing;
use crate::ui::theme::LIGHT;

/// Pixels between the pictures.
const GAP: usize = 8;

/// The canary's lesson, simulated and standing still.
fn lesson(size: Vec2) -> Bench {
    let mut bench = Bench::new(Theme::Dark, size);
    bench.apply(Command::StartLesson(Lesson::Canary));
    bench.until("it is simulated", |state| state.shown_run().is_some_and(is_kept));
    bench.apply(Command::Playback(PlaybackCommand::Pause));
    bench
}

fn is_kept(run: &Run) -> bool {
    run.is_finished() && run.id.is_some()
}

#[test]
fn a_canary_that_is_rolled_back() {
    let mut bench = lesson(vec2(1_360.0, 860.0));
    bench.apply(Command::SkipLesson);
    bench.apply(Command::Playback(PlaybackCommand::Seek(SimTime::from_secs(187))));
    bench.step();
    assert!(bench.has("The traffic went back to A"));
    testing::save("rehearse", || bench.screen.picture());
}

#[test]
fn the_canary_lesson_as_a_strip() {
    let mut bench = lesson(vec2(1_280.0, 800.0));
    let mut pictures = Vec::new();
    for secs in [40, 100, 156] {
        bench.apply(Command::Playback(PlaybackCommand::Seek(SimTime::from_secs(secs))));
        bench.step();
        pictures.push(bench.screen.picture());
    }
    bench.apply(Command::NextLessonStep);
    bench.click("Try it");
    bench.until("the fork is simulated", |state| {
        state.runs.len() == 2 && state.shown_run().is_some_and(is_kept)
    });
    bench.apply(Command::AnswerLesson(1));
    bench.step();
    pictures.push(bench.screen.picture());
    assert!(pictures.windows(2).all(|pair| pair[0] != pair[1]), "each shows something else");
    testing::save("canary-lesson", || grid(&pictures));
}

/// Two by two, each at half its size.
fn grid(pictures: &[ColorImage]) -> ColorImage {
    let halves: Vec<ColorImage> = pictures.iter().map(half).collect();
    let [width, height] = halves[0].size;
    let size = [2 * width + GAP, 2 * height + GAP];
    let mut sheet = ColorImage::filled(size, LIGHT.edge);
    for (place, picture) in halves.iter().enumerate() {
        let (left, top) = (place % 2 * (width + GAP), place / 2 * (height + GAP));
        for (row, pixels) in picture.pixels.chunks_exact(width).enumerate() {
            let start = (top + row) * size[0] + left;
            sheet.pixels[start..start + width].copy_from_slice(pixels);
        }
    }
    sheet
}

/// Each pixel is the mean of four.
fn half(picture: &ColorImage) -> ColorImage {
    let [width, height] = picture.size.map(|side| side / 2);
    let at = |x: usize, y: usize| picture.pixels[y * picture.size[0] + x].to_array();
    let mean = |place: usize| {
        let (x, y) = (place % width * 2, place / width * 2);
        let four = [at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)];
        let part = |k: usize| (four.iter().map(|p| u16::from(p[k])).sum::<u16>() / 4) as u8;
        Color32::from_rgb(part(0), part(1), part(2))
    };
    ColorImage::new([width, height], (0..width * height).map(mean).collect())
}
