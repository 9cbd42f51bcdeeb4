//! Draws egui's output on the processor: pictures for tests and exports, without a window or a GPU.
//!
//! egui hands out textured triangles with colours in gamma space and premultiplied alpha, and its
//! shaders multiply and blend them in gamma space; so does this.

use std::collections::BTreeMap;

use egui::epaint::{Primitive, Vertex};
use egui::{
    ClippedPrimitive, Color32, ColorImage, Context, ImageData, Pos2, RawInput, Rect, TextureId,
    TexturesDelta, Ui, Vec2, ViewportId,
};

/// The textures that egui has handed out so far; egui counts on them being kept.
#[derive(Default)]
pub struct Raster {
    textures: BTreeMap<TextureId, ColorImage>,
}

/// How a picture is taken.
#[derive(Clone, Copy)]
pub struct Frame {
    /// In points.
    pub size: Vec2,
    pub pixels_per_point: f32,
    /// Behind everything.
    pub ground: Color32,
}

/// A picture of `add_contents` in a fresh context that `prepare` gives its fonts and styles.
pub fn picture(
    frame: Frame,
    prepare: impl FnOnce(&Context),
    mut add_contents: impl FnMut(&mut Ui),
) -> ColorImage {
    // Widgets that size themselves by what they held a frame before need a few frames to settle.
    const FRAMES: usize = 3;
    let Frame { size, pixels_per_point, ground } = frame;
    let ctx = Context::default();
    prepare(&ctx);
    let mut raster = Raster::default();
    let mut shapes = Vec::new();
    for _ in 0..FRAMES {
        let screen_rect = Some(Rect::from_min_size(Pos2::ZERO, size));
        let mut input = RawInput { screen_rect, ..RawInput::default() };
        input.viewports.entry(ViewportId::ROOT).or_default().native_pixels_per_point =
            Some(pixels_per_point);
        let mut output = ctx.run_ui(input, &mut add_contents);
        raster.update(&mut output.textures_delta);
        shapes = output.shapes;
    }
    let primitives = ctx.tessellate(shapes, pixels_per_point);
    raster.draw(&primitives, size, pixels_per_point, ground)
}

impl Raster {
    /// Takes over new and changed textures.
    #[expect(clippy::iter_over_hash_type, reason = "textures do not depend on one another")]
    pub fn update(&mut self, delta: &mut TexturesDelta) {
        for (id, changes) in delta.set.drain() {
            for change in changes {
                let ImageData::Color(image) = change.image;
                match (change.pos, self.textures.get_mut(&id)) {
                    (Some(corner), Some(texture)) => patch(texture, &image, corner),
                    _ => _ = self.textures.insert(id, (*image).clone()),
                }
            }
        }
        for id in delta.free.drain() {
            self.textures.remove(&id);
        }
    }

    /// Draws on `ground`; `size` is in points.
    pub fn draw(
        &self,
        primitives: &[ClippedPrimitive],
        size: Vec2,
        pixels_per_point: f32,
        ground: Color32,
    ) -> ColorImage {
        let pixels = (size * pixels_per_point).round();
        let mut image = ColorImage::filled([pixels.x as usize, pixels.y as usize], ground);
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let Primitive::Mesh(mesh) = primitive else { continue };
            let Some(texture) = self.textures.get(&mesh.texture_id) else { continue };
            let clip = Rect::from_min_max(
                (clip_rect.min * pixels_per_point).round(),
                (clip_rect.max * pixels_per_point).round(),
            )
            .intersect(Rect::from_min_size(Pos2::ZERO, pixels));
            if !clip.is_positive() {
                continue;
            }
            for corners in mesh.triangles() {
                let [a, b, c] = corners.map(|corner| mesh.vertices.get(corner as usize));
                if let (Some(a), Some(b), Some(c)) = (a, b, c) {
                    let scaled = |v: &Vertex| Vertex { pos: v.pos * pixels_per_point, ..*v };
                    triangle(&mut image, clip, texture, [scaled(a), scaled(b), scaled(c)]);
                }
            }
        }
        image
    }
}

fn patch(texture: &mut ColorImage, part: &ColorImage, [left, top]: [usize; 2]) {
    let [width, _] = texture.size;
    for (row, source) in part.pixels.chunks_exact(part.size[0].max(1)).enumerate() {
        let start = (top + row) * width + left;
        if let Some(target) = texture.pixels.get_mut(start..start + source.len()) {
            target.copy_from_slice(source);
        }
    }
}

/// Twice the signed area of a, b, p: positive inside, for corners in clockwise order on the screen.
fn edge(a: Pos2, b: Pos2, p: (f64, f64)) -> f64 {
    let (ax, ay) = (f64::from(a.x), f64::from(a.y));
    (f64::from(b.x) - ax) * (p.1 - ay) - (f64::from(b.y) - ay) * (p.0 - ax)
}

fn triangle(image: &mut ColorImage, clip: Rect, texture: &ColorImage, mut corners: [Vertex; 3]) {
    let point = |v: &Vertex| (f64::from(v.pos.x), f64::from(v.pos.y));
    let mut area = edge(corners[0].pos, corners[1].pos, point(&corners[2]));
    if area < 0.0 {
        corners.swap(1, 2);
        area = -area;
    }
    if area.is_nan() || area == 0.0 {
        return;
    }
    let [a, b, c] = corners;
    let bounds = Rect::from_points(&[a.pos, b.pos, c.pos]).intersect(clip);
    if !bounds.is_positive() {
        return;
    }
    // A pixel on the line between two triangles belongs to just one of them: the one whose top or
    // left edge it is. Without this rule half-transparent areas show seams.
    let sides = [(b.pos, c.pos), (c.pos, a.pos), (a.pos, b.pos)];
    let owns = sides.map(|(from, to)| to.y < from.y || (to.y == from.y && to.x > from.x));
    let shade = Shade::new(texture, &corners);
    let width = image.size[0];
    for y in (bounds.top() - 0.5).ceil() as usize..(bounds.bottom() + 0.5).floor() as usize {
        for x in (bounds.left() - 0.5).ceil() as usize..(bounds.right() + 0.5).floor() as usize {
            let centre = (x as f64 + 0.5, y as f64 + 0.5);
            let weights = sides.map(|(from, to)| edge(from, to, centre));
            let inside = |side: usize| weights[side] > 0.0 || (weights[side] == 0.0 && owns[side]);
            if (0..3).all(inside)
                && let Some(pixel) = image.pixels.get_mut(y * width + x)
            {
                *pixel = over(*pixel, shade.at(weights.map(|w| (w / area) as f32)));
            }
        }
    }
}

/// Premultiplied colour on what is there.
fn over(ground: Color32, colour: [f32; 4]) -> Color32 {
    let rest = 1.0 - colour[3] / 255.0;
    let [r, g, b, a] = ground.to_array();
    let mix = |under: u8, over: f32| (f32::from(under) * rest + over).round() as u8;
    Color32::from_rgba_premultiplied(
        mix(r, colour[0]),
        mix(g, colour[1]),
        mix(b, colour[2]),
        mix(a, colour[3]),
    )
}

/// The colour of a triangle's points: between its corners' colours, times the texture.
enum Shade<'a> {
    Plain([f32; 4]),
    Textured { texture: &'a ColorImage, corners: &'a [Vertex; 3] },
}

impl<'a> Shade<'a> {
    fn new(texture: &'a ColorImage, corners: &'a [Vertex; 3]) -> Self {
        let [a, b, c] = corners;
        if a.uv == b.uv && b.uv == c.uv && a.color == b.color && b.color == c.color {
            Self::Plain(times(channels(a.color), texel(texture, a.uv)))
        } else {
            Self::Textured { texture, corners }
        }
    }

    fn at(&self, weights: [f32; 3]) -> [f32; 4] {
        match self {
            Self::Plain(colour) => *colour,
            Self::Textured { texture, corners } => {
                let mut colour = [0.0; 4];
                let mut uv = Pos2::ZERO;
                for (corner, weight) in corners.iter().zip(weights) {
                    uv += corner.uv.to_vec2() * weight;
                    for (sum, part) in colour.iter_mut().zip(channels(corner.color)) {
                        *sum += part * weight;
                    }
                }
                times(colour, texel(texture, uv))
            }
        }
    }
}

fn channels(colour: Color32) -> [f32; 4] {
    colour.to_array().map(f32::from)
}

fn times(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
    std::array::from_fn(|k| a[k] * b[k] / 255.0)
}

/// The texture at `uv`, linear between its four nearest pixels.
fn texel(texture: &ColorImage, uv: Pos2) -> [f32; 4] {
    let [width, height] = texture.size;
    let axis = |at: f32, size: usize| {
        let at = (at * size as f32 - 0.5).clamp(0.0, size.saturating_sub(1) as f32);
        let low = at.floor();
        (low as usize, ((low as usize) + 1).min(size.saturating_sub(1)), at - low)
    };
    let ((left, right, x), (top, bottom, y)) = (axis(uv.x, width), axis(uv.y, height));
    let pixel = |column: usize, row: usize| {
        channels(texture.pixels.get(row * width + column).copied().unwrap_or_default())
    };
    let corners = [
        (pixel(left, top), (1.0 - x) * (1.0 - y)),
        (pixel(right, top), x * (1.0 - y)),
        (pixel(left, bottom), (1.0 - x) * y),
        (pixel(right, bottom), x * y),
    ];
    std::array::from_fn(|k| corners.iter().map(|(colour, weight)| colour[k] * weight).sum())
}

#[cfg(test)]
mod tests {
    use egui::{pos2, vec2};

    use super::*;

    #[test]
    fn half_transparent_areas_have_no_seam_and_text_has_ink() {
        let grey = Color32::from_black_alpha(128);
        let frame = Frame { size: vec2(60.0, 40.0), pixels_per_point: 1.0, ground: Color32::WHITE };
        let image = picture(
            frame,
            |_| {},
            |ui| {
                let painter = ui.painter();
                painter.rect_filled(Rect::EVERYTHING, 0.0, Color32::WHITE);
                painter.rect_filled(
                    Rect::from_min_max(pos2(4.0, 4.0), pos2(24.0, 24.0)),
                    0.0,
                    grey,
                );
                let font = egui::FontId::proportional(13.0);
                painter.text(pos2(30.0, 4.0), egui::Align2::LEFT_TOP, "II", font, Color32::BLACK);
            },
        );
        let at = |x: usize, y: usize| image.pixels[y * 60 + x];
        for k in 6..22 {
            assert_eq!(
                (at(k, k), at(k, 27 - k)),
                (Color32::from_gray(127), Color32::from_gray(127))
            );
        }
        let darkest = (0..40).flat_map(|y| (30..60).map(move |x| (x, y)));
        assert!(darkest.map(|(x, y)| at(x, y).r()).min() < Some(90), "no ink");
        assert_eq!(at(58, 38), Color32::WHITE);
    }
}
