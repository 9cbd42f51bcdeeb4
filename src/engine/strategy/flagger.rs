//! Flagger: every stage ends at a tick; then the primary gets the candidate's model, all traffic
//! returns to it, and the canary's fleet goes.

use crate::domain::dialect::flagger;
use crate::domain::{Plan, SimSpan, Strategy};

use super::{Back, Ending, Hold, Script, Share, Stage, percent};
use crate::engine::plant::{Plant, Size};

pub(super) fn script(plan: &Plan, plant: &Plant) -> Script {
    let every = flagger::interval(plan);
    let tick = |confirm: bool| Hold::Tick { every, confirm };
    let start = Stage { hold: tick(false), ..Stage::start("Start canary", Size::Full) };
    let released = match &plan.strategy {
        Strategy::Canary { ramp, .. } => {
            let stage = |(weight, number): (flagger::Weight, u32)| Stage {
                share: Share::Candidate(weight.percent / 100.0),
                hold: tick(weight.confirm),
                number: Some(number),
                ..Stage::start(&format!("Canary {}", percent(weight.percent)), Size::Full)
            };
            flagger::weights(ramp).into_iter().zip(1..).map(stage).collect()
        }
        Strategy::BlueGreen { preview_mirror_percent, auto_promote, .. } => {
            let preview = Stage {
                mirror: preview_mirror_percent / 100.0,
                hold: tick(!auto_promote),
                number: Some(1),
                ..Stage::start("Preview", Size::Full)
            };
            vec![preview, Stage { hold: tick(false), number: Some(2), ..Stage::takeover("Switch") }]
        }
        // Without analysis all is promoted once the candidate is ready.
        _ => return ended(vec![start, Stage::takeover("Promote")]),
    };
    // While it is promoted the model runs in two fleets: the canary's, and the primary's new one.
    let both = Size::Replicas(plant.full(1).saturating_mul(2));
    let share = released.last().map_or(Share::Candidate(1.0), |stage| stage.share.clone());
    let promoting = Stage { share, hold: tick(false), ..Stage::start("Copy to the primary", both) };
    let finalising = Stage {
        baseline: Size::None,
        candidate: both,
        hold: tick(false),
        ..Stage::takeover("All to the primary")
    };
    let scaled_down = Stage { baseline: Size::None, ..Stage::takeover("Scale the canary down") };
    let mut stages = vec![start];
    stages.extend(released);
    stages.extend([promoting, finalising, scaled_down]);
    ended(stages)
}

/// The last stage is the one in which the candidate has everything for good.
fn ended(stages: Vec<Stage>) -> Script {
    let last = stages.len() - 1;
    Script {
        stages,
        takeover: Some(last),
        last,
        ending: Ending::Promoted { baseline_lives: SimSpan::ZERO },
        back: Back::side_by_side(SimSpan::ZERO),
    }
}
