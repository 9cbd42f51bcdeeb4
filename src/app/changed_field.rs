//! Which field of a plan an edit changed.

use serde_json::Value;

use crate::domain::PlanDraft;

/// The path of the only number or text in which two drafts differ; `None` if they differ in more,
/// or in something that is not typed.
pub fn changed_field(before: &PlanDraft, after: &PlanDraft) -> Option<String> {
    let (before, after) = (serde_json::to_value(before).ok()?, serde_json::to_value(after).ok()?);
    let mut changes = Vec::new();
    collect(&before, &after, String::new(), &mut changes);
    match changes.as_slice() {
        [Some(path)] => Some(path.clone()),
        _ => None,
    }
}

/// A path for each typed value that differs, and `None` for everything else that does.
fn collect(before: &Value, after: &Value, path: String, changes: &mut Vec<Option<String>>) {
    match (before, after) {
        _ if before == after => {}
        (Value::Object(before), Value::Object(after)) if before.keys().eq(after.keys()) => {
            for ((name, before), after) in before.iter().zip(after.values()) {
                collect(before, after, format!("{path}.{name}"), changes);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (place, (before, after)) in before.iter().zip(after).enumerate() {
                collect(before, after, format!("{path}[{place}]"), changes);
            }
        }
        (Value::Number(_), Value::Number(_)) | (Value::String(_), Value::String(_)) => {
            changes.push(Some(path));
        }
        _ => changes.push(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{SimSpan, StrategyKind};

    #[test]
    fn one_typed_field_has_a_path_and_anything_more_has_none() {
        let before = PlanDraft::default();
        let mut after = before.clone();
        after.arms[1].serving.replicas = 12;
        let path = Some(".arms[1].serving.replicas".to_owned());
        assert_eq!(changed_field(&before, &after), path);
        after.traffic.duration = SimSpan::from_secs(90);
        assert_eq!(changed_field(&before, &after), None);
        let strategy = StrategyKind::Shadow.default_strategy();
        let other = PlanDraft { strategy, ..before.clone() };
        assert_eq!(changed_field(&before, &other), None);
    }
}
