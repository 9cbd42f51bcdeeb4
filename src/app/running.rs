//! Commands about runs: starting, forking, showing and comparing them.

use std::sync::Arc;

use super::place::Place;
use super::program::App;
use super::run::{Run, RunStage};
use super::state::OddsState;
use super::{Playback, PlaybackCommand};
use crate::domain::{Intervention, InterventionKind, StrategyKind};
use crate::worker::{self, Rehearsal, Task};

impl App {
    pub(super) fn rehearse(&mut self) {
        let Some(plan) = self.state.plan.plan() else { return };
        let base = self.state.plan.base();
        // A lesson is about its own example.
        self.state.lesson = None;
        self.start_run(Run {
            title: plan.name.clone(),
            id: None,
            file: None,
            plan: Arc::new(plan),
            base,
            inputs: None,
            interventions: Vec::new(),
            parent: None,
            forked_at: None,
            recording: None,
            notes: Vec::new(),
            stage: RunStage::Stopped(String::new()),
        });
    }

    pub(super) fn intervene(&mut self, kind: InterventionKind) {
        let at = self.state.playback.now();
        let Some(run) = self.state.shown_run() else { return };
        let mut fork = run.clone();
        fork.interventions.retain(|before| before.at <= at);
        fork.notes.retain(|note| note.at <= at);
        fork.interventions.push(Intervention { at, kind });
        fork.parent = run.id.clone();
        fork.forked_at = Some(at);
        fork.id = None;
        fork.file = None;
        fork.recording = None;
        fork.title = format!("Run {}, from {}", self.state.runs.len() + 1, at.clock());
        self.start_run(fork);
    }

    pub(super) fn start_run(&mut self, mut run: Run) {
        let task = Task::Rehearse(Rehearsal {
            plan: run.plan.clone(),
            base: run.base.clone(),
            inputs: run.inputs.clone(),
            interventions: run.interventions.clone(),
            parent: run.parent.clone(),
            author: self.state.settings.reviewer.trim().to_owned(),
        });
        let job = self.start(task);
        run.stage = RunStage::Running(job);
        self.state.runs.push(run);
        self.show_run(self.state.runs.len() - 1);
        self.play(PlaybackCommand::Play);
    }

    pub(super) fn show_run(&mut self, place: usize) {
        let Some(run) = self.state.runs.get(place) else { return };
        let planned = run.plan.traffic.duration;
        let mut playback = match run.forked_at {
            Some(at) => Playback::starting_at(planned, at),
            None => Playback::new(planned),
        };
        if let Some(recording) = &run.recording {
            playback.follow(recording, run.is_finished());
        }
        self.state.shown = Some(place);
        self.state.playback = playback;
        self.state.place = Place::Rehearse;
    }

    pub(super) fn close_run(&mut self, place: usize) {
        if place >= self.state.runs.len() {
            return;
        }
        let run = self.state.runs.remove(place);
        if let Some(job) = run.job() {
            self.workers.cancel(job);
        }
        let last = self.state.runs.len().checked_sub(1);
        match (self.state.shown, last) {
            (Some(shown), Some(last)) if shown == place => {
                let current = self.state.place;
                self.show_run(place.min(last));
                self.state.place = current;
            }
            (Some(shown), Some(_)) if shown > place => self.state.shown = Some(shown - 1),
            (_, None) => self.state.shown = None,
            _ => {}
        }
    }

    pub(super) fn play(&mut self, command: PlaybackCommand) {
        let Some(run) = self.state.shown.and_then(|place| self.state.runs.get(place)) else {
            return;
        };
        let playback = &mut self.state.playback;
        let from = playback.now();
        playback.apply(command, run.recording.as_deref());
        // Who steps through the events does not pass over notes.
        let reached = playback.now();
        let mut notes = run.notes.iter().map(|note| note.at);
        let nearer = match command {
            PlaybackCommand::NextEvent => notes.find(|at| *at > from && *at < reached),
            PlaybackCommand::PreviousEvent => notes.rfind(|at| *at < from && *at > reached),
            _ => None,
        };
        if let Some(at) = nearer {
            playback.seek(at);
        }
    }

    pub(super) fn compare(&mut self) {
        let Some(plan) = self.state.plan.plan() else { return };
        let base = self.state.plan.base();
        let kinds = worker::compare::strategies(&plan);
        self.state.compared = None;
        self.state.place = Place::Compare;
        let job = self.start(Task::Compare { plan: Arc::new(plan), base, inputs: None, kinds });
        self.state.comparing = Some(job);
    }

    /// Of the plan's own strategy first, and then perhaps of all others.
    pub(super) fn ask_odds(&mut self, of_all: bool) {
        let Some(plan) = self.state.plan.plan() else { return };
        let base = self.state.plan.base();
        let own = plan.strategy.kind();
        let mut kinds = vec![own];
        if of_all {
            let others = worker::compare::strategies(&plan).into_iter();
            // A single run decides nothing.
            kinds.extend(others.filter(|kind| *kind != own && *kind != StrategyKind::Single));
        }
        let runs = OddsState::RUNS;
        self.state.place = Place::Odds;
        let plan = Arc::new(plan);
        let job = self.start(Task::AskOdds { plan: Arc::clone(&plan), base, kinds, runs });
        self.state.odds = OddsState { asking: Some(job), plan: Some(plan), ..OddsState::default() };
    }

    pub(super) fn propose_gates(&mut self) {
        let Some(plan) = self.state.plan.plan() else { return };
        let base = self.state.plan.base();
        self.start(Task::ProposeGates { plan: Arc::new(plan), base });
    }
}
