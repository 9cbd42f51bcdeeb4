//! Blue-green: green is checked with copies, then one switch moves everybody.

use crate::domain::{Dialect, Plan, SimSpan, Strategy};

use super::{Back, Ending, Hold, Script, Stage};
use crate::engine::plant::Size;

/// Green is kept so long after the way back, as Argo does.
const GREEN_LIVES: SimSpan = SimSpan::from_secs(30);

pub(super) fn script(plan: &Plan) -> Script {
    let Strategy::BlueGreen {
        preview,
        preview_mirror_percent,
        preview_replicas,
        auto_promote,
        bake,
        scale_down_delay,
    } = &plan.strategy
    else {
        unreachable!("only called for blue-green");
    };
    let green = preview_replicas.map_or(Size::Full, Size::Replicas);
    let mirror = preview_mirror_percent / 100.0;
    let watched = |name| Stage { mirror, number: Some(1), ..Stage::start(name, green) };
    let mut stages = vec![Stage::start("Start green", green)];
    // Argo Rollouts counts down only once the analysis before the promotion has succeeded.
    let analyses_first =
        plan.dialect == Dialect::Argo && plan.gates.iter().any(|gate| gate.only_stage == Some(1));
    if analyses_first {
        stages.push(watched("Analysis before promotion"));
    }
    let number = Some(1).filter(|_| !analyses_first);
    stages.push(Stage { hold: Hold::For(*preview), number, ..watched("Preview") });
    if !auto_promote {
        stages.push(Stage {
            mirror,
            hold: Hold::UntilPromoted,
            ..Stage::start("Wait for promotion", green)
        });
    }
    if preview_replicas.is_some() {
        stages.push(Stage::start("Scale green", Size::Full));
    }
    stages.push(Stage { hold: Hold::For(*bake), number: Some(2), ..Stage::takeover("Bake") });
    let last = stages.len() - 1;
    Script {
        stages,
        takeover: Some(last),
        last,
        ending: Ending::Promoted { baseline_lives: *scale_down_delay },
        back: Back::side_by_side(GREEN_LIVES),
    }
}
