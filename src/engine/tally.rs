//! Counters of one arm between two looks of the controller: plain arrays, so that counting an
//! answer is a handful of additions.

use crate::domain::histogram::{BINS, bin_of};
use crate::domain::{ArmWindow, Histogram, Quality, UnitSum};
use crate::stats::clusters::BUCKETS;

use super::cases::{
    AGREES, CORRECT, Case, Cases, GAIN, HARM, LABELLED, MAX_CLASSES, MIRRORED, POSITIVE,
    SCORE_BINS, TRUTH,
};

/// Answers with the same flags count alike, so one counter per flag byte and segment holds them all.
const FLAGS: usize = 256;

/// Likelihoods are multiplied until they are as small as this, and only then turned to logarithms:
/// no probability is below 2⁻⁵², so nothing underflows.
const LEAST_LIKELIHOOD: f64 = 1e-280;

/// Which of the optional counters a rehearsal needs, and for which arm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub arm: usize,
    pub segments: usize,
    /// More than two classes: count confusions. Zero for binary models and numbers.
    pub classes: usize,
    /// Scores of a binary model: count them for the areas under curves.
    pub scores: bool,
    /// Numbers: sum the labels' spread.
    pub numbers: bool,
    /// Labels become known with the answers.
    pub labels_at_once: bool,
    /// What a wrong yes and a wrong no cost.
    pub mistakes: [f64; 2],
    /// A test has users as units: count by buckets of them.
    pub by_users: bool,
}

/// Sums over one segment's labelled answers.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sums {
    /// Product of the probabilities that the true classes got, since `log_loss` last took it in.
    likelihood: f64,
    log_loss: f64,
    absolute: f64,
    squared: f64,
}

impl Sums {
    const ZERO: Self = Self { likelihood: 1.0, log_loss: 0.0, absolute: 0.0, squared: 0.0 };

    /// The probability that a true class got.
    #[inline(always)]
    fn add_likelihood(&mut self, probability: f32) {
        self.likelihood *= f64::from(probability);
        if self.likelihood < LEAST_LIKELIHOOD {
            self.take_logarithm();
        }
    }

    fn take_logarithm(&mut self) {
        self.log_loss -= libm::log(self.likelihood);
        self.likelihood = 1.0;
    }

    fn absorb(&mut self, other: &Self) {
        self.log_loss += other.log_loss - libm::log(other.likelihood);
        self.absolute += other.absolute;
        self.squared += other.squared;
    }
}

/// What becomes known with the labels.
#[derive(Clone, Debug)]
pub(super) struct LabelTally {
    shape: Shape,
    flags: Vec<u32>,
    /// Per segment.
    sums: Vec<Sums>,
    /// Per segment: sum and sum of squares of the centred labels.
    moments: Vec<[f64; 2]>,
    scores: Vec<[u32; 2]>,
    classes: Vec<[u32; 3]>,
    /// Per bucket of users.
    units: Vec<UnitSum>,
}

impl LabelTally {
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            flags: vec![0; FLAGS * shape.segments],
            sums: vec![Sums::ZERO; shape.segments],
            moments: vec![[0.0; 2]; if shape.numbers { shape.segments } else { 0 }],
            scores: vec![[0; 2]; if shape.scores { SCORE_BINS } else { 0 }],
            classes: vec![[0; 3]; shape.classes.min(MAX_CLASSES)],
            units: vec![UnitSum::default(); if shape.by_users { BUCKETS } else { 0 }],
        }
    }

    /// Counts an answer to a user of a bucket with its label, where it has one.
    pub fn count_of(&mut self, bucket: usize, cases: &Cases, case: &Case, row: u32, mirrored: u8) {
        self.count(cases, case, row, mirrored);
        if let Some(unit) = self.units.get_mut(bucket).filter(|_| case.flags & LABELLED != 0) {
            let result = |case: &Case| match self.shape.numbers {
                true => f64::from(case.value.abs()),
                false => f64::from(u8::from(case.flags & CORRECT != 0)),
            };
            let [result, covariate] = [case, &cases.arms[0][row as usize]].map(result);
            unit.absorb(&UnitSum { labelled: 1.0, result, covariate });
        }
    }

    /// Counts an answer with its label, where it has one. `mirrored` is [`MIRRORED`] or 0.
    #[inline]
    pub fn count(&mut self, cases: &Cases, case: &Case, row: u32, mirrored: u8) {
        let flags = case.flags | mirrored;
        let segment = usize::from(case.segment);
        self.flags[segment * FLAGS + usize::from(flags)] += 1;
        let sums = &mut self.sums[segment];
        if self.shape.numbers {
            let error = f64::from(case.value);
            sums.absolute += error.abs();
            sums.squared += error * error;
        } else {
            sums.add_likelihood(case.value);
            sums.squared += f64::from(match cases.squared[self.shape.arm].get(row as usize) {
                Some(squared) => *squared,
                None => (1.0 - case.value).powi(2),
            });
        }
        if self.shape.scores {
            // An answer without a label must not count: it goes to neither column.
            let labelled = u32::from(flags & LABELLED);
            self.scores[usize::from(case.bin)][usize::from(flags & TRUTH != 0)] += labelled;
        } else if flags & LABELLED != 0 {
            self.count_rare(cases, case, row);
        }
    }

    /// Counts an answer whose label is lost.
    pub fn count_unlabelled(&mut self, case: &Case, mirrored: u8) {
        let flags = case.flags & !LABELLED | mirrored;
        self.flags[usize::from(case.segment) * FLAGS + usize::from(flags)] += 1;
    }

    /// [`Self::count`] for many answers; the sums of a single segment stay in registers.
    #[inline(always)]
    pub fn count_all<'c>(
        &mut self,
        cases: &Cases,
        answers: impl Iterator<Item = (&'c Case, &'c u32)>,
        mirrored: u8,
    ) {
        if self.shape.segments > 1 || !self.shape.scores {
            answers.for_each(|(case, row)| self.count(cases, case, *row, mirrored));
            return;
        }
        let mut sums = self.sums[0];
        let (flags_of, scores) = (&mut self.flags[..FLAGS], &mut self.scores[..SCORE_BINS]);
        for (case, _) in answers {
            let flags = case.flags | mirrored;
            flags_of[usize::from(flags)] += 1;
            sums.add_likelihood(case.value);
            sums.squared += f64::from((1.0 - case.value).powi(2));
            let labelled = u32::from(flags & LABELLED);
            scores[usize::from(case.bin) % SCORE_BINS][usize::from(flags & TRUTH != 0)] += labelled;
        }
        self.sums[0] = sums;
    }

    /// Several classes, and numbers.
    fn count_rare(&mut self, cases: &Cases, case: &Case, row: u32) {
        if self.shape.numbers {
            let label = f64::from(cases.label_number[row as usize]);
            let moments = &mut self.moments[usize::from(case.segment)];
            moments[0] += label;
            moments[1] += label * label;
        } else if self.shape.classes > 0 {
            let truth = usize::from(cases.label_class[row as usize]);
            let answer = usize::from(case.class);
            let mut add = |class: usize, cell: usize| {
                if let Some(cells) = self.classes.get_mut(class) {
                    cells[cell] += 1;
                }
            };
            if truth == answer {
                add(truth, 0);
            } else {
                add(answer, 1);
                add(truth, 2);
            }
        }
    }

    /// Adds what became known of buckets of users to `sums`, and starts again from zero.
    pub fn pour_units(&mut self, sums: &mut [UnitSum]) {
        for (sum, unit) in sums.iter_mut().zip(&mut self.units) {
            sum.absorb(&std::mem::take(unit));
        }
    }

    /// Adds what became known to `window`, and starts again from zero.
    pub fn pour_into(&mut self, window: &mut ArmWindow) {
        for (segment, counts) in self.flags.chunks_exact(FLAGS).enumerate() {
            let quality = &mut window.quality[segment];
            for (flags, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                add_label(quality, &mut window.paired, flags as u8, u64::from(*count));
                if self.shape.labels_at_once {
                    add_answer(quality, flags as u8, u64::from(*count));
                }
            }
            let mut sums = self.sums[segment];
            sums.take_logarithm();
            quality.absolute += sums.absolute;
            quality.log_loss += sums.log_loss;
            quality.squared += sums.squared;
            quality.cost += cost_of(counts, self.shape.mistakes);
            if let Some([sum, squares]) = self.moments.get(segment) {
                quality.label_sum += sum;
                quality.label_squares += squares;
            }
        }
        add_counts(&mut window.scores, &self.scores);
        add_counts(&mut window.classes, &self.classes);
        self.clear();
    }

    /// Adds another tally of the same shape.
    pub fn absorb(&mut self, other: &Self) {
        let add = |sum: &mut u32, more: &u32| *sum += more;
        self.flags.iter_mut().zip(&other.flags).for_each(|(sum, more)| add(sum, more));
        self.sums.iter_mut().zip(&other.sums).for_each(|(sums, more)| sums.absorb(more));
        for (sums, more) in self.moments.iter_mut().zip(&other.moments) {
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
        add_counts(&mut self.scores, &other.scores);
        add_counts(&mut self.classes, &other.classes);
        self.units.iter_mut().zip(&other.units).for_each(|(sum, more)| sum.absorb(more));
    }

    /// Keeps the answers and forgets what was known about them.
    pub fn forget_labels(&mut self) {
        let known = std::mem::replace(&mut self.flags, vec![0; FLAGS * self.shape.segments]);
        self.clear();
        for (place, count) in known.into_iter().enumerate() {
            let flags = (place % FLAGS) as u8 & (POSITIVE | AGREES | MIRRORED);
            self.flags[place - place % FLAGS + usize::from(flags)] += count;
        }
    }

    fn clear(&mut self) {
        self.flags.fill(0);
        self.sums.fill(Sums::ZERO);
        self.moments.fill([0.0; 2]);
        self.scores.fill([0; 2]);
        self.classes.fill([0; 3]);
        self.units.fill(UnitSum::default());
    }
}

fn add_counts<const N: usize>(sums: &mut Vec<[u32; N]>, more: &[[u32; N]]) {
    sums.resize(sums.len().max(more.len()), [0; N]);
    for (sum, more) in sums.iter_mut().zip(more) {
        for (cell, count) in sum.iter_mut().zip(more) {
            *cell += count;
        }
    }
}

fn add_answer(quality: &mut Quality, flags: u8, count: u64) {
    quality.answers += count;
    quality.positive += if flags & POSITIVE != 0 { count } else { 0 };
    quality.agree += if flags & AGREES != 0 { count } else { 0 };
}

/// What the live mistakes among counts by flags cost.
fn cost_of(counts: &[u32], [wrong_yes, wrong_no]: [f64; 2]) -> f64 {
    let of_flags = |(flags, count): (usize, &u32)| {
        let flags = flags as u8;
        let is_mistake = flags & LABELLED != 0 && flags & (CORRECT | MIRRORED) == 0;
        let price = if flags & POSITIVE != 0 { wrong_yes } else { wrong_no };
        if is_mistake { f64::from(*count) * price } else { 0.0 }
    };
    counts.iter().enumerate().map(of_flags).sum()
}

fn add_label(quality: &mut Quality, paired: &mut [u64; 4], flags: u8, count: u64) {
    if flags & LABELLED == 0 {
        return;
    }
    let is = |flag: u8| flags & flag != 0;
    quality.labelled += count;
    let cell = match (is(POSITIVE), is(TRUTH)) {
        (true, true) => Some(&mut quality.true_positive),
        (true, false) => Some(&mut quality.false_positive),
        (false, true) => Some(&mut quality.false_negative),
        (false, false) => None,
    };
    if let Some(cell) = cell {
        *cell += count;
    }
    quality.correct += if is(CORRECT) { count } else { 0 };
    if is(MIRRORED) {
        let cell = match (is(CORRECT), is(GAIN), is(HARM)) {
            (true, false, _) => 0,
            (false, _, true) => 1,
            (true, true, _) => 2,
            (false, _, false) => 3,
        };
        paired[cell] += count;
    } else {
        quality.harm += if is(HARM) { count } else { 0 };
        quality.gain += if is(GAIN) { count } else { 0 };
    }
}

/// Everything that an arm counts between two looks.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    pub labels: LabelTally,
    /// Answers by flags, where labels come later.
    answers: Vec<u32>,
    /// Per segment, live only.
    value: Vec<f64>,
    latency: Vec<u32>,
    latency_sum: u64,
    answered: u64,
    pub arrivals: u64,
    pub mirrored: u64,
    pub mirror_dropped: u64,
    pub mirror_failed: u64,
    pub errors: u64,
    pub timeouts: u64,
    pub rejected: u64,
    pub busy: u64,
    pub longest_queue: u32,
}

impl Tally {
    pub fn new(shape: Shape) -> Self {
        Self {
            labels: LabelTally::new(shape),
            answers: vec![0; FLAGS * shape.segments],
            value: vec![0.0; shape.segments],
            latency: vec![0; BINS],
            latency_sum: 0,
            answered: 0,
            arrivals: 0,
            mirrored: 0,
            mirror_dropped: 0,
            mirror_failed: 0,
            errors: 0,
            timeouts: 0,
            rejected: 0,
            busy: 0,
            longest_queue: 0,
        }
    }

    /// An answer left after `latency` microseconds.
    #[inline]
    pub fn answer(&mut self, latency: u64) {
        self.latency[bin_of(latency)] += 1;
        self.latency_sum += latency;
        self.answered += 1;
    }

    /// [`Self::answer`] for many latencies.
    #[inline(always)]
    pub fn answer_all(&mut self, latencies: impl ExactSizeIterator<Item = u64>) {
        self.answered += latencies.len() as u64;
        let mut sum = 0;
        for latency in latencies {
            self.latency[bin_of(latency)] += 1;
            sum += latency;
        }
        self.latency_sum += sum;
    }

    /// An answer whose label comes later, or never.
    #[inline]
    pub fn count_answer(&mut self, case: &Case, mirrored: u8) {
        let flags = case.flags & (POSITIVE | AGREES) | mirrored;
        self.answers[usize::from(case.segment) * FLAGS + usize::from(flags)] += 1;
    }

    #[inline]
    pub fn add_value(&mut self, segment: u8, value: f32) {
        self.value[usize::from(segment)] += f64::from(value);
    }

    /// The latencies counted so far.
    pub fn latencies(&self) -> Histogram {
        Histogram::from_dense(&self.latency)
    }

    /// What was counted, as a window's part; starts again from zero.
    pub fn take(&mut self) -> ArmWindow {
        let segments = self.labels.shape.segments;
        let mut window = ArmWindow {
            arrivals: self.arrivals,
            mirrored: self.mirrored,
            mirror_dropped: self.mirror_dropped,
            mirror_failed: self.mirror_failed,
            answered: self.answered,
            errors: self.errors,
            timeouts: self.timeouts,
            rejected: self.rejected,
            latency: self.latencies(),
            latency_sum: self.latency_sum,
            longest_queue: self.longest_queue,
            busy: self.busy,
            quality: vec![Quality::default(); segments],
            ..ArmWindow::default()
        };
        self.labels.pour_into(&mut window);
        for (segment, counts) in self.answers.chunks_exact(FLAGS).enumerate() {
            let quality = &mut window.quality[segment];
            for (flags, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                add_answer(quality, flags as u8, u64::from(*count));
            }
            quality.value += self.value[segment];
        }
        self.clear();
        window
    }

    fn clear(&mut self) {
        self.answers.fill(0);
        self.value.fill(0.0);
        self.latency.fill(0);
        for counter in [
            &mut self.latency_sum,
            &mut self.answered,
            &mut self.arrivals,
            &mut self.mirrored,
            &mut self.mirror_dropped,
            &mut self.mirror_failed,
            &mut self.errors,
            &mut self.timeouts,
            &mut self.rejected,
            &mut self.busy,
        ] {
            *counter = 0;
        }
        self.longest_queue = 0;
    }
}
