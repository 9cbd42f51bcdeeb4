//! A drawing as SVG text: few shapes, all user text escaped.

use super::super::escape::escaped;
use super::super::palette;
use crate::domain::ArmId;

const FONT: &str = "Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif";

const HALO: &str =
    " stroke=\"#FFF\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"";

/// Where a text begins, and how it looks.
#[derive(Clone, Copy)]
pub(super) struct Type {
    pub size: f64,
    pub colour: &'static str,
    pub anchor: &'static str,
    pub is_bold: bool,
    /// Can be read on lines that run through it.
    pub has_halo: bool,
}

impl Type {
    pub const SMALL: Self = Self {
        size: 10.5,
        colour: palette::SUBDUED,
        anchor: "start",
        is_bold: false,
        has_halo: false,
    };

    pub fn end(self) -> Self {
        Self { anchor: "end", ..self }
    }

    pub fn middle(self) -> Self {
        Self { anchor: "middle", ..self }
    }

    pub fn bold(self) -> Self {
        Self { is_bold: true, ..self }
    }

    pub fn on_lines(self) -> Self {
        Self { has_halo: true, ..self }
    }

    pub fn coloured(self, colour: &'static str) -> Self {
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

/// A drawing of `width` × `height` points.
pub(super) struct Canvas {
    width: f64,
    height: f64,
    body: String,
}

impl Canvas {
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    pub fn rect(&mut self, [x, y, width, height]: [f64; 4], fill: &str, opacity: f64) {
        if width <= 0.0 || height <= 0.0 {
            return;
        }
        self.body.push_str(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"{}/>",
            n(x),
            n(y),
            n(width),
            n(height),
            opacity_of(opacity)
        ));
    }

    pub fn line(&mut self, from: [f64; 2], to: [f64; 2], colour: &str, width: f64) {
        self.dashed(from, to, colour, width, "");
    }

    pub fn dashed(&mut self, from: [f64; 2], to: [f64; 2], colour: &str, width: f64, dash: &str) {
        self.body.push_str(&format!(
            "<path d=\"M{} {}L{} {}\" stroke=\"{colour}\" stroke-width=\"{}\" fill=\"none\"{}/>",
            n(from[0]),
            n(from[1]),
            n(to[0]),
            n(to[1]),
            n(width),
            dash_of(dash)
        ));
    }

    pub fn polyline(&mut self, points: &[[f64; 2]], colour: &str, width: f64, dash: &str) {
        if points.is_empty() {
            return;
        }
        self.body.push_str(&format!(
            "<path d=\"{}\" stroke=\"{colour}\" stroke-width=\"{}\" stroke-linejoin=\"round\" \
             stroke-linecap=\"round\" fill=\"none\"{}/>",
            path(points),
            n(width),
            dash_of(dash)
        ));
    }

    pub fn polygon(&mut self, points: &[[f64; 2]], fill: &str, opacity: f64) {
        if points.len() > 2 {
            let path = path(points);
            let opacity = opacity_of(opacity);
            self.body.push_str(&format!("<path d=\"{path}Z\" fill=\"{fill}\"{opacity}/>"));
        }
    }

    pub fn circle(&mut self, [x, y]: [f64; 2], radius: f64, fill: &str, stroke: &str) {
        self.body.push_str(&format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{fill}\" stroke=\"{stroke}\" \
             stroke-width=\"1.2\"/>",
            n(x),
            n(y),
            n(radius)
        ));
    }

    pub fn cross(&mut self, [x, y]: [f64; 2], radius: f64, colour: &str) {
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

    pub fn text(&mut self, [x, y]: [f64; 2], text: &str, style: Type) {
        if text.is_empty() {
            return;
        }
        let weight = if style.is_bold { " font-weight=\"600\"" } else { "" };
        self.body.push_str(&format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\" text-anchor=\"{}\"{weight}{}>{}</text>",
            n(x),
            n(y),
            n(style.size),
            style.colour,
            style.anchor,
            if style.has_halo { HALO } else { "" },
            escaped(text)
        ));
    }

    /// A title, and beside it what it is measured in.
    pub fn title(&mut self, [x, y]: [f64; 2], title: &str, note: &str) {
        self.body.push_str(&format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"13\" fill=\"{}\" font-weight=\"600\">{}\
             <tspan dx=\"8\" font-size=\"10.5\" fill=\"{}\" font-weight=\"400\">{}</tspan></text>",
            n(x),
            n(y),
            palette::TEXT,
            escaped(title),
            palette::SUBDUED,
            escaped(note)
        ));
    }

    /// The whole drawing, with what it shows in words.
    pub fn finish(self, words: &str) -> String {
        let (width, height) = (n(self.width), n(self.height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" font-family=\"{FONT}\" role=\"img\">\
             <title>{}</title>{}</svg>\n",
            escaped(words),
            self.body
        )
    }
}

fn path(points: &[[f64; 2]]) -> String {
    let mut path = String::from("M");
    for (place, [x, y]) in points.iter().enumerate() {
        if place > 0 {
            path.push('L');
        }
        path.push_str(&format!("{} {}", n(*x), n(*y)));
    }
    path
}

fn opacity_of(opacity: f64) -> String {
    if opacity >= 1.0 { String::new() } else { format!(" opacity=\"{}\"", n(opacity)) }
}

fn dash_of(dash: &str) -> String {
    if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") }
}

/// A coordinate with at most two decimals; what is no number lies at 0.
fn n(value: f64) -> String {
    let value = if value.is_finite() { value } else { 0.0 };
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short_and_never_nan() {
        assert_eq!([n(1.0), n(-0.001), n(2.345_6), n(f64::NAN)], ["1", "0", "2.35", "0"]);
    }

    #[test]
    fn text_is_cut_and_escaped() {
        let style = Type::SMALL;
        assert_eq!(style.fitted("short", 100.0), "short");
        assert!(style.fitted("a name that is far too long", 60.0).ends_with('…'));
        assert_eq!(style.fitted("abcdefgh", 5.0), "");
        let mut canvas = Canvas::new(10.0, 10.0);
        canvas.text([0.0, 0.0], "<b>", style);
        let drawing = canvas.finish("a & b");
        assert!(drawing.contains("&lt;b&gt;") && drawing.contains("a &amp; b"), "{drawing}");
    }
}
