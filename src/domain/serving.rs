//! The simulated fleet of one arm.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SimSpan, SimTime};

/// Replicas behind one first-in-first-out queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Serving {
    /// Copies of the model at full size.
    pub replicas: u32,
    /// Requests that one replica works on at a time.
    pub concurrency: u32,
    /// Requests that may wait; one more is turned away at once.
    pub queue_limit: u32,
    /// A caller gives up after this time; the answer then counts as an error.
    pub timeout: SimSpan,
    /// From asking for a replica until it can answer.
    pub cold_start: SimSpan,
    /// Collect requests and score them together.
    pub batching: Option<MicroBatching>,
    /// Scheduled changes of the fleet's size.
    pub capacity_changes: Vec<CapacityChange>,
}

impl Default for Serving {
    fn default() -> Self {
        Self {
            replicas: 1,
            concurrency: 1,
            queue_limit: 1_000,
            timeout: SimSpan::from_secs(1),
            cold_start: SimSpan::from_secs(20),
            batching: None,
            capacity_changes: Vec::new(),
        }
    }
}

/// Real-time micro-batching: a batch leaves when it is full or its oldest request has waited enough.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MicroBatching {
    pub max_size: u32,
    pub max_wait: SimSpan,
}

/// From `at` on the fleet's full size is `replicas`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityChange {
    pub at: SimTime,
    pub replicas: u32,
}
