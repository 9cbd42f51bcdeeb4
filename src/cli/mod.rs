//! The command line: the same code paths as the window, through [`crate::worker`].
//!
//! Exit codes: 0 done; 1 the answer is no (aborted, rolled back, not reproduced); 2 could not run.

mod advise;
mod args;
mod bar;
mod compare;
mod data;
mod dialects;
mod intervention;
mod library;
mod list;
mod model;
mod model_check;
mod model_measure;
mod odds;
mod out;
mod plan;
mod plan_file;
mod report;
mod review;
mod run;
mod sample;
mod score;
mod show;
mod soak;
mod sql;
mod strategies;
mod tune;
mod verify;
mod window;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};

use crate::store::Sharing;

/// What a finished command answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    /// The work was done, and its answer is no.
    No,
}

/// What `main` does after the command line was read.
pub enum Next {
    /// The command is done.
    Exit(ExitCode),
    /// Open the window on a library and perhaps a file: the command line knows no widget.
    Window { library: PathBuf, open: Option<PathBuf> },
}

/// Reads the command line and does what it says.
pub fn run() -> Next {
    let args = Args::parse();
    let Some(command) = args.command else {
        return match window::prepare(args.library.as_deref(), args.file) {
            Ok((library, open)) => Next::Window { library, open },
            Err(error) => Next::Exit(failed(&error)),
        };
    };
    let library = args.library;
    let answer = match command {
        Command::Run(args) => run::run(&args, library.as_deref()),
        Command::Compare(args) => compare::compare(&args, library.as_deref()),
        Command::Tune(args) => tune::tune(&args, library.as_deref()),
        Command::Advise(args) => advise::advise(&args, library.as_deref()),
        Command::Odds(args) => odds::odds(&args, library.as_deref()),
        Command::Score(args) => score::score(&args, library.as_deref()),
        Command::Soak(args) => soak::soak(&args, library.as_deref()),
        Command::List(args) => list::list(&args, library.as_deref()),
        Command::Show(args) => show::show(&args, library.as_deref()),
        Command::Report(args) => report::report(&args, library.as_deref()),
        Command::Review { command } => review::review(&command, library.as_deref()),
        Command::Adopt { file } => library::adopt(&file, library.as_deref()),
        Command::Sql(args) => sql::sql(&args, library.as_deref()),
        Command::Restore { id } => library::restore(&id, library.as_deref()),
        Command::Archive { id, undo } => library::archive(&id, !undo, library.as_deref()),
        Command::Tag { id, tags, notes } => {
            library::tag(&id, &tags, notes.as_deref(), library.as_deref())
        }
        Command::Verify(args) => verify::verify(&args, library.as_deref()),
        Command::Share { id, file, without_predictions } => {
            let sharing = match without_predictions {
                true => Sharing::WithoutPredictions,
                false => Sharing::Whole,
            };
            library::share(&id, sharing, file.as_deref(), library.as_deref())
        }
        Command::Delete { id, for_good } => library::delete(&id, for_good, library.as_deref()),
        Command::Data(args) => data::data(&args),
        Command::Model { command } => model::model(&command),
        Command::Plan { command } => plan::plan(&command),
        Command::Sample { folder } => sample::sample(&folder),
    };
    Next::Exit(match answer {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(error) => failed(&error),
    })
}

/// Tells a person why something could not be done, and gives the code for that.
pub fn failed(error: &anyhow::Error) -> ExitCode {
    // Whoever closed the pipe, such as `head`, has read enough.
    let kinds = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    if kinds.into_iter().any(|fault| fault.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    // If nobody listens, the exit code still tells.
    writeln!(io::stderr().lock(), "error: {}", told(error)).ok();
    ExitCode::from(2)
}

/// The error with its causes, but for those that its own words tell already.
fn told(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn no_cause_is_told_twice() {
        let error = anyhow!("disk full").context("Saving failed: disk full").context("Run");
        assert_eq!(told(&error), "Run: Saving failed: disk full");
    }
}
