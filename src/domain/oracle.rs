//! What only a rehearsal can know: how every arm would have answered every request, by labels that
//! all came in time.

use serde::Serialize;

use super::UnitSum;

/// The truth about one run's live requests.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Oracle {
    /// Per arm to which requests went, then per segment (one without segments).
    pub served: Vec<Vec<Served>>,
    /// Users by how much they send; empty without users, or where all send equally much.
    pub groups: Vec<Group>,
    /// Per arm, the units that it met while the baseline took part too. Only for A/B tests, in which
    /// units stay where they are; empty for the rest. The covariate is the value column.
    #[serde(skip)]
    pub units: Vec<Vec<UnitSum>>,
}

/// The requests of a group of users, whichever arm answered them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Group {
    pub name: String,
    pub served: Served,
}

/// The requests of one segment that went to one arm; those that failed there count too.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Served {
    pub requests: u64,
    /// Those whose rows have a label.
    pub labelled: u64,
    /// Labelled ones that the arm gets wrong and the baseline right, and the other way round. Zero
    /// for numbers, where no answer is simply wrong.
    pub harm: u64,
    pub gain: u64,
    /// What each arm makes of the labelled ones.
    pub arms: Vec<Would>,
}

/// What an arm would have made of some requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Would {
    /// Right answers; none for numbers.
    pub correct: u64,
    /// Σ |answer − label| of numbers.
    pub absolute: f64,
}

impl Served {
    pub fn absorb(&mut self, other: &Self) {
        self.requests += other.requests;
        self.labelled += other.labelled;
        self.harm += other.harm;
        self.gain += other.gain;
        self.arms.resize_with(self.arms.len().max(other.arms.len()), Would::default);
        for (sum, more) in self.arms.iter_mut().zip(&other.arms) {
            sum.correct += more.correct;
            sum.absolute += more.absolute;
        }
    }
}

impl Oracle {
    /// All requests that went to one arm.
    pub fn of_arm(&self, arm: usize) -> Served {
        sum(self.served.get(arm).into_iter().flatten())
    }

    /// All requests of one segment.
    pub fn of_segment(&self, segment: usize) -> Served {
        sum(self.served.iter().filter_map(|of_arm| of_arm.get(segment)))
    }

    /// All requests.
    pub fn total(&self) -> Served {
        sum(self.served.iter().flatten())
    }
}

fn sum<'a>(parts: impl Iterator<Item = &'a Served>) -> Served {
    parts.fold(Served::default(), |mut sum, part| {
        sum.absorb(part);
        sum
    })
}
