//! What is to be known about each strategy before it is chosen.

use crate::domain::StrategyKind;

/// A strategy in words.
pub struct StrategyText {
    pub what: &'static str,
    pub advantages: &'static [&'static str],
    pub disadvantages: &'static [&'static str],
    pub use_case: &'static str,
}

/// The words for a strategy.
pub fn text_of(kind: StrategyKind) -> &'static StrategyText {
    match kind {
        StrategyKind::Single => &SINGLE,
        StrategyKind::Direct => &DIRECT,
        StrategyKind::Rolling => &ROLLING,
        StrategyKind::Shadow => &SHADOW,
        StrategyKind::BlueGreen => &BLUE_GREEN,
        StrategyKind::Canary => &CANARY,
        StrategyKind::Ab => &AB,
        StrategyKind::Bandit => &BANDIT,
    }
}

const SINGLE: StrategyText = StrategyText {
    what: "One model answers every request and nothing is rolled out. The run shows what is normal: how quality, latency and errors scatter from minute to minute.",
    advantages: &[
        "Nothing can go wrong that did not go wrong before.",
        "Its numbers are what gates should be set by: a limit that the baseline itself breaks is no limit.",
    ],
    disadvantages: &["It says nothing about any candidate."],
    use_case: "Before the first rollout of a service, and whenever traffic or data have changed: rehearse the baseline alone, and let the gates be proposed from it.",
};

const DIRECT: StrategyText = StrategyText {
    what: "The candidate takes all traffic at one moment. In place, the old fleet is stopped before the new one is up; otherwise the new one is started first.",
    advantages: &[
        "Simple: no router, no second fleet, no mixed answers.",
        "Users never meet two versions at once.",
    ],
    disadvantages: &[
        "Every fault meets everybody.",
        "No baseline answers at the same time, so only fixed limits can judge; a comparison cannot.",
        "In place, nobody is served while a fleet starts, on the way there and again on the way back.",
    ],
    use_case: "Internal tools and nightly jobs that can be run again, where an hour of bad answers costs little and a second fleet costs much.",
};

const ROLLING: StrategyText = StrategyText {
    what: "Replicas are replaced a few at a time. The share of the candidate is the share of its ready replicas, so it grows by itself.",
    advantages: &[
        "No second fleet: a few replicas more at most.",
        "Service goes on while the version changes.",
    ],
    disadvantages: &[
        "The share follows the start-up time, not the evidence: it may reach everybody before a gate has enough answers.",
        "A user meets both versions from one request to the next.",
        "The way back takes as long as the way there.",
    ],
    use_case: "The default of most clusters: changes that are known to be harmless, such as a new runtime under the same model.",
};

const SHADOW: StrategyText = StrategyText {
    what: "The candidate answers copies of the requests and its answers are thrown away. Both models see the very same requests, which makes the comparison sharp.",
    advantages: &[
        "No user is ever at risk.",
        "Paired answers show small differences with few requests.",
        "Load, latency and crashes are seen under real traffic.",
    ],
    disadvantages: &[
        "Every copy costs a second answer.",
        "What users do with an answer cannot be seen: nobody gets it.",
        "Models with effects of their own, such as a charge or a mail, must not be copied to.",
    ],
    use_case: "A first look at a new kind of model, or wherever one wrong answer is dear: credit, medicine, fraud.",
};

const BLUE_GREEN: StrategyText = StrategyText {
    what: "A second full fleet, green, is started beside blue and checked, often on copies. Then one switch moves all traffic; blue stays up for a while.",
    advantages: &[
        "The way back is as quick as the way there while blue stands.",
        "Users meet one version at a time, and nobody waits for a start.",
    ],
    disadvantages: &[
        "Two full fleets are paid for as long as both stand.",
        "What the preview did not find meets everybody at once.",
    ],
    use_case: "Services that must not mix versions: a new output format, a new feature store, a change of the whole pipeline.",
};

const CANARY: StrategyText = StrategyText {
    what: "A small share of the users gets the candidate first. The share grows stage by stage, each time only if every gate passes; else all traffic returns to the baseline.",
    advantages: &[
        "A fault meets few people before a gate sees it.",
        "Baseline and candidate answer at the same time, so the comparison is fair.",
    ],
    disadvantages: &[
        "A small share gives few answers: a small stage sees only big faults.",
        "Two versions live together for the whole rollout.",
        "It is slow where labels come late.",
    ],
    use_case: "The usual choice for a model that serves people in real time and has enough traffic to judge by.",
};

const AB: StrategyText = StrategyText {
    what: "Users are split between the arms at random, and each stays with one arm. A test that was fixed before decides which arm is better.",
    advantages: &[
        "It answers the question whether B is better, not only whether it is broken.",
        "What people do with the answers is measured too.",
    ],
    disadvantages: &[
        "Until it ends, half of the users meet the worse arm, whichever that is.",
        "Who looks early and often and stops at the first lucky moment is misled.",
    ],
    use_case: "Two sound models of which nobody knows which one helps people more: ranking, recommendation, prices.",
};

const BANDIT: StrategyText = StrategyText {
    what: "All arms start with the same share. After every minute the shares follow what the answers have earned: an arm that is probably worse soon gets little more than the floor.",
    advantages: &[
        "Fewer people meet the worse arm than in an A/B test of the same length.",
        "It takes many arms, and goes on when the better one changes.",
    ],
    disadvantages: &[
        "A reward that comes late steers late: until then the shares stand still.",
        "It earns, it does not measure: the worse arm is known badly, and its chance is no p-value.",
        "People change arms while the shares move.",
    ],
    use_case: "Many variants, quick rewards and no need for an exact difference: headlines, layouts, prompts.",
};
