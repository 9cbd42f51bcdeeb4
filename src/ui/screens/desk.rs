//! The program behind one screen under test, with a library of its own.

use std::time::Duration;

use egui::{Theme, Ui, Vec2, vec2};

use crate::app::{App, Command, Commands};
use crate::ui::testing::Screen;
use crate::worker::Workers;

/// What is left for a screen in the least window, and in a large one.
pub const SMALL: Vec2 = vec2(896.0, 574.0);
pub const LARGE: Vec2 = vec2(1_472.0, 934.0);

pub struct Desk<M> {
    pub app: App,
    pub memory: M,
    /// Holds the library and a test's files.
    pub folder: tempfile::TempDir,
}

/// A screen that is drawn by `draw` and whose commands are run.
pub fn screen<M: Default + 'static>(
    theme: Theme,
    size: Vec2,
    draw: fn(&mut Ui, &App, &mut M, &mut Commands),
) -> Screen<'static, Desk<M>> {
    let folder = tempfile::tempdir().unwrap();
    let workers = Workers::new(&folder.path().join("library.rehearsal"), || ()).unwrap();
    let desk = Desk { app: App::new(workers, None), memory: M::default(), folder };
    Screen::new(theme, size, desk, move |ui, desk: &mut Desk<M>| {
        let mut commands = Commands::default();
        draw(ui, &desk.app, &mut desk.memory, &mut commands);
        for command in commands.take() {
            desk.app.apply(command);
        }
    })
}

/// Runs a command, waits until nothing is left to do, and draws again.
pub fn after<M>(screen: &mut Screen<'_, Desk<M>>, command: Command) {
    screen.harness.state_mut().app.apply(command);
    settle(screen);
}

/// Waits until nothing runs, and draws again.
pub fn settle<M>(screen: &mut Screen<'_, Desk<M>>) {
    screen.harness.run_ok();
    let app = &mut screen.harness.state_mut().app;
    for _ in 0..4_000 {
        app.logic(0.0);
        if app.workers().jobs().is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(app.workers().jobs().is_empty(), "jobs do not end");
    screen.harness.run();
}

/// Writes a file into the test's folder, and opens it.
pub fn open<M>(screen: &mut Screen<'_, Desk<M>>, name: &str, bytes: &[u8]) {
    let path = screen.harness.state().folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    after(screen, Command::OpenPath(path));
}
