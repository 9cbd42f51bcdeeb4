//! Commands about the plan: roles, models, and every other field.

use std::path::{Path, PathBuf};

use super::naming;
use super::place::Place;
use super::plan_editor::PlanEditor;
use super::program::{App, Next};
use super::state::{CardDraft, ModelState};
use crate::domain::{Arrivals, Latency, Metric, ModelSource, PlanDraft, Role};
use crate::worker::{Proposal, Proposed, Task};

impl App {
    pub(super) fn edit_plan(&mut self, mut draft: PlanDraft) {
        if let Some(name) = naming::plan(self.state.plan.draft(), &draft) {
            draft.name = name;
        }
        self.state.plan.edit(draft);
        self.follow_draft();
    }

    pub(super) fn replace_plan(&mut self, editor: PlanEditor) {
        self.state.plan = editor;
        self.state.proposal.clear();
        self.state.models.clear();
        self.follow_draft();
        self.check_models();
    }

    pub(super) fn duplicate_plan(&mut self) {
        let Some(run) = self.state.shown_run() else { return };
        let mut draft = PlanDraft::from(run.plan.as_ref().clone());
        draft.name = format!("{} (copy)", draft.name);
        let base = run.base.clone();
        make_paths_absolute(&mut draft, &base);
        self.replace_plan(PlanEditor::new(draft, None));
        self.state.place = Place::Plan;
    }

    pub(super) fn set_role(&mut self, column: &str, role: Role) {
        let mut draft = self.state.plan.draft().clone();
        draft.data.set_role(column, role);
        self.state.guessed.remove(column);
        self.edit_plan(draft);
        self.check_models();
    }

    pub(super) fn set_model(&mut self, arm: usize, source: ModelSource) {
        let mut draft = self.state.plan.draft().clone();
        let name = naming::arm(&draft, arm, &source);
        if let Some(arm) = draft.arms.get_mut(arm) {
            if let Some(name) = name {
                arm.name = name;
            }
            arm.model = source;
        }
        self.edit_plan(draft);
        self.check_model(arm);
    }

    /// Takes proposed gates for metrics that no gate watches yet, and says why they are as they are.
    pub(super) fn take_proposal(&mut self, proposal: Proposal) {
        let mut draft = self.state.plan.draft().clone();
        let mut notes = Vec::new();
        // What a person changed meanwhile stays.
        if let Some((asked, longer)) = proposal.strategy
            && draft.strategy == asked
        {
            draft.strategy = longer;
        }
        let watched: Vec<Metric> = draft.gates.iter().map(|gate| gate.metric).collect();
        for Proposed { gate, why } in proposal.gates {
            if !watched.contains(&gate.metric) {
                draft.gates.push(gate);
                notes.push(why);
            }
        }
        let text = match notes.len() {
            0 => "The plan's gates already watch all that would be proposed".to_owned(),
            1 => "1 gate was proposed from the baseline's numbers".to_owned(),
            more => format!("{more} gates were proposed from the baseline's numbers"),
        };
        self.edit_plan(draft);
        notes.extend(proposal.notes);
        self.state.proposal = notes;
        self.state.notices.done(text);
    }

    pub(super) fn add_arm(&mut self) {
        let mut draft = self.state.plan.draft().clone();
        if let Some(last) = draft.arms.last() {
            let mut arm = last.clone();
            arm.name = naming::of_place(draft.arms.len());
            arm.model = ModelSource::Folder(String::new());
            draft.arms.push(arm);
        }
        self.edit_plan(draft);
    }

    pub(super) fn remove_arm(&mut self, arm: usize) {
        let mut draft = self.state.plan.draft().clone();
        if arm < draft.arms.len() {
            draft.arms.remove(arm);
        }
        if arm < self.state.models.len() {
            self.state.models.remove(arm);
        }
        self.edit_plan(draft);
    }

    pub(super) fn edit_card(&mut self, card: PathBuf, text: String) {
        self.state.cards.insert(card, CardDraft::new(text, true));
    }

    /// Writes the card of an arm's model into its place; then the model is looked at again.
    pub(super) fn write_card(&mut self, arm: usize) {
        let Some((path, card)) = self.state.card_of(arm) else { return };
        let (path, bytes) = (path.to_owned(), card.text.clone().into_bytes());
        let job = self.start(Task::WriteFile { path, bytes });
        self.next.insert(job, Next::CheckModel(arm));
    }

    /// One model state per arm, whatever was done to the draft.
    pub(super) fn follow_draft(&mut self) {
        let arms = self.state.plan.draft().arms.len();
        self.state.models.resize(arms, ModelState::Unknown);
    }

    pub(super) fn check_models(&mut self) {
        for arm in 0..self.state.models.len() {
            self.check_model(arm);
        }
    }

    pub(super) fn check_model(&mut self, arm: usize) {
        let Some(dataset) = self.state.dataset().cloned() else { return };
        let draft = self.state.plan.draft();
        let Some(model) = draft.arms.get(arm).map(|arm| arm.model.clone()) else { return };
        let state = match model {
            ModelSource::Folder(folder) if !folder.is_empty() => {
                let folder = self.state.plan.base().join(folder);
                let source = draft.data.clone();
                let task = Task::OpenModel { slot: arm, folder, dataset, source };
                ModelState::Checking(self.start(task))
            }
            ModelSource::Column(name) if !name.is_empty() => {
                match (dataset.table.column(&name), dataset.table.nearest_name(&name)) {
                    (Some(_), _) => ModelState::Recorded,
                    (None, near) => ModelState::Failed(missing_column(&name, near)),
                }
            }
            // A file is read with the rehearsal.
            ModelSource::Folder(_) | ModelSource::Column(_) | ModelSource::File { .. } => {
                ModelState::Unknown
            }
        };
        if let Some(slot) = self.state.models.get_mut(arm) {
            *slot = state;
        }
    }
}

fn missing_column(name: &str, near: Option<&str>) -> String {
    let hint = near.map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
    format!("The dataset has no column `{name}`.{hint}")
}

/// Paths of a plan without a file of its own must not depend on where a file would lie.
fn make_paths_absolute(draft: &mut PlanDraft, base: &Path) {
    let absolute = |path: &mut String| {
        if !path.is_empty() && !base.as_os_str().is_empty() {
            *path = base.join(&*path).display().to_string();
        }
    };
    absolute(&mut draft.data.path);
    for arm in &mut draft.arms {
        match &mut arm.model {
            ModelSource::Folder(path) | ModelSource::File { path, .. } => absolute(path),
            ModelSource::Column(_) => {}
        }
        if let Latency::File(path) = &mut arm.latency {
            absolute(path);
        }
    }
    if let Arrivals::Trace { path, .. } = &mut draft.traffic.arrivals {
        absolute(path);
    }
}
