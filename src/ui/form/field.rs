//! What a field is about.

use super::Typed;

/// One field of a form.
#[derive(Clone, Debug)]
pub struct Field {
    /// Where its value lies in the plan: `strategy.ramp.steps[2].weight`.
    pub path: String,
    pub label: &'static str,
    /// Written behind the value.
    pub unit: String,
    /// Stands in an empty field: what is then taken.
    pub hint: String,
    /// A sentence for whoever rests on the label.
    pub help: &'static str,
    /// The value that a new plan has.
    pub usual: Option<String>,
}

impl Field {
    pub fn new(path: impl Into<String>, label: &'static str) -> Self {
        Self {
            path: path.into(),
            label,
            unit: String::new(),
            hint: String::new(),
            help: "",
            usual: None,
        }
    }

    pub fn unit(self, unit: impl Into<String>) -> Self {
        Self { unit: unit.into(), ..self }
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    pub fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    pub fn usual<T: Typed>(self, value: &T) -> Self {
        Self { usual: Some(value.show()), ..self }
    }
}
