//! A difference and its interval beside the line of no difference.

use super::super::palette;
use super::Drawing;
use super::canvas::Canvas;
use crate::domain::metric::Direction;
use crate::stats::verdict::{VerdictRow, Word};

const WIDTH: f64 = 150.0;
const HEIGHT: f64 = 18.0;

/// The row's difference on a scale of its own, better to the right; `None` if it has no interval, or
/// no direction is good.
pub fn forest(row: &VerdictRow) -> Option<Drawing> {
    let (delta, interval) = (row.delta?, row.interval?);
    let sign = match row.metric.direction() {
        Direction::Higher => 1.0,
        Direction::Lower => -1.0,
        Direction::Neither => return None,
    };
    let ends = [interval.low * sign, interval.high * sign];
    let reach = ends.iter().map(|end| end.abs()).fold(delta.abs(), f64::max).max(1e-12) * 1.1;
    let x = |value: f64| WIDTH / 2.0 + value / reach * (WIDTH / 2.0 - 4.0);
    let colour = match row.word {
        Word::Better => palette::PASS,
        Word::Worse => palette::FAIL,
        _ => palette::SUBDUED,
    };
    let middle = HEIGHT / 2.0;
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    canvas.line([x(0.0), 0.0], [x(0.0), HEIGHT], palette::EDGE, 1.0);
    canvas.line([x(ends[0]), middle], [x(ends[1]), middle], colour, 2.0);
    for end in ends {
        canvas.line([x(end), middle - 4.0], [x(end), middle + 4.0], colour, 2.0);
    }
    canvas.circle([x(delta * sign), middle], 3.6, colour, palette::CARD);
    Some(canvas.finish(&format!("{}: {}", row.metric.label(), row.word.label())))
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::domain::{Metric, StrategyKind};

    #[test]
    fn better_is_to_the_right_whichever_way_is_good() {
        let recording = fixture::recording(StrategyKind::Canary);
        let card = crate::stats::verdict(&recording, recording.end());
        let row = card.rows.iter().find(|row| row.metric == Metric::LatencyP95).unwrap();
        let mut slower = row.clone();
        slower.delta = row.delta.map(f64::abs);
        let (low, high) = (1.0, 3.0);
        slower.interval = Some(crate::stats::Interval::new(low, high));
        let drawing = forest(&slower).unwrap().svg();
        let at: f64 =
            drawing.split("cx=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
        assert!(at < WIDTH / 2.0, "a longer latency lies on the worse side: {at}");
    }
}
