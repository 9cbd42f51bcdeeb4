use std::sync::Arc;

use egui::{Theme, Vec2, vec2};
use egui_kittest::kittest::Queryable as _;
use jiff::Timestamp;

use super::*;
use crate::app::{Playback, RunStage};
use crate::domain::{
    Check, Comment, Resolved, Review, Reviewed, Seal, SignOff, Standing, StrategyKind, Tick,
};
use crate::store::ExperimentId;
use crate::ui::rehearse::fixture;
use crate::ui::testing::Screen;
use crate::worker::{ReviewChange, ShownReview, Stored};

struct Shown {
    state: State,
    memory: ReviewMemory,
    commands: Vec<Command>,
}

fn screen(theme: Theme, size: Vec2, state: State) -> Screen<'static, Shown> {
    let shown = Shown { state, memory: ReviewMemory::default(), commands: Vec::new() };
    let mut screen = Screen::new(theme, size, shown, |ui, shown| {
        let mut commands = Commands::default();
        review_ui(ui, &shown.state, &mut shown.memory, &mut commands);
        shown.commands.extend(commands.take());
    });
    screen.harness.run();
    screen
}

fn comment(number: u32, answers: Option<u32>, about: About, author: &str, text: &str) -> Comment {
    Comment {
        number,
        answers,
        about,
        author: author.to_owned(),
        text: text.to_owned(),
        written: Timestamp::now(),
        resolved: None,
    }
}

/// Two threads, one answer to the checklist, and a sign-off that a later comment made void.
fn reviewed() -> Reviewed {
    let secs = SimTime::from_secs;
    let fault = About::Time { from: secs(140), to: secs(164) };
    let mut first =
        comment(1, None, fault, "Ada", "The fault hits B alone. Was A spared on purpose?");
    let answer = comment(2, Some(1), About::Run, "Bob", "Yes: the plan names the candidate.");
    let second =
        comment(3, None, About::Metric(Metric::LatencyP95), "Ada", "Close to its limit at 25 %.");
    first.resolved = None;
    let mut done = comment(4, None, About::Run, "Cleo", "Which seed?");
    done.resolved = Some(Resolved { by: "Ada".to_owned(), at: Timestamp::now() });
    let check = Check {
        item: "split".to_owned(),
        answer: Tick::Yes,
        note: String::new(),
        author: "Ada".to_owned(),
        answered: Timestamp::now(),
    };
    let sign_off = SignOff {
        decision: Decision::Approve,
        name: "Ada".to_owned(),
        reason: "Enough labels, and the fault was caught.".to_owned(),
        signed: Timestamp::now(),
        seen: Default::default(),
        signature: None,
    };
    let review = Review {
        comments: vec![first, answer, second, done],
        checks: vec![check],
        sign_offs: vec![sign_off],
    };
    let void = "the comments changed after it was given".to_owned();
    let standings = vec![Standing { void_because: Some(void), seal: Seal::None }];
    Reviewed { review, seen: Default::default(), standings }
}

fn state(file: Option<&str>) -> State {
    let kind = StrategyKind::Canary;
    let recording = Arc::new(fixture::recording(kind));
    let id = ExperimentId::parse("k3f9a2b1").unwrap();
    let run = Run {
        title: "Risk v2".to_owned(),
        id: Some(id),
        file: file.map(Into::into),
        plan: Arc::new(fixture::plan(kind)),
        base: Default::default(),
        inputs: None,
        interventions: Vec::new(),
        parent: None,
        forked_at: None,
        recording: Some(recording.clone()),
        stage: RunStage::Finished,
        notes: Vec::new(),
    };
    let mut state = State { place: Place::Review, shown: Some(0), ..State::default() };
    let mut playback = Playback::new(recording.end().since(SimTime::START));
    playback.follow(&recording, true);
    state.playback = playback;
    let of: Stored = run.stored().unwrap();
    state.runs = vec![run];
    state.settings.reviewer = "Ada".to_owned();
    state.review.take(ShownReview { of, reviewed: reviewed(), has_key: true });
    state
}

const SIZES: [(Vec2, &str); 2] = [(vec2(896.0, 574.0), "small"), (vec2(1_472.0, 930.0), "large")];

#[test]
fn the_verdict_opens_first_and_every_part_has_its_place() {
    for (size, name) in SIZES {
        for theme in [Theme::Dark, Theme::Light] {
            let mut screen = screen(theme, size, state(None));
            screen.harness.get_by_label("✓ Promote");
            screen.harness.get_by_label("Verify");
            screen.save(&format!("review-{name}-comments"));
            screen.harness.get_by_label_contains("Checklist 1/5").click();
            screen.harness.run();
            screen.save(&format!("review-{name}-checklist"));
            screen.harness.get_by_label_contains("Sign-off 1").click();
            screen.harness.run();
            screen.harness.get_by_label_contains("void: the comments changed");
            screen.save(&format!("review-{name}-sign"));
        }
    }
}

#[test]
fn a_number_leads_to_the_moment_where_it_was_decided() {
    let mut screen = screen(Theme::Dark, SIZES[1].0, state(None));
    screen.harness.get_by_label("Where p95 latency was decided").click();
    screen.harness.run();
    let shown = screen.harness.state();
    let seeks = shown.commands.iter().any(|command| {
        matches!(command, Command::Playback(PlaybackCommand::Seek(at)) if *at > SimTime::START)
    });
    assert!(seeks, "{:?}", shown.commands);
    assert_eq!(shown.memory.draft.about, About::Metric(Metric::LatencyP95));
    screen.harness.get_by_label("Comment 1 at 02:20").click();
    screen.harness.run();
    let seek = Command::Playback(PlaybackCommand::Seek(SimTime::from_secs(140)));
    assert!(screen.harness.state().commands.contains(&seek));
    // One about a metric lies where that was decided; those about the run lie nowhere.
    screen.harness.get_by_label_contains("Comment 3 at");
    assert!(screen.harness.query_by_label_contains("Comment 2 at").is_none());
}

#[test]
fn a_comment_and_a_sign_off_are_sent_with_the_reviewer_s_name() {
    let mut screen = screen(Theme::Light, SIZES[1].0, state(None));
    screen.harness.get_by_role_and_label(egui::Role::MultilineTextInput, "Comment").focus();
    screen.harness.run();
    screen
        .harness
        .get_by_role_and_label(egui::Role::MultilineTextInput, "Comment")
        .type_text("Fine.");
    screen.harness.run();
    screen.harness.get_by_role_and_label(egui::Role::Button, "Comment").click();
    screen.harness.run();
    let sent = |shown: &Shown, is: fn(&ReviewChange) -> bool| {
        shown
            .commands
            .iter()
            .any(|command| matches!(command, Command::ChangeReview(change) if is(change)))
    };
    let is_comment = |change: &ReviewChange| matches!(change, ReviewChange::Comment(new) if new.text == "Fine." && new.author == "Ada");
    assert!(sent(screen.harness.state(), is_comment));

    screen.harness.get_by_label_contains("Sign-off 1").click();
    screen.harness.run();
    screen.harness.get_by_label("Reject").click();
    screen.harness.get_by_label("Reason").focus();
    screen.harness.run();
    screen.harness.get_by_label("Reason").type_text("No power.");
    screen.harness.run();
    screen.harness.get_by_label("Sign").click();
    screen.harness.run();
    let is_rejection = |change: &ReviewChange| {
        matches!(change, ReviewChange::Sign { decision: Decision::Reject, .. })
    };
    assert!(sent(screen.harness.state(), is_rejection));
}

#[test]
fn a_stranger_s_file_is_read_only_until_it_is_copied() {
    let mut screen = screen(Theme::Dark, SIZES[0].0, state(Some("shared.rehearsal")));
    let adopt = |command: &&Command| **command == Command::Adopt;
    for place in 0..2 {
        let copy = screen.harness.get_all_by_label("Copy to my library").nth(place).unwrap();
        copy.click();
        screen.harness.run();
        assert_eq!(screen.harness.state().commands.iter().filter(adopt).count(), place + 1);
    }
    assert!(screen.harness.query_by_label("Answer").is_none());
}
