//! Files dropped on the window, where the desktop delivers them.

use egui::{Align2, Context, Id, LayerId, Order};

use crate::app::{Command, Commands};
use crate::ui::theme::{Tokens, semibold};

/// Opens what was dropped.
pub fn take_files(ctx: &Context, commands: &mut Commands) {
    let files = ctx.input(|input| input.raw.dropped_files.clone());
    for path in files.into_iter().map(|file| file.path().to_owned()) {
        commands.push(Command::OpenPath(path));
    }
}

/// Says that a file can be let go here.
pub fn hint_ui(ctx: &Context) {
    if ctx.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let tokens = Tokens::of_theme(ctx.theme());
    let painter = ctx.layer_painter(LayerId::new(Order::Tooltip, Id::unique("drop hint")));
    let rect = ctx.content_rect();
    painter.rect_filled(rect, 0.0, tokens.ground.gamma_multiply(0.85));
    let text = "Drop to open: a dataset, a plan or an experiment";
    painter.text(rect.center(), Align2::CENTER_CENTER, text, semibold(16.0), tokens.text);
}
