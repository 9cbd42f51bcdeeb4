//! The parts that all screens are made of.

mod button;
mod card;
mod empty;
mod glossary;
mod icon;
mod line;
mod mark;
mod name;
mod problem;
mod row;
mod status;
mod typing;

pub use button::{button_or_reason, primary_button, primary_button_or_reason};
pub use card::{card, card_frame, filled_card, section};
pub use empty::empty_state;
pub use glossary::{Term, explained, meaning_ui, term, term_in};
pub use icon::{Icon, icon_button, paint_icon};
pub use line::{Line, paint_line};
pub use mark::{mark, mark_label, paint_cross, paint_mark, paint_mark_hollow};
pub use name::name_field;
pub use problem::problem_line;
pub use row::{value_row, value_row_ui};
pub use status::{Status, status_chip};
pub use typing::is_typed_in;
