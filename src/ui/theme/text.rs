//! Texts by what they are for.

use egui::RichText;

use crate::picture::semibold;

/// 11 points: captions, units, what is said on the side.
pub fn small(text: impl Into<String>) -> RichText {
    RichText::new(text).small()
}

/// 13 points, semi-bold: what a card or a row is about.
pub fn strong(text: impl Into<String>) -> RichText {
    RichText::new(text).font(semibold(13.0))
}

/// 16 points, semi-bold: the heading of a screen or section.
pub fn title(text: impl Into<String>) -> RichText {
    RichText::new(text).font(semibold(16.0))
}

/// 22 points, semi-bold: the one answer of a screen.
pub fn verdict(text: impl Into<String>) -> RichText {
    RichText::new(text).font(semibold(22.0))
}

/// Digests, commands, and other text whose every sign counts.
pub fn number(text: impl Into<String>) -> RichText {
    RichText::new(text).monospace()
}
