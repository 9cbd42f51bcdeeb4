//! Metrics of predicted classes, from the confusion matrix.

/// Rows by truth and prediction: `counts[i][j]` rows of class i were called j.
#[derive(Clone, Debug, PartialEq)]
pub struct Confusion {
    counts: Vec<Vec<f64>>,
}

/// Precision, recall and their harmonic mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

/// 0/0 is 0 here, as scikit-learn's `zero_division=0`.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

impl Confusion {
    /// `None` unless the table is square and not empty.
    pub fn new(counts: Vec<Vec<f64>>) -> Option<Self> {
        let classes = counts.len();
        (classes > 0 && counts.iter().all(|row| row.len() == classes)).then_some(Self { counts })
    }

    /// From rows of class numbers below `classes`; others are left out.
    pub fn of(truth: &[usize], predicted: &[usize], classes: usize) -> Option<Self> {
        let mut counts = vec![vec![0.0; classes]; classes];
        for (truth, predicted) in truth.iter().zip(predicted) {
            if let Some(cell) = counts.get_mut(*truth).and_then(|row| row.get_mut(*predicted)) {
                *cell += 1.0;
            }
        }
        Self::new(counts)
    }

    pub fn counts(&self) -> &[Vec<f64>] {
        &self.counts
    }

    pub fn total(&self) -> f64 {
        self.counts.iter().flatten().sum()
    }

    /// Rows of each class in truth.
    pub fn support(&self) -> Vec<f64> {
        self.counts.iter().map(|row| row.iter().sum()).collect()
    }

    /// Rows that each class was predicted for.
    pub fn predicted(&self) -> Vec<f64> {
        (0..self.counts.len()).map(|j| self.counts.iter().map(|row| row[j]).sum()).collect()
    }

    fn right(&self) -> Vec<f64> {
        self.counts.iter().enumerate().map(|(i, row)| row[i]).collect()
    }

    /// Share of right rows; `None` without rows.
    pub fn accuracy(&self) -> Option<f64> {
        let total = self.total();
        (total > 0.0).then(|| self.right().iter().sum::<f64>() / total)
    }

    /// Mean recall over the classes that truth has; `None` without rows.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        let support = self.support();
        let recalls: Vec<f64> = (self.right().iter().zip(&support))
            .filter(|(_, n)| **n > 0.0)
            .map(|(right, n)| right / n)
            .collect();
        (!recalls.is_empty()).then(|| recalls.iter().sum::<f64>() / recalls.len() as f64)
    }

    /// Per class, in order; 0 where a denominator is 0.
    pub fn per_class(&self) -> Vec<Scores> {
        let (support, predicted) = (self.support(), self.predicted());
        let of = |(class, right): (usize, f64)| Scores {
            precision: share(right, predicted[class]),
            recall: share(right, support[class]),
            f1: share(2.0 * right, predicted[class] + support[class]),
        };
        self.right().into_iter().enumerate().map(of).collect()
    }

    /// The mean over classes, each as heavy as its weight.
    fn averaged(&self, weights: &[f64]) -> Scores {
        let whole: f64 = weights.iter().sum();
        let mut mean = Scores::default();
        for (scores, weight) in self.per_class().iter().zip(weights) {
            mean.precision += scores.precision * weight;
            mean.recall += scores.recall * weight;
            mean.f1 += scores.f1 * weight;
        }
        Scores {
            precision: share(mean.precision, whole),
            recall: share(mean.recall, whole),
            f1: share(mean.f1, whole),
        }
    }

    /// The plain mean over all classes, those without rows too.
    pub fn macro_average(&self) -> Scores {
        self.averaged(&vec![1.0; self.counts.len()])
    }

    /// The mean over classes weighted by their rows.
    pub fn weighted_average(&self) -> Scores {
        self.averaged(&self.support())
    }

    /// Matthews' correlation coefficient, for many classes R_K (Gorodkin 2004); 0 where a
    /// denominator is 0.
    pub fn mcc(&self) -> f64 {
        let total = self.total();
        let (support, predicted) = (self.support(), self.predicted());
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let right: f64 = self.right().iter().sum();
        let spread = |margin: &[f64]| total * total - dot(margin, margin);
        let covariance = right * total - dot(&support, &predicted);
        let scale = spread(&predicted).sqrt() * spread(&support).sqrt();
        if scale > 0.0 { covariance / scale } else { 0.0 }
    }

    /// Cohen's kappa (p_o − p_e)/(1 − p_e): agreement beyond chance. NaN where chance alone agrees
    /// always.
    pub fn kappa(&self) -> f64 {
        let total = self.total();
        let by_chance: f64 = (self.support().iter().zip(&self.predicted()))
            .map(|(a, b)| a * b / (total * total))
            .sum();
        let seen = self.accuracy().unwrap_or(f64::NAN);
        if by_chance < 1.0 { (seen - by_chance) / (1.0 - by_chance) } else { f64::NAN }
    }

    /// Recall of class 0 in a table of two classes, class 1 being positive.
    pub fn specificity(&self) -> Option<f64> {
        (self.counts.len() == 2).then(|| self.per_class()[0].recall)
    }

    /// F_β of a class: (1 + β²) hits over (1 + β²) hits + β² misses + false alarms.
    pub fn f_beta(&self, class: usize, beta: f64) -> Option<f64> {
        let right = *self.counts.get(class)?.get(class)?;
        let square = beta * beta;
        let whole = square * self.support()[class] + self.predicted()[class];
        Some(share((1.0 + square) * right, whole))
    }
}
