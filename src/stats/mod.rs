//! Statistics of a rehearsal: intervals, tests and the verdict drawn from them.
//!
//! Pure functions on counts and sums, so that they work on merged windows as well as on rows. What
//! is undefined (no rows, one class only, a standard error of 0) is `None` or NaN, never 0.

pub mod advice;
pub mod auc;
pub mod bandit;
pub mod bayes;
pub mod betting;
pub mod between;
pub mod by_units;
pub mod checklist;
pub mod classification;
pub mod clusters;
pub mod contingency;
pub mod decisions;
pub mod delong;
pub mod distribution;
pub mod drift;
pub mod evidence;
pub mod kayenta;
pub mod ks;
pub mod latency;
pub mod ledger;
pub mod lift;
pub mod lint;
pub mod looks;
pub mod mann_whitney;
pub mod margin;
pub mod mcnemar;
pub mod mean;
pub mod mixture;
pub mod multiple;
pub mod noise;
pub mod odds;
mod order;
pub mod paired;
pub mod poisson;
pub mod power;
pub mod probabilistic;
pub mod proportion;
pub mod proportion_difference;
pub mod quantile;
pub mod quantile_sequence;
pub mod ranking;
pub mod ratio_test;
pub mod regression;
pub mod score;
pub mod sequential;
pub mod soak;
mod special;
pub mod srm;
pub mod strata;
pub mod stratified;
mod t_sequence;
pub mod timeline;
pub mod truth;
pub mod tuned;
pub mod verdict;

pub use ledger::{Ledger, comparison, ledger};
pub use proportion::Interval;
pub use strata::Strata;
pub use verdict::{VerdictCard, verdict, verdict_on};
