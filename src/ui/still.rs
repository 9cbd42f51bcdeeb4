//! Pictures of parts of the window, for exports and its icon.

use egui::{ColorImage, Theme, Ui, Vec2};

use super::theme;
use crate::picture::{self, Frame};

/// A picture of `add_contents` in our fonts and a theme; `size` in points.
pub fn picture(
    theme: Theme,
    size: Vec2,
    pixels_per_point: f32,
    add_contents: impl FnMut(&mut Ui),
) -> ColorImage {
    let ground = theme::Tokens::of_theme(theme).ground;
    let prepare = |ctx: &egui::Context| {
        theme::install(ctx);
        ctx.set_theme(theme);
    };
    picture::picture(Frame { size, pixels_per_point, ground }, prepare, add_contents)
}
