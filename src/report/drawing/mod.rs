//! Charts as drawings: a few shapes that are written as SVG, or painted as a picture.

mod axis;
mod canvas;
mod chart;
mod course;
mod forest;
mod svg;

pub use canvas::Type;
pub use chart::chart;
pub use course::course;
pub use forest::forest;

use super::Dossier;
use super::figures::{Figure, History, figures};
use crate::domain::Notation;

/// A colour as HTML writes it: `#0B5CAD`.
pub type Colour = &'static str;

/// A drawing, in points.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    pub width: f64,
    pub height: f64,
    /// What it shows, for those who do not see it.
    pub words: String,
    /// The later ones cover the earlier ones.
    pub shapes: Vec<Shape>,
}

/// Points are x and y, with y downwards; opacities are from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Left, top, width and height.
    Rect {
        rect: [f64; 4],
        fill: Colour,
        opacity: f64,
    },
    /// `dash` holds lengths of strokes and gaps in turn, and is empty for a solid line.
    Line {
        points: Vec<[f64; 2]>,
        colour: Colour,
        width: f64,
        dash: &'static str,
    },
    /// What lies between two lines of equally many points, point by point.
    Band {
        upper: Vec<[f64; 2]>,
        lower: Vec<[f64; 2]>,
        fill: Colour,
        opacity: f64,
    },
    /// A convex one.
    Area {
        points: Vec<[f64; 2]>,
        fill: Colour,
        opacity: f64,
    },
    Circle {
        at: [f64; 2],
        radius: f64,
        fill: Colour,
        stroke: Colour,
    },
    /// `at` is the base line's end, middle or beginning, as the style's anchor says.
    Text {
        at: [f64; 2],
        text: String,
        style: Type,
    },
    /// A title, and in small type what it is measured in.
    Title {
        at: [f64; 2],
        title: String,
        note: String,
    },
}

/// Which part of a text lies where it is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

impl Drawing {
    /// The drawing as an SVG file.
    pub fn svg(&self) -> String {
        svg::text(self)
    }
}

/// Every picture of a run under a name for its file.
pub fn all(dossier: &Dossier<'_>) -> Vec<(String, Drawing)> {
    let recording = dossier.run.recording;
    let of = |figure: &Figure| (file_name(&figure.title), chart(figure, recording));
    let course = ("course".to_owned(), course(recording));
    std::iter::once(course).chain(of_run(dossier).iter().map(of)).collect()
}

/// The run's figures.
pub fn of_run(dossier: &Dossier<'_>) -> Vec<Figure> {
    let (plan, recording) = (dossier.run.plan, dossier.run.recording);
    let mut history = History::new(recording.window, plan.traffic.duration);
    history.follow(recording);
    figures(plan, recording, &history, Notation::default())
}

/// `p95 latency` as `p95-latency`.
fn file_name(title: &str) -> String {
    let sign = |sign: char| if sign.is_alphanumeric() { sign.to_ascii_lowercase() } else { '-' };
    title.chars().map(sign).collect()
}
