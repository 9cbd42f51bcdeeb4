//! Where an arm's answers come from.

use egui::{Color32, Key, Margin, RichText, TextEdit, TextStyle, Ui, WidgetInfo};

use super::Page;
use crate::app::{Ask, Command};
use crate::domain::{ArmId, ModelSource};
use crate::ui::form::{FIELD_WIDTH, Field, Form};
use crate::ui::theme::{Tokens, small};
use crate::ui::typed_path::typed_path;
use crate::ui::widgets::is_typed_in;

const KINDS: [(&str, &str); 3] = [
    (
        "Model",
        "Its folder or file: Hugging Face, ONNX, XGBoost, LightGBM, GGUF, or layers in safetensors, PyTorch or NumPy. It is run and measured here.",
    ),
    ("Column", "The dataset already holds this model's answers, row by row."),
    ("File", "A table of answers that any program wrote, joined by a key column."),
];

/// Draws the kinds to choose from, and the fields of the chosen one.
pub fn source_ui(
    ui: &mut Ui,
    page: &mut Page<'_>,
    form: &mut Form<'_>,
    place: usize,
    source: &ModelSource,
) {
    let kind = match source {
        ModelSource::Folder(_) => 0,
        ModelSource::Column(_) => 1,
        ModelSource::File { .. } => 2,
    };
    let arm = ArmId::new(place);
    let mut edited = source.clone();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (number, (name, about)) in KINDS.iter().enumerate() {
            let response = ui.selectable_label(kind == number, *name).on_hover_text(*about);
            let label = format!("Answers of {arm} from: {name}");
            response.widget_info(|| {
                WidgetInfo::selected(egui::Role::RadioButton, true, kind == number, &label)
            });
            if response.clicked() && kind != number {
                edited = of_kind(number);
            }
        }
    });
    let about = KINDS.get(kind).map(|(_, about)| *about).unwrap_or_default();
    ui.label(small(about).color(Tokens::of(ui).subdued));
    form.about(format!("arm {arm}"), |form| match &mut edited {
        ModelSource::Folder(folder) => folder_ui(ui, page, place, folder),
        ModelSource::Column(column) => column_ui(ui, page, form, place, column),
        ModelSource::File { path, key, column } => {
            file_ui(ui, page, place, path);
            joined_ui(ui, page, form, place, (key, column));
        }
    });
    // Nothing has failed while nothing was chosen: what to do stands in the fields.
    if !is_empty(source) {
        form.problems_ui(ui, &format!("arms[{place}].model"));
    }
    if edited != *source {
        page.commands.push(Command::SetModel { arm: place, source: edited });
    }
}

/// True if nothing was chosen yet.
pub fn is_empty(source: &ModelSource) -> bool {
    match source {
        ModelSource::Folder(text) | ModelSource::Column(text) => text.is_empty(),
        ModelSource::File { path, key, column } => {
            [path, key, column].into_iter().all(String::is_empty)
        }
    }
}

fn of_kind(kind: usize) -> ModelSource {
    match kind {
        0 => ModelSource::Folder(String::new()),
        1 => ModelSource::Column(String::new()),
        _ => ModelSource::File { path: String::new(), key: String::new(), column: String::new() },
    }
}

fn folder_ui(ui: &mut Ui, page: &mut Page<'_>, place: usize, path: &mut String) {
    let asks = [("Folder…", Ask::ModelFolder(place)), ("File…", Ask::ModelFile(place))];
    path_ui(ui, page, place, path, "folder or file of the model", asks);
}

fn file_ui(ui: &mut Ui, page: &mut Page<'_>, place: usize, path: &mut String) {
    let asks = [("Choose…", Ask::PredictionsFile(place))];
    path_ui(ui, page, place, path, "CSV, Parquet, NDJSON or Arrow", asks);
}

/// A path that is taken when it is complete: models are opened then, not at every letter.
fn path_ui<const DIALOGS: usize>(
    ui: &mut Ui,
    page: &mut Page<'_>,
    place: usize,
    path: &mut String,
    hint: &str,
    asks: [(&str, Ask); DIALOGS],
) {
    ui.horizontal(|ui| {
        let buttons: f32 = asks.iter().map(|(text, _)| button_width(ui, text)).sum();
        let width = (ui.available_width() - buttons).max(80.0);
        let text = page.memory.paths.entry(place).or_insert_with(|| path.clone());
        let edit = TextEdit::singleline(text)
            .id(egui::Id::unique(("model path", place)))
            .hint_text(hint)
            .margin(Margin::symmetric(7, 4))
            .desired_width(width);
        let response = ui.add(edit);
        let label = format!("Path, arm {}", ArmId::new(place));
        response.widget_info(|| {
            let mut info = WidgetInfo::text_edit(true, text.as_str(), text.as_str(), hint);
            info.label = Some(label.clone());
            info
        });
        let is_entered = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if response.lost_focus() || is_entered {
            let typed = typed_path(text).map(|path| path.display().to_string());
            *path = typed.unwrap_or_default();
        }
        if !is_typed_in(&response) {
            page.memory.paths.remove(&place);
        }
        for (text, ask) in asks {
            let dialog = Command::Choose(ask);
            if ui.button(text).on_hover_text(dialog.tooltip()).clicked() {
                page.commands.push(dialog);
            }
        }
    });
}

/// Of a button and the space before it.
fn button_width(ui: &Ui, text: &str) -> f32 {
    let font = TextStyle::Button.resolve(ui.style());
    let text = ui.painter().layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER);
    text.size().x + 2.0 * ui.spacing().button_padding.x + ui.spacing().item_spacing.x
}

fn column_ui(
    ui: &mut Ui,
    page: &mut Page<'_>,
    form: &mut Form<'_>,
    place: usize,
    column: &mut String,
) {
    let field = Field::new(format!("arms[{place}].model"), "Column of answers");
    let Some(dataset) = page.state.dataset() else {
        form.cell(ui, &field.hint("name of the column"), 1.6 * FIELD_WIDTH, column);
        return;
    };
    // Columns that look like answers come first.
    let guessed = &page.memory.guesses.of(&dataset.table).predictions;
    let mut names: Vec<&str> = dataset.table.names().collect();
    names.sort_by_key(|name| !guessed.iter().any(|guess| guess == name));
    let current = names.iter().position(|name| name == column);
    ui.horizontal(|ui| {
        let chosen = form.pick(ui, &field, 1.8 * FIELD_WIDTH, current, &names);
        if let Some(name) = chosen.and_then(|place| names.get(place)) {
            (*name).clone_into(column);
        }
        if !guessed.is_empty() && column.is_empty() {
            let text = format!("{} looks like answers", guessed.join(", "));
            let label = egui::Label::new(small(text).color(Tokens::of(ui).subdued));
            ui.add(label.truncate());
        }
    });
}

/// The key column of the dataset and of the file, and the file's column of answers.
fn joined_ui(
    ui: &mut Ui,
    page: &mut Page<'_>,
    form: &mut Form<'_>,
    place: usize,
    (key, column): (&mut String, &mut String),
) {
    let at = |name: &str, label| Field::new(format!("arms[{place}].model.{name}"), label);
    let key_field = at("key", "Key, in both");
    ui.horizontal(|ui| {
        ui.label(RichText::new(key_field.label).color(Tokens::of(ui).subdued));
        match page.state.dataset() {
            Some(dataset) => {
                let names: Vec<&str> = dataset.table.names().collect();
                let current = names.iter().position(|name| name == key);
                let chosen = form.pick(ui, &key_field, 1.2 * FIELD_WIDTH, current, &names);
                if let Some(name) = chosen.and_then(|place| names.get(place)) {
                    (*name).clone_into(key);
                }
            }
            None => _ = form.cell(ui, &key_field, FIELD_WIDTH, key),
        }
    });
    let column_field = at("column", "Answers in").hint("column of the file");
    ui.horizontal(|ui| {
        ui.label(RichText::new(column_field.label).color(Tokens::of(ui).subdued));
        form.cell(ui, &column_field, 1.3 * FIELD_WIDTH, column);
    });
}
