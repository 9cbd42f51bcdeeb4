//! The right side: the verdict, and beneath it events, reasons or the ledger.

use egui::{Rect, Ui};

use super::memory::RehearseMemory;
use super::screen::RehearseView;
use super::verdict_card::verdict_card_ui;
use super::{events, ledger, notes, why};
use crate::app::Commands;
use crate::ui::theme::GAP;
use crate::ui::widgets::filled_card;

/// What the lower card shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Events,
    Why,
    Ledger,
    Notes,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Events, Self::Why, Self::Ledger, Self::Notes];

    fn label(self) -> &'static str {
        match self {
            Self::Events => "Events",
            Self::Why => "Checks",
            Self::Ledger => "Ledger",
            Self::Notes => "Notes",
        }
    }
}

/// Fills `rect`. The two cards keep their heights whatever they hold.
pub fn inspector_ui(
    ui: &mut Ui,
    rect: Rect,
    view: &RehearseView<'_>,
    memory: &mut RehearseMemory,
    commands: &mut Commands,
) {
    let split = (rect.top() + rect.height() * 0.56).round();
    let upper = rect.with_max_y(split - GAP / 2.0);
    let lower = rect.with_min_y(split + GAP / 2.0);
    let end = view.playback.end();
    if let Some(card) = memory.card()
        && verdict_card_ui(ui, upper, card, view.recording, end, commands)
    {
        memory.tab = Tab::Why;
    }
    filled_card(ui, lower, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            for tab in Tab::ALL {
                ui.selectable_value(&mut memory.tab, tab, tab.label());
            }
        });
        ui.add_space(2.0);
        match memory.tab {
            Tab::Events => {
                events::events_ui(
                    ui,
                    view.recording,
                    view.playback.now(),
                    &mut memory.events,
                    commands,
                );
            }
            Tab::Why => why::why_ui(ui, memory.card(), view.plan, commands),
            Tab::Ledger => ledger::ledger_ui(ui, memory.ledger()),
            Tab::Notes => notes::notes_ui(ui, view.notes, commands),
        }
    });
}
