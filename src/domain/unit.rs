//! What a unit's labelled answers add up to.

/// The labelled answers of one unit, such as a user, or of a bucket of units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct UnitSum {
    pub labelled: f64,
    /// Right answers of the arm that the unit met; for numbers Σ |answer − label|.
    pub result: f64,
    /// Σ over the same requests of something that no assignment changes: the value column, or what
    /// the baseline would have answered, judged as `result` is.
    pub covariate: f64,
}

impl UnitSum {
    pub fn absorb(&mut self, other: &Self) {
        self.labelled += other.labelled;
        self.result += other.result;
        self.covariate += other.covariate;
    }
}
