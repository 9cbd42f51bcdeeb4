//! `rehearsal model inspect`: what a model's folder holds.

use std::path::Path;

use anyhow::Result;

use super::args::ModelCommand;
use super::{Answer, out};
use crate::domain::grouped;
use crate::models::{self, Card, DeviceChoice, Error, Input, Model};
use crate::report::grid::{Align, Grid};

pub(super) fn model(command: &ModelCommand) -> Result<Answer> {
    match command {
        ModelCommand::Inspect { folder, on } => inspect(folder, on.device),
    }
}

fn inspect(folder: &Path, device: DeviceChoice) -> Result<Answer> {
    match models::open(folder, &device) {
        Ok(model) => out::print(&describe(&model))?,
        Err(Error::NoCard { folder, hint }) => {
            // Weights alone say enough for a first card; without them the first fault is the one.
            let card = models::propose_card(&folder)
                .map_err(|_| Error::NoCard { folder: folder.clone(), hint })?;
            out::note(&format!(
                "the folder has no card.toml; complete this proposal and save it as {}",
                folder.join("card.toml").display()
            ));
            out::print(&card)?;
        }
        Err(fault) => return Err(fault.into()),
    }
    Ok(Answer::Yes)
}

fn describe(model: &Model) -> String {
    let card = model.card();
    let mut lines = vec![
        ("task", card.task().label().to_owned()),
        ("network", model.describe()),
        ("classes", card.classes.join(", ")),
        ("threshold", card.threshold.to_string()),
        ("device", model.device().to_owned()),
        ("description", card.description.trim().to_owned()),
        ("licence", card.licence.clone()),
        ("origin", card.origin.clone()),
        ("digest", model.digest().to_owned()),
    ];
    lines.retain(|(_, text)| !text.is_empty());
    let mut text = format!("{}\n\n", card.name);
    for (name, value) in lines {
        text.push_str(&format!("{name:<11}  {value}\n"));
    }
    let count = grouped(card.inputs.len() as u64);
    text.push_str(&format!("\nReads {count} columns\n\n{}", inputs(card).terminal()));
    text
}

fn inputs(card: &Card) -> Grid {
    let heads = ["Column", "Kind", "Preprocessing"];
    let mut grid = Grid::new(heads.map(|head| (head, Align::Left)));
    for input in &card.inputs {
        grid.push(match input {
            Input::Number { column, impute, log1p, mean, std } => {
                let log = if *log1p { "ln(1 + x), " } else { "" };
                let impute = impute.map(|x| format!(", missing: {x}")).unwrap_or_default();
                let text = format!("{log}(x − {mean}) / {std}{impute}");
                vec![column.clone(), "number".to_owned(), text]
            }
            Input::Category { column, categories } => {
                let text = format!("one of {}: {}", categories.len(), categories.join(", "));
                vec![column.clone(), "category".to_owned(), text]
            }
            Input::Code { column, categories } => {
                let text = format!("number among {}: {}", categories.len(), categories.join(", "));
                vec![column.clone(), "code".to_owned(), text]
            }
            Input::Text { column } => vec![column.clone(), "text".to_owned(), String::new()],
            Input::Image(image) => {
                let text = if image.height > 0 {
                    format!("{} × {} × {}", image.height, image.width, image.channels)
                } else {
                    "as the model's folder says".to_owned()
                };
                vec![image.column.clone(), "image".to_owned(), text]
            }
        });
    }
    grid
}
