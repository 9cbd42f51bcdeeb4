//! The parameters of the chosen strategy.

use egui::{RichText, Ui};

use super::{Page, ramp};
use crate::domain::{
    AbMethod, ArmId, Dialect, Metric, PlanDraft, Policy, ShadowEnd, SimSpan, SplitBy, Strategy,
};
use crate::ui::form::{Field, Form};
use crate::ui::theme::Tokens;
use crate::ui::widgets::section;

const ENDS: [(ShadowEnd, &str); 3] = [
    (ShadowEnd::Promote, "The candidate takes over"),
    (ShadowEnd::Retain, "It stays a shadow"),
    (ShadowEnd::Remove, "It is taken down"),
];
const SPLITS: [(SplitBy, &str); 2] =
    [(SplitBy::Users, "Users, sticky"), (SplitBy::Servers, "Ready replicas")];

/// Draws the card.
pub fn strategy_ui(ui: &mut Ui, page: &mut Page<'_>, draft: &mut PlanDraft) {
    let candidates = draft.arms.len().saturating_sub(1);
    let kind = draft.strategy.kind();
    section(ui, kind.label(), "how the candidate gets its traffic");
    let form = &mut page.form;
    dialect_ui(ui, form, draft);
    match &mut draft.strategy {
        Strategy::Single => {
            ui.label("Nothing to set: the baseline answers everything.");
        }
        Strategy::Direct { in_place, bake, termination_wait } => {
            bake_ui(ui, form, bake);
            let wait = field("termination_wait", "Old fleet lives on")
                .help("Until then the way back is instant")
                .usual(&SimSpan::ZERO);
            form.value(ui, &wait, termination_wait);
            let place = field("in_place", "Replace the fleet in place")
                .help("Cheap, but nobody answers while the new fleet starts");
            form.switch(ui, &place, in_place);
        }
        Strategy::Rolling { .. } => rolling_ui(ui, form, &mut draft.strategy),
        Strategy::Shadow { mirror_percent, observe, then } => {
            let mirror = field("mirror_percent", "Copied").unit("% of the requests");
            form.value(ui, &mirror.usual(&100.0), mirror_percent);
            let usual = SimSpan::from_secs(600);
            form.value(ui, &field("observe", "Observe for").usual(&usual), observe);
            form.choice(ui, &field("then", "Then"), then, &ENDS);
        }
        Strategy::BlueGreen { .. } => blue_green_ui(ui, form, &mut draft.strategy),
        Strategy::Canary { .. } => canary_ui(ui, form, &mut draft.strategy),
        Strategy::Ab { .. } => ab_ui(ui, form, &mut draft.strategy, candidates),
        Strategy::Bandit { .. } => bandit_ui(ui, form, &mut draft.strategy),
    }
}

/// Whose rules it follows, with the sentence that tells them from ours.
fn dialect_ui(ui: &mut Ui, form: &mut Form<'_>, draft: &mut PlanDraft) {
    let dialects = Dialect::ALL.map(|dialect| (dialect, dialect.label()));
    let rules = Field::new("dialect", "By the rules of")
        .help("The same plan as another controller would carry it out, to the tick");
    form.choice(ui, &rules, &mut draft.dialect, &dialects);
    if draft.dialect != Dialect::Rehearsal {
        ui.label(RichText::new(draft.dialect.sentence()).color(Tokens::of(ui).subdued));
        ui.add_space(4.0);
    }
}

fn field(name: &str, label: &'static str) -> Field {
    Field::new(format!("strategy.{name}"), label)
}

fn bake_ui(ui: &mut Ui, form: &mut Form<'_>, bake: &mut SimSpan) {
    let field = field("bake", "Bake for")
        .help("How long the gates watch after the switch")
        .usual(&SimSpan::from_secs(300));
    form.value(ui, &field, bake);
}

fn rolling_ui(ui: &mut Ui, form: &mut Form<'_>, strategy: &mut Strategy) {
    let Strategy::Rolling { max_surge_percent, max_unavailable_percent, min_ready, bake } =
        strategy
    else {
        return;
    };
    let surge = field("max_surge_percent", "Extra replicas")
        .unit("% at most")
        .help("Replicas that may run beyond the full fleet while it is replaced")
        .usual(&25.0);
    form.value(ui, &surge, max_surge_percent);
    let unavailable = field("max_unavailable_percent", "Missing replicas")
        .unit("% at most")
        .help("Replicas that may be missing from the full fleet while it is replaced")
        .usual(&25.0);
    form.value(ui, &unavailable, max_unavailable_percent);
    let ready = field("min_ready", "Ready for")
        .help("A new replica must be ready so long before the next ones start")
        .usual(&SimSpan::ZERO);
    form.value(ui, &ready, min_ready);
    bake_ui(ui, form, bake);
}

fn blue_green_ui(ui: &mut Ui, form: &mut Form<'_>, strategy: &mut Strategy) {
    let Strategy::BlueGreen {
        preview,
        preview_mirror_percent,
        preview_replicas,
        auto_promote,
        bake,
        scale_down_delay,
    } = strategy
    else {
        return;
    };
    let preview_field = field("preview", "Preview for")
        .help("How long green is checked before the switch, once it is ready")
        .usual(&SimSpan::from_secs(120));
    form.value(ui, &preview_field, preview);
    let mirror = field("preview_mirror_percent", "Copied meanwhile")
        .unit("% of the requests")
        .help("With 0 only readiness is checked")
        .usual(&100.0);
    form.value(ui, &mirror, preview_mirror_percent);
    bake_ui(ui, form, bake);
    form.switch(ui, &field("auto_promote", "Switch without waiting for a person"), auto_promote);
    let paths = ["strategy.preview_replicas", "strategy.scale_down_delay"];
    form.more(ui, "More", &paths, |form, ui| {
        let replicas =
            field("preview_replicas", "Preview replicas").hint("full fleet").usual(&None::<u32>);
        form.value(ui, &replicas, preview_replicas);
        let delay = field("scale_down_delay", "Blue lives on")
            .help("After the bake; until then the way back is instant")
            .usual(&SimSpan::from_secs(30));
        form.value(ui, &delay, scale_down_delay);
    });
}

fn canary_ui(ui: &mut Ui, form: &mut Form<'_>, strategy: &mut Strategy) {
    let Strategy::Canary {
        ramp,
        by,
        dynamic_stable_scale,
        scale_down_delay,
        abort_scale_down_delay,
    } = strategy
    else {
        return;
    };
    ramp::ramp_ui(ui, form, ramp);
    let split = field("by", "Split by")
        .help("Users always meet the same arm; replicas move the share in steps of a replica");
    form.choice(ui, &split, by, &SPLITS);
    let paths = [
        "strategy.dynamic_stable_scale",
        "strategy.scale_down_delay",
        "strategy.abort_scale_down_delay",
    ];
    form.more(ui, "More", &paths, |form, ui| {
        let usual = SimSpan::from_secs(30);
        let delay = field("scale_down_delay", "Baseline lives on")
            .help("After the candidate has taken over")
            .usual(&usual);
        form.value(ui, &delay, scale_down_delay);
        let delay = field("abort_scale_down_delay", "After an abort")
            .help("The candidate's fleet lives on so long after an abort")
            .usual(&usual);
        form.value(ui, &delay, abort_scale_down_delay);
        let shrink = field("dynamic_stable_scale", "Shrink the baseline as the candidate grows")
            .help("Otherwise the baseline keeps its full size, and the way back is instant");
        form.switch(ui, &shrink, dynamic_stable_scale);
    });
}

fn ab_ui(ui: &mut Ui, form: &mut Form<'_>, strategy: &mut Strategy, candidates: usize) {
    let Strategy::Ab {
        candidate_percent,
        metric,
        method,
        min_duration,
        max_duration,
        min_samples,
        alpha,
    } = strategy
    else {
        return;
    };
    let metrics = Metric::ALL.map(|metric| (metric, metric.label()));
    form.choice(ui, &field("metric", "Decided by"), metric, &metrics);
    let methods = AbMethod::ALL.map(|method| (method, method.label()));
    let observations = field("method", "Each an observation").help(
        "Where one user sends many requests, a test that takes each request for itself is too sure. \
         CUPED takes out what the baseline would have answered, and so needs fewer users",
    );
    form.choice(ui, &observations, method, &methods);
    let shortest = field("min_duration", "At least").usual(&SimSpan::from_secs(600));
    form.value(ui, &shortest, min_duration);
    let longest = field("max_duration", "At most").usual(&SimSpan::from_secs(1_800));
    form.value(ui, &longest, max_duration);
    let samples = field("min_samples", "Answers per arm")
        .unit("at least")
        .help("Before anything is decided")
        .usual(&1_000_u64);
    form.value(ui, &samples, min_samples);
    shares_ui(ui, form, candidate_percent, candidates);
    form.more(ui, "More", &["strategy.alpha"], |form, ui| {
        let level = field("alpha", "Significance")
            .help("Level of the test, two-sided; it looks once, at the end")
            .usual(&0.05);
        form.value(ui, &level, alpha);
    });
}

fn bandit_ui(ui: &mut Ui, form: &mut Form<'_>, strategy: &mut Strategy) {
    let Strategy::Bandit {
        policy,
        epsilon,
        reward,
        update,
        floor_percent,
        min_samples,
        duration,
        ship_when,
    } = strategy
    else {
        return;
    };
    let policies = Policy::ALL.map(|policy| (policy, policy.label()));
    form.choice(ui, &field("policy", "Policy"), policy, &policies);
    if *policy == Policy::EpsilonGreedy {
        let share = field("epsilon", "ε")
            .help("Share of the traffic for the arms that do not look best, 0 to 1")
            .usual(&0.1);
        form.value(ui, &share, epsilon);
    }
    let rewards = Metric::REWARDS.map(|metric| (metric, metric.label()));
    form.choice(ui, &field("reward", "An answer earns"), reward, &rewards);
    let length = field("duration", "Learn for").usual(&SimSpan::from_secs(1_800));
    form.value(ui, &length, duration);
    let each = field("update", "Shares move every")
        .help("By the rewards that are known by then")
        .usual(&SimSpan::from_secs(60));
    form.value(ui, &each, update);
    let floor = field("floor_percent", "No arm gets less than").unit("%").usual(&5.0);
    form.value(ui, &floor, floor_percent);
    let paths = ["strategy.min_samples", "strategy.ship_when"];
    form.more(ui, "More", &paths, |form, ui| {
        let samples = field("min_samples", "Explore until")
            .unit("rewards per arm")
            .help("Before that, all arms get the same")
            .usual(&100_u64);
        form.value(ui, &samples, min_samples);
        let ship = field("ship_when", "Ship at a chance of")
            .help("The best arm takes over in the end if it is the best with this chance, 0 to 1")
            .usual(&0.95);
        form.value(ui, &ship, ship_when);
    });
}

/// The candidates' shares: all equal, or one number each.
fn shares_ui(ui: &mut Ui, form: &mut Form<'_>, percent: &mut Vec<f64>, candidates: usize) {
    let mut is_equal = percent.is_empty();
    let equal = 100.0 / (candidates as f64 + 1.0);
    form.switch(ui, &field("candidate_percent", "Equal shares for all arms"), &mut is_equal);
    if is_equal {
        percent.clear();
        return;
    }
    percent.resize(candidates, (equal * 10.0).floor() / 10.0);
    for (place, share) in percent.iter_mut().enumerate() {
        let arm = ArmId::new(place + 1);
        let field =
            field(&format!("candidate_percent[{place}]"), "Share").unit(format!("% to {arm}"));
        form.about(format!("arm {arm}"), |form| form.value(ui, &field, share));
    }
}
