//! Interventions as people write them: `4m:pause`, `3m:latency=2.5:2m@risk v2`.

use crate::domain::{
    Condition, Fault, FaultKind, Intervention, InterventionKind, SimSpan, SimTime,
};

/// Reads `TIME:ACTION`.
pub(super) fn parse(text: &str) -> Result<Intervention, String> {
    let (time, action) = text
        .split_once(':')
        .ok_or_else(|| format!("`{text}` is not TIME:ACTION, as in 2m:abort"))?;
    let span: SimSpan = time.parse().map_err(|fault| format!("{fault}"))?;
    let at = SimTime::START + span;
    Ok(Intervention { at, kind: kind(action.trim(), at)? })
}

fn kind(action: &str, at: SimTime) -> Result<InterventionKind, String> {
    if let Some(limit) = action.strip_prefix("limit=") {
        return set_limit(limit);
    }
    Ok(match action.replace('_', "-").as_str() {
        "promote" => InterventionKind::Promote,
        "promote-fully" => InterventionKind::PromoteFully,
        "abort" => InterventionKind::Abort,
        "roll-back" | "rollback" => InterventionKind::RollBack,
        "pause" | "hold" => InterventionKind::Pause,
        "resume" => InterventionKind::Resume,
        "retry" => InterventionKind::Retry,
        _ => InterventionKind::Inject(fault(action, at)?),
    })
}

/// `GATE:CONDITION:NUMBER`; gates are counted from 1.
fn set_limit(text: &str) -> Result<InterventionKind, String> {
    let wrong = || format!("`limit={text}` is not limit=GATE:CONDITION:NUMBER");
    let mut parts = text.split(':');
    let (gate, condition, number) = (parts.next(), parts.next(), parts.next());
    let gate: u16 = gate.and_then(|gate| gate.parse().ok()).ok_or_else(wrong)?;
    let gate = gate.checked_sub(1).ok_or("Gates are counted from 1")?;
    let number: f64 = number.and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    let condition = condition.unwrap_or_default();
    let pass_when = match condition {
        "at_most" => Condition::AtMost(number),
        "at_least" => Condition::AtLeast(number),
        "at_most_times_baseline" => Condition::AtMostTimesBaseline(number),
        "at_least_times_baseline" => Condition::AtLeastTimesBaseline(number),
        "at_most_above_baseline" => Condition::AtMostAboveBaseline(number),
        "at_most_below_baseline" => Condition::AtMostBelowBaseline(number),
        _ => return Err(format!("`{condition}` is no condition; write for example at_most")),
    };
    Ok(InterventionKind::SetLimit { gate, pass_when })
}

/// `WHAT[=NUMBER][:SPAN][@ARM]`.
fn fault(text: &str, at: SimTime) -> Result<Fault, String> {
    let (text, arm) = match text.split_once('@') {
        Some((text, arm)) => (text, Some(arm.trim().to_owned())),
        None => (text, None),
    };
    let (what, lasts) = match text.split_once(':') {
        Some((what, span)) => {
            let span: SimSpan = span.parse().map_err(|fault| format!("{fault}"))?;
            (what, Some(span))
        }
        None => (text, None),
    };
    let (name, number) = match what.split_once('=') {
        Some((name, number)) => (name, Some(number)),
        None => (what, None),
    };
    let number = || -> Result<f64, String> {
        let number = number.ok_or_else(|| format!("`{name}` needs a number: {name}=2"))?;
        let parsed = number.parse().ok().filter(|number: &f64| number.is_finite());
        parsed.ok_or_else(|| format!("`{number}` is not a number"))
    };
    let what = match name.trim().replace('_', "-").as_str() {
        "latency" => FaultKind::Latency { factor: number()?, add: SimSpan::ZERO },
        "errors" => FaultKind::Errors { percent: number()? },
        "crash" => FaultKind::Crash,
        "replica-loss" => FaultKind::ReplicaLoss { replicas: number()? as u32 },
        "burst" => FaultKind::Burst { factor: number()? },
        "label-outage" => FaultKind::LabelOutage,
        "metric-outage" => FaultKind::MetricOutage,
        _ => {
            return Err(format!(
                "`{name}` is no action; write promote, promote-fully, abort, roll-back, pause, \
                 resume, retry, limit=…, latency=…, errors=…, crash, replica-loss=…, burst=…, \
                 label-outage or metric-outage"
            ));
        }
    };
    Ok(Fault { at, lasts, arm, what })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_what_they_get() {
        let of = |text: &str| parse(text).unwrap();
        assert_eq!(of("2m:abort").at, SimTime::from_secs(120));
        assert_eq!(of("2m:roll_back").kind, InterventionKind::RollBack);
        let fault = of("3m:latency=2.5:2m@risk v2").kind;
        let InterventionKind::Inject(fault) = fault else { panic!("{fault:?}") };
        assert_eq!(fault.at, SimTime::from_secs(180));
        assert_eq!(fault.lasts, Some(SimSpan::from_secs(120)));
        assert_eq!(fault.arm.as_deref(), Some("risk v2"));
        assert_eq!(fault.what, FaultKind::Latency { factor: 2.5, add: SimSpan::ZERO });
        assert_eq!(
            of("1m:limit=2:at_most:0.02").kind,
            InterventionKind::SetLimit { gate: 1, pass_when: Condition::AtMost(0.02) }
        );
    }

    #[test]
    fn nonsense_is_told_apart() {
        for (text, wanted) in [
            ("abort", "TIME:ACTION"),
            ("2x:abort", "length of time"),
            ("2m:abrot", "no action"),
            ("2m:errors", "needs a number"),
            ("2m:errors=NaN", "not a number"),
            ("2m:limit=0:at_most:1", "from 1"),
            ("2m:limit=1:below:1", "no condition"),
        ] {
            let message = parse(text).unwrap_err();
            assert!(message.contains(wanted), "{text}: {message}");
        }
    }
}
