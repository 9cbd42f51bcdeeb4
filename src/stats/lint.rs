//! What a sound plan may still get wrong: gates that starve, that never can fail, or that cry wolf.
//!
//! Everything here follows from the plan alone, so a form can say it while the plan is written.

use super::looks::peeking_error;
use crate::domain::gate_test::Method;
use crate::domain::{
    AbMethod, Answer, Dialect, Gate, Judge, LabelDelay, PlanDraft, PlanProblem, SimSpan, Strategy,
    StrategyKind, Units, dialect,
};

/// With fewer values of each arm Kayenta's judge is hardly better than a coin.
const FEWEST_POINTS: u64 = 8;
/// False alarms that a whole plan may be expected to raise before one is warned.
const MOST_ALARMS: f64 = 0.10;

/// A stretch of the rollout in which shares are constant, as far as the plan tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    pub name: String,
    /// Shares of the requests that each side answers, 0 to 1; copies count.
    pub candidate: f64,
    pub baseline: f64,
    /// Empty: until a person acts.
    pub hold: Option<SimSpan>,
}

/// The stages in which gates measure, the first being number 1.
pub fn stages(plan: &PlanDraft) -> Vec<Stage> {
    let stage = |name: &str, candidate: f64, baseline: f64, hold| Stage {
        name: name.to_owned(),
        candidate,
        baseline,
        hold,
    };
    match &plan.strategy {
        Strategy::Single => vec![stage("Single", 0.0, 1.0, Some(plan.traffic.duration))],
        Strategy::Direct { bake, .. } | Strategy::Rolling { bake, .. } => {
            vec![stage("Bake", 1.0, 0.0, Some(*bake))]
        }
        Strategy::Shadow { mirror_percent, observe, .. } => {
            vec![stage("Shadow", mirror_percent / 100.0, 1.0, Some(*observe))]
        }
        Strategy::BlueGreen { preview, preview_mirror_percent, bake, .. } => vec![
            stage("Preview", preview_mirror_percent / 100.0, 1.0, Some(*preview)),
            stage("Bake", 1.0, 0.0, Some(*bake)),
        ],
        Strategy::Canary { ramp, .. } => ramp
            .steps()
            .iter()
            .map(|step| {
                let share = step.weight / 100.0;
                stage(&format!("Canary {} %", step.weight), share, 1.0 - share, step.hold)
            })
            .collect(),
        Strategy::Ab { max_duration, .. } => {
            let share = 1.0 / plan.arms.len().max(2) as f64;
            vec![stage("A/B", share, share, Some(*max_duration))]
        }
        Strategy::Bandit { duration, .. } => {
            let share = 1.0 / plan.arms.len().max(2) as f64;
            vec![stage("Learn", share, share, Some(*duration))]
        }
    }
}

/// Everything worth a second thought, each with the field it is about. Warnings, no errors.
pub fn lint(plan: &PlanDraft) -> Vec<PlanProblem> {
    let mut lint = Lint { plan, stages: stages(plan), found: Vec::new() };
    lint.rollout();
    if plan.dialect != Dialect::Rehearsal {
        // What follows is about our own rules; another controller has its own surprises.
        lint.found.extend(dialect::notes(plan));
        return lint.found;
    }
    for (place, gate) in plan.gates.iter().enumerate() {
        if let Some(judge) = &gate.judge {
            lint.points(place, gate, judge);
            continue;
        }
        lint.evidence(place, gate);
        lint.limits(place, gate);
        lint.answers(place, gate);
        lint.peeking(place, gate);
        lint.units(place, gate);
    }
    lint.units_of_ab();
    lint.alarms();
    lint.found
}

struct Lint<'a> {
    plan: &'a PlanDraft,
    stages: Vec<Stage>,
    found: Vec<PlanProblem>,
}

impl Lint<'_> {
    fn warn(&mut self, field: String, message: String) {
        self.found.push(PlanProblem { field, message });
    }

    fn rollout(&mut self) {
        let kind = self.plan.strategy.kind();
        let decides_itself = kind == StrategyKind::Single || kind.takes_many();
        if self.plan.gates.is_empty() && !decides_itself {
            let message = "Without a gate nothing can stop a bad candidate.";
            self.warn("gates".to_owned(), message.to_owned());
        }
        let holds = self.stages.iter().map(|stage| stage.hold);
        let Some(whole) = holds.sum::<Option<SimSpan>>() else { return };
        let traffic = self.plan.traffic.duration;
        if whole > traffic {
            let message = format!(
                "The stages take {}, the traffic ends after {}: nothing will be decided.",
                whole.words(),
                traffic.words()
            );
            self.warn("traffic.duration".to_owned(), message);
        }
    }

    /// The stages in which a gate measures, with their numbers.
    fn watched<'s>(&'s self, gate: &'s Gate) -> impl Iterator<Item = (u32, &'s Stage)> {
        (1..).zip(&self.stages).filter(|(number, _)| match gate.only_stage {
            Some(only) => only == *number,
            None => *number >= gate.from_stage,
        })
    }

    /// Answers (labelled ones where the metric needs labels) that a measurement sees in a stage, in
    /// the arm that gets fewer of them; `None` where the plan does not tell.
    fn samples(&self, gate: &Gate, stage: &Stage) -> Option<f64> {
        let rate = self.plan.traffic.arrivals.mean_rate()?;
        let share = match gate.needs_baseline() {
            // A gate that is blind is told so elsewhere.
            true if stage.baseline == 0.0 => return None,
            true => stage.candidate.min(stage.baseline),
            false if self.plan.strategy.kind() == StrategyKind::Single => stage.baseline,
            false => stage.candidate,
        };
        // Labels that are late are missing at the start of a stage only, once a stage has begun.
        let hold = stage.hold.unwrap_or(self.plan.traffic.duration);
        let seen = match gate.test.filter(|test| test.method != Method::Fixed) {
            Some(_) => hold,
            None => gate.span().min(hold),
        };
        Some(rate * share * seen.as_secs_f64())
    }

    /// Values that a judge gets before a stage ends, against what it needs to be worth asking.
    fn points(&mut self, place: usize, gate: &Gate, judge: &Judge) {
        let field = format!("gates[{place}].judge");
        let point = judge.point.unwrap_or_else(|| self.plan.window_span());
        let held = |stage: &Stage| gate.window.map_or(stage.hold, |w| stage.hold.map(|h| h.min(w)));
        let fewest = self
            .watched(gate)
            .filter(|(_, stage)| stage.baseline > 0.0)
            .filter_map(|(number, stage)| {
                let points = held(stage)?.micros() / point.micros().max(1);
                Some((points, number, stage.name.clone()))
            })
            .min();
        let Some((points, number, name)) = fewest else { return };
        if points < FEWEST_POINTS {
            let message = format!(
                "Stage {number} ({name}) gives the judge of `{}` {points} values of {}; below {FEWEST_POINTS} it cries wolf or never speaks.",
                gate.name,
                point.words()
            );
            self.warn(field.clone(), message);
        }
        let is_free = judge
            .metrics()
            .any(|of| of.allowed_increase.is_none() && of.allowed_decrease.is_none());
        if is_free {
            let message = "Without allowed_increase or allowed_decrease any shift that is steady enough fails, however small.";
            self.warn(field, message.to_owned());
        }
    }

    /// Whether a gate ever gets what it waits for.
    fn evidence(&mut self, place: usize, gate: &Gate) {
        let field = |name: &str| format!("gates[{place}].{name}");
        let first = gate.initial_delay + gate.interval;
        let too_short = self.watched(gate).find_map(|(number, stage)| {
            let hold = stage.hold.filter(|hold| *hold < first)?;
            Some((number, stage.name.clone(), hold))
        });
        if let Some((number, name, hold)) = too_short {
            let message = format!(
                "Stage {number} ({name}) ends after {}, before `{}` measures for the first time ({}).",
                hold.words(),
                gate.name,
                first.words()
            );
            self.warn(field("interval"), message);
        }
        let starved: Vec<(u32, String, f64)> = self
            .watched(gate)
            .filter_map(|(number, stage)| {
                let samples = self.samples(gate, stage)?;
                let is_starved = samples < gate.min_samples as f64;
                is_starved.then(|| (number, stage.name.clone(), samples))
            })
            .collect();
        let all = self.watched(gate).count();
        let what = if gate.metric.needs_labels() { "labelled requests" } else { "requests" };
        if let Some((number, name, samples)) = starved.first() {
            let lead = match (starved.len(), all) {
                (few, all) if few == all && all > 1 => "No stage gives".to_owned(),
                _ => format!("Stage {number} ({name}) does not give"),
            };
            let message = format!(
                "{lead} `{}` enough: about {samples:.0} {what} a look, it needs {}.",
                gate.name, gate.min_samples
            );
            self.warn(field("min_samples"), message);
        }
        self.late_labels(place, gate);
    }

    fn late_labels(&mut self, place: usize, gate: &Gate) {
        let delay = match self.plan.traffic.label_delay {
            LabelDelay::None => return,
            LabelDelay::Constant(span) | LabelDelay::Exponential { mean: span } => span,
        };
        let blind = self.watched(gate).find_map(|(number, stage)| {
            let is_blind = stage.hold.is_some_and(|hold| hold <= delay);
            is_blind.then(|| (number, stage.name.clone()))
        });
        if let Some((number, name)) = blind.filter(|_| gate.metric.needs_labels()) {
            let message = format!(
                "Labels come after {}: stage {number} ({name}) is over before `{}` sees one of it.",
                delay.words(),
                gate.name
            );
            self.warn(format!("gates[{place}].metric"), message);
        }
    }

    /// How often a gate measures over the whole rollout.
    fn looks(&self, gate: &Gate) -> Option<u64> {
        let holds = self.watched(gate).map(|(_, stage)| stage.hold);
        let whole = holds.sum::<Option<SimSpan>>()?;
        let looks = whole.micros() / gate.interval.micros().max(1);
        Some(gate.count.map_or(looks, |count| looks.min(u64::from(count))))
    }

    fn limits(&mut self, place: usize, gate: &Gate) {
        let field = |name: &str| format!("gates[{place}].{name}");
        let looks = self.looks(gate);
        if let (Some(limit), Some(looks)) = (gate.failure_limit, looks)
            && u64::from(limit) >= looks
            && looks > 0
        {
            let message = format!(
                "`{}` looks {looks} times at most, and {limit} failures are tolerated: it can never \
                 fail.",
                gate.name
            );
            self.warn(field("failure_limit"), message);
        }
        let (span, interval) = (gate.span(), gate.interval);
        if span > interval && gate.failure_limit.unwrap_or(0) > 0 && gate.test.is_none() {
            let message = format!(
                "Windows of {} every {} overlap: one bad stretch counts {} times.",
                span.words(),
                interval.words(),
                span.micros() / interval.micros().max(1)
            );
            self.warn(field("window"), message);
        }
    }

    fn answers(&mut self, place: usize, gate: &Gate) {
        let field = |name: &str| format!("gates[{place}].{name}");
        if gate.on_no_data == Answer::Pass {
            let message = format!("No data passes `{}`: an outage looks like success.", gate.name);
            self.warn(field("on_no_data"), message);
        }
        let conditions = [gate.pass_when, gate.fail_when];
        let compares = conditions.iter().flatten().any(|condition| condition.needs_baseline());
        let is_blind = |(_, stage): (u32, &Stage)| stage.baseline == 0.0;
        if compares && self.watched(gate).all(is_blind) && self.watched(gate).count() > 0 {
            let message = format!(
                "`{}` compares with the baseline, which answers nobody while it measures: give it an \
                 absolute limit.",
                gate.name
            );
            self.warn(field("pass_when"), message);
        }
    }

    /// Tests that are right once are wrong when they are watched.
    fn peeking(&mut self, place: usize, gate: &Gate) {
        let Some(test) = gate.test.filter(|test| !test.method.is_always_valid()) else { return };
        let looks = self.looks(gate).unwrap_or(0);
        if looks < 2 {
            return;
        }
        let message = match test.method {
            Method::Bayes => format!(
                "`{}` looks {looks} times; a posterior promises nothing about how often that raises \
                 a false alarm. The confidence sequence does.",
                gate.name
            ),
            _ => {
                // One-sided at α is two-sided at 2 α; each look has its own window, so they are
                // independent: 1 − (1 − α)ᴸ. Over one growing sample it would be less.
                let independent = 1.0 - (1.0 - test.alpha).powf(looks as f64);
                let growing: Vec<f64> = (1..=looks.min(200)).map(|look| look as f64).collect();
                let growing = peeking_error(&growing, 2.0 * test.alpha) / 2.0;
                let alarms = if gate.window.is_none() { independent } else { growing };
                format!(
                    "`{}` looks {looks} times with a test for one look: about {:.0} % false alarms \
                     rather than {} %. The confidence sequence may be watched.",
                    gate.name,
                    alarms * 100.0,
                    test.alpha * 100.0
                )
            }
        };
        self.warn(format!("gates[{place}].test.method"), message);
    }

    /// Requests of one user are no independent observations, as most tests take them.
    fn units(&mut self, place: usize, gate: &Gate) {
        let Some(test) =
            gate.test.filter(|test| Method::Users.fits(gate.metric) || test.method.is_by_users())
        else {
            return;
        };
        let field = format!("gates[{place}].test.method");
        match (test.method.is_by_users(), self.has_users()) {
            (false, true) => {
                let message = format!(
                    "`{}` takes each request for an observation of its own. If users send many, it \
                     is too sure: `users` takes each user for one.",
                    gate.name
                );
                self.warn(field, message);
            }
            (true, _) if self.plan.traffic.units == Units::Request => {
                let message = format!(
                    "Each request is a unit of its own, so users tell `{}` no more than requests \
                     do: the confidence sequence is enough.",
                    gate.name
                );
                self.warn(field, message);
            }
            _ => {}
        }
    }

    fn units_of_ab(&mut self) {
        let is_by_requests = matches!(
            &self.plan.strategy,
            Strategy::Ab { method: AbMethod::Requests, metric, .. } if Method::Users.fits(*metric)
        );
        if is_by_requests && self.has_users() {
            let message = "The test takes each request for an observation of its own. If users send \
                           many, it is too sure: method `users` takes each user for one.";
            self.warn("strategy.method".to_owned(), message.to_owned());
        }
    }

    /// Who sent a request is known, and decides its arm.
    fn has_users(&self) -> bool {
        self.plan.traffic.units == Units::Column && self.plan.data.user.is_some()
    }

    /// The false alarms of all tests together, at most (Boole's inequality).
    fn alarms(&mut self) {
        let tests = self.plan.gates.iter().filter_map(|gate| gate.test);
        let sum: f64 = tests.filter(|t| t.method.is_always_valid()).map(|test| test.alpha).sum();
        if sum > MOST_ALARMS {
            let message = format!(
                "All tests together may stop a good candidate in {:.0} % of the rollouts.",
                sum * 100.0
            );
            self.warn("gates".to_owned(), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::gate_test::Test;
    use crate::domain::{Arrivals, Condition, Metric, Ramp, Step};

    fn plan(gate: Gate) -> PlanDraft {
        let step = |weight| Step { weight, hold: Some(SimSpan::from_secs(120)) };
        let mut strategy = StrategyKind::Canary.default_strategy();
        if let Strategy::Canary { ramp, .. } = &mut strategy {
            *ramp = Ramp::Steps(vec![step(5.0), step(50.0)]);
        }
        let mut plan = PlanDraft { strategy, gates: vec![gate], ..PlanDraft::default() };
        plan.traffic.arrivals = Arrivals::Constant { per_second: 10.0 };
        plan.traffic.duration = SimSpan::from_secs(600);
        plan
    }

    fn gate() -> Gate {
        Gate {
            name: "Errors".to_owned(),
            pass_when: Some(Condition::AtMost(0.02)),
            min_samples: 20,
            ..Gate::default()
        }
    }

    fn fields(plan: &PlanDraft) -> Vec<String> {
        lint(plan).into_iter().map(|advice| advice.field).collect()
    }

    #[test]
    fn a_careful_plan_gets_no_advice() {
        assert_eq!(lint(&plan(gate())), []);
    }

    #[test]
    fn a_starved_gate_is_told_with_what_it_will_see() {
        let starved = plan(Gate { min_samples: 390, ..gate() });
        // 10 requests a second, 5 % of them for a minute.
        let told = &lint(&starved)[0].message;
        assert_eq!(told, "No stage gives `Errors` enough: about 30 requests a look, it needs 390.");
        let at_first = plan(Gate { min_samples: 200, ..gate() });
        assert!(lint(&at_first)[0].message.starts_with("Stage 1 (Canary 5 %) does not give"));
        // A test that adds up evidence sees the whole stage.
        let test = Some(Test::new(Method::Sequence));
        assert_eq!(fields(&plan(Gate { min_samples: 55, test, ..gate() })), [""; 0]);
    }

    #[test]
    fn gates_that_cannot_do_their_work_are_told_with_their_field() {
        let field = |gate: Gate| fields(&plan(gate)).join(" ");
        assert_eq!(field(Gate { failure_limit: Some(4), ..gate() }), "gates[0].failure_limit");
        let slow = Gate { interval: SimSpan::from_secs(130), ..gate() };
        assert_eq!(field(slow), "gates[0].interval");
        let lax = Gate { on_no_data: Answer::Pass, ..gate() };
        assert_eq!(field(lax), "gates[0].on_no_data");
        let peeked = Gate { test: Some(Test::new(Method::Fixed)), ..gate() };
        assert_eq!(field(peeked), "gates[0].test.method");
        let by_requests =
            Gate { metric: Metric::Accuracy, test: Some(Test::new(Method::Sequence)), ..gate() };
        let mut many = plan(by_requests);
        many.data.user = Some("user".to_owned());
        assert_eq!(fields(&many), ["gates[0].test.method"]);
        many.gates[0].test = Some(Test::new(Method::Users));
        assert_eq!(fields(&many), [""; 0]);
        let mut late = plan(Gate { metric: Metric::Accuracy, ..gate() });
        late.traffic.label_delay = LabelDelay::Constant(SimSpan::from_secs(300));
        assert_eq!(fields(&late), ["gates[0].metric"]);
        let mut blind =
            plan(Gate { pass_when: Some(Condition::AtMostTimesBaseline(1.1)), ..gate() });
        blind.strategy = StrategyKind::Direct.default_strategy();
        assert_eq!(fields(&blind), ["gates[0].pass_when"]);
    }

    #[test]
    fn rollouts_that_cannot_end_or_be_stopped_are_told() {
        let mut short = plan(gate());
        short.traffic.duration = SimSpan::from_secs(200);
        assert_eq!(fields(&short), ["traffic.duration"]);
        short.traffic.duration = SimSpan::from_secs(600);
        short.gates.clear();
        assert_eq!(fields(&short), ["gates"]);
    }

    #[test]
    fn many_tests_add_up() {
        let test = Some(Test { alpha: 0.05, ..Test::new(Method::Sequence) });
        let mut plan = plan(Gate { test, ..gate() });
        plan.gates = vec![plan.gates[0].clone(); 3];
        assert_eq!(lint(&plan).last().unwrap().field, "gates");
    }
}
