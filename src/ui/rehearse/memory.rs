//! What the screen keeps from frame to frame: things that are dear to compute, and how it was left.

use std::collections::BTreeMap;

use super::charts::{ChartsMemory, Figure, History, figure_of, figures, known_metrics};
use super::events::EventsFilter;
use super::inspector::Tab;
use super::moment::{reached, recent};
use super::screen::RehearseView;
use super::stages::{StageSpan, stage_spans};
use super::traffic::Flow;
use crate::app::is_notable;
use crate::domain::{Metric, Notation, SimTime, Window};
use crate::stats::{Ledger, Strata, VerdictCard, ledger, verdict_on};
use crate::ui::notation;

/// While a run plays, its verdict is drawn up at most so many times.
const VERDICTS: usize = 240;

/// Owned by the window; computes anew only what the cursor or the recording has changed.
#[derive(Default)]
pub struct RehearseMemory {
    /// The run that all this is about.
    run: Option<u64>,
    windows: usize,
    events_seen: usize,
    pub(super) spans: Vec<StageSpan>,
    pub(super) flow: Flow,
    pub(super) ticks: Vec<SimTime>,
    history: History,
    pub(super) figures: Vec<Figure>,
    /// Metrics that a chart could show.
    pub(super) known: Vec<Metric>,
    pub(super) charts: ChartsMemory,
    /// The choice, and the units, that the figures were made for.
    drawn_for: (BTreeMap<usize, Metric>, Notation),
    /// The windows just before the cursor as one, and how many windows had ended.
    recent: Option<(usize, Window)>,
    card: Option<(usize, VerdictCard)>,
    /// What the card was drawn up from.
    strata: Strata,
    ledger: Option<Ledger>,
    pub(super) tab: Tab,
    pub(super) events: EventsFilter,
    pub(super) shows_ahead: bool,
    /// In a narrow window the inspector lies over the charts when asked for.
    pub(super) is_inspector_open: bool,
}

impl RehearseMemory {
    pub(super) fn card(&self) -> Option<&VerdictCard> {
        self.card.as_ref().map(|(_, card)| card)
    }

    pub(super) fn ledger(&self) -> Option<&Ledger> {
        self.ledger.as_ref()
    }

    pub(super) fn recent(&self) -> Option<&Window> {
        self.recent.as_ref().map(|(_, window)| window)
    }

    /// Brings everything up to date with what is shown.
    pub(super) fn follow(&mut self, view: &RehearseView<'_>) {
        if self.run != Some(view.run) || view.recording.windows.len() < self.windows {
            self.forget(view);
        }
        self.follow_recording(view);
        self.follow_cursor(view);
    }

    /// Another run: nothing computed holds, but the screen stays as it was left.
    fn forget(&mut self, view: &RehearseView<'_>) {
        *self = Self {
            run: Some(view.run),
            history: History::new(view.recording.window, view.plan.traffic.duration),
            tab: self.tab,
            events: std::mem::take(&mut self.events),
            shows_ahead: self.shows_ahead,
            charts: self.charts.of_another_run(),
            is_inspector_open: self.is_inspector_open,
            ..Self::default()
        };
    }

    fn follow_recording(&mut self, view: &RehearseView<'_>) {
        let (recording, notation) = (view.recording, notation::chosen());
        let is_new = self.windows != recording.windows.len()
            || self.events_seen != recording.events.len()
            || self.figures.is_empty()
            || self.drawn_for.0 != self.charts.chosen
            || self.drawn_for.1 != notation;
        if is_new {
            (self.windows, self.events_seen) = (recording.windows.len(), recording.events.len());
            self.spans = stage_spans(recording);
            self.flow.follow(recording);
            self.history.follow(recording);
            self.figures = figures(view.plan, recording, &self.history, notation);
            self.known = known_metrics(&self.history);
            for (place, metric) in &self.charts.chosen {
                if let Some(figure) = self.figures.get_mut(*place) {
                    *figure = figure_of(*metric, view.plan, recording, &self.history, notation);
                }
            }
            self.drawn_for = (self.charts.chosen.clone(), notation);
            let notable = recording.events.iter().filter(|event| is_notable(&event.kind));
            self.ticks = notable.map(|event| event.at).collect();
            (self.card, self.recent) = (None, None);
            self.strata = Strata::default();
        }
        if view.playback.is_finished() && self.ledger.is_none() {
            self.ledger = Some(ledger(recording, view.plan));
        }
    }

    fn follow_cursor(&mut self, view: &RehearseView<'_>) {
        let reached = reached(view.recording, view.playback.now());
        if self.recent.as_ref().is_none_or(|(known, _)| *known != reached) {
            self.recent = recent(view.recording, reached).map(|window| (reached, window));
        }
        let stride =
            if view.playback.is_playing() { self.windows.div_ceil(VERDICTS).max(1) } else { 1 };
        let wanted = reached / stride * stride;
        if self.card.as_ref().is_none_or(|(known, _)| *known != wanted) {
            // While playing, a card is no newer than its windows; at rest it is exact.
            let ended = wanted.checked_sub(1).and_then(|k| view.recording.windows.get(k));
            let until = match ended {
                Some(window) if stride > 1 => window.end,
                _ => view.playback.now(),
            };
            self.strata.follow(view.recording, until);
            self.card = Some((wanted, verdict_on(view.recording, &self.strata, until)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::app::{Playback, PlaybackCommand};
    use crate::domain::StrategyKind;

    #[test]
    fn the_verdict_is_drawn_up_once_a_window_and_forgotten_with_the_run() {
        let (plan, recording) =
            (fixture::plan(StrategyKind::Canary), fixture::recording(StrategyKind::Canary));
        let mut playback = fixture::playback(&recording, 100);
        let mut memory = RehearseMemory { shows_ahead: true, ..RehearseMemory::default() };
        let follow = |memory: &mut RehearseMemory, run, playback: &Playback| {
            let (plan, recording) = (&plan, &recording);
            memory.follow(&RehearseView {
                run,
                plan,
                recording,
                playback,
                notes: &[],
                forks: &[],
                is_still: false,
            });
        };
        follow(&mut memory, 1, &playback);
        let until = memory.card().unwrap().until;
        playback.apply(PlaybackCommand::Seek(SimTime::from_micros(100_900_000)), &recording);
        follow(&mut memory, 1, &playback);
        assert_eq!(memory.card().unwrap().until, until, "the same window");
        playback.apply(PlaybackCommand::Seek(SimTime::from_secs(104)), &recording);
        follow(&mut memory, 1, &playback);
        assert_eq!(memory.card().unwrap().until, SimTime::from_secs(104));
        assert!(memory.ledger().is_some());
        follow(&mut memory, 2, &playback);
        assert!(memory.shows_ahead && memory.figures.len() == 4);
    }
}
