//! Canary: step by step, by users or by servers, as Argo Rollouts.

use crate::domain::{Plan, SplitBy, Step, Strategy};

use super::{Back, Ending, Entry, Hold, Script, Share, Stage, percent};
use crate::engine::plant::{Plant, Size};
use crate::engine::replacing::{Replacing, canary_replicas};

/// Kubernetes' default limits of a replacement, in percent.
const SURGE: f64 = 25.0;
const UNAVAILABLE: f64 = 25.0;

pub(super) fn script(plan: &Plan, plant: &Plant) -> Script {
    let Strategy::Canary {
        ramp,
        by,
        dynamic_stable_scale,
        scale_down_delay,
        abort_scale_down_delay,
    } = &plan.strategy
    else {
        unreachable!("only called for a canary");
    };
    let stage = |(step, number): (Step, u32)| {
        let step = Step { weight: plan.dialect.weight(step.weight), ..step };
        let stage = Stage {
            name: format!("Canary {}", percent(step.weight)),
            share: Share::Candidate(step.weight / 100.0),
            hold: step.hold.map_or(Hold::UntilPromoted, Hold::For),
            number: Some(number),
            ..Stage::start("", Size::Percent(step.weight))
        };
        match by {
            SplitBy::Users if *dynamic_stable_scale => {
                Stage { baseline: Size::Percent(100.0 - step.weight), ..stage }
            }
            SplitBy::Users => stage,
            SplitBy::Servers => Stage { entry: by_servers(plant, step.weight), ..stage },
        }
    };
    let mut stages: Vec<Stage> = ramp.steps().into_iter().zip(1..).map(stage).collect();
    let takeover = stages.len();
    stages.push(match by {
        SplitBy::Users => Stage::takeover("Promote"),
        SplitBy::Servers => Stage { entry: by_servers(plant, 100.0), ..Stage::takeover("Promote") },
    });
    Script {
        stages,
        takeover: Some(takeover),
        last: takeover,
        ending: Ending::Promoted { baseline_lives: *scale_down_delay },
        back: Back::side_by_side(*abort_scale_down_delay),
    }
}

fn by_servers(plant: &Plant, weight: f64) -> Entry {
    let replicas = plant.full(0);
    let limits = Replacing::within(replicas, SURGE, UNAVAILABLE);
    let (candidate, baseline) = canary_replicas(replicas, weight, limits.surge > 0);
    Entry::ByReplicas(Replacing { candidate, baseline, ..limits })
}
