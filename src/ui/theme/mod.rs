//! How the window looks: colours by role, type and space. The only place with colour literals.

mod style;
mod text;
mod tokens;

pub use style::{CARD_MARGIN, GAP, RADIUS, SMALL_RADIUS, style};
pub use text::{number, small, strong, title, verdict};
pub use tokens::{DARK, LIGHT, Tokens, mix};

pub use crate::picture::{fonts, semibold};

/// Gives the context our fonts and the styles of both themes; call once, before the first frame.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts(1.0));
    for theme in [egui::Theme::Dark, egui::Theme::Light] {
        ctx.set_style_of(theme, style(theme));
    }
}
