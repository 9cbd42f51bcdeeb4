//! The glossary as a list: every word that is underlined anywhere.

use egui::{Margin, TextEdit, Ui, WidgetInfo};

use crate::ui::theme::{GAP, strong, verdict};
use crate::ui::widgets::{Term, explained};

/// Draws the words whose name or meaning holds what is typed.
pub fn words_ui(ui: &mut Ui, filter: &mut String) {
    ui.label(verdict("Words"));
    let field =
        TextEdit::singleline(filter).hint_text("Find a word").margin(Margin::symmetric(8, 5));
    ui.add(field).widget_info(|| WidgetInfo::labeled(egui::Role::TextInput, true, "Find a word"));
    ui.add_space(GAP);
    let wanted = filter.trim().to_lowercase();
    let fits =
        |term: &Term| term.word.contains(&wanted) || term.meaning.to_lowercase().contains(&wanted);
    let mut found: Vec<Term> = Term::ALL.into_iter().filter(fits).collect();
    found.sort_by_key(|term| term.word);
    if found.is_empty() {
        ui.label("No word fits.");
    }
    for term in found {
        ui.label(strong(term.word));
        explained(ui, term.meaning);
        ui.add_space(GAP / 2.0);
    }
}
