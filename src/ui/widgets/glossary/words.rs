//! The words themselves.

use super::sketch::Sketch;
use crate::domain::Metric;

/// A word that the glossary knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// In small letters, as it stands in a sentence.
    pub word: &'static str,
    /// Two sentences for a person who meets the word for the first time.
    pub meaning: &'static str,
    pub(super) sketch: Option<Sketch>,
}

const fn of(word: &'static str, meaning: &'static str) -> Term {
    Term { word, meaning, sketch: None }
}

const fn drawn(word: &'static str, sketch: Sketch, meaning: &'static str) -> Term {
    Term { word, meaning, sketch: Some(sketch) }
}

impl Term {
    pub const ACCURACY: Self = of(
        "accuracy",
        "The share of the answers that are right. Where one answer is rare, a model that \
         never gives it can be accurate and useless.",
    );
    pub const AGREEMENT: Self = of(
        "agreement",
        "The share of the requests on which a candidate answers as the baseline does. It \
         needs no labels, and says that they differ but not who is right.",
    );
    pub const ARM: Self = of(
        "arm",
        "One model version that takes part. A is the baseline that serves today; B, C and D \
         are candidates.",
    );
    pub const BAKE: Self = of(
        "bake",
        "The time after a switch in which gates still watch. A fault that shows itself only \
         under full traffic is found here.",
    );
    pub const BASELINE: Self = of(
        "baseline",
        "The model that serves today: arm A. Everything new is measured against it, at the \
         same time and on the same kind of requests.",
    );
    pub const BAYESIAN: Self = of(
        "bayesian",
        "States odds: how probable it is that the candidate is better. Easy to read, but it \
         promises nothing about false alarms.",
    );
    pub const BRIER_SCORE: Self = of(
        "brier score",
        "The mean squared distance of a stated probability from what came true. It punishes \
         models that are wrong and sure of it; lower is better.",
    );
    pub const CANARY: Self = drawn(
        "canary",
        Sketch::Steps,
        "A small share of the requests goes to the candidate first. The share grows only \
         while every gate passes.",
    );
    pub const CANDIDATE: Self = of(
        "candidate",
        "A model that wants the place of the baseline: arm B, C or D. Until the rollout ends, \
         every answer of it is at somebody's risk.",
    );
    pub const CONFIDENCE_INTERVAL: Self = drawn(
        "confidence interval",
        Sketch::Interval,
        "The range in which the true value lies, in 95 of 100 such rehearsals. It narrows as \
         requests arrive; if it includes zero, there is no clear change.",
    );
    pub const CONFIDENCE_SEQUENCE: Self = drawn(
        "confidence sequence",
        Sketch::Narrowing,
        "An interval that stays true however often it is looked at. It is wider than one that \
         is made for a single look.",
    );
    pub const DRIFT: Self = drawn(
        "drift",
        Sketch::Shift,
        "The inputs, or what is true about them, slowly change after a model was trained. A \
         model that was good last year may be wrong today without any error.",
    );
    pub const EXPOSURE: Self = of(
        "exposure",
        "How many requests and users the candidate answered before the rollout ended. It is \
         what a fault could have reached.",
    );
    pub const F1: Self = of(
        "f1",
        "One number for precision and recall: their harmonic mean. It is high only if both \
         are.",
    );
    pub const FALSE_ALARM: Self = drawn(
        "false alarm",
        Sketch::Tail,
        "A good candidate that is sent back because of chance alone. Whoever looks often and \
         decides by bare values has many of them.",
    );
    pub const FIXED_HORIZON: Self = of(
        "fixed-horizon",
        "A test that is right if it is looked at once, at the end that was planned. Looked at \
         again and again it gives far more false alarms than it promises.",
    );
    pub const FORK: Self = of(
        "fork",
        "A second run that equals the first until a moment, and then takes another way. \
         Nothing of the first one changes, so both can be compared.",
    );
    pub const GATE: Self = of(
        "gate",
        "A check (also called a guardrail) that the candidate must pass, measured again and \
         again. When it fails often enough, the rollout is aborted or put on hold.",
    );
    pub const INCONCLUSIVE: Self = of(
        "inconclusive",
        "The numbers neither pass nor fail. Neither harm nor safety has been shown, and more \
         requests may show it.",
    );
    pub const JOB: Self = of(
        "job",
        "Scores many rows in one go, at a fixed hour, instead of each when it is asked for. \
         It is cheap for each row, but its answers may be old when they are published.",
    );
    pub const JUDGE: Self = of(
        "judge",
        "Compares many metrics at a time, as series of values, and makes one score of them. \
         The rules are those of Kayenta, the judge of Spinnaker.",
    );
    pub const LABEL_DELAY: Self = of(
        "label delay",
        "The time until it is known whether an answer was right. Until then quality cannot be \
         judged, only speed and errors.",
    );
    pub const LABEL_TEST: Self = of(
        "label test",
        "Weighs whose answers fail, one by one, as bets against chance. It stays valid \
         however often it is looked at.",
    );
    pub const LOG_LOSS: Self = of(
        "log loss",
        "How surprised a model is by what comes true. Sure and wrong costs most; lower is \
         better.",
    );
    pub const MAE: Self = of(
        "mae",
        "The mean absolute error: how far answers are from the truth on average. It is in the \
         unit of the answers; lower is better.",
    );
    pub const PVALUE: Self = of(
        "p-value",
        "How probable numbers like these are if there is no difference. A small one speaks \
         against chance; a large one proves nothing.",
    );
    pub const P95: Self = drawn(
        "p95",
        Sketch::Percentile,
        "95 of 100 requests were answered in this time or less. Means hide the slow ones; \
         percentiles do not.",
    );
    pub const PERCENTILE: Self = drawn(
        "percentile",
        Sketch::Percentile,
        "So many of 100 requests were answered in this time or less. p50 is the middle, p99 tells \
         of the slowest.",
    );
    pub const POWER: Self = drawn(
        "power",
        Sketch::Bells,
        "The chance that a real difference of a given size is found. Little traffic means \
         little power: no alarm is then no proof.",
    );
    pub const PR_AUC: Self = of(
        "pr auc",
        "Precision over all levels of recall, in one number. It is the one to watch where a \
         yes is rare; higher is better.",
    );
    pub const PRECISION: Self = of(
        "precision",
        "Of the answers yes, the share that is right. It falls when a model cries wolf.",
    );
    pub const PSI: Self = drawn(
        "psi",
        Sketch::Shift,
        "The population stability index: how far the answers are spread differently from the \
         baseline's. Below 0.1 little has moved, above 0.25 much has.",
    );
    pub const QUANTILE: Self = of(
        "quantile test",
        "Compares the slow ends of two latency distributions, and not their means. It stays \
         valid however often it is looked at.",
    );
    pub const RECALL: Self = of(
        "recall",
        "Of all that should be answered yes, the share that is. It falls when a model \
         overlooks.",
    );
    pub const REPLICA: Self = of(
        "replica",
        "One running copy of a model, with so many requests at a time. More of them carry \
         more traffic and cost more.",
    );
    pub const RMSE: Self = of(
        "rmse",
        "The root of the mean squared error. Large errors weigh more than many small ones; \
         lower is better.",
    );
    pub const ROC_AUC: Self = of(
        "roc auc",
        "The chance that a model ranks a true yes above a true no. 0.5 is guessing, 1 is \
         perfect order.",
    );
    pub const R2: Self = of(
        "r²",
        "The share of the labels' spread that a model explains. 1 is perfect, 0 is no better \
         than always answering the mean.",
    );
    pub const SHADOW: Self = drawn(
        "shadow",
        Sketch::Copies,
        "The candidate gets copies of the requests, and its answers are thrown away. Nobody \
         is harmed, but every copy costs a second answer.",
    );
    pub const SHARES: Self = of(
        "share",
        "The part of the live requests that an arm answers. What was asked for, what the \
         fleet can carry and what was delivered may differ.",
    );
    pub const SRM: Self = drawn(
        "split check",
        Sketch::Split,
        "Compares how the traffic was split with how it should have been (sample ratio \
         mismatch). If they differ by more than chance, no comparison can be trusted.",
    );
    pub const STICKY: Self = of(
        "sticky",
        "A user always meets the same arm while the shares stand still. A reload never shows \
         the other model.",
    );
    pub const UTILISATION: Self = of(
        "utilisation",
        "The share of their time in which servers work. Near 100 % queues grow, and latency \
         with them.",
    );
    pub const VERDICT: Self = of(
        "verdict",
        "What the numbers so far advise: promote, hold or roll back, or that there is not \
         enough data. The reasons stand beneath it.",
    );
    pub const WINDOW: Self = of(
        "window",
        "A slice of the rehearsal's time in which everything is counted. Each point of a \
         chart is one window or more.",
    );
    pub const NET_HARM: Self = of(
        "wrong answers",
        "Answers that were wrong where another arm was right, in front of real users. What a \
         candidate did better is counted against it.",
    );

    /// In the order of the alphabet.
    pub const BANDIT: Self = of(
        "bandit",
        "Shares that follow what the arms earn: the better arm gets more while the test \
         still runs. Fewer people meet the worse one, and less is known of it in the \
         end.",
    );
    pub const CUPED: Self = of(
        "cuped",
        "Takes out of a comparison what no assignment changes, such as what the baseline \
         would have answered to the same requests. The interval gets narrower, and the \
         difference stays what it is.",
    );
    pub const HOLM: Self = of(
        "holm",
        "Several gates share one chance of a false alarm, strictest first. However many \
         look, all together raise a false one no more often than one alone.",
    );
    pub const REGRET: Self = of(
        "regret",
        "Right answers that were given up because not everybody met the best arm. Only \
         a rehearsal knows it, for it can ask every arm about every request.",
    );
    pub const SIMPSON: Self = of(
        "simpson's paradox",
        "All together say one thing, and every group says the opposite. It comes from \
         arms that met different mixes; believe the groups.",
    );
    pub const USERS_AS_UNITS: Self = of(
        "users as units",
        "One user who sends many requests is one observation, for those requests are alike. \
         A test that takes each request for itself is too sure and raises false alarms.",
    );
    pub const ALL: [Self; 52] = [
        Self::ACCURACY,
        Self::AGREEMENT,
        Self::ARM,
        Self::BAKE,
        Self::BASELINE,
        Self::BAYESIAN,
        Self::BRIER_SCORE,
        Self::CANARY,
        Self::CANDIDATE,
        Self::CONFIDENCE_INTERVAL,
        Self::CONFIDENCE_SEQUENCE,
        Self::DRIFT,
        Self::EXPOSURE,
        Self::F1,
        Self::FALSE_ALARM,
        Self::FIXED_HORIZON,
        Self::FORK,
        Self::GATE,
        Self::INCONCLUSIVE,
        Self::JOB,
        Self::JUDGE,
        Self::LABEL_DELAY,
        Self::LABEL_TEST,
        Self::LOG_LOSS,
        Self::MAE,
        Self::PVALUE,
        Self::P95,
        Self::PERCENTILE,
        Self::POWER,
        Self::PR_AUC,
        Self::PRECISION,
        Self::PSI,
        Self::QUANTILE,
        Self::RECALL,
        Self::REPLICA,
        Self::RMSE,
        Self::ROC_AUC,
        Self::R2,
        Self::SHADOW,
        Self::SHARES,
        Self::SRM,
        Self::STICKY,
        Self::UTILISATION,
        Self::VERDICT,
        Self::WINDOW,
        Self::NET_HARM,
        Self::BANDIT,
        Self::CUPED,
        Self::HOLM,
        Self::REGRET,
        Self::SIMPSON,
        Self::USERS_AS_UNITS,
    ];

    /// What a metric measures, where that takes a word of its own.
    pub fn of_metric(metric: Metric) -> Option<Self> {
        Some(match metric {
            Metric::Accuracy => Self::ACCURACY,
            Metric::Agreement => Self::AGREEMENT,
            Metric::Brier => Self::BRIER_SCORE,
            Metric::F1 => Self::F1,
            Metric::LatencyP95 => Self::P95,
            Metric::LatencyP50 | Metric::LatencyP90 | Metric::LatencyP99 => Self::PERCENTILE,
            Metric::LogLoss => Self::LOG_LOSS,
            Metric::Mae => Self::MAE,
            Metric::PrAuc => Self::PR_AUC,
            Metric::Precision => Self::PRECISION,
            Metric::Psi => Self::PSI,
            Metric::R2 => Self::R2,
            Metric::Recall => Self::RECALL,
            Metric::Rmse => Self::RMSE,
            Metric::RocAuc => Self::ROC_AUC,
            Metric::Score => Self::JUDGE,
            Metric::Share => Self::SHARES,
            Metric::Split => Self::SRM,
            Metric::Utilisation => Self::UTILISATION,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meaning_is_two_short_sentences() {
        for term in Term::ALL {
            let sentences = term.meaning.matches(". ").count() + 1;
            assert_eq!(sentences, 2, "{}", term.word);
            assert!(term.meaning.len() <= 200, "{}", term.word);
        }
    }
}
