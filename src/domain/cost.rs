//! What a rehearsal costs in money.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Prices; all zero means that only counts and hours are shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Cost {
    /// One replica for one hour.
    pub replica_hour: f64,
    /// An answer of "positive" to a negative row.
    pub false_positive: f64,
    /// An answer of "negative" to a positive row.
    pub false_negative: f64,
    /// A wrong class of several.
    pub wrong_class: f64,
    /// A request that got no answer.
    pub failed_request: f64,
    /// What the money is called, for example `USD`.
    pub currency: String,
}

impl Default for Cost {
    fn default() -> Self {
        Self {
            replica_hour: 0.0,
            false_positive: 0.0,
            false_negative: 0.0,
            wrong_class: 0.0,
            failed_request: 0.0,
            currency: "USD".to_owned(),
        }
    }
}
