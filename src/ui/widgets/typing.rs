//! Whether somebody is in the middle of typing.

use egui::Response;

/// True while a field is the one that is typed in, also while another window has the keyboard: who
/// looks something up elsewhere finds half a number as it was left. ([`Response::has_focus`] is
/// false for that long.)
pub fn is_typed_in(field: &Response) -> bool {
    field.ctx.memory(|memory| memory.has_focus(field.id))
}
