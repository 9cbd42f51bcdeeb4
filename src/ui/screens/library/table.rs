//! The table of experiments: sorted, searched, one row chosen.

use egui::{
    Align2, FontId, Rect, Response, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};
use jiff::Timestamp;

use super::super::ago::ago;
use super::super::outcome::standing;
use super::LibraryMemory;
use crate::app::{Command, Commands, LibraryView, SortBy};
use crate::store::Summary;
use crate::ui::notation;
use crate::ui::theme::{RADIUS, SMALL_RADIUS, Tokens};
use crate::ui::widgets::card_frame;
use crate::ui::widgets::{Line, paint_line};

const ROW_HEIGHT: f32 = 28.0;
const HEADER_HEIGHT: f32 = 26.0;
/// How far each fork lies in from its parent.
const INDENT: f32 = 16.0;

/// A column, its name, and the share of the width at which it begins.
type Column = (SortBy, &'static str, f32);

const COLUMNS: [Column; 6] = [
    (SortBy::Name, "Name", 0.0),
    (SortBy::Strategy, "Strategy", 0.33),
    (SortBy::Outcome, "Outcome", 0.45),
    (SortBy::Metric, "Key metric", 0.58),
    (SortBy::Data, "Data", 0.75),
    (SortBy::Created, "Created", 0.86),
];

/// Where anybody has said who they are.
const WITH_AUTHORS: [Column; 7] = [
    (SortBy::Name, "Name", 0.0),
    (SortBy::Strategy, "Strategy", 0.28),
    (SortBy::Outcome, "Outcome", 0.39),
    (SortBy::Metric, "Key metric", 0.51),
    (SortBy::Data, "Data", 0.67),
    (SortBy::Author, "Author", 0.77),
    (SortBy::Created, "Created", 0.87),
];

/// Draws the table into the space that is left.
pub(super) fn table_ui(
    ui: &mut Ui,
    view: &LibraryView,
    list: &[Summary],
    memory: &mut LibraryMemory,
    commands: &mut Commands,
) {
    card_frame(Tokens::of(ui)).inner_margin(6.0).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let columns = columns(ui.available_width(), memory.has_authors);
        header_ui(ui, columns, view, commands);
        let now = Timestamp::now();
        let count = memory.rows.len();
        let area = ScrollArea::vertical().auto_shrink([false, false]);
        area.show_rows(ui, ROW_HEIGHT, count, |ui, shown| {
            for row in memory.rows.get(shown).unwrap_or_default() {
                let Some(experiment) = list.get(row.place) else { continue };
                let is_chosen = memory.chosen.as_ref() == Some(&experiment.id);
                let response = row_ui(ui, columns, experiment, row.depth, is_chosen, now);
                let is_entered = response.has_focus()
                    && is_chosen
                    && ui.input(|input| input.key_pressed(egui::Key::Enter));
                if response.double_clicked() || is_entered {
                    commands.push(Command::OpenExperiment(experiment.id.clone()));
                } else if response.clicked() {
                    // Enter then opens it, and arrows go on from here.
                    response.request_focus();
                    memory.chosen = Some(experiment.id.clone());
                }
            }
            if count == 0 {
                let text = "Nothing fits the search and the filters.";
                ui.label(egui::RichText::new(text).color(Tokens::of(ui).subdued));
            }
        });
    });
}

fn header_ui(ui: &mut Ui, columns: &[Column], view: &LibraryView, commands: &mut Commands) {
    let tokens = Tokens::of(ui);
    let size = vec2(ui.available_width(), HEADER_HEIGHT);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    for (place, &(sort, name, _)) in columns.iter().enumerate() {
        let cell = cell(rect, columns, place);
        let id = ui.scope_id().with(name);
        let response = ui.interact(cell, id, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Sort by {name}")));
        let is_sorted = view.sort == sort;
        let arrow = match (is_sorted, view.is_reversed) {
            (false, _) => "",
            (true, false) => " ⏷",
            (true, true) => " ⏶",
        };
        let colour = if is_sorted || response.hovered() { tokens.text } else { tokens.subdued };
        let font = FontId::proportional(11.0);
        let line = Line { font, colour, align: Align2::LEFT_CENTER };
        let at = pos2(cell.left(), cell.center().y);
        paint_line(ui.painter(), at, &format!("{name}{arrow}"), &line, cell.width());
        if response.clicked() {
            let is_reversed = is_sorted && !view.is_reversed;
            let view = LibraryView { sort, is_reversed, ..view.clone() };
            commands.push(Command::SetLibraryView(Box::new(view)));
        }
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.edge));
}

/// In a narrow table only what tells most; the details have the rest.
const FEW_COLUMNS: [Column; 4] = [
    (SortBy::Name, "Name", 0.0),
    (SortBy::Outcome, "Outcome", 0.37),
    (SortBy::Metric, "Key metric", 0.56),
    (SortBy::Created, "Created", 0.81),
];
/// Below this width of the table, in points.
const NARROW: f32 = 760.0;

fn columns(width: f32, has_authors: bool) -> &'static [Column] {
    match (width < NARROW, has_authors) {
        (true, _) => &FEW_COLUMNS,
        (false, false) => &COLUMNS,
        (false, true) => &WITH_AUTHORS,
    }
}

/// The place of a column's cell in a row.
fn cell(row: Rect, columns: &[Column], column: usize) -> Rect {
    let row = row.shrink2(vec2(f32::from(RADIUS), 0.0));
    let x = |column: usize| {
        let share = columns.get(column).map_or(1.0, |(_, _, share)| *share);
        egui::lerp(row.x_range(), share)
    };
    Rect::from_x_y_ranges(x(column)..=x(column + 1) - 10.0, row.y_range())
}

fn row_ui(
    ui: &mut Ui,
    columns: &[Column],
    experiment: &Summary,
    depth: usize,
    is_chosen: bool,
    now: Timestamp,
) -> Response {
    let tokens = Tokens::of(ui);
    let size = vec2(ui.available_width(), ROW_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let (status, word) = standing(experiment);
    let label = format!("{}, {}, {word}", experiment.name, experiment.strategy.label());
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, is_chosen, &label));
    if is_chosen {
        ui.painter().rect_filled(rect, SMALL_RADIUS, tokens.accent_ground);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, SMALL_RADIUS, tokens.raised);
    }
    if response.has_focus() {
        let line = Stroke::new(1.0, tokens.accent);
        ui.painter().rect_stroke(rect, SMALL_RADIUS, line, egui::StrokeKind::Inside);
    }
    let key = experiment.shown.as_ref().and_then(|shown| shown.key);
    let key = key.map_or_else(String::new, |key| {
        format!("{} {}", key.metric.label(), notation::delta(key.metric, key.delta))
    });
    // Archived ones are shown, but stand back.
    let text = if experiment.is_archived { tokens.faint } else { tokens.text };
    let created = ago(experiment.created, now);
    let body = FontId::proportional(13.0);
    let outcome = status.text(word);
    for (place, (column, _, _)) in columns.iter().enumerate() {
        let (text, colour) = match column {
            SortBy::Name => (experiment.name.as_str(), text),
            SortBy::Strategy => (experiment.strategy.label(), text),
            SortBy::Outcome => (outcome.as_str(), status.colour(tokens)),
            SortBy::Metric => (key.as_str(), text),
            SortBy::Data => (experiment.dataset.as_str(), text),
            SortBy::Author => (experiment.author.as_str(), text),
            SortBy::Created => (created.as_str(), tokens.subdued),
        };
        let mut cell = cell(rect, columns, place);
        if place == 0 && depth > 0 {
            cell.min.x += INDENT * depth.min(6) as f32;
            let bend = pos2(cell.left() - 11.0, cell.center().y);
            let line = Stroke::new(1.0, tokens.faint);
            ui.painter().vline(bend.x, bend.y - 9.0..=bend.y, line);
            ui.painter().hline(bend.x..=bend.x + 7.0, bend.y, line);
        }
        let line = Line { font: body.clone(), colour, align: Align2::LEFT_CENTER };
        paint_line(ui.painter(), pos2(cell.left(), cell.center().y), text, &line, cell.width());
    }
    response.on_hover_text("Double click to open")
}
