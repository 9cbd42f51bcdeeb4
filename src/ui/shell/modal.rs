//! A sheet over the window, for what needs all attention.

use egui::{Align2, Area, Context, Frame, Id, Modal, Order, Sense, Ui, UiKind, Vec2};

use crate::app::{Command, Commands};
use crate::ui::theme::{GAP, Tokens, title};
use crate::ui::widgets::{Icon, icon_button};

/// Distance of a sheet from the window's top, in points.
const TOP: f32 = 72.0;

/// A sheet of the given width at the window's upper middle; true if it is to be closed.
pub fn sheet<R>(
    ctx: &Context,
    name: &'static str,
    width: f32,
    add_contents: impl FnOnce(&mut Ui) -> R,
) -> (R, bool) {
    let tokens = Tokens::of_theme(ctx.theme());
    let id = Id::unique(name);
    let area = Area::new(id)
        .kind(UiKind::Modal)
        .sense(Sense::hover())
        .anchor(Align2::CENTER_TOP, Vec2::new(0.0, TOP))
        .order(Order::Foreground)
        .interactable(true);
    let frame = Frame::window(&ctx.global_style()).fill(tokens.card);
    let response = Modal::new(id).area(area).frame(frame).show(ctx, |ui| {
        ui.set_width(width);
        add_contents(ui)
    });
    let is_closed = response.backdrop_response.clicked();
    (response.inner, is_closed)
}

/// A sheet that shows an overlay: its title, a way out, and its contents.
pub fn overlay(
    ctx: &Context,
    heading: &'static str,
    width: f32,
    commands: &mut Commands,
    add_contents: impl FnOnce(&mut Ui, &mut Commands),
) {
    let ((), is_closed) = sheet(ctx, heading, width, |ui| {
        ui.horizontal(|ui| {
            ui.label(title(heading));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if icon_button(ui, Icon::Close, "Close").clicked() {
                    commands.push(Command::Close);
                }
            });
        });
        ui.add_space(GAP);
        add_contents(ui, commands);
    });
    if is_closed {
        commands.push(Command::Close);
    }
}
