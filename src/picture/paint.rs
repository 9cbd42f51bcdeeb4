//! A drawing as a picture.

use egui::epaint::{PathShape, PathStroke};
use egui::{
    Align2, Color32, FontId, Mesh, Painter, Pos2, Rect, Shape as Painted, Stroke, Vec2, pos2, vec2,
};

use super::png::encoded;
use super::raster::{Frame, picture};
use super::{fonts, semibold};
use crate::report::drawing::{Anchor, Colour, Drawing, Shape, Type};
use crate::report::palette;

/// Pixels for each point: sharp in print at the size of a column.
const SHARPNESS: f32 = 3.0;
/// Around letters that stand on lines, in points.
const HALO: f32 = 1.2;

/// The bytes of a PNG file that shows `drawing` on white.
pub fn png_of(drawing: &Drawing) -> Vec<u8> {
    let size = vec2(drawing.width as f32, drawing.height as f32);
    let frame = Frame { size, pixels_per_point: SHARPNESS, ground: Color32::WHITE };
    let image = picture(
        frame,
        |ctx| ctx.set_fonts(fonts(1.0)),
        |ui| {
            let painter = ui.ctx().layer_painter(ui.layer_id());
            drawing.shapes.iter().for_each(|shape| paint(&painter, shape));
        },
    );
    encoded(&image)
}

fn paint(painter: &Painter, shape: &Shape) {
    match shape {
        Shape::Rect { rect: [x, y, width, height], fill, opacity } => {
            let size = vec2(*width as f32, *height as f32);
            let rect = Rect::from_min_size(point([*x, *y]), size);
            painter.rect_filled(rect, 0.0, colour(fill, *opacity));
        }
        Shape::Line { points, colour: of, width, dash } => {
            let points: Vec<Pos2> = points.iter().copied().map(point).collect();
            let stroke = Stroke::new(*width as f32, colour(of, 1.0));
            let lengths: Vec<f32> = dash.split(' ').filter_map(|text| text.parse().ok()).collect();
            match lengths[..] {
                [on, off] => painter.extend(Painted::dashed_line(&points, stroke, on, off)),
                _ => _ = painter.add(Painted::line(points, PathStroke::from(stroke))),
            }
        }
        Shape::Area { points, fill, opacity } => {
            let points = points.iter().copied().map(point).collect();
            let fill = colour(fill, *opacity);
            painter.add(PathShape::convex_polygon(points, fill, PathStroke::NONE));
        }
        Shape::Band { upper, lower, fill, opacity } => {
            band(painter, upper, lower, colour(fill, *opacity));
        }
        Shape::Circle { at, radius, fill, stroke } => {
            let stroke = Stroke::new(1.2, colour(stroke, 1.0));
            painter.circle(point(*at), *radius as f32, colour(fill, 1.0), stroke);
        }
        Shape::Text { at, text, style } => _ = write(painter, *at, text, *style),
        Shape::Title { at, title, note } => {
            let style = Type { size: 13.0, colour: palette::TEXT, ..Type::SMALL }.bold();
            let written = write(painter, *at, title, style);
            let beside = [f64::from(written.right()) + 8.0, at[1]];
            write(painter, beside, note, Type::SMALL);
        }
    }
}

/// Slice by slice: only convex shapes can be filled at once.
fn band(painter: &Painter, upper: &[[f64; 2]], lower: &[[f64; 2]], fill: Color32) {
    let mut mesh = Mesh::default();
    for (above, below) in upper.iter().zip(lower) {
        let corner = mesh.vertices.len() as u32;
        mesh.colored_vertex(point(*above), fill);
        mesh.colored_vertex(point(*below), fill);
        if corner >= 2 {
            mesh.add_triangle(corner - 2, corner - 1, corner);
            mesh.add_triangle(corner - 1, corner, corner + 1);
        }
    }
    painter.add(mesh);
}

/// Writes a text with its base line at `at`, and returns where it stands.
fn write(painter: &Painter, at: [f64; 2], text: &str, style: Type) -> Rect {
    let size = style.size as f32;
    let font = if style.is_bold { semibold(size) } else { FontId::proportional(size) };
    let align = match style.anchor {
        Anchor::Start => Align2::LEFT_TOP,
        Anchor::Middle => Align2::CENTER_TOP,
        Anchor::End => Align2::RIGHT_TOP,
    };
    let galley = painter.layout_no_wrap(text.to_owned(), font, colour(style.colour, 1.0));
    let ascent = galley.rows.first().and_then(|row| row.glyphs.first()).map_or(size, |glyph| {
        // From the top of the row to the base line.
        glyph.pos.y
    });
    let corner = align.anchor_size(point(at) - vec2(0.0, ascent), galley.size()).min;
    if style.has_halo {
        let around = (0..8).map(|k| Vec2::angled(k as f32 * std::f32::consts::FRAC_PI_4) * HALO);
        for offset in around {
            let white = Color32::WHITE;
            painter.galley_with_override_text_color(corner + offset, galley.clone(), white);
        }
    }
    let rect = Rect::from_min_size(corner, galley.size());
    painter.galley(corner, galley, Color32::BLACK);
    rect
}

fn point([x, y]: [f64; 2]) -> Pos2 {
    pos2(x as f32, y as f32)
}

/// Colours are our own constants; one that cannot be read is black.
fn colour(text: Colour, opacity: f64) -> Color32 {
    let colour = Color32::from_hex(text).unwrap_or(Color32::BLACK);
    colour.gamma_multiply(opacity as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::StrategyKind;
    use crate::report::drawing::course;
    use crate::report::fixture;

    #[test]
    fn a_drawing_becomes_a_picture_of_its_size_with_ink_in_its_colours() {
        let drawing = course(&fixture::recording(StrategyKind::Canary));
        let bytes = png_of(&drawing);
        super::super::keep("report-course", &bytes);
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(info.width, (drawing.width as f32 * SHARPNESS) as u32);
        let has = |text: Colour| {
            let wanted = colour(text, 1.0).to_array();
            pixels.chunks_exact(4).any(|pixel| pixel == wanted)
        };
        assert!(has(palette::TEXT) && has("#FFFFFF"));
    }
}
