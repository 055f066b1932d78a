//! What a button means, from samples of whether it is held.

use crate::core::Button;

/// So long a contact has to be quiet before it counts.
const QUIET_MS: i64 = 25;
/// From here on a press is a long one.
const LONG_MS: i64 = 800;

/// A press as it goes on.
#[derive(Debug, Default)]
pub(super) struct Pressing {
    /// What the last sample was, and since when it has been that.
    last: bool,
    since: i64,
    /// Since when the button counts as held, and whether it was told as a long press already.
    held: Option<(i64, bool)>,
}

impl Pressing {
    /// One look at the button. A long press is told while it lasts, a short one when it ends.
    pub(super) fn sample(&mut self, pressed: bool, at: i64) -> Option<Button> {
        if pressed != self.last {
            (self.last, self.since) = (pressed, at);
        }
        let quiet = at - self.since >= QUIET_MS;
        match (self.held, pressed) {
            (None, true) if quiet => {
                self.held = Some((self.since, false));
                None
            }
            (Some((since, false)), true) if at - since >= LONG_MS => {
                self.held = Some((since, true));
                Some(Button::Long)
            }
            (Some((_, told)), false) if quiet => {
                self.held = None;
                (!told).then_some(Button::Short)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each part is how many milliseconds the button is held (`+`) or not (`-`).
    fn press(parts: &[i64]) -> Vec<(i64, Button)> {
        let (mut pressing, mut at, mut told) = (Pressing::default(), 0, Vec::new());
        for &part in parts {
            let until = at + part.abs();
            while at < until {
                told.extend(pressing.sample(part > 0, at).map(|button| (at, button)));
                at += 5;
            }
        }
        told
    }

    #[test]
    fn a_short_press_counts_when_it_ends_and_a_long_one_while_it_lasts() {
        assert_eq!(press(&[-100, 200, -100]), [(325, Button::Short)]);
        assert_eq!(press(&[-100, 2000, -100]), [(900, Button::Long)]);
    }

    #[test]
    fn a_contact_that_chatters_is_one_press() {
        assert_eq!(press(&[-100, 5, -5, 10, -5, 200, -5, 5, -10, 5, -200]), [(375, Button::Short)]);
        assert_eq!(press(&[-100, 10, -100, 15, -100]), []);
    }
}
