//! Datasets: reading files with polars, guessing roles, profiling columns, listing faults.
