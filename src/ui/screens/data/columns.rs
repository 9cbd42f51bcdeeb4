//! The columns of the dataset, one a row.

use egui::{Align, Label, Layout, RichText, Sense, Ui, Vec2};
use egui_extras::{Column, TableBuilder, TableRow};

use super::histogram::paint_bars;
use super::roles::role_ui;
use super::short::{bytes, percent, period, short};
use crate::app::{Command, Commands, State};
use crate::data::{ColumnProfile, Dataset, Guess, Shape};
use crate::domain::grouped;
use crate::ui::theme::{Tokens, small};

const ROW_HEIGHT: f32 = 30.0;
const HEADER_HEIGHT: f32 = 22.0;
/// Widths of the columns besides name and range, with the gaps between all; and the name's least.
const OTHERS: f32 = 152.0 + 52.0 + 54.0 + 56.0 + 72.0 + 6.0 * 8.0;
const LEAST_NAME: f32 = 100.0;
/// Where not even this is left for the ranges, the card of the chosen column has to do.
const LEAST_RANGE: f32 = 100.0;

/// Draws the table; a click on a row chooses its column.
pub fn columns_ui(
    ui: &mut Ui,
    state: &State,
    dataset: &Dataset,
    guess: &Guess,
    commands: &mut Commands,
) {
    let range = ui.available_width() - OTHERS - LEAST_NAME;
    let has_range = range >= LEAST_RANGE;
    let mut table = TableBuilder::new(ui)
        .auto_shrink(false)
        .sense(Sense::click())
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::remainder().at_least(90.0).clip(true))
        .column(Column::exact(152.0))
        .column(Column::exact(52.0))
        .column(Column::exact(54.0))
        .column(Column::exact(56.0));
    if has_range {
        table = table.column(Column::exact(range.min(190.0)).clip(true));
    }
    let heads = ["Column", "Role", "Type", "Missing", "Distinct", "Range", "Spread"];
    table
        .column(Column::exact(72.0))
        .header(HEADER_HEIGHT, |mut row| {
            for head in heads.into_iter().filter(|head| has_range || *head != "Range") {
                row.col(|ui| {
                    ui.label(small(head).color(Tokens::of(ui).subdued));
                });
            }
        })
        .body(|body| {
            body.rows(ROW_HEIGHT, dataset.profiles.len(), |mut row| {
                let Some(profile) = dataset.profiles.get(row.index()) else { return };
                row.set_selected(state.column.as_deref() == Some(profile.name.as_str()));
                name_ui(&mut row, profile);
                row.col(|ui| role_ui(ui, state, guess, &profile.name, commands));
                facts_ui(&mut row, profile, dataset.table.rows, has_range);
                if row.response().clicked() {
                    commands.push(Command::SelectColumn(profile.name.clone()));
                }
            });
        });
}

fn name_ui(row: &mut TableRow<'_, '_>, profile: &ColumnProfile) {
    row.col(|ui| {
        ui.add(Label::new(profile.name.as_str()).truncate().selectable(false));
    });
}

fn facts_ui(row: &mut TableRow<'_, '_>, profile: &ColumnProfile, rows: usize, has_range: bool) {
    let mut text = |text: String| {
        row.col(|ui| {
            let text = RichText::new(text).color(Tokens::of(ui).subdued);
            ui.add(Label::new(text).truncate().selectable(false));
        });
    };
    text(profile.kind().to_owned());
    text(percent(profile.missing, rows));
    text(grouped(profile.distinct as u64));
    if has_range {
        text(range(&profile.shape));
    }
    row.col(|ui| spread_ui(ui, &profile.shape));
}

/// From the least to the most, or the commonest texts.
pub fn range(shape: &Shape) -> String {
    match shape {
        Shape::Empty => "–".to_owned(),
        Shape::Numbers { min, max, .. } => format!("{} … {}", short(*min), short(*max)),
        Shape::Times { first, last, .. } => period(*first, *last),
        Shape::Bytes { smallest, largest, .. } => {
            format!("{} … {}", bytes(*smallest), bytes(*largest))
        }
        Shape::Texts { top, .. } => {
            let texts: Vec<&str> = top.iter().take(4).map(|(text, _)| text.as_str()).collect();
            texts.join(", ")
        }
    }
}

/// Counts as bars: of the histogram, or of the commonest texts.
pub fn counts(shape: &Shape) -> Vec<u32> {
    match shape {
        Shape::Empty | Shape::Bytes { .. } => Vec::new(),
        Shape::Numbers { histogram, .. } | Shape::Times { histogram, .. } => histogram.clone(),
        Shape::Texts { top, .. } => {
            top.iter().map(|(_, count)| u32::try_from(*count).unwrap_or(u32::MAX)).collect()
        }
    }
}

fn spread_ui(ui: &mut Ui, shape: &Shape) {
    let size = Vec2::new(68.0, ROW_HEIGHT - 10.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    paint_bars(ui.painter(), rect, &counts(shape), Tokens::of(ui).faint);
}
