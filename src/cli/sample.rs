//! `rehearsal sample`: the embedded sample data as files.

use std::path::Path;

use anyhow::Result;

use super::{Answer, out};
use crate::worker;

pub(super) fn sample(folder: &Path) -> Result<Answer> {
    worker::sample::write(folder)?;
    let plan = folder.join("loans").join("plans").join("canary.toml");
    out::print(&format!(
        "Sample data, models and plans are in {}\nNext: rehearsal run {}\n",
        folder.display(),
        plan.display()
    ))?;
    Ok(Answer::Yes)
}
