//! SageMaker: a new fleet is provisioned, gets the traffic at once, by shifts or in batches, and
//! bakes after each. A shadow test is a kind of its own.

use crate::domain::dialect::sagemaker::{LONGEST_WAIT, Routing, batch, wait};
use crate::domain::{Plan, SimSpan, Strategy};

use super::{Back, Ending, Hold, Script, Share, Stage, percent, shadow};
use crate::engine::plant::{Plant, Size};

pub(super) fn script(plan: &Plan, plant: &Plant) -> Script {
    let provision = Stage::start("Provision", Size::Full);
    match &plan.strategy {
        Strategy::Shadow { mirror_percent, observe, then } => {
            shadow::script(mirror_percent / 100.0, *observe, *then)
        }
        Strategy::Canary { ramp, scale_down_delay, .. } => {
            let shares = Routing::of(ramp).shares(plant.full(1));
            let shifts = shares.into_iter().map(|share| shift(plan, share));
            baked(plan, std::iter::once(provision).chain(shifts).collect(), *scale_down_delay)
        }
        Strategy::Rolling { max_surge_percent, .. } => {
            let size = batch(*max_surge_percent);
            let count = (100.0 / size).ceil() as u32;
            let batches = (1..count).map(|k| size * f64::from(k)).map(|replaced| Stage {
                baseline: Size::Percent(100.0 - replaced),
                candidate: Size::Percent(replaced),
                ..shift(plan, replaced / 100.0)
            });
            baked(plan, batches.collect(), SimSpan::ZERO)
        }
        Strategy::Direct { termination_wait: lives, .. }
        | Strategy::BlueGreen { scale_down_delay: lives, .. } => {
            baked(plan, vec![provision], *lives)
        }
        Strategy::Single | Strategy::Ab { .. } | Strategy::Bandit { .. } => {
            unreachable!("a checked plan has a strategy that its dialect knows")
        }
    }
}

fn shift(plan: &Plan, share: f64) -> Stage {
    Stage {
        share: Share::Candidate(share),
        hold: Hold::For(wait(plan)),
        number: Some(1),
        ..Stage::start(&format!("Shift {}", percent(share * 100.0)), Size::Full)
    }
}

/// After the shifts everything is switched and bakes once more.
fn baked(plan: &Plan, mut stages: Vec<Stage>, old_fleet_lives: SimSpan) -> Script {
    let last = stages.len();
    let bake = Stage { hold: Hold::For(wait(plan)), number: Some(1), ..Stage::takeover("Bake") };
    stages.push(bake);
    Script {
        stages,
        takeover: Some(last),
        last,
        ending: Ending::Promoted { baseline_lives: old_fleet_lives.min(LONGEST_WAIT) },
        back: Back::side_by_side(SimSpan::ZERO),
    }
}
