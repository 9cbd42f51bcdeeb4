//! Where the diagram's parts lie: geometry alone.

use egui::{Pos2, Rect, Vec2, lerp, pos2, vec2};

use super::flow::Dot;
use super::scene::Scene;
use crate::domain::StrategyKind;

/// Width of the stream that carries all live traffic.
pub const WIDEST: f32 = 26.0;
/// Parts of a dot's way: until the router, and until the arm.
const TO_ROUTER: f32 = 0.3;
const TO_ARM: f32 = 0.72;
/// Below this width there is no room for the column of outcomes.
const FULL_WIDTH: f32 = 720.0;

/// A stream from left to right, level at both ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stream {
    pub from: Pos2,
    pub to: Pos2,
    pub width: f32,
}

impl Stream {
    /// The four points of its Bézier curve.
    pub fn points(&self) -> [Pos2; 4] {
        let middle = (self.from.x + self.to.x) / 2.0;
        [self.from, pos2(middle, self.from.y), pos2(middle, self.to.y), self.to]
    }

    /// The point at `share` (0 to 1) of the way.
    pub fn at(&self, share: f32) -> Pos2 {
        let [a, b, c, d] = self.points().map(Pos2::to_vec2);
        let (t, s) = (share, 1.0 - share);
        (a * (s * s * s) + b * (3.0 * s * s * t) + c * (3.0 * s * t * t) + d * (t * t * t))
            .to_pos2()
    }
}

/// The parts of the diagram.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub source: Rect,
    pub router: Rect,
    pub arms: Vec<Rect>,
    /// Where used answers end; empty where there is no room for it.
    pub outcome: Option<Rect>,
    /// Where a shadow's answers end.
    pub bin: Option<Rect>,
    pub trunk: Stream,
    /// Router to arm: live traffic, and copies.
    pub branches: Vec<Stream>,
    pub copies: Vec<Option<Stream>>,
    /// Arm to outcome (or bin).
    pub returns: Vec<Option<Stream>>,
    /// Where the people of an A/B test stand.
    pub people: Vec<Pos2>,
}

/// Lays `scene` out in `rect`.
pub fn layout(rect: Rect, scene: &Scene) -> Layout {
    let has_outcome = rect.width() >= FULL_WIDTH;
    let (source_width, router_width, outcome_width) = (132.0, 116.0, 120.0);
    let arm_width = if has_outcome { 204.0 } else { 188.0 };
    let fixed = source_width + router_width + arm_width;
    let free = rect.width() - fixed - if has_outcome { outcome_width } else { 0.0 };
    let gap = (free / if has_outcome { 3.0 } else { 2.0 }).max(24.0);
    let middle = rect.center().y;
    let node = |left: f32, width: f32, height: f32, y: f32| {
        Rect::from_center_size(pos2(left + width / 2.0, y), vec2(width, height.min(rect.height())))
    };
    let source =
        node(rect.left(), source_width, if scene.people.is_empty() { 52.0 } else { 92.0 }, middle);
    let router = node(source.right() + gap, router_width, 56.0, middle);
    let left = router.right() + gap;
    let rows = scene.arms.len().max(1) as f32;
    let row = rect.height() / rows;
    let height = (row - 10.0).clamp(30.0, 64.0);
    let centre = |place: usize| rect.top() + row * (place as f32 + 0.5);
    let arms: Vec<Rect> =
        (0..scene.arms.len()).map(|place| node(left, arm_width, height, centre(place))).collect();
    let ends = Ends::new(rect, scene, &arms, has_outcome.then_some(outcome_width));
    let trunk = Stream { from: source.right_center(), to: router.left_center(), width: WIDEST };
    let people = people(source, scene.people.len());
    Layout {
        branches: branches(scene, router, &arms),
        copies: copies(scene, router, &arms),
        returns: ends.returns(scene, &arms),
        outcome: ends.outcome,
        bin: ends.bin,
        source,
        router,
        arms,
        trunk,
        people,
    }
}

/// Live streams, stacked where they leave the router as they are stacked at the arms.
fn branches(scene: &Scene, router: Rect, arms: &[Rect]) -> Vec<Stream> {
    let mut top = router.center().y - WIDEST / 2.0;
    let stream = |arm: &super::scene::ArmScene, place: &Rect, top: &mut f32| {
        let width = WIDEST * arm.share as f32;
        let from = pos2(router.right(), *top + width / 2.0);
        *top += width;
        Stream { from, to: place.left_center(), width }
    };
    let mut streams: Vec<Stream> =
        scene.arms.iter().zip(arms).map(|(arm, place)| stream(arm, place, &mut top)).collect();
    if matches!(scene.kind, StrategyKind::Direct | StrategyKind::BlueGreen) {
        streams.iter_mut().for_each(|stream| stream.from.y = router.center().y);
    }
    // One switch moves everything at once: a single stream that swings over.
    if let (StrategyKind::Direct, [a, b, ..]) = (scene.kind, &mut streams[..]) {
        let to = pos2(a.to.x, lerp(a.to.y..=b.to.y, scene.swing));
        (a.to, b.to) = (to, to);
    }
    streams
}

fn copies(scene: &Scene, router: Rect, arms: &[Rect]) -> Vec<Option<Stream>> {
    let stream = |(arm, place): (&super::scene::ArmScene, &Rect)| {
        // On a switch copies run in the idle rail, else beneath the live streams.
        let is_switch = scene.kind == StrategyKind::BlueGreen;
        let below = if is_switch { 0.0 } else { WIDEST / 2.0 + 4.0 };
        (arm.copies > 0.0).then(|| Stream {
            from: pos2(router.right(), router.center().y + below),
            to: place.left_center(),
            width: (WIDEST * arm.copies as f32).max(3.0),
        })
    };
    scene.arms.iter().zip(arms).map(stream).collect()
}

/// The boxes at the right end.
struct Ends {
    outcome: Option<Rect>,
    bin: Option<Rect>,
}

impl Ends {
    fn new(rect: Rect, scene: &Scene, arms: &[Rect], width: Option<f32>) -> Self {
        let Some(width) = width else { return Self { outcome: None, bin: None } };
        let end =
            |y: f32| Rect::from_center_size(pos2(rect.right() - width / 2.0, y), vec2(width, 52.0));
        match (scene.has_copies(), arms) {
            (true, [a, b, ..]) => {
                Self { outcome: Some(end(a.center().y)), bin: Some(end(b.center().y)) }
            }
            _ => Self { outcome: Some(end(rect.center().y)), bin: None },
        }
    }

    fn returns(&self, scene: &Scene, arms: &[Rect]) -> Vec<Option<Stream>> {
        let stream = |(arm, place): (&super::scene::ArmScene, &Rect)| {
            let (end, share) = if arm.copies > arm.share {
                (self.bin?, arm.copies)
            } else {
                (self.outcome?, arm.share)
            };
            Some(Stream {
                from: place.right_center(),
                to: end.left_center(),
                width: WIDEST * share as f32,
            })
        };
        scene.arms.iter().zip(arms).map(stream).collect()
    }
}

/// A grid of four columns beneath the source's title.
fn people(source: Rect, count: usize) -> Vec<Pos2> {
    const COLUMNS: usize = 4;
    let cell = vec2(26.0, 22.0);
    let start = pos2(source.center().x - 1.5 * cell.x, source.top() + 34.0);
    (0..count)
        .map(|k| start + vec2((k % COLUMNS) as f32 * cell.x, (k / COLUMNS) as f32 * cell.y))
        .collect()
}

impl Layout {
    /// Where a dot is; empty for one that has ended in an arm's pile or has no way to go.
    pub fn place(&self, dot: &Dot, is_batch: bool) -> Option<Pos2> {
        let arm = dot.arm.index();
        let (stream, share) = if dot.progress < TO_ROUTER {
            if dot.is_copy {
                return None;
            }
            (self.trunk, dot.progress / TO_ROUTER)
        } else if dot.progress < TO_ARM {
            let branch = if dot.is_copy {
                self.copies.get(arm).copied().flatten()?
            } else {
                *self.branches.get(arm)?
            };
            (branch, (dot.progress - TO_ROUTER) / (TO_ARM - TO_ROUTER))
        } else if is_batch {
            return None;
        } else {
            let back = self.returns.get(arm).copied().flatten()?;
            (back, (dot.progress - TO_ARM) / (1.0 - TO_ARM))
        };
        let free = (stream.width / 2.0 - 3.0).max(0.0);
        Some(stream.at(share) + Vec2::Y * dot.lane * free)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{fixture, moment};
    use super::super::{Flow, View};
    use super::*;
    use crate::domain::SimTime;

    fn scene(kind: StrategyKind, secs: u64) -> Scene {
        let (plan, recording) = (fixture::plan(kind), fixture::recording(kind));
        let now = SimTime::from_secs(secs);
        let recent = moment::recent(&recording, moment::reached(&recording, now)).unwrap();
        let mut flow = Flow::default();
        flow.follow(&recording);
        Scene::new(&View {
            recording: &recording,
            plan: &plan,
            flow: &flow,
            recent: &recent,
            now,
            speed: 4.0,
            is_still: false,
            split: None,
        })
    }

    #[test]
    fn parts_stay_inside_and_apart_in_every_strategy_and_size() {
        for kind in StrategyKind::ALL {
            for size in [vec2(560.0, 120.0), vec2(860.0, 150.0), vec2(1_400.0, 320.0)] {
                let rect = Rect::from_min_size(pos2(10.0, 20.0), size);
                let layout = layout(rect, &scene(kind, 130));
                let mut parts = vec![layout.source, layout.router];
                parts.extend(&layout.arms);
                parts.extend(layout.outcome);
                parts.extend(layout.bin);
                for (k, part) in parts.iter().enumerate() {
                    assert!(rect.expand(0.5).contains_rect(*part), "{kind:?} {size}: {part}");
                    let apart = parts.iter().skip(k + 1).all(|other| !part.intersects(*other));
                    assert!(apart, "{kind:?} {size}: part {k} is covered");
                }
            }
        }
    }

    #[test]
    fn widths_are_shares() {
        let rect = Rect::from_min_size(Pos2::ZERO, vec2(900.0, 200.0));
        let layout = layout(rect, &scene(StrategyKind::Canary, 130));
        let whole: f32 = layout.branches.iter().map(|stream| stream.width).sum();
        assert!((whole - WIDEST).abs() < 0.01);
        assert!((layout.branches[1].width / WIDEST - 0.25).abs() < 0.05);
    }

    #[test]
    fn every_dot_lies_on_its_way() {
        let rect = Rect::from_min_size(Pos2::ZERO, vec2(900.0, 200.0));
        for kind in StrategyKind::ALL {
            let scene = scene(kind, 130);
            let layout = layout(rect, &scene);
            let placed: Vec<Pos2> =
                scene.dots.iter().filter_map(|dot| layout.place(dot, false)).collect();
            assert!(placed.len() * 2 >= scene.dots.len(), "{kind:?}");
            assert!(placed.iter().all(|place| rect.expand(1.0).contains(*place)), "{kind:?}");
        }
    }
}
