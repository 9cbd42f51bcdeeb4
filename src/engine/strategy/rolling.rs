//! Rolling: replica by replica, as a Kubernetes deployment.

use crate::domain::SimSpan;

use super::{Back, Ending, Entry, Hold, Script, Stage};
use crate::engine::plant::{Plant, Size};
use crate::engine::replacing::Replacing;

pub(super) fn script(
    plant: &Plant,
    [surge, unavailable]: [f64; 2],
    min_ready: SimSpan,
    bake: SimSpan,
) -> Script {
    let replacing = Replacing {
        candidate: plant.full(1),
        baseline: 0,
        min_ready,
        ..Replacing::within(plant.full(0).max(plant.full(1)), surge, unavailable)
    };
    let replace = Stage {
        entry: Entry::ByReplicas(replacing),
        number: Some(1),
        ..Stage::takeover("Replace replicas")
    };
    let baked = Stage {
        hold: Hold::For(bake),
        number: Some(2),
        baseline: Size::None,
        ..Stage::takeover("Bake")
    };
    Script {
        stages: vec![replace, baked],
        takeover: Some(0),
        last: 1,
        ending: Ending::Promoted { baseline_lives: SimSpan::ZERO },
        back: Back::side_by_side(SimSpan::ZERO),
    }
}
