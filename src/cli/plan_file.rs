//! A plan's file, and its problems with the lines where they are.

use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow};
use toml::de::{DeTable, DeValue};

use crate::data;
use crate::domain::{Plan, PlanProblem};
use crate::worker;

/// A sound plan, and the folder that its relative paths start from.
pub(super) struct PlanFile {
    pub plan: Plan,
    pub base: PathBuf,
}

/// Reads and checks a plan.
///
/// # Errors
/// If there is no plan in the file, or not a sound one; every problem with its line and field.
pub(super) fn read(path: &Path) -> Result<PlanFile> {
    let draft = worker::read_plan(path).map_err(|error| at_its_line(error, path))?;
    let plan = draft.validate().map_err(|problems| listed(&problems, path))?;
    let base = path.parent().map(Path::to_owned).unwrap_or_default();
    Ok(PlanFile { plan, base })
}

/// Adds the line and field of the plan's file to what the worker tells.
pub(super) fn at_its_line(error: worker::Error, path: &Path) -> Error {
    match error {
        worker::Error::NotAPlan { line, message, .. } => {
            let line = line.map_or(String::new(), |line| format!(":{line}"));
            anyhow!(
                "{}{line}: {message}\nhint: `rehearsal plan schema` describes every field",
                path.display()
            )
        }
        worker::Error::Problems(problems) => listed(&problems, path),
        other => match field_of(&other, path) {
            Some(field) => {
                let text = std::fs::read_to_string(path).unwrap_or_default();
                anyhow!("{}: {field}: {other}", place(&text, &field, path))
            }
            None => other.into(),
        },
    }
}

/// The field of the plan that names what could not be used.
fn field_of(error: &worker::Error, path: &Path) -> Option<String> {
    let draft = worker::read_plan(path).ok()?;
    match error {
        worker::Error::Data(data::Error::Column { column, .. }) => {
            let data = &draft.data;
            let roles = [
                ("label", &data.label),
                ("time", &data.time),
                ("user", &data.user),
                ("segment", &data.segment),
                ("value", &data.value),
            ];
            let role = roles.into_iter().find(|(_, name)| name.as_ref() == Some(column));
            role.map(|(role, _)| format!("data.{role}"))
        }
        worker::Error::Data(_) => Some("data.path".to_owned()),
        worker::Error::Arm { arm, .. } | worker::Error::Label { arm, .. } => {
            let place = draft.arms.iter().position(|one| one.name == *arm)?;
            Some(format!("arms[{place}].model"))
        }
        _ => None,
    }
}

/// `plan.toml:12`.
fn place(text: &str, field: &str, path: &Path) -> String {
    let line = line_of(text, field).map_or(String::new(), |line| format!(":{line}"));
    format!("{}{line}", path.display())
}

/// All problems, one a line as compilers write them.
fn listed(problems: &[PlanProblem], path: &Path) -> Error {
    let count = problems.len();
    let noun = if count == 1 { "problem" } else { "problems" };
    anyhow!("The plan has {count} {noun}\n{}", lines(problems, path).trim_end())
}

/// A line for each: where it is, the field, and what is to be said about it.
pub(super) fn lines(problems: &[PlanProblem], path: &Path) -> String {
    // A stored plan has no file; then the fields say where.
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = |problem: &PlanProblem| {
        let place = place(&text, &problem.field, path);
        format!("{place}: {}: {}\n", problem.field, problem.message)
    };
    problems.iter().map(line).collect()
}

/// The line, from 1, of a field such as `gates[0].pass_when`; of the innermost table around it if it
/// is not written down.
fn line_of(text: &str, field: &str) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut table = Some(document.get_ref());
    let mut value: Option<&DeValue<'_>> = None;
    let mut start = None;
    for part in parts(field) {
        let found = match part {
            Part::Name(name) => {
                let Some((key, inner)) = table.and_then(|table| table.get_key_value(name)) else {
                    break;
                };
                (key.span().start, inner)
            }
            Part::Place(place) => {
                let list = value.and_then(DeValue::as_array);
                let Some(inner) = list.and_then(|list| list.get(place)) else { break };
                (inner.span().start, inner)
            }
        };
        start = Some(found.0);
        value = Some(found.1.get_ref());
        table = value.and_then(DeValue::as_table);
    }
    Some(text.get(..start?)?.matches('\n').count() + 1)
}

enum Part<'a> {
    Name(&'a str),
    Place(usize),
}

fn parts(field: &str) -> impl Iterator<Item = Part<'_>> {
    let parts = field.split(['.', '[']).map(|part| part.trim_end_matches(']'));
    parts.map(|part| part.parse().map_or(Part::Name(part), Part::Place))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
name = \"x\"

[strategy]
kind = \"canary\"
ramp = { steps = [
    { weight = 5.0 },
    { weight = 2.0 },
] }

[[gates]]
name = \"Errors\"

[[gates]]
metric = \"accuracy\"
pass_when = { at_most = 3.0 }
";

    #[test]
    fn fields_are_found_in_every_form_that_toml_has() {
        let line = |field: &str| line_of(TEXT, field);
        assert_eq!(line("name"), Some(1));
        assert_eq!(line("strategy.ramp.steps[1].weight"), Some(7));
        assert_eq!(line("gates[1].pass_when"), Some(15));
        assert_eq!(line("gates[0].interval"), Some(10), "the table it would stand in");
        assert_eq!(line("arms"), None);
    }
}
