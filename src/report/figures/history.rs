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
    points: Vec<Window>,
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
        let before = self.points.len();
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
            self.points.push(point);
            let start = self.points.len().saturating_sub(self.back);
            self.rolled.extend(Window::merged(self.points.iter().skip(start)));
        }
        self.points.len() > before
    }
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
    fn long_recordings_are_summed_to_a_thousand_points() {
        let history = History::new(SimSpan::from_secs(1), SimSpan::from_secs(20_000));
        assert_eq!((history.step, history.back), (20, 24));
    }
}
