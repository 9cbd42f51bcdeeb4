//! The field for the name under which a person runs, comments and signs.

use egui::{Margin, Role, TextEdit, Ui, WidgetInfo};

/// Draws it; the name, once it was changed.
pub fn name_field(ui: &mut Ui, name: &str) -> Option<String> {
    let mut name = name.to_owned();
    let edit = TextEdit::singleline(&mut name)
        .hint_text("Your name")
        .margin(Margin::symmetric(7, 4))
        .desired_width(150.0);
    let field = ui.add(edit);
    field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Your name"));
    field.changed().then_some(name)
}
