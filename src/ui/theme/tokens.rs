//! Colours by role, one set per theme.

use egui::{Color32, Theme, Ui};

use crate::domain::{ArmId, MAX_ARMS};

/// What each colour is for. Arm colours were chosen by contrast with the ground (3:1 or more) and
/// by their distance from one another under normal sight and three kinds of colour blindness.
#[derive(Clone, Debug, PartialEq)]
pub struct Tokens {
    pub is_dark: bool,
    /// Behind the cards, in the middle of the window.
    pub ground: Color32,
    /// Rails, bars and inspectors at the window's sides.
    pub panel: Color32,
    pub card: Color32,
    /// Fills inside a card: boxes of the diagram, rows that stand out.
    pub raised: Color32,
    /// Outlines of cards, and lines between panels.
    pub edge: Color32,
    /// Empty tracks and bars.
    pub track: Color32,
    /// Behind text fields and plots.
    pub well: Color32,

    pub text: Color32,
    /// Units, captions, what is said on the side.
    pub subdued: Color32,
    /// What is not there yet or cannot be used.
    pub faint: Color32,

    /// Selection, focus, links, the current place.
    pub accent: Color32,
    /// Ground of what is selected.
    pub accent_ground: Color32,
    /// Fill of the one button that goes on, and the text on it.
    pub primary: Color32,
    pub primary_hovered: Color32,
    pub on_primary: Color32,

    pub button: Color32,
    pub button_hovered: Color32,
    pub button_pressed: Color32,
    pub button_edge: Color32,

    /// Status colours: never without a word and a glyph.
    pub pass: Color32,
    pub warn: Color32,
    pub fail: Color32,

    pub grid: Color32,
    /// The time cursor.
    pub cursor: Color32,
    pub shadow: Color32,

    arms: [Color32; MAX_ARMS],
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

pub static DARK: Tokens = Tokens {
    is_dark: true,
    ground: rgb(0x0F1215),
    panel: rgb(0x14171A),
    card: rgb(0x191D21),
    raised: rgb(0x21262B),
    edge: rgb(0x2A3036),
    track: rgb(0x262B31),
    well: rgb(0x121518),
    text: rgb(0xE8ECF0),
    subdued: rgb(0x9DA7B1),
    faint: rgb(0x6B7580),
    accent: rgb(0x93A4FF),
    accent_ground: rgb(0x2A3157),
    primary: rgb(0x4A59C7),
    primary_hovered: rgb(0x5868D8),
    on_primary: rgb(0xFFFFFF),
    button: rgb(0x272D33),
    button_hovered: rgb(0x30373E),
    button_pressed: rgb(0x3A424A),
    button_edge: rgb(0x363D45),
    pass: rgb(0x3FB950),
    warn: rgb(0xE3B341),
    fail: rgb(0xFF6B61),
    grid: rgb(0x2B3137),
    cursor: rgb(0xE8ECF0),
    shadow: Color32::from_black_alpha(110),
    arms: [rgb(0x2F7FE6), rgb(0xF08A33), rgb(0x4FE3C4), rgb(0xE9A9EC)],
};

pub static LIGHT: Tokens = Tokens {
    is_dark: false,
    ground: rgb(0xF3F5F7),
    panel: rgb(0xFBFCFD),
    card: rgb(0xFFFFFF),
    raised: rgb(0xF6F8FA),
    edge: rgb(0xD9DFE5),
    track: rgb(0xE4E8EC),
    well: rgb(0xFFFFFF),
    text: rgb(0x171B1F),
    subdued: rgb(0x57616B),
    faint: rgb(0x868F98),
    accent: rgb(0x4350C0),
    accent_ground: rgb(0xE1E5FB),
    primary: rgb(0x4350C0),
    primary_hovered: rgb(0x3843A8),
    on_primary: rgb(0xFFFFFF),
    button: rgb(0xEEF1F4),
    button_hovered: rgb(0xE3E8EC),
    button_pressed: rgb(0xD6DCE2),
    button_edge: rgb(0xCDD4DB),
    pass: rgb(0x1A7F37),
    warn: rgb(0x946200),
    fail: rgb(0xCF222E),
    grid: rgb(0xE1E6EA),
    cursor: rgb(0x171B1F),
    shadow: Color32::from_black_alpha(30),
    arms: [rgb(0x0B5CAD), rgb(0xD26100), rgb(0x009E8C), rgb(0x7A2A6B)],
};

impl Tokens {
    pub fn of_theme(theme: Theme) -> &'static Self {
        match theme {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }

    /// The tokens of the theme in which `ui` is drawn.
    pub fn of(ui: &Ui) -> &'static Self {
        if ui.visuals().dark_mode { &DARK } else { &LIGHT }
    }

    pub fn arm(&self, arm: ArmId) -> Color32 {
        self.arms[arm.index()]
    }

    /// An arm's colour laid thinly over the card: grounds of streams, stages and bands.
    pub fn arm_ground(&self, arm: ArmId, strength: f32) -> Color32 {
        mix(self.card, self.arm(arm), strength)
    }
}

/// `share` (0 to 1) of `over` on `ground`, opaque.
pub fn mix(ground: Color32, over: Color32, share: f32) -> Color32 {
    ground.lerp_to_gamma(over, share.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG defines it.
    fn luminance(colour: Color32) -> f64 {
        let linear = |byte: u8| {
            let c = f64::from(byte) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn reports_are_written_in_the_light_theme() {
        use crate::report::palette;
        let hex =
            |colour: Color32| format!("#{:02X}{:02X}{:02X}", colour.r(), colour.g(), colour.b());
        for (written, shown) in [
            (palette::TEXT, LIGHT.text),
            (palette::SUBDUED, LIGHT.subdued),
            (palette::EDGE, LIGHT.edge),
            (palette::GRID, LIGHT.grid),
            (palette::GROUND, LIGHT.raised),
            (palette::CARD, LIGHT.card),
            (palette::PASS, LIGHT.pass),
            (palette::WARN, LIGHT.warn),
            (palette::FAIL, LIGHT.fail),
        ] {
            assert_eq!(written, hex(shown));
        }
        for arm in (0..MAX_ARMS).map(ArmId::new) {
            assert_eq!(palette::arm(arm), hex(LIGHT.arm(arm)));
        }
    }

    #[test]
    fn text_and_marks_can_be_read_on_every_ground() {
        for t in [&DARK, &LIGHT] {
            for ground in [t.ground, t.panel, t.card, t.raised] {
                assert!(contrast(t.text, ground) >= 10.0, "text");
                for (name, colour) in [
                    ("subdued", t.subdued),
                    ("accent", t.accent),
                    ("pass", t.pass),
                    ("warn", t.warn),
                    ("fail", t.fail),
                ] {
                    let got = contrast(colour, ground);
                    assert!(got >= 4.5, "{name} {got:.2}, dark: {}", t.is_dark);
                }
                assert!(contrast(t.faint, ground) >= 2.9, "faint");
            }
            for arm in 0..MAX_ARMS {
                let got = contrast(t.arm(ArmId::new(arm)), t.card);
                assert!(got >= 3.0, "arm {arm} {got:.2}, dark: {}", t.is_dark);
            }
            assert!(contrast(t.on_primary, t.primary) >= 4.5);
        }
    }
}
