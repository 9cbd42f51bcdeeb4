//! Standard output and standard error, which a reader may close at any time.

use std::io::{self, Write as _};

use serde::Serialize;

/// Writes a command's result.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}

/// Writes a command's result for another program.
pub(super) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// A remark beside the result; if nobody reads it, nothing is lost.
pub(super) fn note(text: &str) {
    writeln!(io::stderr().lock(), "note: {text}").ok();
}
