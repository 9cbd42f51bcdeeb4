//! One figure as a chart: curves with their bands, limits, what gates measured, stages, decisions.

use super::super::figures::scale::{mark_text, marks, nice_step, spread};
use super::super::figures::time_ticks::{step, tick_label, ticks};
use super::super::figures::{Curve, Figure, Limit, stage_spans};
use super::super::palette;
use super::Drawing;
use super::axis::Frame;
use super::canvas::{Canvas, Type};
use crate::domain::{ArmId, EventKind, Recording, SimTime, Verdict};

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 248.0;
/// Labels at the lines' ends are at least so far apart.
const LABEL_GAP: f64 = 14.0;

/// The whole run of one figure.
pub fn chart(figure: &Figure, recording: &Recording) -> Drawing {
    let end = recording.end();
    let frame = Frame {
        left: 46.0,
        right: WIDTH - 70.0,
        top: 34.0,
        bottom: HEIGHT - 26.0,
        end,
        values: figure.y,
    };
    let mut chart = Chart { canvas: Canvas::new(WIDTH, HEIGHT), frame, figure };
    chart.grounds(recording);
    chart.axes();
    for limit in &figure.limits {
        let points = chart.points(&limit.line);
        chart.canvas.polyline(&points, palette::FAIL, 1.1, "4 3");
    }
    for curve in &figure.curves {
        chart.curve(curve);
    }
    chart.measurements();
    for limit in &figure.limits {
        chart.limit_name(limit);
    }
    chart.decision(recording);
    chart.ends();
    chart.title();
    chart.canvas.finish(&figure.sentence(end.as_secs_f64()))
}

struct Chart<'a> {
    canvas: Canvas,
    frame: Frame,
    figure: &'a Figure,
}

impl Chart<'_> {
    fn title(&mut self) {
        self.canvas.title([4.0, 15.0], &self.figure.title, &self.figure.note);
    }

    /// Every other stage lies on a faint ground; faults on a red one.
    fn grounds(&mut self, recording: &Recording) {
        let frame = self.frame;
        for (place, span) in stage_spans(recording).iter().enumerate() {
            let (from, to) = (frame.x(span.start), frame.x(span.end));
            if place % 2 == 1 {
                let ground = [from, frame.top, to - from, frame.height()];
                self.canvas.rect(ground, palette::GROUND, 1.0);
            }
        }
        for fault in faults(recording) {
            let (from, to) = (frame.x(fault.from), frame.x(fault.to));
            let ground = [from, frame.top, (to - from).max(1.5), frame.height()];
            self.canvas.rect(ground, palette::FAIL, 0.07);
        }
    }

    fn axes(&mut self) {
        let frame = self.frame;
        let [low, high] = frame.values;
        let value_step = nice_step(high - low, 4);
        for value in marks(low, high, 4) {
            let y = frame.y(value);
            self.canvas.line([frame.left, y], [frame.right, y], palette::GRID, 1.0);
            let text = mark_text(value, value_step);
            self.canvas.text([frame.left - 6.0, y + 3.5], &text, Type::SMALL.end());
        }
        if self.figure.has_zero_line {
            let y = frame.y(0.0);
            self.canvas.line([frame.left, y], [frame.right, y], palette::SUBDUED, 1.0);
        }
        let time_step = step(frame.end, 6);
        for at in ticks(frame.end, 6) {
            let x = frame.x(at);
            self.canvas.line([x, frame.bottom], [x, frame.bottom + 3.0], palette::SUBDUED, 1.0);
            let text = tick_label(at, frame.end, time_step);
            self.canvas.text([x, frame.bottom + 15.0], &text, Type::SMALL.middle());
        }
        let line = palette::EDGE;
        self.canvas.line([frame.left, frame.bottom], [frame.right, frame.bottom], line, 1.0);
        if let Some(text) = self.figure.empty_text(frame.end.as_secs_f64()) {
            let middle = [(frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0];
            self.canvas.text(middle, &text, Type::SMALL.middle());
        }
    }

    fn points(&self, line: &[[f64; 2]]) -> Vec<[f64; 2]> {
        line.iter().map(|[at, value]| [self.frame.x_of_secs(*at), self.frame.y(*value)]).collect()
    }

    fn limit_name(&mut self, limit: &Limit) {
        let frame = self.frame;
        let points = self.points(&limit.line);
        let Some([x, y]) = points.first() else { return };
        let style = Type::SMALL.coloured(palette::FAIL).on_lines();
        // Above its line, unless the line lies at the top.
        let y = if *y > frame.top + 14.0 { y - 4.0 } else { y + 12.0 };
        self.canvas.text([x + 3.0, y], &limit.name, style);
    }

    fn curve(&mut self, curve: &Curve) {
        let (frame, colour) = (self.frame, palette::arm(curve.arm));
        let pixels = (frame.right - frame.left) as usize;
        let pieces = curve.pyramid.pieces(pixels, 0.0, f64::INFINITY);
        for piece in &pieces {
            let at = |times: &[f64], values: &[f64]| -> Vec<[f64; 2]> {
                let points = times.iter().zip(values);
                points.map(|(at, value)| [frame.x_of_secs(*at), frame.y(*value)]).collect()
            };
            let (upper, lower) = (at(&piece.times, &piece.highs), at(&piece.times, &piece.lows));
            self.canvas.band(upper, lower, colour, 0.14);
        }
        for piece in &pieces {
            let line = self.points(&piece.line);
            if curve.is_dotted || line.len() == 1 {
                for point in line {
                    self.canvas.mark(curve.arm, point, 2.6);
                }
            } else {
                self.canvas.polyline(&line, colour, 1.7, palette::dash(curve.arm));
            }
        }
    }

    fn measurements(&mut self) {
        for measured in &self.figure.measured {
            let point = [self.frame.x(measured.at), self.frame.y(measured.value)];
            let colour = palette::of_verdict(measured.verdict);
            match measured.verdict {
                Verdict::Pass => self.canvas.circle(point, 2.0, colour, palette::CARD),
                Verdict::Fail | Verdict::Error => self.canvas.cross(point, 3.4, colour),
                Verdict::Hold | Verdict::Inconclusive => {
                    self.canvas.circle(point, 2.6, palette::CARD, colour);
                }
            }
        }
    }

    /// When it was decided: a line through the chart.
    fn decision(&mut self, recording: &Recording) {
        let Some(decision) = decision(recording) else { return };
        let (frame, x) = (self.frame, self.frame.x(decision.at));
        self.canvas.line([x, frame.top - 4.0], [x, frame.bottom], palette::TEXT, 1.0);
        let style = Type::SMALL.coloured(palette::TEXT).on_lines();
        let is_left = x > frame.right - style.width(&decision.word) - 6.0;
        let (at, style) = if is_left { (x - 4.0, style.end()) } else { (x + 4.0, style) };
        self.canvas.text([at, frame.top + 5.0], &decision.word, style);
    }

    /// The last value of each curve beside its end, instead of a legend. A curve that ends early has
    /// its label there, lest it seem to be a value of the run's end.
    fn ends(&mut self) {
        let frame = self.frame;
        let last = |curve: &Curve| {
            let samples = curve.pyramid.samples().iter().rev();
            let last = samples.copied().find(|sample| !sample.value.is_nan())?;
            Some((curve.arm, frame.x_of_secs(last.at), last.value))
        };
        let ends: Vec<_> = self.figure.curves.iter().filter_map(last).collect();
        let (early, late): (Vec<_>, Vec<_>) =
            ends.into_iter().partition(|(_, x, _)| *x < frame.right - 24.0);
        let heights: Vec<f32> = late.iter().map(|(.., value)| frame.y(*value) as f32).collect();
        let (top, bottom) = (frame.top as f32 + 4.0, frame.bottom as f32 - 4.0);
        let places = spread(&heights, LABEL_GAP as f32, top, bottom);
        for ((arm, _, value), y) in late.into_iter().zip(places) {
            self.end(arm, [frame.right, f64::from(y)], value);
        }
        for (arm, x, value) in early {
            self.end(arm, [x, frame.y(value)], value);
        }
    }

    fn end(&mut self, arm: ArmId, [x, y]: [f64; 2], value: f64) {
        self.canvas.mark(arm, [x + 9.0, y], 3.0);
        let text = format!("{arm} {}", self.figure.text(value));
        let style = Type::SMALL.coloured(palette::TEXT).bold().on_lines();
        self.canvas.text([x + 16.0, y + 3.7], &text, style);
    }
}

/// A stretch in which something was broken.
pub(super) struct FaultSpan {
    pub from: SimTime,
    pub to: SimTime,
    pub what: String,
}

pub(super) fn faults(recording: &Recording) -> Vec<FaultSpan> {
    let mut spans: Vec<FaultSpan> = Vec::new();
    let end = recording.end();
    for event in &recording.events {
        match &event.kind {
            EventKind::FaultBegan(what) => {
                spans.push(FaultSpan { from: event.at, to: end, what: what.clone() });
            }
            EventKind::FaultEnded(what) => {
                let open = spans.iter_mut().rev().find(|span| span.what == *what && span.to == end);
                if let Some(span) = open {
                    span.to = event.at;
                }
            }
            _ => {}
        }
    }
    spans
}

/// The moment at which the run decided.
pub(super) struct Decision {
    pub at: SimTime,
    pub word: String,
}

pub(super) fn decision(recording: &Recording) -> Option<Decision> {
    let is_decision = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::Promoted { .. } | EventKind::Aborted { .. } | EventKind::RolledBack { .. }
        )
    };
    let event = recording.events.iter().rev().find(|event| is_decision(&event.kind))?;
    Some(Decision { at: event.at, word: recording.outcome.kind.label().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::super::super::figures::{History, figures};
    use super::super::super::fixture;
    use super::*;
    use crate::domain::StrategyKind;

    #[test]
    fn limits_decisions_and_last_values_are_said_in_the_drawing() {
        let (plan, recording) =
            (fixture::plan(StrategyKind::Canary), fixture::recording(StrategyKind::Canary));
        let mut history = History::new(recording.window, plan.traffic.duration);
        history.follow(&recording);
        let all = figures(&plan, &recording, &history, crate::domain::Notation::default());
        let drawing = chart(&all[1], &recording).svg();
        for wanted in ["p95 latency", "p95 ≤ 70 ms", "promoted", ">A ", ">B ", "<title>Chart p95"]
        {
            assert!(drawing.contains(wanted), "{wanted} is missing in {drawing}");
        }
        assert!(!drawing.contains("NaN"));
    }

    #[test]
    fn a_fault_lasts_until_it_ends() {
        let spans = faults(&fixture::recording(StrategyKind::Canary));
        let [fault] = &spans[..] else { panic!("one fault") };
        assert_eq!((fault.from, fault.to), (SimTime::from_secs(140), SimTime::from_secs(164)));
    }
}
