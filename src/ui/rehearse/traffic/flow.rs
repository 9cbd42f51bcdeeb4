//! The moving dots, as a pure function of time: scrubbing backwards runs them backwards.
//!
//! Dot `k` stands for the requests from number `k × worth` on. When it sets out, which arm it goes
//! to and how it ends follow from the recording and from `k` alone.

use crate::domain::{ArmId, ArmWindow, Recording, SimSpan, SimTime, Window};

/// Dots that a busy moment should show; with copies there can be twice as many.
const WANTED: f64 = 130.0;
/// More are never drawn.
pub const MOST: usize = 300;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Answered,
    Failed,
    /// Timed out: the answer came too late for the caller.
    Late,
}

/// A dot on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dot {
    pub arm: ArmId,
    /// 0 at the source, 1 at the end of its way.
    pub progress: f32,
    pub fate: Fate,
    /// A copy for a shadow.
    pub is_copy: bool,
    /// Where across the stream it runs: −1 to 1.
    pub lane: f32,
    /// A number from 0 to 1 that stays with the dot.
    pub draw: f32,
}

/// Requests counted up, window by window.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// Live requests until the end of each window.
    until: Vec<u64>,
    /// The most live requests per second in any window.
    peak: f64,
}

impl Flow {
    /// Counts the windows that were recorded since the last call.
    pub fn follow(&mut self, recording: &Recording) {
        if recording.windows.len() < self.until.len() {
            *self = Self::default();
        }
        for window in recording.windows.iter().skip(self.until.len()) {
            let before = self.until.last().copied().unwrap_or(0);
            self.until.push(before + window.arrivals());
            let secs = window.span().as_secs_f64();
            if secs > 0.0 {
                self.peak = self.peak.max(window.arrivals() as f64 / secs);
            }
        }
    }

    /// Requests that one dot stands for: 1, 2 or 5 times a power of ten, the same throughout a run.
    pub fn worth(&self, travel: SimSpan) -> u64 {
        let least = self.peak * travel.as_secs_f64() / WANTED;
        let mut size = 1;
        loop {
            for factor in [1, 2, 5] {
                if (size * factor) as f64 >= least {
                    return size * factor;
                }
            }
            size *= 10;
        }
    }

    /// The dots under way at `now`, each of which needs `travel` for its whole way.
    pub fn dots(&self, recording: &Recording, now: SimTime, travel: SimSpan) -> Vec<Dot> {
        let worth = self.worth(travel);
        let first = self.count(recording, now - travel).div_ceil(worth);
        let last = self.count(recording, now) / worth;
        let mut dots = Vec::new();
        for number in first..=last {
            let Some((window, at)) = self.departure(recording, number * worth) else { break };
            let progress = (now.since(at).as_secs_f64() / travel.as_secs_f64().max(1e-9)) as f32;
            if at > now || progress >= 1.0 {
                continue;
            }
            dots.extend(live(window, number, progress));
            dots.extend(copy(window, number, progress));
            if dots.len() >= MOST {
                break;
            }
        }
        dots.truncate(MOST);
        dots
    }

    /// Live requests until `at`, evenly spread within a window.
    fn count(&self, recording: &Recording, at: SimTime) -> u64 {
        let place = recording.windows.partition_point(|window| window.end <= at);
        let before = place.checked_sub(1).and_then(|k| self.until.get(k)).copied().unwrap_or(0);
        let Some(window) = recording.windows.get(place) else { return before };
        let share = at.since(window.start).as_secs_f64() / window.span().as_secs_f64().max(1e-9);
        before + (window.arrivals() as f64 * share.min(1.0)) as u64
    }

    /// When request `number` arrived, and in which window.
    fn departure<'a>(
        &self,
        recording: &'a Recording,
        number: u64,
    ) -> Option<(&'a Window, SimTime)> {
        let place = self.until.partition_point(|count| *count <= number);
        let window = recording.windows.get(place)?;
        let before = place.checked_sub(1).and_then(|k| self.until.get(k)).copied().unwrap_or(0);
        let share = (number - before) as f64 / window.arrivals().max(1) as f64;
        let offset = SimSpan::from_secs_f64(window.span().as_secs_f64() * share);
        Some((window, window.start + offset))
    }
}

fn live(window: &Window, number: u64, progress: f32) -> Option<Dot> {
    let mut draw = uniform(number, 1) * window.arrivals() as f64;
    let taken = window.arms.iter().enumerate().find(|(_, arm)| {
        draw -= arm.arrivals as f64;
        draw < 0.0
    });
    let (place, arm) = taken?;
    let fates = [arm.errors + arm.rejected, arm.timeouts];
    Some(dot(ArmId::new(place), number, progress, fate(arm, fates, number)))
}

fn copy(window: &Window, number: u64, progress: f32) -> Option<Dot> {
    let (place, arm) = window.arms.iter().enumerate().skip(1).find(|(_, arm)| arm.mirrored > 0)?;
    let share = arm.mirrored as f64 / window.arrivals().max(1) as f64;
    let fate = fate(arm, [arm.mirror_failed, 0], number);
    (uniform(number, 2) < share)
        .then(|| Dot { is_copy: true, ..dot(ArmId::new(place), number, progress, fate) })
}

fn dot(arm: ArmId, number: u64, progress: f32, fate: Fate) -> Dot {
    let lane = uniform(number, 3) as f32 * 2.0 - 1.0;
    Dot { arm, progress, fate, is_copy: false, lane, draw: uniform(number, 4) as f32 }
}

fn fate(arm: &ArmWindow, [failed, late]: [u64; 2], number: u64) -> Fate {
    let draw = uniform(number, 5) * arm.finished().max(1) as f64;
    if draw < failed as f64 {
        Fate::Failed
    } else if draw < (failed + late) as f64 {
        Fate::Late
    } else {
        Fate::Answered
    }
}

/// A number from 0 to 1 that belongs to a dot and a purpose (splitmix64).
fn uniform(number: u64, purpose: u64) -> f64 {
    let mut x = number.wrapping_mul(8).wrapping_add(purpose).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::domain::StrategyKind;

    const TRAVEL: SimSpan = SimSpan::from_secs(12);

    fn at(kind: StrategyKind, secs: u64) -> Vec<Dot> {
        let recording = fixture::recording(kind);
        let mut flow = Flow::default();
        flow.follow(&recording);
        flow.dots(&recording, SimTime::from_secs(secs), TRAVEL)
    }

    #[test]
    fn dots_depend_on_the_time_alone_and_are_few() {
        for kind in StrategyKind::ALL {
            for secs in [0, 1, 60, 150, 320] {
                let dots = at(kind, secs);
                assert_eq!(dots, at(kind, secs));
                assert!(dots.len() <= MOST, "{} dots", dots.len());
                assert!(dots.iter().all(|dot| (0.0..1.0).contains(&dot.progress)));
            }
        }
    }

    #[test]
    fn a_dot_moves_on_and_keeps_its_arm() {
        let (then, now) = (at(StrategyKind::Canary, 120), at(StrategyKind::Canary, 121));
        let followed = then.iter().filter(|dot| {
            now.iter().any(|later| {
                later.draw == dot.draw
                    && later.arm == dot.arm
                    && (later.progress - dot.progress - 1.0 / 12.0).abs() < 1e-3
            })
        });
        let leaving = then.iter().filter(|dot| dot.progress > 1.0 - 1.0 / 12.0 - 1e-3).count();
        assert_eq!(followed.count(), then.len() - leaving);
    }

    #[test]
    fn shares_copies_and_faults_are_seen() {
        let of_b = |dots: &[Dot]| dots.iter().filter(|dot| dot.arm == ArmId::CANDIDATE).count();
        assert_eq!(of_b(&at(StrategyKind::Canary, 20)), 0);
        let quarter = at(StrategyKind::Canary, 130);
        let share = of_b(&quarter) as f64 / quarter.len() as f64;
        assert!((0.15..0.35).contains(&share), "{share}");
        let shadow = at(StrategyKind::Shadow, 100);
        let copies = shadow.iter().filter(|dot| dot.is_copy).count();
        assert!((copies * 2).abs_diff(shadow.len()) <= shadow.len() / 10, "{copies} copies");
        let faulty = at(StrategyKind::Ab, 155);
        assert!(faulty.iter().any(|dot| dot.fate == Fate::Late));
        assert!(faulty.iter().any(|dot| dot.fate == Fate::Failed));
    }

    #[test]
    fn a_dots_worth_is_a_round_number() {
        let flow = Flow { until: vec![], peak: 4_200.0 };
        assert_eq!(flow.worth(SimSpan::from_secs(10)), 500);
        assert_eq!(Flow::default().worth(TRAVEL), 1);
    }
}
