//! What was worked on before: experiments with their outcomes, and files.

use std::path::Path;

use egui::{Align2, FontId, Label, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use jiff::Timestamp;

use super::super::ago::ago;
use super::super::outcome::standing;
use crate::app::{Command, Commands, LibraryState, Place, State};
use crate::store::Summary;
use crate::ui::theme::{SMALL_RADIUS, Tokens, small, strong};
use crate::ui::widgets::{Line, empty_state, paint_line};

/// Where there is no more room.
const LEAST_EXPERIMENTS: usize = 4;
const MOST_FILES: usize = 8;
const ROW_HEIGHT: f32 = 28.0;
/// Widths of what is never cut, and the least of the reason behind them: it is left out first.
const OUTCOME_WIDTH: f32 = 100.0;
const AGE_WIDTH: f32 = 92.0;
const LEAST_REASON: f32 = 110.0;

/// Two lists side by side.
pub fn recent_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let files: Vec<&Path> =
        state.settings.recent.iter().take(MOST_FILES).map(std::path::PathBuf::as_path).collect();
    let whole = ui.available_width();
    ui.horizontal_top(|ui| {
        let width = if files.is_empty() { whole } else { whole * 0.66 };
        ui.vertical(|ui| {
            ui.set_width(width);
            experiments_ui(ui, state, commands);
        });
        if !files.is_empty() {
            ui.add_space(12.0);
            ui.vertical(|ui| {
                ui.label(strong("Recent files"));
                for path in files {
                    file_ui(ui, path, commands);
                }
            });
        }
    });
}

fn experiments_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    ui.label(strong("Recent experiments"));
    let list = state.library.list();
    if list.is_empty() {
        let text = match &state.library {
            LibraryState::Failed(message) => message.lines().next().unwrap_or_default(),
            LibraryState::Reading | LibraryState::Unread => "Reading the library…",
            LibraryState::Read(_) => "None yet. Whatever you rehearse is kept and listed here.",
        };
        empty_state(ui, text, None);
        return;
    }
    let now = Timestamp::now();
    ui.spacing_mut().item_spacing.y = 0.0;
    let room = (ui.available_height() / ROW_HEIGHT) as usize;
    let most = room.saturating_sub(1).max(LEAST_EXPERIMENTS);
    for experiment in list.iter().take(most) {
        if experiment_ui(ui, experiment, now).clicked() {
            commands.push(Command::OpenExperiment(experiment.id.clone()));
        }
    }
    if list.len() > most {
        ui.add_space(4.0);
        let text = format!("All {} experiments", list.len());
        if ui.link(small(text)).clicked() {
            commands.push(Command::Go(Place::Library));
        }
    }
}

fn experiment_ui(ui: &mut Ui, experiment: &Summary, now: Timestamp) -> Response {
    let tokens = Tokens::of(ui);
    let size = vec2(ui.available_width(), ROW_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let (status, word) = standing(experiment);
    let label = format!("Open {}, {word}", experiment.name);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, SMALL_RADIUS, tokens.button_hovered);
    }
    let inner = rect.shrink2(vec2(6.0, 0.0));
    let rest = inner.width() - OUTCOME_WIDTH - AGE_WIDTH;
    let named = if rest < 2.0 * LEAST_REASON { rest } else { 0.5 * rest };
    let columns = [0.0, named, named + OUTCOME_WIDTH, named + OUTCOME_WIDTH + AGE_WIDTH]
        .map(|width| inner.left() + width);
    let cells = [
        (experiment.name.as_str(), tokens.text, 13.0),
        (&status.text(word), status.colour(tokens), 12.0),
        (&ago(experiment.created, now), tokens.subdued, 12.0),
        (experiment.reason.as_deref().unwrap_or_default(), tokens.subdued, 12.0),
    ];
    for (place, (text, colour, size)) in cells.into_iter().enumerate() {
        let right = columns.get(place + 1).copied().unwrap_or(inner.right());
        if right <= columns[place] {
            continue;
        }
        let cell = Rect::from_x_y_ranges(columns[place]..=right - 10.0, inner.y_range());
        let line = Line { font: FontId::proportional(size), colour, align: Align2::LEFT_CENTER };
        paint_line(ui.painter(), pos2(cell.left(), cell.center().y), text, &line, cell.width());
    }
    response
}

fn file_ui(ui: &mut Ui, path: &Path, commands: &mut Commands) {
    let name =
        path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy());
    let link = Label::new(egui::RichText::new(name).color(Tokens::of(ui).accent))
        .truncate()
        .sense(Sense::click());
    let response = ui.add(link).on_hover_text(path.display().to_string());
    if response.on_hover_cursor(egui::CursorIcon::PointingHand).clicked() {
        commands.push(Command::OpenPath(path.to_owned()));
    }
}
