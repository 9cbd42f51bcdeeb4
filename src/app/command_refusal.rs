//! Why a command cannot run now.

use super::ask::Ask;
use super::command::Command;
use super::state::State;

impl Command {
    /// Whether it can run now.
    ///
    /// # Errors
    /// The reason why not, for the tooltip of a greyed-out button.
    pub fn can_run(&self, state: &State) -> Result<(), &'static str> {
        let require = |holds: bool, reason: &'static str| if holds { Ok(()) } else { Err(reason) };
        match self {
            Self::Undo => require(state.plan.can_undo(), "Nothing was changed yet"),
            Self::Redo => require(state.plan.can_redo(), "Nothing was taken back"),
            Self::AddArm => require(
                state.plan.draft().arms.len() < crate::domain::MAX_ARMS,
                "Four models can take part at most",
            ),
            Self::WriteCard(arm) => match state.card_of(*arm) {
                None => Err("No card was proposed"),
                Some((_, card)) => require(card.problems.is_empty(), "The card has problems"),
            },
            Self::RemoveArm(arm) => {
                require(*arm > 0, "A plan needs its baseline")?;
                require(state.plan.draft().arms.len() > 2, "A rollout needs a candidate")
            }
            Self::AskOdds(_) => {
                require(
                    state.plan.problems().is_empty(),
                    "The plan has problems: see the Plan screen",
                )?;
                require(
                    state.plan.draft().arms.len() > 1,
                    "Odds are about candidates; this plan has none",
                )?;
                require(state.odds.asking.is_none(), "The odds are being worked out")
            }
            Self::Rehearse | Self::CompareStrategies | Self::ProposeGates => {
                require(
                    state.plan.problems().is_empty(),
                    "The plan has problems: see the Plan screen",
                )?;
                require(!state.is_rehearsing(), "A rehearsal is running")
            }
            Self::Intervene(_) => {
                let run = state.shown_run().ok_or("No run is shown")?;
                require(run.is_finished(), "The run is still being simulated")?;
                require(run.inputs.is_some(), "Its inputs are not at hand")
            }
            Self::Playback(_)
            | Self::AddNote
            | Self::DuplicatePlan
            | Self::WriteComment
            | Self::Choose(Ask::Export(_)) => {
                require(state.shown_run().is_some(), "No run is shown")
            }
            Self::Verify(None) => {
                let run = state.shown_run().ok_or("No run is shown")?;
                require(run.is_finished(), "The run is still being simulated")?;
                require(run.id.is_some(), "The run is not in the library")
            }
            Self::CancelAll => require(state.has_jobs, "Nothing is running"),
            Self::AnswerLesson(_) => {
                require(state.lesson.is_some(), "No lesson is under way")?;
                let run = state.shown_run().ok_or("No run is shown")?;
                require(run.is_finished(), "The run is still being simulated")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_an_empty_window_what_needs_a_run_or_a_plan_says_what_is_missing() {
        let state = State::default();
        let needs_work = |command: &Command| {
            matches!(
                command,
                Command::Undo
                    | Command::Redo
                    | Command::Rehearse
                    | Command::AskOdds(_)
                    | Command::CompareStrategies
                    | Command::ProposeGates
                    | Command::Verify(None)
                    | Command::DuplicatePlan
                    | Command::CancelAll
                    | Command::AddNote
                    | Command::WriteComment
                    | Command::Playback(_)
                    | Command::Intervene(_)
                    | Command::Choose(Ask::Export(_))
            )
        };
        for command in Command::named() {
            match command.can_run(&state) {
                Ok(()) => assert!(!needs_work(&command), "{}", command.label()),
                Err(reason) => {
                    assert!(needs_work(&command), "{}: {reason}", command.label());
                    // It stands in a tooltip, and before a full stop in a notice.
                    assert!(reason.starts_with(char::is_uppercase) && !reason.ends_with('.'));
                }
            }
        }
    }
}
