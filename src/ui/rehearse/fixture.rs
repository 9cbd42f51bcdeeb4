//! The report's recordings made by hand, played back.

use crate::app::Playback;
use crate::domain::{Recording, SimTime};

pub use crate::report::fixture::{batch, plan, recording};

/// A finished run's playback, paused at `secs`.
pub fn playback(recording: &Recording, secs: u64) -> Playback {
    let mut playback = Playback::new(recording.end().since(SimTime::START));
    playback.follow(recording, true);
    playback.apply(crate::app::PlaybackCommand::Seek(SimTime::from_secs(secs)), recording);
    playback
}
