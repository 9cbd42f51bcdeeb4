//! Strategies, controllers and serving replayed in virtual time: a pure function from a plan and its inputs to a recording.
mod arrivals;
mod cases;
mod fleet;
mod gates;
mod quantile_table;
mod random;
mod tally;
