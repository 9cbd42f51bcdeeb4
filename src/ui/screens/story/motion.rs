//! Which small picture moves, and which rest: an idle window draws nothing.

use std::time::Duration;

use egui::Ui;

use crate::domain::StrategyKind;

/// Seconds of one round.
const LOOP_SECS: f64 = 8.0;
/// A picture comes to rest after so many rounds.
const ROUNDS: f64 = 3.0;
const FRAME: Duration = Duration::from_millis(33);

/// Which pictures move, and since when.
#[derive(Default)]
pub struct Motion {
    moving: Vec<(StrategyKind, f64)>,
    /// When the screen was entered: all its pictures move for a while.
    entered: Option<f64>,
}

impl Motion {
    /// The screen with the pictures is shown anew.
    pub fn enter(&mut self, ui: &Ui) {
        self.entered = Some(ui.input(|input| input.time));
    }

    /// Seconds that the picture of `kind` has been moving; `None` while it rests. Asks for the next
    /// frame while there is one.
    pub fn secs(&mut self, ui: &Ui, kind: StrategyKind, is_wanted: bool) -> Option<f64> {
        let secs = self.at(kind, is_wanted, ui.input(|input| input.time));
        if secs.is_some() {
            ui.ctx().request_repaint_after(FRAME);
        }
        secs
    }

    fn at(&mut self, kind: StrategyKind, is_wanted: bool, now: f64) -> Option<f64> {
        let place = self.moving.iter().position(|(moving, _)| *moving == kind);
        let is_new = self.entered.is_some_and(|entered| now - entered < ROUNDS * LOOP_SECS);
        match place {
            None if is_wanted || is_new => {
                self.moving.push((kind, now));
                Some(0.0)
            }
            None => None,
            Some(place) if !is_wanted && !is_new => {
                self.moving.swap_remove(place);
                None
            }
            Some(place) => {
                let secs = now - self.moving[place].1;
                (secs < ROUNDS * LOOP_SECS).then_some(secs)
            }
        }
    }
}

/// The phase of a picture that has been moving for `secs`: it starts from the moment that tells
/// most, where it also rests.
pub fn phase(kind: StrategyKind, secs: Option<f64>) -> f32 {
    let still = match kind {
        StrategyKind::Canary => 0.34,
        StrategyKind::Ab | StrategyKind::Bandit => 0.9,
        StrategyKind::Direct | StrategyKind::Rolling => 0.55,
        StrategyKind::Single | StrategyKind::Shadow | StrategyKind::BlueGreen => 0.3,
    };
    (secs.map_or(0.0, |secs| secs / LOOP_SECS) + still).rem_euclid(1.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_move_for_a_while_and_come_to_rest() {
        let (canary, ab) = (StrategyKind::Canary, StrategyKind::Ab);
        let mut motion = Motion::default();
        assert_eq!(motion.at(canary, true, 10.0), Some(0.0));
        assert_eq!(motion.at(ab, false, 10.0), None);
        assert_eq!(motion.at(canary, true, 12.0), Some(2.0));
        assert_eq!(motion.at(canary, true, 10.0 + ROUNDS * LOOP_SECS), None, "it rests");
        assert_eq!(motion.at(canary, false, 99.0), None);
        assert_eq!(motion.at(canary, true, 100.0), Some(0.0), "and moves again");
        motion.entered = Some(200.0);
        assert_eq!(motion.at(ab, false, 200.0), Some(0.0), "all move when the screen is entered");
        assert_eq!(motion.at(ab, false, 200.0 + ROUNDS * LOOP_SECS), None);
    }
}
