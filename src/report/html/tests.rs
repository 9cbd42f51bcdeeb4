use super::super::{dossier, sample};
use super::*;
use crate::domain::{PlanDraft, StrategyKind};

/// Everything that a person can name, made hostile.
const HOSTILE: &str = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\"'";

#[test]
fn the_page_tells_all_that_a_reviewer_asks_about() {
    let (plan, recording) = (sample::plan(), sample::recording());
    let page = page(&dossier::sample(&plan, &recording));
    for wanted in [
        "k3f9a2b1",
        "Canary 10 %",
        "Errors: 1 failed",
        "Error rate passes when ≤ 1 %",
        "Wilson",
        "Requests exposed",
        "rehearsal verify k3f9a2b1",
        &recording.digest(),
        "seed = ",
    ] {
        assert!(page.contains(wanted), "{wanted} is missing");
    }
    assert!(!page.contains("NaN"));
}

#[test]
fn nothing_that_a_person_wrote_becomes_markup_and_nothing_is_loaded() {
    let kind = StrategyKind::Canary;
    let mut draft: PlanDraft = super::super::fixture::plan(kind).into();
    let mut recording = super::super::fixture::recording(kind);
    draft.name = HOSTILE.to_owned();
    draft.description = HOSTILE.to_owned();
    draft.data.path = format!("/home/ada/{HOSTILE}");
    draft.gates[0].name = HOSTILE.to_owned();
    draft.arms[1].name = HOSTILE.to_owned();
    for names in [&mut recording.arms, &mut recording.gates, &mut recording.stages] {
        names.iter_mut().for_each(|name| name.push_str(HOSTILE));
    }
    recording.outcome.reason = HOSTILE.to_owned();
    let plan = draft.validate().unwrap();
    let page = page(&dossier::sample(&plan, &recording));
    for forbidden in ["<script", "<img", "onerror=alert(2)>\"", "http://", "https://", "/home/ada"]
    {
        let found = page.replace("http://www.w3.org/2000/svg", "").contains(forbidden);
        assert!(!found, "{forbidden} is in the page");
    }
    assert!(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"));
}
