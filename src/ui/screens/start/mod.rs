//! The Start screen: something to play within one key press, and the ways to one's own work.

mod card;
mod picture;
mod recent;

use egui::{Margin, ScrollArea, TextEdit, Ui, WidgetInfo};

use crate::app::{Ask, Command, Commands, State};
use crate::domain::StrategyKind;
use crate::ui::theme::{GAP, Tokens, small, verdict};
use crate::ui::typed_path::typed_path;

/// The cards do not grow beyond this.
const WIDEST: f32 = 1_440.0;

/// How the screen was left.
#[derive(Default)]
pub struct StartMemory {
    path: String,
    /// The first card has got the focus since the screen was entered.
    is_entered: bool,
    motion: card::Motion,
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
            recent::recent_ui(ui, state, commands);
        });
    });
}

fn cards_ui(ui: &mut Ui, state: &State, memory: &mut StartMemory, commands: &mut Commands) {
    let count = card::CARDS.len();
    let gap = 12.0;
    let width = (ui.available_width() - gap * (count as f32 - 1.0)) / count as f32;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = gap;
        for (place, card) in card::CARDS.iter().enumerate() {
            let is_still = state.settings.reduced_motion;
            let response = card::card_ui(ui, width, card, is_still, &mut memory.motion);
            if place == 0 && !memory.is_entered {
                response.request_focus();
                memory.is_entered = true;
            }
            if response.clicked() {
                commands.push(Command::StartSample(card.kind));
            }
        }
    });
}

fn own_work_ui(ui: &mut Ui, memory: &mut StartMemory, commands: &mut Commands) {
    ui.horizontal(|ui| {
        for (text, ask) in
            [("Start with my data…", Ask::Data), ("Open an experiment or plan…", Ask::Open)]
        {
            let command = Command::Choose(ask);
            if ui.button(text).on_hover_text(command.tooltip()).clicked() {
                commands.push(command);
            }
        }
        let width = (ui.available_width() - 70.0).clamp(160.0, 420.0);
        let field = TextEdit::singleline(&mut memory.path)
            .hint_text("or drop a file here, or type its path")
            .margin(Margin::symmetric(8, 5))
            .desired_width(width);
        let field = ui.add(field);
        field.widget_info(|| WidgetInfo::labeled(egui::Role::TextInput, true, "Path of a file"));
        let is_entered =
            field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let path = typed_path(&memory.path);
        let can = path.as_ref().map(|_| ()).ok_or("Type a path first");
        let open = crate::ui::widgets::button_or_reason(ui, "Open", can);
        if (open.clicked() || is_entered)
            && let Some(path) = path
        {
            commands.push(Command::OpenPath(path));
            memory.path.clear();
        }
    });
    let note = "CSV, Parquet, NDJSON or Arrow data; a .toml plan; a .rehearsal file.";
    ui.label(small(note).color(Tokens::of(ui).subdued));
}
