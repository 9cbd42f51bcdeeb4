//! Before there is data: how to choose some, and what makes it good.

use egui::{Key, Margin, RichText, TextEdit, Ui, WidgetInfo};

use crate::app::{Ask, Command, Commands};
use crate::domain::Role;
use crate::ui::theme::{GAP, Tokens, small, strong, title};
use crate::ui::typed_path::typed_path;
use crate::ui::widgets::{button_or_reason, card_frame, primary_button};
use crate::worker::Story;

use super::roles::purpose;

const WIDEST: f32 = 640.0;

/// Roles that a newcomer should know of.
const TAUGHT: [Role; 5] = [Role::Label, Role::Time, Role::User, Role::Segment, Role::Prediction];

/// Draws the ways in.
pub fn choose_ui(ui: &mut Ui, path: &mut String, commands: &mut Commands) {
    let tokens = Tokens::of(ui);
    ui.add_space((ui.available_height() * 0.12).min(120.0));
    ui.vertical_centered(|ui| {
        card_frame(tokens).inner_margin(24.0).show(ui, |ui| {
            ui.set_width(ui.available_width().min(WIDEST));
            ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
                ui.label(title("Which rows shall be replayed?"));
                let note = "One row for each request that was once made, or could be. \
                            CSV, Parquet, NDJSON or Arrow IPC.";
                ui.label(RichText::new(note).color(tokens.subdued));
                ui.add_space(GAP);
                files_ui(ui, path, commands);
                ui.add_space(GAP);
                samples_ui(ui, commands);
                ui.add_space(GAP);
                ui.separator();
                taught_ui(ui);
            });
        });
    });
}

fn files_ui(ui: &mut Ui, path: &mut String, commands: &mut Commands) {
    ui.horizontal(|ui| {
        if primary_button(ui, "Choose a file…").clicked() {
            commands.push(Command::Choose(Ask::Data));
        }
        let width = (ui.available_width() - 70.0).max(120.0);
        let field = TextEdit::singleline(path)
            .hint_text("or drop one here, or type its path")
            .margin(Margin::symmetric(8, 5))
            .desired_width(width);
        let field = ui.add(field);
        field.widget_info(|| WidgetInfo::labeled(egui::Role::TextInput, true, "Path of a dataset"));
        let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let typed = typed_path(path);
        let can = typed.as_ref().map(|_| ()).ok_or("Type a path first");
        let open = button_or_reason(ui, "Open", can);
        if (open.clicked() || is_entered)
            && let Some(typed) = typed
        {
            commands.push(Command::Picked(Ask::Data, typed));
            path.clear();
        }
    });
}

fn samples_ui(ui: &mut Ui, commands: &mut Commands) {
    ui.label(strong("No data at hand? Take a sample, with models and a plan"));
    ui.horizontal_wrapped(|ui| {
        for story in Story::ALL {
            let command = Command::OpenSample(story);
            if ui.button(story.title()).on_hover_text(command.tooltip()).clicked() {
                commands.push(command);
            }
        }
    });
}

/// What columns can be for.
fn taught_ui(ui: &mut Ui) {
    let subdued = Tokens::of(ui).subdued;
    ui.label(strong("Columns that make a rehearsal say more"));
    for role in TAUGHT {
        ui.spacing_mut().interact_size.y = 18.0;
        ui.horizontal(|ui| {
            ui.allocate_ui(egui::vec2(130.0, 18.0), |ui| {
                ui.set_min_width(130.0);
                ui.label(role.label());
            });
            ui.label(RichText::new(purpose(role)).color(subdued));
        });
    }
    let note = "Roles are guessed from names and values; you confirm or change them.";
    ui.label(small(note).color(subdued));
}
