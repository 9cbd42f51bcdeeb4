//! Value axes: their range, a few round marks, and labels that do not cover one another.

/// The step of 1, 2, 2.5 or 5 times a power of ten that cuts `span` into at most `most` parts.
pub fn nice_step(span: f64, most: usize) -> f64 {
    let least = (span / most.max(1) as f64).max(1e-12);
    let size = 10f64.powf(least.log10().floor());
    let factor =
        [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|factor| factor * size >= least * 0.999_999);
    factor.unwrap_or(10.0) * size
}

/// Round values within the range, at most `most` + 1.
pub fn marks(low: f64, high: f64, most: usize) -> Vec<f64> {
    let step = nice_step(high - low, most);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).take(most + 1).map(|k| k as f64 * step).collect()
}

/// A mark as text, with the decimals that its step needs.
pub fn mark_text(value: f64, step: f64) -> String {
    let is_whole = |places: &usize| {
        let scaled = step * 10f64.powi(*places as i32);
        (scaled - scaled.round()).abs() < 1e-6 * scaled.abs()
    };
    let places = (0..6).find(is_whole).unwrap_or(6);
    let value = if value == 0.0 { 0.0 } else { value };
    format!("{value:.places$}").replace('-', "−")
}

/// The range of an axis that holds `values`, with some air; `floor` where it has a natural end.
pub fn range(values: impl Iterator<Item = f64>, floor: Option<f64>) -> [f64; 2] {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.filter(|value| value.is_finite()) {
        low = low.min(value);
        high = high.max(value);
    }
    // Nothing, or nothing but zeros.
    if low > high || (low == 0.0 && high == 0.0) {
        return [0.0, 1.0];
    }
    let air = ((high - low) * 0.12).max(high.abs() * 0.02).max(1e-6);
    let bottom = match floor {
        Some(floor) if low - air < floor || floor > low - (high - low) => floor,
        _ => low - air,
    };
    [bottom, high + air]
}

/// Moves `places` apart to at least `gap`, keeping their order and staying within `low..=high`
/// where that is possible.
pub fn spread(places: &[f32], gap: f32, low: f32, high: f32) -> Vec<f32> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|a, b| places[*a].total_cmp(&places[*b]));
    let mut moved = places.to_vec();
    let mut least = low;
    for place in &order {
        moved[*place] = moved[*place].max(least);
        least = moved[*place] + gap;
    }
    let mut most = high;
    for place in order.iter().rev() {
        moved[*place] = moved[*place].min(most);
        most = moved[*place] - gap;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_few_and_inside() {
        for (low, high) in [(0.0, 1.0), (38.2, 73.9), (-0.013, 0.02), (0.0, 100.0), (1e6, 4e6)] {
            let marks = marks(low, high, 4);
            assert!((1..=5).contains(&marks.len()), "{marks:?}");
            assert!(marks.iter().all(|mark| (low - 1e-9..=high + 1e-9).contains(mark)));
        }
        assert_eq!(marks(0.0, 100.0, 4), [0.0, 25.0, 50.0, 75.0, 100.0]);
        assert_eq!(mark_text(0.02, 0.01), "0.02");
        assert_eq!(mark_text(-20.0, 10.0), "−20");
        assert_eq!(mark_text(7.5, 2.5), "7.5");
    }

    #[test]
    fn ranges_hold_their_values_with_air() {
        let [low, high] = range([40.0, 60.0].into_iter(), Some(0.0));
        assert!(low < 40.0 && low > 0.0 && high > 60.0);
        assert_eq!(range([0.5, 3.0].into_iter(), Some(0.0))[0], 0.0);
        assert_eq!(range([f64::NAN].into_iter(), None), [0.0, 1.0]);
        assert_eq!(range([0.0, 0.0].into_iter(), Some(0.0)), [0.0, 1.0]);
        let [low, high] = range([5.0].into_iter(), None);
        assert!(low < 5.0 && high > 5.0);
    }

    #[test]
    fn labels_move_apart_and_stay_in_order() {
        assert_eq!(spread(&[50.0, 52.0, 10.0], 12.0, 0.0, 100.0), [50.0, 62.0, 10.0]);
        assert_eq!(spread(&[99.0, 98.0], 12.0, 0.0, 100.0), [100.0, 88.0]);
        assert!(spread(&[], 12.0, 0.0, 1.0).is_empty());
    }
}
