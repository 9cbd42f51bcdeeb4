//! How a run went, in a few moments: enough for a picture of it, whatever its length.

use crate::domain::{ArmWindow, MAX_ARMS, Metric, Recording, SimTime, Window};
use crate::ui::notation;

/// No run is drawn with more moments.
pub const MOMENTS: usize = 160;

/// A stretch of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    pub start: SimTime,
    pub end: SimTime,
    /// Shares of the live requests per arm, 0 to 1.
    pub shares: [f32; MAX_ARMS],
    /// Requests copied to a shadow, as a share of the live ones.
    pub copied: f32,
    /// Live requests that got no answer, 0 to 1.
    failed: Option<f64>,
    /// The slowest live arm's, in milliseconds.
    p95: Option<f64>,
    /// Since the start: answers of candidates that were wrong where another arm was right.
    harm: u64,
}

impl Moment {
    fn new(window: &Window, harm_before: u64) -> Self {
        let live = window.arrivals().max(1) as f32;
        let mut shares = [0.0; MAX_ARMS];
        for (share, arm) in shares.iter_mut().zip(&window.arms) {
            *share = arm.arrivals as f32 / live;
        }
        let copied: u64 = window.arms.iter().map(|arm| arm.mirrored).sum();
        let failed: u64 = window.arms.iter().map(ArmWindow::failed).sum();
        let harm: u64 = window.arms.iter().skip(1).map(|arm| arm.total_quality().harm).sum();
        let serving = window.arms.iter().filter(|arm| arm.arrivals > 0);
        Self {
            start: window.start,
            end: window.end,
            shares,
            copied: copied as f32 / live,
            failed: (window.arrivals() > 0).then(|| failed as f64 / window.arrivals() as f64),
            p95: serving.filter_map(|arm| arm.metric(Metric::LatencyP95)).reduce(f64::max),
            harm: harm_before + harm,
        }
    }
}

impl Moment {
    /// Whether a shadow gets copies.
    pub fn is_copying(&self) -> bool {
        self.copied > 0.0
    }
}

/// The moments of a run, one after the other.
pub fn course(recording: &Recording) -> Vec<Moment> {
    let step = recording.windows.len().div_ceil(MOMENTS).max(1);
    let mut harm = 0;
    let moments = recording.windows.chunks(step).filter_map(Window::merged);
    moments
        .map(|window| {
            let moment = Moment::new(&window, harm);
            harm = moment.harm;
            moment
        })
        .collect()
}

/// What the chart below the table can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    #[default]
    Share,
    Harm,
    Failed,
    P95,
}

impl Measure {
    pub const ALL: [Self; 4] = [Self::Share, Self::Harm, Self::Failed, Self::P95];

    pub fn label(self) -> &'static str {
        match self {
            Self::Share => "Candidate's share",
            Self::Harm => "Wrong answers caused",
            Self::Failed => "Failed requests",
            Self::P95 => "p95 latency",
        }
    }

    pub fn unit(self) -> String {
        match self {
            Self::Share => "%".to_owned(),
            Self::Failed => notation::chosen().unit(Metric::ErrorRate).to_owned(),
            Self::Harm => "since the start".to_owned(),
            Self::P95 => {
                format!("{}, the slowest arm", notation::chosen().unit(Metric::LatencyP95))
            }
        }
    }

    /// In the unit that is drawn; `None` where nothing was measured.
    pub fn value(self, moment: &Moment) -> Option<f64> {
        match self {
            Self::Share => Some(
                moment.shares.iter().skip(1).map(|share| f64::from(*share)).sum::<f64>() * 100.0,
            ),
            Self::Harm => Some(moment.harm as f64),
            Self::Failed => moment.failed.map(|share| share * Self::factor(Metric::ErrorRate)),
            Self::P95 => moment.p95.map(|p95| p95 * Self::factor(Metric::LatencyP95)),
        }
    }

    pub fn text(self, value: f64) -> String {
        match self {
            Self::Share => format!("{value:.0} %"),
            Self::Harm => crate::domain::grouped(value.round().max(0.0) as u64),
            Self::Failed => {
                let share = value / Self::factor(Metric::ErrorRate);
                notation::value(Metric::ErrorRate, share)
            }
            Self::P95 => {
                let millis = (value / Self::factor(Metric::LatencyP95)).round();
                notation::value(Metric::LatencyP95, millis)
            }
        }
    }

    fn factor(metric: Metric) -> f64 {
        notation::chosen().factor(metric)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::StrategyKind;
    use crate::ui::rehearse::fixture;

    #[test]
    fn a_course_keeps_shares_and_adds_harm_up() {
        let mut recording = fixture::recording(StrategyKind::Canary);
        for (place, window) in recording.windows.iter_mut().enumerate() {
            window.arms[1].quality[0].harm = u64::from(place < 10);
        }
        let moments = course(&recording);
        assert!(moments.len() <= MOMENTS);
        assert_eq!(moments.last().and_then(|moment| Measure::Harm.value(moment)), Some(10.0));
        assert_eq!(moments.last().map(|moment| moment.end), Some(recording.end()));
        let shares = moments.iter().filter_map(|moment| Measure::Share.value(moment));
        assert!(shares.clone().fold(0.0, f64::max) > 99.0, "all of the traffic in the end");
        assert!(shares.clone().next().is_some_and(|share| share < 1.0));
    }
}
