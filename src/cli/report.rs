//! `rehearsal report`: a run for people without the program, and its tables and charts.

use std::path::Path;

use anyhow::{Result, bail};

use super::args::{ReportArgs, ReportFormat};
use super::{Answer, library, out};
use crate::report::{Dossier, Series, svg};
use crate::worker::{self, Document, Form};

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
        ReportFormat::Svg => return charts(&dossier, args.out.as_deref()),
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

fn charts(dossier: &Dossier<'_>, out: Option<&Path>) -> Result<Answer> {
    let folder = folder(out)?;
    for (name, drawing) in svg::all(dossier) {
        let path = folder.join(format!("{name}.svg"));
        worker::files::write(&path, drawing.as_bytes())?;
        out::print(&format!("{}\n", path.display()))?;
    }
    Ok(Answer::Yes)
}
