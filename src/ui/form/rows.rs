//! Rows of a form: a label, a field, and beneath them what is wrong.

use egui::{
    Align, CollapsingHeader, ComboBox, Label, Layout, RichText, Role, Sense, TextStyle,
    TextWrapMode, Ui, WidgetInfo, WidgetText, vec2,
};

use super::{FIELD_WIDTH, Field, Form, LABEL_WIDTH, Typed, mark_wrong};
use crate::ui::theme::{Tokens, small};
use crate::ui::widgets::{Term, meaning_ui, term_in};

impl Form<'_> {
    /// A field for a value that is written as text.
    pub fn value<T: Typed>(&mut self, ui: &mut Ui, field: &Field, value: &mut T) {
        self.row(ui, field, |form, ui| {
            form.cell(ui, field, FIELD_WIDTH, value);
            note_ui(ui, field, &value.show());
        });
    }

    /// A field for a text as long as the row.
    pub fn text(&mut self, ui: &mut Ui, field: &Field, value: &mut String) {
        self.row(ui, field, |form, ui| {
            let width = ui.available_width();
            form.cell(ui, field, width, value);
        });
    }

    /// A label, whatever `add` draws beside it, and what is wrong with the field.
    pub fn row(&mut self, ui: &mut Ui, field: &Field, add: impl FnOnce(&mut Self, &mut Ui)) {
        ui.horizontal(|ui| {
            label_ui(ui, field);
            add(self, ui);
        });
        self.problems_ui(ui, &field.path);
    }

    /// A box to tick, with its sentence.
    pub fn switch(&mut self, ui: &mut Ui, field: &Field, value: &mut bool) {
        let response = ui.checkbox(value, field.label);
        if !field.help.is_empty() {
            response.on_hover_text(field.help);
        }
        self.problems_ui(ui, &field.path);
    }

    /// One of a few values.
    pub fn choice<T: Clone + PartialEq>(
        &mut self,
        ui: &mut Ui,
        field: &Field,
        value: &mut T,
        options: &[(T, &str)],
    ) {
        let names: Vec<&str> = options.iter().map(|(_, name)| *name).collect();
        let current = options.iter().position(|(option, _)| option == value);
        self.row(ui, field, |form, ui| {
            let width = ui.available_width().min(2.0 * FIELD_WIDTH);
            if let Some((option, _)) =
                form.pick(ui, field, width, current, &names).and_then(|place| options.get(place))
            {
                *value = option.clone();
            }
        });
    }

    /// A list that opens; the place of the name that was chosen.
    pub fn pick(
        &mut self,
        ui: &mut Ui,
        field: &Field,
        width: f32,
        current: Option<usize>,
        names: &[&str],
    ) -> Option<usize> {
        let mut chosen = None;
        let shown = current.and_then(|place| names.get(place)).copied().unwrap_or("Choose…");
        let is_wrong = self.has_problem(&field.path);
        let name = self.name(field);
        ui.scope(|ui| {
            if is_wrong {
                mark_wrong(ui);
            }
            let combo = ComboBox::from_id_salt(&field.path).selected_text(shown).width(width);
            let response = combo.truncate().show_ui(ui, |ui| {
                for (place, name) in names.iter().enumerate() {
                    if ui.selectable_label(current == Some(place), *name).clicked() {
                        chosen = Some(place);
                    }
                }
            });
            let label = format!("{name}: {shown}");
            response.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
        });
        chosen.filter(|place| current != Some(*place))
    }

    /// Fields that few need, folded away; open where one at or below `paths` is wrong.
    pub fn more(
        &mut self,
        ui: &mut Ui,
        title: &str,
        paths: &[&str],
        add: impl FnOnce(&mut Self, &mut Ui),
    ) {
        let is_needed = self.concerns(paths);
        let salt = (title, paths.first().copied().unwrap_or_default());
        CollapsingHeader::new(RichText::new(title).color(Tokens::of(ui).subdued))
            .id_salt(salt)
            .open(is_needed.then_some(true))
            .show_unindented(ui, |ui| add(self, ui));
    }
}

/// The label in its column, cut where it is too long.
fn label_ui(ui: &mut Ui, field: &Field) {
    let size = vec2(LABEL_WIDTH, ui.spacing().interact_size.y);
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_min_size(size);
        let text = RichText::new(field.label).color(Tokens::of(ui).subdued);
        let response = ui.add(Label::new(text).truncate().sense(Sense::hover()));
        let term = term_in(field.label);
        if !field.help.is_empty() || term.is_some() {
            response.on_hover_ui(|ui| help_ui(ui, field, term));
        }
    });
}

/// What the field is for, and what its word means.
fn help_ui(ui: &mut Ui, field: &Field, term: Option<Term>) {
    if !field.help.is_empty() {
        ui.label(field.help);
    }
    if let Some(term) = term {
        meaning_ui(ui, term);
    }
}

/// The unit, and what is usual where the value is not.
fn note_ui(ui: &mut Ui, field: &Field, shown: &str) {
    let tokens = Tokens::of(ui);
    if !field.unit.is_empty() {
        ui.label(RichText::new(&field.unit).color(tokens.subdued));
    }
    if let Some(usual) = field.usual.as_deref().filter(|usual| *usual != shown) {
        let usual = if usual.is_empty() { "empty" } else { usual };
        let text = small(format!("usual: {usual}")).color(tokens.faint);
        let galley = WidgetText::from(text).into_galley(
            ui,
            Some(TextWrapMode::Extend),
            0.0,
            TextStyle::Small,
        );
        // Half of it would tell nothing.
        if galley.size().x <= ui.available_width() {
            ui.label(galley);
        }
    }
}
