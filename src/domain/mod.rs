//! Plain values and their rules: what a plan, a table, a prediction and a recording *are*.
//!
//! Nothing here reads a file, draws a widget or looks at a clock, so every other folder may use it.

pub mod arm;
pub mod batch;
pub mod compared;
pub mod cost;
pub mod dialect;
pub mod event;
pub mod fault;
pub mod gate;
pub mod gate_test;
pub mod histogram;
pub mod inputs;
pub mod judge;
pub mod latency;
pub mod learned;
pub mod metric;
pub mod notation;
pub mod number;
pub mod oracle;
pub mod plan;
mod plan_check;
pub mod plan_draft;
mod plan_paths;
pub mod prediction;
pub mod progress;
pub mod recording;
pub mod regression;
pub mod review;
pub mod roles;
pub mod serving;
pub mod strategy;
pub mod table;
pub mod time;
pub mod toml_text;
pub mod traffic;
pub mod unit;
mod wall_time;
pub mod window;
pub mod words;

pub use arm::{Arm, ArmId, MAX_ARMS, ModelSource};
pub use batch::{BatchJob, BatchServing};
pub use compared::Compared;
pub use cost::Cost;
pub use dialect::Dialect;
pub use event::{Event, EventKind, Intervention, InterventionKind};
pub use fault::{Fault, FaultKind};
pub use gate::{Answer, Condition, Gate, Measurement, Reaction, Verdict};
pub use gate_test::{Correction, Test, Tested};
pub use histogram::Histogram;
pub use inputs::{Drifted, Inputs, Labels, Rows, Segments};
pub use judge::{Judge, Scored};
pub use latency::{BatchTime, Latency, LatencyProfile};
pub use learned::{Earned, Learned};
pub use metric::Metric;
pub use notation::{LatencyUnit, Notation, RateUnit, TimeUnit, Unit};
pub use number::grouped;
pub use oracle::Oracle;
pub use plan::{Plan, PlanProblem};
pub use plan_draft::PlanDraft;
pub use plan_paths::file_name;
pub use prediction::{Answers, Predictions, Task};
pub use progress::Progress;
pub use recording::{Outcome, OutcomeKind, Recording};
pub use regression::{Ladder, Regression};
pub use review::{
    About, Check, Comment, Decision, Resolved, Review, Reviewed, Seal, Seen, SignOff, Signature,
    Standing, Tick,
};
pub use roles::{DataSource, Role};
pub use serving::{CapacityChange, MicroBatching, Serving};
pub use strategy::{AbMethod, Policy, Ramp, ShadowEnd, SplitBy, Step, Strategy, StrategyKind};
pub use table::{Column, Table, Values};
pub use time::{SimSpan, SimTime};
pub use toml_text::TomlFault;
pub use traffic::{Arrivals, LabelDelay, RowOrder, Traffic, Units};
pub use unit::UnitSum;
pub use window::{ArmWindow, Quality, Window};
