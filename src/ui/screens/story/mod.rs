//! The small moving pictures of the strategies, as functions of a phase from 0 to 1.

mod motion;

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Stroke, pos2, vec2};

pub use motion::{Motion, phase};

use crate::domain::{ArmId, StrategyKind};
use crate::ui::theme::{SMALL_RADIUS, Tokens, mix, semibold};
use crate::ui::widgets::{paint_cross, paint_mark, paint_mark_hollow};

const DOTS: usize = 14;
/// Height of the caption, in points.
const CAPTION: f32 = 16.0;
/// Ways that a dot makes in one round.
const TRIPS: f32 = 4.0;
const A: ArmId = ArmId::BASELINE;
const B: ArmId = ArmId::CANDIDATE;
/// In the canary's picture the candidate fails for this part of the round.
const BROKEN: std::ops::Range<f32> = 0.56..0.72;
/// In the direct rollout's picture no fleet is up for this part of the round.
const DOWN: std::ops::Range<f32> = 0.42..0.58;

/// Paints the picture of a strategy.
pub fn paint_story(painter: &Painter, rect: Rect, tokens: &Tokens, kind: StrategyKind, phase: f32) {
    let picture = Picture { painter, tokens, rect, phase };
    match kind {
        StrategyKind::Single => picture.single(),
        StrategyKind::Direct => picture.direct(),
        StrategyKind::Rolling => picture.rolling(),
        StrategyKind::Shadow => picture.shadow(),
        StrategyKind::BlueGreen => picture.blue_green(),
        StrategyKind::Canary => picture.canary(),
        StrategyKind::Ab => picture.people(),
        StrategyKind::Bandit => picture.bandit(),
    }
}

struct Picture<'a> {
    painter: &'a Painter,
    tokens: &'a Tokens,
    rect: Rect,
    phase: f32,
}

/// A smooth way between two points that leaves and arrives level.
#[derive(Clone, Copy)]
struct Way {
    from: Pos2,
    to: Pos2,
}

impl Way {
    fn at(self, share: f32) -> Pos2 {
        let eased = share * share * (3.0 - 2.0 * share);
        pos2(egui::lerp(self.from.x..=self.to.x, share), egui::lerp(self.from.y..=self.to.y, eased))
    }
}

/// How a dot looks.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    Request,
    Copy,
    Error,
}

impl Picture<'_> {
    fn point(&self, x: f32, y: f32) -> Pos2 {
        pos2(egui::lerp(self.rect.x_range(), x), egui::lerp(self.rect.y_range(), y))
    }

    fn trunk(&self) -> Way {
        Way { from: self.point(0.03, 0.5), to: self.point(0.36, 0.5) }
    }

    fn branch(&self, arm: ArmId) -> Way {
        let y = if arm == A { 0.2 } else { 0.8 };
        Way { from: self.point(0.36, 0.5), to: self.point(0.78, y) }
    }

    fn stream(&self, way: Way, width: f32, colour: Color32) {
        if width > 0.0 {
            let points: Vec<Pos2> = (0u8..=16).map(|k| way.at(f32::from(k) / 16.0)).collect();
            self.painter.line(points, Stroke::new(width, colour));
        }
    }

    fn streams(&self, share_of_b: f32) {
        let t = self.tokens;
        self.stream(self.trunk(), 14.0, mix(t.card, t.text, 0.1));
        self.stream(self.branch(A), 14.0 * (1.0 - share_of_b), mix(t.card, t.arm(A), 0.32));
        self.stream(self.branch(B), 14.0 * share_of_b, mix(t.card, t.arm(B), 0.32));
    }

    fn server(&self, arm: ArmId, is_lit: bool) {
        let t = self.tokens;
        let way = self.branch(arm);
        let size = vec2(self.rect.width() * 0.2, self.rect.height() * 0.34);
        let rect = Rect::from_min_size(way.to - vec2(0.0, size.y / 2.0), size);
        let strength = if is_lit { 1.0 } else { 0.4 };
        let colour = mix(t.card, t.arm(arm), strength);
        let line = Stroke::new(1.5, colour);
        self.painter.rect(rect, SMALL_RADIUS, t.card, line, egui::StrokeKind::Inside);
        let letter = if is_lit { t.text } else { t.subdued };
        self.painter.text(rect.center(), Align2::CENTER_CENTER, arm, semibold(13.0), letter);
    }

    fn servers(&self) {
        self.server(A, true);
        self.server(B, true);
    }

    fn dot(&self, at: Pos2, arm: Option<ArmId>, look: Look) {
        let t = self.tokens;
        match (arm, look) {
            (Some(arm), Look::Copy) => {
                paint_mark_hollow(self.painter, at, 2.8, arm, Stroke::new(1.2, t.arm(arm)));
            }
            (_, Look::Error) => paint_cross(self.painter, at, 3.2, Stroke::new(1.8, t.fail)),
            (Some(arm), Look::Request) => paint_mark(self.painter, at, 3.0, arm, t.arm(arm)),
            (None, _) => _ = self.painter.circle_filled(at, 2.6, t.subdued),
        }
    }

    /// Dots on their way: `goes_to` tells where one that left the source at a phase goes to.
    fn dots(&self, goes_to: impl Fn(usize, f32) -> (ArmId, Look)) {
        for k in 0..DOTS {
            let way = self.phase * TRIPS + k as f32 / DOTS as f32;
            let progress = way.fract();
            let left_at = (self.phase - progress / TRIPS).rem_euclid(1.0);
            // Another draw for every trip, so that dots do not repeat themselves.
            let (arm, look) = goes_to(k + DOTS * way.floor() as usize, left_at);
            if progress < 0.4 {
                self.dot(self.trunk().at(progress / 0.4), None, Look::Request);
            } else {
                self.dot(self.branch(arm).at((progress - 0.4) / 0.6), Some(arm), look);
            }
        }
    }

    fn canary(&self) {
        let share = canary_share(self.phase);
        self.streams(share);
        self.servers();
        self.dots(|k, left_at| {
            let arm = if draw(k) < canary_share(left_at) { B } else { A };
            let is_broken = arm == B && BROKEN.contains(&left_at);
            (arm, if is_broken { Look::Error } else { Look::Request })
        });
        let is_back = self.phase >= BROKEN.end;
        let text = if is_back { "back to A".to_owned() } else { format!("{:.0} %", share * 100.0) };
        self.caption(&text);
    }

    fn single(&self) {
        self.streams(0.0);
        self.server(A, true);
        self.dots(|_, _| (A, Look::Request));
        self.caption("A serves");
    }

    /// A stops, B starts, and in between nobody answers.
    fn direct(&self) {
        let (is_a, is_down) = (self.phase < DOWN.start, DOWN.contains(&self.phase));
        self.streams(f32::from(u8::from(!is_a)));
        self.server(A, is_a);
        self.server(B, !is_a && !is_down);
        self.dots(|_, left_at| {
            let arm = if left_at < DOWN.start { A } else { B };
            (arm, if DOWN.contains(&left_at) { Look::Error } else { Look::Request })
        });
        self.caption(match (is_a, is_down) {
            (true, _) => "A serves",
            (_, true) => "nobody serves",
            _ => "B serves",
        });
    }

    /// Replica by replica: the share moves in steps of a quarter.
    fn rolling(&self) {
        let share = |phase: f32| (phase * 6.0 - 0.5).floor().clamp(0.0, 4.0) / 4.0;
        let now = share(self.phase);
        self.streams(now);
        self.servers();
        self.dots(|k, left_at| (if draw(k) < share(left_at) { B } else { A }, Look::Request));
        self.caption(&format!("{:.0} of 4 replicas", now * 4.0));
    }

    fn shadow(&self) {
        self.streams(0.0);
        let copies = mix(self.tokens.card, self.tokens.arm(B), 0.16);
        self.stream(self.branch(B), 10.0, copies);
        self.servers();
        self.dots(|_, _| (A, Look::Request));
        self.dots(|_, _| (B, Look::Copy));
        self.caption("copies, not used");
    }

    fn blue_green(&self) {
        // The lever needs a moment.
        let swing = ((self.phase - 0.47) / 0.06).clamp(0.0, 1.0);
        self.stream(self.trunk(), 14.0, mix(self.tokens.card, self.tokens.text, 0.1));
        for (arm, share) in [(A, 1.0 - swing), (B, swing)] {
            let rail = mix(self.tokens.card, self.tokens.arm(arm), 0.12 + 0.22 * share);
            self.stream(self.branch(arm), 3.0 + 11.0 * share, rail);
        }
        self.servers();
        self.dots(|_, left_at| (if left_at < 0.4 { A } else { B }, Look::Request));
        let pivot = self.point(0.36, 0.5);
        let reach = vec2(self.rect.width() * 0.12, self.rect.height() * 0.13);
        let end = pivot + vec2(reach.x, egui::lerp(-reach.y..=reach.y, swing));
        self.painter.line_segment([pivot, end], Stroke::new(3.0, self.tokens.text));
        self.painter.circle_filled(pivot, 4.0, self.tokens.text);
        self.caption(if swing < 0.5 { "A serves" } else { "B serves" });
    }

    /// Six people; each always meets the same arm.
    fn people(&self) {
        const ARMS: [ArmId; 6] = [A, B, B, A, B, A];
        let t = self.tokens;
        // The caption is beneath them.
        let free = 1.0 - CAPTION / self.rect.height().max(CAPTION);
        for (k, arm) in ARMS.into_iter().enumerate() {
            let y = free * (k as f32 + 0.5) / ARMS.len() as f32;
            let person = self.point(0.08, y);
            let way = Way { from: person + vec2(8.0, 0.0), to: self.branch(arm).to };
            self.stream(way, 1.5, mix(t.card, t.arm(arm), 0.35));
            self.painter.circle_filled(person - vec2(0.0, 3.0), 2.6, t.subdued);
            let body = Rect::from_center_size(person + vec2(0.0, 3.5), vec2(7.0, 5.0));
            self.painter.rect_filled(body, 2.5, t.subdued);
            for trip in 0..2 {
                let offset = draw(k) + trip as f32 / 2.0;
                let progress = (self.phase * TRIPS + offset).fract();
                self.dot(way.at(progress), Some(arm), Look::Request);
            }
        }
        self.servers();
        self.caption(if self.phase > 0.75 { "B is better" } else { "counting…" });
    }

    /// The share follows what B earns.
    fn bandit(&self) {
        let share = |phase: f32| 0.5 + 0.45 * (phase * 1.6 - 0.3).clamp(0.0, 1.0);
        let now = share(self.phase);
        self.streams(now);
        self.servers();
        self.dots(|k, left_at| (if draw(k) < share(left_at) { B } else { A }, Look::Request));
        self.caption(&format!("B earns more: {:.0} %", now * 100.0));
    }

    /// What is going on, in the corner that all pictures leave free.
    fn caption(&self, text: &str) {
        let at = self.rect.left_bottom();
        let font = FontId::proportional(11.0);
        self.painter.text(at, Align2::LEFT_BOTTOM, text, font, self.tokens.subdued);
    }
}

/// The candidate's share: in steps, until something breaks.
fn canary_share(phase: f32) -> f32 {
    match phase {
        ..0.18 => 0.05,
        0.18..0.4 => 0.25,
        _ if phase < BROKEN.end => 0.5,
        _ => 0.0,
    }
}

/// A number in 0..1 that scatters well from dot to dot.
fn draw(k: usize) -> f32 {
    (k as f32 * 0.618_034).fract()
}
