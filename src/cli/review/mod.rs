//! `rehearsal review`: comments, the checklist and sign-offs of an experiment.

mod check;
mod comment;
mod show;
mod sign;

use std::path::Path;

use anyhow::Result;
use clap::Subcommand;

use self::check::CheckArgs;
use self::comment::CommentArgs;
use self::sign::{KeyCommand, SIGN_HELP, SignArgs};
use super::{Answer, library, out};

#[derive(Debug, Subcommand)]
pub(super) enum ReviewCommand {
    /// The verdict, the checklist, comments and sign-offs
    Show {
        /// The experiment's id, or the beginning of it, or a shared file
        #[arg(value_name = "ID|FILE")]
        experiment: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a comment on the run, or on a part of it
    Comment(CommentArgs),
    /// Mark a comment as seen to
    Resolve {
        /// The experiment's id, or the beginning of it
        id: String,
        /// The comment's number
        number: u32,
        /// Who saw to it
        #[arg(long)]
        name: String,
        /// Open it again
        #[arg(long)]
        reopen: bool,
    },
    /// Answer a question of the checklist: split, power, labels, faults, slow
    Check(CheckArgs),
    /// Approve, ask for changes or reject, over everything that is there now
    #[command(after_help = SIGN_HELP)]
    Sign(SignArgs),
    /// A key of your own, so that nobody else can sign in your name
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
}

pub(super) fn review(command: &ReviewCommand, library: Option<&Path>) -> Result<Answer> {
    match command {
        ReviewCommand::Show { experiment, json } => show::show(experiment, *json, library),
        ReviewCommand::Comment(args) => comment::comment(args, library),
        ReviewCommand::Resolve { id, number, name, reopen } => {
            let (library, id) = library::found(id, library)?;
            library.resolve(&id, *number, (!reopen).then_some(name.as_str()))?;
            let word = if *reopen { "open again" } else { "resolved" };
            out::print(&format!("Comment {number} is {word}\n"))?;
            Ok(Answer::Yes)
        }
        ReviewCommand::Check(args) => check::check(args, library),
        ReviewCommand::Sign(args) => sign::sign(args, library),
        ReviewCommand::Key { command } => sign::key(command),
    }
}
