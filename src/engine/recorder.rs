//! Counts on their way into the recording, and kept for a while as evidence for gates.

use std::collections::VecDeque;

use super::scoring::points;
use crate::domain::{
    ArmId, ArmWindow, Event, Gate, Judge, Outcome, OutcomeKind, Plan, Recording, SimSpan, SimTime,
    Window,
};

pub(super) struct Recorder {
    pub recording: Recording,
    open: Option<Window>,
    /// What was counted between looks, as far back as gates look.
    slices: VecDeque<Window>,
    keep: SimSpan,
}

/// What gates can see at a moment.
pub(super) struct Sight<'a> {
    pub recorder: &'a Recorder,
    pub now: SimTime,
    /// Shares have been constant since then.
    pub since: SimTime,
}

impl Recorder {
    pub fn new(plan: &Plan, segments: Vec<String>, stages: Vec<String>, keep: SimSpan) -> Self {
        let recording = Recording {
            strategy: plan.strategy.kind(),
            arms: plan.arm_names(),
            gates: plan.gates.iter().map(|gate| gate.name.clone()).collect(),
            segments,
            stages,
            window: plan.window_span(),
            windows: Vec::new(),
            events: Vec::new(),
            jobs: Vec::new(),
            outcome: Outcome {
                kind: OutcomeKind::Held,
                at: SimTime::START,
                winner: ArmId::BASELINE,
                reason: String::new(),
            },
        };
        Self { recording, open: None, slices: VecDeque::new(), keep }
    }

    pub fn tell(&mut self, events: &mut Vec<Event>) {
        self.recording.events.append(events);
    }

    /// Takes what was counted since the last look.
    pub fn add(&mut self, slice: Window) {
        match &mut self.open {
            Some(open) => open.absorb(&slice),
            None => self.open = Some(slice.clone()),
        }
        if self.keep.is_zero() {
            return;
        }
        let oldest = slice.end - self.keep;
        self.slices.push_back(slice);
        while self.slices.front().is_some_and(|slice| slice.end <= oldest) {
            self.slices.pop_front();
        }
    }

    /// Ends the window that is being filled.
    pub fn close(&mut self) {
        self.recording.windows.extend(self.open.take());
    }
}

impl Sight<'_> {
    /// The same, looking back over changes of shares.
    pub fn across_weights(&self) -> Self {
        Self { since: SimTime::START, ..*self }
    }

    /// The values of a judge's series: those of the gate's window, or all since shares last changed.
    pub fn points(&self, gate: &Gate, judge: &Judge) -> Vec<Window> {
        let reach = gate.window.map_or(SimTime::START, |window| self.now - window);
        let from = reach.max(self.since);
        let recording = &self.recorder.recording;
        let windows = recording.windows.iter().filter(|window| window.start >= from);
        points(windows, judge.point, recording.window)
    }

    /// Whether something holds of any window since the beginning.
    pub fn has_ever(&self, holds: impl Fn(&Window) -> bool) -> bool {
        let windows = self.recorder.recording.windows.iter().chain(&self.recorder.open);
        windows.into_iter().any(holds)
    }

    /// What was counted since `from`: a window for each stretch in which shares were constant.
    pub fn stretches(&self, from: SimTime) -> Vec<Window> {
        let slices: Vec<&Window> =
            self.recorder.slices.iter().filter(|slice| slice.start >= from).collect();
        let shares =
            |slice: &Window| -> Vec<f64> { slice.arms.iter().map(|arm| arm.requested).collect() };
        let stretches = slices.chunk_by(|a, b| shares(a) == shares(b));
        stretches.filter_map(|stretch| Window::merged(stretch.iter().copied())).collect()
    }

    /// What was counted in the last `span`, but not before shares last changed; an empty window if
    /// nothing was.
    pub fn window(&self, span: SimSpan) -> Window {
        let from = (self.now - span).max(self.since);
        let slices = self.recorder.slices.iter().filter(|slice| slice.start >= from);
        Window::merged(slices).unwrap_or_else(|| Window {
            start: self.now,
            end: self.now,
            stage: 0,
            arms: vec![ArmWindow::default(); self.recorder.recording.arms.len()],
        })
    }
}
