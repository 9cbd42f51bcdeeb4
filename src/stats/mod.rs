//! Statistics of a rehearsal: intervals, tests and the verdict drawn from them.
