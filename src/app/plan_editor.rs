//! The plan while a person edits it: its draft, what is wrong with it, and the way back.

use std::path::{Path, PathBuf};

use super::changed_field::changed_field;
use super::foreseen::foreseen;
use crate::domain::{Plan, PlanDraft, PlanProblem, TomlFault};
use crate::stats::lint::lint;

/// Steps back that are kept.
const MOST_UNDO: usize = 200;

#[derive(Clone, Debug, Default)]
pub struct PlanEditor {
    draft: PlanDraft,
    problems: Vec<PlanProblem>,
    advice: Vec<PlanProblem>,
    undo: Vec<PlanDraft>,
    redo: Vec<PlanDraft>,
    /// The file it was read from or written to.
    path: Option<PathBuf>,
    /// The draft as that file has it.
    saved: Option<PlanDraft>,
    /// What the TOML view holds where that is not a draft, and why.
    text: Option<(String, TomlFault)>,
}

impl PlanEditor {
    /// A plan from a file, or without one a new plan.
    pub fn new(draft: PlanDraft, path: Option<PathBuf>) -> Self {
        let saved = path.is_some().then(|| draft.clone());
        let mut editor = Self { draft, path, saved, ..Self::default() };
        editor.check();
        editor
    }

    pub fn draft(&self) -> &PlanDraft {
        &self.draft
    }

    pub fn problems(&self) -> &[PlanProblem] {
        &self.problems
    }

    /// What keeps nothing from running, but is worth a second thought.
    pub fn advice(&self) -> &[PlanProblem] {
        &self.advice
    }

    /// The problems of one field, `gates[0].pass_when` for example.
    pub fn problems_at<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a PlanProblem> {
        self.problems.iter().filter(move |problem| problem.field == field)
    }

    /// The checked plan, if nothing is wrong.
    pub fn plan(&self) -> Option<Plan> {
        self.draft.clone().validate().ok()
    }

    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The folder that the plan's relative paths start from.
    pub fn base(&self) -> PathBuf {
        self.path.as_deref().and_then(Path::parent).map(Path::to_owned).unwrap_or_default()
    }

    pub fn is_saved(&self) -> bool {
        self.saved.as_ref() == Some(&self.draft)
    }

    /// The draft now lies in `path`.
    pub fn mark_saved(&mut self, path: PathBuf) {
        self.path = Some(path);
        self.saved = Some(self.draft.clone());
    }

    /// A text that is not a plan, and what is wrong with it.
    pub fn broken_text(&self) -> Option<(&str, &TomlFault)> {
        self.text.as_ref().map(|(text, fault)| (text.as_str(), fault))
    }

    /// Takes a changed draft; the one before can be had back.
    pub fn edit(&mut self, draft: PlanDraft) {
        self.text = None;
        if draft == self.draft {
            return;
        }
        if self.goes_on_typing(&draft) {
            self.draft = draft;
        } else {
            if self.undo.len() == MOST_UNDO {
                self.undo.remove(0);
            }
            self.undo.push(std::mem::replace(&mut self.draft, draft));
        }
        self.redo.clear();
        self.check();
    }

    /// Takes the plan as TOML. A text that is no plan is kept beside the draft.
    pub fn edit_text(&mut self, text: String) {
        match PlanDraft::from_toml(&text) {
            Ok(draft) => self.edit(draft),
            Err(fault) => self.text = Some((text, fault)),
        }
    }

    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    pub fn undo(&mut self) {
        if let Some(before) = self.undo.pop() {
            self.redo.push(std::mem::replace(&mut self.draft, before));
            self.text = None;
            self.check();
        }
    }

    pub fn redo(&mut self) {
        if let Some(after) = self.redo.pop() {
            self.undo.push(std::mem::replace(&mut self.draft, after));
            self.text = None;
            self.check();
        }
    }

    /// True if the last edit was of the same field: a number that is typed is one step back, not
    /// one a digit.
    fn goes_on_typing(&self, draft: &PlanDraft) -> bool {
        let Some(before) = self.undo.last().filter(|_| self.redo.is_empty()) else {
            return false;
        };
        let last = changed_field(before, &self.draft);
        last.is_some() && last == changed_field(&self.draft, draft)
    }

    fn check(&mut self) {
        self.problems = self.draft.clone().validate().err().unwrap_or_default();
        self.problems.extend(foreseen(&self.draft));
        // Advice on what cannot run yet would only be noise.
        self.advice = if self.problems.is_empty() { lint(&self.draft) } else { Vec::new() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> PlanDraft {
        PlanDraft { name: name.to_owned(), ..PlanDraft::default() }
    }

    #[test]
    fn edits_go_back_and_forth() {
        let mut editor = PlanEditor::new(named("a"), None);
        editor.edit(named(""));
        editor.edit(named(""));
        assert!(editor.problems_at("name").count() == 1);
        editor.edit(PlanDraft { seed: 9, ..named("") });
        editor.undo();
        assert_eq!((editor.draft().seed, editor.problems_at("name").count()), (1, 1));
        editor.undo();
        assert_eq!((editor.draft().name.as_str(), editor.can_undo()), ("a", false));
        editor.redo();
        assert_eq!(editor.draft().name, "");
        editor.edit(named("c"));
        assert!(!editor.can_redo());
    }

    #[test]
    fn a_word_that_is_typed_is_one_step_back() {
        let mut editor = PlanEditor::new(named("a"), None);
        for name in ["", "n", "ne", "new"] {
            editor.edit(named(name));
        }
        editor.undo();
        assert_eq!((editor.draft().name.as_str(), editor.can_undo()), ("a", false));
    }

    #[test]
    fn a_broken_text_leaves_the_draft_alone() {
        let mut editor = PlanEditor::new(named("a"), None);
        editor.edit_text("name = \"x\"\nsede = 1\n".to_owned());
        assert_eq!(editor.draft().name, "a");
        assert_eq!(editor.broken_text().map(|(_, fault)| fault.line), Some(Some(2)));
        editor.edit_text("name = \"x\"\n".to_owned());
        assert_eq!(editor.draft().name, "x");
        assert!(editor.broken_text().is_none());
    }
}
