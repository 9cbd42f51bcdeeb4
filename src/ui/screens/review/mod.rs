//! The Review screen: the verdict before anything else, then why, then what people say about it.

mod checklist;
mod comments;
mod compose;
mod header;
mod lanes;
mod sign_off;
mod why;

use egui::{Rect, ScrollArea, Ui};

use crate::app::{Command, Commands, Place, PlaybackCommand, Run, State};
use crate::domain::{About, Decision, Metric, Plan, Recording, SimTime, Verdict};
use crate::report::figures::{StageSpan, stage_spans};
use crate::stats::checklist::Question;
use crate::stats::{VerdictCard, verdict};
use crate::ui::rehearse::verdict_card::verdict_words_ui;
use crate::ui::theme::{GAP, Tokens, small};
use crate::ui::widgets::{empty_state, filled_card};

const SIDE_WIDTH: f32 = 372.0;
/// Below this width of the screen the verdict lies above the checks, not beside them.
const NARROW: f32 = 1_100.0;

/// How the screen was left, and what is dear to compute.
#[derive(Default)]
pub struct ReviewMemory {
    /// The run that all this is about, and how much of it was recorded.
    run: Option<(u64, usize)>,
    card: Option<VerdictCard>,
    questions: Vec<Question>,
    spans: Vec<StageSpan>,
    tab: Tab,
    /// The comment that is being written.
    draft: Draft,
    notes: std::collections::BTreeMap<&'static str, String>,
    decision: Option<Decision>,
    reason: String,
    with_key: bool,
    shows_resolved: bool,
    /// The comment field is to have the focus.
    pub wants_comment: bool,
}

/// A comment that is being written.
#[derive(Clone, Debug, PartialEq)]
struct Draft {
    about: About,
    answers: Option<u32>,
    text: String,
}

impl Default for Draft {
    fn default() -> Self {
        Self { about: About::Run, answers: None, text: String::new() }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Comments,
    Checklist,
    SignOff,
}

/// A run that can be reviewed.
#[derive(Clone, Copy)]
struct View<'a> {
    state: &'a State,
    run: &'a Run,
    plan: &'a Plan,
    recording: &'a Recording,
}

impl View<'_> {
    /// Why nothing can be added to the review; `Ok` if it can.
    fn can_add(&self) -> Result<(), &'static str> {
        match (&self.run.file, &self.run.id) {
            (Some(_), _) => Err("The file is open for reading only: copy it to your library first"),
            (None, None) => Err("The run is not in the library yet"),
            (None, Some(_)) if self.state.settings.reviewer.trim().is_empty() => {
                Err("Write your name first")
            }
            (None, Some(_)) => Ok(()),
        }
    }
}

/// Draws the screen.
pub fn review_ui(ui: &mut Ui, state: &State, memory: &mut ReviewMemory, commands: &mut Commands) {
    let run = state.shown_run();
    let Some((run, recording)) = run.and_then(|run| Some((run, run.recording.as_deref()?))) else {
        let sentence = "Nothing to review yet: open an experiment, or rehearse a plan.";
        if empty_state(ui, sentence, Some("Show the library")) {
            commands.push(Command::Go(Place::Library));
        }
        return;
    };
    let view = View { state, run, plan: &run.plan, recording };
    memory.follow(&view);
    let places = Places::of(ui.available_rect_before_wrap());
    header::header_ui(ui, places.header, &view, commands);
    filled_card(ui, places.verdict, |ui| verdict_ui(ui, &view, memory, commands));
    filled_card(ui, places.why, |ui| why::why_ui(ui, &view, memory, commands));
    filled_card(ui, places.time, |ui| lanes::lanes_ui(ui, &view, memory, commands));
    filled_card(ui, places.side, |ui| side_ui(ui, &view, memory, commands));
}

/// Where the parts lie: fixed by the space alone, so that nothing jumps.
struct Places {
    header: Rect,
    verdict: Rect,
    why: Rect,
    time: Rect,
    side: Rect,
}

impl Places {
    fn of(rect: Rect) -> Self {
        let rect = rect.shrink(GAP);
        let header = rect.with_max_y(rect.top() + header::HEIGHT);
        let below = rect.with_min_y(header.bottom() + GAP);
        let side = below.with_min_x(below.right() - SIDE_WIDTH.min(below.width() * 0.42));
        let left = below.with_max_x(side.left() - GAP);
        let time = left.with_min_y(left.bottom() - lanes::HEIGHT);
        let above = left.with_max_y(time.top() - GAP);
        let (verdict, why) = if rect.width() < NARROW {
            let split = above.top() + above.height() * 0.52;
            (above.with_max_y(split - GAP / 2.0), above.with_min_y(split + GAP / 2.0))
        } else {
            let split = above.left() + above.width() * 0.46;
            (above.with_max_x(split - GAP / 2.0), above.with_min_x(split + GAP / 2.0))
        };
        Self { header, verdict, why, time, side }
    }
}

impl ReviewMemory {
    /// Computes anew what another run, or more of it, has changed.
    fn follow(&mut self, view: &View<'_>) {
        let place = view.state.shown.unwrap_or_default();
        let run = std::sync::Arc::as_ptr(&view.run.plan) as u64 ^ place as u64;
        let now = (run, view.recording.windows.len());
        if self.run == Some(now) {
            return;
        }
        if self.run.is_some_and(|(before, _)| before != run) {
            *self = Self { wants_comment: self.wants_comment, ..Self::default() };
        }
        self.run = Some(now);
        let card = verdict(view.recording, view.recording.end());
        self.questions = crate::stats::checklist::checklist(view.plan, view.recording, &card);
        self.card = Some(card);
        self.spans = stage_spans(view.recording);
    }
}

fn verdict_ui(ui: &mut Ui, view: &View<'_>, memory: &mut ReviewMemory, commands: &mut Commands) {
    let Some(card) = &memory.card else { return };
    let area = ScrollArea::vertical().id_salt("review verdict").auto_shrink(false);
    let clicked = area
        .show(ui, |ui| {
            ui.set_width(ui.available_width() - 6.0);
            verdict_words_ui(ui, card, view.recording)
        })
        .inner;
    if let Some(metric) = clicked {
        commands.playback(PlaybackCommand::Seek(decided(metric, card, view.plan)));
        memory.draft.about = About::Metric(metric);
        memory.tab = Tab::Comments;
    }
}

/// When a metric was decided: at its gate's failure, else at its last measurement, else with the run.
fn decided(metric: Metric, card: &VerdictCard, plan: &Plan) -> SimTime {
    let of =
        |gate: u16| plan.gates.get(usize::from(gate)).is_some_and(|gate| gate.metric == metric);
    let lines = || card.why.iter().filter(|line| of(line.gate));
    let failure = lines().find(|line| line.verdict == Verdict::Fail);
    let last = failure.or_else(|| lines().next_back()).map(|line| line.at);
    last.or(card.decided_at).unwrap_or(card.until)
}

fn side_ui(ui: &mut Ui, view: &View<'_>, memory: &mut ReviewMemory, commands: &mut Commands) {
    let reviewed = view.state.review.of(view.run).map(|shown| &shown.reviewed);
    let review = reviewed.map(|reviewed| &reviewed.review);
    let open = review.map_or(0, |review| {
        review.comments.iter().filter(|c| c.answers.is_none() && c.resolved.is_none()).count()
    });
    let answered = review.map_or(0, |review| review.checks.len());
    let signed = review.map_or(0, |review| review.sign_offs.len());
    let tabs = [
        (Tab::Comments, format!("Comments {open}")),
        (Tab::Checklist, format!("Checklist {answered}/{}", memory.questions.len())),
        (Tab::SignOff, format!("Sign-off {signed}")),
    ];
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (tab, label) in tabs {
            ui.selectable_value(&mut memory.tab, tab, label);
        }
    });
    ui.add_space(4.0);
    if memory.wants_comment {
        memory.tab = Tab::Comments;
    }
    if view.run.file.is_some() {
        read_only_ui(ui, commands);
    }
    match memory.tab {
        Tab::Comments => comments::comments_ui(ui, view, reviewed, memory, commands),
        Tab::Checklist => checklist::checklist_ui(ui, view, reviewed, memory, commands),
        Tab::SignOff => sign_off::sign_off_ui(ui, view, reviewed, memory, commands),
    }
}

/// Says why nothing can be added before anybody has written it, and what to do.
fn read_only_ui(ui: &mut Ui, commands: &mut Commands) {
    let tokens = Tokens::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        ui.label(small("Open for reading only. To comment and sign:").color(tokens.subdued));
        let adopt = Command::Adopt;
        if ui.link(small("Copy to my library")).on_hover_text(adopt.tooltip()).clicked() {
            commands.push(adopt);
        }
    });
    ui.add_space(4.0);
}

#[cfg(test)]
mod tests;
