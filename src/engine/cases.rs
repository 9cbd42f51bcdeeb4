//! What each arm's answer to each row is worth, worked out once before the replay.

use crate::domain::{Answers, Labels, Predictions, Rows};

/// Everything that counting an answer needs, in 8 bytes: a replay reads them in random order, so
/// what can be worked out from them later is not kept.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(8))]
pub(super) struct Case {
    /// Classes: the probability given to the true one, 1 where it is not known. Numbers: the error.
    pub value: f32,
    /// See the constants below.
    pub flags: u8,
    pub segment: u8,
    /// Place of the score among [`SCORE_BINS`] equally full bins.
    pub bin: u8,
    /// The class that was answered.
    pub class: u8,
}

impl Case {
    /// An answer without a label.
    pub const UNLABELLED: Self = Self { value: 1.0, flags: 0, segment: 0, bin: 0, class: 0 };
}

/// The row has a label.
pub(super) const LABELLED: u8 = 1;
pub(super) const CORRECT: u8 = 1 << 1;
/// The answer is "yes".
pub(super) const POSITIVE: u8 = 1 << 2;
/// The label is "yes".
pub(super) const TRUTH: u8 = 1 << 3;
/// The baseline answers the same.
pub(super) const AGREES: u8 = 1 << 4;
/// Wrong where some other arm is right.
pub(super) const HARM: u8 = 1 << 5;
/// Right where the baseline is wrong.
pub(super) const GAIN: u8 = 1 << 6;
/// Set while counting: the answer was a copy's, which nobody saw.
pub(super) const MIRRORED: u8 = 1 << 7;

pub(super) const SCORE_BINS: usize = 128;

/// What is kept of the rows and answers for one state of the world.
#[derive(Clone, Debug)]
pub(super) struct Cases {
    /// Per arm, then per row.
    pub arms: Vec<Vec<Case>>,
    /// Per arm: Brier terms per row, where probabilities of several classes have them.
    pub squared: Vec<Vec<f32>>,
    /// Per row: the label's class (classes) for confusion counts; empty for numbers.
    pub label_class: Vec<u8>,
    /// Per row: the label less the labels' mean (numbers); empty for classes.
    pub label_number: Vec<f32>,
}

/// The largest number of classes whose confusions are counted.
pub(super) const MAX_CLASSES: usize = 64;

/// Labels after a `FlippedLabels` fault: `percent` of the rows (of one segment) turn to the next
/// class, or change their sign around the mean.
pub(super) fn flip_labels(rows: &Rows, percent: f64, segment: Option<&str>, seed: u64) -> Labels {
    use super::random::{Concern, Stream, threshold};
    let stream = Stream::new(seed ^ 0xF11B, Concern::Rows);
    let limit = threshold(percent / 100.0);
    let wanted = rows.segments.as_ref().and_then(|segments| {
        Some((
            &segments.codes,
            segments.names.iter().position(|name| Some(name.as_str()) == segment)?,
        ))
    });
    let hit = |row: usize| {
        let in_segment = match (&wanted, segment) {
            (_, None) => true,
            (Some((codes, code)), _) => codes.get(row).map(|c| usize::from(*c)) == Some(*code),
            (None, Some(_)) => false,
        };
        in_segment && u64::from(stream.bits32(row as u64)) < limit
    };
    match &rows.labels {
        Labels::None => Labels::None,
        Labels::Classes { names, codes } => {
            let next = |code: u16| (code + 1) % names.len().max(1) as u16;
            let flipped = codes.iter().enumerate().map(|(row, code)| {
                if *code != Labels::MISSING && hit(row) { next(*code) } else { *code }
            });
            Labels::Classes { names: names.clone(), codes: flipped.collect() }
        }
        Labels::Numbers(values) => {
            let mean = mean_of(values);
            let flipped = values.iter().enumerate();
            Labels::Numbers(
                flipped.map(|(row, x)| if hit(row) { 2.0 * mean - x } else { *x }).collect(),
            )
        }
    }
}

fn mean_of(values: &[f32]) -> f32 {
    let known = values.iter().filter(|x| !x.is_nan());
    let (sum, n) = known.fold((0.0, 0u64), |(sum, n), x| (sum + f64::from(*x), n + 1));
    if n == 0 { 0.0 } else { (sum / n as f64) as f32 }
}

impl Cases {
    /// `labels` stands for the rows' own, so that faults can change them.
    pub fn new(rows: &Rows, labels: &Labels, predictions: &[Predictions]) -> Self {
        let answers = predictions.iter().map(|arm| &arm.answers);
        let squared = answers.clone().map(|of_arm| brier_terms(rows.count, labels, of_arm));
        let squared = squared.collect();
        let mut arms: Vec<Vec<Case>> =
            answers.map(|of_arm| judge_arm(rows.count, labels, of_arm)).collect();
        let by_class = predictions.iter().all(|arm| !matches!(arm.answers, Answers::Numbers(_)));
        if by_class {
            compare_arms(&mut arms);
        }
        if let Some(segments) = &rows.segments {
            for arm in &mut arms {
                for (case, segment) in arm.iter_mut().zip(&segments.codes) {
                    case.segment = *segment;
                }
            }
        }
        let label_class = match labels {
            Labels::Classes { codes, .. } => codes.iter().map(|c| (*c).min(255) as u8).collect(),
            _ => Vec::new(),
        };
        let label_number = match labels {
            Labels::Numbers(values) => {
                let mean = mean_of(values);
                values.iter().map(|x| x - mean).collect()
            }
            _ => Vec::new(),
        };
        Self { arms, squared, label_class, label_number }
    }
}

/// The class of a row's label, if it has one.
fn truth_of(labels: &Labels, row: usize) -> Option<u16> {
    match labels {
        Labels::Classes { codes, .. } => {
            codes.get(row).copied().filter(|code| *code != Labels::MISSING)
        }
        _ => None,
    }
}

/// Each row on its own.
fn judge_arm(rows: usize, labels: &Labels, answers: &Answers) -> Vec<Case> {
    let bins = match answers {
        Answers::Scores { values, .. } => score_bins(values),
        _ => Vec::new(),
    };
    let judge = |row: usize| {
        let truth = truth_of(labels, row);
        match answers {
            Answers::Scores { values, threshold } => {
                let score = values[row];
                let class = u16::from(score >= *threshold);
                let right = truth.map(|t| if t == 1 { score } else { 1.0 - score });
                Case { bin: bins[row], ..judge_class(class, truth, right) }
            }
            Answers::Classes(values) => judge_class(values[row], truth, None),
            Answers::Probabilities { values, classes } => {
                let of_row = &values[row * classes..(row + 1) * classes];
                let right = truth.and_then(|t| of_row.get(usize::from(t)).copied());
                judge_class(largest(of_row), truth, right)
            }
            Answers::Numbers(values) => judge_number(values[row], labels, row),
        }
    };
    (0..rows).map(judge).collect()
}

/// Σ (p − t)² over the classes, t 1 for the true one and 0 elsewhere, per row; empty but for
/// probabilities of several classes.
fn brier_terms(rows: usize, labels: &Labels, answers: &Answers) -> Vec<f32> {
    let Answers::Probabilities { values, classes } = answers else { return Vec::new() };
    let of_row = |row: usize| {
        let Some(truth) = truth_of(labels, row) else { return 0.0 };
        let probabilities = values[row * classes..(row + 1) * classes].iter().enumerate();
        probabilities
            .map(|(class, p)| (p - f32::from(u8::from(class == usize::from(truth)))).powi(2))
            .sum()
    };
    (0..rows).map(of_row).collect()
}

fn largest(values: &[f32]) -> u16 {
    let best = values.iter().enumerate().fold((0, f32::NEG_INFINITY), |best, (class, p)| {
        if *p > best.1 { (class, *p) } else { best }
    });
    best.0 as u16
}

fn judge_class(class: u16, truth: Option<u16>, right: Option<f32>) -> Case {
    let mut case = Case { class: class.min(255) as u8, ..Case::UNLABELLED };
    if class == 1 {
        case.flags |= POSITIVE;
    }
    let Some(truth) = truth else { return case };
    case.flags |= LABELLED;
    if truth == 1 {
        case.flags |= TRUTH;
    }
    if class == truth {
        case.flags |= CORRECT;
    }
    if let Some(right) = right {
        // scikit-learn clips probabilities at the epsilon of the type.
        case.value = right.max(f64::EPSILON as f32);
    }
    case
}

fn judge_number(answer: f32, labels: &Labels, row: usize) -> Case {
    let Labels::Numbers(values) = labels else { return Case::UNLABELLED };
    match values.get(row).filter(|truth| !truth.is_nan()) {
        Some(truth) => Case { value: answer - truth, flags: LABELLED, ..Case::UNLABELLED },
        None => Case { value: 0.0, ..Case::UNLABELLED },
    }
}

/// Marks where the arms differ from one another.
fn compare_arms(arms: &mut [Vec<Case>]) {
    let rows = arms.iter().map(Vec::len).min().unwrap_or(0);
    for row in 0..rows {
        let is = |arm: &Vec<Case>, flag: u8| arm[row].flags & flag != 0;
        let labelled = arms.iter().all(|arm| is(arm, LABELLED));
        let any_right = arms.iter().any(|arm| is(arm, CORRECT));
        let Some(first) = arms.first() else { return };
        let (base_right, base_class) = (is(first, CORRECT), first[row].class);
        for arm in arms.iter_mut() {
            let case = &mut arm[row];
            let right = case.flags & CORRECT != 0;
            if case.class == base_class {
                case.flags |= AGREES;
            }
            if labelled && !right && any_right {
                case.flags |= HARM;
            }
            if labelled && right && !base_right {
                case.flags |= GAIN;
            }
        }
    }
}

/// Bins of equal weight by rank; equal scores share a bin.
fn score_bins(scores: &[f32]) -> Vec<u8> {
    let mut order: Vec<u32> = (0..scores.len() as u32).collect();
    order.sort_by(|a, b| scores[*a as usize].total_cmp(&scores[*b as usize]));
    let mut bins = vec![0; scores.len()];
    let mut before: Option<(f32, u8)> = None;
    for (rank, row) in order.iter().enumerate() {
        let score = scores[*row as usize];
        let bin = match before {
            Some((last, bin)) if last == score => bin,
            _ => (rank * SCORE_BINS / scores.len()) as u8,
        };
        bins[*row as usize] = bin;
        before = Some((score, bin));
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{LatencyProfile, Task};

    fn arm(scores: &[f32]) -> Predictions {
        Predictions {
            model: "m".to_owned(),
            digest: String::new(),
            task: Task::Binary,
            answers: Answers::Scores { values: scores.to_vec(), threshold: 0.5 },
            latency: LatencyProfile::default(),
        }
    }

    fn classes(codes: &[u16]) -> Labels {
        Labels::Classes { names: vec!["no".to_owned(), "yes".to_owned()], codes: codes.to_vec() }
    }

    #[test]
    fn harm_and_gain_are_seen_from_the_arm() {
        let rows = Rows { count: 4, ..Rows::default() };
        let labels = classes(&[1, 1, 0, Labels::MISSING]);
        let cases =
            Cases::new(&rows, &labels, &[arm(&[0.9, 0.1, 0.9, 0.9]), arm(&[0.2, 0.8, 0.8, 0.1])]);
        let flags = |arm: usize, row: usize| cases.arms[arm][row].flags;
        assert_eq!(flags(1, 0) & (HARM | GAIN | CORRECT), HARM, "only the baseline is right");
        assert_eq!(flags(1, 1) & (HARM | GAIN), GAIN);
        assert_eq!(flags(0, 1) & HARM, HARM);
        assert_eq!(flags(1, 2) & (HARM | GAIN | AGREES), AGREES, "both wrong alike");
        assert_eq!(flags(1, 3) & (LABELLED | AGREES), 0, "no label, other answer");
    }

    #[test]
    fn bins_keep_the_order_and_ties() {
        let scores: Vec<f32> = (0..1_000).map(|k| (k % 500) as f32).collect();
        let bins = score_bins(&scores);
        assert_eq!(bins[3], bins[503]);
        assert!((0..499).all(|k| bins[k] <= bins[k + 1]));
        assert_eq!(bins[499], 127);
    }

    #[test]
    fn labels_flip_only_where_they_are_told_to() {
        let rows =
            Rows { count: 4, labels: classes(&[0, 1, 0, Labels::MISSING]), ..Rows::default() };
        assert_eq!(flip_labels(&rows, 100.0, None, 1), classes(&[1, 0, 1, Labels::MISSING]));
        assert_eq!(flip_labels(&rows, 100.0, Some("north"), 1), rows.labels, "no such segment");
    }
}
