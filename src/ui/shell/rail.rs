//! The rail: the places in the order of work, and how far each has come.

use egui::{Align2, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::app::{Command, Commands, DataState, ModelState, Place, State};
use crate::ui::theme::{GAP, SMALL_RADIUS, Tokens};
use crate::ui::widgets::{Icon, paint_icon};

pub const WIDTH: f32 = 128.0;
/// A row's height, less where not all rows fit.
const ROW_HEIGHT: egui::Rangef = egui::Rangef { min: 19.0, max: 30.0 };
const ROW_GAP: f32 = 3.0;
const DOT_RADIUS: f32 = 4.0;

/// How far the work in a place has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Open,
    Done,
    Failed,
}

impl Stand {
    fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Failed => "needs attention",
        }
    }
}

/// Draws the rail.
pub fn rail_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    ui.spacing_mut().item_spacing.y = ROW_GAP;
    let each = (ui.available_height() - 2.0 * GAP) / Place::ALL.len() as f32 - ROW_GAP;
    let height = each.clamp(ROW_HEIGHT.min, ROW_HEIGHT.max);
    for place in Place::ALL {
        if place == Place::Library {
            ui.add_space(GAP);
            let line = ui.available_rect_before_wrap().x_range();
            let y = ui.cursor().top();
            ui.painter().hline(line, y, Stroke::new(1.0, Tokens::of(ui).edge));
            ui.add_space(GAP);
        }
        if row_ui(ui, height, state, place).clicked() {
            commands.push(Command::Go(place));
        }
    }
}

fn row_ui(ui: &mut Ui, height: f32, state: &State, place: Place) -> Response {
    let tokens = Tokens::of(ui);
    let is_current = state.place == place;
    let stand = stand(state, place);
    let size = vec2(ui.available_width(), height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, true, is_current, format!("Place {}", place.label()))
    });
    if is_current {
        ui.painter().rect_filled(rect, SMALL_RADIUS, tokens.accent_ground);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, SMALL_RADIUS, tokens.button_hovered);
    }
    if response.has_focus() {
        let line = Stroke::new(1.5, tokens.accent);
        ui.painter().rect_stroke(rect, SMALL_RADIUS, line, egui::StrokeKind::Inside);
    }
    let dot = pos2(rect.left() + 14.0, rect.center().y);
    sign(ui, dot, place, stand, is_current);
    let colour = if is_current { tokens.text } else { tokens.subdued };
    let font = egui::TextStyle::Body.resolve(ui.style());
    let text = pos2(rect.left() + 28.0, rect.center().y);
    ui.painter().text(text, Align2::LEFT_CENTER, place.label(), font, colour);
    response.on_hover_ui(|ui| {
        ui.label(place.purpose());
        let keys = Command::Go(place).shortcut().unwrap_or_default();
        let word = if icon(place).is_some() { "" } else { stand.word() };
        let note = [word, keys].into_iter().filter(|part| !part.is_empty());
        let note = note.collect::<Vec<_>>().join(" · ");
        ui.label(crate::ui::theme::small(note).color(tokens.subdued));
    })
}

/// Filled: done. Ring: open. Accent: here. An exclamation mark where something failed.
fn sign(ui: &Ui, center: egui::Pos2, place: Place, stand: Stand, is_current: bool) {
    let tokens = Tokens::of(ui);
    let painter = ui.painter();
    if let Some(icon) = icon(place) {
        let rect = Rect::from_center_size(center, vec2(12.0, 12.0));
        let colour = if is_current { tokens.accent } else { tokens.subdued };
        paint_icon(painter, rect, icon, colour);
        return;
    }
    match stand {
        Stand::Failed => {
            let font = crate::ui::theme::semibold(13.0);
            painter.text(center, Align2::CENTER_CENTER, "!", font, tokens.fail);
        }
        _ if is_current => _ = painter.circle_filled(center, DOT_RADIUS, tokens.accent),
        Stand::Done => _ = painter.circle_filled(center, DOT_RADIUS, tokens.pass),
        Stand::Open => {
            painter.circle_stroke(center, DOT_RADIUS, Stroke::new(1.3, tokens.subdued));
        }
    }
}

/// Places that are no step of the work have an icon instead of a dot.
fn icon(place: Place) -> Option<Icon> {
    match place {
        Place::Library => Some(Icon::Table),
        Place::Learn => Some(Icon::Learn),
        _ => None,
    }
}

fn stand(state: &State, place: Place) -> Stand {
    let done = |is_done: bool| if is_done { Stand::Done } else { Stand::Open };
    match place {
        Place::Start | Place::Library | Place::Learn => Stand::Open,
        Place::Data => match state.data {
            DataState::Failed { .. } => Stand::Failed,
            DataState::Loaded(_) => Stand::Done,
            _ => Stand::Open,
        },
        Place::Models => {
            let is = |wanted: fn(&ModelState) -> bool| state.models.iter().any(wanted);
            if is(|model| matches!(model, ModelState::Failed(_))) {
                Stand::Failed
            } else {
                done(!is(|model| matches!(model, ModelState::Unknown | ModelState::Checking(_))))
            }
        }
        Place::Plan => done(state.plan.problems().is_empty()),
        Place::Rehearse => done(state.runs.iter().any(crate::app::Run::is_finished)),
        Place::Compare => done(state.compared.is_some()),
        Place::Odds => done(!state.odds.known.is_empty()),
        Place::Review => {
            let review = state.shown_run().and_then(|run| state.review.of(run));
            done(review.is_some_and(|shown| shown.reviewed.sign_offs().any(|(_, s)| s.holds())))
        }
    }
}
