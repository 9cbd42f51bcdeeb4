//! Words of the field that explain themselves when the pointer rests on them.

use std::ops::Range;

use egui::text::CCursor;
use egui::{Color32, Label, Pos2, Response, RichText, Role, Sense, Shape, Ui, WidgetInfo, pos2};

mod sketch;
mod words;

pub use words::Term;

use sketch::sketch_ui;

use crate::ui::theme::{Tokens, small, strong};

/// The first word of the glossary in a short text, such as a label.
pub fn term_in(text: &str) -> Option<Term> {
    mentions(text).into_iter().min_by_key(|(letters, _)| letters.start).map(|(_, term)| term)
}

/// What a word means, for a tooltip.
pub fn meaning_ui(ui: &mut Ui, term: Term) {
    ui.label(strong(term.word));
    ui.label(small(term.meaning));
    if let Some(sketch) = term.sketch {
        sketch_ui(ui, sketch);
    }
}

/// The word with a dotted line beneath; resting on it opens its meaning.
pub fn term(ui: &mut Ui, term: Term, text: impl Into<RichText>) -> Response {
    let tokens = Tokens::of(ui);
    let response = ui.add(Label::new(text.into()).sense(Sense::hover()));
    let rect = response.rect;
    underline(ui, [rect.left_bottom(), rect.right_bottom()], tokens.faint);
    response.on_hover_ui(|ui| meaning_ui(ui, term))
}

/// A running text in which the first mention of each known word has a dotted line beneath and
/// explains itself.
pub fn explained(ui: &mut Ui, text: impl Into<RichText>) -> Response {
    let text = text.into();
    let plain = text.text().to_owned();
    let mentions = mentions(&plain);
    let (corner, galley, response) = Label::new(text).wrap().sense(Sense::hover()).layout_in_ui(ui);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &plain));
    let tokens = Tokens::of(ui);
    ui.painter().galley(corner, galley.clone(), tokens.text);
    for (letters, _) in &mentions {
        let place = |letter: usize| galley.pos_from_cursor(CCursor::new(letter));
        let (start, end) = (place(letters.start), place(letters.end));
        // A word that is broken over two lines has its line where it begins.
        let right =
            if end.bottom() > start.bottom() + 1.0 { galley.rect.right() } else { end.left() };
        let y = start.bottom() - 1.0;
        let line = [pos2(start.left(), y), pos2(right, y)].map(|at| at + corner.to_vec2());
        underline(ui, line, tokens.faint);
    }
    let pointed = response.hover_pos().and_then(|pointer| {
        let letter = galley.cursor_from_pos(pointer - corner).index.0;
        mentions.into_iter().find(|(letters, _)| letters.contains(&letter))
    });
    match pointed {
        Some((_, term)) => response.on_hover_ui(|ui| meaning_ui(ui, term)),
        None => response,
    }
}

fn underline(ui: &Ui, line: [Pos2; 2], colour: Color32) {
    ui.painter().extend(Shape::dotted_line(&line, colour, 3.0, 0.6));
}

/// The first mention of each word that the glossary knows, by the letters it takes.
fn mentions(text: &str) -> Vec<(Range<usize>, Term)> {
    let letters: Vec<char> = text.to_lowercase().chars().collect();
    let is_in_word = |place: Option<&char>| place.is_some_and(|letter| letter.is_alphanumeric());
    // "Share" is a verb as often as not.
    let known = Term::ALL.into_iter().filter(|term| *term != Term::SHARES);
    let find = |term: Term| {
        let word: Vec<char> = term.word.chars().collect();
        let starts = letters.windows(word.len()).enumerate();
        let found = starts.filter(|(_, window)| *window == word).find_map(|(start, _)| {
            let end = start + word.len();
            let end = if letters.get(end) == Some(&'s') { end + 1 } else { end };
            let before = start.checked_sub(1).and_then(|place| letters.get(place));
            (!is_in_word(before) && !is_in_word(letters.get(end))).then_some(start..end)
        })?;
        Some((found, term))
    };
    known.filter_map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_found_once() {
        let found = mentions("Gates watch the jobber, not this gate; p95 too.");
        assert_eq!(found, [(0..5, Term::GATE), (39..42, Term::P95)]);
    }
}
