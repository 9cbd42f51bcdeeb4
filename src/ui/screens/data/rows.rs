//! The first rows as the file has them.

use egui::{Align, Label, Layout, ScrollArea, Ui};
use egui_extras::{Column, TableBuilder};

use super::images::{Images, image_ui};
use crate::domain::{self, Table, Values};
use crate::ui::theme::{Tokens, number, small};

const FIRST: usize = 200;
const ROW_HEIGHT: f32 = 22.0;
const CELL_WIDTH: f32 = 104.0;
const TIME_WIDTH: f32 = 150.0;
/// Wider tables are cut here: nobody reads more columns as rows.
const MOST_COLUMNS: usize = 100;

/// Draws the table.
pub fn rows_ui(ui: &mut Ui, table: &Table, images: &mut Images) {
    let columns = table.columns.get(..MOST_COLUMNS).unwrap_or(&table.columns);
    ScrollArea::horizontal().auto_shrink(false).show(ui, |ui| {
        let mut builder = TableBuilder::new(ui)
            .auto_shrink(false)
            .column(Column::exact(44.0))
            .cell_layout(Layout::left_to_right(Align::Center));
        for column in columns {
            let is_time = matches!(column.values, Values::Time(_));
            let width = if is_time { TIME_WIDTH } else { CELL_WIDTH };
            builder = builder.column(Column::exact(width).clip(true));
        }
        builder
            .header(ROW_HEIGHT, |mut row| {
                row.col(|_| {});
                for column in columns {
                    row.col(|ui| {
                        let name = small(&column.name).color(Tokens::of(ui).subdued);
                        ui.add(Label::new(name).truncate());
                    });
                }
            })
            .body(|body| {
                body.rows(ROW_HEIGHT, table.rows.min(FIRST), |mut row| {
                    let place = row.index();
                    row.col(|ui| {
                        let text = small((place + 1).to_string()).color(Tokens::of(ui).faint);
                        ui.label(text);
                    });
                    for column in columns {
                        row.col(|ui| cell_ui(ui, table, column, place, images));
                    }
                });
            });
    });
}

/// The picture in a cell, or what stands in it.
fn cell_ui(ui: &mut Ui, table: &Table, column: &domain::Column, row: usize, images: &mut Images) {
    if matches!(column.values, Values::Bytes(_))
        && let Some(picture) = images.look(ui.ctx(), table, &column.name, row)
    {
        image_ui(ui, picture, row, ROW_HEIGHT - 2.0);
        return;
    }
    let text = column.values.show(row);
    ui.add(Label::new(number(text).size(11.5)).truncate());
}
