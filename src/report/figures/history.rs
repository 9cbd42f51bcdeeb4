//! The recording as curves need it: windows summed over a short stretch, and since the start.

use crate::domain::{Quality, Recording, SimSpan, Window};

/// More points than these are not kept: windows are summed first.
const MOST_POINTS: u64 = 1_000;
/// The stretch that a point looks back over is this part of the run,
const STRETCHES: u64 = 20;
/// but never more than so many points.
const MOST_BACK: usize = 24;

/// Grows with a recording.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Windows per point.
    step: usize,
    /// Points that each point looks back over.
    back: usize,
    /// Length of a point's windows.
    span: SimSpan,
    points: usize,
    recent: Recent,
    /// At each point, the windows of the stretch before it as one.
    pub rolled: Vec<Window>,
    /// At each point, quality per arm since the start.
    pub totals: Vec<Vec<Quality>>,
}

impl History {
    /// For a run that is planned to last `duration`.
    pub fn new(window: SimSpan, duration: SimSpan) -> Self {
        let windows = duration.micros() / window.micros().max(1);
        let step = windows.div_ceil(MOST_POINTS).max(1);
        let back = windows / step / STRETCHES;
        Self {
            step: step as usize,
            back: (back as usize).clamp(1, MOST_BACK),
            span: window.times(step),
            ..Self::default()
        }
    }

    /// The stretch of time behind each point.
    pub fn stretch(&self) -> SimSpan {
        self.span.times(self.back as u64)
    }

    /// Takes in what was recorded since the last call. True if there was anything.
    pub fn follow(&mut self, recording: &Recording) -> bool {
        let step = self.step.max(1);
        let before = self.points;
        let fresh = recording.windows.get(before * step..).unwrap_or_default();
        for windows in fresh.chunks_exact(step) {
            let Some(point) = Window::merged(windows) else { break };
            let mut totals: Vec<Quality> = self
                .totals
                .last()
                .cloned()
                .unwrap_or_else(|| vec![Quality::default(); point.arms.len()]);
            for (total, arm) in totals.iter_mut().zip(&point.arms) {
                total.absorb(&arm.total_quality());
            }
            self.totals.push(totals);
            self.points += 1;
            self.rolled.push(self.recent.and(point, self.back));
        }
        self.points > before
    }
}

/// The last points, so that the sum of the last few costs about two additions and not as many as
/// there are. Time is cut into blocks of as many points; the last few are the end of one block,
/// summed from its end backwards once it is full, and the beginning of the next, summed as it fills.
#[derive(Clone, Debug, Default)]
struct Recent {
    /// Sums of the block before, from each of its points to its end.
    ends: Vec<Window>,
    /// The points of the block that fills, and their sum.
    block: Vec<Window>,
    sum: Option<Window>,
}

impl Recent {
    /// Takes in a point. Returns the sum of the last `count` points, or of all while there are fewer.
    fn and(&mut self, point: Window, count: usize) -> Window {
        if self.block.len() == count {
            self.ends = sums_to_the_end(&self.block);
            self.block.clear();
            self.sum = None;
        }
        match &mut self.sum {
            Some(sum) => sum.absorb(&point),
            None => self.sum = Some(point.clone()),
        }
        self.block.push(point.clone());
        // The end of the block before makes up what is missing.
        let end = self.ends.get(self.block.len()..).and_then(<[Window]>::first);
        Window::merged(end.into_iter().chain(&self.sum)).unwrap_or(point)
    }
}

/// The sum from each point to the last one.
fn sums_to_the_end(points: &[Window]) -> Vec<Window> {
    let mut sums: Vec<Window> = Vec::with_capacity(points.len());
    for point in points.iter().rev() {
        let mut sum = point.clone();
        if let Some(later) = sums.last() {
            sum.absorb(later);
        }
        sums.push(sum);
    }
    sums.reverse();
    sums
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::domain::StrategyKind;

    #[test]
    fn growing_in_pieces_gives_the_same_as_all_at_once() {
        let recording = fixture::recording(StrategyKind::Canary);
        let new = || History::new(recording.window, SimSpan::from_secs(320));
        let mut whole = new();
        assert!(whole.follow(&recording));
        let mut grown = new();
        for length in [0, 3, 40, 41, 160] {
            let mut partial = recording.clone();
            partial.windows.truncate(length);
            grown.follow(&partial);
        }
        assert_eq!(grown.rolled, whole.rolled);
        assert_eq!(grown.totals, whole.totals);
        assert!(!grown.follow(&recording));
    }

    #[test]
    fn a_point_looks_back_over_the_stretch_it_names() {
        let recording = fixture::recording(StrategyKind::Canary);
        let mut history = History::new(recording.window, SimSpan::from_secs(320));
        history.follow(&recording);
        let last = history.rolled.last().unwrap();
        assert_eq!(last.span(), history.stretch());
        assert_eq!(history.stretch(), SimSpan::from_secs(16));
    }

    #[test]
    fn a_point_is_the_sum_of_the_last_few() {
        let recording = fixture::recording(StrategyKind::Canary);
        for back in [1, 2, 7, 24] {
            let mut recent = Recent::default();
            for (place, window) in recording.windows.iter().enumerate() {
                let sum = recent.and(window.clone(), back);
                let start = (place + 1).saturating_sub(back);
                let last = Window::merged(&recording.windows[start..=place]).unwrap();
                assert_eq!((sum.start, sum.end, sum.stage), (last.start, last.end, last.stage));
                for (sum, last) in sum.arms.iter().zip(&last.arms) {
                    assert_eq!(sum.latency, last.latency);
                    assert_eq!((sum.arrivals, sum.requested), (last.arrivals, last.requested));
                    let (ours, whole) = (sum.total_quality(), last.total_quality());
                    assert_eq!(ours.labelled, whole.labelled);
                    // Floating sums in another order.
                    assert!((ours.log_loss - whole.log_loss).abs() < 1e-9 * (1.0 + whole.log_loss));
                }
            }
        }
    }

    #[test]
    fn long_recordings_are_summed_to_a_thousand_points() {
        let history = History::new(SimSpan::from_secs(1), SimSpan::from_secs(20_000));
        assert_eq!((history.step, history.back), (20, 24));
    }
}
