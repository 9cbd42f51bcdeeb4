//! The verdict: the answer in words, the numbers behind it, and what can be done about it.

use egui::{
    Align, Layout, Rect, Response, RichText, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo,
};

use super::acts::{acts, faults};
use crate::app::{Command, Commands};
use crate::domain::{ArmId, InterventionKind, Metric, Recording, SimTime};
use crate::stats::VerdictCard;
use crate::stats::verdict::{Headline, SplitWord, VerdictRow, Word};
use crate::ui::notation;
use crate::ui::theme::{CARD_MARGIN, Tokens, small, strong, verdict};
use crate::ui::widgets::{
    Status, Term, button_or_reason, explained, filled_card, mark_label, term,
};

const BUTTONS_HEIGHT: f32 = 30.0;

/// The glyph and colour of a headline.
pub fn headline_status(headline: Headline) -> Status {
    match headline {
        Headline::Promote => Status::Pass,
        Headline::Hold => Status::Warn,
        Headline::RollBack => Status::Fail,
        Headline::NotEnoughData => Status::Neutral,
    }
}

fn word_status(word: Word) -> Status {
    match word {
        Word::Better => Status::Pass,
        Word::Worse => Status::Fail,
        Word::NoClearChange | Word::NotEnoughData | Word::ForInformation => Status::Neutral,
    }
}

/// Fills `rect`; true if "Why?" was asked.
pub fn verdict_card_ui(
    ui: &mut Ui,
    rect: Rect,
    card: &VerdictCard,
    recording: &Recording,
    end: SimTime,
    commands: &mut Commands,
) -> bool {
    filled_card(ui, rect, |ui| {
        let inner = ui.max_rect();
        let buttons = inner.with_min_y(inner.bottom() - BUTTONS_HEIGHT);
        let words = inner.with_max_y(buttons.top() - 6.0);
        let mut above = ui.new_child(UiBuilder::new().max_rect(words));
        ScrollArea::vertical().id_salt("verdict").auto_shrink(false).show(&mut above, |ui| {
            // Keeps the right ends of values clear of the scroll bar.
            ui.set_width(words.width() - 4.0);
            verdict_words_ui(ui, card, recording);
        });
        let layout = Layout::left_to_right(Align::Center);
        let mut below = ui.new_child(UiBuilder::new().max_rect(buttons).layout(layout));
        buttons_ui(&mut below, card, recording, end, commands)
    })
}

/// All that the card says, without its buttons; the metric that was clicked.
pub fn verdict_words_ui(ui: &mut Ui, card: &VerdictCard, recording: &Recording) -> Option<Metric> {
    headline_ui(ui, card);
    let clicked = rows_ui(ui, card, recording);
    split_ui(ui, card);
    reasons_ui(ui, card);
    clicked
}

fn headline_ui(ui: &mut Ui, card: &VerdictCard) {
    let tokens = Tokens::of(ui);
    let when = match card.decided_at {
        Some(at) => format!("Decided at {}", notation::time(at)),
        None => "Verdict so far".to_owned(),
    };
    term(ui, Term::VERDICT, small(when).color(tokens.subdued));
    let status = headline_status(card.headline);
    let text = status.text(card.headline.label());
    ui.label(verdict(text).color(status.colour(tokens)));
    explained(ui, card.sentence.as_str());
    ui.add_space(4.0);
}

fn rows_ui(ui: &mut Ui, card: &VerdictCard, recording: &Recording) -> Option<Metric> {
    let mut clicked = None;
    let has_several = recording.arms.len() > 2;
    for place in 0..recording.arms.len().max(1) {
        let arm = ArmId::new(place);
        let mut rows = card.rows_of(arm).peekable();
        if rows.peek().is_some() && has_several {
            let name = recording.arms.get(place).map_or("", String::as_str);
            ui.add_space(2.0);
            mark_label(ui, arm, name);
        }
        for row in rows {
            if row_ui(ui, row).clicked() {
                clicked = Some(row.metric);
            }
        }
    }
    clicked
}

/// A metric's line; it can be clicked.
fn row_ui(ui: &mut Ui, row: &VerdictRow) -> Response {
    let tokens = Tokens::of(ui);
    let status = word_status(row.word);
    let response = ui
        .vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            ui.spacing_mut().interact_size.y = 15.0;
            ui.horizontal(|ui| {
                match Term::of_metric(row.metric) {
                    Some(word) => _ = term(ui, word, strong(row.metric.label())),
                    None => _ = ui.label(strong(row.metric.label())),
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let text = status.text(row.word.label());
                    ui.label(RichText::new(text).color(status.colour(tokens)));
                });
            });
            ui.horizontal(|ui| {
                ui.label(small(numbers(row)).color(tokens.text));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.label(small(values(row)).color(tokens.subdued));
                });
            });
        })
        .response;
    let response = response.interact(Sense::click());
    let label = format!("Where {} was decided", row.metric.label());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    ui.add_space(4.0);
    response.on_hover_ui(|ui| method_ui(ui, row))
}

/// `+1.8 pts (+0.6 to +3.0)`.
fn numbers(row: &VerdictRow) -> String {
    let plain = |value: f64| notation::value(row.metric, value);
    match (row.delta, row.interval) {
        (Some(delta), Some(interval)) => notation::delta_within(row.metric, delta, interval),
        (Some(delta), None) => notation::delta(row.metric, delta),
        (None, Some(interval)) => {
            let value = row.candidate.or(row.baseline).map_or("–".to_owned(), plain);
            let (low, high) = (plain(interval.low), plain(interval.high));
            format!("{value}  ({} to {})", notation::unitless(&low), notation::unitless(&high))
        }
        (None, None) => "no value yet".to_owned(),
    }
}

/// `A 70.1 %  B 71.9 %`, where there are two values to tell.
fn values(row: &VerdictRow) -> String {
    match (row.baseline, row.candidate) {
        (Some(a), Some(b)) => {
            let value = |value| notation::value(row.metric, value);
            format!("A {}  {} {}", value(a), row.arm, value(b))
        }
        _ => String::new(),
    }
}

fn method_ui(ui: &mut Ui, row: &VerdictRow) {
    ui.label(strong(row.metric.label()));
    let [a, b] = row.n;
    ui.label(small(match b {
        0 => format!("{a} observations"),
        _ => format!("Observations: A {a}, {} {b}", row.arm),
    }));
    ui.label(small(format!("{:.1} % interval: {}", row.level * 100.0, row.method)));
}

fn split_ui(ui: &mut Ui, card: &VerdictCard) {
    let tokens = Tokens::of(ui);
    let status = match card.split.word {
        SplitWord::AsPlanned => Status::Pass,
        SplitWord::NotAsPlanned => Status::Fail,
        SplitWord::NotEnoughData => Status::Neutral,
    };
    let response = ui.horizontal(|ui| {
        term(ui, Term::SRM, strong("Split check"));
        if let Some(p) = card.split.p {
            let text = if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.2}") };
            ui.label(small(text).color(tokens.subdued));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let text = status.text(card.split.word.label());
            ui.label(RichText::new(text).color(status.colour(tokens)));
        });
    });
    response.response.on_hover_text(card.split.method);
    ui.add_space(3.0);
}

fn reasons_ui(ui: &mut Ui, card: &VerdictCard) {
    for (heading, reasons) in [("Because", &card.reasons), ("But", &card.counter_reasons)] {
        if reasons.is_empty() {
            continue;
        }
        ui.add_space(2.0);
        ui.label(small(heading).color(Tokens::of(ui).subdued));
        for reason in reasons {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 5.0;
                ui.label(small("•").color(Tokens::of(ui).subdued));
                explained(ui, small(reason));
            });
        }
    }
}

fn buttons_ui(
    ui: &mut Ui,
    card: &VerdictCard,
    recording: &Recording,
    end: SimTime,
    commands: &mut Commands,
) -> bool {
    ui.spacing_mut().item_spacing.x = 4.0;
    ui.spacing_mut().button_padding.x = f32::from(CARD_MARGIN) / 2.0;
    for act in acts(recording, card.until) {
        let response = button_or_reason(ui, act.label, act.can)
            .on_hover_text("A new run forks from the cursor; this one stays");
        if response.clicked() {
            commands.push(Command::Intervene(act.kind));
        }
    }
    ui.menu_button("Inject…", |ui| {
        ui.label(small("Break something from the cursor on").color(Tokens::of(ui).subdued));
        let name = recording.arms.get(card.arm.index()).map_or("", String::as_str);
        for fault in faults(name, card.until, end) {
            let lasts = fault.lasts.map_or(String::new(), |lasts| format!(" for {lasts}"));
            let text = format!("{}{lasts}", capital(&fault.what.sentence()));
            if ui.button(text).clicked() {
                commands.push(Command::Intervene(InterventionKind::Inject(fault)));
                ui.close();
            }
        }
    });
    ui.button("Why?").on_hover_text("Every gate measurement behind this").clicked()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use egui::{Theme, vec2};
    use egui_kittest::kittest::Queryable as _;

    use super::super::fixture;
    use super::*;
    use crate::domain::StrategyKind;
    use crate::ui::testing::Screen;

    fn screen(secs: u64) -> Screen<'static, (Commands, bool)> {
        let recording = fixture::recording(StrategyKind::Canary);
        let card = crate::stats::verdict(&recording, SimTime::from_secs(secs));
        Screen::new(Theme::Dark, vec2(316.0, 460.0), Default::default(), move |ui, state| {
            let (commands, why) = state;
            let rect = ui.available_rect_before_wrap();
            *why |= verdict_card_ui(ui, rect, &card, &recording, recording.end(), commands);
        })
    }

    #[test]
    fn buttons_ask_for_what_they_say() {
        let mut screen = screen(200);
        screen.harness.get_by_label("Roll back").click();
        screen.harness.run();
        screen.harness.get_by_label("Why?").click();
        screen.harness.run();
        let (commands, why) = screen.harness.state();
        assert_eq!(commands.list(), [Command::Intervene(InterventionKind::Abort)]);
        assert!(why);
        screen.save("verdict");
    }

    #[test]
    fn injecting_forks_with_a_fault_at_the_cursor() {
        let mut screen = screen(200);
        screen.harness.get_by_label("Inject…").click();
        screen.harness.run();
        screen.harness.get_by_label_contains("Crash").click();
        screen.harness.run();
        let [Command::Intervene(InterventionKind::Inject(fault))] = screen.harness.state().0.list()
        else {
            panic!("{:?}", screen.harness.state().0)
        };
        assert_eq!((fault.at, fault.arm.as_deref()), (SimTime::from_secs(200), Some("risk v2")));
    }

    #[test]
    fn every_word_has_its_glyph_and_a_decision_says_when() {
        let screen = screen(310);
        screen.harness.get_by_label("✓ Promote");
        screen.harness.get_by_label("Decided at 05:00");
        screen.harness.get_by_label("Split check");
    }
}
