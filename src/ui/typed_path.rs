//! Paths that people type or paste.

use std::path::PathBuf;

/// What `text` names: quotes around it are taken off, `~` is the home folder. `None` if it is
/// empty.
pub fn typed_path(text: &str) -> Option<PathBuf> {
    let text = text.trim().trim_matches(['"', '\'']).trim();
    if text.is_empty() {
        return None;
    }
    let below_home = text.strip_prefix("~/").or((text == "~").then_some(""));
    let home = || directories::BaseDirs::new().map(|folders| folders.home_dir().to_owned());
    match below_home.zip(home()) {
        Some((below, home)) => Some(home.join(below)),
        None => Some(PathBuf::from(text.strip_prefix("file://").unwrap_or(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_home_are_understood() {
        assert_eq!(typed_path(" '/data/a b.csv' "), Some("/data/a b.csv".into()));
        assert_eq!(typed_path("file:///data/a.csv"), Some("/data/a.csv".into()));
        assert_eq!(typed_path("  "), None);
        assert!(typed_path("~/x.csv").is_some_and(|path| !path.starts_with("~")));
    }
}
