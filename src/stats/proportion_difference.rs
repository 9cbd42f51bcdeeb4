//! Two proportions: intervals of their difference and ratio, and z tests.

use super::Interval;
use super::distribution::{normal_sf, normal_two_sided};
use super::proportion::wilson;

/// `hits` of `n` independent trials of one arm. Fractions are allowed: an effective sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub hits: f64,
    pub n: f64,
}

impl Sample {
    pub fn new(hits: u64, n: u64) -> Self {
        Self { hits: hits as f64, n: n as f64 }
    }

    pub fn share(self) -> Option<f64> {
        (self.n > 0.0).then(|| self.hits / self.n)
    }

    /// With one hit and one miss more.
    fn padded(self) -> Self {
        Self { hits: self.hits + 1.0, n: self.n + 2.0 }
    }

    /// p(1 − p)/n
    fn variance(self) -> f64 {
        let p = self.hits / self.n;
        p * (1.0 - p) / self.n
    }
}

/// Newcombe's interval of p₁ − p₂ (1998, method 10) at level 1 − `alpha`; `None` if an arm is empty.
///
/// With Wilson limits l, u of each arm: d − √((p₁−l₁)² + (u₂−p₂)²) to d + √((u₁−p₁)² + (p₂−l₂)²).
/// Assumes independent arms and trials; has a width even without any event.
pub fn newcombe(first: Sample, second: Sample, alpha: f64) -> Option<Interval> {
    let (p1, p2) = (first.share()?, second.share()?);
    let one = wilson(first.hits, first.n, alpha)?;
    let two = wilson(second.hits, second.n, alpha)?;
    Some(square_and_add((p1, one), (p2, two)))
}

/// The interval of the difference of two independent estimates, each with an interval of its own
/// ("MOVER": Zou & Donner 2008).
pub fn square_and_add(first: (f64, Interval), second: (f64, Interval)) -> Interval {
    let ((p1, one), (p2, two)) = (first, second);
    let d = p1 - p2;
    Interval::new(d - (p1 - one.low).hypot(two.high - p2), d + (one.high - p1).hypot(p2 - two.low))
}

/// The textbook interval d ± z √(p₁q₁/n₁ + p₂q₂/n₂); no width without events, so not for gates.
pub fn wald_difference(first: Sample, second: Sample, alpha: f64) -> Option<Interval> {
    let d = first.share()? - second.share()?;
    let half = normal_two_sided(alpha) * (first.variance() + second.variance()).sqrt();
    Some(Interval::new(d - half, d + half))
}

/// Wald's interval after adding one hit and one miss to each arm (Agresti & Caffo 2000).
pub fn agresti_caffo(first: Sample, second: Sample, alpha: f64) -> Option<Interval> {
    (first.n > 0.0 && second.n > 0.0)
        .then(|| wald_difference(first.padded(), second.padded(), alpha))
        .flatten()
}

/// The interval of p₁/p₂ on the logarithmic scale (Katz et al. 1978); `None` if either arm has no
/// event.
pub fn ratio_log(first: Sample, second: Sample, alpha: f64) -> Option<Interval> {
    let ratio = first.share()? / second.share()?;
    let variance = 1.0 / first.hits - 1.0 / first.n + 1.0 / second.hits - 1.0 / second.n;
    let half = normal_two_sided(alpha) * variance.sqrt();
    (first.hits > 0.0 && second.hits > 0.0)
        .then(|| Interval::new(ratio * (-half).exp(), ratio * half.exp()))
}

/// A z statistic and its two-sided p.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZTest {
    pub z: f64,
    pub p: f64,
}

impl ZTest {
    fn from_z(z: f64) -> Self {
        Self { z, p: 2.0 * normal_sf(z.abs()) }
    }

    /// One-sided p for "the first is larger".
    pub fn p_larger(self) -> f64 {
        normal_sf(self.z)
    }

    /// One-sided p for "the first is smaller".
    pub fn p_smaller(self) -> f64 {
        normal_sf(-self.z)
    }
}

/// Tests p₁ = p₂ with the pooled variance p(1−p)(1/n₁ + 1/n₂). `None` if an arm is empty or the
/// standard error is 0 (no event, or only events): then there is nothing to test. A fixed-horizon
/// test: looked at again and again it rejects far too often.
pub fn pooled_z(first: Sample, second: Sample) -> Option<ZTest> {
    let d = first.share()? - second.share()?;
    let p = (first.hits + second.hits) / (first.n + second.n);
    let variance = p * (1.0 - p) * (1.0 / first.n + 1.0 / second.n);
    (variance > 0.0).then(|| ZTest::from_z(d / variance.sqrt()))
}

/// The same test with each arm's own variance.
pub fn unpooled_z(first: Sample, second: Sample) -> Option<ZTest> {
    let d = first.share()? - second.share()?;
    let variance = first.variance() + second.variance();
    (variance > 0.0).then(|| ZTest::from_z(d / variance.sqrt()))
}

/// The same after adding one hit and one miss to each arm (Agresti & Caffo 2000), so that it is
/// defined without events too.
pub fn agresti_caffo_z(first: Sample, second: Sample) -> Option<ZTest> {
    (first.n > 0.0 && second.n > 0.0).then(|| unpooled_z(first.padded(), second.padded())).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_difference_lies_in_its_interval(n1 in 1u64..2_000, n2 in 1u64..2_000, s1 in 0.0..=1.0f64, s2 in 0.0..=1.0f64) {
            let sample = |n: u64, share: f64| Sample { hits: (share * n as f64).round(), n: n as f64 };
            let (a, b) = (sample(n1, s1), sample(n2, s2));
            let interval = newcombe(a, b, 0.05).unwrap();
            prop_assert!(interval.contains(a.share().unwrap() - b.share().unwrap()));
            prop_assert!(interval.low >= -1.0 - 1e-12 && interval.high <= 1.0 + 1e-12);
            let mirrored = newcombe(b, a, 0.05).unwrap();
            prop_assert!((mirrored.low + interval.high).abs() < 1e-12, "swapping arms must mirror it");
        }
    }

    #[test]
    fn no_events_are_no_certainty() {
        let (a, b) = (Sample::new(0, 900), Sample::new(0, 100));
        assert_eq!(pooled_z(a, b), None);
        let interval = newcombe(b, a, 0.05).unwrap();
        assert!(interval.high > 0.03, "100 requests without an error allow 3 %: {interval:?}");
    }
}
