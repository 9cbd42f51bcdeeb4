//! The gate measurements behind a verdict.

use super::GateLine;
use crate::domain::{EventKind, Measurement, Recording, SimTime, Verdict};

/// Every measurement until `until`, in order.
pub(super) fn lines(recording: &Recording, until: SimTime) -> Vec<GateLine> {
    let mut lines: Vec<GateLine> = Vec::new();
    for event in recording.events.iter().filter(|event| event.at <= until) {
        match &event.kind {
            EventKind::Measured(m) => lines.push(line(recording, event.at, m)),
            kind => {
                let Some((gate, sentence)) = kind.evidence() else { continue };
                // It stands right behind its measurement.
                if let Some(line) = lines.last_mut().filter(|line| line.gate == gate) {
                    line.evidence = Some(sentence);
                }
            }
        }
    }
    lines
}

fn line(recording: &Recording, at: SimTime, m: &Measurement) -> GateLine {
    let name = recording.gates.get(usize::from(m.gate)).cloned();
    GateLine {
        at,
        gate: m.gate,
        name: name.unwrap_or_else(|| format!("Gate {}", m.gate + 1)),
        arm: m.arm,
        value: m.value,
        baseline: m.baseline,
        limit: m.limit,
        n: m.samples,
        verdict: m.verdict,
        evidence: None,
    }
}

/// What the measurements of each gate say: `(speaks for the candidate, sentence)`.
pub(super) fn summary(lines: &[GateLine]) -> Vec<(bool, String)> {
    let mut gates: Vec<(u16, &str)> = lines.iter().map(|line| (line.gate, &*line.name)).collect();
    gates.sort_unstable();
    gates.dedup();
    let mut sentences = Vec::new();
    for (gate, name) in gates {
        let count = |verdict: Verdict| {
            lines.iter().filter(|line| line.gate == gate && line.verdict == verdict).count()
        };
        let all = lines.iter().filter(|line| line.gate == gate).count();
        let (passed, failed) = (count(Verdict::Pass), count(Verdict::Fail));
        if failed > 0 {
            sentences.push((false, format!("Gate {name} failed {failed} of {all} measurements.")));
        } else if passed > 0 {
            sentences.push((true, format!("Gate {name} passed {passed} of {all} measurements.")));
        } else {
            sentences.push((false, format!("Gate {name} had no usable measurement out of {all}.")));
        }
    }
    sentences
}
