//! What can be asked of the time cursor.

use crate::domain::SimTime;

/// What moves the cursor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PlaybackCommand {
    Play,
    Pause,
    Toggle,
    Seek(SimTime),
    /// Windows forwards, or backwards if negative.
    Step(i32),
    NextEvent,
    PreviousEvent,
    ToStart,
    ToEnd,
    /// Simulated seconds per second.
    SetSpeed(f64),
    Faster,
    Slower,
    /// Play a range over and over.
    Loop(Option<(SimTime, SimTime)>),
    /// The range to repeat begins, or ends, at the cursor.
    LoopFrom,
    LoopTo,
    SlowAtEvents(bool),
}

impl PlaybackCommand {
    /// What menus and the palette call it.
    pub fn label(self) -> String {
        match self {
            Self::Play => "Play".to_owned(),
            Self::Pause => "Pause".to_owned(),
            Self::Toggle => "Play or pause".to_owned(),
            Self::Seek(at) => format!("Go to {}", at.clock()),
            Self::Step(1) => "One window on".to_owned(),
            Self::Step(-1) => "One window back".to_owned(),
            Self::Step(n) if n >= 0 => format!("{n} windows on"),
            Self::Step(n) => format!("{} windows back", n.unsigned_abs()),
            Self::NextEvent => "Next event".to_owned(),
            Self::PreviousEvent => "Previous event".to_owned(),
            Self::ToStart => "Go to the start".to_owned(),
            Self::ToEnd => "Go to the end".to_owned(),
            Self::SetSpeed(speed) => format!("Speed {speed}×"),
            Self::Faster => "Faster".to_owned(),
            Self::Slower => "Slower".to_owned(),
            Self::Loop(Some(_)) => "Play this range over and over".to_owned(),
            Self::Loop(None) => "Stop repeating".to_owned(),
            Self::LoopFrom => "Repeat from here".to_owned(),
            Self::LoopTo => "Repeat up to here".to_owned(),
            Self::SlowAtEvents(true) => "Slow down at events".to_owned(),
            Self::SlowAtEvents(false) => "Do not slow down at events".to_owned(),
        }
    }
}
