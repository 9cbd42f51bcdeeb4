//! Things scripted to go wrong: one line each, opened for editing.

use egui::Ui;

use super::{Page, fault};
use crate::domain::{Fault, FaultKind, PlanDraft, SimSpan, SimTime};
use crate::ui::form::{Item, item_ui};
use crate::ui::notation;
use crate::ui::widgets::section;

/// Draws the card.
pub fn faults_ui(ui: &mut Ui, page: &mut Page<'_>, draft: &mut PlanDraft) {
    section(ui, "Faults", "scripted to go wrong");
    let names: Vec<String> = draft.arms.iter().map(|arm| arm.name.clone()).collect();
    let mut removed = None;
    for (place, fault) in draft.faults.iter_mut().enumerate() {
        let item = Item {
            kind: "fault",
            place,
            name: fault::KINDS.get(fault::kind_of(&fault.what)).copied().unwrap_or_default(),
            sentence: sentence(fault),
            is_wrong: page.form.concerns(&[&format!("faults[{place}]")]),
        };
        let (form, state) = (&mut page.form, page.state);
        let is_removed = item_ui(ui, &item, &mut page.open.fault, |ui| {
            let about = format!("fault {}", place + 1);
            form.about(about, |form| fault::fault_ui(ui, form, state, place, fault, &names));
        });
        if is_removed {
            removed = Some(place);
        }
    }
    if let Some(place) = removed {
        draft.faults.remove(place);
        page.open.fault = None;
    }
    ui.horizontal(|ui| {
        ui.menu_button("Add fault", |ui| {
            for (place, name) in fault::KINDS.iter().enumerate() {
                if ui.button(*name).clicked() {
                    draft.faults.push(new_fault(fault::of_kind(place), draft.traffic.duration));
                    page.open.fault = Some(draft.faults.len() - 1);
                    ui.close();
                }
            }
        });
    });
}

/// In the middle of the traffic, for a while.
fn new_fault(what: FaultKind, duration: SimSpan) -> Fault {
    let at = SimTime::from_secs((duration.as_secs_f64() / 2.0).round() as u64);
    Fault { at, lasts: Some(SimSpan::from_secs(60)), arm: None, what }
}

/// `At 05:00 for 1m: latency + 30ms in candidate`.
fn sentence(fault: &Fault) -> String {
    let lasts = fault.lasts.map_or_else(|| "to the end".to_owned(), |lasts| format!("for {lasts}"));
    let arm = match &fault.arm {
        _ if !fault.what.is_of_arm() => String::new(),
        Some(arm) => format!(" in {arm}"),
        None => " in B".to_owned(),
    };
    format!("At {} {lasts}: {}{arm}", notation::time(fault.at), fault.what.sentence())
}
