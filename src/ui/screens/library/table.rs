//! The table of experiments: sorted, searched, one row chosen.

use std::cmp::Reverse;

use egui::{
    Align2, FontId, Rect, Response, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};
use jiff::Timestamp;

use super::super::ago::ago;
use super::super::outcome::standing;
use super::LibraryMemory;
use crate::app::{Command, Commands};
use crate::store::Summary;
use crate::ui::theme::{RADIUS, SMALL_RADIUS, Tokens};
use crate::ui::widgets::card_frame;
use crate::ui::widgets::{Line, paint_line};

const ROW_HEIGHT: f32 = 28.0;
const HEADER_HEIGHT: f32 = 26.0;
/// Signs of a digest that are shown.
const SHORT: usize = 10;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    Name,
    Strategy,
    Outcome,
    Data,
    #[default]
    Created,
    Digest,
}

/// Columns with the share of the width at which each begins.
const COLUMNS: [(SortBy, &str, f32); 6] = [
    (SortBy::Name, "Name", 0.0),
    (SortBy::Strategy, "Strategy", 0.34),
    (SortBy::Outcome, "Outcome", 0.46),
    (SortBy::Data, "Data", 0.6),
    (SortBy::Created, "Created", 0.76),
    (SortBy::Digest, "Digest", 0.89),
];

/// Those that hold every word of `search`, in the wanted order.
pub fn fitting<'a>(
    list: &'a [Summary],
    search: &str,
    sort: SortBy,
    is_reversed: bool,
) -> Vec<&'a Summary> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let fits = |experiment: &&Summary| {
        let text = [
            experiment.name.as_str(),
            experiment.strategy.label(),
            standing(experiment).1,
            &experiment.dataset,
            experiment.id.as_str(),
            &experiment.arms.join(" "),
        ]
        .join(" ")
        .to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let mut shown: Vec<&Summary> = list.iter().filter(fits).collect();
    match sort {
        SortBy::Name => shown.sort_by_key(|experiment| experiment.name.to_lowercase()),
        SortBy::Strategy => shown.sort_by_key(|experiment| experiment.strategy.label()),
        SortBy::Outcome => shown.sort_by_key(|experiment| standing(experiment).1),
        SortBy::Data => shown.sort_by_key(|experiment| experiment.dataset.clone()),
        SortBy::Created => shown.sort_by_key(|experiment| Reverse(experiment.created)),
        SortBy::Digest => shown.sort_by_key(|experiment| experiment.digest.clone()),
    }
    if is_reversed {
        shown.reverse();
    }
    shown
}

/// Draws the table into the space that is left.
pub fn table_ui(
    ui: &mut Ui,
    shown: &[&Summary],
    memory: &mut LibraryMemory,
    commands: &mut Commands,
) {
    card_frame(Tokens::of(ui)).inner_margin(6.0).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        header_ui(ui, memory);
        let now = Timestamp::now();
        ScrollArea::vertical().auto_shrink([false, true]).show_rows(
            ui,
            ROW_HEIGHT,
            shown.len(),
            |ui, rows| {
                for experiment in shown.get(rows).unwrap_or_default() {
                    let is_chosen = memory.chosen.as_ref() == Some(&experiment.id);
                    let response = row_ui(ui, experiment, is_chosen, now);
                    let is_entered = response.has_focus()
                        && is_chosen
                        && ui.input(|input| input.key_pressed(egui::Key::Enter));
                    if response.double_clicked() || is_entered {
                        commands.push(Command::OpenExperiment(experiment.id.clone()));
                    } else if response.clicked() {
                        memory.chosen = Some(experiment.id.clone());
                    }
                }
            },
        );
        if shown.is_empty() {
            ui.label(egui::RichText::new("Nothing fits the search.").color(Tokens::of(ui).subdued));
        }
    });
}

fn header_ui(ui: &mut Ui, memory: &mut LibraryMemory) {
    let tokens = Tokens::of(ui);
    let size = vec2(ui.available_width(), HEADER_HEIGHT);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    for (place, (sort, name, _)) in COLUMNS.into_iter().enumerate() {
        let cell = cell(rect, place);
        let id = ui.scope_id().with(name);
        let response = ui.interact(cell, id, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Sort by {name}")));
        let is_sorted = memory.sort == sort;
        let arrow = match (is_sorted, memory.is_reversed) {
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
            memory.is_reversed = is_sorted && !memory.is_reversed;
            memory.sort = sort;
        }
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.edge));
}

/// The place of a column's cell in a row.
fn cell(row: Rect, column: usize) -> Rect {
    let row = row.shrink2(vec2(f32::from(RADIUS), 0.0));
    let x = |column: usize| {
        let share = COLUMNS.get(column).map_or(1.0, |(_, _, share)| *share);
        egui::lerp(row.x_range(), share)
    };
    Rect::from_x_y_ranges(x(column)..=x(column + 1) - 10.0, row.y_range())
}

fn row_ui(ui: &mut Ui, experiment: &Summary, is_chosen: bool, now: Timestamp) -> Response {
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
    let digest = experiment.digest.as_deref().unwrap_or("–");
    let short: String = digest.chars().take(SHORT).collect();
    let created = ago(experiment.created, now);
    let body = FontId::proportional(13.0);
    let mono = FontId::monospace(11.0);
    let cells = [
        (experiment.name.as_str(), tokens.text, body.clone()),
        (experiment.strategy.label(), tokens.text, body.clone()),
        (&status.text(word), status.colour(tokens), body.clone()),
        (&experiment.dataset, tokens.text, body.clone()),
        (&created, tokens.subdued, body),
        (&short, tokens.subdued, mono),
    ];
    for (place, (text, colour, font)) in cells.into_iter().enumerate() {
        let cell = cell(rect, place);
        let line = Line { font, colour, align: Align2::LEFT_CENTER };
        paint_line(ui.painter(), pos2(cell.left(), cell.center().y), text, &line, cell.width());
    }
    response.on_hover_ui(|ui| details_ui(ui, experiment))
}

/// All that is known, for whoever rests on the row.
fn details_ui(ui: &mut Ui, experiment: &Summary) {
    ui.set_max_width(360.0);
    ui.label(crate::ui::theme::strong(&experiment.name));
    if let Some(reason) = &experiment.reason {
        ui.label(reason);
    }
    let mut lines = vec![
        ("Id", experiment.id.to_string()),
        ("Arms", experiment.arms.join(", ")),
        ("Made with version", experiment.program_version.clone()),
    ];
    if let Some(parent) = &experiment.parent {
        lines.push(("Forked from", parent.to_string()));
    }
    for (label, value) in lines {
        crate::ui::widgets::value_row(ui, label, &value);
    }
    ui.label(crate::ui::theme::small("Double click to open").color(Tokens::of(ui).subdued));
}
