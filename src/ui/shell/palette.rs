//! The command palette: type a few letters of what you want to do.

use std::path::PathBuf;

use egui::{
    Align2, Context, Key, Modifiers, Rect, Role, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, vec2,
};

use super::{fuzzy, modal};
use crate::app::{Command, Commands, State};
use crate::ui::theme::{SMALL_RADIUS, Tokens};
use crate::ui::typed_path::typed_path;

const WIDTH: f32 = 560.0;
const ROW_HEIGHT: f32 = 30.0;
const MOST_ROWS: f32 = 11.0;
/// Experiments that the palette offers to open.
const EXPERIMENTS: usize = 50;

/// What was typed and which entry is chosen.
#[derive(Default)]
pub struct PaletteMemory {
    query: String,
    chosen: usize,
}

struct Entry {
    label: String,
    command: Command,
}

/// Draws the palette; Enter runs the chosen entry.
pub fn palette_ui(
    ctx: &Context,
    state: &State,
    memory: &mut PaletteMemory,
    commands: &mut Commands,
) {
    let ((), is_closed) = modal::sheet(ctx, "palette", WIDTH, |ui| {
        // Before the field sees them: arrows choose, they do not move the text cursor.
        let is_pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let (up, down, enter) =
            (is_pressed(Key::ArrowUp), is_pressed(Key::ArrowDown), is_pressed(Key::Enter));
        let field = TextEdit::singleline(&mut memory.query)
            .hint_text("Find a command, an experiment or a path")
            .desired_width(f32::INFINITY)
            .margin(egui::Margin::symmetric(10, 8));
        let field = ui.add(field);
        field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Find a command"));
        field.request_focus();
        if field.changed() {
            memory.chosen = 0;
        }
        let entries = entries(state, &memory.query);
        let last = entries.len().saturating_sub(1);
        memory.chosen = match (up, down) {
            (true, false) => memory.chosen.min(last).saturating_sub(1),
            (false, true) => (memory.chosen + 1).min(last),
            _ => memory.chosen.min(last),
        };
        ui.add_space(6.0);
        let clicked = list_ui(ui, state, &entries, memory.chosen, up || down);
        let run = clicked.or(enter.then_some(memory.chosen));
        if let Some(entry) = run.and_then(|place| entries.get(place))
            && entry.command.can_run(state).is_ok()
        {
            // Closed first: the command may open something else.
            commands.push(Command::Close);
            commands.push(entry.command.clone());
        }
    });
    if is_closed {
        commands.push(Command::Close);
    }
}

/// The entries that fit, the best first.
fn entries(state: &State, query: &str) -> Vec<Entry> {
    let named = Command::named().into_iter().map(|command| (command.label(), command));
    let stored = state.library.list().iter().take(EXPERIMENTS).map(|experiment| {
        let label = format!("Open {} ({})", experiment.name, experiment.id);
        (label, Command::OpenExperiment(experiment.id.clone()))
    });
    let all = named.chain(stored).map(|(label, command)| Entry { label, command });
    let mut fitting: Vec<(i32, Entry)> =
        all.filter_map(|entry| Some((fuzzy::score(query, &entry.label)?, entry))).collect();
    if !query.trim().is_empty() {
        fitting.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    }
    let path = typed_path(query).filter(|path| path.is_absolute()).map(path_entry);
    path.into_iter().chain(fitting.into_iter().map(|(_, entry)| entry)).collect()
}

fn path_entry(path: PathBuf) -> Entry {
    let command = Command::OpenPath(path);
    Entry { label: command.label(), command }
}

/// The rows; the one that was clicked.
fn list_ui(
    ui: &mut Ui,
    state: &State,
    entries: &[Entry],
    chosen: usize,
    follows: bool,
) -> Option<usize> {
    let tokens = Tokens::of(ui);
    if entries.is_empty() {
        ui.label(egui::RichText::new("Nothing fits.").color(tokens.subdued));
    }
    let mut clicked = None;
    let height = (ui.ctx().content_rect().height() - 220.0).clamp(120.0, ROW_HEIGHT * MOST_ROWS);
    ScrollArea::vertical()
        .max_height(height)
        .min_scrolled_height(height)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (place, entry) in entries.iter().enumerate() {
                let response = row_ui(ui, state, entry, place == chosen);
                if place == chosen && follows {
                    response.scroll_to_me(None);
                }
                if response.clicked() {
                    clicked = Some(place);
                }
            }
        });
    clicked
}

fn row_ui(ui: &mut Ui, state: &State, entry: &Entry, is_chosen: bool) -> egui::Response {
    let tokens = Tokens::of(ui);
    let can = entry.command.can_run(state);
    let size = vec2(ui.available_width(), ROW_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(Role::ListItem, can.is_ok(), is_chosen, &entry.label));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    if is_chosen {
        ui.painter().rect_filled(rect, SMALL_RADIUS, tokens.accent_ground);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, SMALL_RADIUS, tokens.raised);
    }
    let inner = rect.shrink2(vec2(10.0, 0.0));
    let note = match can {
        Ok(()) => entry.command.shortcut().unwrap_or_default(),
        Err(reason) => reason,
    };
    let note = text(ui, inner, Align2::RIGHT_CENTER, note, true, tokens.subdued);
    let colour = if can.is_ok() { tokens.text } else { tokens.faint };
    let left = inner.with_max_x(note.left() - 12.0);
    text(ui, left, Align2::LEFT_CENTER, &entry.label, false, colour);
    response.on_hover_text(entry.command.tooltip())
}

/// One line, cut at `rect`'s edge.
fn text(
    ui: &Ui,
    rect: Rect,
    align: Align2,
    text: &str,
    is_small: bool,
    colour: egui::Color32,
) -> Rect {
    let style = if is_small { egui::TextStyle::Small } else { egui::TextStyle::Body };
    let font = style.resolve(ui.style());
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap.max_width = rect.width().max(0.0);
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    let galley = ui.painter().layout_job(job);
    let place = align.align_size_within_rect(galley.size(), rect);
    ui.painter().galley(place.min, galley, colour);
    place
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Place;

    #[test]
    fn the_best_entry_comes_first_and_paths_can_be_typed() {
        let state = State::default();
        assert_eq!(entries(&state, "gotoplan")[0].command, Command::Go(Place::Plan));
        assert_eq!(entries(&state, "").len(), Command::named().len());
        let path = entries(&state, "/data/my rows.csv").swap_remove(0);
        assert_eq!(path.command, Command::OpenPath("/data/my rows.csv".into()));
        assert!(entries(&state, "qqqq").is_empty());
    }
}
