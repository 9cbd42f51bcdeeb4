//! Statistics of a rehearsal: intervals, tests and the verdict drawn from them.
//!
//! Pure functions on counts and sums, so that they work on merged windows as well as on rows. What
//! is undefined (no rows, one class only, a standard error of 0) is `None` or NaN, never 0.

pub mod auc;
pub mod distribution;
pub mod ledger;
pub mod mcnemar;
pub mod mean;
pub mod power;
pub mod proportion;
pub mod proportion_difference;
pub mod quantile;
mod special;
pub mod srm;
pub mod strata;
pub mod verdict;

pub use ledger::{Ledger, comparison, ledger};
pub use proportion::Interval;
pub use verdict::{VerdictCard, verdict};
