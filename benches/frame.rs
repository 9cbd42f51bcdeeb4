//! What a frame of the Rehearse screen costs while a long recording plays: layout and tessellation,
//! without the drawing, which is the graphics card's. By the clock: the system tells processor time
//! less often than there are frames.
//!
//! A canary with four gated charts and two arms, eight series in all; a hundred million requests in
//! a day, in windows of ten seconds; a window of 1440×900 points.
//!
//! `cargo bench --bench frame`

use std::time::Instant;

use egui::{Context, Event, Pos2, RawInput, Rect, vec2};
use rehearsal::app::{Commands, Playback, PlaybackCommand};
use rehearsal::domain::histogram::{BINS, bin_of};
use rehearsal::domain::{
    ArmId, ArmWindow, Condition, EventKind, Gate, Histogram, Metric, ModelSource, Outcome,
    OutcomeKind, Plan, PlanDraft, Quality, Recording, SimSpan, SimTime, StrategyKind, Window,
};
use rehearsal::ui::rehearse::{RehearseMemory, RehearseView, rehearse_ui};
use rehearsal::ui::theme;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZE: egui::Vec2 = vec2(1_440.0, 900.0);
const WINDOWS: u64 = 8_640;
const WINDOW_SECS: u64 = 10;
const REQUESTS: u64 = 100_000_000;
const FRAMES: usize = 1_500;
const FRAME_SECS: f64 = 1.0 / 60.0;

fn plan() -> Plan {
    let gate = |name: &str, metric, pass_when| Gate {
        name: name.to_owned(),
        metric,
        pass_when: Some(pass_when),
        ..Gate::default()
    };
    let mut draft = PlanDraft {
        name: "A day".to_owned(),
        gates: vec![
            gate("Accuracy", Metric::Accuracy, Condition::AtLeast(0.6)),
            gate("p95", Metric::LatencyP95, Condition::AtMost(90.0)),
            gate("Errors", Metric::ErrorRate, Condition::AtMost(0.05)),
        ],
        ..PlanDraft::default()
    };
    draft.data.path = "rows".to_owned();
    draft.traffic.duration = SimSpan::from_secs(WINDOWS * WINDOW_SECS);
    for arm in &mut draft.arms {
        arm.model = ModelSource::Column("score".to_owned());
    }
    draft.validate().unwrap_or_else(|problems| unreachable!("the plan is sound: {problems:?}"))
}

/// Between 0 and 1, the same in every run.
fn scatter(k: u64) -> f64 {
    let x = (k as f64 * 12.9898).sin() * 43_758.547;
    x - x.floor()
}

fn arm_window(arm: u64, k: u64, share: f64) -> ArmWindow {
    let arrivals = (REQUESTS as f64 / WINDOWS as f64 * share) as u64;
    let errors = (arrivals as f64 * 0.02 * scatter(k + arm)) as u64;
    let answered = arrivals - errors;
    let mut bins = vec![0_u32; BINS];
    for part in 0..20 {
        let millis = 15.0 + 3.0 * f64::from(part) + 10.0 * scatter(k * 7 + arm);
        bins[bin_of((millis * 1e3) as u64)] += (answered / 20) as u32;
    }
    let right = 0.75 + 0.02 * arm as f64 + 0.05 * scatter(3 * k + arm);
    ArmWindow {
        requested: share,
        feasible: share,
        arrivals,
        answered,
        errors,
        latency: Histogram::from_dense(&bins),
        ready_replicas: 4,
        quality: vec![Quality {
            answers: answered,
            labelled: answered,
            correct: (answered as f64 * right) as u64,
            ..Quality::default()
        }],
        ..ArmWindow::default()
    }
}

fn recording(plan: &Plan) -> Recording {
    let share = |k: u64| [0.05, 0.25, 0.5, 1.0][(k * 4 / WINDOWS) as usize];
    let window = |k: u64| Window {
        start: SimTime::from_secs(k * WINDOW_SECS),
        end: SimTime::from_secs((k + 1) * WINDOW_SECS),
        stage: (k * 4 / WINDOWS) as u16,
        arms: vec![arm_window(0, k, 1.0 - share(k)), arm_window(1, k, share(k))],
    };
    let stage = |stage: u16| rehearsal::domain::Event {
        at: SimTime::from_secs(u64::from(stage) * WINDOWS * WINDOW_SECS / 4),
        kind: EventKind::Stage(stage),
    };
    Recording {
        strategy: StrategyKind::Canary,
        arms: plan.arms.iter().map(|arm| arm.name.clone()).collect(),
        gates: plan.gates.iter().map(|gate| gate.name.clone()).collect(),
        segments: Vec::new(),
        stages: ["5 %", "25 %", "50 %", "100 %"].map(str::to_owned).to_vec(),
        window: SimSpan::from_secs(WINDOW_SECS),
        windows: (0..WINDOWS).map(window).collect(),
        events: (0..4).map(stage).collect(),
        jobs: Vec::new(),
        outcome: Outcome {
            kind: OutcomeKind::Held,
            at: SimTime::from_secs(WINDOWS * WINDOW_SECS),
            winner: ArmId::BASELINE,
            reason: String::new(),
        },
    }
}

fn main() {
    let plan = plan();
    let recording = recording(&plan);
    let mut playback = Playback::new(plan.traffic.duration);
    playback.follow(&recording, true);
    playback.apply(PlaybackCommand::Play, &recording);
    let ctx = Context::default();
    theme::install(&ctx);
    let mut memory = RehearseMemory::default();
    let mut times = Vec::with_capacity(FRAMES);
    for frame in 0..FRAMES {
        playback.advance(FRAME_SECS, &recording);
        let pointer = Pos2::new(300.0 + (frame % 600) as f32, 600.0);
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
            time: Some(frame as f64 * FRAME_SECS),
            // Over the charts, which then tell the values under the pointer.
            events: vec![Event::PointerMoved(pointer)],
            ..RawInput::default()
        };
        let begun = Instant::now();
        let mut output = ctx.run_ui(input, |ui| {
            let view = RehearseView {
                run: 1,
                plan: &plan,
                recording: &recording,
                playback: &playback,
                notes: &[],
                forks: &[],
                is_still: false,
            };
            rehearse_ui(ui, &view, &mut memory, &mut Commands::default());
        });
        // There is no graphics card to hand them to.
        output.textures_delta.clear();
        let primitives = ctx.tessellate(output.shapes, output.pixels_per_point);
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        drop(primitives);
    }
    print(&times);
}

#[expect(clippy::print_stdout, reason = "the table is what a bench is for")]
fn print(times: &[f64]) {
    let first = times.first().copied().unwrap_or_default();
    let mut rest: Vec<f64> = times.iter().skip(10).copied().collect();
    rest.sort_by(f64::total_cmp);
    let at = |share: f64| rest.get((rest.len() as f64 * share) as usize).copied().unwrap_or(0.0);
    println!("first frame, all charts computed  {first:8.2} ms");
    println!("median of {} frames             {:8.2} ms", rest.len(), at(0.5));
    println!("p99                               {:8.2} ms", at(0.99));
}
