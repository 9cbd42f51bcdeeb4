//! Which charts a run gets and what is in them, whoever draws them: the window or a report.

mod figure;
mod history;
mod measure;
pub mod scale;
mod series;
mod stage_span;
pub mod time_ticks;

pub use figure::{Curve, Figure, Limit, Measured, figure_of, figures, known_metrics};
pub use history::History;
pub use series::{Piece, Pyramid, Sample};
pub use stage_span::{StageSpan, current, stage_spans};
