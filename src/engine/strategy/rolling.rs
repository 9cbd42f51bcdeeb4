//! Rolling: replica by replica, as a Kubernetes deployment.

use crate::domain::SimSpan;

use super::{Back, Ending, Entry, Hold, Script, Share, Stage, percent};
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
    ended(vec![replace, baked])
}

/// Where jobs answer everything there are no fleets, and the rows go over in parts: as many at a time
/// as `machines` that may be replaced at once would score.
pub(super) fn script_of_jobs(
    machines: u32,
    [surge, unavailable]: [f64; 2],
    min_ready: SimSpan,
    bake: SimSpan,
) -> Script {
    let limits = Replacing::within(machines, surge, unavailable);
    let part = (limits.surge + limits.unavailable).max(1);
    let parts = machines.div_ceil(part).max(1);
    let replace = |count: u32| {
        let share = f64::from((part * count).min(machines)) / f64::from(machines.max(1));
        Stage {
            share: Share::Candidate(share),
            hold: Hold::For(min_ready),
            number: Some(1),
            ..Stage::takeover(&format!("Replace {}", percent(share * 100.0)))
        }
    };
    let mut stages: Vec<Stage> = (1..=parts).map(replace).collect();
    stages.push(Stage { hold: Hold::For(bake), number: Some(2), ..Stage::takeover("Bake") });
    ended(stages)
}

/// The candidate has everything in the stage before the last.
fn ended(stages: Vec<Stage>) -> Script {
    let last = stages.len() - 1;
    Script {
        stages,
        takeover: Some(last - 1),
        last,
        ending: Ending::Promoted { baseline_lives: SimSpan::ZERO },
        back: Back::side_by_side(SimSpan::ZERO),
    }
}
