//! The chosen column: how its values are spread, what is missing, and how it drifts.

use egui::{Align2, FontId, Label, Rect, ScrollArea, Sense, Ui, pos2, vec2};

use super::columns::{counts, range};
use super::histogram::paint_bars;
use super::images::{Images, images_ui};
use super::short::{bytes, day, percent, short};
use crate::app::{Command, Commands, State};
use crate::data::{ColumnProfile, Dataset, Shape};
use crate::domain::{Table, grouped};
use crate::ui::form::{Field, Form};
use crate::ui::theme::{Tokens, mix, small, strong};
use crate::ui::widgets::{value_row, value_row_ui};

const CHART_HEIGHT: f32 = 84.0;
/// Beside one another from this width on, else one below the other.
const BROAD: f32 = 480.0;

/// Draws the card.
pub fn profile_ui(
    ui: &mut Ui,
    state: &State,
    dataset: &Dataset,
    profile: &ColumnProfile,
    images: &mut Images,
    commands: &mut Commands,
) {
    ui.horizontal(|ui| {
        ui.add(Label::new(strong(&profile.name)).truncate());
        ui.label(small(profile.kind()).color(Tokens::of(ui).subdued));
    });
    let rows = dataset.table.rows;
    if ui.available_width() < BROAD {
        spread_ui(ui, &dataset.table, profile, images);
        numbers_ui(ui, state, profile, rows, commands);
        return;
    }
    ui.columns(2, |places| {
        if let [left, right] = places {
            spread_ui(left, &dataset.table, profile, images);
            numbers_ui(right, state, profile, rows, commands);
        }
    });
}

fn spread_ui(ui: &mut Ui, table: &Table, profile: &ColumnProfile, images: &mut Images) {
    match &profile.shape {
        Shape::Empty => _ = ui.label("There is no value in this column."),
        Shape::Bytes { .. } => images_ui(ui, table, &profile.name, images),
        Shape::Texts { top, others } => texts_ui(ui, top, *others, table.rows),
        Shape::Numbers { min, max, .. } => {
            chart_ui(ui, &profile.shape, &short(*min), &short(*max));
        }
        Shape::Times { first, last, .. } => {
            chart_ui(ui, &profile.shape, &day(*first), &day(*last));
        }
    }
}

fn chart_ui(ui: &mut Ui, shape: &Shape, least: &str, most: &str) {
    let tokens = Tokens::of(ui);
    let size = vec2(ui.available_width(), CHART_HEIGHT + 16.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let plot = rect.with_max_y(rect.bottom() - 16.0);
    ui.painter().hline(plot.x_range(), plot.bottom(), egui::Stroke::new(1.0, tokens.edge));
    paint_bars(ui.painter(), plot, &counts(shape), mix(tokens.card, tokens.accent, 0.75));
    let font = FontId::proportional(11.0);
    let label = |at, align, text: &str| {
        ui.painter().text(at, align, text, font.clone(), tokens.subdued);
    };
    label(rect.left_bottom(), Align2::LEFT_BOTTOM, least);
    label(rect.right_bottom(), Align2::RIGHT_BOTTOM, most);
}

/// The commonest texts, each with a bar as long as its share.
fn texts_ui(ui: &mut Ui, top: &[(String, usize)], others: usize, rows: usize) {
    let tokens = Tokens::of(ui);
    ScrollArea::vertical().id_salt("texts").max_height(150.0).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let rest = (others > 0).then(|| ("all others".to_owned(), others));
        for (text, count) in top.iter().chain(rest.as_ref()) {
            let size = vec2(ui.available_width(), 18.0);
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            let share = *count as f32 / rows.max(1) as f32;
            let bar = Rect::from_min_size(rect.min, vec2(rect.width() * share, rect.height()));
            ui.painter().rect_filled(bar, 2.0, mix(tokens.card, tokens.accent, 0.3));
            let font = FontId::proportional(12.0);
            let at = pos2(rect.left() + 6.0, rect.center().y);
            let painter = ui.painter().with_clip_rect(rect.with_max_x(rect.right() - 50.0));
            painter.text(at, Align2::LEFT_CENTER, text, font.clone(), tokens.text);
            let at = rect.right_center();
            let share = percent(*count, rows);
            ui.painter().text(at, Align2::RIGHT_CENTER, share, font, tokens.subdued);
        }
    });
}

fn numbers_ui(
    ui: &mut Ui,
    state: &State,
    profile: &ColumnProfile,
    rows: usize,
    commands: &mut Commands,
) {
    ui.spacing_mut().item_spacing.y = 3.0;
    ui.spacing_mut().interact_size.y = 18.0;
    let missing = grouped(profile.missing as u64);
    let missing = match profile.missing {
        0 => "none".to_owned(),
        some => format!("{missing} ({})", percent(some, rows)),
    };
    value_row(ui, "Missing", &missing);
    value_row(ui, "Distinct", &grouped(profile.distinct as u64));
    match &profile.shape {
        Shape::Numbers { mean, quantiles, .. } => {
            value_row(ui, "Range", &range(&profile.shape));
            value_row(ui, "Mean", &short(*mean));
            value_row(ui, "Median", &short(quantiles.p50));
            let middle = format!("{} … {}", short(quantiles.p5), short(quantiles.p95));
            value_row(ui, "90 % lie in", &middle);
        }
        Shape::Times { in_order, .. } => {
            value_row(ui, "Range", &range(&profile.shape));
            value_row(ui, "Rows in this order", if *in_order { "yes" } else { "no" });
        }
        Shape::Bytes { all, .. } => {
            value_row(ui, "Range", &range(&profile.shape));
            value_row(ui, "All together", &bytes(*all));
        }
        Shape::Empty | Shape::Texts { .. } => {}
    }
    if let Some(drift) = profile.drift {
        let text = format!("{} (PSI {:.2})", drift.label(), drift.psi);
        value_row(ui, "Last tenth of the rows", &text)
            .on_hover_text("How it differs from the first tenth: population stability index");
    }
    if state.plan.draft().data.label.as_deref() == Some(profile.name.as_str()) {
        positive_ui(ui, state, profile, commands);
    }
}

/// Which of the label's two values is "yes".
fn positive_ui(ui: &mut Ui, state: &State, profile: &ColumnProfile, commands: &mut Commands) {
    let Shape::Texts { top, .. } = &profile.shape else { return };
    if top.len() > 2 {
        return;
    }
    let draft = state.plan.draft();
    let mut names = vec!["as guessed"];
    names.extend(top.iter().map(|(text, _)| text.as_str()));
    let positive = draft.data.positive.as_deref();
    let current = positive.map_or(Some(0), |positive| names.iter().position(|n| *n == positive));
    let field = Field::new("data.positive", "Positive value");
    let mut wanted = None;
    let mut form = Form::new(state.plan.problems(), &mut wanted);
    ui.spacing_mut().interact_size.y = 26.0;
    value_row_ui(ui, field.label, |ui| {
        if let Some(place) = form.pick(ui, &field, 120.0, current, &names) {
            let mut draft = draft.clone();
            draft.data.positive =
                (place > 0).then(|| names.get(place).copied().unwrap_or_default().to_owned());
            commands.push(Command::EditPlan(Box::new(draft)));
        }
    });
}
