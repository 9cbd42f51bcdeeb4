//! Controllers named on the command line, and what each makes of a plan.

use crate::domain::{Dialect, dialect};
use crate::report::grid::wrapped;
use crate::report::{Run, WIDTH};
use crate::worker::compare::Unsaid;

/// Whose rules to follow.
#[derive(Clone, Debug)]
pub(super) struct Dialects(pub Vec<Dialect>);

/// `all`, or names with commas between.
pub(super) fn dialects(text: &str) -> Result<Dialects, String> {
    if text.trim().eq_ignore_ascii_case("all") {
        return Ok(Dialects(Dialect::ALL.to_vec()));
    }
    let dialect = |name: &str| {
        let wanted = name.trim().to_lowercase();
        let found = Dialect::ALL.into_iter().find(|dialect| {
            // `argo` is short for Argo Rollouts.
            dialect.label().to_lowercase().split(' ').next() == Some(wanted.as_str())
        });
        found.ok_or_else(|| {
            format!("`{wanted}` is no dialect; choose from rehearsal, argo, flagger, sagemaker")
        })
    };
    text.split(',').map(dialect).collect::<Result<_, _>>().map(Dialects)
}

/// What each dialect makes of the plan, and which cannot say it.
pub(super) fn differences(runs: &[(String, Run<'_>)], unsaid: &[Unsaid]) -> String {
    let mut text = String::new();
    for (name, run) in runs {
        let notes = dialect::notes(run.plan);
        if !notes.is_empty() {
            text.push_str(&format!("\n{name} reads the plan differently\n"));
        }
        text.extend(
            notes
                .iter()
                .map(|note| wrapped(&format!("{}: {}", note.field, note.message), "  ", WIDTH)),
        );
    }
    for (dialect, problems) in unsaid {
        text.push_str(&format!("\n{} is left out\n", dialect.label()));
        text.extend(problems.iter().map(|problem| wrapped(&problem.message, "  ", WIDTH)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_have_the_names_that_plans_have() {
        assert_eq!(dialects("argo, Flagger").unwrap().0, [Dialect::Argo, Dialect::Flagger]);
        assert_eq!(dialects("ALL").unwrap().0, Dialect::ALL);
        assert!(dialects("argos").is_err());
    }
}
