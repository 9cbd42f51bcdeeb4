//! A drawing as SVG text: crisp in print, readable by screen readers, all user text escaped.

use super::super::escape::escaped;
use super::super::palette;
use super::{Anchor, Drawing, Shape, Type};

const FONT: &str = "Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif";

const HALO: &str =
    " stroke=\"#FFF\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"";

/// The file's text.
pub(super) fn text(drawing: &Drawing) -> String {
    let (width, height) = (n(drawing.width), n(drawing.height));
    let body: String = drawing.shapes.iter().map(shape).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" font-family=\"{FONT}\" role=\"img\">\
         <title>{}</title>{body}</svg>\n",
        escaped(&drawing.words)
    )
}

fn shape(shape: &Shape) -> String {
    match shape {
        Shape::Rect { rect: [x, y, width, height], fill, opacity } => format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"{}/>",
            n(*x),
            n(*y),
            n(*width),
            n(*height),
            opacity_of(*opacity)
        ),
        Shape::Line { points, colour, width, dash } => format!(
            "<path d=\"{}\" stroke=\"{colour}\" stroke-width=\"{}\" stroke-linejoin=\"round\" \
             stroke-linecap=\"{}\" fill=\"none\"{}/>",
            path(points),
            n(*width),
            // Between two points no line is to be longer than it is.
            if points.len() > 2 { "round" } else { "butt" },
            dash_of(dash)
        ),
        Shape::Area { points, fill, opacity } => {
            format!("<path d=\"{}Z\" fill=\"{fill}\"{}/>", path(points), opacity_of(*opacity))
        }
        Shape::Band { upper, lower, fill, opacity } => {
            let around: Vec<[f64; 2]> = upper.iter().chain(lower.iter().rev()).copied().collect();
            format!("<path d=\"{}Z\" fill=\"{fill}\"{}/>", path(&around), opacity_of(*opacity))
        }
        Shape::Circle { at: [x, y], radius, fill, stroke } => format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{fill}\" stroke=\"{stroke}\" \
             stroke-width=\"1.2\"/>",
            n(*x),
            n(*y),
            n(*radius)
        ),
        Shape::Text { at, text, style } => text_element(*at, text, *style),
        Shape::Title { at: [x, y], title, note } => format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"13\" fill=\"{}\" font-weight=\"600\">{}\
             <tspan dx=\"8\" font-size=\"10.5\" fill=\"{}\" font-weight=\"400\">{}</tspan></text>",
            n(*x),
            n(*y),
            palette::TEXT,
            escaped(title),
            palette::SUBDUED,
            escaped(note)
        ),
    }
}

fn text_element([x, y]: [f64; 2], text: &str, style: Type) -> String {
    let anchor = match style.anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let weight = if style.is_bold { " font-weight=\"600\"" } else { "" };
    format!(
        "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\" text-anchor=\"{anchor}\"{weight}{}>{}</text>",
        n(x),
        n(y),
        n(style.size),
        style.colour,
        if style.has_halo { HALO } else { "" },
        escaped(text)
    )
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
    use super::super::canvas::Canvas;
    use super::*;

    #[test]
    fn coordinates_are_short_and_never_nan() {
        assert_eq!([n(1.0), n(-0.001), n(2.345_6), n(f64::NAN)], ["1", "0", "2.35", "0"]);
    }

    #[test]
    fn text_is_escaped() {
        let mut canvas = Canvas::new(10.0, 10.0);
        canvas.text([0.0, 0.0], "<b>", Type::SMALL);
        let drawing = text(&canvas.finish("a & b"));
        assert!(drawing.contains("&lt;b&gt;") && drawing.contains("a &amp; b"), "{drawing}");
    }
}
