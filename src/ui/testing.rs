//! A screen under test: kittest drives it, and the rasteriser takes its picture.

use std::cell::RefCell;
use std::rc::Rc;

use egui::{ColorImage, TexturesDelta, Theme, Ui, Vec2};
use egui_kittest::{Harness, TestRenderer};

use super::theme;
use crate::picture::{Raster, encoded};

/// Keeps the textures that the harness hands out.
#[derive(Clone, Default)]
struct Camera(Rc<RefCell<Raster>>);

impl TestRenderer for Camera {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        self.0.borrow_mut().update(delta);
    }
}

/// A harness in our fonts and theme that can be looked at.
pub struct Screen<'a, S> {
    pub harness: Harness<'a, S>,
    camera: Camera,
    theme: Theme,
    size: Vec2,
}

impl<'a, S> Screen<'a, S> {
    pub fn new(theme: Theme, size: Vec2, state: S, ui: impl FnMut(&mut Ui, &mut S) + 'a) -> Self {
        let camera = Camera::default();
        let harness = Harness::builder()
            .with_size(size)
            .with_theme(theme)
            .with_context_setup(theme::install)
            .renderer(camera.clone())
            .build_ui_state(ui, state);
        Self { harness, camera, theme, size }
    }

    /// What a person would see now.
    pub fn picture(&self) -> ColorImage {
        let output = self.harness.output();
        let primitives =
            self.harness.ctx.tessellate(output.shapes.clone(), output.pixels_per_point);
        let ground = theme::Tokens::of_theme(self.theme).ground;
        self.camera.0.borrow().draw(&primitives, self.size, output.pixels_per_point, ground)
    }

    /// Writes the picture as `<name>-<theme>.png` into the folder that the environment variable
    /// `REHEARSAL_PICTURES` names; without it, nothing is drawn.
    pub fn save(&self, name: &str) {
        let theme = if self.theme == Theme::Dark { "dark" } else { "light" };
        save(&format!("{name}-{theme}"), || self.picture());
    }
}

/// Writes a picture as `<name>.png` into the folder that `REHEARSAL_PICTURES` names, if it does.
pub fn save(name: &str, picture: impl FnOnce() -> ColorImage) {
    if std::env::var_os("REHEARSAL_PICTURES").is_some() {
        crate::picture::keep(name, &encoded(&picture()));
    }
}
