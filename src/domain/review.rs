//! A review: comments, a checklist and sign-offs beside a recording that never changes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Metric, SimTime};

/// All that reviewers added to an experiment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Review {
    /// In the order in which they were written.
    pub comments: Vec<Comment>,
    pub checks: Vec<Check>,
    pub sign_offs: Vec<SignOff>,
}

/// What a comment is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The whole run.
    Run,
    /// A stretch of simulated time.
    Time {
        from: SimTime,
        to: SimTime,
    },
    Metric(Metric),
    /// A stage by its name.
    Stage(String),
    /// A field of the plan as problems name it: `gates[0].pass_when`.
    Field(String),
}

impl About {
    /// A few words for lists.
    pub fn label(&self) -> String {
        match self {
            Self::Run => "The run".to_owned(),
            Self::Time { from, to } if from == to => from.clock(),
            Self::Time { from, to } => format!("{} to {}", from.clock(), to.clock()),
            Self::Metric(metric) => metric.label().to_owned(),
            Self::Stage(stage) => format!("Stage {stage}"),
            Self::Field(field) => format!("Plan: {field}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    /// Counts from 1 within its experiment.
    pub number: u32,
    /// The comment that this one answers.
    pub answers: Option<u32>,
    pub about: About,
    pub author: String,
    pub text: String,
    #[serde(with = "super::wall_time")]
    pub written: Timestamp,
    pub resolved: Option<Resolved>,
}

/// Somebody saw to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resolved {
    pub by: String,
    #[serde(with = "super::wall_time")]
    pub at: Timestamp,
}

/// An answer to one question of the checklist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The question's short name: `split`, `power`, …
    pub item: String,
    pub answer: Tick,
    pub note: String,
    pub author: String,
    #[serde(with = "super::wall_time")]
    pub answered: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tick {
    Yes,
    No,
    NotApplicable,
}

impl Tick {
    pub const ALL: [Self; 3] = [Self::Yes, Self::No, Self::NotApplicable];

    pub fn label(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotApplicable => "does not apply",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Approve,
    AskForChanges,
    Reject,
}

impl Decision {
    pub const ALL: [Self; 3] = [Self::Approve, Self::AskForChanges, Self::Reject];

    pub fn label(self) -> &'static str {
        match self {
            Self::Approve => "Approve",
            Self::AskForChanges => "Ask for changes",
            Self::Reject => "Reject",
        }
    }

    pub fn past(self) -> &'static str {
        match self {
            Self::Approve => "approved",
            Self::AskForChanges => "asked for changes",
            Self::Reject => "rejected",
        }
    }
}

/// A decision with a name, a reason and what was seen by whoever made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignOff {
    pub decision: Decision,
    pub name: String,
    pub reason: String,
    #[serde(with = "super::wall_time")]
    pub signed: Timestamp,
    pub seen: Seen,
    pub signature: Option<Signature>,
}

/// BLAKE3 digests, in hexadecimal, of everything that a reviewer had before them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Plan, inputs, interventions and recording.
    pub run: String,
    pub comments: String,
    pub checklist: String,
}

/// An Ed25519 signature over the sign-off, with the key that made it; both in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub public_key: String,
    pub signature: String,
}

/// A review, and what holds of it today.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reviewed {
    pub review: Review,
    /// What a reviewer has before them today.
    pub seen: Seen,
    /// One for each sign-off.
    pub standings: Vec<Standing>,
}

/// Whether a sign-off holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// What changed after it was given; empty while it holds.
    pub void_because: Option<String>,
    pub seal: Seal,
}

impl Standing {
    pub fn holds(&self) -> bool {
        self.void_because.is_none() && self.seal != Seal::Broken
    }
}

impl Reviewed {
    /// Sign-offs with what holds of them, in order.
    pub fn sign_offs(&self) -> impl DoubleEndedIterator<Item = (&SignOff, &Standing)> {
        self.review.sign_offs.iter().zip(&self.standings)
    }

    /// One sentence for each sign-off.
    pub fn sign_off_lines(&self) -> Vec<String> {
        let line = |(sign_off, standing): (&SignOff, &Standing)| {
            format!(
                "{} {} on {}: {} ({})",
                sign_off.name,
                sign_off.decision.past(),
                sign_off.signed.strftime("%Y-%m-%d %H:%M UTC"),
                sign_off.reason,
                standing.words(sign_off)
            )
        };
        self.sign_offs().map(line).collect()
    }
}

impl Standing {
    /// Whether the sign-off holds, and who gave it as far as that is known.
    pub fn words(&self, sign_off: &SignOff) -> String {
        let seal = match (self.seal, &sign_off.signature) {
            (Seal::Broken, _) => return "its signature is broken: do not trust it".to_owned(),
            (Seal::Valid, Some(signature)) => {
                format!("signed with key {}", signature.fingerprint())
            }
            _ => "without a key".to_owned(),
        };
        match &self.void_because {
            None => format!("holds, {seal}"),
            Some(reason) => format!("void: {reason}; {seal}"),
        }
    }
}

/// What a sign-off's signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Seal {
    /// Nobody signed with a key: a name that anybody could have typed.
    None,
    /// The holder of the key signed exactly this.
    Valid,
    /// It was changed after it was signed, or was never signed by this key.
    Broken,
}

impl Signature {
    /// The key's first signs, as people compare them.
    pub fn fingerprint(&self) -> String {
        let signs = |from: usize| self.public_key.get(from..from + 4).unwrap_or("????").to_owned();
        [0, 4, 8, 12].map(signs).join("-")
    }
}

impl SignOff {
    /// The bytes that a signature is over: everything but the signature.
    pub fn message(&self) -> Vec<u8> {
        let fields = (
            "rehearsal sign-off 1",
            self.decision,
            &self.name,
            &self.reason,
            self.signed.as_nanosecond(),
            &self.seen,
        );
        encoded(&fields)
    }

    /// What has changed since it was given, in words; empty while it holds.
    pub fn void_because(&self, now: &Seen) -> Option<String> {
        let changes = [
            ("the run", self.seen.run != now.run),
            ("the comments", self.seen.comments != now.comments),
            ("the checklist", self.seen.checklist != now.checklist),
        ];
        let changed: Vec<&str> =
            changes.into_iter().filter(|(_, changed)| *changed).map(|(what, _)| what).collect();
        match &changed[..] {
            [] => None,
            [one] => Some(format!("{one} changed after it was given")),
            [rest @ .., last] => {
                Some(format!("{} and {last} changed after it was given", rest.join(", ")))
            }
        }
    }
}

impl Review {
    /// What a reviewer has before them, given the digest of the run itself.
    pub fn seen(&self, run: &str) -> Seen {
        let digest = |bytes: &[u8]| blake3::hash(bytes).to_hex().to_string();
        Seen {
            run: run.to_owned(),
            comments: digest(&encoded(&self.comments)),
            checklist: digest(&encoded(&self.checks)),
        }
    }

    /// A comment and all answers to it, directly or through others; the roots are in order.
    pub fn threads(&self) -> Vec<Vec<&Comment>> {
        let mut threads: Vec<Vec<&Comment>> = Vec::new();
        for comment in &self.comments {
            let thread = comment.answers.and_then(|answered| {
                threads.iter().position(|thread| thread.iter().any(|one| one.number == answered))
            });
            match thread.and_then(|place| threads.get_mut(place)) {
                Some(thread) => thread.push(comment),
                None => threads.push(vec![comment]),
            }
        }
        threads
    }
}

fn encoded(value: &impl Serialize) -> Vec<u8> {
    match postcard::to_stdvec(value) {
        Ok(bytes) => bytes,
        // Writing plain values to memory has no way to fail.
        Err(fault) => unreachable!("a review could not be encoded: {fault}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(number: u32, answers: Option<u32>) -> Comment {
        Comment {
            number,
            answers,
            about: About::Run,
            author: "Ada".to_owned(),
            text: format!("comment {number}"),
            written: Timestamp::UNIX_EPOCH,
            resolved: None,
        }
    }

    #[test]
    fn answers_join_the_thread_of_what_they_answer() {
        let comments =
            vec![comment(1, None), comment(2, None), comment(3, Some(1)), comment(4, Some(3))];
        let review = Review { comments, ..Review::default() };
        let numbers: Vec<Vec<u32>> = review
            .threads()
            .iter()
            .map(|thread| thread.iter().map(|one| one.number).collect())
            .collect();
        assert_eq!(numbers, [vec![1, 3, 4], vec![2]]);
    }

    #[test]
    fn a_sign_off_is_void_once_anything_that_was_seen_has_changed() {
        let mut review = Review { comments: vec![comment(1, None)], ..Review::default() };
        let sign_off = SignOff {
            decision: Decision::Approve,
            name: "Ada".to_owned(),
            reason: "fine".to_owned(),
            signed: Timestamp::UNIX_EPOCH,
            seen: review.seen("run"),
            signature: None,
        };
        assert_eq!(sign_off.void_because(&review.seen("run")), None);
        review.comments[0].resolved =
            Some(Resolved { by: "Bob".to_owned(), at: Timestamp::UNIX_EPOCH });
        let reason = sign_off.void_because(&review.seen("run")).unwrap();
        assert_eq!(reason, "the comments changed after it was given");
        let reason = sign_off.void_because(&review.seen("another")).unwrap();
        assert!(reason.starts_with("the run and the comments"), "{reason}");
        let other = SignOff { decision: Decision::Reject, ..sign_off.clone() };
        assert_ne!(other.message(), sign_off.message());
    }
}
