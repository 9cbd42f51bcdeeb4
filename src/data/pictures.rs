//! Columns of paths to pictures: each path becomes the bytes of its file.
//!
//! A path says nothing of what a picture shows. With the bytes in the table its digest tells when a
//! picture has changed, and models see what was loaded.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path};

use super::error::Error;
use super::problem::{DataProblem, Problems, Severity};
use super::reading::{Body, Watch};
use crate::domain::Values;
use crate::domain::table::Blobs;
use crate::domain::words::shortened;

/// How the paths of pictures end.
const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];
/// Larger files are no pictures that a model looks at.
const LARGEST: u64 = 16_000_000;

/// Reads the pictures that columns of texts name, relative to the dataset's folder. The answer is a
/// digest of all of them, if there are any.
///
/// # Errors
/// If they do not fit into memory, or somebody cancels.
pub(super) fn load(body: &mut Body, watch: &Watch) -> Result<Option<blake3::Hash>, Error> {
    let folder = watch.path.parent().unwrap_or(Path::new(""));
    let mut loader = Loader { folder, watch, hasher: blake3::Hasher::new(), taken: 0 };
    for column in &mut body.columns {
        let Values::Text { codes, dictionary } = &column.values else { continue };
        let (Some(first), true) = (dictionary.first(), dictionary.iter().all(|t| is_named(t)))
        else {
            continue;
        };
        if let Err(why) = read(folder, first) {
            let message = format!(
                "These look like paths of pictures, but `{}` {why}; they stay texts. Paths start in \
                 the dataset's folder",
                shortened(first)
            );
            body.problems.push(DataProblem::of_column(Severity::Note, &column.name, message));
            continue;
        }
        let (pictures, problems) = loader.column(&column.name, codes, dictionary)?;
        body.problems.extend(problems.into_list());
        column.values = Values::Bytes(pictures);
    }
    Ok((loader.hasher.count() > 0).then(|| loader.hasher.finalize()))
}

struct Loader<'a> {
    folder: &'a Path,
    watch: &'a Watch<'a>,
    /// Of all pictures so far.
    hasher: blake3::Hasher,
    /// The bytes of all pictures so far.
    taken: u64,
}

impl Loader<'_> {
    /// The pictures of one column, each read and kept once.
    fn column(
        &mut self,
        name: &str,
        codes: &[u32],
        dictionary: &[String],
    ) -> Result<(Blobs, Problems), Error> {
        let mut first_rows = vec![0; dictionary.len()];
        for (row, code) in codes.iter().enumerate().rev() {
            if let Some(first) = first_rows.get_mut(*code as usize) {
                *first = row + 1;
            }
        }
        let mut pictures = Blobs::default();
        let mut problems = Problems::default();
        for (text, row) in dictionary.iter().zip(first_rows) {
            self.watch.stop_if_cancelled()?;
            let bytes = read(self.folder, text).unwrap_or_else(|why| {
                problems.repeated("pictures", row, Some(name), || {
                    format!("`{}` {why}; the picture counts as missing", shortened(text))
                });
                Vec::new()
            });
            self.taken += bytes.len() as u64;
            self.watch.check(self.taken)?;
            self.hasher.update(blake3::hash(&bytes).as_bytes());
            pictures.push(&bytes);
        }
        Ok((pictures.arranged(codes.iter().map(|code| *code as usize)), problems))
    }
}

fn is_named(text: &str) -> bool {
    let ending = Path::new(text).extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// The file's bytes, or why there are none. No dataset can name a file outside its own folder.
fn read(folder: &Path, text: &str) -> Result<Vec<u8>, String> {
    let path = Path::new(text);
    let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if !path.components().all(inside) {
        return Err("is not inside the dataset's folder".to_owned());
    }
    let path = folder.join(path);
    let metadata = fs::metadata(&path).map_err(|_| "is not there".to_owned())?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(format!("is no file of at most {} MB", LARGEST / 1_000_000));
    }
    let mut bytes = Vec::new();
    let file = File::open(&path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes));
    file.map_err(|fault| format!("cannot be read ({fault})"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::dataset::load;
    use super::*;
    use crate::domain::{Column, Progress};

    /// A table of these paths beside two pictures.
    fn dataset(folder: &Path, paths: &[&str]) -> super::super::Dataset {
        fs::create_dir_all(folder.join("photos")).unwrap();
        fs::write(folder.join("photos/a.png"), b"first").unwrap();
        fs::write(folder.join("photos/b.JPG"), b"second").unwrap();
        let lines: String = paths.iter().map(|path| format!("{path},1\n")).collect();
        let file = folder.join("rows.csv");
        fs::write(&file, format!("photo,label\n{lines}")).unwrap();
        load(&file, &Progress::default()).unwrap()
    }

    fn column(dataset: &super::super::Dataset) -> &Column {
        dataset.table.column("photo").unwrap()
    }

    #[test]
    fn paths_become_the_pictures_that_they_name() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["photos/b.JPG", "photos/a.png", "", "photos/c.png", "photos/a.png"];
        let read = dataset(folder.path(), &paths);
        let Values::Bytes(pictures) = &column(&read).values else { panic!("no pictures") };
        let expected: [&[u8]; 5] = [b"second", b"first", b"", b"", b"first"];
        assert_eq!(expected, [0, 1, 2, 3, 4].map(|row| pictures.get(row)));
        let told: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
        let missing = "Row 4, column `photo`: `photos/c.png` is not there; the picture counts as \
                       missing";
        assert_eq!(told, [missing]);

        // The same table with another picture is another dataset.
        fs::write(folder.path().join("photos/a.png"), b"changed").unwrap();
        let changed = load(&folder.path().join("rows.csv"), &Progress::default()).unwrap();
        assert_ne!(changed.table.digest, read.table.digest);
    }

    #[test]
    fn texts_that_only_look_like_paths_stay_texts() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        for path in ["https://example.org/a.png", "../rows.png", "/etc/passwd.png", "gone.png"] {
            fs::create_dir_all(&inner).unwrap();
            fs::write(folder.path().join("rows.png"), b"outside").unwrap();
            let read = dataset(&inner, &[path, path]);
            assert_eq!(column(&read).values.text(1), Some(path));
            let told = read.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            assert!(told.contains("they stay texts"), "{told}");
        }
        let read = dataset(&inner, &["photos/a.png", "a word"]);
        assert!(read.problems.is_empty());
        assert_eq!(column(&read).values.text(0), Some("photos/a.png"));
    }
}
