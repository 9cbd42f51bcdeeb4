//! `rehearsal review sign` and `key`: decisions over everything that was seen, and keys to sign with.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use clap::Subcommand;

use crate::cli::{Answer, library, out};
use crate::domain::Decision;
use crate::store::Key;

pub(super) const SIGN_HELP: &str = "\
A sign-off holds for exactly what was there: a later comment or answer makes it void, and everyone
sees that. With a key (see `rehearsal review key new`) nobody else can sign in your name.

Examples:
  rehearsal review sign k3f9 --approve --name Ada --reason \"SRM fine, enough labels\"
  rehearsal review sign k3f9 --reject --name Ada --reason \"no slow candidate tried\" --with-key";

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SignArgs {
    /// The experiment's id, or the beginning of it
    id: String,
    #[command(flatten)]
    decision: DecisionArgs,
    /// Who signs
    #[arg(long)]
    name: String,
    /// Why
    #[arg(long)]
    reason: String,
    /// Sign with the key in its usual place
    #[arg(long)]
    with_key: bool,
    /// Sign with the key in this file
    #[arg(long, value_name = "FILE", conflicts_with = "with_key")]
    key: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct DecisionArgs {
    #[arg(long)]
    approve: bool,
    #[arg(long)]
    ask_for_changes: bool,
    #[arg(long)]
    reject: bool,
}

impl From<&DecisionArgs> for Decision {
    fn from(args: &DecisionArgs) -> Self {
        match args {
            DecisionArgs { approve: true, .. } => Self::Approve,
            DecisionArgs { reject: true, .. } => Self::Reject,
            DecisionArgs { .. } => Self::AskForChanges,
        }
    }
}

pub(super) fn sign(args: &SignArgs, library: Option<&Path>) -> Result<Answer> {
    let (library, id) = library::found(&args.id, library)?;
    let key = match (&args.key, args.with_key) {
        (Some(path), _) => Some(Key::load(path)?),
        (None, true) => Some(Key::load(&default_key()?)?),
        (None, false) => None,
    };
    let decision = Decision::from(&args.decision);
    let sign_off = library.sign(&id, decision, &args.name, &args.reason, key.as_ref())?;
    let by_key = sign_off.signature.as_ref();
    let by_key = by_key.map_or(String::new(), |by| format!(", key {}", by.fingerprint()));
    out::print(&format!("{} {} {id}{by_key}\n", sign_off.name, decision.past()))?;
    Ok(Answer::Yes)
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KeyCommand {
    /// Make one, if there is none yet
    New {
        /// Where to [default: beside the program's settings]
        file: Option<PathBuf>,
    },
    /// Print the half that others know it by
    Show { file: Option<PathBuf> },
}

pub(super) fn key(command: &KeyCommand) -> Result<Answer> {
    let (KeyCommand::New { file } | KeyCommand::Show { file }) = command;
    let path = match file {
        Some(path) => path.clone(),
        None => default_key()?,
    };
    let key = match command {
        KeyCommand::New { .. } => Key::create(&path)?,
        KeyCommand::Show { .. } => Key::load(&path)?,
    };
    out::print(&format!("{}\npublic key {}\n", path.display(), key.public()))?;
    Ok(Answer::Yes)
}

fn default_key() -> Result<PathBuf> {
    Key::default_path()
        .ok_or_else(|| anyhow!("This system names no folder for keys: use --key FILE"))
}
