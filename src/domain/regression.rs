//! What-ifs about a candidate: itself, the baseline once more, or the baseline made worse on purpose.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::Task;

/// What stands in for the candidate in an odds run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Regression {
    /// The plan's own candidate, with all that is scripted to happen to it.
    AsPlanned,
    /// The baseline's model: whatever is called a regression now is a false alarm (A/A).
    None,
    /// The baseline with so many percentage points of its accuracy lost, on all rows or on those of
    /// one segment.
    Accuracy { points: f64, segment: Option<String> },
    /// The baseline with every error of its numbers × `factor` (regression models).
    ErrorSize { factor: f64 },
    /// The baseline with service times × `factor`.
    Latency { factor: f64 },
    /// The baseline with so many percent of its requests failing.
    Errors { percent: f64 },
}

/// A ladder: regressions of one sort from mild to severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ladder {
    Quality,
    Latency,
    Errors,
}

impl Ladder {
    pub const ALL: [Self; 3] = [Self::Quality, Self::Latency, Self::Errors];

    pub fn label(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::Latency => "latency",
            Self::Errors => "errors",
        }
    }
}

impl Regression {
    /// The plan's candidate, the baseline again, and a ladder of each sort that the task allows;
    /// without labels nothing is known to be worse in quality.
    pub fn ladders(task: &Task, has_labels: bool) -> Vec<Self> {
        let mut all = vec![Self::AsPlanned, Self::None];
        if has_labels {
            all.extend(match task {
                Task::Regression => {
                    [1.02, 1.05, 1.1, 1.2, 1.5].map(|factor| Self::ErrorSize { factor }).to_vec()
                }
                Task::Binary | Task::Multiclass { .. } => [0.5, 1.0, 2.0, 3.0, 5.0, 10.0]
                    .map(|points| Self::Accuracy { points, segment: None })
                    .to_vec(),
            });
        }
        all.extend([1.1, 1.25, 1.5, 2.0, 3.0].map(|factor| Self::Latency { factor }));
        all.extend([0.5, 1.0, 2.0, 5.0, 10.0].map(|percent| Self::Errors { percent }));
        all
    }

    /// The ladder it stands on, and how far up: points, percent, or a factor less 1.
    pub fn severity(&self) -> Option<(Ladder, f64)> {
        match self {
            Self::AsPlanned | Self::None => None,
            Self::Accuracy { points, .. } => Some((Ladder::Quality, *points)),
            Self::ErrorSize { factor } => Some((Ladder::Quality, factor - 1.0)),
            Self::Latency { factor } => Some((Ladder::Latency, factor - 1.0)),
            Self::Errors { percent } => Some((Ladder::Errors, *percent)),
        }
    }

    /// True if a plan that promotes it has made a mistake.
    pub fn is_worse(&self) -> bool {
        self.severity().is_some()
    }
}

/// For people: `accuracy −2 points in freelance`.
impl fmt::Display for Regression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsPlanned => write!(f, "the plan's candidate"),
            Self::None => write!(f, "the baseline again (A/A)"),
            Self::Accuracy { points, segment } => {
                write!(
                    f,
                    "accuracy −{points} {}",
                    if *points == 1.0 { "point" } else { "points" }
                )?;
                segment.as_ref().map_or(Ok(()), |segment| write!(f, " in {segment}"))
            }
            Self::ErrorSize { factor } => write!(f, "errors of the numbers × {factor}"),
            Self::Latency { factor } => write!(f, "latency × {factor}"),
            Self::Errors { percent } => write!(f, "{percent} % failing"),
        }
    }
}

/// As the command line writes it: `as-planned`, `none`, `accuracy=2`, `accuracy=5@freelance`,
/// `error-size=1.2`, `latency=1.5`, `errors=2`.
impl FromStr for Regression {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, rest) = text.trim().split_once('=').unwrap_or((text.trim(), ""));
        let (number, segment) = match rest.split_once('@') {
            Some((number, segment)) => (number, Some(segment.trim().to_owned())),
            None => (rest, None),
        };
        let between = |low: f64, high: f64| {
            let number: Option<f64> = number.trim().parse().ok();
            number.filter(|x| *x > low && *x <= high).ok_or_else(|| {
                format!("`{text}`: after `{name}=` comes a number above {low}, at most {high}")
            })
        };
        let parsed = match name {
            "as-planned" if rest.is_empty() => Self::AsPlanned,
            "none" if rest.is_empty() => Self::None,
            "accuracy" => {
                return Ok(Self::Accuracy { points: between(0.0, 100.0)?, segment });
            }
            "error-size" => Self::ErrorSize { factor: between(1.0, 1e3)? },
            "latency" => Self::Latency { factor: between(1.0, 1e3)? },
            "errors" => Self::Errors { percent: between(0.0, 100.0)? },
            _ => {
                return Err(format!(
                    "`{text}` is no regression; write none, as-planned, accuracy=POINTS, \
                     accuracy=POINTS@SEGMENT, error-size=FACTOR, latency=FACTOR or errors=PERCENT"
                ));
            }
        };
        match segment {
            Some(_) => Err(format!("`{text}`: only accuracy can be lost in one segment")),
            None => Ok(parsed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regressions_are_read_as_they_are_written_on_the_command_line() {
        let read = |text: &str| text.parse::<Regression>();
        assert_eq!(read("none"), Ok(Regression::None));
        assert_eq!(read("latency=1.5"), Ok(Regression::Latency { factor: 1.5 }));
        let segment = Some("north west".to_owned());
        assert_eq!(
            read("accuracy=5@north west"),
            Ok(Regression::Accuracy { points: 5.0, segment })
        );
        for wrong in ["latency=1", "latency=2@x", "errors=-1", "errors=nan", "faster", "none=1"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
