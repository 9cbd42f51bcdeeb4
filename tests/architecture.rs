//! The arrows of `ARCHITECTURE.md`, held: folders import only what stands beneath them, and outside
//! crates stay in their rooms.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// Each folder of `src` and the folders that it may import.
const MAY_IMPORT: [(&str, &[&str]); 12] = [
    ("domain", &[]),
    ("engine", &["domain", "stats"]),
    ("stats", &["domain"]),
    ("data", &["domain", "stats"]),
    ("models", &["domain", "stats"]),
    ("store", &["domain", "stats"]),
    ("report", &["domain", "stats"]),
    ("picture", &["domain", "report"]),
    ("worker", &["domain", "stats", "engine", "data", "models", "store", "report"]),
    ("app", &["domain", "stats", "engine", "data", "models", "store", "report", "worker"]),
    ("ui", &["domain", "stats", "data", "models", "store", "report", "picture", "worker", "app"]),
    (
        "cli",
        &["domain", "stats", "engine", "data", "models", "store", "report", "picture", "worker"],
    ),
];

/// Outside crates and the only folders that may name them.
const ROOMS: [(&str, &[&str]); 17] = [
    ("egui", &["picture", "ui"]),
    ("eframe", &["ui"]),
    ("egui_plot", &["ui"]),
    ("egui_extras", &["ui"]),
    ("rfd", &["ui"]),
    ("png", &["picture", "models"]),
    ("polars_arrow", &["data"]),
    ("polars_parquet", &["data"]),
    ("candle_core", &["models"]),
    ("image", &["models"]),
    ("tokenizers", &["models"]),
    ("tract_onnx", &["models"]),
    ("rusqlite", &["store"]),
    ("ed25519_dalek", &["store"]),
    ("crossbeam_channel", &["worker"]),
    ("hdrhistogram", &["stats"]),
    ("pulp", &["engine", "models"]),
];

/// Every source file below `folder`, in order.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut entries: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

/// The folder of `src` that a file belongs to, and its code without comments.
fn rooms() -> Vec<(String, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let of_file = |path: PathBuf| {
        let below = path.strip_prefix(&src).unwrap();
        let room = below.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let code: String = fs::read_to_string(&path)
            .unwrap()
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .map(|line| format!("{line}\n"))
            .collect();
        (room, path, code)
    };
    sources(&src).into_iter().map(of_file).filter(|(room, ..)| !room.ends_with(".rs")).collect()
}

/// The first names behind `crate::` in a file, `use crate::{…}` lists included.
fn imported(code: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let Some(list) = rest.strip_prefix('{') else {
            names.push(name(rest));
            continue;
        };
        let mut depth = 0;
        let mut part = String::new();
        for letter in list.chars() {
            match letter {
                '}' if depth == 0 => break,
                ',' if depth == 0 => {
                    names.push(name(&part));
                    part.clear();
                    continue;
                }
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            part.push(letter);
        }
        names.push(name(&part));
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn imports_point_down() {
    let rooms = rooms();
    assert!(rooms.len() > 50, "only {} files found", rooms.len());
    let mut wrong = Vec::new();
    for (room, path, code) in &rooms {
        let (_, allowed) = MAY_IMPORT
            .iter()
            .find(|(name, _)| name == room)
            .unwrap_or_else(|| panic!("`{room}` has no place in the house: see ARCHITECTURE.md"));
        for name in imported(code) {
            let is_room = MAY_IMPORT.iter().any(|(other, _)| *other == name);
            if is_room && name != *room && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{} imports `{name}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn outside_crates_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for (room, path, code) in rooms() {
        for (name, allowed) in ROOMS {
            let is_named =
                code.contains(&format!("{name}::")) || code.contains(&format!("use {name};"));
            if is_named && !allowed.contains(&room.as_str()) {
                wrong.push(format!("{} names `{name}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_engine_knows_no_clock_no_file_and_no_order_of_hashes() {
    const FORBIDDEN: [&str; 6] =
        ["std::time", "std::fs", "HashMap", "HashSet", "thread::", "println!"];
    let mut wrong = Vec::new();
    for (room, path, code) in rooms() {
        let is_pure = ["engine", "stats", "domain"].contains(&room.as_str());
        // Tests may do what they like, such as replaying on two threads.
        let is_test = path.ends_with("tests.rs")
            || path.parent().is_some_and(|folder| folder.ends_with("tests"));
        if !is_pure || is_test {
            continue;
        }
        for word in FORBIDDEN {
            if code.contains(word) {
                wrong.push(format!("{} names `{word}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lists_of_imports_are_read() {
    let code = "use crate::{data, models::{a, b}, store};\nlet x = crate::ui::run();";
    assert_eq!(imported(code), ["data", "models", "store", "ui"]);
}
