//! Blue-green: green is checked with copies, then one switch moves everybody.

use crate::domain::{SimSpan, Strategy};

use super::{Back, Ending, Hold, Script, Stage};
use crate::engine::plant::Size;

/// Green is kept so long after the way back, as Argo does.
const GREEN_LIVES: SimSpan = SimSpan::from_secs(30);

pub(super) fn script(strategy: &Strategy) -> Script {
    let Strategy::BlueGreen {
        preview,
        preview_mirror_percent,
        preview_replicas,
        auto_promote,
        bake,
        scale_down_delay,
    } = strategy
    else {
        unreachable!("only called for blue-green");
    };
    let green = preview_replicas.map_or(Size::Full, Size::Replicas);
    let mirror = preview_mirror_percent / 100.0;
    let mut stages = vec![
        Stage::start("Start green", green),
        Stage {
            mirror,
            hold: Hold::For(*preview),
            number: Some(1),
            ..Stage::start("Preview", green)
        },
    ];
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
