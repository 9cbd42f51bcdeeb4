//! `rehearsal list`: the experiments in the library.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::{Answer, library, out};
use crate::report::grid::{Align, Grid};
use crate::store::{Status, Summary};

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Only those with all these words in name, author, strategy, outcome, data, models, tags or notes
    words: Vec<String>,
    /// Those that were put away, too
    #[arg(long)]
    all: bool,
    /// As a JSON array
    #[arg(long)]
    json: bool,
}

pub(super) fn list(args: &ListArgs, library: Option<&Path>) -> Result<Answer> {
    let library = library::open(library)?;
    let mut summaries = library.list()?;
    summaries.retain(|one| args.all || !one.is_archived);
    if !args.words.is_empty() {
        let found: BTreeSet<_> = library.search(&args.words.join(" "))?.into_iter().collect();
        summaries.retain(|one| found.contains(&one.id));
    }
    if args.json {
        out::print_json(&summaries)?;
    } else if summaries.is_empty() {
        out::print("No experiments yet. Begin with `rehearsal run PLAN.toml`.\n")?;
    } else {
        out::print(&table(&summaries).terminal())?;
    }
    Ok(Answer::Yes)
}

fn table(summaries: &[Summary]) -> Grid {
    let has_authors = summaries.iter().any(|one| !one.author.is_empty());
    let mut heads =
        vec!["Id", "Created (UTC)", "Strategy", "Outcome", "Key metric", "Dataset", "Name"];
    heads.extend(has_authors.then_some("Author"));
    let mut grid = Grid::new(heads.into_iter().map(|head| (head, Align::Left)));
    for one in summaries {
        let created = one.created.strftime("%Y-%m-%d %H:%M").to_string();
        let mut cells = vec![
            one.id.to_string(),
            created,
            one.strategy.label().to_owned(),
            state(one),
            key_metric(one),
            one.dataset.clone(),
            one.name.clone(),
        ];
        cells.extend(has_authors.then(|| one.author.clone()));
        grid.push(cells);
    }
    grid
}

/// `Accuracy +1.8 pts`.
fn key_metric(summary: &Summary) -> String {
    let key = summary.shown.as_ref().and_then(|shown| shown.key.as_ref());
    key.map_or(String::new(), |key| {
        format!("{} {}", key.metric.label(), key.metric.format_delta(key.delta))
    })
}

/// The outcome, or why there is none.
pub(super) fn state(summary: &Summary) -> String {
    match (summary.status, summary.outcome) {
        (Status::Finished, Some(outcome)) => outcome.label().to_owned(),
        (Status::Running, _) => "running".to_owned(),
        (Status::Interrupted, _) => "interrupted".to_owned(),
        (Status::Finished, None) => "finished".to_owned(),
    }
}
