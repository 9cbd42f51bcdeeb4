//! How long a model takes: real calls, timed on this machine, with what is needed to trust them.
//!
//! A warm-up comes first. Single rows are asked as requests come, with pauses: a call that follows
//! another at once finds everything in the nearest caches, which a server's calls do not. Between the
//! calls a fixed piece of work is timed again and again: what it takes longer than at best is the
//! machine's noise and none of the model's.

use std::hint::black_box;
use std::time::{Duration, Instant};

use super::asker::Asker;
use super::error::Error;
use super::model::Model;
use super::pace::wait_until;
use crate::domain::{BatchTime, LatencyProfile, Progress, Table};
use crate::stats::Interval;
use crate::stats::noise::Noise;
use crate::stats::quantile::{linear, order_statistics};

/// How long single rows are asked for a first look.
pub const FIRST_LOOK: Duration = Duration::from_millis(600);

/// Rows in one call, smallest first.
const BATCHES: [u32; 5] = [1, 8, 32, 128, 512];
/// The quantiles that are kept, from the minimum to the maximum: at least percentiles, and finer ones
/// where there are calls for them, so that one slow call in thousands does not stand for the slowest
/// hundredth.
const QUANTILES: (usize, usize) = (101, 1001);
/// Those that are told with their intervals.
const TOLD: [f64; 3] = [0.5, 0.95, 0.99];
/// One less the level of the intervals.
const ALPHA: f64 = 0.05;

/// How much effort a part of a measurement may take.
struct Effort {
    at_most: Duration,
    calls: usize,
    /// Even slow models are called so often.
    at_least: usize,
    /// Before each call a pause as long as the call before it.
    pauses: bool,
}

const WARM_UP: Effort =
    Effort { at_most: Duration::from_millis(100), calls: 200, at_least: 2, pauses: false };
const BATCH: Effort =
    Effort { at_most: Duration::from_millis(150), calls: 100, at_least: 2, pauses: false };
/// No pause is shorter, so that even microseconds are measured between other things, or longer.
const PAUSES: (Duration, Duration) = (Duration::from_micros(100), Duration::from_millis(5));
/// Single rows: no more calls than these are remembered.
const MOST_CALLS: usize = 50_000;
const LEAST_CALLS: usize = 3;
/// A batch size that would take longer than this is not measured.
const LONGEST_CALL: Duration = Duration::from_millis(400);
/// One part in so many of the time goes into looking at the machine's noise.
const NOISE_SHARE: u32 = 10;

/// A measurement of one model.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What a rehearsal needs of it.
    pub profile: LatencyProfile,
    /// Single rows that were asked.
    pub calls: usize,
    /// p50, p95 and p99 of a single row.
    pub single_row: Vec<Timing>,
    /// The medians of calls with so many rows.
    pub batches: Vec<(u32, Timing)>,
    pub noise: Option<Noise>,
}

/// A quantile of times in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// Which one, 0 to 1.
    pub quantile: f64,
    pub micros: f64,
    /// At 95 %, from order statistics; `None` where the calls are too few for both ends.
    pub interval: Option<Interval>,
}

impl Timing {
    fn of(sorted: &[f64], quantile: f64) -> Self {
        let at = |place: u64| sorted.get(place as usize).copied();
        let interval = match order_statistics(sorted.len() as u64, quantile, ALPHA) {
            (Some(low), Some(high)) => at(low).zip(at(high)),
            _ => None,
        };
        Self {
            quantile,
            micros: linear(sorted, quantile).unwrap_or(0.0),
            interval: interval.map(|(low, high)| Interval::new(low, high)),
        }
    }
}

/// From nothing to the first answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColdStart {
    /// Reading and building the model; its files may lie in the system's cache.
    pub load: Duration,
    /// The first row: whatever is put off until then is felt here.
    pub first_answer: Duration,
}

impl ColdStart {
    pub fn whole(&self) -> Duration {
        self.load + self.first_answer
    }
}

impl Model {
    /// How long opening took, and how long a first answer takes: only before the model is asked
    /// anything else.
    ///
    /// # Errors
    /// If the table does not fit or is empty, or the device fails.
    pub fn cold_start(&self, table: &Table) -> Result<ColdStart, Error> {
        let began = Instant::now();
        self.asker(table)?.ask(0, 1)?;
        Ok(ColdStart { load: self.load_time(), first_answer: began.elapsed() })
    }

    /// Measures single rows for `single` at most and batches of several sizes for about half a
    /// second, on one thread and after a warm-up. Features are computed within the measured time, as
    /// in a real service.
    ///
    /// # Errors
    /// If the table does not fit or is empty, the device fails, or somebody cancels.
    pub fn measure(
        &self,
        table: &Table,
        single: Duration,
        progress: &Progress,
    ) -> Result<Measured, Error> {
        let asker = self.asker(table)?;
        let measurement = Measurement {
            model: self,
            asker: &asker,
            rows: table.rows,
            progress,
            watch: NoiseWatch::new(),
        };
        asker.on_one_thread(|| measurement.run(single))
    }
}

struct Measurement<'a> {
    model: &'a Model,
    asker: &'a Asker<'a>,
    rows: usize,
    progress: &'a Progress,
    watch: NoiseWatch,
}

impl Measurement<'_> {
    fn run(mut self, single: Duration) -> Result<Measured, Error> {
        self.progress.add_total(1 + BATCHES.len() as u64);
        self.times(1, &WARM_UP)?;
        self.progress.add(1);
        let single =
            Effort { at_most: single, calls: MOST_CALLS, at_least: LEAST_CALLS, pauses: true };
        let single = self.times(1, &single)?;
        self.progress.add(1);
        let last = single.len().clamp(QUANTILES.0, QUANTILES.1) - 1;
        let at = |i| linear(&single, i as f64 / last as f64).unwrap_or(0.0);
        let mut batches = vec![(1, Timing::of(&single, 0.5))];
        for rows in BATCHES.into_iter().skip(1) {
            let per_row = |(rows, time): &(u32, Timing)| time.micros / f64::from(*rows);
            let expected = batches.last().map_or(0.0, per_row) * f64::from(rows);
            if expected <= LONGEST_CALL.as_secs_f64() * 1e6 {
                let times = self.times(rows as usize, &BATCH)?;
                batches.push((rows, Timing::of(&times, 0.5)));
            }
            self.progress.add(1);
        }
        let batch = |(rows, time): &(u32, Timing)| BatchTime { rows: *rows, micros: time.micros };
        Ok(Measured {
            profile: LatencyProfile {
                single_row: (0..=last).map(at).collect(),
                batches: batches.iter().map(batch).collect(),
                device: self.model.device().to_owned(),
                threads: 1,
            },
            calls: single.len(),
            single_row: TOLD.map(|q| Timing::of(&single, q)).to_vec(),
            batches,
            noise: Noise::of(self.watch.times),
        })
    }

    /// The durations of calls with `rows` rows in microseconds, sorted. Each call takes other rows.
    fn times(&mut self, rows: usize, effort: &Effort) -> Result<Vec<f64>, Error> {
        let mut times = Vec::new();
        let mut first = 0;
        let mut took = Duration::ZERO;
        let start = Instant::now();
        while times.len() < effort.calls {
            if self.progress.is_cancelled() {
                return Err(Error::Cancelled);
            }
            if times.len() >= effort.at_least && start.elapsed() >= effort.at_most {
                break;
            }
            if effort.pauses {
                wait_until(Instant::now() + took.clamp(PAUSES.0, PAUSES.1), PAUSES.1);
            }
            let began = Instant::now();
            let answers = self.asker.ask(first, rows);
            took = began.elapsed();
            times.push(took.as_secs_f64() * 1e6);
            match black_box(answers) {
                // Answers that are no numbers are the business of scoring; they take as long.
                Ok(_) | Err(Error::NotFinite { .. }) => {}
                Err(fault) => return Err(fault),
            }
            first = (first + rows) % self.rows;
            self.watch.look();
        }
        times.sort_by(f64::total_cmp);
        Ok(times)
    }
}

/// Times a fixed piece of work now and then.
struct NoiseWatch {
    began: Instant,
    /// In microseconds.
    times: Vec<f64>,
    /// All of it together.
    spent: Duration,
}

impl NoiseWatch {
    fn new() -> Self {
        Self { began: Instant::now(), times: Vec::new(), spent: Duration::ZERO }
    }

    /// Looks as often as its share of the time allows.
    fn look(&mut self) {
        while self.times.is_empty() || self.spent < self.began.elapsed() / NOISE_SHARE {
            let began = Instant::now();
            fixed_work();
            let took = began.elapsed();
            self.times.push(took.as_secs_f64() * 1e6);
            self.spent += took;
        }
    }
}

/// Some tenths of a millisecond in registers alone: long enough to be interrupted as models are, and
/// no disturbance of their memory.
fn fixed_work() {
    let mut x: u64 = 0x9E37_79B9_7F4A_7C15;
    for _ in 0..200_000 {
        // Marsaglia 2003: every step needs the one before.
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    black_box(x);
}
