//! Which row each request carries.

use std::ops::Range;
use std::sync::Arc;

use crate::domain::{RowOrder, Rows};

use super::random::{Concern, Stream};

/// Rows by request number: any request's row follows from its number alone.
#[derive(Clone, Debug)]
pub(super) enum RowSource {
    /// Through the dataset in this order, again and again.
    InOrder(Arc<[u32]>),
    /// A new permutation on each pass; `order` holds that of `pass`.
    Shuffled { order: Vec<u32>, pass: Option<u64>, stream: Stream },
    /// Drawn with replacement from so many rows.
    Sampled { rows: u32, stream: Stream },
}

impl RowSource {
    /// `by_time` holds all rows in the order of their times.
    pub fn new(order: RowOrder, by_time: &Arc<[u32]>, seed: u64) -> Self {
        let stream = Stream::new(seed, Concern::Rows);
        let count = by_time.len() as u32;
        match order {
            RowOrder::InOrder => Self::InOrder(Arc::clone(by_time)),
            RowOrder::Shuffled => {
                Self::Shuffled { order: (0..count).collect(), pass: None, stream }
            }
            RowOrder::Sampled => Self::Sampled { rows: count, stream },
        }
    }

    /// Writes the rows of the requests from number `first` on.
    #[inline(always)]
    pub fn fill(&mut self, first: u64, out: &mut [u32]) {
        match self {
            Self::InOrder(order) => walk(order.len(), first, out, |_, places, out| {
                out.copy_from_slice(&order[places]);
            }),
            Self::Shuffled { order, pass, stream } => {
                let stream = *stream;
                walk(order.len(), first, out, |number, places, out| {
                    if *pass != Some(number) {
                        shuffle(order, stream, number);
                        *pass = Some(number);
                    }
                    out.copy_from_slice(&order[places]);
                });
            }
            Self::Sampled { rows, stream } => {
                for (row, index) in out.iter_mut().zip(first..) {
                    *row = stream.below(index, *rows);
                }
            }
        }
    }
}

/// The rows by their times, where they have any; equal times stay in the file's order.
pub(super) fn by_time(rows: &Rows) -> Arc<[u32]> {
    let mut order: Vec<u32> = (0..rows.count as u32).collect();
    if let Some(times) = &rows.times {
        order.sort_by_key(|row| times.get(*row as usize).copied());
    }
    order.into()
}

/// Splits requests from number `first` on by passes through so many rows: `copy` gets the pass, the
/// places in it, and where their rows belong.
fn walk(
    rows: usize,
    first: u64,
    out: &mut [u32],
    mut copy: impl FnMut(u64, Range<usize>, &mut [u32]),
) {
    let (mut index, mut left) = (first, out);
    while !left.is_empty() && rows > 0 {
        let place = (index % rows as u64) as usize;
        let (now, later) = left.split_at_mut((rows - place).min(left.len()));
        copy(index / rows as u64, place..place + now.len(), now);
        index += now.len() as u64;
        left = later;
    }
}

/// Fisher and Yates, from the file's order, so that a pass does not depend on the one before.
fn shuffle(order: &mut [u32], stream: Stream, pass: u64) {
    let rows = order.len() as u64;
    for (row, place) in order.iter_mut().zip(0..) {
        *row = place;
    }
    for k in (1..order.len()).rev() {
        let other = stream.below(pass * rows + k as u64, k as u32 + 1);
        order.swap(k, other as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SimTime;

    fn rows(order: RowOrder, count: usize, first: u64, n: usize) -> Vec<u32> {
        let times = (0..count as u64).rev().map(SimTime::from_micros).collect();
        let rows = Rows { count, times: Some(times), ..Rows::default() };
        let mut out = vec![0; n];
        RowSource::new(order, &by_time(&rows), 3).fill(first, &mut out);
        out
    }

    #[test]
    fn rows_come_by_time_and_from_the_start_again() {
        assert_eq!(rows(RowOrder::InOrder, 3, 2, 5), [0, 2, 1, 0, 2]);
    }

    #[test]
    fn each_pass_is_another_permutation_wherever_it_is_entered() {
        let all = rows(RowOrder::Shuffled, 50, 0, 150);
        for pass in all.chunks(50) {
            let mut sorted = pass.to_vec();
            sorted.sort_unstable();
            assert!(sorted.into_iter().eq(0..50));
        }
        assert_ne!(all[..50], all[50..100]);
        assert_eq!(rows(RowOrder::Shuffled, 50, 77, 30), all[77..107]);
    }
}
