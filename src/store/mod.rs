//! Experiments in SQLite: nothing recorded is ever lost or changed.
//!
//! A [`Library`] is one file (`.rehearsal`) of experiments; a shared copy is the same kind of file
//! with one experiment in it. What a run needs and what it recorded are kept exactly, in compressed
//! blobs with digests; beside them lie plain columns and views that the `sqlite3` shell can query:
//!
//! ```text
//! sqlite3 library.rehearsal "SELECT clock, arm, requests, latency_p95 FROM window_metrics"
//! ```
//!
//! A run is saved while it goes on ([`Library::begin`], [`Library::append`], [`Library::finish`]),
//! each step a transaction. If its process dies, whoever opens the library next finds what was
//! recorded so far, marked [`Status::Interrupted`].

mod adopt;
mod begin;
mod codec;
mod connection;
mod error;
mod experiment;
mod finish;
mod id;
mod inputs;
mod keeping;
mod library;
mod query;
mod readable;
mod recording;
mod review;
mod schema;
mod seal;
mod search;
mod share;
mod soundness;
mod verdict;
mod writer;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod library_tests;
#[cfg(test)]
mod review_tests;
#[cfg(test)]
mod stranger_tests;

pub use begin::NewExperiment;
pub use error::{Error, Problem};
pub use experiment::{Experiment, Status, Summary};
pub use id::ExperimentId;
pub use library::Library;
pub use query::{Answered, READY, ReadyQuery};
pub use review::NewComment;
pub use seal::Key;
pub use share::Sharing;
pub use verdict::{KeyMetric, Shown};
