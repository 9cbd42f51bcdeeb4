//! A chart as a table: the same numbers, for those who want to read or to copy them.

use std::collections::BTreeMap;

use egui::{Align, Label, Layout, Sense, Ui};
use egui_extras::{Column, TableBuilder};

use crate::app::{Commands, PlaybackCommand};
use crate::domain::SimTime;
use crate::report::figures::{Figure, Sample};
use crate::ui::notation;
use crate::ui::theme::{GAP, Tokens, small};
use crate::ui::widgets::section;

const ROW_HEIGHT: f32 = 22.0;
const TIME_WIDTH: f32 = 96.0;
const CELL_WIDTH: f32 = 170.0;

/// The samples at one moment, one place per curve.
pub struct Row {
    pub at: f64,
    pub samples: Vec<Option<Sample>>,
}

/// All moments of a figure in the order of time.
pub fn rows(figure: &Figure) -> Vec<Row> {
    let mut rows: BTreeMap<u64, Row> = BTreeMap::new();
    for (place, curve) in figure.curves.iter().enumerate() {
        for sample in curve.pyramid.samples().iter().filter(|sample| !sample.value.is_nan()) {
            let key = SimTime::from_secs_f64(sample.at).micros();
            let new = || Row { at: sample.at, samples: vec![None; figure.curves.len()] };
            if let Some(cell) = rows.entry(key).or_insert_with(new).samples.get_mut(place) {
                *cell = Some(*sample);
            }
        }
    }
    rows.into_values().collect()
}

/// Comma-separated values: seconds, then for each arm its value and the ends of its band.
pub fn csv(figure: &Figure) -> String {
    let mut text = "seconds".to_owned();
    for curve in &figure.curves {
        let arm = curve.arm;
        text.push_str(&format!(",{arm},{arm} low,{arm} high"));
    }
    text.push('\n');
    for row in rows(figure) {
        text.push_str(&row.at.to_string());
        for sample in &row.samples {
            text.push_str(&match sample {
                Some(Sample { value, band: Some(band), .. }) => {
                    format!(",{value},{},{}", band.low, band.high)
                }
                Some(Sample { value, .. }) => format!(",{value},,"),
                None => ",,,".to_owned(),
            });
        }
        text.push('\n');
    }
    text
}

/// Draws the table; a click on a row moves the time cursor, and the row of the cursor, which was
/// last seen at `seen`, is kept in sight. True if the chart is wanted back.
pub fn table_ui(
    ui: &mut Ui,
    figure: &Figure,
    now: SimTime,
    seen: &mut Option<usize>,
    commands: &mut Commands,
) -> bool {
    let mut is_closed = false;
    ui.horizontal(|ui| {
        section(ui, &figure.title, &figure.note);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            is_closed = ui.button("Back to the charts").clicked();
            if ui.button("Copy as CSV").clicked() {
                ui.ctx().copy_text(csv(figure));
            }
        });
    });
    ui.add_space(GAP / 2.0);
    let rows = rows(figure);
    let tokens = Tokens::of(ui);
    let current = rows.partition_point(|row| row.at <= now.as_secs_f64());
    let mut builder = TableBuilder::new(ui)
        .auto_shrink(false)
        .sense(Sense::click())
        .column(Column::exact(TIME_WIDTH))
        .cell_layout(Layout::left_to_right(Align::Center));
    if let Some(row) = current.checked_sub(1).filter(|row| *seen != Some(*row)) {
        *seen = Some(row);
        builder = builder.scroll_to_row(row, Some(Align::Center));
    }
    for _ in &figure.curves {
        builder = builder.column(Column::exact(CELL_WIDTH).clip(true));
    }
    let table = builder.header(ROW_HEIGHT, |mut head| {
        head.col(|ui| _ = ui.label(small("Time").color(tokens.subdued)));
        for curve in &figure.curves {
            let text = format!("{} {}", curve.arm, figure.unit);
            head.col(|ui| _ = ui.label(small(text).color(tokens.subdued)));
        }
    });
    table.body(|body| {
        body.rows(ROW_HEIGHT, rows.len(), |mut line| {
            let place = line.index();
            let Some(row) = rows.get(place) else { return };
            line.set_selected(place + 1 == current);
            line.col(|ui| _ = ui.label(notation::time(SimTime::from_secs_f64(row.at))));
            for sample in &row.samples {
                line.col(|ui| {
                    let text = sample.as_ref().map(|sample| cell(figure, sample));
                    ui.add(Label::new(text.unwrap_or_default()).truncate());
                });
            }
            if line.response().clicked() {
                commands.playback(PlaybackCommand::Seek(SimTime::from_secs_f64(row.at)));
            }
        });
    });
    is_closed
}

fn cell(figure: &Figure, sample: &Sample) -> String {
    match sample.band {
        Some(band) => format!(
            "{} ({} to {})",
            figure.text(sample.value),
            figure.text(band.low),
            figure.text(band.high)
        ),
        None => figure.text(sample.value),
    }
}
