//! How quiet a machine was: a fixed piece of work, timed again and again.

use serde::Serialize;

use super::quantile::linear;

/// Up to here a machine counts as quiet.
const QUIET: f64 = 0.10;

/// How much longer a fixed piece of work took than at best, as shares of the shortest time. On a
/// machine with nothing else to do both are near zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Noise {
    /// On average: what others took of the processor.
    pub mean: f64,
    /// In one case in twenty.
    pub slow: f64,
}

impl Noise {
    /// From the durations of equal pieces of work in any unit; `None` without any.
    pub fn of(mut times: Vec<f64>) -> Option<Self> {
        times.sort_by(f64::total_cmp);
        let fastest = times.first().copied().filter(|fastest| *fastest > 0.0)?;
        let mean = times.iter().sum::<f64>() / times.len() as f64;
        let beyond = |time: f64| (time / fastest - 1.0).max(0.0);
        Some(Self { mean: beyond(mean), slow: beyond(linear(&times, 0.95)?) })
    }

    /// Whether times measured meanwhile stand for the model and not for its neighbours.
    pub fn is_quiet(&self) -> bool {
        self.mean <= QUIET
    }

    /// For people: what was seen, and what to do about it.
    pub fn sentence(&self) -> String {
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        let seen = format!(
            "a fixed task took {} longer than at best on average, {} in one case in twenty",
            percent(self.mean),
            percent(self.slow)
        );
        match self.is_quiet() {
            true => format!("The machine was quiet: {seen}."),
            false => {
                format!("The machine was not quiet: {seen}. Measure again when nothing else runs.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbour_that_takes_the_processor_now_and_then_is_noticed() {
        let quiet: Vec<f64> = (0..100).map(|k| 20.0 + f64::from(k % 3) * 0.1).collect();
        let noise = Noise::of(quiet.clone()).unwrap();
        assert!(noise.is_quiet() && noise.mean < 0.01, "{noise:?}");
        // One piece of work in ten is interrupted.
        let noisy = quiet.iter().enumerate().map(|(k, t)| if k % 10 == 0 { t * 3.0 } else { *t });
        let noise = Noise::of(noisy.collect()).unwrap();
        assert!(!noise.is_quiet() && noise.mean < 0.25, "{noise:?}");
        assert_eq!(Noise::of(Vec::new()), None);
    }
}
