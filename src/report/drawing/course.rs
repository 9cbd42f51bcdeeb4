//! The rollout at a glance: stages, traffic, what each gate said, what broke, who acted.

use super::super::figures::stage_spans;
use super::super::figures::time_ticks::{step, tick_label, ticks};
use super::super::palette;
use super::Drawing;
use super::axis::Frame;
use super::canvas::{Canvas, Type};
use super::chart::{decision, faults};
use crate::domain::{ArmId, EventKind, Recording, SimTime, Verdict};

const WIDTH: f64 = 1_040.0;
const LEFT: f64 = 128.0;
const RIGHT: f64 = WIDTH - 12.0;
const STAGE: f64 = 26.0;
const TRAFFIC: f64 = 84.0;
const LANE: f64 = 20.0;
const GAP: f64 = 12.0;
const AXIS: f64 = 26.0;
/// Points of the traffic's picture.
const MOST_POINTS: usize = 400;

/// One picture of the whole run.
pub fn course(recording: &Recording) -> Drawing {
    let faults = faults(recording);
    let gates = recording.gates.len();
    let acts = acts(recording);
    let lanes = gates + faults.len() + usize::from(!acts.is_empty());
    let height = STAGE + GAP + TRAFFIC + GAP + lanes as f64 * LANE + AXIS + 4.0;
    let frame = Frame {
        left: LEFT,
        right: RIGHT,
        top: 0.0,
        bottom: height - AXIS,
        end: recording.end(),
        values: [0.0, 1.0],
    };
    let mut course = Course { canvas: Canvas::new(WIDTH, height), frame, top: 0.0 };
    course.time_axis();
    course.stages(recording);
    course.traffic(recording);
    for gate in 0..gates {
        course.gate(recording, gate);
    }
    for fault in &faults {
        course.fault(fault.from, fault.to, &fault.what);
    }
    if !acts.is_empty() {
        course.acts(&acts);
    }
    course.decision(recording);
    course.canvas.finish("The course of the rollout: stages, traffic, gates, faults and decisions")
}

/// What a person did, and when.
fn acts(recording: &Recording) -> Vec<(SimTime, String)> {
    let events = recording.events.iter();
    events
        .filter_map(|event| match &event.kind {
            EventKind::Intervened(kind) => Some((event.at, kind.label())),
            _ => None,
        })
        .collect()
}

struct Course {
    canvas: Canvas,
    frame: Frame,
    /// Where the next lane begins.
    top: f64,
}

impl Course {
    fn label(&mut self, y: f64, text: &str) {
        let style = Type::SMALL;
        let text = style.fitted(text, LEFT - 16.0);
        self.canvas.text([LEFT - 10.0, y + 3.7], &text, style.end());
    }

    fn time_axis(&mut self) {
        let frame = self.frame;
        let time_step = step(frame.end, 12);
        for at in ticks(frame.end, 12) {
            let x = frame.x(at);
            self.canvas.line([x, STAGE], [x, frame.bottom], palette::GRID, 1.0);
            let text = tick_label(at, frame.end, time_step);
            self.canvas.text([x, frame.bottom + 16.0], &text, Type::SMALL.middle());
        }
    }

    fn stages(&mut self, recording: &Recording) {
        self.label(STAGE / 2.0, "Stage");
        for (place, span) in stage_spans(recording).iter().enumerate() {
            let (from, to) = (self.frame.x(span.start), self.frame.x(span.end));
            let fill = if place % 2 == 0 { palette::GRID } else { palette::EDGE };
            self.canvas.rect([from + 0.5, 0.0, to - from - 1.0, STAGE], fill, 1.0);
            let name = recording.stages.get(span.stage).map_or("", String::as_str);
            let style = Type { size: 11.5, ..Type::SMALL.coloured(palette::TEXT) };
            let name = style.fitted(name, to - from - 12.0);
            self.canvas.text([from + 6.0, STAGE / 2.0 + 4.0], &name, style);
        }
        self.top = STAGE + GAP;
    }

    /// The share of the live requests that each arm got, one on another, the baseline below.
    fn traffic(&mut self, recording: &Recording) {
        let (top, bottom) = (self.top, self.top + TRAFFIC);
        self.label(top + 5.0, "100 %");
        self.label((top + bottom) / 2.0, "Traffic");
        self.label(bottom - 5.0, "0 %");
        let frame = Frame { top, bottom, ..self.frame };
        let shares = shares(recording);
        let arms = recording.arms.len();
        for arm in 0..arms {
            let sum = |shares: &[f64], arms: usize| -> f64 { shares.iter().take(arms).sum() };
            let edge =
                |arms: usize| shares.iter().map(move |(at, shares)| (*at, sum(shares, arms)));
            let upper: Vec<[f64; 2]> =
                edge(arm + 1).map(|(at, share)| [frame.x(at), frame.y(share)]).collect();
            let lower: Vec<[f64; 2]> =
                edge(arm).map(|(at, share)| [frame.x(at), frame.y(share)]).collect();
            let id = ArmId::new(arm);
            self.canvas.band(upper, lower, palette::arm(id), if arm == 0 { 0.22 } else { 0.75 });
        }
        self.traffic_names(recording, &frame, &shares);
        self.top = bottom + GAP;
    }

    /// Each arm's name where its stream is widest.
    fn traffic_names(
        &mut self,
        recording: &Recording,
        frame: &Frame,
        shares: &[(SimTime, Vec<f64>)],
    ) {
        for (arm, name) in recording.arms.iter().enumerate() {
            let of = |shares: &Vec<f64>| shares.get(arm).copied().unwrap_or(0.0);
            let size = |at: usize| shares.get(at).map_or(0.0, |(_, shares)| of(shares));
            // Wide for long: the least share over the stretch that the name takes.
            let style = Type { size: 11.5, ..Type::SMALL.coloured(palette::TEXT) }.bold();
            let text = format!("{} {name}", ArmId::new(arm));
            let wide = style.width(&text) / (frame.right - frame.left).max(1.0);
            let reach = ((wide * shares.len() as f64 / 2.0).ceil() as usize).max(1);
            let least =
                |middle: usize| (middle - reach..=middle + reach).map(size).fold(1.0, f64::min);
            let places: Vec<usize> = (reach..shares.len().saturating_sub(reach)).collect();
            let widest = places.iter().map(|place| least(*place)).fold(0.0, f64::max);
            // Of several places that are as good, the one in their middle.
            let good: Vec<usize> =
                places.into_iter().filter(|place| least(*place) > widest - 0.02).collect();
            let middle = good.get(good.len() / 2).and_then(|place| shares.get(*place));
            let Some((at, all)) = middle.filter(|_| widest >= 0.18) else { continue };
            let below: f64 = all.iter().take(arm).sum();
            let y = frame.y(below + of(all) / 2.0) + 4.0;
            let colour = if arm == 0 { palette::TEXT } else { palette::CARD };
            self.canvas.text([frame.x(*at), y], &text, style.coloured(colour).middle());
        }
    }

    fn gate(&mut self, recording: &Recording, gate: usize) {
        let y = self.top + LANE / 2.0;
        self.label(y, recording.gates.get(gate).map_or("", String::as_str));
        self.canvas.line([LEFT, y], [RIGHT, y], palette::GRID, 1.0);
        for event in &recording.events {
            let EventKind::Measured(measured) = &event.kind else { continue };
            if usize::from(measured.gate) != gate {
                continue;
            }
            let point = [self.frame.x(event.at), y];
            let colour = palette::of_verdict(measured.verdict);
            match measured.verdict {
                Verdict::Pass => self.canvas.circle(point, 3.4, colour, palette::CARD),
                Verdict::Fail | Verdict::Error => self.canvas.cross(point, 4.4, colour),
                Verdict::Hold | Verdict::Inconclusive => {
                    self.canvas.circle(point, 3.2, palette::CARD, colour);
                }
            }
        }
        self.top += LANE;
    }

    fn fault(&mut self, from: SimTime, to: SimTime, what: &str) {
        let (left, right) = (self.frame.x(from), self.frame.x(to));
        let y = self.top + LANE / 2.0;
        self.label(y, "Fault");
        let bar = [left, y - 6.0, (right - left).max(2.0), 12.0];
        self.canvas.rect(bar, palette::FAIL, 0.25);
        let style = Type::SMALL.coloured(palette::TEXT);
        let fits_right = right + 6.0 + style.width(what) < RIGHT;
        let (x, style) = if fits_right { (right + 5.0, style) } else { (left - 5.0, style.end()) };
        self.canvas.text([x, y + 3.7], what, style);
        self.top += LANE;
    }

    fn acts(&mut self, acts: &[(SimTime, String)]) {
        let y = self.top + LANE / 2.0;
        self.label(y, "By hand");
        let mut free = LEFT;
        for (at, what) in acts {
            let (x, style) = (self.frame.x(*at), Type::SMALL.coloured(palette::TEXT));
            self.canvas.polygon(
                &[[x, y - 4.0], [x + 4.0, y], [x, y + 4.0], [x - 4.0, y]],
                palette::TEXT,
                1.0,
            );
            let room = (RIGHT - x - 8.0).max(0.0);
            let text = style.fitted(what, room);
            if x >= free {
                self.canvas.text([x + 7.0, y + 3.7], &text, style);
                free = x + 7.0 + style.width(&text);
            }
        }
        self.top += LANE;
    }

    fn decision(&mut self, recording: &Recording) {
        let Some(decision) = decision(recording) else { return };
        let (x, bottom) = (self.frame.x(decision.at), self.frame.bottom);
        self.canvas.line([x, 0.0], [x, bottom + 4.0], palette::TEXT, 1.4);
        let style = Type { size: 11.5, ..Type::SMALL.coloured(palette::TEXT) }.bold();
        let is_left = x > RIGHT - style.width(&decision.word) - 10.0;
        let (at, style) = if is_left { (x - 5.0, style.end()) } else { (x + 5.0, style) };
        self.canvas.text([at, STAGE + GAP - 2.5], &decision.word, style);
    }
}

/// The arms' shares at moments, thinned to what can be seen.
fn shares(recording: &Recording) -> Vec<(SimTime, Vec<f64>)> {
    let step = recording.windows.len().div_ceil(MOST_POINTS).max(1);
    let mut shares = Vec::new();
    for windows in recording.windows.chunks(step) {
        let (Some(first), Some(last)) = (windows.first(), windows.last()) else { continue };
        let of = |arm: usize| -> u64 {
            windows.iter().filter_map(|w| w.arms.get(arm)).map(|arm| arm.arrivals).sum()
        };
        let arrivals: Vec<u64> = (0..recording.arms.len()).map(of).collect();
        let all: u64 = arrivals.iter().sum();
        if all == 0 {
            continue;
        }
        let split: Vec<f64> = arrivals.iter().map(|n| *n as f64 / all as f64).collect();
        // Steps, as the router makes them.
        shares.push((first.start, split.clone()));
        shares.push((last.end, split));
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::domain::StrategyKind;

    #[test]
    fn every_strategy_has_its_course_in_one_picture() {
        for kind in StrategyKind::ALL {
            let recording = fixture::recording(kind);
            let drawing = course(&recording).svg();
            assert!(drawing.contains("A risk v1") && drawing.contains("latency + 30ms"));
            assert!(!drawing.contains("NaN"), "{kind:?}");
        }
        let mut empty = fixture::recording(StrategyKind::Canary);
        empty.windows.clear();
        empty.events.clear();
        assert!(course(&empty).svg().contains("Traffic"));
    }
}
