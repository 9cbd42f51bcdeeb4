//! Notices as they come: faults as cards at the lower right that stay until they are dismissed, what
//! went well in the status line, where it covers nothing and leaves by itself.

use std::time::Duration;

use egui::{Align2, Area, Context, Frame, Id, Label, Order, Ui, Vec2, vec2};

use super::status_line;
use crate::app::{Command, Commands, Level, Notice, Overlay, State};
use crate::ui::theme::{CARD_MARGIN, Tokens};
use crate::ui::widgets::{Icon, Status, card_frame, icon_button};

/// More of them would hide the screen; the history has all.
const MOST_SHOWN: usize = 3;
const WIDTH: f32 = 340.0;

/// When each toast was first seen.
#[derive(Default)]
pub struct ToastClock {
    seen: Vec<(usize, f64)>,
}

impl ToastClock {
    fn seen_at(&mut self, place: usize, now: f64) -> f64 {
        if let Some((_, at)) = self.seen.iter().find(|(known, _)| *known == place) {
            return *at;
        }
        self.seen.push((place, now));
        now
    }
}

pub fn status_of(level: Level) -> Status {
    match level {
        Level::Done => Status::Pass,
        Level::Note => Status::Neutral,
        Level::Fault => Status::Fail,
    }
}

/// Seconds that a toast stays; a fault stays until it is dismissed.
fn stay_secs(notice: &Notice) -> Option<f64> {
    match notice.level {
        Level::Fault => None,
        // About as long as it takes to read.
        Level::Done | Level::Note => Some(3.0 + notice.text.len() as f64 / 20.0),
    }
}

/// The newest notice that leaves by itself.
pub fn passing(state: &State) -> Option<&Notice> {
    let (_, notice) = state.notices.toasts().filter(|(_, notice)| !is_card(notice)).last()?;
    Some(notice)
}

fn is_card(notice: &Notice) -> bool {
    notice.level == Level::Fault
}

/// Shows the newest faults and takes back the notices that were seen long enough.
pub fn toasts_ui(ctx: &Context, state: &State, clock: &mut ToastClock, commands: &mut Commands) {
    if state.overlay == Some(Overlay::Notices) {
        return;
    }
    let now = ctx.input(|input| input.time);
    let shown: Vec<(usize, &Notice)> = state.notices.toasts().collect();
    clock.seen.retain(|(place, _)| shown.iter().any(|(known, _)| known == place));
    for (place, notice) in &shown {
        let Some(stay) = stay_secs(notice) else { continue };
        let left = clock.seen_at(*place, now) + stay - now;
        if left <= 0.0 {
            commands.push(Command::DismissNotice(*place));
        } else {
            ctx.request_repaint_after(Duration::from_secs_f64(left));
        }
    }
    let cards: Vec<_> = shown.into_iter().filter(|(_, notice)| is_card(notice)).collect();
    if cards.is_empty() {
        return;
    }
    Area::new(Id::unique("toasts"))
        .order(Order::Tooltip)
        .anchor(Align2::RIGHT_BOTTOM, Vec2::new(-12.0, -status_line::HEIGHT - 12.0))
        .show(ctx, |ui| {
            for (place, notice) in cards.into_iter().rev().take(MOST_SHOWN).rev() {
                toast_ui(ui, place, notice, commands);
            }
        });
}

fn toast_ui(ui: &mut Ui, place: usize, notice: &Notice, commands: &mut Commands) {
    let tokens = Tokens::of(ui);
    let shadow = ui.visuals().popup_shadow;
    let frame: Frame = card_frame(tokens).fill(tokens.raised).shadow(shadow);
    frame.show(ui, |ui| {
        ui.set_width(WIDTH);
        ui.push_id(place, |ui| {
            ui.horizontal_top(|ui| {
                let status = status_of(notice.level);
                ui.label(crate::ui::theme::strong(status.glyph()).color(status.colour(tokens)));
                let text = vec2(ui.available_width() - 40.0, 0.0);
                ui.allocate_ui(text, |ui| ui.add(Label::new(&notice.text).wrap()));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
                    if icon_button(ui, Icon::Close, "Dismiss").clicked() {
                        commands.push(Command::DismissNotice(place));
                    }
                });
            });
            details_ui(ui, notice);
        });
    });
    ui.add_space(f32::from(CARD_MARGIN) / 2.0);
}

/// What folds out: why, what to do, and a way to copy it all.
pub fn details_ui(ui: &mut Ui, notice: &Notice) {
    let Some(details) = &notice.details else { return };
    let tokens = Tokens::of(ui);
    ui.collapsing("Details", |ui| {
        ui.add(Label::new(egui::RichText::new(details).color(tokens.subdued)).wrap());
        if ui.small_button("Copy").clicked() {
            ui.ctx().copy_text(format!("{}\n{details}", notice.text));
        }
    });
}
