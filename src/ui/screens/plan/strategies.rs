//! The strategies to choose from, each with a small picture of what it does.

use egui::{Align2, FontId, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::outline::outline;
use super::picture::paint_shares;
use crate::domain::{PlanDraft, SimSpan, SimTime, StrategyKind};
use crate::ui::theme::{RADIUS, Tokens, semibold};

const GAP: f32 = 8.0;
const HEIGHT: f32 = 62.0;
/// The picture shows the rollout and a little of what follows.
const AFTER: f64 = 1.2;

/// Cards below this width stand in two rows.
const NARROW: f32 = 64.0;

/// Draws the cards in a row; choosing one takes its usual parameters.
pub fn strategies_ui(ui: &mut Ui, draft: &mut PlanDraft) {
    let kinds = StrategyKind::ALL;
    let space = ui.available_width();
    let width = |columns: usize| (space - GAP * (columns as f32 - 1.0)) / columns as f32;
    let is_narrow = width(kinds.len()) < NARROW;
    let columns = if is_narrow { kinds.len().div_ceil(2) } else { kinds.len() };
    for row in kinds.chunks(columns) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            for &kind in row {
                let is_chosen = draft.strategy.kind() == kind;
                let response = strategy_ui(ui, width(columns), kind, is_chosen, draft);
                if response.on_hover_text(kind.sentence()).clicked() && !is_chosen {
                    draft.strategy = kind.default_strategy();
                }
            }
        });
    }
}

fn strategy_ui(
    ui: &mut Ui,
    width: f32,
    kind: StrategyKind,
    is_chosen: bool,
    draft: &PlanDraft,
) -> Response {
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(
            Role::RadioButton,
            true,
            is_chosen,
            format!("Strategy {}", kind.label()),
        )
    });
    let (fill, edge) = match (is_chosen, response.hovered() || response.has_focus()) {
        (true, _) => (tokens.accent_ground, Stroke::new(1.5, tokens.accent)),
        (false, true) => (tokens.button_hovered, Stroke::new(1.0, tokens.faint)),
        (false, false) => (tokens.card, Stroke::new(1.0, tokens.edge)),
    };
    ui.painter().rect(rect, RADIUS, fill, edge, StrokeKind::Inside);
    let font = if is_chosen { semibold(13.0) } else { FontId::proportional(13.0) };
    let at = pos2(rect.left() + 9.0, rect.top() + 15.0);
    ui.painter().text(at, Align2::LEFT_CENTER, kind.label(), font, tokens.text);
    let plot = egui::Rect::from_min_max(
        pos2(rect.left() + 9.0, rect.top() + 28.0),
        rect.max - vec2(9.0, 8.0),
    );
    let strategy = if is_chosen { draft.strategy.clone() } else { kind.default_strategy() };
    let mut sketch = PlanDraft { arms: draft.arms.clone(), strategy, ..PlanDraft::default() };
    let least = outline(&sketch).rolled_out.as_secs_f64().max(60.0);
    sketch.traffic.duration = SimSpan::from_secs_f64(least * AFTER);
    let outline = outline(&sketch);
    paint_shares(ui.painter(), plot, &outline, outline.end().max(SimTime::from_secs(1)), tokens);
    response
}
