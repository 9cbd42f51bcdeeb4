//! When requests arrive.

use egui::Ui;

use super::Page;
use crate::app::{Ask, Command};
use crate::domain::{Arrivals, SimSpan};
use crate::ui::form::{Field, Form};

const KINDS: [&str; 6] =
    ["Random (Poisson)", "Constant rate", "Bursts", "Daily wave", "Recorded times", "Trace file"];

/// Draws the kind and its fields.
pub fn arrivals_ui(ui: &mut Ui, page: &mut Page<'_>, arrivals: &mut Arrivals) {
    let kind = match arrivals {
        Arrivals::Poisson { .. } => 0,
        Arrivals::Constant { .. } => 1,
        Arrivals::Bursts { .. } => 2,
        Arrivals::DailyWave { .. } => 3,
        Arrivals::Recorded { .. } => 4,
        Arrivals::Trace { .. } => 5,
    };
    let field = Field::new("traffic.arrivals", "Arrivals")
        .help("Nobody waits for an answer before the next request comes: the loop is open");
    page.form.row(ui, &field, |form, ui| {
        if let Some(kind) = form.pick(ui, &field, 160.0, Some(kind), &KINDS) {
            *arrivals =
                of_kind(kind, arrivals.mean_rate().filter(|rate| rate.is_finite()).unwrap_or(40.0));
        }
    });
    match arrivals {
        Arrivals::Trace { .. } => trace_ui(ui, page, arrivals),
        Arrivals::Recorded { speed_up } => {
            page.form.value(ui, &faster("recorded.speed_up"), speed_up);
            page.form.problems_ui(ui, "data.time");
        }
        _ => rates_ui(ui, &mut page.form, arrivals),
    }
}

fn of_kind(kind: usize, per_second: f64) -> Arrivals {
    match kind {
        0 => Arrivals::Poisson { per_second },
        1 => Arrivals::Constant { per_second },
        2 => Arrivals::Bursts {
            per_second,
            burst_per_second: 3.0 * per_second,
            every: SimSpan::from_secs(120),
            lasts: SimSpan::from_secs(20),
        },
        3 => Arrivals::DailyWave {
            trough: per_second / 2.0,
            peak: per_second * 1.5,
            period: SimSpan::from_secs(600),
        },
        4 => Arrivals::Recorded { speed_up: 1.0 },
        _ => Arrivals::Trace {
            path: String::new(),
            column: String::new(),
            unit: SimSpan::from_secs(1),
            speed_up: 1.0,
        },
    }
}

fn at(name: &str, label: &'static str) -> Field {
    Field::new(format!("traffic.arrivals.{name}"), label)
}

fn rate(name: &str, label: &'static str) -> Field {
    at(name, label).unit("per second")
}

fn faster(name: &str) -> Field {
    at(name, "Speed-up").unit("×").help("How many times faster than they were recorded").usual(&1.0)
}

fn rates_ui(ui: &mut Ui, form: &mut Form<'_>, arrivals: &mut Arrivals) {
    match arrivals {
        Arrivals::Poisson { per_second } => {
            form.value(ui, &rate("poisson.per_second", "Rate"), per_second);
        }
        Arrivals::Constant { per_second } => {
            form.value(ui, &rate("constant.per_second", "Rate"), per_second);
        }
        Arrivals::Bursts { per_second, burst_per_second, every, lasts } => {
            form.value(ui, &rate("bursts.per_second", "Rate"), per_second);
            form.value(ui, &rate("bursts.burst_per_second", "Rate in a burst"), burst_per_second);
            form.value(ui, &at("bursts.every", "A burst every"), every);
            form.value(ui, &at("bursts.lasts", "It lasts"), lasts);
        }
        Arrivals::DailyWave { trough, peak, period } => {
            form.value(ui, &rate("daily_wave.trough", "Lowest rate"), trough);
            form.value(ui, &rate("daily_wave.peak", "Highest rate"), peak);
            form.value(ui, &at("daily_wave.period", "One wave takes"), period);
        }
        Arrivals::Recorded { .. } | Arrivals::Trace { .. } => {}
    }
}

fn trace_ui(ui: &mut Ui, page: &mut Page<'_>, arrivals: &mut Arrivals) {
    let Arrivals::Trace { path, column, unit, speed_up } = arrivals else { return };
    let file = at("trace.path", "File").hint("CSV or Parquet, one arrival a row");
    page.form.row(ui, &file, |form, ui| {
        let width = (ui.available_width() - 84.0).max(60.0);
        form.cell(ui, &file, width, path);
        if ui.button("Choose…").clicked() {
            page.commands.push(Command::Choose(Ask::Trace));
        }
    });
    let form = &mut page.form;
    form.value(ui, &at("trace.column", "Column of times"), column);
    let one = at("trace.unit", "One unit is").help("Time columns need none");
    form.value(ui, &one, unit);
    form.value(ui, &faster("trace.speed_up"), speed_up);
}
