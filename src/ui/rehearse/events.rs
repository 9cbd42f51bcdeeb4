//! What has happened until the cursor, newest first.

use egui::{ScrollArea, TextEdit, Ui};

use super::row::{Row, row_ui};
use crate::app::is_notable;
use crate::app::{Commands, PlaybackCommand};
use crate::domain::{Event, EventKind, Recording, SimTime, Verdict};
use crate::ui::theme::Tokens;
use crate::ui::widgets::Status;

/// How the list is narrowed down.
#[derive(Clone, Debug, Default)]
pub struct EventsFilter {
    text: String,
    /// Weights, replicas and passed checks too.
    has_details: bool,
}

impl EventsFilter {
    fn admits(&self, event: &Event, sentence: &str) -> bool {
        (self.has_details || is_notable(&event.kind))
            && (self.text.is_empty()
                || sentence.to_lowercase().contains(&self.text.trim().to_lowercase()))
    }
}

/// A filter box and the list; a click moves the cursor.
pub fn events_ui(
    ui: &mut Ui,
    recording: &Recording,
    now: SimTime,
    filter: &mut EventsFilter,
    commands: &mut Commands,
) {
    ui.horizontal(|ui| {
        let width = ui.available_width() - 56.0;
        let edit = TextEdit::singleline(&mut filter.text).hint_text("Filter").desired_width(width);
        let response = ui.add(edit);
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Filter events")
        });
        ui.checkbox(&mut filter.has_details, "All")
            .on_hover_text("Weights, replicas and passed checks too");
    });
    let end = recording.events.partition_point(|event| event.at <= now);
    let past = recording.events.get(..end).unwrap_or_default();
    let sentence =
        |event: &Event| event.kind.sentence(&recording.arms, &recording.gates, &recording.stages);
    let admitted: Vec<(&Event, String)> = past
        .iter()
        .rev()
        .map(|event| (event, sentence(event)))
        .filter(|(event, sentence)| filter.admits(event, sentence))
        .collect();
    if admitted.is_empty() {
        let text =
            if filter.text.is_empty() { "Nothing has happened yet." } else { "Nothing like that." };
        ui.label(egui::RichText::new(text).color(Tokens::of(ui).subdued));
    }
    let area = ScrollArea::vertical().id_salt("events").auto_shrink(false);
    area.show_rows(ui, Row::HEIGHT, admitted.len(), |ui, shown| {
        for (event, sentence) in admitted.get(shown).unwrap_or_default() {
            let row = Row { at: event.at, status: status(&event.kind), text: sentence, value: "" };
            if row_ui(ui, &row).clicked() {
                commands.playback(PlaybackCommand::Seek(event.at));
            }
        }
    });
}

fn status(kind: &EventKind) -> Status {
    match kind {
        EventKind::Measured(m) => verdict_status(m.verdict),
        EventKind::GateEnded { verdict, .. } => verdict_status(*verdict),
        EventKind::FaultBegan(_) | EventKind::Cut { .. } | EventKind::Paused(_) => Status::Warn,
        EventKind::Aborted { .. } | EventKind::RolledBack { .. } => Status::Fail,
        EventKind::Promoted { .. } => Status::Pass,
        EventKind::Stage(_) | EventKind::Intervened(_) | EventKind::Resumed => Status::Running,
        _ => Status::Neutral,
    }
}

/// How a gate's verdict is shown.
pub fn verdict_status(verdict: Verdict) -> Status {
    match verdict {
        Verdict::Pass => Status::Pass,
        Verdict::Fail => Status::Fail,
        Verdict::Inconclusive | Verdict::Error => Status::Warn,
        Verdict::Hold => Status::Neutral,
    }
}

#[cfg(test)]
mod tests {
    use egui::{Theme, vec2};
    use egui_kittest::kittest::Queryable as _;

    use super::super::fixture;
    use super::*;
    use crate::app::Command;
    use crate::domain::StrategyKind;
    use crate::ui::testing::Screen;

    fn screen(secs: u64) -> Screen<'static, (EventsFilter, Commands)> {
        let recording = fixture::recording(StrategyKind::Canary);
        Screen::new(Theme::Light, vec2(300.0, 260.0), Default::default(), move |ui, state| {
            let (filter, commands) = state;
            events_ui(ui, &recording, SimTime::from_secs(secs), filter, commands);
        })
    }

    #[test]
    fn only_the_past_is_listed_and_a_click_goes_there() {
        let mut screen = screen(150);
        assert!(screen.harness.query_by_label_contains("promoted").is_none());
        screen.harness.get_by_label_contains("Fault: latency").click();
        screen.harness.run();
        let seek = PlaybackCommand::Seek(SimTime::from_secs(140));
        assert_eq!(screen.harness.state().1.list(), [Command::Playback(seek)]);
    }

    #[test]
    fn the_filter_narrows_the_list() {
        let mut screen = screen(310);
        screen.harness.state_mut().0.text = "canary 25".to_owned();
        screen.harness.run();
        screen.harness.get_by_label_contains("Stage: Canary 25 %");
        assert!(screen.harness.query_by_label_contains("Fault").is_none());
    }
}
