//! `rehearsal review comment`: a remark on the run, or on a part of it.

use std::path::Path;

use anyhow::{Result, bail};

use crate::cli::{Answer, library, out};
use crate::domain::time::NotASpan;
use crate::domain::{About, Metric, Recording, SimSpan, SimTime};
use crate::report;
use crate::store::NewComment;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CommentArgs {
    /// The experiment's id, or the beginning of it
    id: String,
    /// What you have to say
    text: String,
    /// Who says it
    #[arg(long)]
    name: String,
    /// About a moment, or a stretch of time: 2m or 2m..4m
    #[arg(long, value_name = "TIME[..TIME]", value_parser = stretch, group = "about")]
    at: Option<(SimTime, SimTime)>,
    /// About a metric, as plans name it: accuracy, latency_p95, …
    #[arg(long, value_parser = metric, group = "about")]
    metric: Option<Metric>,
    /// About a stage, by its name
    #[arg(long, group = "about")]
    stage: Option<String>,
    /// About a field of the plan: `gates[0].pass_when`
    #[arg(long, group = "about")]
    field: Option<String>,
    /// The number of the comment that this one answers
    #[arg(long, value_name = "NUMBER")]
    answer: Option<u32>,
}

pub(super) fn comment(args: &CommentArgs, library: Option<&Path>) -> Result<Answer> {
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

fn stretch(text: &str) -> Result<(SimTime, SimTime), String> {
    let moment = |text: &str| -> Result<SimTime, String> {
        let span: SimSpan = text.parse().map_err(|fault: NotASpan| fault.to_string())?;
        Ok(SimTime::START + span)
    };
    let (from, to) = match text.split_once("..") {
        Some((from, to)) => (moment(from)?, moment(to)?),
        None => (moment(text)?, moment(text)?),
    };
    if from <= to { Ok((from, to)) } else { Err("it ends before it begins".to_owned()) }
}

fn metric(text: &str) -> Result<Metric, String> {
    let known = |metric: &Metric| report::json::key_of(metric) == text.trim();
    Metric::ALL.into_iter().find(known).ok_or_else(|| {
        let names: Vec<String> = Metric::ALL.iter().map(report::json::key_of).collect();
        format!("`{text}` is no metric; choose from {}", names.join(", "))
    })
}
