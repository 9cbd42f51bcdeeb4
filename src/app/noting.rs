//! Commands about notes.

use super::note::{MOST_NOTES, Note};
use super::program::App;

impl App {
    /// Marks the moment under the time cursor; a moment is marked once.
    pub(super) fn add_note(&mut self) {
        let at = self.state.playback.now();
        self.change_notes(|notes| {
            let place = notes.partition_point(|note| note.at < at);
            let is_marked = notes.get(place).is_some_and(|note| note.at == at);
            if !is_marked && notes.len() < MOST_NOTES {
                notes.insert(place, Note { at, text: String::new() });
            }
        });
    }

    pub(super) fn write_note(&mut self, place: usize, text: String) {
        self.change_notes(|notes| {
            if let Some(note) = notes.get_mut(place) {
                note.text = text;
            }
        });
    }

    pub(super) fn remove_note(&mut self, place: usize) {
        self.change_notes(|notes| {
            if place < notes.len() {
                notes.remove(place);
            }
        });
    }

    fn change_notes(&mut self, change: impl FnOnce(&mut Vec<Note>)) {
        let Some(run) = self.state.shown.and_then(|place| self.state.runs.get_mut(place)) else {
            return;
        };
        change(&mut run.notes);
        self.keep_notes();
    }

    /// Keeps the shown run's notes, if it is in the library.
    pub(super) fn keep_notes(&mut self) {
        let Some(run) = self.state.shown_run() else { return };
        let Some(id) = &run.id else { return };
        if let Err(fault) = self.note_book.keep(id, &run.notes) {
            self.state.notices.note(format!("The notes could not be saved: {fault}."));
        }
    }
}
