//! Who is writing: a lock file per writing process, which the operating system lets go when the
//! process ends in whatever way.
//!
//! A running experiment carries the number of its writer's lock file beside the library. Whoever
//! gets the lock of that number knows that the writer is gone, and may mark its runs as
//! interrupted. Process ids would not do: they are reused, and mean nothing across containers.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// No more processes than this write to one library at a time.
const MOST_WRITERS: i64 = 64;

/// The lock of one number, held as long as this lives.
#[derive(Debug)]
pub(super) struct WriterLock {
    pub number: i64,
    _file: File,
}

impl WriterLock {
    /// Takes the first free number.
    pub(super) fn claim(library: &Path) -> io::Result<Self> {
        for number in 0..MOST_WRITERS {
            if let Some(lock) = Self::take(library, number)? {
                return Ok(lock);
            }
        }
        let message = format!("{MOST_WRITERS} programs are writing to the library already");
        Err(io::Error::new(io::ErrorKind::ResourceBusy, message))
    }

    /// Takes one number; `None` if somebody holds it. The file stays when the lock goes: deleting
    /// it would let two processes lock two files of one name.
    pub(super) fn take(library: &Path, number: i64) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        let file = options
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(lock_path(library, number))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { number, _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn lock_path(library: &Path, number: i64) -> PathBuf {
    let mut name = library.file_name().unwrap_or_default().to_owned();
    name.push(format!("-writer{number}"));
    library.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_free_again_when_its_holder_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("a.rehearsal");
        let first = WriterLock::claim(&library).unwrap();
        let second = WriterLock::claim(&library).unwrap();
        assert_eq!((first.number, second.number), (0, 1));
        assert!(WriterLock::take(&library, 0).unwrap().is_none());
        drop(first);
        assert!(WriterLock::take(&library, 0).unwrap().is_some());
    }
}
