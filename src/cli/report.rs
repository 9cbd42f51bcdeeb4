//! `rehearsal report`: a run for people without the program, and its tables and charts.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::ValueEnum;

use super::{Answer, library, out};
use crate::report::drawing::{self, Drawing};
use crate::report::{Dossier, Series};
use crate::worker::{self, Document, Form};

const REPORT_EXAMPLES: &str = "\
Examples:
  rehearsal report k3f9 --out report.html
  rehearsal report canary.rehearsal --format md > report.md
  rehearsal report k3f9 --format parquet --out tables
  rehearsal report k3f9 --format svg --out plots
  rehearsal report k3f9 --format png --out plots

The HTML file needs nothing beside it: no script, no font, no network.";

#[derive(Debug, clap::Args)]
#[command(after_help = REPORT_EXAMPLES)]
pub(super) struct ReportArgs {
    /// The experiment's id, or the beginning of it, or a shared file
    #[arg(value_name = "ID|FILE")]
    experiment: String,
    /// What to write [default: as --out ends, else html]
    #[arg(long, value_name = "FORMAT")]
    format: Option<ReportFormat>,
    /// The file to write [default: standard output]; of csv, parquet, svg and png, the folder
    #[arg(long, short, value_name = "PATH")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// One page with charts, verdict, every check, costs, plan and digests
    Html,
    /// The same without charts
    #[value(alias = "markdown")]
    Md,
    /// Everything, for programs
    Json,
    /// Windows, segments and events as tables
    Csv,
    /// The same tables, typed and compressed
    Parquet,
    /// Every chart as a file of its own, as lines
    Svg,
    /// Every chart as a file of its own, as pixels
    Png,
}

pub(super) fn report(args: &ReportArgs, library: Option<&Path>) -> Result<Answer> {
    let (experiment, reviewed) = library::with_review(&args.experiment, library)?;
    let id = experiment.summary.id.clone();
    let Some(document) = Document::of(experiment) else {
        bail!("Nothing was recorded of experiment {id}: run it again with `rehearsal run {id}`");
    };
    let document = document.with_review(reviewed);
    let dossier = document.dossier();
    let format = args.format.unwrap_or_else(|| format_of(args.out.as_deref()));
    let form = match format {
        ReportFormat::Html => Form::Html,
        ReportFormat::Md => Form::Markdown,
        ReportFormat::Json => Form::Json,
        ReportFormat::Csv => return tables(&dossier, "csv", Form::Csv, args.out.as_deref()),
        ReportFormat::Parquet => {
            return tables(&dossier, "parquet", Form::Parquet, args.out.as_deref());
        }
        ReportFormat::Svg => {
            let svg = |drawing: &Drawing| drawing.svg().into_bytes();
            return charts(&dossier, "svg", svg, args.out.as_deref());
        }
        ReportFormat::Png => {
            return charts(&dossier, "png", crate::picture::png_of, args.out.as_deref());
        }
    };
    let bytes = form.write(&dossier)?;
    match &args.out {
        Some(path) => {
            worker::files::write(path, &bytes)?;
            out::print(&format!("The report is in {}\n", path.display()))?;
        }
        None => out::print(&String::from_utf8_lossy(&bytes))?,
    }
    Ok(Answer::Yes)
}

/// What the file's ending asks for.
fn format_of(out: Option<&Path>) -> ReportFormat {
    let ending =
        out.and_then(Path::extension).map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("md" | "markdown") => ReportFormat::Md,
        Some("json") => ReportFormat::Json,
        _ => ReportFormat::Html,
    }
}

fn folder(out: Option<&Path>) -> Result<&Path> {
    match out {
        Some(folder) => Ok(folder),
        None => bail!("These are several files: name a folder for them with --out FOLDER"),
    }
}

/// Every series as a file of its own.
fn tables(
    dossier: &Dossier<'_>,
    ending: &str,
    form: fn(Series) -> Form,
    out: Option<&Path>,
) -> Result<Answer> {
    let folder = folder(out)?;
    for series in Series::ALL {
        let path = folder.join(format!("{}.{ending}", series.name()));
        worker::files::write(&path, &form(series).write(dossier)?)?;
        out::print(&format!("{}\n", path.display()))?;
    }
    Ok(Answer::Yes)
}

fn charts(
    dossier: &Dossier<'_>,
    ending: &str,
    write: fn(&Drawing) -> Vec<u8>,
    out: Option<&Path>,
) -> Result<Answer> {
    let folder = folder(out)?;
    for (name, drawing) in drawing::all(dossier) {
        let path = folder.join(format!("{name}.{ending}"));
        worker::files::write(&path, &write(&drawing))?;
        out::print(&format!("{}\n", path.display()))?;
    }
    Ok(Answer::Yes)
}
