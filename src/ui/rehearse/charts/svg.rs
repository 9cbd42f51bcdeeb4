//! A chart as an SVG picture, drawn anew in the light theme: sharp in print, and its text is text.

use std::fmt::Write as _;

use egui::Color32;

use crate::domain::SimTime;
use crate::report::figures::{Curve, Figure, scale};
use crate::ui::rehearse::time_axis;
use crate::ui::theme::LIGHT;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 90.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 34.0;
/// Points that a curve is thinned to: two a pixel.
const PIXELS: usize = (WIDTH - LEFT - RIGHT) as usize;

/// The picture of `figure` from `from` to `to` (seconds) of a run that lasts `end`.
pub fn svg(figure: &Figure, [from, to]: [f64; 2], end: SimTime) -> String {
    let sketch = Sketch { figure, from, to, end };
    let mut text = String::new();
    // Writing to a string has no way to fail.
    _ = sketch.write(&mut text);
    text
}

struct Sketch<'a> {
    figure: &'a Figure,
    from: f64,
    to: f64,
    end: SimTime,
}

impl Sketch<'_> {
    fn x(&self, secs: f64) -> f64 {
        let share = (secs - self.from) / (self.to - self.from).max(1e-9);
        LEFT + share * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        let [low, high] = self.figure.y;
        let share = (value - low) / (high - low).max(1e-12);
        HEIGHT - BOTTOM - share.clamp(-0.05, 1.05) * (HEIGHT - TOP - BOTTOM)
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let (ground, ink) = (hex(LIGHT.card), hex(LIGHT.text));
        writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"Inter, Helvetica, Arial, sans-serif\" font-size=\"11\">"
        )?;
        writeln!(out, "<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"{ground}\"/>")?;
        let title = escaped(&self.figure.title);
        let note = escaped(&self.figure.note);
        writeln!(
            out,
            "<text x=\"16\" y=\"24\" fill=\"{ink}\" font-size=\"14\" font-weight=\"600\">{title} \
             <tspan fill=\"{}\" font-size=\"11\" font-weight=\"400\">{note}</tspan></text>",
            hex(LIGHT.subdued)
        )?;
        self.axes(out)?;
        for curve in &self.figure.curves {
            self.curve(out, curve)?;
        }
        self.limits(out)?;
        writeln!(out, "</svg>")
    }

    fn axes(&self, out: &mut String) -> std::fmt::Result {
        let (grid, ink) = (hex(LIGHT.grid), hex(LIGHT.subdued));
        let [low, high] = self.figure.y;
        let step = scale::nice_step(high - low, 4);
        for value in scale::marks(low, high, 4) {
            let y = self.y(value);
            let (x, end) = (LEFT, WIDTH - RIGHT);
            writeln!(out, "<path d=\"M{x:.1} {y:.1}H{end:.1}\" stroke=\"{grid}\"/>")?;
            let text = scale::mark_text(value, step);
            let (x, y) = (x - 6.0, y + 4.0);
            writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{ink}\" text-anchor=\"end\">{text}</text>"
            )?;
        }
        let (step, ticks) = time_axis::ticks_within(self.from, self.to, 6);
        for at in ticks {
            let x = self.x(at.as_secs_f64());
            let label = time_axis::tick_label(at, self.end, step);
            let y = HEIGHT - BOTTOM + 18.0;
            writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{ink}\" text-anchor=\"middle\">{label}</text>"
            )?;
        }
        Ok(())
    }

    fn curve(&self, out: &mut String, curve: &Curve) -> std::fmt::Result {
        let colour = hex(LIGHT.arm(curve.arm));
        let dashes = match curve.arm.index() {
            0 | 1 => "",
            2 => " stroke-dasharray=\"9 5\"",
            _ => " stroke-dasharray=\"2 4\"",
        };
        for piece in curve.pyramid.pieces(PIXELS, self.from, self.to) {
            let above = piece.times.iter().zip(&piece.highs);
            let below = piece.times.iter().zip(&piece.lows).rev();
            let band: Vec<String> =
                above.chain(below).map(|(at, value)| self.point(*at, *value)).collect();
            if !band.is_empty() {
                let points = band.join(" ");
                writeln!(out, "<polygon points=\"{points}\" fill=\"{colour}\" opacity=\"0.16\"/>")?;
            }
            let line: Vec<String> =
                piece.line.iter().map(|[at, value]| self.point(*at, *value)).collect();
            let points = line.join(" ");
            writeln!(
                out,
                "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" \
                 stroke-width=\"2\"{dashes}/>"
            )?;
        }
        let Some(last) = curve.pyramid.value_at(self.to) else { return Ok(()) };
        let (x, y) = (self.x(last.at.max(self.from)) + 8.0, self.y(last.value) + 4.0);
        let text = format!("{} {} {}", curve.arm, self.figure.text(last.value), self.figure.unit);
        writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\">{text}</text>")
    }

    fn limits(&self, out: &mut String) -> std::fmt::Result {
        let colour = hex(LIGHT.fail);
        for limit in &self.figure.limits {
            let held = limit.line.iter().map(|[at, value]| (at.clamp(self.from, self.to), value));
            let points: Vec<String> = held.map(|(at, value)| self.point(at, *value)).collect();
            let points = points.join(" ");
            writeln!(
                out,
                "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" \
                 stroke-dasharray=\"6 4\"/>"
            )?;
            let Some([_, value]) = limit.line.first() else { continue };
            let (x, y) = (LEFT + 6.0, self.y(*value) - 5.0);
            let name = escaped(&limit.name);
            writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\">{name}</text>")?;
        }
        Ok(())
    }

    fn point(&self, at: f64, value: f64) -> String {
        format!("{:.1},{:.1}", self.x(at), self.y(value))
    }
}

fn hex(colour: Color32) -> String {
    format!("#{:02X}{:02X}{:02X}", colour.r(), colour.g(), colour.b())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
