//! A state with all strategies compared, for tests.

use std::sync::Arc;

use crate::app::{Place, State};
use crate::domain::StrategyKind;
use crate::stats::ledger;
use crate::ui::rehearse::fixture;
use crate::worker::Compared;

/// On the Compare screen, with every strategy.
pub fn compared() -> State {
    let compared = StrategyKind::ALL.map(|kind| {
        let plan = fixture::plan(kind);
        let mut recording = fixture::recording(kind);
        for window in &mut recording.windows {
            if let Some(quality) = window.arms.get_mut(1).and_then(|arm| arm.quality.first_mut()) {
                (quality.harm, quality.gain) = (quality.answers / 30, quality.answers / 20);
            }
        }
        let ledger = ledger(&recording, &plan);
        Compared { kind, plan, recording, ledger }
    });
    State { place: Place::Compare, compared: Some(Arc::new(compared.into())), ..State::default() }
}
