//! Colours of what is written: the window's light theme, as CSS writes them. A test of the theme
//! holds both to one another.

use crate::domain::{ArmId, Verdict};

pub const TEXT: &str = "#171B1F";
pub const SUBDUED: &str = "#57616B";
pub const EDGE: &str = "#D9DFE5";
pub const GRID: &str = "#E1E6EA";
pub const GROUND: &str = "#F6F8FA";
pub const CARD: &str = "#FFFFFF";
pub const PASS: &str = "#1A7F37";
pub const WARN: &str = "#946200";
pub const FAIL: &str = "#CF222E";

const ARMS: [&str; 4] = ["#0B5CAD", "#D26100", "#009E8C", "#7A2A6B"];
const DASHES: [&str; 4] = ["", "", "5 3", "1.5 2.5"];

/// An arm's colour.
pub fn arm(arm: ArmId) -> &'static str {
    ARMS.get(arm.index()).copied().unwrap_or(TEXT)
}

/// How an arm's line is dashed; empty: it is not. Colour is never alone.
pub fn dash(arm: ArmId) -> &'static str {
    DASHES.get(arm.index()).copied().unwrap_or_default()
}

pub fn of_verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => PASS,
        Verdict::Fail | Verdict::Error => FAIL,
        Verdict::Hold | Verdict::Inconclusive => WARN,
    }
}

/// The sign beside a verdict's word.
pub fn glyph(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Fail | Verdict::Error => "✕",
        Verdict::Hold | Verdict::Inconclusive => "○",
    }
}
