//! The table: a column per run with its picture, a row per figure, the best of each row marked.

use egui::{Align2, FontId, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::CompareMemory;
use super::lineup::{Column, Lineup, Row};
use super::picture::{paint_decision, paint_shares};
use crate::domain::metric::Direction;
use crate::ui::notation;
use crate::ui::screens::outcome::status_of;
use crate::ui::theme::{SMALL_RADIUS, Tokens, semibold};
use crate::ui::widgets::{Line, meaning_ui, paint_line, term_in};

const LABEL_WIDTH: f32 = 184.0;
const LEAST_COLUMN: f32 = 92.0;
/// Few runs do not need the whole width.
const WIDEST_COLUMN: f32 = 220.0;
const HEAD_HEIGHT: f32 = 96.0;
const PICTURE_HEIGHT: f32 = 44.0;
const ROW_HEIGHT: f32 = 25.0;
/// With a difference beneath each figure.
const TALL_ROW_HEIGHT: f32 = 40.0;
const GUTTER: f32 = 5.0;
/// Between the edge of what is marked or hovered and its text.
const INDENT: f32 = 4.0;

/// Where the columns lie.
struct Grid {
    order: Vec<usize>,
    column: f32,
}

impl Grid {
    fn new(ui: &Ui, order: Vec<usize>) -> Self {
        let share = (ui.available_width() - LABEL_WIDTH) / order.len().max(1) as f32;
        Self { order, column: share.clamp(LEAST_COLUMN, WIDEST_COLUMN) }
    }

    fn width(&self) -> f32 {
        LABEL_WIDTH + self.column * self.order.len() as f32
    }

    /// The cell of the column at `place` of the order, without the gutter.
    fn cell(&self, row: Rect, place: usize) -> Rect {
        let left = row.left() + LABEL_WIDTH + self.column * place as f32;
        Rect::from_x_y_ranges(left..=left + self.column - GUTTER, row.y_range())
    }
}

/// Draws the table.
pub fn table_ui(ui: &mut Ui, lineup: &Lineup, memory: &mut CompareMemory) {
    let order = lineup.order(memory.pinned, memory.sorted_by.as_deref());
    egui::ScrollArea::horizontal().id_salt("compare table").show(ui, |ui| {
        let grid = Grid::new(ui, order);
        ui.spacing_mut().item_spacing.y = 0.0;
        heads_ui(ui, lineup, &grid, memory);
        let only_differing = memory.only_differing;
        let rows: Vec<&Row> =
            lineup.rows.iter().filter(|row| !only_differing || row.differs()).collect();
        if rows.is_empty() {
            ui.add_space(INDENT);
            let text = egui::RichText::new("Not one figure differs.");
            ui.label(text.color(Tokens::of(ui).subdued));
        }
        for row in rows {
            let response = row_ui(ui, lineup, row, &grid, memory);
            if response.clicked() {
                let is_sorted = memory.sorted_by.as_deref() == Some(&row.label);
                memory.sorted_by = (!is_sorted).then(|| row.label.clone());
            }
        }
    });
}

fn heads_ui(ui: &mut Ui, lineup: &Lineup, grid: &Grid, memory: &mut CompareMemory) {
    let tokens = Tokens::of(ui);
    let size = vec2(grid.width(), HEAD_HEIGHT);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let line = Line {
        font: FontId::proportional(11.0),
        colour: tokens.subdued,
        align: Align2::LEFT_CENTER,
    };
    let picture = picture_rect(rect);
    let at = |share: f32| pos2(rect.left() + INDENT, egui::lerp(picture.y_range(), share));
    paint_line(ui.painter(), at(0.32), "Who answered,", &line, LABEL_WIDTH - GUTTER);
    paint_line(ui.painter(), at(0.68), "over time", &line, LABEL_WIDTH - GUTTER);
    for (place, number) in grid.order.iter().enumerate() {
        let Some(column) = lineup.columns.get(*number) else { continue };
        let cell = grid.cell(rect, place);
        let response = head_ui(ui, cell, column, lineup, memory.chosen == Some(*number));
        if response.hovered() {
            memory.hovered = Some(*number);
        }
        if response.clicked() {
            let is_chosen = memory.chosen == Some(*number);
            memory.chosen = (!is_chosen).then_some(*number);
        }
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, tokens.edge));
}

fn picture_rect(head: Rect) -> Rect {
    head.with_min_y(head.bottom() - PICTURE_HEIGHT - 8.0).with_max_y(head.bottom() - 8.0)
}

/// Name, outcome and picture of a run.
fn head_ui(ui: &Ui, cell: Rect, column: &Column, lineup: &Lineup, is_chosen: bool) -> Response {
    let tokens = Tokens::of(ui);
    let id = ui.scope_id().with(("head", &column.title, column.run));
    let response = ui.interact(cell, id, Sense::click());
    let word = column.outcome.kind.label();
    let label = format!("{}: {word}", column.title);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_chosen, &label));
    let ground = cell.with_min_x(cell.left() - INDENT).with_max_y(cell.bottom() - 4.0);
    if is_chosen {
        ui.painter().rect_filled(ground, SMALL_RADIUS, tokens.accent_ground);
    } else if response.hovered() {
        ui.painter().rect_filled(ground, SMALL_RADIUS, tokens.raised);
    }
    if response.has_focus() {
        let line = Stroke::new(1.5, tokens.accent);
        ui.painter().rect_stroke(ground, SMALL_RADIUS, line, egui::StrokeKind::Inside);
    }
    let status = status_of(column.outcome.kind);
    let lines = [
        (column.title.as_str(), semibold(13.0), tokens.text, 12.0),
        (&status.text(word), FontId::proportional(12.0), status.colour(tokens), 31.0),
    ];
    for (text, font, colour, y) in lines {
        let line = Line { font, colour, align: Align2::LEFT_CENTER };
        paint_line(ui.painter(), cell.left_top() + vec2(0.0, y), text, &line, cell.width());
    }
    let picture = picture_rect(cell);
    paint_shares(ui.painter(), picture, tokens, &column.course, lineup.end);
    paint_decision(ui.painter(), picture, tokens, &column.outcome, lineup.end);
    response.on_hover_ui(|ui| {
        ui.label(crate::ui::theme::strong(&column.title));
        ui.label(&column.sentence);
        if !column.outcome.reason.is_empty() {
            let at = notation::time(column.outcome.at);
            ui.label(format!("{at} {word}: {}", column.outcome.reason));
        }
    })
}

fn row_ui(
    ui: &mut Ui,
    lineup: &Lineup,
    row: &Row,
    grid: &Grid,
    memory: &CompareMemory,
) -> Response {
    let tokens = Tokens::of(ui);
    let height = if memory.pinned.is_some() { TALL_ROW_HEIGHT } else { ROW_HEIGHT };
    let (rect, response) = ui.allocate_exact_size(vec2(grid.width(), height), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, sentence(lineup, row)));
    if response.hovered() {
        ui.painter().rect_filled(rect, SMALL_RADIUS, tokens.raised);
    }
    let is_sorted = memory.sorted_by.as_deref() == Some(&row.label);
    let sign = if is_sorted { " ⏵" } else { "" };
    let colour = if is_sorted || response.hovered() { tokens.text } else { tokens.subdued };
    let label =
        rect.with_min_x(rect.left() + INDENT).with_max_x(rect.left() + LABEL_WIDTH - GUTTER);
    paint_with_note(ui, label, rect.center().y, &format!("{}{sign}", row.label), colour, false);
    for (place, number) in grid.order.iter().enumerate() {
        paint_cell(ui, grid.cell(rect, place), row, *number, memory.pinned);
    }
    let hint =
        if is_sorted { "Click for the first order" } else { "Click to sort, the best first" };
    response.on_hover_ui_at_pointer(|ui| {
        if let Some(term) = term_in(&row.label) {
            meaning_ui(ui, term);
            ui.add_space(4.0);
        }
        ui.label(hint);
    })
}

/// A figure, and beneath it the difference from the pinned run's.
fn paint_cell(ui: &Ui, area: Rect, row: &Row, number: usize, pinned: Option<usize>) {
    let tokens = Tokens::of(ui);
    let Some(cell) = row.cells.get(number) else { return };
    let baseline = pinned.filter(|place| *place != number).and_then(|place| row.cells.get(place));
    let delta = baseline.and_then(|baseline| Some(cell.number? - baseline.number?));
    let y = area.center().y - if delta.is_some() { 7.0 } else { 0.0 };
    if cell.is_best {
        let ground = Rect::from_x_y_ranges(area.x_range(), y - 9.5..=y + 9.5);
        let ground = ground.expand2(vec2(INDENT, 0.0)).with_max_x(area.right());
        ui.painter().rect_filled(ground, SMALL_RADIUS, tokens.accent_ground);
    }
    let colour = if cell.number.is_none() { tokens.subdued } else { tokens.text };
    paint_with_note(ui, area, y, &cell.text, colour, cell.is_best);
    if let Some(delta) = delta {
        let (text, colour) = difference(tokens, row, delta);
        let line = Line { font: FontId::proportional(11.0), colour, align: Align2::LEFT_CENTER };
        paint_line(ui.painter(), pos2(area.left(), y + 15.0), &text, &line, area.width());
    }
}

/// One line of text; what it has in brackets, a share or a unit, in small type behind it.
fn paint_with_note(
    ui: &Ui,
    area: Rect,
    y: f32,
    text: &str,
    colour: egui::Color32,
    is_strong: bool,
) {
    let (text, rest) = text.split_once(" (").unwrap_or((text, ""));
    let (note, sign) = rest.split_once(')').unwrap_or((rest, ""));
    let font = if is_strong { semibold(13.0) } else { FontId::proportional(13.0) };
    let line = Line { font, colour, align: Align2::LEFT_CENTER };
    let painted = paint_line(ui.painter(), pos2(area.left(), y), text, &line, area.width());
    let font = FontId::proportional(11.0);
    let line = Line { font, colour: Tokens::of(ui).subdued, align: Align2::LEFT_CENTER };
    let at = pos2(painted.right() + 5.0, y + 0.5);
    paint_line(ui.painter(), at, &format!("{note}{sign}"), &line, area.right() - at.x);
}

/// A signed difference, whether it is for the better, and the colour of that.
fn difference(tokens: &Tokens, row: &Row, delta: f64) -> (String, egui::Color32) {
    let text = row.unit.format_delta(delta);
    if !text.starts_with(['+', '−']) {
        return ("same".to_owned(), tokens.subdued);
    }
    match (row.good, delta < 0.0) {
        (Direction::Neither, _) => (text, tokens.subdued),
        (Direction::Lower, true) | (Direction::Higher, false) => (format!("{text} ✓"), tokens.pass),
        _ => (format!("{text} ✗"), tokens.fail),
    }
}

/// The row for whoever hears it.
fn sentence(lineup: &Lineup, row: &Row) -> String {
    let cells = lineup.columns.iter().zip(&row.cells);
    let texts: Vec<String> =
        cells.map(|(column, cell)| format!("{} {}", column.title, cell.text)).collect();
    format!("{}: {}", row.label, texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::ledger::Unit;
    use crate::ui::theme::DARK;

    #[test]
    fn differences_have_a_sign_a_glyph_and_the_colour_of_their_direction() {
        let row = |good, unit| Row { label: String::new(), good, unit, cells: Vec::new() };
        let lower = |delta| difference(&DARK, &row(Direction::Lower, Unit::Count), delta);
        assert_eq!(lower(-12.0), ("−12 ✓".to_owned(), DARK.pass));
        assert_eq!(lower(1_234.0), ("+1,234 ✗".to_owned(), DARK.fail));
        assert_eq!(lower(0.0), ("same".to_owned(), DARK.subdued));
        let hours = row(Direction::Higher, Unit::ReplicaHours);
        assert_eq!(difference(&DARK, &hours, 2.0), ("+2.00 ✓".to_owned(), DARK.pass));
        let time = row(Direction::Neither, Unit::Seconds);
        assert_eq!(difference(&DARK, &time, -90.0), ("−1 min 30 s".to_owned(), DARK.subdued));
    }
}
