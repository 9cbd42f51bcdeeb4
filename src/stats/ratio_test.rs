//! The label test for shares that change: do events fall on the candidate more often than a limit
//! allows?

use super::proportion_difference::Sample;

/// Alternatives: the candidate's rate is so many times the null's, from 2 % more to about twelve
/// times, in steps that grow by a quarter.
const ALTERNATIVES: usize = 22;
const FIRST_LOG: f64 = 0.02;
const GROWTH: f64 = 1.25;

/// A one-sided test of "the candidate's rate is at most `null` × the baseline's", exact (for `null`
/// 1) at every look.
///
/// Between two looks nᵦ and n꜀ requests ended, and an event is the candidate's with probability
/// θ = r n꜀/(nᵦ + r n꜀) if its rate is r times the baseline's. The e-value is the mean over the
/// alternatives of the likelihood ratio of r = null × alternative to r = null, so shares may change
/// and rates drift between looks (Lindon & Malek 2022, with a discrete prior on the ratio). Given the
/// counts, events without a difference are hypergeometric, and a likelihood ratio, being convex,
/// has no larger mean then than under the binomial (Hoeffding 1963).
#[derive(Clone, Debug, PartialEq)]
pub struct RatioTest {
    null: f64,
    logs: [f64; ALTERNATIVES],
    least_p: f64,
    baseline: Sample,
    candidate: Sample,
}

impl RatioTest {
    /// `null` must be above 0.
    pub fn new(null: f64) -> Self {
        let nothing = Sample { hits: 0.0, n: 0.0 };
        Self {
            null,
            logs: [0.0; ALTERNATIVES],
            least_p: 1.0,
            baseline: nothing,
            candidate: nothing,
        }
    }

    /// Adds what happened since the last look, during which shares were constant.
    pub fn look(&mut self, baseline: Sample, candidate: Sample) {
        for (sum, more) in [(&mut self.baseline, baseline), (&mut self.candidate, candidate)] {
            sum.hits += more.hits;
            sum.n += more.n;
        }
        if baseline.n <= 0.0 || candidate.n <= 0.0 {
            return;
        }
        let share = |ratio: f64| ratio * candidate.n / (baseline.n + ratio * candidate.n);
        let null = share(self.null);
        let mut log = FIRST_LOG;
        for sum in &mut self.logs {
            let other = share(self.null * log.exp());
            *sum += candidate.hits * (other / null).ln()
                + baseline.hits * ((1.0 - other) / (1.0 - null)).ln();
            log *= GROWTH;
        }
        self.least_p = self.least_p.min((-self.log_evidence()).exp());
    }

    /// ln of the e-value.
    pub fn log_evidence(&self) -> f64 {
        let most = self.logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = self.logs.iter().map(|log| (log - most).exp()).sum();
        most + (sum / ALTERNATIVES as f64).ln()
    }

    /// The always-valid p: 1 over the largest e-value so far, at most 1.
    pub fn p(&self) -> f64 {
        self.least_p
    }

    /// The candidate's rate over the baseline's, over all looks; `None` without an event in the
    /// baseline.
    pub fn ratio(&self) -> Option<f64> {
        let (one, two) = (self.baseline.share()?, self.candidate.share()?);
        (one > 0.0).then(|| two / one)
    }

    /// Requests of the baseline and of the candidate.
    pub fn n(&self) -> [u64; 2] {
        [self.baseline.n as u64, self.candidate.n as u64]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_look_is_the_mean_likelihood_ratio() {
        let mut test = RatioTest::new(1.0);
        test.look(Sample::new(9, 900), Sample::new(6, 100));
        // By hand: the mean over r of (r·0.1/(0.9 + 0.1 r)/0.1)⁶ ((0.9/(0.9 + 0.1 r))/0.9)⁹.
        let mean: f64 = (0..22)
            .map(|k| {
                let r = (0.02 * 1.25f64.powi(k)).exp();
                (r / (0.9 + 0.1 * r)).powi(6) * (1.0 / (0.9 + 0.1 * r)).powi(9)
            })
            .sum::<f64>()
            / 22.0;
        assert!((test.log_evidence() - mean.ln()).abs() < 1e-12);
        assert_eq!(test.ratio(), Some(6.0));
    }

    #[test]
    fn the_p_never_rises_and_an_empty_arm_says_nothing() {
        let mut test = RatioTest::new(1.0);
        test.look(Sample::new(1, 100), Sample::new(30, 100));
        let p = test.p();
        assert!(p < 1e-4, "{p}");
        test.look(Sample::new(50, 100), Sample::new(0, 100));
        assert_eq!(test.p(), p);
        let mut alone = RatioTest::new(1.0);
        alone.look(Sample::new(0, 0), Sample::new(90, 100));
        assert_eq!(alone.p(), 1.0);
    }

    #[test]
    fn a_ratio_within_the_limit_is_no_alarm() {
        let mut test = RatioTest::new(2.0);
        (0..50).for_each(|_| test.look(Sample::new(10, 1_000), Sample::new(15, 1_000)));
        assert!(test.p() > 0.5, "1.5 times is less than twice: {}", test.p());
    }
}
