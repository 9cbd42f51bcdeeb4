//! Who sends a request, and how many different units each arm has met.

use crate::domain::{Rows, Traffic, Units};

use super::random::{Concern, Stream};

/// Units by request: a bucket, which decides the arm, and a dense number, which is counted.
#[derive(Clone, Debug)]
pub(super) enum UnitSource {
    /// A bucket and a number for each row.
    Rows { buckets: Vec<u32>, numbers: Vec<u32>, count: usize },
    /// So many made-up users.
    Synthetic { users: u32, draw: Stream, salt: Stream },
    /// Each request is its own unit.
    Requests { salt: Stream },
}

impl UnitSource {
    pub fn new(traffic: &Traffic, rows: &Rows, seed: u64) -> Self {
        let salt = Stream::new(seed, Concern::Assignment);
        match traffic.units {
            Units::Request => Self::Requests { salt },
            Units::Synthetic(users) => {
                Self::Synthetic { users, draw: Stream::new(seed, Concern::Users), salt }
            }
            Units::Column => match &rows.users {
                Some(users) => {
                    let (numbers, count) = dense(users);
                    let buckets = users.iter().map(|user| salt.bits32(*user)).collect();
                    Self::Rows { buckets, numbers, count }
                }
                None => Self::Rows {
                    buckets: (0..rows.count as u64).map(|row| salt.bits32(row)).collect(),
                    numbers: (0..rows.count as u32).collect(),
                    count: rows.count,
                },
            },
        }
    }

    /// The hash of the unit that sends a request: the one that decides its arm.
    pub fn hash(&self, index: u64, row: u32) -> u32 {
        match self {
            Self::Rows { buckets, .. } => buckets.get(row as usize).copied().unwrap_or(0),
            Self::Synthetic { users, draw, salt } => {
                salt.bits32(u64::from(draw.below(index, *users)))
            }
            Self::Requests { salt } => salt.bits32(index),
        }
    }

    /// How many different units there can be; `None` if each request is one.
    pub fn count(&self) -> Option<usize> {
        match self {
            Self::Rows { count, .. } => Some(*count),
            Self::Synthetic { users, .. } => Some(*users as usize),
            Self::Requests { .. } => None,
        }
    }

    /// Writes buckets and unit numbers of the requests from number `first` on, whose rows are given.
    #[inline(always)]
    pub fn fill(&self, first: u64, rows: &[u32], buckets: &mut [u32], numbers: &mut [u32]) {
        let out = buckets.iter_mut().zip(numbers.iter_mut());
        match self {
            Self::Rows { buckets: of_row, numbers: number_of, .. } => {
                for ((bucket, number), row) in out.zip(rows) {
                    *bucket = of_row[*row as usize];
                    *number = number_of[*row as usize];
                }
            }
            Self::Synthetic { users, draw, salt } => {
                for (((bucket, number), _), index) in out.zip(rows).zip(first..) {
                    let user = draw.below(index, *users);
                    *bucket = salt.bits32(u64::from(user));
                    *number = user;
                }
            }
            Self::Requests { salt } => {
                for (((bucket, number), _), index) in out.zip(rows).zip(first..) {
                    *bucket = salt.bits32(index);
                    *number = 0;
                }
            }
        }
    }
}

/// Numbers the distinct users from 0; also how many there are.
fn dense(users: &[u64]) -> (Vec<u32>, usize) {
    let mut distinct = users.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let number = |user: &u64| distinct.partition_point(|other| other < user) as u32;
    (users.iter().map(number).collect(), distinct.len())
}

/// The units that one arm has met: one bit each, or for single requests just their number.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    bits: Vec<u64>,
    pub count: u64,
}

impl Seen {
    pub fn new(source: &UnitSource) -> Self {
        let words = source.count().map_or(0, |count| count.div_ceil(64));
        Self { bits: vec![0; words], count: 0 }
    }

    /// Requests of these units have come. The count stays in a register.
    #[inline(always)]
    pub fn mark_all(&mut self, units: impl ExactSizeIterator<Item = u32>) {
        if self.bits.is_empty() {
            self.count += units.len() as u64;
            return;
        }
        let mut count = 0;
        for unit in units {
            if let Some(word) = self.bits.get_mut(unit as usize / 64) {
                count += !*word >> (unit % 64) & 1;
                *word |= 1 << (unit % 64);
            }
        }
        self.count += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_users_are_one_unit() {
        let rows = Rows { count: 4, users: Some(vec![9, 5, 9, 7]), ..Rows::default() };
        let source = UnitSource::new(&Traffic::default(), &rows, 1);
        let (mut buckets, mut numbers) = ([0; 4], [0; 4]);
        source.fill(0, &[0, 1, 2, 3], &mut buckets, &mut numbers);
        assert_eq!(numbers, [2, 0, 2, 1]);
        assert_eq!(buckets[0], buckets[2]);
        let mut seen = Seen::new(&source);
        seen.mark_all(numbers.iter().copied());
        assert_eq!(seen.count, 3);
    }
}
