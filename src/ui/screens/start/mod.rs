//! The Start screen: something to play within one key press, and the ways to one's own work.

mod card;
mod lessons;
mod recent;

use egui::{Margin, ScrollArea, TextEdit, Ui, WidgetInfo};

use super::story::Motion;
use crate::app::{Ask, Command, Commands, State};
use crate::ui::theme::{GAP, Tokens, verdict};
use crate::ui::typed_path::typed_path;
use crate::ui::widgets::{button_or_reason, filled_card, primary_button};

/// The cards do not grow beyond this.
const WIDEST: f32 = 1_440.0;
/// Cards below this width stand in two rows.
const NARROW_CARD: f32 = 150.0;
/// Below this width the parts of a row stand beneath each other.
const NARROW: f32 = 620.0;
/// Height that is kept for what lies beneath the cards.
const BENEATH: f32 = 380.0;

/// How the screen was left.
#[derive(Default)]
pub struct StartMemory {
    path: String,
    /// The first card has got the focus since the screen was entered.
    is_entered: bool,
    motion: Motion,
}

impl StartMemory {
    /// Another screen is shown.
    pub fn leave(&mut self) {
        self.is_entered = false;
    }
}

/// Draws the screen.
pub fn start_ui(ui: &mut Ui, state: &State, memory: &mut StartMemory, commands: &mut Commands) {
    let margin = Margin { left: 24, right: 24, top: 20, bottom: 12 };
    egui::Frame::new().inner_margin(margin).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.set_max_width(WIDEST.min(ui.available_width()));
            ui.label(verdict("Rehearse a model rollout before it is real."));
            let note = "Real rows and real models; simulated time, traffic and serving. \
                        Press Enter to watch the first example.";
            ui.label(egui::RichText::new(note).color(Tokens::of(ui).subdued));
            ui.add_space(2.0 * GAP);
            cards_ui(ui, state, memory, commands);
            ui.add_space(2.0 * GAP);
            own_work_ui(ui, memory, commands);
            ui.add_space(2.0 * GAP);
            lower_ui(ui, state, commands);
        });
    });
}

/// What was worked on at the left, what can be learned at the right, down to the window's end.
fn lower_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let space = ui.available_rect_before_wrap();
    if space.width() < NARROW {
        for part in [recent::recent_ui, lessons::lessons_ui] {
            let top = ui.cursor().top();
            let rect = space.with_min_y(top).with_max_y(top + lessons::HEIGHT);
            filled_card(ui, rect, |ui| part(ui, state, commands));
        }
        return;
    }
    let rect = space.with_max_y(space.bottom().max(space.top() + lessons::HEIGHT));
    let split = egui::lerp(rect.x_range(), 0.64).round();
    let left = rect.with_max_x(split - GAP / 2.0);
    let right = rect.with_min_x(split + GAP / 2.0);
    filled_card(ui, left, |ui| recent::recent_ui(ui, state, commands));
    filled_card(ui, right, |ui| lessons::lessons_ui(ui, state, commands));
}

fn cards_ui(ui: &mut Ui, state: &State, memory: &mut StartMemory, commands: &mut Commands) {
    let gap = 12.0;
    let space = ui.available_width();
    let width = |columns: usize| (space - gap * (columns as f32 - 1.0)) / columns as f32;
    let all = card::CARDS.len();
    let columns = if width(all) < NARROW_CARD { all.div_ceil(2) } else { all };
    let size = card::size(width(columns), ui.available_height() - BENEATH);
    ui.spacing_mut().item_spacing.y = gap;
    for row in card::CARDS.chunks(columns) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            for card in row {
                let is_still = state.settings.reduced_motion;
                let response = card::card_ui(ui, size, card, is_still, &mut memory.motion);
                if !memory.is_entered {
                    response.request_focus();
                    memory.is_entered = true;
                    memory.motion.enter(ui);
                }
                if response.clicked() {
                    commands.push(Command::StartSample(card.kind));
                }
            }
        });
    }
}

fn own_work_ui(ui: &mut Ui, memory: &mut StartMemory, commands: &mut Commands) {
    let is_narrow = ui.available_width() < NARROW;
    ui.horizontal(|ui| {
        choose_ui(ui, commands);
        if !is_narrow {
            path_ui(ui, memory, commands);
        }
    });
    if is_narrow {
        ui.horizontal(|ui| path_ui(ui, memory, commands));
    }
}

fn choose_ui(ui: &mut Ui, commands: &mut Commands) {
    let data = Command::Choose(Ask::Data);
    if primary_button(ui, "Start with my data…").on_hover_text(data.tooltip()).clicked() {
        commands.push(data);
    }
    let open = Command::Choose(Ask::Open);
    let button = ui.button("Open an experiment or plan…");
    if button.on_hover_text(open.tooltip()).clicked() {
        commands.push(open);
    }
}

fn path_ui(ui: &mut Ui, memory: &mut StartMemory, commands: &mut Commands) {
    let width = (ui.available_width() - 70.0).clamp(160.0, 560.0);
    let field = TextEdit::singleline(&mut memory.path)
        .hint_text("or type a path, or drop a file: CSV, Parquet, NDJSON, Arrow, .toml, .rehearsal")
        .margin(Margin::symmetric(8, 5))
        .desired_width(width);
    let field = ui.add(field);
    field.widget_info(|| WidgetInfo::labeled(egui::Role::TextInput, true, "Path of a file"));
    let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    let path = typed_path(&memory.path);
    let can = path.as_ref().map(|_| ()).ok_or("Type a path first");
    let open = button_or_reason(ui, "Open", can);
    if (open.clicked() || is_entered)
        && let Some(path) = path
    {
        commands.push(Command::OpenPath(path));
        memory.path.clear();
    }
}
