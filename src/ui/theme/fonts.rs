//! Inter for text (with figures of equal width) and JetBrains Mono for code.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, FontId, RichText};

const SEMIBOLD: &str = "semibold";

/// Our fonts first; egui's own follow for signs that they lack.
pub fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let files: [(&str, &'static [u8]); 3] = [
        ("Inter Medium", include_bytes!("../../../assets/fonts/Inter-Medium.otf")),
        ("Inter SemiBold", include_bytes!("../../../assets/fonts/Inter-SemiBold.otf")),
        ("JetBrains Mono", include_bytes!("../../../assets/fonts/JetBrainsMono-Regular.ttf")),
    ];
    for (name, bytes) in files {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let fallbacks = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let mut add = |family: FontFamily, first: &str| {
        let list = std::iter::once(first.to_owned()).chain(fallbacks.iter().cloned()).collect();
        fonts.families.insert(family, list);
    };
    add(FontFamily::Proportional, "Inter Medium");
    add(FontFamily::Name(SEMIBOLD.into()), "Inter SemiBold");
    add(FontFamily::Monospace, "JetBrains Mono");
    fonts
}

/// The semi-bold face at a size in points.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

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
