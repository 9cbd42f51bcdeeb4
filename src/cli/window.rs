//! What must hold before the window opens.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::library;

/// The library's path and the file to open.
///
/// # Errors
/// If the file does not exist, or there is no display to open a window on.
pub(super) fn prepare(
    given: Option<&Path>,
    file: Option<PathBuf>,
) -> Result<(PathBuf, Option<PathBuf>)> {
    if let Some(file) = &file
        && !file.exists()
    {
        bail!(
            "There is no file or command `{}`; `rehearsal --help` lists the commands",
            file.display()
        );
    }
    if !has_display() {
        bail!(
            "There is no display to open a window on; use `rehearsal run PLAN.toml` instead \
             (`rehearsal --help` shows how)"
        );
    }
    Ok((library::path(given)?, file))
}

/// Whether a window can be seen: on Unix without macOS a display server has to be named.
fn has_display() -> bool {
    let names = ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"];
    let is_named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(all(unix, not(target_os = "macos"))) || names.into_iter().any(is_named)
}
