//! A z test looked at several times: what peeking costs, and bounds that pay for it.
//!
//! The sum Sₜ of the evidence is Brownian motion with time = information; its density where no look
//! has stopped it is carried from look to look (Armitage, McPherson & Rowe 1969).

use super::distribution::{bisect, normal_quantile, normal_sf, normal_two_sided};

/// Looks nearer than this are one.
const SAME_LOOK: f64 = 1e-5;
/// Beyond this many standard deviations nothing stops and nothing is left out.
const FARTHEST: f64 = 8.0;

/// Places and masses of the paths that go on.
struct Going {
    time: f64,
    points: Vec<(f64, f64)>,
}

impl Going {
    fn start() -> Self {
        Self { time: 0.0, points: vec![(0.0, 1.0)] }
    }

    /// The chance to lie above `z` standard deviations at `time`.
    fn above(&self, z: f64, time: f64) -> f64 {
        let (bound, deviation) = (z * time.sqrt(), (time - self.time).sqrt());
        self.points.iter().map(|(s, mass)| mass * normal_sf((bound - s) / deviation)).sum()
    }

    /// What goes on at `time` between `low` and `high` standard deviations, by Simpson's rule.
    fn between(&self, low: f64, high: f64, time: f64) -> Self {
        let deviation = (time - self.time).sqrt();
        let (low, high) = (low * time.sqrt(), high * time.sqrt());
        // A quarter of the step's deviation resolves its density.
        let wanted = (8.0 * (high - low) / deviation).ceil().clamp(64.0, 2_000.0);
        let steps = 2 * (wanted as usize / 2);
        let step = (high - low) / steps as f64;
        let point = |k: usize| {
            let s = low + k as f64 * step;
            let weight = if k == 0 || k == steps { 1.0 } else { (2 + 2 * (k % 2)) as f64 };
            let density: f64 = self
                .points
                .iter()
                .map(|(from, mass)| mass * (-((s - from) / deviation).powi(2) / 2.0).exp())
                .sum();
            (s, density * weight * step / (3.0 * deviation * std::f64::consts::TAU.sqrt()))
        };
        Self { time, points: (0..=steps).map(point).collect() }
    }
}

/// The chance that a two-sided z test of level `alpha` rejects a true null at any of the looks, given
/// the information at each (rising). At five equal looks 14 % rather than 5 %.
pub fn peeking_error(information: &[f64], alpha: f64) -> f64 {
    let z = normal_two_sided(alpha);
    let mut going = Going::start();
    let mut error = 0.0;
    for time in information {
        if time - going.time < SAME_LOOK * information.last().copied().unwrap_or(1.0) {
            continue;
        }
        // Symmetric: as much leaves below as above.
        error += 2.0 * going.above(z, *time);
        going = going.between(-z, z, *time);
    }
    error
}

/// A planned look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Reject where z is at least this (two-sided: |z|).
    pub z: f64,
    /// The p-value that corresponds to it, all sides together.
    pub nominal_p: f64,
    /// The error spent by then, all sides together.
    pub spent: f64,
}

/// Bounds that spend α tᵖ by the share t of the planned information (Lan & DeMets 1983; Kim & DeMets
/// 1987), `sides` being 1 or 2. More power than an always-valid test if the looks are few and the
/// plan holds; wrong if the planned sample is not what comes.
pub fn spending_bounds(information: &[f64], alpha: f64, sides: u8, rho: f64) -> Vec<Look> {
    let sides = f64::from(sides.clamp(1, 2));
    let mut going = Going::start();
    let mut looks: Vec<Look> = Vec::new();
    let mut before = 0.0;
    for time in information {
        let spent = alpha / sides * time.min(1.0).powf(rho);
        if let Some(last) = looks.last().copied().filter(|_| time - going.time < SAME_LOOK) {
            looks.push(last);
            continue;
        }
        let wanted = spent - before;
        let z = if going.time == 0.0 {
            -normal_quantile(wanted)
        } else {
            bisect(-FARTHEST, FARTHEST, |z| going.above(z, *time) > wanted)
        };
        let z = z.min(FARTHEST);
        before = spent;
        let low = if sides > 1.0 { -z } else { -FARTHEST };
        going = going.between(low, z, *time);
        looks.push(Look { z, nominal_p: sides * normal_sf(z), spent: spent * sides });
    }
    looks
}
