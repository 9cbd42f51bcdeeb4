//! Every gate measurement behind the verdict, newest first.

use egui::{ScrollArea, Ui};

use super::events::verdict_status;
use super::row::{Row, row_ui};
use crate::app::{Commands, PlaybackCommand};
use crate::domain::{Metric, Plan};
use crate::stats::VerdictCard;
use crate::stats::verdict::GateLine;
use crate::ui::notation;
use crate::ui::theme::{Tokens, small};

/// The list; a click moves the cursor to the measurement.
pub fn why_ui(ui: &mut Ui, card: Option<&VerdictCard>, plan: &Plan, commands: &mut Commands) {
    let lines = card.map_or(&[][..], |card| &card.why);
    let subdued = Tokens::of(ui).subdued;
    if lines.is_empty() {
        let text = if plan.gates.is_empty() {
            "The plan has no gate."
        } else {
            "No gate has measured yet."
        };
        ui.label(egui::RichText::new(text).color(subdued));
        return;
    }
    ui.label(small("value against limit, newest first").color(subdued));
    let area = ScrollArea::vertical().id_salt("why").auto_shrink(false);
    area.show_rows(ui, Row::HEIGHT, lines.len(), |ui, shown| {
        for line in lines.iter().rev().skip(shown.start).take(shown.len()) {
            let metric = plan.gates.get(usize::from(line.gate)).map(|gate| gate.metric);
            let (text, value) =
                (format!("{}: {}", line.name, line.verdict.label()), value(line, metric));
            let row = Row {
                at: line.at,
                status: verdict_status(line.verdict),
                text: &text,
                value: &value,
            };
            let response = row_ui(ui, &row).on_hover_text(details(line, metric));
            if response.clicked() {
                commands.playback(PlaybackCommand::Seek(line.at));
            }
        }
    });
}

fn format(metric: Option<Metric>, value: f64) -> String {
    metric.map_or_else(|| format!("{value:.3}"), |metric| notation::value(metric, value))
}

/// `58 ms / 70 ms`.
fn value(line: &GateLine, metric: Option<Metric>) -> String {
    match (line.value, line.limit) {
        (Some(value), Some(limit)) => {
            format!("{} / {}", format(metric, value), format(metric, limit))
        }
        (Some(value), None) => format(metric, value),
        _ => format!("n = {}", line.n),
    }
}

fn details(line: &GateLine, metric: Option<Metric>) -> String {
    let mut parts = vec![format!("arm {}, {} observations", line.arm, line.n)];
    if let Some(baseline) = line.baseline {
        parts.push(format!("A {}", format(metric, baseline)));
    }
    let mut text = parts.join(", ");
    if let Some(evidence) = &line.evidence {
        text = format!("{text}\n{evidence}");
    }
    text
}

#[cfg(test)]
mod tests {
    use egui::{Theme, vec2};
    use egui_kittest::kittest::Queryable as _;

    use super::super::fixture;
    use super::*;
    use crate::app::Command;
    use crate::domain::{SimTime, StrategyKind};
    use crate::ui::testing::Screen;

    #[test]
    fn a_measurement_shows_value_and_limit_and_leads_to_its_moment() {
        let kind = StrategyKind::Canary;
        let (plan, recording) = (fixture::plan(kind), fixture::recording(kind));
        let card = crate::stats::verdict(&recording, SimTime::from_secs(150));
        let mut screen = Screen::new(
            Theme::Dark,
            vec2(300.0, 240.0),
            Commands::default(),
            move |ui, commands| {
                why_ui(ui, Some(&card), &plan, commands);
            },
        );
        screen.harness.get_by_label("02:20 p95: inconclusive 88 ms / 70 ms").click();
        screen.harness.run();
        let seek = Command::Playback(PlaybackCommand::Seek(SimTime::from_secs(140)));
        assert_eq!(screen.harness.state().list(), [seek]);
    }
}
