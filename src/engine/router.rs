//! The way of each request: its row, its unit, its arm, and whether it waits for a job or is copied.

use std::sync::Arc;

use crate::domain::{ArmId, Plan, Rows};

use super::arrivals::ArrivalCursor;
use super::flow::{CHUNK, Lot};
use super::random::{Concern, Stream, threshold};
use super::row_order::RowSource;
use super::units::{Seen, UnitSource};

/// Where requests go until the next look.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Routes {
    /// Share of each arm, the baseline first.
    pub shares: Vec<f64>,
    /// Share of the baseline's requests that is copied to the first candidate.
    pub mirror: f64,
}

/// One arm's part of a chunk: `count` requests at the start of `lot`.
pub(super) struct Batch {
    pub lot: Lot,
    pub count: usize,
}

impl Batch {
    fn new() -> Self {
        Self { lot: Lot::new(), count: 0 }
    }

    #[inline]
    fn push(&mut self, index: u64, arrival: u64, row: u32) {
        let place = self.count & (CHUNK - 1);
        self.lot.index[place] = index;
        self.lot.arrival[place] = arrival;
        self.lot.row[place] = row;
        self.count += 1;
    }
}

pub(super) struct Router {
    rows: RowSource,
    units: UnitSource,
    mirror: Stream,
    batch: Stream,
    /// Requests below it wait for the job.
    batch_limit: u64,
    arrivals: Vec<u64>,
    row_of: Vec<u32>,
    bucket_of: Vec<u32>,
    unit_of: Vec<u32>,
    arm_of: Vec<u8>,
    /// Per arm: requests answered on arrival.
    pub live: Vec<Batch>,
    /// Per arm: requests that wait for the job.
    pub jobs: Vec<Batch>,
    /// Copies for the first candidate, answered at once and by its job.
    pub copies: Batch,
    pub job_copies: Batch,
    seen: Vec<Seen>,
}

impl Router {
    /// `by_time` holds all rows in the order of their times.
    pub fn new(plan: &Plan, rows: &Rows, by_time: &Arc<[u32]>) -> Self {
        let units = UnitSource::new(&plan.traffic, rows, plan.seed);
        let arms = plan.arms.len();
        let parts = || (0..arms).map(|_| Batch::new()).collect();
        Self {
            rows: RowSource::new(plan.traffic.rows, by_time, plan.seed),
            mirror: Stream::new(plan.seed, Concern::Mirror),
            batch: Stream::new(plan.seed, Concern::Batch),
            batch_limit: plan.batch.as_ref().map_or(0, |batch| threshold(batch.share / 100.0)),
            arrivals: vec![0; CHUNK],
            row_of: vec![0; CHUNK],
            bucket_of: vec![0; CHUNK],
            unit_of: vec![0; CHUNK],
            arm_of: vec![0; CHUNK],
            live: parts(),
            jobs: parts(),
            copies: Batch::new(),
            job_copies: Batch::new(),
            seen: vec![Seen::new(&units); arms],
            units,
        }
    }

    /// Distinct units whose requests went to `arm` since the start.
    pub fn units_of(&self, arm: ArmId) -> u64 {
        self.seen.get(arm.index()).map_or(0, |seen| seen.count)
    }

    /// True if every request waits for the job.
    pub fn is_batch_only(&self) -> bool {
        self.batch_limit > u64::from(u32::MAX)
    }

    /// Draws and splits the next requests before `until`; false once there are none.
    pub fn next_chunk(&mut self, cursor: &mut ArrivalCursor, until: u64, routes: &Routes) -> bool {
        let first = cursor.index();
        let count = cursor.fill(until, &mut self.arrivals);
        for part in self.live.iter_mut().chain(&mut self.jobs) {
            part.count = 0;
        }
        (self.copies.count, self.job_copies.count) = (0, 0);
        if count == 0 {
            return false;
        }
        self.rows.fill(first, &mut self.row_of[..count]);
        self.units.fill(
            first,
            &self.row_of[..count],
            &mut self.bucket_of[..count],
            &mut self.unit_of[..count],
        );
        if self.batch_limit == 0 {
            self.split(first, count, routes, |_| false);
        } else {
            let (batch, limit) = (self.batch, self.batch_limit);
            self.split(first, count, routes, |index| u64::from(batch.bits32(index)) < limit);
        }
        if routes.mirror > 0.0 {
            self.copy(routes.mirror);
        }
        true
    }

    /// Nested buckets: candidates own the lowest ones, the baseline the rest, so a candidate whose
    /// share grows keeps every unit that it has.
    fn split(&mut self, first: u64, count: usize, routes: &Routes, waits: impl Fn(u64) -> bool) {
        let limits = limits(&routes.shares);
        let candidates = routes.shares.len() - 1;
        for (arm, bucket) in self.arm_of[..count].iter_mut().zip(&self.bucket_of[..count]) {
            let passed: usize =
                limits.iter().map(|limit| usize::from(u64::from(*bucket) >= *limit)).sum();
            *arm = if passed >= candidates { 0 } else { passed as u8 + 1 };
        }
        let requests = self.arrivals[..count].iter().zip(&self.row_of[..count]);
        for (((arrival, row), arm), index) in requests.zip(&self.arm_of[..count]).zip(first..) {
            let parts = if waits(index) { &mut self.jobs } else { &mut self.live };
            parts[usize::from(*arm)].push(index, *arrival, *row);
        }
        for (arm, unit) in self.arm_of[..count].iter().zip(&self.unit_of[..count]) {
            self.seen[usize::from(*arm)].mark(*unit);
        }
    }

    fn copy(&mut self, share: f64) {
        let limit = threshold(share);
        let pairs = [(&self.live, &mut self.copies), (&self.jobs, &mut self.job_copies)];
        for (parts, copies) in pairs {
            let Some(source) = parts.first() else { continue };
            for k in 0..source.count {
                let index = source.lot.index[k];
                if u64::from(self.mirror.bits32(index)) < limit {
                    copies.push(index, source.lot.arrival[k], source.lot.row[k]);
                }
            }
        }
    }
}

/// Upper ends of the candidates' buckets; unused places lie beyond every bucket.
fn limits(shares: &[f64]) -> [u64; 3] {
    let mut limits = [u64::MAX; 3];
    let mut sum = 0.0;
    for (limit, share) in limits.iter_mut().zip(&shares[1..]) {
        sum += share;
        *limit = threshold(sum);
    }
    limits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture;
    use super::super::row_order::by_time;
    use super::*;
    use crate::domain::{Arrivals, RowOrder, SimSpan, Units};

    /// The arm of each synthetic user at the given shares.
    fn arms_of(shares: &[f64]) -> Vec<usize> {
        let mut draft = fixture::draft(crate::domain::StrategyKind::Canary);
        draft.traffic.units = Units::Column;
        draft.traffic.rows = RowOrder::InOrder;
        draft.traffic.arrivals = Arrivals::Constant { per_second: 1_000.0 };
        draft.traffic.duration = SimSpan::from_secs(2);
        let plan = draft.validate().unwrap();
        let rows = Rows { count: 500, ..Rows::default() };
        let mut router = Router::new(&plan, &rows, &by_time(&rows));
        let mut cursor = ArrivalCursor::new(&plan.traffic, None, [].into(), plan.seed);
        let routes = Routes { shares: shares.to_vec(), mirror: 0.0 };
        let mut arm_of = vec![usize::MAX; 500];
        while router.next_chunk(&mut cursor, u64::MAX, &routes) {
            for (arm, part) in router.live.iter().enumerate() {
                for row in &part.lot.row[..part.count] {
                    arm_of[*row as usize] = arm;
                }
            }
        }
        arm_of
    }

    proptest! {
        #[test]
        fn raising_a_weight_never_moves_a_unit_back(low in 0.0..1.0, more in 0.0..1.0) {
            let high = low + (1.0 - low) * more;
            let (before, after) = (arms_of(&[1.0 - low, low]), arms_of(&[1.0 - high, high]));
            prop_assert!(before.iter().zip(&after).all(|(before, after)| before <= after));
        }
    }

    #[test]
    fn the_full_share_takes_everybody_and_none_nobody() {
        assert!(arms_of(&[0.0, 1.0]).iter().all(|arm| *arm == 1));
        assert!(arms_of(&[1.0, 0.0]).iter().all(|arm| *arm == 0));
    }
}
