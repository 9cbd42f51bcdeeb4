//! What the diagram shows at a moment, as plain values.

use super::flow::{Dot, Flow};
use crate::domain::number::grouped;
use crate::domain::{
    ArmId, ArmWindow, BatchJob, Metric, Plan, Recording, SimSpan, SimTime, StrategyKind, Units,
    Window,
};
use crate::stats::verdict::SplitWord;
use crate::ui::notation;

/// Wall-clock seconds that a dot needs for its whole way.
const TRAVEL_SECS: f64 = 2.4;
/// People drawn for an A/B test.
const PEOPLE: usize = 12;

/// The moment that is shown, and how.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub recording: &'a Recording,
    pub plan: &'a Plan,
    pub flow: &'a Flow,
    /// The windows just before `now` as one.
    pub recent: &'a Window,
    pub now: SimTime,
    /// Simulated seconds per second.
    pub speed: f64,
    /// Widths and numbers only, no dots.
    pub is_still: bool,
    /// Whether the split is as planned, as far as that is known.
    pub split: Option<SplitWord>,
}

pub struct Scene {
    pub kind: StrategyKind,
    pub now: SimTime,
    /// Live requests per second.
    pub rate: f64,
    pub router_note: String,
    pub arms: Vec<ArmScene>,
    pub dots: Vec<Dot>,
    /// Requests that one dot stands for; 0 without dots.
    pub worth: u64,
    /// How far the traffic has moved from the baseline (0) to the candidate (1), a little behind
    /// the time so that a switch can be seen.
    pub swing: f32,
    /// Which arm each drawn person meets; empty but for an A/B test.
    pub people: Vec<ArmId>,
    /// Everybody waits for a job.
    pub is_batch: bool,
    pub split: Option<SplitWord>,
}

/// One arm at the moment.
pub struct ArmScene {
    pub id: ArmId,
    pub name: String,
    /// Share of the live requests, 0 to 1.
    pub share: f64,
    /// Copies as a share of the live requests.
    pub copies: f64,
    /// Requests per second, copies included.
    pub rate: f64,
    /// p95 latency in milliseconds.
    pub p95: Option<f64>,
    /// Share of the requests that failed.
    pub failed: Option<f64>,
    pub replicas: u32,
    pub queue: u32,
    pub utilisation: Option<f64>,
    pub units: u64,
    /// Share of the copies answered as the baseline did, and their number.
    pub agreement: Option<(f64, u64)>,
    pub batch: Option<BatchScene>,
}

/// An arm's scheduled job.
pub struct BatchScene {
    /// Rows that have piled up since the last job began.
    pub waiting: u64,
    /// The most that piled up before any job.
    pub most: u64,
    /// Rows of the running job, and how much of its time has passed.
    pub running: Option<(u64, f32)>,
    pub next: SimTime,
}

impl Scene {
    pub fn new(view: &View<'_>) -> Self {
        let travel = SimSpan::from_secs_f64(TRAVEL_SECS * view.speed);
        let recent = view.recent;
        let secs = recent.span().as_secs_f64().max(1e-9);
        let arms: Vec<ArmScene> = recent
            .arms
            .iter()
            .enumerate()
            .map(|(place, arm)| ArmScene::new(view, ArmId::new(place), arm))
            .collect();
        let is_batch = view.plan.batch.as_ref().is_some_and(|batch| batch.share >= 100.0);
        Self {
            kind: view.recording.strategy,
            now: view.now,
            rate: recent.arrivals() as f64 / secs,
            router_note: router_note(view.plan),
            people: people(view.recording.strategy, &arms),
            arms,
            dots: if view.is_still {
                Vec::new()
            } else {
                view.flow.dots(view.recording, view.now, travel)
            },
            worth: if view.is_still { 0 } else { view.flow.worth(travel) },
            swing: swing(view.recording, view.now, travel),
            is_batch,
            split: view.split.filter(|_| view.recording.strategy == StrategyKind::Ab),
        }
    }

    /// The diagram in words, for screen readers.
    pub fn sentence(&self) -> String {
        let arms: Vec<String> = self.arms.iter().map(ArmScene::sentence).collect();
        format!(
            "Traffic at {}: {} requests per second. {}",
            notation::time(self.now),
            short(self.rate),
            arms.join(". ")
        )
    }

    pub fn has_copies(&self) -> bool {
        self.kind == StrategyKind::Shadow || self.arms.iter().any(|arm| arm.copies > 0.0)
    }
}

fn router_note(plan: &Plan) -> String {
    match plan.traffic.units {
        Units::Column if plan.data.user.is_some() => "sticky by user".to_owned(),
        Units::Synthetic(_) => "sticky by user".to_owned(),
        Units::Column | Units::Request => "request by request".to_owned(),
    }
}

/// Nested buckets: raising a share never moves a person back.
fn people(kind: StrategyKind, arms: &[ArmScene]) -> Vec<ArmId> {
    if kind != StrategyKind::Ab {
        return Vec::new();
    }
    let arm_of = |bucket: f64| {
        let mut left = bucket;
        let found = arms.iter().find(|arm| {
            left -= arm.share;
            left < 0.0
        });
        found.map_or(ArmId::BASELINE, |arm| arm.id)
    };
    (0..PEOPLE).map(|k| arm_of((k as f64 + 0.5) / PEOPLE as f64)).collect()
}

/// The candidates' share over the last stretch of `travel`.
fn swing(recording: &Recording, now: SimTime, travel: SimSpan) -> f32 {
    const SAMPLES: u64 = 12;
    let share = |window: &Window| {
        let of_candidates: u64 = window.arms.iter().skip(1).map(|arm| arm.arrivals).sum();
        of_candidates as f64 / window.arrivals().max(1) as f64
    };
    let step = travel.micros() / 3 / SAMPLES;
    let before = |k: u64| now - SimSpan::from_micros(k * step);
    let sum: f64 = (0..SAMPLES).filter_map(|k| recording.window_at(before(k))).map(share).sum();
    (sum / SAMPLES as f64) as f32
}

impl ArmScene {
    fn new(view: &View<'_>, id: ArmId, arm: &ArmWindow) -> Self {
        let live = view.recent.arrivals();
        let secs = view.recent.span().as_secs_f64().max(1e-9);
        let quality = arm.total_quality();
        let is_copied = arm.mirrored > 0;
        Self {
            id,
            name: view.recording.arms.get(id.index()).cloned().unwrap_or_default(),
            share: arm.arrivals as f64 / live.max(1) as f64,
            copies: (arm.mirrored as f64 / live.max(1) as f64).min(1.0),
            rate: (arm.arrivals + arm.mirrored) as f64 / secs,
            p95: arm.metric(Metric::LatencyP95),
            failed: arm.metric(Metric::ErrorRate),
            replicas: arm.ready_replicas,
            queue: arm.longest_queue,
            utilisation: arm.metric(Metric::Utilisation),
            units: arm.units,
            agreement: (is_copied && quality.answers > 0)
                .then(|| (quality.agree as f64 / quality.answers as f64, quality.answers)),
            batch: BatchScene::new(view, id),
        }
    }

    /// The line under the arm's name.
    pub fn note(&self) -> String {
        match (self.p95, &self.batch) {
            (Some(p95), None) => {
                let p95 = notation::value(Metric::LatencyP95, p95.round());
                format!("{}   p95 {p95}", self.short_note())
            }
            _ => self.short_note(),
        }
    }

    /// Share and rate.
    pub fn short_note(&self) -> String {
        let mut text = if self.share == 0.0 && self.copies > 0.0 {
            format!("{} copied", percent(self.copies))
        } else {
            percent(self.share)
        };
        if self.rate > 0.0 {
            text.push_str(&format!("   {}/s", short(self.rate)));
        }
        text
    }

    /// How the job stands, where there is one.
    pub fn job_note(&self) -> Option<String> {
        let batch = self.batch.as_ref()?;
        Some(match batch.running {
            Some((rows, _)) => format!("job scores {} rows", grouped(rows)),
            None => {
                format!(
                    "{} rows wait, job at {}",
                    grouped(batch.waiting),
                    notation::time(batch.next)
                )
            }
        })
    }

    fn sentence(&self) -> String {
        let mut text = format!("{} to {} {}", percent(self.share), self.id, self.name);
        if self.copies > 0.0 {
            text.push_str(&format!(", copies of {}, not used", percent(self.copies)));
        }
        if let Some(failed) = self.failed.filter(|failed| *failed > 0.0) {
            text.push_str(&format!(", {} failed", notation::value(Metric::ErrorRate, failed)));
        }
        if let Some(batch) = &self.batch {
            text.push_str(&format!(", {} rows wait for the job", batch.waiting));
        }
        text
    }

    /// Label and value of everything known, for the tooltip.
    pub fn details(&self) -> Vec<(&'static str, String)> {
        let mut rows = vec![("Share", percent(self.share))];
        if self.copies > 0.0 {
            rows.push(("Copies", percent(self.copies)));
        }
        rows.push(("Requests per second", short(self.rate)));
        let metrics = [
            (Metric::LatencyP95, self.p95),
            (Metric::ErrorRate, self.failed),
            (Metric::Utilisation, self.utilisation),
        ];
        for (metric, value) in metrics {
            if let Some(value) = value {
                rows.push((metric.label(), notation::value(metric, value)));
            }
        }
        rows.push(("Longest queue", self.queue.to_string()));
        rows.push(("Replicas ready", self.replicas.to_string()));
        rows.push(("Units so far", self.units.to_string()));
        rows
    }
}

impl BatchScene {
    fn new(view: &View<'_>, arm: ArmId) -> Option<Self> {
        let plan = view.plan.batch.as_ref()?;
        let jobs = || view.recording.jobs.iter().filter(move |job| job.arm == arm);
        let begun = jobs().rfind(|job| job.start <= view.now);
        let since = begun.map_or(SimTime::START, |job| job.start);
        let piled = view
            .recording
            .windows
            .iter()
            .filter(|window| window.end > since && window.end <= view.now);
        let rows: u64 =
            piled.filter_map(|w| w.arm(arm)).map(|arm| arm.arrivals + arm.mirrored).sum();
        let waiting = (rows as f64 * plan.share / 100.0) as u64;
        let progress = |job: &BatchJob| {
            let whole = job.duration().as_secs_f64().max(1e-9);
            (job.rows, (view.now.since(job.start).as_secs_f64() / whole) as f32)
        };
        Some(Self {
            waiting,
            most: jobs().map(|job| job.rows).max().unwrap_or(waiting).max(waiting),
            running: begun.filter(|job| job.end > view.now).map(progress),
            next: next_start(plan.first, plan.every, view.now),
        })
    }
}

/// The first scheduled start after `now`.
fn next_start(first: SimTime, every: SimSpan, now: SimTime) -> SimTime {
    if now < first {
        return first;
    }
    let passed = now.since(first).micros() / every.micros().max(1);
    first + every.times(passed + 1)
}

/// A share in whole percent, or finer where that would hide it.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    let near_an_end = value > 0.0 && value < 10.0 && (value - value.round()).abs() > 0.05;
    if near_an_end { format!("{value:.1} %") } else { format!("{value:.0} %") }
}

/// A count or rate to about three digits.
pub fn short(value: f64) -> String {
    match value {
        value if value >= 1e6 => format!("{:.1} M", value / 1e6),
        value if value >= 1e4 => format!("{:.1} k", value / 1e3),
        value if value >= 100.0 => format!("{value:.0}"),
        _ => format!("{value:.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{fixture, moment};
    use super::*;

    fn scene_of(plan: &Plan, recording: &Recording, secs: u64) -> Scene {
        shown(plan, recording, secs, false)
    }

    fn shown(plan: &Plan, recording: &Recording, secs: u64, is_still: bool) -> Scene {
        let now = SimTime::from_secs(secs);
        let recent = moment::recent(recording, moment::reached(recording, now)).unwrap();
        let mut flow = Flow::default();
        flow.follow(recording);
        let view = View {
            recording,
            plan,
            flow: &flow,
            recent: &recent,
            now,
            speed: 4.0,
            is_still,
            split: None,
        };
        Scene::new(&view)
    }

    fn scene(kind: StrategyKind, secs: u64) -> Scene {
        scene_of(&fixture::plan(kind), &fixture::recording(kind), secs)
    }

    #[test]
    fn the_sentence_tells_who_gets_what() {
        let text = scene(StrategyKind::Canary, 130).sentence();
        assert!(text.contains("to A risk v1") && text.contains("25 % to B risk v2"), "{text}");
        let shadow = scene(StrategyKind::Shadow, 100);
        assert!(shadow.sentence().contains("copies of 100 %, not used"), "{}", shadow.sentence());
        assert_eq!(shadow.arms[1].agreement.map(|(share, _)| (share * 10.0).round()), Some(9.0));
    }

    #[test]
    fn a_switch_swings_over_in_a_moment_and_back_when_scrubbed() {
        let at = |secs| scene(StrategyKind::BlueGreen, secs).swing;
        assert_eq!(at(119), 0.0);
        assert!(at(121) > 0.0 && at(121) < 1.0, "{}", at(121));
        assert_eq!(at(130), 1.0);
    }

    #[test]
    fn stills_keep_widths_and_numbers_but_no_dots() {
        let kind = StrategyKind::Canary;
        let (plan, recording) = (fixture::plan(kind), fixture::recording(kind));
        let [moving, still] = [false, true].map(|is| shown(&plan, &recording, 130, is));
        assert!(!moving.dots.is_empty() && still.dots.is_empty());
        assert_eq!((still.worth, still.sentence()), (0, moving.sentence()));
    }

    #[test]
    fn every_person_of_an_experiment_has_an_arm() {
        let people = scene(StrategyKind::Ab, 100).people;
        let of = |arm| people.iter().filter(|person| **person == ArmId::new(arm)).count();
        assert_eq!(people.len(), PEOPLE);
        assert_eq!((of(0), of(1) + of(2)), (6, 6));
    }

    #[test]
    fn rows_pile_up_until_the_job_begins() {
        let (plan, recording) = fixture::batch();
        let at = |secs| scene_of(&plan, &recording, secs).arms.swap_remove(0).batch.unwrap();
        assert!(at(50).waiting > at(20).waiting && at(20).running.is_none());
        assert_eq!(at(50).next, SimTime::from_secs(60));
        let during = at(64);
        assert!(during.waiting < at(50).waiting);
        assert!(during.running.is_some_and(|(_, share)| (0.2..0.3).contains(&share)));
    }

    #[test]
    fn small_shares_are_not_rounded_away() {
        assert_eq!(
            (percent(0.004), percent(0.05), percent(0.754)),
            ("0.4 %".into(), "5 %".into(), "75 %".into())
        );
    }
}
