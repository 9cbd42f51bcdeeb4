//! The whole screen: diagram and charts in the middle, verdict at the right, time at the bottom.

use egui::{
    Align, Area, Layout, Order, Rect, RichText, ScrollArea, Sense, Ui, UiBuilder, Vec2, vec2,
};

use super::charts::{Charts, Timing, charts_ui};
use super::inspector::inspector_ui;
use super::memory::RehearseMemory;
use super::stage_strip::{self, stage_strip_ui};
use super::timeline::{self, Flags, timeline_ui};
use super::traffic::{Scene, View, traffic_ui};
use super::transport::{self, transport_ui};
use super::verdict_card::headline_status;
use crate::app::{Commands, Note, Playback};
use crate::domain::{Plan, Recording, SimTime};
use crate::ui::theme::{CARD_MARGIN, GAP, Tokens};
use crate::ui::widgets::filled_card;

/// In less space than this nothing could be read.
const LEAST: Vec2 = vec2(720.0, 500.0);
/// Below this width of the window the inspector folds away.
const FOLD_BELOW: f32 = 1_200.0;
const INSPECTOR_WIDTH: f32 = 324.0;
const BAR_HEIGHT: f32 = 36.0;
const BAND_MARGIN: f32 = 10.0;

/// What the screen shows.
#[derive(Clone, Copy)]
pub struct RehearseView<'a> {
    /// Another number for another run: what is kept from frame to frame is then computed anew.
    pub run: u64,
    pub plan: &'a Plan,
    pub recording: &'a Recording,
    pub playback: &'a Playback,
    pub notes: &'a [Note],
    /// Runs that leave this one or that it left: when, and their place among the session's runs.
    pub forks: &'a [(SimTime, usize)],
    /// Stills instead of moving dots.
    pub is_still: bool,
}

/// Where the parts lie, for those who point at them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RehearsePlaces {
    /// Stages and diagram.
    pub diagram: Rect,
    pub charts: Rect,
    /// The inspector, or the bar that stands for it.
    pub verdict: Rect,
    /// Transport and timeline.
    pub time: Rect,
    pub is_folded: bool,
}

/// Draws the screen into all the space there is; where that is too little, it can be scrolled.
pub fn rehearse_ui(
    ui: &mut Ui,
    view: &RehearseView<'_>,
    memory: &mut RehearseMemory,
    commands: &mut Commands,
) -> RehearsePlaces {
    memory.follow(view);
    let space = ui.available_rect_before_wrap();
    if space.width() >= LEAST.x && space.height() >= LEAST.y {
        return parts_ui(ui, space, view, memory, commands);
    }
    let scroll = ScrollArea::both().auto_shrink(false).show(ui, |ui| {
        let (rect, _) = ui.allocate_exact_size(space.size().max(LEAST), Sense::hover());
        parts_ui(ui, rect, view, memory, commands)
    });
    scroll.inner
}

fn parts_ui(
    ui: &mut Ui,
    space: Rect,
    view: &RehearseView<'_>,
    memory: &mut RehearseMemory,
    commands: &mut Commands,
) -> RehearsePlaces {
    let is_folded = ui.ctx().content_rect().width() < FOLD_BELOW;
    let places = places(space, is_folded);
    diagram_ui(ui, places.diagram, view, memory, commands);
    let end = view.playback.end();
    if view.playback.is_playing() {
        memory.charts.view.follow(view.playback.now(), end);
    }
    let timing = Timing {
        now: view.playback.now(),
        end,
        stages: &memory.spans,
        events: &memory.ticks,
        shows_ahead: memory.shows_ahead,
        range: memory.charts.view.range(end),
        pointed: memory.charts.view.pointed,
    };
    let charts =
        Charts { recording: view.recording, figures: &memory.figures, known: &memory.known };
    charts_ui(ui, places.charts, charts, &timing, &mut memory.charts, commands);
    time_ui(ui, places.time, view, memory, commands);
    if is_folded {
        bar_ui(ui, places.verdict, memory);
        if memory.is_inspector_open {
            drawer_ui(ui, &places, view, memory, commands);
        }
    } else {
        inspector_ui(ui, places.verdict, view, memory, commands);
    }
    places
}

/// Fixed by the space alone, so that nothing jumps whatever happens in the run.
fn places(rect: Rect, is_folded: bool) -> RehearsePlaces {
    let rect = rect.shrink(GAP);
    let time_height = transport::HEIGHT + timeline::HEIGHT + 6.0 + 2.0 * BAND_MARGIN;
    let time = rect.with_min_y(rect.bottom() - time_height);
    let above = rect.with_max_y(time.top() - GAP);
    let (verdict, middle) = if is_folded {
        let bar = above.with_max_y(above.top() + BAR_HEIGHT);
        (bar, above.with_min_y(bar.bottom() + GAP))
    } else {
        let inspector = above.with_min_x(above.right() - INSPECTOR_WIDTH);
        (inspector, above.with_max_x(inspector.left() - GAP))
    };
    let height = (middle.height() * 0.45).clamp(176.0, 330.0).round();
    let diagram = middle.with_max_y(middle.top() + height);
    let charts = middle.with_min_y(diagram.bottom() + GAP);
    RehearsePlaces { diagram, charts, verdict, time, is_folded }
}

fn diagram_ui(
    ui: &mut Ui,
    rect: Rect,
    view: &RehearseView<'_>,
    memory: &RehearseMemory,
    commands: &mut Commands,
) {
    filled_card(ui, rect, |ui| {
        let inner = ui.max_rect();
        let strip = inner.with_max_y(inner.top() + stage_strip::HEIGHT);
        let now = view.playback.now();
        stage_strip_ui(ui, strip, view.recording, &memory.spans, now, commands);
        let Some(recent) = memory.recent() else { return };
        let scene = Scene::new(&View {
            recording: view.recording,
            plan: view.plan,
            flow: &memory.flow,
            recent,
            now,
            speed: view.playback.speed(),
            is_still: view.is_still,
            split: memory.card().map(|card| card.split.word),
        });
        traffic_ui(ui, inner.with_min_y(strip.bottom() + 8.0), &scene);
    });
}

fn time_ui(
    ui: &mut Ui,
    rect: Rect,
    view: &RehearseView<'_>,
    memory: &mut RehearseMemory,
    commands: &mut Commands,
) {
    filled_card(ui, rect, |ui| {
        let inner = rect.shrink2(vec2(f32::from(CARD_MARGIN), BAND_MARGIN));
        let top = inner.with_max_y(inner.top() + transport::HEIGHT);
        let mut buttons = ui.new_child(UiBuilder::new().max_rect(top));
        let seed = view.plan.seed;
        transport_ui(&mut buttons, view.playback, seed, &mut memory.shows_ahead, commands);
        let bottom = inner.with_min_y(top.bottom() + 6.0);
        let flags = Flags { notes: view.notes, forks: view.forks };
        timeline_ui(ui, bottom, view.recording, &memory.spans, view.playback, flags, commands);
    });
}

/// The verdict in one line, while there is no room for the inspector.
fn bar_ui(ui: &mut Ui, rect: Rect, memory: &mut RehearseMemory) {
    let tokens = Tokens::of(ui);
    filled_card(ui, rect, |ui| {
        let inner = rect.shrink2(vec2(f32::from(CARD_MARGIN), 4.0));
        let layout = Layout::right_to_left(Align::Center);
        let mut line = ui.new_child(UiBuilder::new().max_rect(inner).layout(layout));
        let details = egui::Button::new("Details").selected(memory.is_inspector_open);
        if line.add(details).on_hover_text("Verdict, events, gate checks and ledger").clicked() {
            memory.is_inspector_open = !memory.is_inspector_open;
        }
        let Some(card) = memory.card() else { return };
        line.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let status = headline_status(card.headline);
            let text = RichText::new(status.text(card.headline.label()));
            ui.label(text.font(crate::ui::theme::semibold(16.0)).color(status.colour(tokens)));
            ui.add(egui::Label::new(&card.sentence).truncate());
        });
    });
}

/// The inspector over the charts, in a narrow window.
fn drawer_ui(
    ui: &Ui,
    places: &RehearsePlaces,
    view: &RehearseView<'_>,
    memory: &mut RehearseMemory,
    commands: &mut Commands,
) {
    let top = places.verdict.bottom() + GAP;
    let left = places.verdict.right() - INSPECTOR_WIDTH;
    let rect = Rect::from_min_max(
        egui::pos2(left, top),
        egui::pos2(places.verdict.right(), places.charts.bottom()),
    );
    let area =
        Area::new(ui.scope_id().with("inspector")).order(Order::Foreground).fixed_pos(rect.min);
    area.show(ui.ctx(), |ui| {
        ui.set_min_size(rect.size());
        let tokens = Tokens::of(ui);
        ui.painter().rect_filled(rect.expand(GAP / 2.0), 10.0, tokens.ground);
        inspector_ui(ui, rect, view, memory, commands);
    });
}

#[cfg(test)]
mod tests {
    use egui::{Pos2, Theme, Vec2};
    use egui_kittest::kittest::Queryable as _;

    use super::super::fixture;
    use super::*;
    use crate::app::{Command, PlaybackCommand};
    use crate::domain::StrategyKind;
    use crate::ui::testing::Screen;

    struct Shown {
        plan: Plan,
        recording: Recording,
        playback: Playback,
        memory: RehearseMemory,
        commands: Commands,
    }

    fn screen(kind: StrategyKind, secs: u64, theme: Theme, size: Vec2) -> Screen<'static, Shown> {
        shown(fixture::plan(kind), fixture::recording(kind), secs, theme, size)
    }

    fn shown(
        plan: Plan,
        recording: Recording,
        secs: u64,
        theme: Theme,
        size: Vec2,
    ) -> Screen<'static, Shown> {
        let playback = fixture::playback(&recording, secs);
        let (memory, commands) = Default::default();
        let shown = Shown { plan, recording, playback, memory, commands };
        Screen::new(theme, size, shown, |ui, shown| {
            let view = RehearseView {
                run: 1,
                plan: &shown.plan,
                recording: &shown.recording,
                playback: &shown.playback,
                notes: &[],
                forks: &[],
                is_still: false,
            };
            rehearse_ui(ui, &view, &mut shown.memory, &mut shown.commands);
        })
    }

    const SMALL: Vec2 = vec2(1_024.0, 640.0);
    const LARGE: Vec2 = vec2(1_600.0, 1_000.0);

    #[test]
    fn every_part_has_room_at_every_size() {
        for (size, is_folded) in [(vec2(894.0, 576.0), true), (vec2(1_470.0, 930.0), false)] {
            let whole = Rect::from_min_size(Pos2::ZERO, size);
            let places = places(whole, is_folded);
            let parts = [places.diagram, places.charts, places.verdict, places.time];
            for (k, part) in parts.iter().enumerate() {
                assert!(whole.contains_rect(*part) && part.width() > 250.0, "{part}");
                assert!(parts.iter().skip(k + 1).all(|other| !part.intersects(*other)));
            }
            assert!(places.charts.height() >= 140.0, "{}", places.charts.height());
        }
    }

    #[test]
    fn the_screen_plays_steps_and_tells_the_traffic() {
        let mut screen = screen(StrategyKind::Canary, 138, Theme::Dark, LARGE);
        screen.harness.get_by_label_contains("25 % to B risk v2");
        screen.harness.get_by_label_contains("Chart Accuracy: A 8");
        screen.harness.get_by_label("Play (Space)").click();
        screen.harness.run();
        screen.harness.get_by_label("Next event (E)").click();
        screen.harness.run();
        screen.harness.get_by_label_contains("Stage Canary 5 %").click();
        screen.harness.run();
        let seek = PlaybackCommand::Seek(SimTime::from_secs(32));
        let wanted =
            [PlaybackCommand::Toggle, PlaybackCommand::NextEvent, seek].map(Command::Playback);
        assert_eq!(screen.harness.state().commands.list(), wanted);
    }

    #[test]
    fn a_click_in_a_chart_and_a_drag_on_the_ruler_move_time() {
        let mut screen = screen(StrategyKind::Canary, 138, Theme::Dark, LARGE);
        screen.harness.get_by_label_contains("Chart Error rate").click();
        screen.harness.run();
        let [Command::Playback(PlaybackCommand::Seek(at))] = screen.harness.state().commands.list()
        else {
            panic!("{:?}", screen.harness.state().commands)
        };
        assert!((100.0..220.0).contains(&at.as_secs_f64()), "{at}");
        let ruler = screen.harness.get_by_label("Range to repeat").rect();
        let at = |share: f32| egui::pos2(egui::lerp(ruler.x_range(), share), ruler.center().y);
        screen.harness.drag_at(at(0.3));
        screen.harness.run();
        screen.harness.hover_at(at(0.5));
        screen.harness.run();
        screen.harness.drop_at(at(0.5));
        screen.harness.run();
        let commands = screen.harness.state().commands.list();
        let is_loop = |c: &Command| matches!(c, Command::Playback(PlaybackCommand::Loop(Some(_))));
        assert!(commands.iter().any(is_loop), "{commands:?}");
    }

    #[test]
    fn a_narrow_window_keeps_the_verdict_and_unfolds_the_rest() {
        let mut screen = screen(StrategyKind::Canary, 310, Theme::Light, SMALL);
        assert!(screen.harness.query_by_label("Split check").is_none());
        screen.harness.get_by_label("✓ Promote");
        screen.harness.get_by_label("Details").click();
        screen.harness.run();
        screen.harness.get_by_label("Split check");
        screen.harness.get_by_label("Ledger").click();
        screen.harness.run();
        screen.harness.get_by_label("Requests exposed");
        screen.save("rehearse-drawer");
    }

    #[test]
    fn an_idle_screen_asks_for_no_frame() {
        let mut screen = screen(StrategyKind::Shadow, 100, Theme::Dark, LARGE);
        screen.harness.run();
        assert!(screen.harness.try_run().is_ok_and(|frames| frames <= 1));
    }

    /// Draws every strategy in both themes and sizes when pictures are wanted; else it is enough
    /// that nothing panics and no sign is missing in our fonts.
    #[test]
    fn every_strategy_can_be_shown_in_both_themes_and_sizes() {
        for theme in [Theme::Dark, Theme::Light] {
            for kind in StrategyKind::ALL {
                for (name, size) in [("small", SMALL), ("large", LARGE)] {
                    let screen = screen(kind, 152, theme, size);
                    screen.save(&format!("rehearse-{}-{name}", kind.label().replace('/', "")));
                }
            }
            let (plan, recording) = fixture::batch();
            shown(plan, recording, 127, theme, LARGE).save("rehearse-batch-large");
            screen(StrategyKind::BlueGreen, 121, theme, LARGE).save("rehearse-switching");
            screen(StrategyKind::Canary, 0, theme, LARGE).save("rehearse-start");
        }
    }
}
