//! Which charts a run gets, and what is in them.

use super::history::History;
use super::measure;
use super::scale::range;
use super::series::{Pyramid, Sample};
use crate::domain::{
    ArmId, BatchJob, EventKind, Gate, InterventionKind, Metric, Notation, Plan, Recording, SimTime,
    Strategy, StrategyKind, Verdict,
};

/// One chart.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What is drawn, where it is a metric of each arm.
    pub metric: Option<Metric>,
    pub title: String,
    /// Unit and stretch, in small type.
    pub note: String,
    pub unit: &'static str,
    pub curves: Vec<Curve>,
    pub limits: Vec<Limit>,
    pub measured: Vec<Measured>,
    /// Ends of the value axis.
    pub y: [f64; 2],
    pub has_zero_line: bool,
    /// What must happen for the first curve to begin.
    pub begins_when: String,
}

#[derive(Clone, Debug)]
pub struct Curve {
    pub arm: ArmId,
    pub pyramid: Pyramid,
    /// One point per job, instead of a line.
    pub is_dotted: bool,
}

/// A gate's limit on this chart's metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    pub name: String,
    /// Seconds and value; one value for the whole run has the same at both ends.
    pub line: Vec<[f64; 2]>,
}

/// What a gate measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    pub at: SimTime,
    pub value: f64,
    pub verdict: Verdict,
}

/// The charts of a run, most telling first.
pub fn figures(
    plan: &Plan,
    recording: &Recording,
    history: &History,
    notation: Notation,
) -> Vec<Figure> {
    let desk = Desk { plan, recording, history, notation };
    let is_batch = plan.batch.as_ref().is_some_and(|batch| batch.share >= 100.0);
    let mut figures: Vec<Figure> =
        quality_metric(plan, recording).map(|metric| desk.rolled(metric)).into_iter().collect();
    if is_batch {
        figures.push(desk.age());
    } else {
        figures.push(desk.rolled(latency_metric(plan)));
    }
    figures.push(if is_batch { desk.duration() } else { desk.rolled(Metric::ErrorRate) });
    figures.push(match recording.strategy {
        StrategyKind::Shadow => desk.rolled(Metric::Agreement),
        StrategyKind::Single => desk.rolled(Metric::Requests),
        StrategyKind::Ab => desk.difference(),
        _ => desk.rolled(Metric::Share),
    });
    figures
}

/// A chart of any metric, for those who want to see another one.
pub fn figure_of(
    metric: Metric,
    plan: &Plan,
    recording: &Recording,
    history: &History,
    notation: Notation,
) -> Figure {
    Desk { plan, recording, history, notation }.rolled(metric)
}

/// The metrics of which anything is known in this recording.
pub fn known_metrics(history: &History) -> Vec<Metric> {
    let arms = || history.rolled.iter().rev().step_by(7).flat_map(|window| &window.arms);
    let is_known = |metric: &Metric| {
        *metric == Metric::Share || arms().any(|arm| arm.metric(*metric).is_some())
    };
    Metric::ALL.into_iter().filter(is_known).collect()
}

/// The metric that decides about quality: an A/B test's or a bandit's own, the first that a gate asks for, or
/// what the recording has labels for.
fn quality_metric(plan: &Plan, recording: &Recording) -> Option<Metric> {
    let is_quality = |metric: &Metric| metric.needs_labels() && *metric != Metric::Cost;
    if let Strategy::Ab { metric, .. } | Strategy::Bandit { reward: metric, .. } = &plan.strategy
        && is_quality(metric)
    {
        return Some(*metric);
    }
    let gated = plan.gates.iter().map(|gate| gate.metric).find(is_quality);
    let known = |metric: &Metric| {
        let windows = recording.windows.iter().rev();
        let mut arms = windows.take(40).flat_map(|window| &window.arms);
        arms.any(|arm| arm.metric(*metric).is_some())
    };
    gated
        .or_else(|| [Metric::Accuracy, Metric::Mae].into_iter().find(known))
        // Labels may take their time: the chart has its place before the first one is known.
        .or_else(|| plan.data.label.is_some().then_some(Metric::Accuracy))
}

fn latency_metric(plan: &Plan) -> Metric {
    let gated = plan.gates.iter().map(|gate| gate.metric).find(|metric| metric.is_latency());
    gated.unwrap_or(Metric::LatencyP95)
}

struct Desk<'a> {
    plan: &'a Plan,
    recording: &'a Recording,
    history: &'a History,
    /// The units in which values are drawn.
    notation: Notation,
}

impl Desk<'_> {
    fn arms(&self) -> impl Iterator<Item = ArmId> {
        (0..self.recording.arms.len()).map(ArmId::new)
    }

    /// A metric of every arm over a rolling stretch, with its limits.
    fn rolled(&self, metric: Metric) -> Figure {
        let is_used = |arm: &ArmId| metric != Metric::Agreement || *arm != ArmId::BASELINE;
        let curve = |arm: ArmId| Curve {
            arm,
            pyramid: Pyramid::new(
                self.history
                    .rolled
                    .iter()
                    .map(|window| measure::sample(window, arm, metric, self.notation))
                    .collect(),
            ),
            is_dotted: false,
        };
        let curves: Vec<Curve> = self.arms().filter(is_used).map(curve).collect();
        let limits = self.limits(metric);
        let measured = self.measured(metric);
        let unit = measure::unit(metric, self.notation);
        let stretch = format!("last {}", self.history.stretch().words().replace(".0 s", " s"));
        let y = match metric {
            Metric::Share => [0.0, self.notation.factor(metric)],
            _ => fitted(&curves, &limits, &measured, floor(metric)),
        };
        let begins_when = match metric {
            Metric::Agreement => "B gets its first copies",
            _ if metric.needs_labels() => "the first labels become known",
            _ => "the first requests are answered",
        };
        Figure {
            metric: Some(metric),
            title: metric.label().to_owned(),
            note: [unit, &stretch]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
            unit,
            curves,
            limits,
            measured,
            y,
            has_zero_line: false,
            begins_when: begins_when.to_owned(),
        }
    }

    /// Candidate − baseline since the start, with its interval and the line of zero.
    fn difference(&self) -> Figure {
        let metric = quality_metric(self.plan, self.recording).unwrap_or(Metric::Accuracy);
        let points = || self.history.rolled.iter().zip(&self.history.totals);
        let curve = |arm: ArmId| Curve {
            arm,
            pyramid: Pyramid::new(
                points()
                    .map(|(w, totals)| {
                        let at = w.end.as_secs_f64();
                        measure::difference(at, totals, arm, metric, self.notation)
                    })
                    .collect(),
            ),
            is_dotted: false,
        };
        let curves: Vec<Curve> = self.arms().skip(1).map(curve).collect();
        let [low, high] = fitted(&curves, &[], &[], None);
        let is_in_points = self.notation.unit(metric) == "%";
        Figure {
            metric: None,
            title: format!("{} against A", metric.label()),
            note: if is_in_points { "points, since the start" } else { "since the start" }
                .to_owned(),
            unit: if is_in_points { "pts" } else { "" },
            curves,
            limits: Vec::new(),
            measured: Vec::new(),
            y: [low.min(-0.1 * high.abs()), high.max(0.1 * low.abs())],
            has_zero_line: true,
            begins_when: "labels of two arms become known".to_owned(),
        }
    }

    /// How old answers are when a job publishes them.
    fn age(&self) -> Figure {
        let hours = |job: &BatchJob| job.staleness(0.95).map(|micros| micros as f64 / 3.6e9);
        self.of_jobs("Age of answers", "p95 when published", hours)
    }

    fn duration(&self) -> Figure {
        self.of_jobs("Duration of jobs", "start to publication", |job| {
            Some(job.duration().as_secs_f64() / 3_600.0)
        })
    }

    /// A figure in hours, or in minutes or seconds where those are few.
    fn of_jobs(&self, title: &str, what: &str, hours: impl Fn(&BatchJob) -> Option<f64>) -> Figure {
        let longest = self.recording.jobs.iter().filter_map(&hours).fold(0.0, f64::max);
        let (unit, factor) = match longest {
            hours if hours >= 2.0 => ("h", 1.0),
            hours if hours >= 2.0 / 60.0 => ("min", 60.0),
            _ => ("s", 3_600.0),
        };
        let sample = |job: &BatchJob| Sample {
            at: job.end.as_secs_f64(),
            value: hours(job).map_or(f64::NAN, |hours| hours * factor),
            band: None,
        };
        let jobs = |arm: ArmId| self.recording.jobs.iter().filter(move |job| job.arm == arm);
        let curve = |arm: ArmId| Curve {
            arm,
            pyramid: Pyramid::new(jobs(arm).map(sample).collect()),
            is_dotted: true,
        };
        let curves: Vec<Curve> = self.arms().map(curve).collect();
        Figure {
            metric: None,
            title: title.to_owned(),
            note: format!("{unit}, {what}"),
            unit,
            y: fitted(&curves, &[], &[], Some(0.0)),
            curves,
            limits: Vec::new(),
            measured: Vec::new(),
            has_zero_line: false,
            begins_when: "the first job ends".to_owned(),
        }
    }

    fn limits(&self, metric: Metric) -> Vec<Limit> {
        let gates = self.plan.gates.iter().enumerate();
        gates
            .filter(|(_, gate)| gate.metric == metric)
            .map(|(place, gate)| Limit {
                name: limit_name(gate, self.notation),
                line: self.limit_line(place, gate),
            })
            .filter(|limit| !limit.line.is_empty())
            .collect()
    }

    /// Steps for a limit that stands until a person moves it, or the limits as they were measured.
    fn limit_line(&self, place: usize, gate: &Gate) -> Vec<[f64; 2]> {
        let factor = self.notation.factor(gate.metric);
        let condition = gate.pass_when.or(gate.fail_when);
        let end = self.plan.traffic.duration.as_secs_f64().max(self.recording.end().as_secs_f64());
        if let Some(limit) = condition.and_then(|condition| condition.limit(None)) {
            let mut line = vec![[0.0, limit * factor]];
            let mut last = limit * factor;
            for (at, moved) in self.moved_limits(place) {
                line.extend([[at, last], [at, moved * factor]]);
                last = moved * factor;
            }
            line.push([end, last]);
            return line;
        }
        let measured = self.recording.events.iter().filter_map(|event| match &event.kind {
            EventKind::Measured(m) if usize::from(m.gate) == place => {
                Some([event.at.as_secs_f64(), m.limit? * factor])
            }
            _ => None,
        });
        measured.collect()
    }

    /// When a person set a gate's limit, and to what.
    fn moved_limits(&self, place: usize) -> impl Iterator<Item = (f64, f64)> {
        self.recording.events.iter().filter_map(move |event| match &event.kind {
            EventKind::Intervened(InterventionKind::SetLimit { gate, pass_when })
                if usize::from(*gate) == place =>
            {
                Some((event.at.as_secs_f64(), pass_when.limit(None)?))
            }
            _ => None,
        })
    }

    fn measured(&self, metric: Metric) -> Vec<Measured> {
        let of_metric = |gate: u16| {
            self.plan.gates.get(usize::from(gate)).is_some_and(|gate| gate.metric == metric)
        };
        let events = self.recording.events.iter();
        events
            .filter_map(|event| match &event.kind {
                EventKind::Measured(m) if of_metric(m.gate) => Some(Measured {
                    at: event.at,
                    value: m.value? * self.notation.factor(metric),
                    verdict: m.verdict,
                }),
                _ => None,
            })
            .collect()
    }
}

fn limit_name(gate: &Gate, notation: Notation) -> String {
    let condition = gate.pass_when.or(gate.fail_when);
    match condition {
        Some(condition) => {
            format!("{} {}", gate.name, condition.sentence(gate.metric, notation))
        }
        None => gate.name.clone(),
    }
}

/// The natural end of a metric's axis.
fn floor(metric: Metric) -> Option<f64> {
    let has_floor = metric.is_latency()
        || matches!(metric, Metric::ErrorRate | Metric::TimeoutRate | Metric::Requests);
    has_floor.then_some(0.0)
}

/// Holds all values and limits, and bands as far as they are not out of all proportion.
fn fitted(
    curves: &[Curve],
    limits: &[Limit],
    measured: &[Measured],
    floor: Option<f64>,
) -> [f64; 2] {
    let samples = || curves.iter().flat_map(|curve| curve.pyramid.samples());
    let values = samples().map(|sample| sample.value);
    let of_limits = limits.iter().flat_map(|limit| &limit.line).map(|point| point[1]);
    let of_gates = measured.iter().map(|measured| measured.value);
    let [low, high] = range(values.chain(of_limits).chain(of_gates), floor);
    let reach = (high - low) * 0.35;
    let bands = samples().filter_map(|sample| sample.band);
    let (mut lowest, mut highest) = (low, high);
    for band in bands {
        lowest = lowest.min(band.low.max(low - reach));
        highest = highest.max(band.high.min(high + reach));
    }
    [floor.map_or(lowest, |floor| lowest.max(floor)), highest]
}

impl Figure {
    /// When the first curve begins, in seconds; empty if none ever does.
    pub fn begins(&self) -> Option<f64> {
        self.curves.iter().filter_map(|curve| curve.pyramid.begins()).min_by(f64::total_cmp)
    }

    /// Why there is nothing to see at `until` (seconds); empty if there is something.
    pub fn empty_text(&self, until: f64) -> Option<String> {
        match self.begins() {
            Some(begins) if begins <= until => None,
            Some(begins) => {
                let at = SimTime::from_secs_f64(begins).clock();
                Some(format!("Starts at {at}, when {}.", self.begins_when))
            }
            None => Some(format!("Starts when {}.", self.begins_when)),
        }
    }

    /// A value as labels show it.
    pub fn text(&self, value: f64) -> String {
        let step = (self.y[1] - self.y[0]) / 100.0;
        let sign = if self.has_zero_line && value > 0.0 { "+" } else { "" };
        format!("{sign}{}", super::scale::mark_text(value, 10f64.powf(step.log10().floor())))
    }

    /// How the values were made, for those who ask.
    pub fn explanation(&self) -> String {
        let what = match self.metric {
            Some(metric) if metric.is_latency() => {
                "The histograms of all answers in the stretch are summed, and the percentile is read off the sum."
            }
            Some(metric) if metric.needs_labels() => {
                "Only answers count whose label has become known by then."
            }
            Some(_) => "Counts of the stretch, divided where it is a share.",
            None if self.has_zero_line => {
                "The candidate less the baseline, over all answers since the start. Zero is no difference."
            }
            None => "One point for each job.",
        };
        let has_band =
            self.curves.iter().any(|c| c.pyramid.samples().iter().any(|s| s.band.is_some()));
        let band = if has_band { " The band is the 95 % interval of the value." } else { "" };
        let unit = if self.note.is_empty() { String::new() } else { format!(" ({})", self.note) };
        format!("{}{unit}. {what}{band} Dashed lines are the limits of gates.", self.title)
    }

    /// The chart at `until` (seconds) in words.
    pub fn sentence(&self, until: f64) -> String {
        if let Some(text) = self.empty_text(until) {
            return format!("Chart {}. {text}", self.title);
        }
        let values = self.curves.iter().filter_map(|curve| {
            let sample = curve.pyramid.value_at(until)?;
            Some(
                format!("{} {} {}", curve.arm, self.text(sample.value), self.unit)
                    .trim()
                    .to_owned(),
            )
        });
        let values: Vec<String> = values.collect();
        format!("Chart {}: {}", self.title, values.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    fn of(plan: &Plan, recording: &Recording) -> Vec<Figure> {
        let mut history = History::new(recording.window, plan.traffic.duration);
        history.follow(recording);
        figures(plan, recording, &history, Notation::default())
    }

    fn titles(kind: StrategyKind) -> Vec<String> {
        let (plan, recording) = (fixture::plan(kind), fixture::recording(kind));
        of(&plan, &recording).into_iter().map(|figure| figure.title).collect()
    }

    #[test]
    fn every_strategy_has_its_four_charts() {
        let fourth = |kind| titles(kind).pop().unwrap();
        for kind in StrategyKind::ALL {
            assert_eq!(titles(kind)[..3], ["Accuracy", "p95 latency", "Error rate"], "{kind:?}");
        }
        assert_eq!(fourth(StrategyKind::Canary), "Traffic share");
        assert_eq!(fourth(StrategyKind::Shadow), "Agreement with A");
        assert_eq!(fourth(StrategyKind::Ab), "Accuracy against A");
        let (plan, recording) = fixture::batch();
        let batch: Vec<String> = of(&plan, &recording).into_iter().map(|f| f.title).collect();
        assert_eq!(batch, ["Accuracy", "Age of answers", "Duration of jobs", "Agreement with A"]);
    }

    #[test]
    fn limits_carry_their_name_and_lie_on_the_axis() {
        let kind = StrategyKind::Canary;
        let figures = of(&fixture::plan(kind), &fixture::recording(kind));
        let latency = &figures[1];
        assert_eq!(latency.limits[0].name, "p95 ≤ 70 ms");
        assert!(latency.y[1] > 70.0 && latency.y[0] < 40.0);
        assert!(latency.measured.iter().any(|m| m.verdict == Verdict::Inconclusive));
        assert_eq!(figures[2].limits[0].line[0][1], 5.0, "shares are drawn in percent");
    }

    #[test]
    fn an_empty_chart_says_when_it_begins() {
        let kind = StrategyKind::Shadow;
        let figures = of(&fixture::plan(kind), &fixture::recording(kind));
        let text = figures[3].empty_text(10.0).unwrap();
        assert!(text.starts_with("Starts at 00:3") && text.contains("first copies"), "{text}");
        assert_eq!(figures[3].empty_text(60.0), None);
        assert!(figures[3].sentence(60.0).contains("B 8"), "{}", figures[3].sentence(60.0));
    }
}
