//! Inter for text (with figures of equal width) and JetBrains Mono for code.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, FontId};

const SEMIBOLD: &str = "semibold";

/// Our fonts first; egui's own follow for signs that they lack. Every letter is `scale` times as large
/// as it is asked for, whoever asks.
pub fn fonts(scale: f32) -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let files: [(&str, &'static [u8]); 3] = [
        ("Inter Medium", include_bytes!("../../assets/fonts/Inter-Medium.otf")),
        ("Inter SemiBold", include_bytes!("../../assets/fonts/Inter-SemiBold.otf")),
        ("JetBrains Mono", include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf")),
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
    for data in fonts.font_data.values_mut() {
        Arc::make_mut(data).tweak.scale *= scale;
    }
    fonts
}

/// The semi-bold face at a size in points.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}
