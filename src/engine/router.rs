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

    /// Takes the requests at these places of a chunk.
    #[inline(always)]
    fn gather(&mut self, chunk: &Chunk, places: &[u16]) {
        let Lot { index, arrival, row, .. } = &mut self.lot;
        for (((index, arrival), row), place) in
            index.iter_mut().zip(arrival.iter_mut()).zip(row.iter_mut()).zip(places)
        {
            let place = usize::from(*place) & (CHUNK - 1);
            *index = chunk.first + place as u64;
            *arrival = chunk.arrival[place];
            *row = chunk.row[place];
        }
        self.count = places.len();
    }

    /// Takes those requests of another part that `is_wanted` picks by their numbers.
    fn copy_some(&mut self, source: &Self, is_wanted: impl Fn(u64) -> bool) {
        let mut count = 0;
        for k in 0..source.count.min(CHUNK) {
            let (index, place) = (source.lot.index[k], count & (CHUNK - 1));
            self.lot.index[place] = index;
            self.lot.arrival[place] = source.lot.arrival[k];
            self.lot.row[place] = source.lot.row[k];
            count += usize::from(is_wanted(index));
        }
        self.count = count;
    }
}

/// The next requests in order of arrival, property by property. Arrays of a known length, so that a
/// masked index needs no check.
struct Chunk {
    /// The number of the first request.
    first: u64,
    count: usize,
    arrival: Box<[u64; CHUNK]>,
    row: Box<[u32; CHUNK]>,
    bucket: Box<[u32; CHUNK]>,
    unit: Box<[u32; CHUNK]>,
    /// The arm; for a request that waits for the job, the arm after all arms.
    route: Box<[u8; CHUNK]>,
}

impl Chunk {
    fn new() -> Self {
        Self {
            first: 0,
            count: 0,
            arrival: Box::new([0; CHUNK]),
            row: Box::new([0; CHUNK]),
            bucket: Box::new([0; CHUNK]),
            unit: Box::new([0; CHUNK]),
            route: Box::new([0; CHUNK]),
        }
    }

    /// Writes the places of the requests that go one way. The count stays in a register, and no
    /// branch depends on a request's way: both are worth more than a single pass over the chunk.
    #[inline(always)]
    fn places_of<'p>(&self, route: u8, places: &'p mut [u16; CHUNK]) -> &'p [u16] {
        let mut count = 0;
        for (of_request, place) in self.route[..self.count].iter().zip(0..) {
            places[count & (CHUNK - 1)] = place;
            count += usize::from(*of_request == route);
        }
        &places[..count]
    }
}

pub(super) struct Router {
    rows: RowSource,
    units: Arc<UnitSource>,
    mirror: Stream,
    batch: Stream,
    /// Requests below it wait for the job.
    batch_limit: u64,
    chunk: Chunk,
    places: Box<[u16; CHUNK]>,
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
        let units = Arc::new(UnitSource::new(&plan.traffic, rows, plan.seed));
        let arms = plan.arms.len();
        let parts = || (0..arms).map(|_| Batch::new()).collect();
        Self {
            rows: RowSource::new(plan.traffic.rows, by_time, plan.seed),
            mirror: Stream::new(plan.seed, Concern::Mirror),
            batch: Stream::new(plan.seed, Concern::Batch),
            batch_limit: plan.batch.as_ref().map_or(0, |batch| threshold(batch.share / 100.0)),
            chunk: Chunk::new(),
            places: Box::new([0; CHUNK]),
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

    /// Who sends the requests.
    pub fn unit_source(&self) -> Arc<UnitSource> {
        Arc::clone(&self.units)
    }

    /// Distinct units that there can be; `None` if each request is one.
    pub fn units(&self) -> Option<usize> {
        self.units.count()
    }

    /// Arm, row and unit of each request of the last chunk, those that wait for a job included.
    pub fn requests(&self) -> impl Iterator<Item = (usize, u32, u32)> + '_ {
        let arms = self.live.len();
        let Chunk { count, route, row, unit, .. } = &self.chunk;
        let parts = route.iter().zip(row.iter()).zip(unit.iter()).take(*count);
        parts.map(move |((route, row), unit)| (usize::from(*route) % arms, *row, *unit))
    }

    /// Draws and splits the next requests before `until`; false once there are none.
    #[inline(always)]
    pub fn next_chunk(&mut self, cursor: &mut ArrivalCursor, until: u64, routes: &Routes) -> bool {
        let chunk = &mut self.chunk;
        chunk.first = cursor.index();
        chunk.count = cursor.fill(until, &mut chunk.arrival[..]);
        let Chunk { first, count, .. } = *chunk;
        if count > 0 {
            let rows = &mut chunk.row[..count];
            self.rows.fill(first, rows);
            self.units.fill(first, rows, &mut chunk.bucket[..count], &mut chunk.unit[..count]);
        }
        self.choose(routes);
        self.split();
        if routes.mirror > 0.0 {
            let (mirror, limit) = (self.mirror, threshold(routes.mirror));
            let is_copied = |index| u64::from(mirror.bits32(index)) < limit;
            self.copies.copy_some(&self.live[0], is_copied);
            self.job_copies.copy_some(&self.jobs[0], is_copied);
        } else {
            (self.copies.count, self.job_copies.count) = (0, 0);
        }
        count > 0
    }

    /// Nested buckets: candidates own the lowest ones, the baseline the rest, so a candidate whose
    /// share grows keeps every unit that it has.
    #[inline(always)]
    fn choose(&mut self, routes: &Routes) {
        let Chunk { first, count, .. } = self.chunk;
        let (buckets, route) = (&self.chunk.bucket[..count], &mut self.chunk.route[..count]);
        route.fill(0);
        for limit in limits(&routes.shares) {
            for (passed, bucket) in route.iter_mut().zip(buckets) {
                *passed += u8::from(*bucket >= limit);
            }
        }
        let candidates = routes.shares.len() as u8 - 1;
        for passed in route.iter_mut() {
            *passed = if *passed >= candidates { 0 } else { *passed + 1 };
        }
        if self.batch_limit > 0 {
            let arms = candidates + 1;
            for (route, index) in route.iter_mut().zip(first..) {
                let waits = u64::from(self.batch.bits32(index)) < self.batch_limit;
                *route += if waits { arms } else { 0 };
            }
        }
    }

    #[inline(always)]
    fn split(&mut self) {
        let arms = self.live.len();
        let ways = if self.batch_limit > 0 { 2 * arms } else { arms };
        let parts = self.live.iter_mut().chain(&mut self.jobs).take(ways);
        for ((part, route), arm) in parts.zip(0..).zip((0..arms).cycle()) {
            let places = self.chunk.places_of(route, &mut self.places);
            part.gather(&self.chunk, places);
            let units = places.iter().map(|place| self.chunk.unit[usize::from(*place)]);
            self.seen[arm].mark_all(units);
        }
    }
}

/// Upper ends of the candidates' buckets that lie below the last bucket; what passes all of them, and
/// there is one for each candidate but for the full share, goes to the baseline.
fn limits(shares: &[f64]) -> impl Iterator<Item = u32> {
    let sums = shares[1..].iter().scan(0.0, |sum, share| {
        *sum += share;
        Some(*sum)
    });
    sums.filter_map(|sum| u32::try_from(threshold(sum)).ok())
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
