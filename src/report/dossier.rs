//! All that a report tells: the run, and where it came from.

use super::Run;
use crate::domain::{Inputs, Intervention, PlanDraft, Reviewed};

/// A run with its origin.
#[derive(Clone, Debug)]
pub struct Dossier<'a> {
    pub run: Run<'a>,
    /// When the run began, for people; empty for one that was not kept.
    pub created: Option<String>,
    /// Of the program that made the run.
    pub program_version: &'a str,
    /// The experiment that this one was forked from.
    pub parent: Option<&'a str>,
    /// What was rehearsed; empty where it is not at hand.
    pub inputs: Option<&'a Inputs>,
    pub interventions: &'a [Intervention],
    /// What reviewers added; empty where it was not read.
    pub review: Option<&'a Reviewed>,
}

impl Dossier<'_> {
    /// The plan as TOML, without folders of the machine that it was written on.
    pub fn plan_text(&self) -> String {
        let mut plan: PlanDraft = self.run.plan.clone().into();
        plan.forget_folders();
        plan.to_toml()
    }

    /// Commands that give the run again, each with what it does.
    pub fn commands(&self) -> Vec<(String, &'static str)> {
        let Some(id) = self.run.id else {
            return vec![(
                format!("rehearsal run plan.toml --seed {}", self.run.plan.seed),
                "runs the plan below with its dataset and models",
            )];
        };
        vec![
            (format!("rehearsal verify {id}"), "runs it again from what is stored, to the bit"),
            (format!("rehearsal run {id}"), "the same plan and inputs as a new run"),
            (format!("rehearsal share {id} {id}.rehearsal"), "one file for another machine"),
        ]
    }
}

/// A dossier of a run that a library would hold.
#[cfg(test)]
pub(super) fn sample<'a>(
    plan: &'a crate::domain::Plan,
    recording: &'a crate::domain::Recording,
) -> Dossier<'a> {
    Dossier {
        run: Run::new(Some("k3f9a2b1"), plan, recording),
        created: Some("2026-11-25 14:03 UTC".to_owned()),
        program_version: "0.1.0",
        parent: None,
        inputs: None,
        interventions: &[],
        review: None,
    }
}
