//! Direct: everything at once, as SageMaker's `ALL_AT_ONCE`.

use crate::domain::SimSpan;

use super::{Back, Ending, Entry, Hold, Script, Stage};
use crate::engine::plant::Size;

pub(super) fn script(in_place: bool, bake: SimSpan, termination_wait: SimSpan) -> Script {
    let first = if in_place {
        // The old fleet makes room before the new one is there.
        Stage { baseline: Size::None, entry: Entry::AtOnce, ..Stage::takeover("Replace in place") }
    } else {
        Stage::start("Start candidate", Size::Full)
    };
    let baked = Stage {
        hold: Hold::For(bake),
        number: Some(1),
        baseline_lives: Some(termination_wait),
        baseline: if in_place { Size::None } else { Size::Full },
        ..Stage::takeover("Bake")
    };
    Script {
        stages: vec![first, baked],
        takeover: Some(1),
        last: 1,
        ending: Ending::Promoted { baseline_lives: SimSpan::ZERO },
        back: Back { candidate_lives: SimSpan::ZERO, in_place },
    }
}
