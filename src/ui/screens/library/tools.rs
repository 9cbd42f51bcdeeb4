//! Search and filters.

use std::collections::BTreeSet;

use egui::{ComboBox, Margin, Role, TextEdit, Ui, WidgetInfo};

use super::LibraryMemory;
use crate::app::{Command, Commands, LibraryView, State};
use crate::domain::{OutcomeKind, StrategyKind};
use crate::store::Summary;

const OUTCOMES: [OutcomeKind; 6] = [
    OutcomeKind::Promoted,
    OutcomeKind::Aborted,
    OutcomeKind::RolledBack,
    OutcomeKind::Kept,
    OutcomeKind::Held,
    OutcomeKind::Observed,
];

pub(super) fn tools_ui(
    ui: &mut Ui,
    state: &State,
    list: &[Summary],
    memory: &mut LibraryMemory,
    commands: &mut Commands,
) {
    let mut view = state.settings.library.clone();
    ui.horizontal_wrapped(|ui| {
        let field = TextEdit::singleline(&mut memory.search)
            .hint_text("Search all words, tags and notes")
            .margin(Margin::symmetric(8, 5))
            .desired_width(260.0);
        let field = ui.add(field);
        field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Search"));
        if field.changed() {
            commands.push(Command::SearchLibrary(memory.search.clone()));
        }
        filters_ui(ui, list, &mut view);
    });
    if view != state.settings.library {
        commands.push(Command::SetLibraryView(Box::new(view)));
    }
}

fn filters_ui(ui: &mut Ui, list: &[Summary], view: &mut LibraryView) {
    let strategies = StrategyKind::ALL.map(|kind| (kind, kind.label().to_owned()));
    choice_ui(ui, "Any strategy", "Strategy", &strategies, &mut view.strategy);
    let outcomes = OUTCOMES.map(|kind| (kind, kind.label().to_owned()));
    choice_ui(ui, "Any outcome", "Outcome", &outcomes, &mut view.outcome);
    let tags: BTreeSet<&String> = list.iter().flat_map(|one| &one.tags).collect();
    if !tags.is_empty() || view.tag.is_some() {
        let tags: Vec<(String, String)> =
            tags.into_iter().map(|tag| (tag.clone(), tag.clone())).collect();
        choice_ui(ui, "Any tag", "Tag", &tags, &mut view.tag);
    }
    ui.checkbox(&mut view.is_tree, "Forks as a tree");
    ui.checkbox(&mut view.shows_archived, "Archived too");
}

/// One of `choices`, or any.
fn choice_ui<T: Clone + PartialEq>(
    ui: &mut Ui,
    any: &str,
    name: &str,
    choices: &[(T, String)],
    chosen: &mut Option<T>,
) {
    let shown = choices.iter().find(|(choice, _)| Some(choice) == chosen.as_ref());
    let shown = shown.map_or(any, |(_, label)| label.as_str());
    let combo = ComboBox::from_id_salt(name).width(96.0).selected_text(shown);
    let response = combo.show_ui(ui, |ui| {
        ui.selectable_value(chosen, None, any);
        for (choice, label) in choices {
            ui.selectable_value(chosen, Some(choice.clone()), label);
        }
    });
    let label = format!("{name}: {shown}");
    response.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
}
