//! Notices: what the program has to tell, once as a toast and then in the history.

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Done,
    Note,
    Fault,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub level: Level,
    /// What happened, in a sentence.
    pub text: String,
    /// Why and what to do, or the technical words; may be folded away.
    pub details: Option<String>,
    /// Shown as a toast until it is dismissed or has been seen long enough.
    pub is_toast: bool,
}

/// The history of notices, newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    list: Vec<Notice>,
}

/// Older notices are forgotten.
const MOST: usize = 200;

impl Notices {
    pub fn list(&self) -> &[Notice] {
        &self.list
    }

    pub fn toasts(&self) -> impl Iterator<Item = (usize, &Notice)> {
        self.list.iter().enumerate().filter(|(_, notice)| notice.is_toast)
    }

    pub fn done(&mut self, text: impl Into<String>) {
        self.push(Level::Done, text.into(), None);
    }

    pub fn note(&mut self, text: impl Into<String>) {
        self.push(Level::Note, text.into(), None);
    }

    /// A fault as an error chain writes it: the first line is what happened, the rest are details.
    pub fn fault(&mut self, text: impl Into<String>) {
        let text = text.into();
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let details = (!rest.trim().is_empty()).then(|| rest.trim().to_owned());
        self.push(Level::Fault, first.trim().to_owned(), details);
    }

    fn push(&mut self, level: Level, text: String, details: Option<String>) {
        if self.list.len() == MOST {
            self.list.remove(0);
        }
        self.list.push(Notice { level, text, details, is_toast: true });
    }

    /// Takes one notice off the screen; it stays in the history.
    pub fn dismiss(&mut self, place: usize) {
        if let Some(notice) = self.list.get_mut(place) {
            notice.is_toast = false;
        }
    }

    pub fn clear(&mut self) {
        self.list.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_shows_its_first_line_and_folds_the_rest() {
        let mut notices = Notices::default();
        notices.fault("Row 7 has 3 values, not 4\nAdd the missing value.\nloans.csv");
        let [notice] = notices.list() else { panic!("one notice") };
        assert_eq!(notice.text, "Row 7 has 3 values, not 4");
        assert_eq!(notice.details.as_deref(), Some("Add the missing value.\nloans.csv"));
        notices.dismiss(0);
        assert_eq!((notices.toasts().count(), notices.list().len()), (0, 1));
    }

    #[test]
    fn the_history_is_bounded() {
        let mut notices = Notices::default();
        (0..500).for_each(|n| notices.note(n.to_string()));
        assert_eq!(notices.list().len(), MOST);
        assert_eq!(notices.list()[MOST - 1].text, "499");
    }
}
