//! Whether gates and intervals keep their promises, by simulation.
//!
//! A/A canaries are watched after every look: how often does each test raise a false alarm, and how
//! soon does it find a real difference? Intervals: how often do they hold the truth? Prints the tables
//! of `docs/validity.md`.
//!
//! `cargo bench --bench validity`; with `-- --runs N` other than 1,000 runs each.

use rayon::prelude::*;

use rehearsal::domain::gate_test::{Method, Test};
use rehearsal::domain::{
    ArmId, ArmWindow, Condition, Histogram, Metric, Quality, SimTime, UnitSum, Window, histogram,
};
use rehearsal::stats::clusters::{BUCKETS, adjusted_difference, difference};
use rehearsal::stats::evidence::Evidence;
use rehearsal::stats::mcnemar::Pairs;
use rehearsal::stats::mean::{Moments, welch};
use rehearsal::stats::proportion::{clopper_pearson, wilson};
use rehearsal::stats::proportion_difference::{Sample, newcombe, pooled_z};
use rehearsal::stats::quantile::order_statistics;
use rehearsal::stats::sequential::LabelTest;

const ROWS: usize = 4_000;
const ALPHA: f64 = 0.05;

/// A SplitMix64 stream.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn is(&mut self, chance: f64) -> bool {
        self.next() < chance
    }

    /// Log-normal with median 1 and σ ½.
    fn latency(&mut self) -> f64 {
        let (u, v) = (1.0 - self.next(), self.next());
        (0.5 * (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()).exp()
    }
}

/// One way to watch, fed row by row: true once it has raised an alarm.
trait Watch {
    fn row(&mut self, is_candidate: bool, is_event: bool, latency: f64) -> bool;
}

/// The label test of the literature: planned shares, every row.
struct Label(LabelTest);

impl Watch for Label {
    fn row(&mut self, is_candidate: bool, is_event: bool, _: f64) -> bool {
        if is_event {
            self.0.look(if is_candidate { &[0, 1] } else { &[1, 0] });
        }
        self.0.p() <= ALPHA
    }
}

/// A two-sample z test at every row, as a dashboard would be read.
struct Peeking([Sample; 2]);

impl Watch for Peeking {
    fn row(&mut self, is_candidate: bool, is_event: bool, _: f64) -> bool {
        let arm = &mut self.0[usize::from(is_candidate)];
        arm.n += 1.0;
        arm.hits += f64::from(u8::from(is_event));
        let [baseline, candidate] = self.0;
        let enough = baseline.n + candidate.n >= 200.0;
        enough && pooled_z(candidate, baseline).is_some_and(|test| test.p_larger() <= ALPHA)
    }
}

/// A gate's own evidence, looked at after every `every` rows.
struct Gate {
    evidence: Evidence,
    condition: Condition,
    every: usize,
    window: Window,
    latencies: [Vec<u32>; 2],
    rows: usize,
}

impl Gate {
    fn new(method: Method, metric: Metric, every: usize) -> Self {
        let condition = match method {
            Method::Sequence | Method::Looks => Condition::AtMostAboveBaseline(0.0),
            _ => Condition::AtLeastTimesBaseline(1.0),
        };
        let test = Test { method, alpha: ALPHA };
        Self {
            evidence: Evidence::new(test, metric, Some(condition), ArmId::CANDIDATE),
            condition,
            every,
            window: empty(),
            latencies: [vec![0; histogram::BINS], vec![0; histogram::BINS]],
            rows: 0,
        }
    }
}

fn empty() -> Window {
    let arm = ArmWindow { quality: vec![Quality::default()], ..ArmWindow::default() };
    Window { start: SimTime::START, end: SimTime::START, stage: 0, arms: vec![arm.clone(), arm] }
}

impl Watch for Gate {
    fn row(&mut self, is_candidate: bool, is_event: bool, latency: f64) -> bool {
        let place = usize::from(is_candidate);
        let arm = &mut self.window.arms[place];
        arm.answered += u64::from(!is_event);
        arm.errors += u64::from(is_event);
        self.latencies[place][histogram::bin_of((latency * 20_000.0) as u64)] += 1;
        self.rows += 1;
        if !self.rows.is_multiple_of(self.every) {
            return false;
        }
        for (arm, counts) in self.window.arms.iter_mut().zip(&mut self.latencies) {
            arm.latency = Histogram::from_dense(counts);
            counts.fill(0);
        }
        self.evidence.look(&[std::mem::replace(&mut self.window, empty())]);
        let weighed = self.evidence.weigh(self.condition);
        // An upper limit is broken, or a lower one on something bad is surely reached.
        let alarm = !self.condition.is_upper();
        weighed.is_some_and(|weighed| weighed.holds == Some(alarm))
    }
}

/// A canary of `ROWS` rows: where the alarm came, if it did.
fn watched(mut watch: Box<dyn Watch>, canary: &Canary, seed: u64) -> Option<usize> {
    let mut random = Random(seed.wrapping_mul(0x2545_F491_4F6C_DD1D));
    (0..ROWS).find(|_| {
        let is_candidate = random.is(canary.share);
        let worse = if is_candidate { canary.ratio } else { 1.0 };
        let slower = if is_candidate { canary.slowdown } else { 1.0 };
        let (event, latency) = (random.is(canary.base * worse), random.latency() * slower);
        watch.row(is_candidate, event, latency)
    })
}

#[derive(Clone, Copy)]
struct Canary {
    share: f64,
    base: f64,
    ratio: f64,
    slowdown: f64,
}

type Make = fn(f64) -> Box<dyn Watch>;

const WATCHES: [(&str, Make); 8] = [
    ("z test, peeked at every row", |_| Box::new(Peeking([Sample { hits: 0.0, n: 0.0 }; 2]))),
    ("label test (fixed shares), every row", |share| {
        let test = LabelTest::new(&[1.0 - share, share], 10.0);
        Box::new(Label(test.unwrap_or_else(|| unreachable!("both shares are above 0"))))
    }),
    ("`label` gate, every 10 rows", |_| Box::new(Gate::new(Method::Label, Metric::ErrorRate, 10))),
    ("`label` gate, every 100 rows", |_| {
        Box::new(Gate::new(Method::Label, Metric::ErrorRate, 100))
    }),
    ("`sequence` gate, every row", |_| Box::new(Gate::new(Method::Sequence, Metric::ErrorRate, 1))),
    ("`quantile` gate (p95), every 100 rows", |_| {
        Box::new(Gate::new(Method::Quantile, Metric::LatencyP95, 100))
    }),
    ("`looks` gate (p95), every 100 rows", |_| {
        Box::new(Gate::new(Method::Looks, Metric::LatencyP95, 100))
    }),
    ("`looks` gate (errors), every 200 rows", |_| {
        Box::new(Gate::new(Method::Looks, Metric::ErrorRate, 200))
    }),
];

/// `2.3 %`, in bold where it breaks the promise by more than three standard errors.
fn percent(count: usize, runs: usize) -> String {
    let share = count as f64 / runs as f64;
    let most = ALPHA + 3.0 * (ALPHA * (1.0 - ALPHA) / runs as f64).sqrt();
    let text = format!("{:.1} %", share * 100.0);
    if share > most { format!("**{text}**") } else { text }
}

fn alarms(make: Make, canary: &Canary, runs: usize) -> Vec<usize> {
    let one = |seed: usize| watched(make(canary.share), canary, seed as u64 + 1);
    let mut found: Vec<usize> = (0..runs).into_par_iter().filter_map(one).collect();
    found.sort_unstable();
    found
}

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn false_alarms(runs: usize) {
    const SHARES: [(&str, f64); 2] = [("90/10", 0.1), ("50/50", 0.5)];
    const BASES: [(&str, f64); 3] = [("0.2 %", 0.002), ("1 %", 0.01), ("30 %", 0.3)];
    println!(
        "| watched | 90/10, 0.2 % | 90/10, 1 % | 90/10, 30 % | 50/50, 0.2 % | 50/50, 1 % | 50/50, 30 % |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (name, make) in WATCHES {
        let mut cells = Vec::new();
        for (_, share) in SHARES {
            for (_, base) in BASES {
                let canary = Canary { share, base, ratio: 1.0, slowdown: 1.0 };
                cells.push(percent(alarms(make, &canary, runs).len(), runs));
            }
        }
        println!("| {name} | {} |", cells.join(" | "));
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn detections(runs: usize) {
    let worse = Canary { share: 0.1, base: 0.01, ratio: 3.0, slowdown: 1.0 };
    let slower = Canary { share: 0.1, base: 0.01, ratio: 1.0, slowdown: 1.3 };
    println!("| watched | difference | found | median rows |");
    println!("|---|---|---|---|");
    for (place, (name, make)) in WATCHES.into_iter().enumerate().skip(1) {
        let (what, canary) = if place == 5 || place == 6 {
            ("latency × 1.3", slower)
        } else {
            ("errors 1 % → 3 %", worse)
        };
        let found = alarms(make, &canary, runs);
        // The median over all runs, those without an alarm being longer than any.
        let median = found.get(runs / 2).map_or(format!("> {ROWS}"), usize::to_string);
        println!(
            "| {name} | {what} | {} | {median} |",
            percent(found.len(), runs).replace('*', "")
        );
    }
}

/// Draws a data set, and says whether each interval holds the truth.
type Cover = fn(&mut Random) -> Option<bool>;

const INTERVALS: [(&str, Cover); 8] = [
    ("Wilson, n 200 to 2,000, p 1 % to 50 %", |random| {
        let (p, n, hits) = binomial(random);
        Some(wilson(hits as f64, n as f64, ALPHA)?.contains(p))
    }),
    ("Clopper and Pearson, the same", |random| {
        let (p, n, hits) = binomial(random);
        Some(clopper_pearson(hits, n, ALPHA)?.contains(p))
    }),
    ("Newcombe, the difference of two such", |random| {
        let ((p, n, hits), (q, m, other)) = (binomial(random), binomial(random));
        Some(newcombe(Sample::new(hits, n), Sample::new(other, m), ALPHA)?.contains(p - q))
    }),
    ("Welch, log-normal, n 100 and 1,000", |random| {
        let mut moments =
            |n: usize| Moments::of(&(0..n).map(|_| random.latency()).collect::<Vec<_>>());
        Some(welch(moments(100), moments(1_000))?.interval(ALPHA)?.contains(0.0))
    }),
    ("Order statistics, p95 of 500 log-normal", |random| {
        let mut values: Vec<f64> = (0..500).map(|_| random.latency()).collect();
        values.sort_by(f64::total_cmp);
        let (low, high) = order_statistics(500, 0.95, ALPHA);
        let at = |place: Option<u64>| values.get(place? as usize).copied();
        let truth = (0.5f64 * 1.644_853_627).exp();
        Some(at(low)? <= truth && truth <= at(high)?)
    }),
    ("McNemar's difference, 1,000 pairs", |random| {
        let mut counts = [0; 4];
        for _ in 0..1_000 {
            let cell = match random.next() {
                x if x < 0.80 => 0,
                x if x < 0.85 => 1,
                x if x < 0.88 => 2,
                _ => 3,
            };
            counts[cell] += 1;
        }
        Some(Pairs::new(counts).interval(ALPHA)?.contains(-0.02))
    }),
    ("`fixed` gate, bounds of 1 point above A", |random| bounds(random, Method::Fixed)),
    ("`sequence` gate, the same, at its last look", |random| bounds(random, Method::Sequence)),
];

fn binomial(random: &mut Random) -> (f64, u64, u64) {
    let (p, n) = (0.01 + 0.49 * random.next(), 200 + (1_800.0 * random.next()) as u64);
    let hits = (0..n).filter(|_| random.is(p)).count() as u64;
    (p, n, hits)
}

/// Whether a gate's bounds hold the true distance to its limit; each is one-sided at half of α.
fn bounds(random: &mut Random, method: Method) -> Option<bool> {
    let test = Test { method, alpha: ALPHA / 2.0 };
    let condition = Condition::AtMostAboveBaseline(0.01);
    let mut evidence = Evidence::new(test, Metric::ErrorRate, Some(condition), ArmId::CANDIDATE);
    let mut window = empty();
    for row in 0..3_000 {
        let (arm, rate) = if row % 4 == 0 { (1, 0.05) } else { (0, 0.03) };
        let is_event = random.is(rate);
        window.arms[arm].errors += u64::from(is_event);
        window.arms[arm].answered += u64::from(!is_event);
    }
    evidence.look(&[window]);
    let weighed = evidence.weigh(condition)?;
    Some(weighed.low? <= 0.01 && 0.01 <= weighed.high?)
}

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn coverage(runs: usize) {
    println!("| interval (95 %) | holds the truth |");
    println!("|---|---|");
    for (name, cover) in INTERVALS {
        let one = |seed: usize| cover(&mut Random(seed as u64 + 1).scattered());
        let held: Vec<bool> = (0..runs).into_par_iter().filter_map(one).collect();
        let share = held.iter().filter(|holds| **holds).count() as f64 / held.len() as f64;
        println!("| {name} | {:.1} % |", share * 100.0);
    }
}

impl Random {
    /// Another stream, far from those of neighbouring seeds.
    fn scattered(&mut self) -> Self {
        Self((self.next() * (1u64 << 53) as f64) as u64)
    }
}

/// Users of an A/A canary, who differ in how often models answer them right, and each send 1 to 40
/// requests, in random order.
const USERS: usize = 1_000;
/// Gates look after so many requests.
const EVERY: usize = 500;

/// One way to compare arms of users who send many requests.
#[derive(Clone, Copy, PartialEq)]
enum Compare {
    /// At the end, each request for itself.
    Requests,
    /// At the end, by the delta method, or by CUPED.
    Users,
    Cuped,
    /// All the time, by a gate.
    Gate(Method),
}

const COMPARES: [(&str, Compare); 6] = [
    ("requests (Newcombe), once", Compare::Requests),
    ("users (delta method), once", Compare::Users),
    ("users with CUPED, once", Compare::Cuped),
    ("`sequence` gate, every 500 requests", Compare::Gate(Method::Sequence)),
    ("`users` gate, every 500 requests", Compare::Gate(Method::Users)),
    ("`cuped` gate, every 500 requests", Compare::Gate(Method::Cuped)),
];

/// What both arms count, by user and by bucket.
struct Crowd {
    by_user: [Vec<UnitSum>; 2],
    /// Since the gate's last look.
    new: [Vec<UnitSum>; 2],
    window: Window,
}

/// After how many requests the candidate, `worse` than the baseline by so much accuracy, was found to be
/// so; once: after all of them.
fn found_worse(compare: Compare, share: f64, worse: f64, seed: u64) -> Option<usize> {
    let mut random = Random(seed).scattered();
    let user = |random: &mut Random| (random.is(share), 0.4 + 0.6 * random.next());
    let users: Vec<(bool, f64)> = (0..USERS).map(|_| user(&mut random)).collect();
    let mut requests: Vec<usize> =
        (0..USERS).flat_map(|user| vec![user; 1 + (40.0 * random.next()) as usize]).collect();
    for place in (1..requests.len()).rev() {
        requests.swap(place, (random.next() * (place + 1) as f64) as usize);
    }
    let units = |n: usize| [vec![UnitSum::default(); n], vec![UnitSum::default(); n]];
    let mut crowd = Crowd { by_user: units(USERS), new: units(BUCKETS), window: empty() };
    let condition = Condition::AtMostBelowBaseline(0.0);
    let mut evidence = match compare {
        Compare::Gate(method) => {
            let test = Test { method, alpha: ALPHA };
            Some(Evidence::new(test, Metric::Accuracy, Some(condition), ArmId::CANDIDATE))
        }
        _ => None,
    };
    for (place, user) in requests.iter().enumerate() {
        let (is_candidate, taste) = users[*user];
        crowd.answer(usize::from(is_candidate), *user, taste, worse, &mut random);
        if let Some(evidence) = evidence.as_mut().filter(|_| (place + 1).is_multiple_of(EVERY)) {
            evidence.look(&[std::mem::replace(&mut crowd.window, empty())]);
            let new = std::mem::replace(&mut crowd.new, units(BUCKETS));
            evidence.count_users(share, [&new[0], &new[1]]);
            // The test is one-sided, as a gate that watches for harm.
            if evidence.weigh(condition).is_some_and(|weighed| weighed.holds == Some(false)) {
                return Some(place + 1);
            }
        }
    }
    let [a, b] = [&crowd.by_user[0], &crowd.by_user[1]];
    let both = 2.0 * ALPHA;
    let high = match compare {
        Compare::Requests => {
            let sample = |users: &[UnitSum]| Sample {
                hits: users.iter().map(|user| user.result).sum(),
                n: users.iter().map(|user| user.labelled).sum(),
            };
            newcombe(sample(b), sample(a), both)?.high
        }
        Compare::Users => difference(a, b)?.interval(both).high,
        Compare::Cuped => adjusted_difference(a, b)?.interval(both).high,
        Compare::Gate(_) => return None,
    };
    (high < 0.0).then_some(requests.len())
}

impl Crowd {
    /// An answer to a user, whom models answer right as often as `taste` says. Of five requests the
    /// candidate answers four as the baseline would have done.
    fn answer(&mut self, arm: usize, user: usize, taste: f64, worse: f64, random: &mut Random) {
        let baseline = random.is(taste);
        let is_right = match arm {
            0 => baseline,
            _ if random.is(0.8) => baseline && !random.is(worse / taste),
            _ => random.is(taste - worse),
        };
        let [result, covariate] =
            [is_right, baseline].map(|is_right| f64::from(u8::from(is_right)));
        let answer = UnitSum { labelled: 1.0, result, covariate };
        self.by_user[arm][user].absorb(&answer);
        self.new[arm][user % BUCKETS].absorb(&answer);
        let quality = &mut self.window.arms[arm].quality[0];
        quality.labelled += 1;
        quality.correct += u64::from(is_right);
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn users(runs: usize) {
    println!(
        "| one observation is | A/A, 90/10 | A/A, 50/50 | 4 points worse, 50/50 | median requests |"
    );
    println!("|---|---|---|---|---|");
    for (name, compare) in COMPARES {
        let found = |share: f64, worse: f64| {
            let one = |seed: usize| found_worse(compare, share, worse, seed as u64 + 1);
            let mut found: Vec<usize> = (0..runs).into_par_iter().filter_map(one).collect();
            found.sort_unstable();
            found
        };
        let [few, half] = [0.1, 0.5].map(|share| percent(found(share, 0.0).len(), runs));
        let worse = found(0.5, 0.04);
        let median = worse.get(runs / 2).map_or("–".to_owned(), usize::to_string);
        let power = percent(worse.len(), runs).replace('*', "");
        println!("| {name} | {few} | {half} | {power} | {median} |");
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn main() {
    let mut args = std::env::args().skip_while(|arg| arg != "--runs").skip(1);
    let runs = args.next().and_then(|runs| runs.parse().ok()).unwrap_or(1_000);
    println!("False alarms in {runs} A/A canaries of {ROWS} rows, α 5 %:\n");
    false_alarms(runs);
    println!("\nReal differences at 90/10, {runs} canaries of {ROWS} rows:\n");
    detections(runs);
    println!("\nUsers who send many requests, {runs} canaries of {USERS} users:\n");
    users(runs);
    println!("\nCoverage in {} data sets:\n", 10 * runs);
    coverage(10 * runs);
}
