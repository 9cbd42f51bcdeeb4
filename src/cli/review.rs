//! `rehearsal review`: comments, the checklist and sign-offs of an experiment.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};

use super::args::{CheckArgs, CommentArgs, KeyCommand, ReviewCommand, SignArgs};
use super::{Answer, library, out};
use crate::domain::{About, Decision, Recording, Reviewed};
use crate::report::{Run, WIDTH, grid::wrapped};
use crate::stats::checklist::{self, checklist};
use crate::store::{Experiment, Key, NewComment};
use crate::worker::Document;

pub(super) fn review(command: &ReviewCommand, library: Option<&Path>) -> Result<Answer> {
    match command {
        ReviewCommand::Show { experiment, json } => show(experiment, *json, library),
        ReviewCommand::Comment(args) => comment(args, library),
        ReviewCommand::Resolve { id, number, name, reopen } => {
            let (library, id) = library::found(id, library)?;
            library.resolve(&id, *number, (!reopen).then_some(name.as_str()))?;
            let word = if *reopen { "open again" } else { "resolved" };
            out::print(&format!("Comment {number} is {word}\n"))?;
            Ok(Answer::Yes)
        }
        ReviewCommand::Check(args) => check(args, library),
        ReviewCommand::Sign(args) => sign(args, library),
        ReviewCommand::Key { command } => key(command),
    }
}

fn show(named: &str, as_json: bool, library: Option<&Path>) -> Result<Answer> {
    let (experiment, reviewed) = library::with_review(named, library)?;
    if as_json {
        out::print_json(&reviewed)?;
    } else {
        out::print(&text(experiment, &reviewed))?;
    }
    Ok(Answer::Yes)
}

/// Everything a reviewer reads, the answer first.
fn text(experiment: Experiment, reviewed: &Reviewed) -> String {
    let name = experiment.summary.name.clone();
    let mut text = format!("{name}\n");
    if let Some(document) = Document::of(experiment) {
        let run = document.dossier().run;
        let card = &run.verdict;
        let verdict = format!("{}: {}", card.headline.label(), card.sentence);
        text.push_str(&format!("\n{}", wrapped(&verdict, "", WIDTH)));
        text.push_str(&questions(&run, reviewed));
    }
    text.push_str("\nComments\n\n");
    if reviewed.review.comments.is_empty() {
        text.push_str("None yet.\n");
    }
    for thread in reviewed.review.threads() {
        for (place, comment) in thread.iter().enumerate() {
            let indent = if place == 0 { "" } else { "    " };
            let about =
                if place == 0 { format!(" on {}", comment.about.label()) } else { String::new() };
            let resolved = comment.resolved.as_ref();
            let resolved = resolved.map_or(String::new(), |by| format!(", resolved by {}", by.by));
            text.push_str(&format!(
                "{indent}{}. {}{about}{resolved}\n{}",
                comment.number,
                comment.author,
                wrapped(&comment.text, &format!("{indent}   "), WIDTH)
            ));
        }
    }
    text.push_str("\nSign-offs\n\n");
    if reviewed.review.sign_offs.is_empty() {
        text.push_str("None yet.\n");
    }
    for line in reviewed.sign_off_lines() {
        text.push_str(&wrapped(&line, "", WIDTH));
    }
    text
}

/// The checklist with what the run suggests and what was answered.
fn questions(run: &Run<'_>, reviewed: &Reviewed) -> String {
    let mut text = String::from("\nChecklist\n\n");
    for question in checklist(run.plan, run.recording, &run.verdict) {
        let answered = reviewed.review.checks.iter().find(|check| check.item == question.item);
        let answer = match (answered, question.proposed) {
            (Some(check), _) => format!("{} ({})", check.answer.label(), check.author),
            (None, Some(tick)) => format!("{}? not confirmed", tick.label()),
            (None, None) => "open".to_owned(),
        };
        text.push_str(&wrapped(
            &format!("{}: {} {answer}", question.item, question.question),
            "",
            WIDTH,
        ));
        text.push_str(&wrapped(&question.evidence, "    ", WIDTH));
        if let Some(check) = answered.filter(|check| !check.note.is_empty()) {
            text.push_str(&wrapped(&check.note, "    ", WIDTH));
        }
    }
    text
}

fn comment(args: &CommentArgs, library: Option<&Path>) -> Result<Answer> {
    let (library, id) = library::found(&args.id, library)?;
    let experiment = library.load(&id)?;
    let about = about(args, experiment.recording.as_ref())?;
    let new = NewComment {
        about,
        answers: args.answer,
        author: args.name.clone(),
        text: args.text.clone(),
    };
    let number = library.comment(&id, &new)?;
    out::print(&format!("Comment {number} is on {}\n", new.about.label()))?;
    Ok(Answer::Yes)
}

/// What the arguments say that a comment is about, held against the run.
fn about(args: &CommentArgs, recording: Option<&Recording>) -> Result<About> {
    if let Some((from, to)) = args.at {
        let end = recording.map(Recording::end).unwrap_or_default();
        if to > end {
            bail!("The run ends at {}, before {}", end.clock(), to.clock());
        }
        return Ok(About::Time { from, to });
    }
    if let Some(metric) = args.metric {
        return Ok(About::Metric(metric));
    }
    if let Some(stage) = &args.stage {
        let stages = recording.map_or(&[][..], |recording| &recording.stages);
        if !stages.contains(stage) {
            bail!("There is no stage `{stage}`; the run has {}", stages.join(", "));
        }
        return Ok(About::Stage(stage.clone()));
    }
    Ok(args.field.clone().map_or(About::Run, About::Field))
}

fn check(args: &CheckArgs, library: Option<&Path>) -> Result<Answer> {
    if !checklist::ITEMS.contains(&args.item.as_str()) {
        bail!("`{}` is no question; choose from {}", args.item, checklist::ITEMS.join(", "));
    }
    let (library, id) = library::found(&args.id, library)?;
    let note = args.note.as_deref().unwrap_or_default();
    library.check(&id, &args.item, args.answer.into(), note, &args.name)?;
    out::print(&format!("{}: answered\n", args.item))?;
    Ok(Answer::Yes)
}

fn sign(args: &SignArgs, library: Option<&Path>) -> Result<Answer> {
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

fn key(command: &KeyCommand) -> Result<Answer> {
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
