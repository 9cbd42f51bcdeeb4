//! Fields of the plan in a form: each with its label and unit, what is usual, and what is wrong
//! with it. The form changes a copy of the draft; whoever draws it sends the copy on.

mod field;
mod item;
mod rows;
mod typed;

use egui::{Align, Id, Rect, Response, TextEdit, Ui, Vec2, WidgetInfo};

pub use field::Field;
pub use item::{Item, item_ui};
pub use typed::Typed;

use super::theme::Tokens;
use super::widgets::{Status, is_typed_in, problem_line};
use crate::domain::PlanProblem;

/// Width of the labels at the left of the fields, and of a field, in points.
pub const LABEL_WIDTH: f32 = 138.0;
pub const FIELD_WIDTH: f32 = 104.0;

/// What all fields of a form share.
pub struct Form<'a> {
    problems: &'a [PlanProblem],
    /// The field that the person wants to see; taken by whoever shows it.
    wanted: &'a mut Option<String>,
    /// What is typed and is no value yet: the field's path, and why not.
    faults: Vec<(String, String)>,
    /// Whom the fields are about, for those who hear their names: `arm B`.
    about: String,
}

impl<'a> Form<'a> {
    pub fn new(problems: &'a [PlanProblem], wanted: &'a mut Option<String>) -> Self {
        Self { problems, wanted, faults: Vec::new(), about: String::new() }
    }

    /// Draws a part in which all fields are about `about`.
    pub fn about<R>(&mut self, about: impl Into<String>, add: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.about, about.into());
        let result = add(self);
        self.about = before;
        result
    }

    /// True if something at or below one of the `paths` is wrong, or is to be shown.
    pub fn concerns(&self, paths: &[&str]) -> bool {
        let is_below = |field: &str| {
            paths.iter().any(|path| {
                field
                    .strip_prefix(path)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            })
        };
        self.problems.iter().any(|problem| is_below(&problem.field))
            || self.wanted.as_deref().is_some_and(is_below)
    }

    /// A text field alone, for a cell of a table.
    pub fn cell<T: Typed>(
        &mut self,
        ui: &mut Ui,
        field: &Field,
        width: f32,
        value: &mut T,
    ) -> Response {
        let id = field_id(field);
        let kept: Option<String> = ui.data(|data| data.get_temp(id));
        let mut text = kept.unwrap_or_else(|| value.show());
        let is_wrong = T::read(&text).is_err() || self.has_problem(&field.path);
        let edit = TextEdit::singleline(&mut text)
            .id(id)
            .hint_text(field.hint.as_str())
            .margin(egui::Margin::symmetric(7, 4))
            .desired_width(width);
        let response = ui
            .scope(|ui| {
                if is_wrong {
                    mark_wrong(ui);
                }
                ui.add(edit)
            })
            .inner;
        let name = self.name(field);
        response.widget_info(|| {
            let mut info = WidgetInfo::text_edit(true, &text, &text, &field.hint);
            info.label = Some(name.clone());
            info
        });
        match T::read(&text) {
            Ok(read) if response.changed() => *value = read,
            Ok(_) => {}
            Err(fault) => self.faults.push((field.path.clone(), fault)),
        }
        // Half a number stays as it was typed, until the person leaves the field.
        let is_entered = is_typed_in(&response);
        ui.data_mut(|data| {
            if is_entered {
                data.insert_temp(id, text);
            } else {
                data.remove::<String>(id);
            }
        });
        if self.wanted.as_deref() == Some(field.path.as_str()) {
            response.request_focus();
        }
        response
    }

    /// What is wrong at `path`, told in place; scrolls here if somebody asked for it.
    pub fn problems_ui(&mut self, ui: &mut Ui, path: &str) {
        for (_, fault) in self.faults.iter().filter(|(place, _)| place == path) {
            problem_line(ui, Status::Fail, fault, None);
        }
        for problem in self.problems.iter().filter(|problem| problem.field == path) {
            problem_line(ui, Status::Fail, &problem.message, None);
        }
        if self.wanted.as_deref() == Some(path) {
            let here = Rect::from_min_size(ui.cursor().min, Vec2::ZERO).expand(60.0);
            ui.scroll_to_rect(here, Some(Align::Center));
            *self.wanted = None;
        }
    }

    fn has_problem(&self, path: &str) -> bool {
        self.problems.iter().any(|problem| problem.field == path)
    }

    fn name(&self, field: &Field) -> String {
        if self.about.is_empty() {
            field.label.to_owned()
        } else {
            format!("{}, {}", field.label, self.about)
        }
    }
}

/// The same for a field wherever it is drawn, so that it keeps the focus when lines come and go.
fn field_id(field: &Field) -> Id {
    Id::unique(("plan field", &field.path))
}

/// Gives the widgets of `ui` the outline of something that is wrong.
fn mark_wrong(ui: &mut Ui) {
    let fail = Tokens::of(ui).fail;
    let visuals = ui.visuals_mut();
    for widget in [&mut visuals.widgets.inactive, &mut visuals.widgets.hovered] {
        widget.bg_stroke.color = fail;
    }
    visuals.selection.stroke.color = fail;
}
