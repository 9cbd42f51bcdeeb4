//! Icons drawn by hand: they need no font and are sharp at every size.

use std::f32::consts::{FRAC_PI_2, TAU};

use egui::{
    Color32, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2,
    vec2,
};

use crate::ui::theme::SMALL_RADIUS;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Play,
    Pause,
    ToStart,
    ToEnd,
    PreviousEvent,
    NextEvent,
    StepBack,
    StepForward,
    Repeat,
    Undo,
    Redo,
    Close,
    More,
    Add,
    Remove,
    Search,
    Table,
    Chart,
    /// A mortarboard.
    Learn,
}

/// Draws `icon` in `rect`, which should be square.
pub fn paint_icon(painter: &Painter, rect: Rect, icon: Icon, colour: Color32) {
    // All icons are described on a square from -1 to 1.
    let (center, half) = (rect.center(), rect.width() / 2.0);
    let at = |x: f32, y: f32| center + half * vec2(x, y);
    let line = Stroke::new((half * 0.24).max(1.2), colour);
    let polygon = |points: Vec<Pos2>| {
        painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
    };
    let bar = |x: f32, width: f32, top: f32| {
        painter.rect_filled(
            Rect::from_min_max(at(x - width / 2.0, -top), at(x + width / 2.0, top)),
            0.5,
            colour,
        );
    };
    let triangle =
        |from: f32, to: f32, h: f32| polygon(vec![at(from, -h), at(to, 0.0), at(from, h)]);
    match icon {
        Icon::Play => triangle(-0.6, 0.9, 0.85),
        Icon::Pause => {
            bar(-0.42, 0.42, 0.8);
            bar(0.42, 0.42, 0.8);
        }
        Icon::ToStart => {
            bar(-0.75, 0.26, 0.75);
            triangle(0.85, -0.5, 0.75);
        }
        Icon::ToEnd => {
            triangle(-0.85, 0.5, 0.75);
            bar(0.75, 0.26, 0.75);
        }
        Icon::PreviousEvent => {
            triangle(0.9, 0.0, 0.62);
            polygon(diamond(at(-0.5, 0.0), half * 0.5));
        }
        Icon::NextEvent => {
            triangle(-0.9, 0.0, 0.62);
            polygon(diamond(at(0.5, 0.0), half * 0.5));
        }
        Icon::StepBack => {
            painter.line(vec![at(0.4, -0.75), at(-0.35, 0.0), at(0.4, 0.75)], line);
        }
        Icon::StepForward => {
            painter.line(vec![at(-0.4, -0.75), at(0.35, 0.0), at(-0.4, 0.75)], line);
        }
        Icon::Repeat => repeat(painter, center, half, line),
        Icon::Undo | Icon::Redo => {
            let side = if icon == Icon::Undo { 1.0 } else { -1.0 };
            let hook = [(0.75, 0.7), (0.75, 0.15), (0.4, -0.25), (-0.7, -0.25)];
            painter.line(hook.map(|(x, y)| at(side * x, y)).to_vec(), line);
            let head = [(-0.25, -0.7), (-0.7, -0.25), (-0.25, 0.2)];
            painter.line(head.map(|(x, y)| at(side * x, y)).to_vec(), line);
        }
        Icon::Close => {
            painter.line_segment([at(-0.6, -0.6), at(0.6, 0.6)], line);
            painter.line_segment([at(0.6, -0.6), at(-0.6, 0.6)], line);
        }
        Icon::More => {
            for x in [-0.7, 0.0, 0.7] {
                painter.circle_filled(at(x, 0.0), half * 0.17, colour);
            }
        }
        Icon::Add | Icon::Remove => {
            painter.line_segment([at(-0.75, 0.0), at(0.75, 0.0)], line);
            if icon == Icon::Add {
                painter.line_segment([at(0.0, -0.75), at(0.0, 0.75)], line);
            }
        }
        Icon::Search => {
            painter.circle_stroke(at(-0.2, -0.2), half * 0.58, line);
            painter.line_segment([at(0.22, 0.22), at(0.85, 0.85)], line);
        }
        Icon::Table => {
            let frame = Rect::from_min_max(at(-0.85, -0.75), at(0.85, 0.75));
            painter.rect_stroke(frame, 1.0, line, egui::StrokeKind::Middle);
            painter.line_segment([at(-0.85, -0.25), at(0.85, -0.25)], line);
            painter.line_segment([at(-0.25, -0.25), at(-0.25, 0.75)], line);
        }
        Icon::Learn => {
            polygon(vec![at(-1.0, -0.2), at(0.0, -0.75), at(1.0, -0.2), at(0.0, 0.35)]);
            painter
                .line(vec![at(-0.55, 0.15), at(-0.55, 0.65), at(0.55, 0.65), at(0.55, 0.15)], line);
        }
        Icon::Chart => {
            painter.line(vec![at(-0.85, -0.8), at(-0.85, 0.75), at(0.9, 0.75)], line);
            painter.line(vec![at(-0.5, 0.3), at(-0.1, -0.3), at(0.3, 0.1), at(0.8, -0.6)], line);
        }
    }
}

fn diamond(center: Pos2, radius: f32) -> Vec<Pos2> {
    (0u8..4).map(|k| center + radius * Vec2::angled(f32::from(k) * FRAC_PI_2)).collect()
}

/// A ring with a gap and a head at its end.
fn repeat(painter: &Painter, center: Pos2, half: f32, line: Stroke) {
    let radius = half * 0.68;
    let ring = (0u8..=20).map(|k| {
        let turn = -0.12 + 0.82 * f32::from(k) / 20.0;
        center + radius * Vec2::angled(turn * TAU)
    });
    let points: Vec<Pos2> = ring.collect();
    if let Some(end) = points.last().copied() {
        let head = half * 0.5;
        let points = vec![
            end + vec2(-head * 0.2, -head),
            end + vec2(head * 0.9, head * 0.1),
            end + vec2(-head * 0.6, head * 0.7),
        ];
        painter.add(Shape::convex_polygon(points, line.color, Stroke::NONE));
    }
    painter.line(points, line);
}

/// A square button with an icon; `label` is its tooltip and its name for screen readers.
pub fn icon_button(ui: &mut Ui, icon: Icon, label: &str) -> Response {
    let side = ui.spacing().interact_size.y;
    let (rect, response) = ui.allocate_exact_size(vec2(side + 6.0, side), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), label));
    if ui.is_rect_visible(rect) {
        let visuals = ui.style().interact(&response);
        ui.painter().rect(
            rect,
            SMALL_RADIUS,
            visuals.weak_bg_fill,
            visuals.bg_stroke,
            egui::StrokeKind::Inside,
        );
        let center = pos2(rect.center().x.round(), rect.center().y.round());
        let icon_rect = Rect::from_center_size(center, Vec2::splat(12.0));
        paint_icon(ui.painter(), icon_rect, icon, visuals.text_color());
    }
    response.on_hover_text(label)
}
