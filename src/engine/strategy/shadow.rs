//! Shadow: the candidate answers copies; nobody sees its answers.

use crate::domain::{ShadowEnd, SimSpan};

use super::{Back, Ending, Hold, Script, Stage};
use crate::engine::plant::Size;

pub(super) fn script(mirror: f64, observe: SimSpan, then: ShadowEnd) -> Script {
    let shadow = Stage {
        mirror,
        hold: Hold::For(observe),
        number: Some(1),
        ..Stage::start("Shadow", Size::Full)
    };
    let (last, ending) = match then {
        ShadowEnd::Promote => (2, Ending::Promoted { baseline_lives: SimSpan::ZERO }),
        ShadowEnd::Retain => (1, Ending::Retained),
        ShadowEnd::Remove => (1, Ending::Removed),
    };
    Script {
        stages: vec![Stage::start("Start shadow", Size::Full), shadow, Stage::takeover("Promote")],
        takeover: Some(2),
        last,
        ending,
        back: Back::side_by_side(SimSpan::ZERO),
    }
}
