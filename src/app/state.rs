//! All facts of the running program. The window draws them and owns none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ask::Ask;
use super::lesson::Teaching;
use super::library_view::Found;
use super::notices::Notices;
use super::place::Place;
use super::plan_editor::PlanEditor;
use super::playback::Playback;
use super::reviewing::ReviewState;
use super::run::Run;
use super::settings::Settings;
use crate::data::Dataset;
use crate::domain::{Plan, SimSpan, StrategyKind};
use crate::models::Card;
use crate::stats::odds::Odds;
use crate::store::{ExperimentId, Summary};
use crate::worker::{Compared, JobId, ModelCheck, Verification};

pub struct State {
    pub place: Place,
    pub settings: Settings,
    pub data: DataState,
    /// The column whose profile is shown.
    pub column: Option<String>,
    /// Problems of the dataset that the person chose to ignore, by their place.
    pub ignored: BTreeSet<usize>,
    /// Columns whose role was guessed and not confirmed.
    pub guessed: BTreeSet<String>,
    pub plan: PlanEditor,
    /// One entry per arm of the draft.
    pub models: Vec<ModelState>,
    /// Cards that are not written yet, by the place where they belong.
    pub cards: BTreeMap<PathBuf, CardDraft>,
    pub runs: Vec<Run>,
    /// The run on the Rehearse screen: its place in `runs`.
    pub shown: Option<usize>,
    pub playback: Playback,
    /// Why the proposed gates are as they are, and what each stage can show.
    pub proposal: Vec<String>,
    /// The strategies side by side, once they were compared.
    pub compared: Option<Arc<Vec<Compared>>>,
    /// The strategies are being compared.
    pub comparing: Option<JobId>,
    pub odds: OddsState,
    pub library: LibraryState,
    /// Counts the times that the library was read.
    pub library_version: u64,
    /// What the last search found.
    pub found: Option<Found>,
    /// The experiment that was deleted last, and its name.
    pub deleted: Option<(ExperimentId, String)>,
    /// The experiment that is to be shared: bytes of a whole copy, and of one without predictions.
    pub sharing: Option<(ExperimentId, [u64; 2])>,
    pub review: ReviewState,
    /// The comment field is to have the focus; the window takes it.
    pub wants_comment: bool,
    /// How verifications came out.
    pub verified: BTreeMap<ExperimentId, Verification>,
    pub notices: Notices,
    /// What lies on top of the screen.
    pub overlay: Option<Overlay>,
    /// A file dialog that is wanted; the window takes it and opens it.
    pub asking: Option<Ask>,
    /// The lesson under way.
    pub lesson: Option<Teaching>,
    /// Something runs in the background.
    pub has_jobs: bool,
    /// The window is to close.
    pub is_quitting: bool,
    pub is_full_screen: bool,
}

/// What becomes of the plan in many runs.
#[derive(Default)]
pub struct OddsState {
    /// Per strategy, in the order in which they were asked for.
    pub known: Vec<(StrategyKind, Arc<Odds>)>,
    /// What they are the odds of, whatever has become of the plan since.
    pub plan: Option<Arc<Plan>>,
    /// They are being worked out.
    pub asking: Option<JobId>,
}

impl OddsState {
    /// Runs of each what-if: shares are then known to 7 points either way at worst.
    pub const RUNS: u32 = 200;

    /// Sharper odds of a strategy replace those before.
    pub fn take(&mut self, kind: StrategyKind, odds: Arc<Odds>) {
        match self.known.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, known)) => *known = odds,
            None => self.known.push((kind, odds)),
        }
    }
}

/// The dataset of the draft.
#[derive(Default)]
pub enum DataState {
    #[default]
    Empty,
    Loading {
        job: JobId,
        path: PathBuf,
    },
    Loaded(Arc<Dataset>),
    Failed {
        path: PathBuf,
        message: String,
    },
}

/// What is known about an arm's model.
#[derive(Clone, Default)]
pub enum ModelState {
    /// No model was chosen, or no dataset is there to check it against.
    #[default]
    Unknown,
    Checking(JobId),
    /// Its answers are a column of the dataset.
    Recorded,
    Checked(Arc<ModelCheck>),
    /// It has no card yet; one for this place waits in [`State::cards`].
    NoCard(PathBuf),
    Failed(String),
}

/// The text of a card that is not written yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardDraft {
    pub text: String,
    /// A person has changed it: a new proposal does not replace it.
    pub is_edited: bool,
    /// What keeps the text from being a sound card.
    pub problems: Vec<String>,
}

impl CardDraft {
    pub fn new(text: String, is_edited: bool) -> Self {
        let problems = match Card::from_toml(&text) {
            Ok(card) => card.problems(),
            Err(fault) => vec![fault.to_string()],
        };
        Self { text, is_edited, problems }
    }
}

#[derive(Default)]
pub enum LibraryState {
    #[default]
    Unread,
    Reading,
    Read(Vec<Summary>),
    Failed(String),
}

impl LibraryState {
    pub fn list(&self) -> &[Summary] {
        if let Self::Read(list) = self { list } else { &[] }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overlay {
    Palette,
    Keys,
    Settings,
    Notices,
    About,
}

impl Overlay {
    pub const ALL: [Self; 5] =
        [Self::Palette, Self::Keys, Self::Settings, Self::Notices, Self::About];

    pub fn label(self) -> &'static str {
        match self {
            Self::Palette => "Find a command",
            Self::Keys => "Keys",
            Self::Settings => "Settings",
            Self::Notices => "Notices",
            Self::About => "About Rehearsal",
        }
    }

    pub fn purpose(self) -> &'static str {
        match self {
            Self::Palette => "Type a few letters of what you want to do",
            Self::Keys => "Every key and what it does",
            Self::Settings => "Theme, motion and size",
            Self::Notices => "What the program has told so far",
            Self::About => "Version and licences",
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self {
            place: Place::Start,
            settings: Settings::default(),
            data: DataState::Empty,
            column: None,
            ignored: BTreeSet::new(),
            guessed: BTreeSet::new(),
            plan: PlanEditor::new(crate::domain::PlanDraft::default(), None),
            models: vec![ModelState::Unknown; 2],
            cards: BTreeMap::new(),
            runs: Vec::new(),
            shown: None,
            playback: Playback::new(SimSpan::ZERO),
            proposal: Vec::new(),
            compared: None,
            comparing: None,
            odds: OddsState::default(),
            library: LibraryState::Unread,
            library_version: 0,
            found: None,
            deleted: None,
            sharing: None,
            review: ReviewState::default(),
            wants_comment: false,
            verified: BTreeMap::new(),
            notices: Notices::default(),
            overlay: None,
            asking: None,
            lesson: None,
            has_jobs: false,
            is_quitting: false,
            is_full_screen: false,
        }
    }
}

impl State {
    pub fn shown_run(&self) -> Option<&Run> {
        self.runs.get(self.shown?)
    }

    pub fn dataset(&self) -> Option<&Arc<Dataset>> {
        if let DataState::Loaded(dataset) = &self.data { Some(dataset) } else { None }
    }

    /// The card that an arm's model still lacks, and where it belongs.
    pub fn card_of(&self, arm: usize) -> Option<(&Path, &CardDraft)> {
        let Some(ModelState::NoCard(path)) = self.models.get(arm) else { return None };
        Some((path, self.cards.get(path)?))
    }

    pub fn is_rehearsing(&self) -> bool {
        self.runs.iter().any(Run::is_running)
    }

    /// True if closing the window would lose something.
    pub fn has_unsaved_work(&self) -> bool {
        self.is_rehearsing() || self.has_unsaved_plan()
    }

    /// True if the plan was changed since it was read or written.
    pub fn has_unsaved_plan(&self) -> bool {
        self.plan.can_undo() && !self.plan.is_saved()
    }
}
