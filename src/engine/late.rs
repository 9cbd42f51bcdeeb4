//! Labels that become known later: counted at once in the window in which they will be known, so
//! that memory depends on the number of windows and not on the number of requests.

use std::collections::VecDeque;

use crate::domain::{ArmWindow, LabelDelay, UnitSum};

use super::quantile_table::QuantileTable;
use super::random::{Concern, Stream};
use super::tally::{LabelTally, Shape};

/// When labels become known.
#[derive(Clone, Debug)]
pub(super) enum LabelTiming {
    AtOnce,
    After(u64),
    Random { mean: f64, table: QuantileTable, stream: Stream },
}

impl LabelTiming {
    pub fn new(delay: LabelDelay, seed: u64) -> Self {
        match delay {
            LabelDelay::Constant(span) if !span.is_zero() => Self::After(span.micros()),
            LabelDelay::Exponential { mean } if !mean.is_zero() => Self::Random {
                mean: mean.micros() as f64,
                table: QuantileTable::exponential(),
                stream: Stream::new(seed, Concern::LabelDelay),
            },
            _ => Self::AtOnce,
        }
    }

    /// The delay of one request's label in microseconds.
    pub fn delay(&self, index: u64) -> u64 {
        match self {
            Self::AtOnce => 0,
            Self::After(delay) => *delay,
            Self::Random { mean, table, stream } => {
                (f64::from(table.at(stream.bits32(index))) * mean) as u64
            }
        }
    }

    /// One delay for a whole job: its mean.
    pub fn typical(&self) -> u64 {
        match self {
            Self::Random { mean, .. } => *mean as u64,
            _ => self.delay(0),
        }
    }
}

/// Labels on their way, per window of the regular grid.
#[derive(Clone, Debug)]
pub(super) struct LateLabels {
    shape: Shape,
    span: u64,
    /// Nothing is known after this time any more.
    end: u64,
    /// Number of the window that `windows` begins with.
    first: u64,
    windows: VecDeque<Option<Box<LabelTally>>>,
}

impl LateLabels {
    pub fn new(shape: Shape, span: u64, end: u64) -> Self {
        Self { shape, span, end, first: 0, windows: VecDeque::new() }
    }

    /// What counts the labels that become known at `at`; none once it is too late.
    pub fn tally_at(&mut self, at: u64) -> Option<&mut LabelTally> {
        if at >= self.end {
            return None;
        }
        let place = (at / self.span).saturating_sub(self.first) as usize;
        if self.windows.len() <= place {
            self.windows.resize(place + 1, None);
        }
        let shape = self.shape;
        Some(self.windows[place].get_or_insert_with(|| Box::new(LabelTally::new(shape))))
    }

    /// The labels of a whole job become known at `at`.
    pub fn absorb(&mut self, at: u64, labels: &LabelTally) {
        if let Some(tally) = self.tally_at(at) {
            tally.absorb(labels);
        }
    }

    /// Adds what is known by the last border of the grid before `now`; at the end, everything.
    pub fn pour_until(
        &mut self,
        now: u64,
        is_end: bool,
        window: &mut ArmWindow,
        units: &mut [UnitSum],
    ) {
        let reached = |first: u64| (first + 1) * self.span <= now;
        while reached(self.first) || (is_end && !self.windows.is_empty()) {
            self.first += 1;
            if let Some(Some(mut tally)) = self.windows.pop_front() {
                tally.pour_units(units);
                tally.pour_into(window);
            }
        }
    }
}
