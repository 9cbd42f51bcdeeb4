//! Datasets: reading them from files, telling what is wrong with them, what their columns look like
//! and are probably for, and which of it a replay needs.
//!
//! Texts (CSV, NDJSON) are read row by row by our own code, because a person wants every fault with
//! its row and column; Parquet and Arrow IPC are decoded by polars.

mod arrow_column;
mod blobs;
mod builder;
mod cell;
mod csv_file;
mod dataset;
mod drift;
mod error;
mod format;
mod guess;
mod ipc;
mod labels;
mod memory;
mod ndjson;
mod parquet;
mod parquet_footer;
mod parquet_write;
mod pictures;
mod problem;
mod profile;
mod reading;
mod rows;
mod texts;
mod times;
mod trace;

#[cfg(test)]
mod faults_tests;
#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
mod samples;

pub use dataset::{Dataset, load};
pub use drift::Drift;
pub use error::Error;
pub use format::Format;
pub use guess::{Guess, guess_roles, role_of};
pub use parquet_write::parquet_bytes;
pub use problem::{DataProblem, Severity};
pub use profile::{BARS, ColumnProfile, Quantiles, Shape};
pub use rows::rows;
pub use trace::{arrivals, read_service_times, read_trace};
