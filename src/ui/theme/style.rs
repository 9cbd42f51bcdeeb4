//! The tokens as egui's style: type, space, fills and outlines of every standard widget.

use egui::style::{Selection, WidgetVisuals, Widgets};
use egui::{
    Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Theme,
    Visuals, vec2,
};

use super::{Tokens, semibold};

/// Space between cards, in points.
pub const GAP: f32 = 8.0;
/// Corners of cards and of buttons, in points.
pub const RADIUS: u8 = 8;
pub const SMALL_RADIUS: u8 = 6;
/// Space inside a card, in points.
pub const CARD_MARGIN: i8 = 12;

/// egui's style for a theme.
pub fn style(theme: Theme) -> Style {
    let tokens = Tokens::of_theme(theme);
    let mut style = Style { visuals: visuals(theme, tokens), ..Style::default() };
    style.text_styles = [
        (TextStyle::Small, FontId::new(11.0, FontFamily::Proportional)),
        (TextStyle::Body, FontId::new(13.0, FontFamily::Proportional)),
        (TextStyle::Button, FontId::new(13.0, FontFamily::Proportional)),
        (TextStyle::Heading, semibold(16.0)),
        (TextStyle::Monospace, FontId::new(12.0, FontFamily::Monospace)),
    ]
    .into();
    style.animation_time = 0.15;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.3;
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 6.0);
    spacing.button_padding = vec2(10.0, 4.0);
    spacing.interact_size = vec2(36.0, 26.0);
    spacing.window_margin = Margin::same(16);
    spacing.menu_margin = Margin::same(6);
    spacing.menu_width = 240.0;
    spacing.tooltip_width = 320.0;
    spacing.icon_spacing = 6.0;
    spacing.slider_width = 160.0;
    spacing.combo_width = 96.0;
    spacing.indent = 16.0;
    spacing.scroll.bar_width = 8.0;
    style
}

fn visuals(theme: Theme, tokens: &Tokens) -> Visuals {
    let mut visuals = theme.default_visuals();
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(tokens.subdued);
    visuals.widgets = widgets(tokens);
    visuals.selection = Selection {
        bg_fill: tokens.accent_ground,
        stroke: Stroke::new(1.0, if tokens.is_dark { tokens.text } else { tokens.accent }),
    };
    visuals.hyperlink_color = tokens.accent;
    visuals.faint_bg_color = tokens.raised;
    visuals.extreme_bg_color = tokens.well;
    visuals.text_edit_bg_color = Some(tokens.well);
    visuals.code_bg_color = tokens.track;
    visuals.warn_fg_color = tokens.warn;
    visuals.error_fg_color = tokens.fail;
    visuals.panel_fill = tokens.panel;
    visuals.window_fill = tokens.card;
    visuals.window_stroke = Stroke::new(1.0, tokens.edge);
    visuals.window_corner_radius = CornerRadius::same(RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(RADIUS);
    visuals.window_shadow = Shadow { offset: [0, 8], blur: 24, spread: 0, color: tokens.shadow };
    visuals.popup_shadow = Shadow { offset: [0, 4], blur: 12, spread: 0, color: tokens.shadow };
    visuals.slider_trailing_fill = true;
    visuals.striped = false;
    visuals.disabled_alpha = 0.45;
    visuals
}

fn widgets(tokens: &Tokens) -> Widgets {
    let widget = |fill: Color32, edge: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, edge),
        corner_radius: CornerRadius::same(SMALL_RADIUS),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: widget(tokens.card, tokens.edge, tokens.text),
        inactive: widget(tokens.button, tokens.button_edge, tokens.text),
        hovered: widget(tokens.button_hovered, tokens.faint, tokens.text),
        active: widget(tokens.button_pressed, tokens.accent, tokens.text),
        open: widget(tokens.button_hovered, tokens.button_edge, tokens.text),
    }
}
