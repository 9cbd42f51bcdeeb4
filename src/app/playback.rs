//! Playback: a time cursor that moves over a recording which may still be growing.
//!
//! It never touches the recording: play, pause, speed, loop and scrub only say which moment is
//! shown. Wall-clock time comes in as an argument, so every move can be tested.

use super::moments::{next_notable, previous_notable, step};
use super::playback_command::PlaybackCommand;
use crate::domain::{Recording, SimSpan, SimTime};

/// Simulated seconds per second, at the slowest end of the list of speeds.
const SLOWEST: f64 = 0.25;
/// A run is offered speeds up to one that plays it in this many seconds or less.
const QUICKEST_SECS: f64 = 10.0;
/// The speed first chosen plays a run in about this many seconds.
const FIT_SECS: f64 = 40.0;
/// After an event playback stays slow for so many seconds.
const SLOW_SECS: f64 = 2.0;
/// And so many times slower than a run that fits.
const SLOW_FACTOR: f64 = 8.0;

/// The cursor and how it moves.
#[derive(Clone, Debug, PartialEq)]
pub struct Playback {
    now: SimTime,
    is_playing: bool,
    /// Simulated seconds per second.
    speed: f64,
    loop_range: Option<(SimTime, SimTime)>,
    /// The recording reaches so far.
    simulated: SimTime,
    /// The whole run as planned, or as it was once it has ended.
    end: SimTime,
    is_finished: bool,
    slows_at_events: bool,
    /// Seconds of slow motion left.
    slow_left: f64,
    /// Where to go as soon as the recording reaches there.
    awaited: Option<SimTime>,
}

impl Playback {
    /// At the start of a run that will last `planned`, paused, at a speed that fits.
    pub fn new(planned: SimSpan) -> Self {
        let end = SimTime::START + planned;
        Self {
            now: SimTime::START,
            is_playing: false,
            speed: fit(end),
            loop_range: None,
            simulated: SimTime::START,
            end,
            is_finished: false,
            slows_at_events: false,
            slow_left: 0.0,
            awaited: None,
        }
    }

    /// The same, but at `at` as soon as the recording reaches there: what came before is known.
    pub fn starting_at(planned: SimSpan, at: SimTime) -> Self {
        Self { awaited: Some(at), ..Self::new(planned) }
    }

    /// Takes note of how far the recording has come; `is_finished` once it will not grow any more.
    pub fn follow(&mut self, recording: &Recording, is_finished: bool) {
        self.simulated = recording.end();
        self.is_finished = is_finished;
        self.end = if is_finished { self.simulated } else { self.end.max(self.simulated) };
        self.now = self.awaited.unwrap_or(self.now).min(self.simulated);
        self.awaited = self.awaited.filter(|at| *at > self.simulated && !is_finished);
    }

    pub fn now(&self) -> SimTime {
        self.now
    }

    pub fn is_playing(&self) -> bool {
        self.is_playing
    }

    /// Simulated seconds per second, as chosen.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    pub fn loop_range(&self) -> Option<(SimTime, SimTime)> {
        self.loop_range
    }

    /// How far the recording reaches.
    pub fn simulated(&self) -> SimTime {
        self.simulated
    }

    /// The end of the time axis: of the plan while the run grows, of the recording afterwards.
    pub fn end(&self) -> SimTime {
        self.end
    }

    pub fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// True while it plays but has caught up with the simulation.
    pub fn is_waiting(&self) -> bool {
        self.is_playing && !self.is_finished && self.now >= self.simulated
    }

    pub fn slows_at_events(&self) -> bool {
        self.slows_at_events
    }

    /// True while slow motion after an event lasts.
    pub fn is_slowed(&self) -> bool {
        self.slow_left > 0.0
    }

    /// The speeds on offer, slowest first.
    pub fn speeds(&self) -> Vec<f64> {
        speeds(self.end)
    }

    /// The speed at which the whole run plays in about half a minute.
    pub fn fitting_speed(&self) -> f64 {
        fit(self.end)
    }

    /// Moves the cursor by `wall_secs` of a person's time. True if anything changed.
    pub fn advance(&mut self, wall_secs: f64, recording: &Recording) -> bool {
        if !self.is_playing || wall_secs.is_nan() || wall_secs <= 0.0 {
            return false;
        }
        let slow_secs = wall_secs.min(self.slow_left);
        self.slow_left -= slow_secs;
        let slow_speed = (self.fitting_speed() / SLOW_FACTOR).min(self.speed);
        let secs = slow_secs * slow_speed + (wall_secs - slow_secs) * self.speed;
        let from = self.now;
        let mut to = from + SimSpan::from_secs_f64(secs);
        if self.slows_at_events
            && self.slow_left <= 0.0
            && let Some(event) = next_notable(recording, from).filter(|at| *at <= to)
        {
            // Stop right on the event, so that slow motion shows what follows it.
            to = event;
            self.slow_left = SLOW_SECS;
        }
        if let Some((start, stop)) = self.loop_range
            && from < stop
            && to >= stop.min(self.simulated)
        {
            to = start;
        }
        self.now = to.min(self.simulated);
        if self.is_finished && self.now >= self.end {
            self.is_playing = false;
            self.slow_left = 0.0;
        }
        self.now != from || !self.is_playing
    }

    /// Does what a command says. Without a recording, which may not have begun yet, there is nothing
    /// to step to.
    pub fn apply<'r>(
        &mut self,
        command: PlaybackCommand,
        recording: impl Into<Option<&'r Recording>>,
    ) {
        let recording = recording.into();
        match command {
            PlaybackCommand::Play => self.play(),
            PlaybackCommand::Pause => self.is_playing = false,
            PlaybackCommand::Toggle if self.is_playing => self.is_playing = false,
            PlaybackCommand::Toggle => self.play(),
            PlaybackCommand::Seek(at) => self.seek(at),
            PlaybackCommand::Step(windows) => {
                self.is_playing = false;
                self.seek(recording.map_or(self.now, |all| step(all, self.now, windows)));
            }
            PlaybackCommand::NextEvent => {
                let next = recording.and_then(|all| next_notable(all, self.now));
                self.seek(next.unwrap_or(self.simulated));
            }
            PlaybackCommand::PreviousEvent => {
                let previous = recording.and_then(|all| previous_notable(all, self.now));
                self.seek(previous.unwrap_or(SimTime::START));
            }
            PlaybackCommand::ToStart => self.seek(SimTime::START),
            PlaybackCommand::ToEnd => self.seek(self.simulated),
            PlaybackCommand::SetSpeed(speed) => {
                let speeds = self.speeds();
                let (least, most) = (SLOWEST, speeds.last().copied().unwrap_or(SLOWEST));
                self.speed = if speed.is_nan() { 1.0 } else { speed.clamp(least, most) };
            }
            PlaybackCommand::Faster => {
                let faster = self.speeds().into_iter().find(|speed| *speed > self.speed);
                self.speed = faster.unwrap_or(self.speed);
            }
            PlaybackCommand::Slower => {
                let slower = self.speeds().into_iter().rfind(|speed| *speed < self.speed);
                self.speed = slower.unwrap_or(self.speed);
            }
            PlaybackCommand::Loop(range) => self.set_loop(range),
            PlaybackCommand::LoopFrom => {
                let end = self.loop_range.map(|(_, end)| end).filter(|end| *end > self.now);
                self.set_loop(Some((self.now, end.unwrap_or(self.end))));
            }
            PlaybackCommand::LoopTo => {
                let start = self.loop_range.map(|(start, _)| start);
                let start = start.filter(|start| *start < self.now);
                self.set_loop(Some((start.unwrap_or(SimTime::START), self.now)));
            }
            PlaybackCommand::SlowAtEvents(slows) => {
                self.slows_at_events = slows;
                self.slow_left = 0.0;
            }
        }
    }

    fn play(&mut self) {
        if self.is_finished && self.now >= self.end {
            self.now = SimTime::START;
        }
        self.is_playing = true;
    }

    fn set_loop(&mut self, range: Option<(SimTime, SimTime)>) {
        self.loop_range = range
            .map(|(a, b)| (a.min(b), a.max(b).min(self.end)))
            .filter(|(start, stop)| start < stop);
    }

    pub(super) fn seek(&mut self, at: SimTime) {
        self.now = at.min(self.simulated);
        self.awaited = None;
        self.slow_left = 0.0;
    }
}

/// A quarter to sixteen, and for long runs further in steps of four.
fn speeds(end: SimTime) -> Vec<f64> {
    let mut speeds = vec![SLOWEST, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0];
    let mut speed = 64.0;
    while end.as_secs_f64() / speed >= QUICKEST_SECS {
        speeds.push(speed);
        speed *= 4.0;
    }
    speeds
}

fn fit(end: SimTime) -> f64 {
    let speeds = speeds(end).into_iter().filter(|speed| *speed >= 1.0);
    let mut last = 1.0;
    for speed in speeds {
        last = speed;
        if end.as_secs_f64() / speed <= FIT_SECS {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ArmId, Event, EventKind, Outcome, OutcomeKind, Recording, StrategyKind, Window,
    };

    /// 320 s in windows of 2 s, with a fault at 100 s and detail at 50 s.
    fn recording() -> Recording {
        let window = |k: u64| Window {
            start: SimTime::from_secs(2 * k),
            end: SimTime::from_secs(2 * k + 2),
            stage: 0,
            arms: Vec::new(),
        };
        let event = |secs, kind| Event { at: SimTime::from_secs(secs), kind };
        Recording {
            strategy: StrategyKind::Canary,
            arms: Vec::new(),
            gates: Vec::new(),
            segments: Vec::new(),
            stages: Vec::new(),
            window: SimSpan::from_secs(2),
            windows: (0..160).map(window).collect(),
            events: vec![
                event(50, EventKind::Weight { arm: ArmId::CANDIDATE, share: 0.5 }),
                event(100, EventKind::FaultBegan("latency".to_owned())),
            ],
            jobs: Vec::new(),
            outcome: Outcome {
                kind: OutcomeKind::Held,
                at: SimTime::from_secs(320),
                winner: ArmId::BASELINE,
                reason: String::new(),
            },
        }
    }

    fn playing(recording: &Recording) -> Playback {
        let mut playback = Playback::new(SimSpan::from_secs(320));
        playback.follow(recording, true);
        playback.apply(PlaybackCommand::Play, recording);
        playback
    }

    #[test]
    fn a_run_of_minutes_and_a_run_of_days_both_fit_in_well_under_a_minute() {
        assert_eq!(Playback::new(SimSpan::from_secs(320)).speed(), 8.0);
        for secs in [20, 600, 3_600, 86_400, 30 * 86_400] {
            let playback = Playback::new(SimSpan::from_secs(secs));
            let wall = secs as f64 / playback.speed();
            assert!((10.0..=40.0).contains(&wall), "{secs} s play in {wall} s");
            assert!(playback.speeds().contains(&playback.speed()));
        }
    }

    #[test]
    fn plays_at_its_speed_and_stops_at_the_end() {
        let recording = recording();
        let mut playback = playing(&recording);
        assert!(playback.advance(1.5, &recording));
        assert_eq!(playback.now(), SimTime::from_secs(12));
        playback.advance(1_000.0, &recording);
        assert_eq!(playback.now(), SimTime::from_secs(320));
        assert!(!playback.is_playing());
        playback.apply(PlaybackCommand::Toggle, &recording);
        assert_eq!((playback.now(), playback.is_playing()), (SimTime::START, true));
    }

    #[test]
    fn waits_for_the_simulation_instead_of_jumping() {
        let mut partial = recording();
        partial.windows.truncate(10);
        let mut playback = Playback::new(SimSpan::from_secs(320));
        playback.follow(&partial, false);
        playback.apply(PlaybackCommand::Play, &partial);
        playback.advance(60.0, &partial);
        assert_eq!(playback.now(), SimTime::from_secs(20));
        assert!(playback.is_waiting() && playback.is_playing());
        playback.apply(PlaybackCommand::Seek(SimTime::from_secs(300)), &partial);
        assert_eq!(playback.now(), SimTime::from_secs(20));
        playback.follow(&recording(), true);
        assert!(!playback.is_waiting());
    }

    #[test]
    fn a_fork_is_played_from_where_it_differs() {
        let mut partial = recording();
        partial.windows.truncate(10);
        let mut playback = Playback::starting_at(SimSpan::from_secs(320), SimTime::from_secs(90));
        playback.apply(PlaybackCommand::Play, None);
        playback.follow(&partial, false);
        assert_eq!(playback.now(), SimTime::from_secs(20));
        playback.follow(&recording(), false);
        assert_eq!(playback.now(), SimTime::from_secs(90));
        playback.advance(1.0, &recording());
        playback.follow(&recording(), true);
        assert_eq!(playback.now(), SimTime::from_secs(98), "it is not thrown back");
    }

    #[test]
    fn loops_over_its_range_but_not_from_behind_it() {
        let recording = recording();
        let mut playback = playing(&recording);
        let range = (SimTime::from_secs(40), SimTime::from_secs(16));
        playback.apply(PlaybackCommand::Loop(Some(range)), &recording);
        playback.advance(4.9, &recording);
        playback.advance(0.2, &recording);
        assert_eq!(playback.now(), SimTime::from_secs(16));
        playback.apply(PlaybackCommand::Seek(SimTime::from_secs(60)), &recording);
        playback.advance(1.0, &recording);
        assert_eq!(playback.now(), SimTime::from_secs(68));
    }

    #[test]
    fn a_range_is_marked_at_the_cursor() {
        let recording = recording();
        let mut playback = playing(&recording);
        let mut at = |secs, command| {
            playback.apply(PlaybackCommand::Seek(SimTime::from_secs(secs)), &recording);
            playback.apply(command, &recording);
            playback.loop_range().map(|(from, to)| (from.as_secs_f64(), to.as_secs_f64()))
        };
        assert_eq!(at(40, PlaybackCommand::LoopFrom), Some((40.0, 320.0)));
        assert_eq!(at(80, PlaybackCommand::LoopTo), Some((40.0, 80.0)));
        assert_eq!(at(30, PlaybackCommand::LoopTo), Some((0.0, 30.0)), "before its beginning");
        assert_eq!(at(90, PlaybackCommand::LoopFrom), Some((90.0, 320.0)), "behind its end");
        assert_eq!(at(90, PlaybackCommand::Loop(None)), None);
    }

    #[test]
    fn steps_go_from_window_to_window() {
        let recording = recording();
        let mut playback = playing(&recording);
        let mut at = |command, want: u64| {
            playback.apply(command, &recording);
            assert_eq!(playback.now(), SimTime::from_secs(want), "{command:?}");
        };
        at(PlaybackCommand::Seek(SimTime::from_secs(11)), 11);
        at(PlaybackCommand::Step(1), 12);
        at(PlaybackCommand::Step(-1), 10);
        at(PlaybackCommand::Seek(SimTime::from_secs(11)), 11);
        at(PlaybackCommand::Step(-1), 10);
        at(PlaybackCommand::Step(-100), 0);
        at(PlaybackCommand::Step(1), 2);
        at(PlaybackCommand::Step(1_000), 320);
    }

    #[test]
    fn events_are_stepped_to_but_details_are_passed() {
        let recording = recording();
        let mut playback = playing(&recording);
        playback.apply(PlaybackCommand::NextEvent, &recording);
        assert_eq!(playback.now(), SimTime::from_secs(100));
        playback.apply(PlaybackCommand::NextEvent, &recording);
        assert_eq!(playback.now(), SimTime::from_secs(320));
        playback.apply(PlaybackCommand::PreviousEvent, &recording);
        assert_eq!(playback.now(), SimTime::from_secs(100));
        playback.apply(PlaybackCommand::PreviousEvent, &recording);
        assert_eq!(playback.now(), SimTime::START);
    }

    #[test]
    fn slows_down_on_the_event_for_two_seconds() {
        let recording = recording();
        let mut playback = playing(&recording);
        playback.apply(PlaybackCommand::SlowAtEvents(true), &recording);
        playback.apply(PlaybackCommand::Seek(SimTime::from_secs(96)), &recording);
        playback.advance(1.0, &recording);
        assert_eq!(playback.now(), SimTime::from_secs(100));
        playback.advance(2.0, &recording);
        assert_eq!(playback.now(), SimTime::from_secs(102), "real time for two seconds");
        playback.advance(1.0, &recording);
        assert_eq!(playback.now(), SimTime::from_secs(110));
    }
}
