//! What the charts share: the stretch of time that they show, and the moment under the pointer.

use egui::{Response, Ui};

use crate::domain::SimTime;

/// Points of scrolling that double the detail.
const SCROLL: f32 = 180.0;
/// The closest look is this part of the run.
const CLOSEST: f64 = 1.0 / 400.0;
/// A cursor that leaves the view while playing is brought back to here.
const BACK_TO: f64 = 0.25;

/// Seconds from and to, the same for all charts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimeView {
    /// Empty: the whole run.
    part: Option<[f64; 2]>,
    /// In the frame before, in any chart.
    pub pointed: Option<SimTime>,
}

impl TimeView {
    /// The seconds that are shown of a run that lasts `end`.
    pub fn range(&self, end: SimTime) -> [f64; 2] {
        let end = end.as_secs_f64().max(1e-3);
        match self.part {
            Some([from, to]) if to <= end => [from, to],
            _ => [0.0, end],
        }
    }

    pub fn is_whole(&self) -> bool {
        self.part.is_none()
    }

    pub fn show_all(&mut self) {
        self.part = None;
    }

    /// Shows `factor` times more detail, with `at` (seconds) where it was.
    fn zoom(&mut self, factor: f64, at: f64, end: SimTime) {
        let [from, to] = self.range(end);
        let end = end.as_secs_f64().max(1e-3);
        let span = ((to - from) / factor).max(end * CLOSEST);
        if span >= end {
            return self.show_all();
        }
        let share = ((at - from) / (to - from)).clamp(0.0, 1.0);
        self.show_from(at - share * span, span, end);
    }

    fn show_from(&mut self, from: f64, span: f64, end: f64) {
        // To the very end, not a rounding before it: the last point lies there.
        let is_last = from >= end - span;
        let from = if is_last { end - span } else { from.max(0.0) };
        self.part = Some([from, if is_last { end } else { from + span }]);
    }

    /// Moves the view along so that the playing cursor stays in it.
    pub fn follow(&mut self, now: SimTime, end: SimTime) {
        let Some([from, to]) = self.part else { return };
        let now = now.as_secs_f64();
        if now < from || now > to {
            let span = to - from;
            self.show_from(now - BACK_TO * span, span, end.as_secs_f64());
        }
    }

    /// The wheel looks closer at the moment under the pointer, or moves along; a double click shows
    /// the whole run again.
    pub fn take_input(&mut self, ui: &Ui, chart: &Response, at: SimTime, end: SimTime) {
        let (scroll, pinch) = ui.input(|input| (input.smooth_scroll_delta(), input.zoom_delta()));
        let factor = f64::from(pinch * (scroll.y / SCROLL).exp2());
        if factor != 1.0 {
            self.zoom(factor, at.as_secs_f64(), end);
        }
        if scroll.x != 0.0 && !self.is_whole() {
            let [from, to] = self.range(end);
            let secs = f64::from(scroll.x / chart.rect.width().max(1.0)) * (to - from);
            self.show_from(from - secs, to - from, end.as_secs_f64());
        }
        if chart.double_clicked() {
            self.show_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closer_look_keeps_its_moment_and_stays_in_the_run() {
        let end = SimTime::from_secs(400);
        let mut view = TimeView::default();
        view.zoom(4.0, 100.0, end);
        assert_eq!(view.range(end), [75.0, 175.0]);
        view.zoom(1e9, 100.0, end);
        let [from, to] = view.range(end);
        assert!((to - from - 1.0).abs() < 1e-9 && from <= 100.0 && to >= 100.0);
        view.zoom(1e-9, 100.0, end);
        assert!(view.is_whole());
        view.zoom(4.0, 400.0, end);
        assert_eq!(view.range(end), [300.0, 400.0]);
        view.follow(SimTime::from_secs(40), end);
        assert_eq!(view.range(end), [15.0, 115.0]);
    }
}
