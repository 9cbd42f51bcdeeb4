//! The system's file dialogs, on a thread of their own: they would stop the window.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

use crate::app::Ask;

/// Where paths come from when a person is asked for one.
pub trait Picker {
    /// Opens a dialog; one that was open before is no longer listened to.
    fn open(&mut self, ask: &Ask, folder: Option<&Path>);

    /// The answer, once: a path, or `None` if the person chose none or no dialog could be shown.
    fn answer(&mut self) -> Option<Option<PathBuf>>;
}

/// The dialogs of the desktop.
pub struct SystemPicker {
    wake: Arc<dyn Fn() + Send + Sync>,
    answer: Option<Receiver<Option<PathBuf>>>,
}

impl SystemPicker {
    /// `wake` is called on any thread when there is an answer.
    pub fn new(wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { wake, answer: None }
    }
}

impl Picker for SystemPicker {
    fn open(&mut self, ask: &Ask, folder: Option<&Path>) {
        let (sender, answer) = sync_channel(1);
        self.answer = Some(answer);
        let (ask, folder, wake) = (ask.clone(), folder.map(Path::to_owned), self.wake.clone());
        let dialog = move || {
            let path = show(&ask, folder.as_deref());
            tell(&sender, path);
            wake();
        };
        // Without a thread the sender is dropped, which counts as no answer.
        if thread::Builder::new().name("file dialog".to_owned()).spawn(dialog).is_err() {
            (self.wake)();
        }
    }

    fn answer(&mut self) -> Option<Option<PathBuf>> {
        let path = match self.answer.as_ref()?.try_recv() {
            Ok(path) => path,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => None,
        };
        self.answer = None;
        Some(path)
    }
}

/// Nobody may be waiting any more; then the answer is not needed.
fn tell(sender: &SyncSender<Option<PathBuf>>, path: Option<PathBuf>) {
    _ = sender.send(path);
}

fn show(ask: &Ask, folder: Option<&Path>) -> Option<PathBuf> {
    let mut dialog = rfd::FileDialog::new().set_title(ask.title());
    if let Some(folder) = folder {
        dialog = dialog.set_directory(folder);
    }
    if !ask.endings().is_empty() {
        dialog = dialog.add_filter(ask.title(), ask.endings()).add_filter("All files", &["*"]);
    }
    if ask.is_folder() {
        dialog.pick_folder()
    } else if ask.is_save() {
        dialog.set_file_name(ask.file_name()).save_file()
    } else {
        dialog.pick_file()
    }
}
