//! What a gate that weighs chance has seen, and whether its conditions hold for sure.

use crate::domain::gate_test::{Method, Test, Weighed};
use crate::domain::{ArmId, Condition, Gate, UnitSum, Window};
use crate::stats::evidence::Evidence;

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Yes,
    No,
    /// Chance could be either.
    Open,
}

/// The evidence of one run of a gate.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weighing {
    test: Test,
    evidence: Evidence,
    /// All that the evidence is drawn from, as one window.
    total: Option<Window>,
}

impl Weighing {
    /// `None` for a gate that judges bare values.
    pub fn new(gate: &Gate, arm: ArmId) -> Option<Self> {
        let test = gate.test?;
        let evidence = Evidence::new(test, gate.metric, gate.fail_when, arm);
        Some(Self { test, evidence, total: None })
    }

    /// Adds windows that have not been seen yet, each with constant shares; a fixed-horizon test
    /// looks at these alone.
    pub fn absorb(&mut self, windows: &[Window]) {
        self.evidence.look(windows);
        let before = self.total.take().filter(|_| self.test.method != Method::Fixed);
        self.total = Window::merged(before.iter().chain(windows));
    }

    /// Adds what became known of the baseline's and the candidate's buckets of users.
    pub fn count_users(&mut self, share: f64, arms: [&[UnitSum]; 2]) {
        self.evidence.count_users(share, arms);
    }

    pub fn total(&self) -> Option<&Window> {
        self.total.as_ref()
    }

    /// The evidence on a condition at a part of the test's level; `None` while there is too little.
    pub fn weigh(&self, condition: Condition, part: f64) -> Option<Weighed> {
        self.evidence.weigh_at(condition, self.test.alpha * part)
    }

    /// The test at a part of its level.
    pub fn test_at(&self, part: f64) -> Test {
        Test { alpha: self.test.alpha * part, ..self.test }
    }
}

impl From<Option<bool>> for Holds {
    fn from(surely: Option<bool>) -> Self {
        match surely {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Open,
        }
    }
}
