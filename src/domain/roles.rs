//! Which file a rehearsal reads, and what its columns are for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The dataset of a plan and the roles of its columns. Every column without a role is a feature.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DataSource {
    /// CSV, Parquet, NDJSON or Arrow IPC; relative to the plan's file.
    pub path: String,
    /// The column that holds the truth.
    pub label: Option<String>,
    /// The label's value that counts as positive; empty: guessed (`1`, `true`, `yes`, or the rarer).
    pub positive: Option<String>,
    /// When a row happened.
    pub time: Option<String>,
    /// Who sent it: units of sticky assignment.
    pub user: Option<String>,
    /// Slices to look at apart, for example a region.
    pub segment: Option<String>,
    /// What an answer is worth, in money.
    pub value: Option<String>,
    /// Columns that nothing reads.
    pub ignore: Vec<String>,
}

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Feature,
    Text,
    Label,
    Time,
    User,
    Segment,
    Value,
    Prediction,
    Ignore,
}

impl Role {
    pub const ALL: [Self; 9] = [
        Self::Feature,
        Self::Text,
        Self::Label,
        Self::Time,
        Self::User,
        Self::Segment,
        Self::Value,
        Self::Prediction,
        Self::Ignore,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Feature => "Feature",
            Self::Text => "Text",
            Self::Label => "Label",
            Self::Time => "Time",
            Self::User => "User",
            Self::Segment => "Segment",
            Self::Value => "Value",
            Self::Prediction => "Prediction",
            Self::Ignore => "Ignore",
        }
    }
}

impl DataSource {
    /// The role that the plan gives `column`, where it says so.
    pub fn role_of(&self, column: &str) -> Option<Role> {
        let is = |role: &Option<String>| role.as_deref() == Some(column);
        if is(&self.label) {
            Some(Role::Label)
        } else if is(&self.time) {
            Some(Role::Time)
        } else if is(&self.user) {
            Some(Role::User)
        } else if is(&self.segment) {
            Some(Role::Segment)
        } else if is(&self.value) {
            Some(Role::Value)
        } else {
            self.ignore.iter().any(|name| name == column).then_some(Role::Ignore)
        }
    }

    /// Gives `column` a role, taking it from the column that had it where only one can.
    pub fn set_role(&mut self, column: &str, role: Role) {
        for slot in
            [&mut self.label, &mut self.time, &mut self.user, &mut self.segment, &mut self.value]
        {
            if slot.as_deref() == Some(column) {
                *slot = None;
            }
        }
        self.ignore.retain(|name| name != column);
        let name = column.to_owned();
        match role {
            Role::Label => self.label = Some(name),
            Role::Time => self.time = Some(name),
            Role::User => self.user = Some(name),
            Role::Segment => self.segment = Some(name),
            Role::Value => self.value = Some(name),
            Role::Ignore => self.ignore.push(name),
            Role::Feature | Role::Text | Role::Prediction => {}
        }
    }
}
