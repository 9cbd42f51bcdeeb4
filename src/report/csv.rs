//! Windows, segments and events of a recording as CSV, for notebooks and spreadsheets.
//!
//! Times are seconds from the start, latencies milliseconds, shares 0 to 1; what is undefined is an
//! empty cell.

use super::json::key_of;
use crate::domain::{ArmId, ArmWindow, EventKind, Metric, Recording, SimTime, Window};
use crate::stats::ledger::{Cell, Comparison};

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

/// One line per window and arm, with every counter and metric.
pub fn windows(recording: &Recording) -> String {
    let counters = COUNTERS.iter().map(|(name, _)| (*name).to_owned());
    let metrics = Metric::ALL.iter().map(|metric| column_of(*metric));
    let mut table = Table::new(window_head().chain(counters).chain(metrics));
    for_each_arm(recording, |place, window, id, arm| {
        let counters = COUNTERS.iter().map(|(_, count)| number(Some(count(arm))));
        let metrics = Metric::ALL.iter().map(|metric| number(window.metric(id, *metric)));
        let head = head_of(recording, place, window, id);
        table.push(head.into_iter().chain(counters).chain(metrics));
    });
    table.finish()
}

/// One line per window, arm and segment, with the metrics that segments have.
pub fn segments(recording: &Recording) -> String {
    let head = window_head().chain(["segment", "answers", "labelled"].map(str::to_owned));
    let metrics: Vec<Metric> = Metric::ALL.into_iter().filter(|m| is_of_segments(*m)).collect();
    let mut table = Table::new(head.chain(metrics.iter().map(|metric| column_of(*metric))));
    for_each_arm(recording, |place, window, id, arm| {
        for (segment, quality) in arm.quality.iter().enumerate() {
            let name = recording.segments.get(segment).cloned().unwrap_or_default();
            let counts = [name, quality.answers.to_string(), quality.labelled.to_string()];
            let values = metrics.iter().map(|metric| number(arm.segment_metric(segment, *metric)));
            let head = head_of(recording, place, window, id);
            table.push(head.into_iter().chain(counts).chain(values));
        }
    });
    table.finish()
}

/// One line per event; gate measurements carry their numbers.
pub fn events(recording: &Recording) -> String {
    let names = [
        "at_seconds",
        "kind",
        "text",
        "arm",
        "gate",
        "value",
        "baseline",
        "limit",
        "samples",
        "verdict",
    ];
    let mut table = Table::new(names.map(str::to_owned));
    let arm_name = |id: ArmId| recording.arms.get(id.index()).cloned().unwrap_or_default();
    for event in &recording.events {
        let text = event.kind.sentence(&recording.arms, &recording.gates, &recording.stages);
        let mut cells = vec![seconds(event.at), kind_of(&event.kind), text];
        if let EventKind::Measured(m) = &event.kind {
            cells.extend([
                arm_name(m.arm),
                recording.gates.get(usize::from(m.gate)).cloned().unwrap_or_default(),
                number(m.value),
                number(m.baseline),
                number(m.limit),
                m.samples.to_string(),
                key_of(&m.verdict),
            ]);
        }
        cells.resize(names.len(), String::new());
        table.push(cells);
    }
    table.finish()
}

/// Runs side by side: one line per measure, one column per run. Numbers where there are any: counts,
/// seconds, hours or money.
pub fn comparison(table: &Comparison) -> String {
    let mut csv = Table::new(std::iter::once("measure".to_owned()).chain(table.columns.clone()));
    for row in &table.rows {
        let cell = |cell: &Cell| match cell.number {
            Some(value) => number(Some(value)),
            None if row.cells.iter().any(|cell| cell.number.is_some()) => String::new(),
            None => cell.text.clone(),
        };
        csv.push(std::iter::once(row.label.to_owned()).chain(row.cells.iter().map(cell)));
    }
    csv.finish()
}

fn window_head() -> impl Iterator<Item = String> {
    ["window", "start_seconds", "end_seconds", "stage", "arm"].map(str::to_owned).into_iter()
}

fn head_of(recording: &Recording, place: usize, window: &Window, id: ArmId) -> [String; 5] {
    let stage = recording.stages.get(usize::from(window.stage)).cloned();
    [
        place.to_string(),
        seconds(window.start),
        seconds(window.end),
        stage.unwrap_or_default(),
        recording.arms.get(id.index()).cloned().unwrap_or_default(),
    ]
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

fn seconds(at: SimTime) -> String {
    at.as_secs_f64().to_string()
}

fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map(|value| value.to_string()).unwrap_or_default()
}

/// CSV in memory, where writing cannot fail.
struct Table(csv::Writer<Vec<u8>>);

impl Table {
    fn new(names: impl IntoIterator<Item = String>) -> Self {
        let mut table = Self(csv::Writer::from_writer(Vec::new()));
        table.push(names);
        table
    }

    fn push(&mut self, cells: impl IntoIterator<Item = String>) {
        if let Err(fault) = self.0.write_record(cells) {
            // Memory takes every byte, and every line has as many cells as the first.
            unreachable!("a table could not be written: {fault}");
        }
    }

    fn finish(self) -> String {
        let bytes = self.0.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
        rows.collect()
    }

    #[test]
    fn each_window_and_arm_is_a_line_with_the_recording_s_numbers() {
        let rows = read(&windows(&sample::recording()));
        assert_eq!(rows.len(), 1 + 2 * 2);
        let column = |name: &str| rows[0].iter().position(|head| head == name).unwrap();
        let last = rows.last().unwrap();
        assert_eq!(last[column("arm")], "new");
        assert_eq!(last[column("start_seconds")], "1800");
        assert_eq!(last[column("accuracy")], "0.8");
        assert_eq!(last[column("errors")], "6");
        assert_eq!(rows[2][column("accuracy")], "", "nothing was answered yet");
    }

    #[test]
    fn segments_have_lines_of_their_own() {
        let rows = read(&segments(&sample::recording()));
        assert!(rows.iter().any(|row| row[5] == "north" && row[4] == "new"), "{rows:?}");
    }

    #[test]
    fn a_measurement_carries_its_numbers() {
        let rows = read(&events(&sample::recording()));
        let measured = rows.iter().find(|row| row[1] == "measured").unwrap();
        assert_eq!(measured[3..], ["new", "Errors", "0.06", "", "0.01", "100", "fail"]);
    }
}
