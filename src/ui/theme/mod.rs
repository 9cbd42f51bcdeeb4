//! How the window looks: colours by role, type and space. The only place with colour literals.

mod fonts;
mod style;
mod tokens;

pub use fonts::{fonts, number, semibold, small, strong, title, verdict};
pub use style::{CARD_MARGIN, GAP, RADIUS, SMALL_RADIUS, style};
pub use tokens::{DARK, LIGHT, Tokens, mix};

/// Gives the context our fonts and the styles of both themes; call once, before the first frame.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    for theme in [egui::Theme::Dark, egui::Theme::Light] {
        ctx.set_style_of(theme, style(theme));
    }
}
