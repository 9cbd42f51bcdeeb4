//! Windows, segments and events of a recording as tables for other programs.
//!
//! Times are seconds from the start, latencies milliseconds, shares 0 to 1; what is undefined is
//! missing.

use std::collections::BTreeMap;

use super::json::key_of;
use crate::domain::{
    ArmId, ArmWindow, Column, EventKind, Metric, Recording, SimTime, Table, Values, Window,
};

/// Which of a recording's series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// One row per window and arm, with every metric.
    Windows,
    /// One row per window, arm and segment.
    Segments,
    /// One row per event.
    Events,
}

impl Series {
    pub const ALL: [Self; 3] = [Self::Windows, Self::Segments, Self::Events];

    /// A file's name without its ending.
    pub fn name(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::Segments => "segments",
            Self::Events => "events",
        }
    }

    pub fn table(self, recording: &Recording) -> Table {
        match self {
            Self::Windows => windows(recording),
            Self::Segments => segments(recording),
            Self::Events => events(recording),
        }
    }
}

/// Counters and states that no metric repeats.
type Counter = (&'static str, fn(&ArmWindow) -> f64);
const COUNTERS: [Counter; 19] = [
    ("requested_share", |arm| arm.requested),
    ("feasible_share", |arm| arm.feasible),
    ("mirrored", |arm| arm.mirrored as f64),
    ("mirror_dropped", |arm| arm.mirror_dropped as f64),
    ("mirror_failed", |arm| arm.mirror_failed as f64),
    ("answered", |arm| arm.answered as f64),
    ("errors", |arm| arm.errors as f64),
    ("timeouts", |arm| arm.timeouts as f64),
    ("rejected", |arm| arm.rejected as f64),
    ("ready_replicas", |arm| f64::from(arm.ready_replicas)),
    ("replica_seconds", |arm| arm.replica_time as f64 / 1e6),
    ("downtime_seconds", |arm| arm.downtime as f64 / 1e6),
    ("units_since_start", |arm| arm.units as f64),
    ("answers", |arm| arm.total_quality().answers as f64),
    ("labelled", |arm| arm.total_quality().labelled as f64),
    ("correct", |arm| arm.total_quality().correct as f64),
    ("harm", |arm| arm.total_quality().harm as f64),
    ("gain", |arm| arm.total_quality().gain as f64),
    ("agree", |arm| arm.total_quality().agree as f64),
];

/// One row per window and arm, with every counter and metric.
fn windows(recording: &Recording) -> Table {
    let mut sheet = Sheet::default();
    for_each_arm(recording, |place, window, id, arm| {
        sheet.window(recording, place, window, id);
        for (name, count) in COUNTERS {
            sheet.number(name, Some(count(arm)));
        }
        for metric in Metric::ALL {
            sheet.number(&column_of(metric), window.metric(id, metric));
        }
    });
    sheet.finish()
}

/// One row per window, arm and segment, with the metrics that segments have.
fn segments(recording: &Recording) -> Table {
    let mut sheet = Sheet::default();
    for_each_arm(recording, |place, window, id, arm| {
        for (segment, quality) in arm.quality.iter().enumerate() {
            sheet.window(recording, place, window, id);
            sheet.text("segment", recording.segments.get(segment).map_or("", String::as_str));
            sheet.number("answers", Some(quality.answers as f64));
            sheet.number("labelled", Some(quality.labelled as f64));
            for metric in Metric::ALL.into_iter().filter(|metric| is_of_segments(*metric)) {
                sheet.number(&column_of(metric), arm.segment_metric(segment, metric));
            }
        }
    });
    sheet.finish()
}

/// One row per event; gate measurements carry their numbers.
fn events(recording: &Recording) -> Table {
    let mut sheet = Sheet::default();
    let arm_name = |id: ArmId| recording.arms.get(id.index()).map_or("", String::as_str);
    for event in &recording.events {
        let text = event.kind.sentence(&recording.arms, &recording.gates, &recording.stages);
        let measured = match &event.kind {
            EventKind::Measured(measured) => Some(measured),
            _ => None,
        };
        let gate = measured.and_then(|m| recording.gates.get(usize::from(m.gate)));
        sheet.number("at_seconds", Some(seconds(event.at)));
        sheet.text("kind", &kind_of(&event.kind));
        sheet.text("text", &text);
        sheet.text("arm", measured.map_or("", |m| arm_name(m.arm)));
        sheet.text("gate", gate.map_or("", String::as_str));
        sheet.number("value", measured.and_then(|m| m.value));
        sheet.number("baseline", measured.and_then(|m| m.baseline));
        sheet.number("limit", measured.and_then(|m| m.limit));
        sheet.number("samples", measured.map(|m| m.samples as f64));
        sheet.text("verdict", &measured.map_or(String::new(), |m| key_of(&m.verdict)));
    }
    sheet.finish()
}

fn for_each_arm(recording: &Recording, mut visit: impl FnMut(usize, &Window, ArmId, &ArmWindow)) {
    for (place, window) in recording.windows.iter().enumerate() {
        for (arm, of_arm) in window.arms.iter().enumerate() {
            visit(place, window, ArmId::new(arm), of_arm);
        }
    }
}

/// Latencies, queues and areas are kept for a whole arm only.
fn is_of_segments(metric: Metric) -> bool {
    let of_answers = matches!(metric, Metric::Agreement | Metric::PositiveRate | Metric::Value);
    let is_area = matches!(metric, Metric::RocAuc | Metric::PrAuc);
    (metric.needs_labels() || of_answers) && !is_area
}

/// The metric's name in a plan, with its unit where it is a time.
pub(super) fn column_of(metric: Metric) -> String {
    let name = key_of(&metric);
    if metric.is_latency() { format!("{name}_ms") } else { name }
}

/// The variant's name in a plan's spelling.
pub(super) fn kind_of(kind: &EventKind) -> String {
    match serde_json::to_value(kind) {
        Ok(serde_json::Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

fn seconds(at: SimTime) -> f64 {
    at.as_secs_f64()
}

/// A table that grows cell by cell: the first row names the columns, and every other row fills the
/// same ones in the same order.
#[derive(Default)]
struct Sheet {
    columns: Vec<Growing>,
    /// The column that the next cell belongs to.
    next: usize,
}

struct Growing {
    name: String,
    cells: Cells,
}

enum Cells {
    Numbers(Vec<f64>),
    Texts { codes: Vec<u32>, dictionary: Vec<String>, known: BTreeMap<String, u32> },
}

impl Sheet {
    fn window(&mut self, recording: &Recording, place: usize, window: &Window, id: ArmId) {
        let name = |names: &[String], at: usize| names.get(at).cloned().unwrap_or_default();
        self.number("window", Some(place as f64));
        self.number("start_seconds", Some(seconds(window.start)));
        self.number("end_seconds", Some(seconds(window.end)));
        self.text("stage", &name(&recording.stages, usize::from(window.stage)));
        self.text("arm", &name(&recording.arms, id.index()));
    }

    fn number(&mut self, name: &str, value: Option<f64>) {
        let value = value.filter(|value| value.is_finite()).unwrap_or(f64::NAN);
        if let Cells::Numbers(cells) = self.column(name, || Cells::Numbers(Vec::new())) {
            cells.push(value);
        }
    }

    fn text(&mut self, name: &str, text: &str) {
        let new =
            || Cells::Texts { codes: Vec::new(), dictionary: Vec::new(), known: BTreeMap::new() };
        let Cells::Texts { codes, dictionary, known } = self.column(name, new) else { return };
        if text.is_empty() {
            codes.push(Values::MISSING);
            return;
        }
        let code = known.get(text).copied().unwrap_or_else(|| {
            let code = dictionary.len() as u32;
            dictionary.push(text.to_owned());
            known.insert(text.to_owned(), code);
            code
        });
        codes.push(code);
    }

    /// The column of this name: the next one in order, or a new one in the first row.
    fn column(&mut self, name: &str, new: impl FnOnce() -> Cells) -> &mut Cells {
        if self.columns.get(self.next).is_none_or(|column| column.name != name) {
            self.next =
                self.columns.iter().position(|column| column.name == name).unwrap_or_else(|| {
                    self.columns.push(Growing { name: name.to_owned(), cells: new() });
                    self.columns.len() - 1
                });
        }
        let place = self.next;
        self.next += 1;
        &mut self.columns[place].cells
    }

    fn finish(self) -> Table {
        let values = |cells| match cells {
            Cells::Numbers(values) => Values::Number(values),
            Cells::Texts { codes, dictionary, .. } => Values::Text { codes, dictionary },
        };
        let columns: Vec<Column> = self
            .columns
            .into_iter()
            .map(|column| Column { name: column.name, values: values(column.cells) })
            .collect();
        let rows = columns.first().map_or(0, |column| match &column.values {
            Values::Number(values) => values.len(),
            Values::Text { codes, .. } => codes.len(),
            Values::Time(_) | Values::Bytes(_) => 0,
        });
        Table { columns, rows, digest: String::new() }
    }
}
