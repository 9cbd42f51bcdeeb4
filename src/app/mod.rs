//! What the program is doing: its state, and the commands that change it. Knows no widget.

pub mod playback;

pub use playback::{Playback, PlaybackCommand};
