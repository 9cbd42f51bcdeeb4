//! What can be done with a chart: show something else, read it as a table, take it along.

use std::sync::Arc;

use egui::{Popup, Rect, Response, Theme, Ui, UiBuilder, pos2, vec2};

use super::chart::{Timing, chart_ui, label_width};
use super::{Charts, ChartsMemory, table};
use crate::app::{Ask, ChartFile, Command, Commands};
use crate::picture::encoded;
use crate::report;
use crate::report::figures::Figure;
use crate::ui::still;
use crate::ui::theme::{LIGHT, RADIUS, small};
use crate::ui::widgets::{Icon, icon_button};

/// Size of an exported picture in points, and its pixels per point.
const PICTURE: egui::Vec2 = vec2(720.0, 360.0);
const SHARPNESS: f32 = 2.0;

/// A chart, and what else could stand in its place.
pub struct Subject<'a> {
    pub figure: &'a Figure,
    /// Its place among the charts.
    pub number: usize,
    pub charts: Charts<'a>,
    pub timing: &'a Timing<'a>,
}

/// The menu of a chart at `rect`: by right-click, and by a button that keys reach too.
pub fn menu_ui(
    ui: &mut Ui,
    rect: Rect,
    chart: &Response,
    subject: &Subject<'_>,
    memory: &mut ChartsMemory,
    commands: &mut Commands,
) {
    let size = vec2(26.0, 18.0);
    let place = Rect::from_min_size(pos2(rect.right() - size.x + 6.0, rect.top() - 3.0), size);
    let mut corner = ui.new_child(UiBuilder::new().max_rect(place));
    corner.spacing_mut().interact_size.y = size.y;
    let label = format!("More about {}", subject.figure.title);
    let button = icon_button(&mut corner, Icon::More, &label);
    Popup::menu(&button).show(|ui| items_ui(ui, subject, memory, commands));
    chart.context_menu(|ui| items_ui(ui, subject, memory, commands));
}

fn items_ui(
    ui: &mut Ui,
    subject: &Subject<'_>,
    memory: &mut ChartsMemory,
    commands: &mut Commands,
) {
    let Subject { figure, number, charts, timing } = subject;
    ui.menu_button("Show instead", |ui| {
        egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            if ui.selectable_label(!memory.chosen.contains_key(number), "The usual").clicked() {
                memory.chosen.remove(number);
            }
            for metric in charts.known {
                let is_shown = figure.metric == Some(*metric);
                if ui.selectable_label(is_shown, metric.label()).clicked() {
                    memory.chosen.insert(*number, *metric);
                }
            }
        });
    });
    if ui.button("Show as table").clicked() {
        memory.table = Some((*number, None));
    }
    if ui.add_enabled(!memory.view.is_whole(), egui::Button::new("Show the whole run")).clicked() {
        memory.view.show_all();
    }
    ui.menu_button("Explain this chart", |ui| {
        ui.set_max_width(300.0);
        ui.label(small(figure.explanation()));
    });
    ui.separator();
    if ui.button("Copy image").clicked() {
        ui.ctx().copy_image(picture(figure, timing));
    }
    if ui.button("Copy as CSV").clicked() {
        ui.ctx().copy_text(table::csv(figure));
    }
    ui.separator();
    let mut export = |ui: &mut Ui, ending: &'static str, bytes: &dyn Fn() -> Vec<u8>| {
        if ui.button(format!("Export {}…", ending.to_uppercase())).clicked() {
            let stem = figure.title.to_lowercase().replace(' ', "-");
            let chart = ChartFile { stem, ending, bytes: Arc::new(bytes()) };
            commands.push(Command::Choose(Ask::Chart(chart)));
        }
    };
    export(ui, "png", &|| encoded(&picture(figure, timing)));
    export(ui, "svg", &|| report::drawing::chart(figure, charts.recording).svg().into_bytes());
    export(ui, "csv", &|| table::csv(figure).into_bytes());
}

/// The chart by itself, in the light theme.
fn picture(figure: &Figure, timing: &Timing<'_>) -> egui::ColorImage {
    let timing = Timing { pointed: None, ..*timing };
    still::picture(Theme::Light, PICTURE, SHARPNESS, |ui| {
        let whole = Rect::from_min_size(egui::Pos2::ZERO, PICTURE);
        ui.painter().rect_filled(whole, RADIUS, LIGHT.card);
        let mut unused = Commands::default();
        let labels = label_width(ui, std::slice::from_ref(figure));
        chart_ui(ui, whole.shrink(16.0), figure, &timing, labels, &mut unused);
    })
}
