//! Single: the baseline alone, to see what is normal.

use crate::domain::SimSpan;

use super::{Back, Ending, Hold, Script, Stage};
use crate::engine::plant::Size;

pub(super) fn script() -> Script {
    let alone =
        Stage { hold: Hold::Forever, number: Some(1), ..Stage::start("Baseline", Size::None) };
    Script {
        stages: vec![alone],
        takeover: None,
        last: 0,
        ending: Ending::Retained,
        back: Back::side_by_side(SimSpan::ZERO),
    }
}
