//! `rehearsal review check`: an answer to a question of the checklist.

use std::path::Path;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::cli::{Answer, library, out};
use crate::domain::Tick;
use crate::stats::checklist;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CheckArgs {
    /// The experiment's id, or the beginning of it
    id: String,
    /// split, power, labels, faults or slow
    item: String,
    answer: TickArg,
    /// Who answers
    #[arg(long)]
    name: String,
    /// Why
    #[arg(long)]
    note: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TickArg {
    Yes,
    No,
    /// The question does not apply to this run
    Na,
}

impl From<TickArg> for Tick {
    fn from(answer: TickArg) -> Self {
        match answer {
            TickArg::Yes => Self::Yes,
            TickArg::No => Self::No,
            TickArg::Na => Self::NotApplicable,
        }
    }
}

pub(super) fn check(args: &CheckArgs, library: Option<&Path>) -> Result<Answer> {
    if !checklist::ITEMS.contains(&args.item.as_str()) {
        bail!("`{}` is no question; choose from {}", args.item, checklist::ITEMS.join(", "));
    }
    let (library, id) = library::found(&args.id, library)?;
    let note = args.note.as_deref().unwrap_or_default();
    library.check(&id, &args.item, args.answer.into(), note, &args.name)?;
    out::print(&format!("{}: answered\n", args.item))?;
    Ok(Answer::Yes)
}
