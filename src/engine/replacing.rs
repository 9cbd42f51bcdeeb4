//! Replicas of one arm for those of another, within the limits of a Kubernetes deployment.

use crate::domain::SimSpan;

use super::plant::{Plant, Size};

/// How many replicas each arm is to have in the end, and what must hold on the way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Replacing {
    pub candidate: u32,
    pub baseline: u32,
    /// Replicas of a full fleet.
    pub full: u32,
    /// At most so many more than a full fleet at any time.
    pub surge: u32,
    /// At most so many fewer ready ones.
    pub unavailable: u32,
    /// New replicas must be ready so long before the next go.
    pub min_ready: SimSpan,
}

impl Replacing {
    /// Limits in percent of a full fleet: surge rounds up, unavailable down; with neither, one
    /// replica may be missing.
    pub fn within(full: u32, surge_percent: f64, unavailable_percent: f64) -> Self {
        let part = |percent: f64| f64::from(full) * percent / 100.0;
        let surge = (part(surge_percent) - 1e-9).ceil().max(0.0) as u32;
        let unavailable = (part(unavailable_percent) + 1e-9).floor() as u32;
        Self {
            candidate: 0,
            baseline: full,
            full,
            surge,
            unavailable: if surge == 0 { unavailable.max(1) } else { unavailable },
            min_ready: SimSpan::ZERO,
        }
    }

    /// The way back.
    pub fn reversed(self, baseline: u32) -> Self {
        Self { candidate: 0, baseline, ..self }
    }

    /// Goes as far as the limits allow now. `is_settled`: what is ready has been so long enough.
    /// True once all replicas are as they are to be.
    pub fn step(self, plant: &mut Plant, candidate: usize, is_settled: bool) -> bool {
        let wanted = [(candidate, self.candidate), (0, self.baseline)];
        self.grow(plant, candidate, wanted);
        self.shrink(plant, candidate, wanted, is_settled);
        // What went has made room.
        self.grow(plant, candidate, wanted);
        let is_there = |(arm, replicas): (usize, u32)| {
            plant.target(arm) == replicas && plant.ready(arm) >= replicas
        };
        is_settled && wanted.into_iter().all(is_there)
    }

    fn grow(self, plant: &mut Plant, candidate: usize, wanted: [(usize, u32); 2]) {
        for (arm, replicas) in wanted {
            let (has, all) = (plant.target(arm), plant.target(0) + plant.target(candidate));
            let room = (self.full + self.surge).saturating_sub(all);
            if has < replicas && room > 0 {
                plant.resize(arm, Size::Replicas(replicas.min(has + room)));
            }
        }
    }

    fn shrink(
        self,
        plant: &mut Plant,
        candidate: usize,
        wanted: [(usize, u32); 2],
        is_settled: bool,
    ) {
        for (arm, replicas) in wanted {
            let has = plant.target(arm);
            let ready = plant.ready(0) + plant.ready(candidate);
            // Replicas that are not ready yet are missed by nobody.
            let unready = has.saturating_sub(plant.ready(arm));
            let spare = ready.saturating_sub(self.full.saturating_sub(self.unavailable));
            let may_go = if is_settled { spare + unready } else { unready };
            if has > replicas && may_go > 0 {
                plant.resize(arm, Size::Replicas(replicas.max(has.saturating_sub(may_go))));
            }
        }
    }
}

/// Replicas of candidate and baseline that come nearest to `weight` percent for the candidate, as
/// Argo Rollouts chooses them where replicas carry the split: rounded up or down, among `replicas`
/// or, where one more may surge, among one more; of equally near ones the first.
pub(super) fn canary_replicas(replicas: u32, weight: f64, may_surge: bool) -> (u32, u32) {
    let alone = replicas == 1 && !may_surge;
    let is_partial = weight > 0.0 && weight < 100.0;
    let mut best: Option<(f64, u32, u32)> = None;
    let totals = [Some(replicas), may_surge.then_some(replicas + 1)];
    for total in totals.into_iter().flatten().filter(|total| *total > 0) {
        let exact = f64::from(total) * weight / 100.0;
        for candidate in [(exact - 1e-9).ceil() as u32, (exact + 1e-9).floor() as u32] {
            let is_all_or_none = candidate == 0 || candidate == total;
            if is_partial && is_all_or_none && !alone {
                continue;
            }
            let miss = (f64::from(candidate) / f64::from(total) * 100.0 - weight).abs();
            if best.is_none_or(|(least, ..)| miss < least - 1e-9) {
                best = Some((miss, candidate, total - candidate));
            }
        }
    }
    best.map_or((0, replicas), |(_, candidate, baseline)| (candidate, baseline))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_are_argos() {
        // (replicas, weight, surge) ⇒ (candidate, baseline), computed from Argo Rollouts' rules.
        let table = [
            ((1, 50.0, false), (1, 0)),
            ((1, 10.0, true), (1, 1)),
            ((3, 10.0, true), (1, 3)),
            ((5, 10.0, false), (1, 4)),
            ((10, 15.0, true), (2, 9)),
            ((10, 1.0, true), (1, 10)),
            ((10, 100.0, true), (10, 0)),
            ((10, 0.0, true), (0, 10)),
            ((4, 50.0, true), (2, 2)),
        ];
        for ((replicas, weight, surge), want) in table {
            assert_eq!(canary_replicas(replicas, weight, surge), want, "{replicas} at {weight} %");
        }
    }

    #[test]
    fn surge_rounds_up_and_unavailable_down() {
        let limits = |full, surge, unavailable| {
            let replacing = Replacing::within(full, surge, unavailable);
            (replacing.surge, replacing.unavailable)
        };
        assert_eq!(limits(10, 25.0, 25.0), (3, 2));
        assert_eq!(limits(1, 25.0, 25.0), (1, 0));
        assert_eq!(limits(3, 0.0, 25.0), (0, 1), "both at zero would never get anywhere");
        assert_eq!(limits(4, 25.0, 25.0), (1, 1));
    }
}
