//! What each gate said in each stage, beside what it says where all labels come at once.

use serde::Serialize;

use crate::domain::{ArmId, Event, EventKind, Recording, SimTime, Verdict};

/// A gate's last word on an arm in a stage, in both runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    pub stage: String,
    pub gate: String,
    pub arm: ArmId,
    pub then: Word,
    /// Empty: with all labels the rollout never came there, or the gate did not look.
    pub at_once: Option<Word>,
}

/// A verdict and the first moment at which the gate came to it, to stay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Word {
    pub at: SimTime,
    pub verdict: Verdict,
}

impl Decision {
    /// The gate let pass what labels at once would have failed, or the other way round.
    pub fn is_reversed(&self) -> bool {
        let fails = |word: Word| word.verdict == Verdict::Fail;
        self.at_once.is_some_and(|word| fails(word) != fails(self.then))
    }

    /// The gate would have said something else, or would not have been asked.
    pub fn is_changed(&self) -> bool {
        self.at_once.is_none_or(|word| word.verdict != self.then.verdict)
    }
}

/// The decisions of a run, beside those of the same plan with labels at once. Traffic and models are
/// the same in both; after the first other decision, the exposure is not.
pub fn decisions(run: &Recording, at_once: &Recording) -> Vec<Decision> {
    let others = words(at_once);
    let decision = |(place, word): (Place, Word)| Decision {
        stage: run.stages.get(usize::from(place.stage)).cloned().unwrap_or_default(),
        gate: run.gates.get(usize::from(place.gate)).cloned().unwrap_or_default(),
        arm: place.arm,
        then: word,
        at_once: others.iter().find(|(other, _)| *other == place).map(|(_, word)| *word),
    };
    words(run).into_iter().map(decision).collect()
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    stage: u16,
    gate: u16,
    arm: ArmId,
}

/// The last word of each gate in each stage, in the order in which they were first asked.
fn words(recording: &Recording) -> Vec<(Place, Word)> {
    let mut words: Vec<(Place, Word)> = Vec::new();
    let mut stage = 0;
    for Event { at, kind } in &recording.events {
        let (gate, arm, verdict) = match kind {
            EventKind::Stage(now) => {
                stage = *now;
                continue;
            }
            EventKind::Measured(found) => (found.gate, found.arm, found.verdict),
            EventKind::GateEnded { gate, arm, verdict } => (*gate, *arm, *verdict),
            _ => continue,
        };
        let place = Place { stage, gate, arm };
        match words.iter_mut().find(|(other, _)| *other == place) {
            Some((_, word)) if word.verdict == verdict => {}
            Some((_, word)) => *word = Word { at: *at, verdict },
            None => words.push((place, Word { at: *at, verdict })),
        }
    }
    words
}
