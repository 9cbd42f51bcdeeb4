//! What each arm's answer to each row is worth, worked out once before the replay.

use crate::domain::{Answers, Cost, Labels, Predictions, Rows};

/// Everything that counting an answer needs, in 16 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(16))]
pub(super) struct Case {
    /// Log loss for classes; absolute error for numbers.
    pub loss: f32,
    /// Squared error of the probability (Brier) or of the number.
    pub squared: f32,
    /// What this mistake costs.
    pub cost: f32,
    /// See the constants below.
    pub flags: u8,
    pub segment: u8,
    /// Place of the score among [`SCORE_BINS`] equally full bins.
    pub bin: u8,
    /// The class that was answered.
    pub class: u8,
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
    pub fn new(rows: &Rows, labels: &Labels, predictions: &[Predictions], cost: &Cost) -> Self {
        let mut arms: Vec<Vec<Case>> = predictions
            .iter()
            .map(|arm| judge_arm(rows.count, labels, &arm.answers, cost))
            .collect();
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
        Self { arms, label_class, label_number }
    }
}

/// Each row on its own.
fn judge_arm(rows: usize, labels: &Labels, answers: &Answers, cost: &Cost) -> Vec<Case> {
    let bins = match answers {
        Answers::Scores { values, .. } => score_bins(values),
        _ => Vec::new(),
    };
    let truth = |row: usize| match labels {
        Labels::Classes { codes, .. } => {
            codes.get(row).copied().filter(|code| *code != Labels::MISSING)
        }
        _ => None,
    };
    let judge = |row: usize| match answers {
        Answers::Scores { values, threshold } => {
            let score = values[row];
            let class = u16::from(score >= *threshold);
            let right = truth(row).map(|t| if t == 1 { score } else { 1.0 - score });
            let squared = (1.0 - right.unwrap_or(1.0)).powi(2);
            let case = judge_class(class, truth(row), right, squared, cost);
            Case { bin: bins[row], ..case }
        }
        Answers::Classes(values) => judge_class(values[row], truth(row), None, 0.0, cost),
        Answers::Probabilities { values, classes } => {
            let row_values = &values[row * classes..(row + 1) * classes];
            let right = truth(row).and_then(|t| row_values.get(usize::from(t)).copied());
            let squared = row_values.iter().enumerate().map(|(class, p)| {
                let wanted = f32::from(u8::from(truth(row) == Some(class as u16)));
                (p - wanted).powi(2)
            });
            judge_class(largest(row_values), truth(row), right, squared.sum(), cost)
        }
        Answers::Numbers(values) => judge_number(values[row], labels, row),
    };
    (0..rows).map(judge).collect()
}

fn largest(values: &[f32]) -> u16 {
    let best = values.iter().enumerate().fold((0, f32::NEG_INFINITY), |best, (class, p)| {
        if *p > best.1 { (class, *p) } else { best }
    });
    best.0 as u16
}

fn judge_class(
    class: u16,
    truth: Option<u16>,
    right: Option<f32>,
    squared: f32,
    cost: &Cost,
) -> Case {
    let mut case = Case { class: class.min(255) as u8, ..Case::default() };
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
    } else {
        case.cost = match (class, truth) {
            (1, 0) => cost.false_positive as f32,
            (0, 1) => cost.false_negative as f32,
            _ => cost.wrong_class as f32,
        };
    }
    if let Some(right) = right {
        // scikit-learn clips probabilities at the epsilon of the type.
        case.loss = -libm::log(f64::from(right).max(f64::EPSILON)) as f32;
        case.squared = squared;
    }
    case
}

fn judge_number(answer: f32, labels: &Labels, row: usize) -> Case {
    let truth = match labels {
        Labels::Numbers(values) => values.get(row).copied().filter(|x| !x.is_nan()),
        _ => None,
    };
    let Some(truth) = truth else { return Case::default() };
    let error = answer - truth;
    Case { loss: error.abs(), squared: error * error, flags: LABELLED, ..Case::default() }
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
        let cost = Cost { false_negative: 100.0, ..Cost::default() };
        let labels = classes(&[1, 1, 0, Labels::MISSING]);
        let cases = Cases::new(
            &rows,
            &labels,
            &[arm(&[0.9, 0.1, 0.9, 0.9]), arm(&[0.2, 0.8, 0.8, 0.1])],
            &cost,
        );
        let flags = |arm: usize, row: usize| cases.arms[arm][row].flags;
        assert_eq!(flags(1, 0) & (HARM | GAIN | CORRECT), HARM, "only the baseline is right");
        assert_eq!(cases.arms[1][0].cost, 100.0);
        assert_eq!(flags(1, 1) & (HARM | GAIN), GAIN);
        assert_eq!(flags(0, 1) & HARM, HARM);
        assert_eq!(flags(1, 2) & (HARM | GAIN | AGREES), AGREES, "both wrong alike");
        assert_eq!(flags(1, 3) & (LABELLED | AGREES), 0, "no label, other answer");
    }

    #[test]
    fn losses_are_scikit_learns() {
        let rows = Rows { count: 2, ..Rows::default() };
        let cases = Cases::new(&rows, &classes(&[1, 0]), &[arm(&[0.8, 0.4])], &Cost::default());
        // log_loss([1], [0.8]) = 0.22314, brier (0.2)² = 0.04; for the second 0.51083 and 0.16.
        let near = |got: f32, want: f32| assert!((got - want).abs() < 1e-5, "{got} for {want}");
        near(cases.arms[0][0].loss, 0.223_143_55);
        near(cases.arms[0][0].squared, 0.04);
        near(cases.arms[0][1].loss, 0.510_825_6);
        near(cases.arms[0][1].squared, 0.16);
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
