//! The traffic diagram: source, router, arms and what becomes of the requests.

mod flow;
mod layout;
mod paint;
mod scene;

use egui::{Rect, Response, Role, Sense, Ui, WidgetInfo};

pub use flow::Flow;
pub use scene::{Scene, View, percent};

use crate::ui::theme::Tokens;
use crate::ui::widgets::value_row;

/// Draws the diagram into `rect`.
pub fn traffic_ui(ui: &mut Ui, rect: Rect, scene: &Scene) -> Response {
    let response = ui.allocate_rect(rect, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, scene.sentence()));
    if ui.is_rect_visible(rect) {
        let layout = layout::layout(rect, scene);
        paint::paint(ui, Tokens::of(ui), scene, &layout);
        for (arm, place) in scene.arms.iter().zip(&layout.arms) {
            let id = response.id.with(arm.id);
            ui.interact(*place, id, Sense::hover()).on_hover_ui(|ui| details_ui(ui, arm));
        }
    }
    response
}

/// More about an arm than its box can hold.
fn details_ui(ui: &mut Ui, arm: &scene::ArmScene) {
    ui.set_min_width(220.0);
    ui.label(crate::ui::theme::strong(format!("{} {}", arm.id, arm.name)));
    for (label, value) in arm.details() {
        value_row(ui, label, &value);
    }
}
