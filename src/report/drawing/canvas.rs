//! How drawings are made: shape by shape, in points, with y downwards.

use super::super::palette;
use super::{Anchor, Colour, Drawing, Shape};
use crate::domain::ArmId;

/// Where a text begins, and how it looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Type {
    pub size: f64,
    pub colour: Colour,
    pub anchor: Anchor,
    pub is_bold: bool,
    /// Can be read on lines that run through it.
    pub has_halo: bool,
}

impl Type {
    pub const SMALL: Self = Self {
        size: 10.5,
        colour: palette::SUBDUED,
        anchor: Anchor::Start,
        is_bold: false,
        has_halo: false,
    };

    pub fn end(self) -> Self {
        Self { anchor: Anchor::End, ..self }
    }

    pub fn middle(self) -> Self {
        Self { anchor: Anchor::Middle, ..self }
    }

    pub fn bold(self) -> Self {
        Self { is_bold: true, ..self }
    }

    pub fn on_lines(self) -> Self {
        Self { has_halo: true, ..self }
    }

    pub fn coloured(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }

    /// About how wide a text will be: the font that will draw it is not known here.
    pub fn width(self, text: &str) -> f64 {
        let factor = if self.is_bold { 0.59 } else { 0.55 };
        text.chars().count() as f64 * self.size * factor
    }

    /// `text`, cut with `…` where it would be wider than `most`.
    pub fn fitted(self, text: &str, most: f64) -> String {
        if self.width(text) <= most {
            return text.to_owned();
        }
        let letters = (most / self.width("m")).floor() as usize;
        if letters < 3 {
            return String::new();
        }
        let head: String = text.chars().take(letters - 1).collect();
        format!("{}…", head.trim_end())
    }
}

/// A drawing in the making.
pub(super) struct Canvas {
    width: f64,
    height: f64,
    shapes: Vec<Shape>,
}

impl Canvas {
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    pub fn rect(&mut self, rect: [f64; 4], fill: Colour, opacity: f64) {
        let [_, _, width, height] = rect;
        if width > 0.0 && height > 0.0 {
            self.shapes.push(Shape::Rect { rect, fill, opacity });
        }
    }

    pub fn line(&mut self, from: [f64; 2], to: [f64; 2], colour: Colour, width: f64) {
        self.dashed(from, to, colour, width, "");
    }

    pub fn dashed(
        &mut self,
        from: [f64; 2],
        to: [f64; 2],
        colour: Colour,
        width: f64,
        dash: &'static str,
    ) {
        self.polyline(&[from, to], colour, width, dash);
    }

    pub fn polyline(
        &mut self,
        points: &[[f64; 2]],
        colour: Colour,
        width: f64,
        dash: &'static str,
    ) {
        if !points.is_empty() {
            self.shapes.push(Shape::Line { points: points.to_vec(), colour, width, dash });
        }
    }

    pub fn polygon(&mut self, points: &[[f64; 2]], fill: Colour, opacity: f64) {
        if points.len() > 2 {
            self.shapes.push(Shape::Area { points: points.to_vec(), fill, opacity });
        }
    }

    pub fn band(&mut self, upper: Vec<[f64; 2]>, lower: Vec<[f64; 2]>, fill: Colour, opacity: f64) {
        if upper.len() > 1 {
            self.shapes.push(Shape::Band { upper, lower, fill, opacity });
        }
    }

    pub fn circle(&mut self, at: [f64; 2], radius: f64, fill: Colour, stroke: Colour) {
        self.shapes.push(Shape::Circle { at, radius, fill, stroke });
    }

    pub fn cross(&mut self, [x, y]: [f64; 2], radius: f64, colour: Colour) {
        self.line([x - radius, y - radius], [x + radius, y + radius], colour, 1.6);
        self.line([x - radius, y + radius], [x + radius, y - radius], colour, 1.6);
    }

    /// An arm's own sign: colour is never alone.
    pub fn mark(&mut self, arm: ArmId, [x, y]: [f64; 2], radius: f64) {
        let (colour, r) = (palette::arm(arm), radius);
        match arm.index() {
            0 => self.circle([x, y], r, colour, colour),
            1 => self.rect([x - r, y - r, 2.0 * r, 2.0 * r], colour, 1.0),
            2 => self.polygon(&[[x, y - r], [x + r, y + r], [x - r, y + r]], colour, 1.0),
            _ => self.polygon(&[[x, y - r], [x + r, y], [x, y + r], [x - r, y]], colour, 1.0),
        }
    }

    pub fn text(&mut self, at: [f64; 2], text: &str, style: Type) {
        if !text.is_empty() {
            self.shapes.push(Shape::Text { at, text: text.to_owned(), style });
        }
    }

    /// A title, and beside it what it is measured in.
    pub fn title(&mut self, at: [f64; 2], title: &str, note: &str) {
        let (title, note) = (title.to_owned(), note.to_owned());
        self.shapes.push(Shape::Title { at, title, note });
    }

    /// The whole drawing, with what it shows in words.
    pub fn finish(self, words: &str) -> Drawing {
        let Self { width, height, shapes } = self;
        Drawing { width, height, shapes, words: words.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_where_it_does_not_fit() {
        let style = Type::SMALL;
        assert_eq!(style.fitted("short", 100.0), "short");
        assert!(style.fitted("a name that is far too long", 60.0).ends_with('…'));
        assert_eq!(style.fitted("abcdefgh", 5.0), "");
    }
}
