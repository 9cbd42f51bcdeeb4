//! Rehearsal: rehearse the rollout of a machine-learning model before anyone's users meet it.
//!
//! Real rows, real models and real controller rules; simulated time, traffic and serving.
//! `ARCHITECTURE.md` shows how the folders stand on one another: imports point down only.

pub mod app;
pub mod cli;
pub mod data;
pub mod domain;
pub mod engine;
pub mod models;
pub mod picture;
pub mod report;
pub mod stats;
pub mod store;
pub mod ui;
pub mod worker;
