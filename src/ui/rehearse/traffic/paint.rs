//! Paints a scene that has been laid out.

use egui::epaint::CubicBezierShape;
use egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, Vec2, pos2, vec2,
};

use super::flow::{Dot, Fate};
use super::layout::{Layout, Stream};
use super::scene::{ArmScene, BatchScene, Scene, short};
use crate::domain::{ArmId, StrategyKind};
use crate::stats::verdict::SplitWord;
use crate::ui::theme::{RADIUS, Tokens, mix, semibold};
use crate::ui::widgets::{Line, paint_line};
use crate::ui::widgets::{Status, paint_cross, paint_mark, paint_mark_hollow};

const DOT: f32 = 3.4;

pub fn paint(ui: &Ui, tokens: &Tokens, scene: &Scene, layout: &Layout) {
    let painter = ui.painter().clone();
    let brush = Brush { painter: &painter, tokens };
    brush.streams(scene, layout);
    for dot in &scene.dots {
        if let Some(place) = layout.place(dot, scene.is_batch) {
            brush.dot(dot, place);
        }
    }
    brush.source(scene, layout);
    brush.router(scene, layout);
    brush.ends(scene, layout);
    for (arm, place) in scene.arms.iter().zip(&layout.arms) {
        brush.arm(arm, *place, scene);
        if let Some(batch) = &arm.batch {
            brush.pile(batch, arm.id, *place);
        } else {
            brush.queue(arm, *place, layout.router);
        }
    }
}

struct Brush<'a> {
    painter: &'a Painter,
    tokens: &'a Tokens,
}

impl Brush<'_> {
    fn stream(&self, stream: &Stream, colour: Color32) {
        if stream.width > 0.0 {
            let line = Stroke::new(stream.width.max(1.5), colour);
            self.painter.add(CubicBezierShape::from_points_stroke(
                stream.points(),
                false,
                Color32::TRANSPARENT,
                line,
            ));
        }
    }

    /// Two thin lines along a stream: a rail that is there, whether used or not.
    fn rail(&self, stream: &Stream, width: f32, colour: Color32) {
        for side in [-1.0, 1.0] {
            let shift = Vec2::Y * side * width / 2.0;
            let edge = Stream { from: stream.from + shift, to: stream.to + shift, width: 1.0 };
            self.stream(&edge, colour);
        }
    }

    fn streams(&self, scene: &Scene, layout: &Layout) {
        let tokens = self.tokens;
        if scene.rate > 0.0 {
            self.stream(&layout.trunk, mix(tokens.card, tokens.subdued, 0.28));
        }
        let is_switch = scene.kind == StrategyKind::BlueGreen;
        for (place, arm) in scene.arms.iter().enumerate() {
            let colour = tokens.arm(arm.id);
            let ground = tokens.arm_ground(arm.id, 0.34);
            if let Some(branch) = layout.branches.get(place) {
                if is_switch {
                    self.rail(branch, super::layout::WIDEST, tokens.arm_ground(arm.id, 0.5));
                }
                self.stream(branch, ground);
            }
            if let Some(copy) = layout.copies.get(place).copied().flatten().filter(|_| !is_switch) {
                self.rail(&copy, copy.width, mix(tokens.card, colour, 0.7));
            }
            if let Some(back) = layout.returns.get(place).copied().flatten() {
                // Answers of a job come all at once, when it ends.
                if arm.copies > arm.share || scene.is_batch {
                    self.rail(&back, back.width, mix(tokens.card, colour, 0.4));
                } else {
                    self.stream(&back, tokens.arm_ground(arm.id, 0.2));
                }
            }
        }
    }

    fn dot(&self, dot: &Dot, place: Pos2) {
        let tokens = self.tokens;
        // Which arm a request meets is only known behind the router.
        let is_before = dot.progress < 0.3;
        let colour = tokens.arm(dot.arm);
        let is_back = dot.progress >= 0.72;
        if is_before {
            self.painter.circle_filled(place, DOT - 0.6, tokens.text);
            return;
        }
        match dot.fate {
            Fate::Failed if is_back || dot.progress > 0.45 => {
                paint_cross(self.painter, place, DOT + 0.4, Stroke::new(2.0, tokens.fail));
            }
            Fate::Late if is_back => {
                let line = Stroke::new(1.4, tokens.fail);
                self.painter.line_segment([place - vec2(11.0, 0.0), place - vec2(DOT, 0.0)], line);
                paint_mark_hollow(self.painter, place, DOT, dot.arm, line);
            }
            _ if dot.is_copy => {
                paint_mark_hollow(self.painter, place, DOT, dot.arm, Stroke::new(1.4, colour));
            }
            _ => paint_mark(self.painter, place, DOT, dot.arm, colour),
        }
    }

    fn node(&self, rect: Rect, edge: Color32) {
        let line = Stroke::new(1.5, edge);
        self.painter.rect(rect, RADIUS, self.tokens.raised, line, StrokeKind::Inside);
    }

    fn title(&self, rect: Rect, y: f32, text: &str) {
        let line =
            Line { font: semibold(13.0), colour: self.tokens.text, align: Align2::CENTER_CENTER };
        paint_line(self.painter, pos2(rect.center().x, y), text, &line, rect.width() - 12.0);
    }

    fn note(&self, rect: Rect, y: f32, text: &str) {
        let font = FontId::proportional(11.0);
        let line = Line { font, colour: self.tokens.subdued, align: Align2::CENTER_CENTER };
        paint_line(self.painter, pos2(rect.center().x, y), text, &line, rect.width() - 10.0);
    }

    fn source(&self, scene: &Scene, layout: &Layout) {
        let rect = layout.source;
        self.node(rect, self.tokens.faint);
        let rate = format!("{} requests/s", short(scene.rate));
        if scene.people.is_empty() {
            self.title(rect, rect.center().y - 9.0, "Replayed traffic");
            self.note(rect, rect.center().y + 10.0, &rate);
        } else {
            self.title(rect, rect.top() + 13.0, &format!("Users, {rate}").replace(" requests", ""));
            for (arm, place) in scene.people.iter().zip(&layout.people) {
                self.person(*place, self.tokens.arm(*arm), *arm);
            }
        }
        if scene.worth > 0 {
            let text = match scene.worth {
                1 => "1 dot = 1 request".to_owned(),
                worth => format!("1 dot = {worth} requests"),
            };
            let font = FontId::proportional(11.0);
            let line = Line { font, colour: self.tokens.subdued, align: Align2::LEFT_TOP };
            paint_line(self.painter, rect.left_bottom() + vec2(2.0, 6.0), &text, &line, 160.0);
        }
    }

    /// A head, shoulders, and the arm's letter so that colour is not alone.
    fn person(&self, place: Pos2, colour: Color32, arm: ArmId) {
        self.painter.circle_filled(place - vec2(4.0, 5.0), 3.2, colour);
        let body = Rect::from_min_max(place + vec2(-9.0, -0.5), place + vec2(1.0, 6.0));
        self.painter.rect_filled(body, egui::CornerRadius { nw: 4, ne: 4, sw: 1, se: 1 }, colour);
        let font = FontId::proportional(10.0);
        let at = place + vec2(7.0, 1.0);
        self.painter.text(at, Align2::CENTER_CENTER, arm.letter(), font, self.tokens.text);
    }

    fn router(&self, scene: &Scene, layout: &Layout) {
        let rect = layout.router;
        self.node(rect, self.tokens.subdued);
        let is_switch = scene.kind == StrategyKind::BlueGreen;
        self.title(rect, rect.center().y - 9.0, if is_switch { "Switch" } else { "Router" });
        self.note(rect, rect.center().y + 10.0, &scene.router_note);
        if let Some(split) = scene.split {
            let status = match split {
                SplitWord::AsPlanned => Status::Pass,
                SplitWord::NotAsPlanned => Status::Fail,
                SplitWord::NotEnoughData => Status::Neutral,
            };
            let text = status.text(&format!("split: {}", split.label()));
            let colour = status.colour(self.tokens);
            let line = Line { font: FontId::proportional(11.0), colour, align: Align2::CENTER_TOP };
            paint_line(self.painter, rect.center_bottom() + vec2(0.0, 6.0), &text, &line, 200.0);
        }
        if let (true, [a, b, ..]) = (is_switch, &layout.branches[..]) {
            self.lever(rect, scene.swing, [a, b]);
        }
    }

    /// A lever at the router's edge that points to the rail in use.
    fn lever(&self, router: Rect, swing: f32, [a, b]: [&Stream; 2]) {
        let pivot = router.right_center();
        let up = (a.at(0.5) - pivot).angle();
        let down = (b.at(0.5) - pivot).angle();
        let tip = pivot + 38.0 * Vec2::angled(egui::lerp(up..=down, swing));
        self.painter.line_segment([pivot, tip], Stroke::new(5.0, self.tokens.text));
        self.painter.circle_filled(pivot, 6.0, self.tokens.text);
        self.painter.circle_filled(tip, 4.0, self.tokens.text);
        self.painter.circle_filled(pivot, 2.5, self.tokens.raised);
    }

    fn arm(&self, arm: &ArmScene, rect: Rect, scene: &Scene) {
        let tokens = self.tokens;
        let is_used = arm.share > 0.0 || arm.copies > 0.0;
        let strength = if is_used || scene.kind == StrategyKind::BlueGreen { 1.0 } else { 0.35 };
        let colour = mix(tokens.card, tokens.arm(arm.id), strength);
        self.node(rect, colour);
        let text = if is_used { tokens.text } else { tokens.subdued };
        if rect.height() < 40.0 {
            self.arm_line(arm, rect, colour, text);
            return;
        }
        let has_boxes = rect.height() >= 50.0;
        let middle = rect.center().y - if has_boxes { 6.0 } else { 0.0 };
        let name = format!("{}  {}", arm.id, arm.name);
        let line = Line { font: semibold(13.0), colour: text, align: Align2::CENTER_CENTER };
        let at = pos2(rect.center().x + 6.0, middle - 9.0);
        let painted = paint_line(self.painter, at, &name, &line, rect.width() - 36.0);
        let mark = pos2(painted.left() - 10.0, painted.center().y);
        paint_mark(self.painter, mark, 4.5, arm.id, colour);
        let job = arm.job_note();
        // Where there is room for one note only, the job is the news.
        let note = job.clone().filter(|_| !has_boxes).unwrap_or_else(|| arm.note());
        self.note(rect, middle + 9.0, &note);
        if let (true, Some(job)) = (has_boxes, job) {
            self.note(rect, rect.bottom() - 12.0, &job);
        } else if has_boxes {
            self.replicas(arm, pos2(rect.center().x, rect.bottom() - 10.0), colour);
        }
    }

    /// Name and note side by side, in a box that is too low for two lines.
    fn arm_line(&self, arm: &ArmScene, rect: Rect, colour: Color32, text: Color32) {
        let y = rect.center().y;
        paint_mark(self.painter, pos2(rect.left() + 13.0, y), 4.5, arm.id, colour);
        let line = Line { font: semibold(13.0), colour: text, align: Align2::LEFT_CENTER };
        let name = format!("{} {}", arm.id, arm.name);
        let start = pos2(rect.left() + 22.0, y);
        let name = paint_line(self.painter, start, &name, &line, rect.width() * 0.55);
        let font = FontId::proportional(11.0);
        let line = Line { font, colour: self.tokens.subdued, align: Align2::RIGHT_CENTER };
        let note = arm.job_note().unwrap_or_else(|| arm.short_note());
        let end = pos2(rect.right() - 8.0, y);
        paint_line(self.painter, end, &note, &line, end.x - name.right() - 8.0);
    }

    /// A little box for each ready replica.
    fn replicas(&self, arm: &ArmScene, centre: Pos2, colour: Color32) {
        const MOST: u32 = 12;
        let shown = arm.replicas.min(MOST);
        let left = centre.x - (shown.saturating_sub(1)) as f32 * 5.0;
        for k in 0..shown {
            let place =
                Rect::from_center_size(pos2(left + k as f32 * 10.0, centre.y), Vec2::splat(7.0));
            self.painter.rect_filled(place, 2.0, mix(self.tokens.raised, colour, 0.75));
        }
        let font = FontId::proportional(10.0);
        if arm.replicas == 0 {
            let text = "no replica ready";
            self.painter.text(centre, Align2::CENTER_CENTER, text, font, self.tokens.subdued);
        } else if arm.replicas > MOST {
            let at = pos2(left + MOST as f32 * 10.0, centre.y);
            let text = format!("× {}", arm.replicas);
            self.painter.text(at, Align2::LEFT_CENTER, text, font, self.tokens.subdued);
        }
    }

    /// Waiting requests as a stack before the arm: one slice, two, three … as the queue doubles.
    fn queue(&self, arm: &ArmScene, rect: Rect, router: Rect) {
        if arm.queue == 0 {
            return;
        }
        let slices = arm.queue.ilog2() + 1;
        let colour = mix(self.tokens.card, self.tokens.arm(arm.id), 0.9);
        // Away from the router, so that it does not lie on the stream.
        let y = if rect.center().y < router.center().y { rect.top() } else { rect.bottom() - 4.0 };
        for k in 0..slices.min(10) {
            let bottom = pos2(rect.left() - 12.0, y - k as f32 * 4.0);
            let slice = Rect::from_center_size(bottom, vec2(12.0, 2.5));
            self.painter.rect_filled(slice, 1.0, colour);
        }
        let font = FontId::proportional(10.0);
        let text = format!("{} wait", arm.queue);
        let at = pos2(rect.left() - 22.0, y);
        self.painter.text(at, Align2::RIGHT_CENTER, text, font, self.tokens.subdued);
    }

    /// Rows that wait for a job, and the job while it runs.
    fn pile(&self, batch: &BatchScene, arm: ArmId, rect: Rect) {
        let tokens = self.tokens;
        let share = batch.waiting as f32 / batch.most.max(1) as f32;
        let track = Rect::from_min_max(
            pos2(rect.left() - 24.0, rect.top()),
            pos2(rect.left() - 8.0, rect.bottom()),
        );
        self.painter.rect_filled(track, 2.0, tokens.track);
        let slices = (share * track.height() / 4.0).ceil() as usize;
        for k in 0..slices {
            let y = track.bottom() - 2.0 - k as f32 * 4.0;
            let slice = Rect::from_center_size(pos2(track.center().x, y), vec2(12.0, 2.5));
            self.painter.rect_filled(slice, 1.0, tokens.arm(arm));
        }
        if let Some((_, done)) = batch.running {
            let bar = Rect::from_min_max(
                rect.left_bottom() + vec2(8.0, -4.0),
                rect.right_bottom() - vec2(8.0, 1.0),
            );
            self.painter.rect_filled(bar, 1.5, tokens.track);
            let filled = bar.with_max_x(egui::lerp(bar.x_range(), done.clamp(0.0, 1.0)));
            self.painter.rect_filled(filled, 1.5, tokens.arm(arm));
        }
    }

    fn ends(&self, scene: &Scene, layout: &Layout) {
        let tokens = self.tokens;
        if let Some(rect) = layout.outcome {
            self.node(rect, tokens.faint);
            let failed: f64 =
                scene.arms.iter().filter_map(|arm| Some(arm.failed? * arm.share)).sum();
            self.title(rect, rect.center().y - 9.0, "Answers");
            let text = if failed > 0.0 {
                format!("{} failed", super::scene::percent(failed))
            } else {
                "all used, none failed".to_owned()
            };
            self.note(rect, rect.center().y + 10.0, &text);
        }
        if let Some(rect) = layout.bin {
            let line = Stroke::new(1.5, tokens.faint);
            let corners = [
                rect.left_top(),
                rect.right_top(),
                rect.right_bottom(),
                rect.left_bottom(),
                rect.left_top(),
            ];
            self.painter.rect_filled(rect, RADIUS, tokens.raised);
            self.painter.extend(Shape::dashed_line(&corners, line, 5.0, 4.0));
            self.title(rect, rect.center().y - 9.0, "Not used");
            let agreement = scene.arms.iter().find_map(|arm| arm.agreement);
            let text = match agreement {
                Some((share, _)) => format!("{} agree with A", super::scene::percent(share)),
                None => "thrown away".to_owned(),
            };
            self.note(rect, rect.center().y + 10.0, &text);
        }
    }
}
