//! What the next scan means: mode, person, place and how often; by command cards, by the button, by the hub.
//!
//! What somebody chose holds until nobody has scanned for a while. Then the station is what it was set up to be,
//! so that whoever comes next need not know who was there before.

use hearth_shared::amount::Amount;
use hearth_shared::gs1::Verb;
use hearth_shared::id::Id;
use hearth_shared::scanning::{Mode, Setting};

/// How long a choice holds without a scan, unless set otherwise.
pub const IDLE_MS: i64 = 10 * 60 * 1000;
/// The most that a card makes of the next scan.
const MOST: i64 = 1000;

/// What a station is when nobody chose anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    pub mode: Mode,
    pub place: Option<Id>,
    pub idle_ms: i64,
}

impl Default for Defaults {
    fn default() -> Defaults {
        Defaults { mode: Mode::Add, place: None, idle_ms: IDLE_MS }
    }
}

/// What the next scan means.
#[derive(Clone, Debug)]
pub struct Standing {
    defaults: Defaults,
    pub mode: Mode,
    pub person: Option<Id>,
    pub place: Option<Id>,
    /// The next scan counts this often.
    quantity: Option<Amount>,
    /// When it all ends, if something was chosen.
    until: Option<i64>,
}

/// A card that asks for something that there is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCard;

impl Standing {
    pub fn new(defaults: Defaults) -> Standing {
        let Defaults { mode, place, .. } = defaults;
        Standing { defaults, mode, person: None, place, quantity: None, until: None }
    }

    /// What a command card says. Undo, confirm and cancel change nothing here.
    pub fn command(&mut self, verb: Verb, argument: &str, now: i64) -> Result<(), UnknownCard> {
        match verb {
            Verb::Mode => self.mode = Mode::of(argument).ok_or(UnknownCard)?,
            Verb::Person => self.person = choice(argument)?,
            Verb::Place => self.place = choice(argument)?.or(self.defaults.place),
            Verb::Quantity => {
                let times = argument.parse().ok().filter(|times| (1..=MOST).contains(times));
                self.quantity = Some(Amount::whole(times.ok_or(UnknownCard)?));
            }
            Verb::Cancel => *self = Standing::new(self.defaults),
            Verb::Undo | Verb::Confirm => {}
        }
        self.chosen(now);
        Ok(())
    }

    /// What somebody chose in the web app, or what the hub made of a card. `until` by the station's own time.
    pub fn set(&mut self, setting: &Setting, until: Option<i64>, now: i64) {
        self.mode = setting.mode;
        self.person = setting.person_id;
        self.place = setting.place_id;
        self.until = until.map(|until| until.max(now));
    }

    /// What it is when nobody chose anything has changed.
    pub fn set_usual(&mut self, usual: Defaults) {
        self.defaults = usual;
        if self.until.is_none() {
            *self = Standing { quantity: self.quantity, ..Standing::new(usual) };
        }
    }

    /// Holds on for a while, if there is something to hold on to.
    fn chosen(&mut self, now: i64) {
        let usual = self.mode == self.defaults.mode && self.place == self.defaults.place;
        let is_usual = usual && self.person.is_none() && self.quantity.is_none();
        self.until = (!is_usual).then_some(now + self.defaults.idle_ms);
    }

    /// The mode behind the present one, in the order of the button.
    pub fn next(&self, order: &[Mode]) -> Mode {
        let place = order.iter().position(|mode| *mode == self.mode);
        let next = place.map_or(0, |place| (place + 1) % order.len().max(1));
        order.get(next).copied().unwrap_or(self.mode)
    }

    /// How often the next scan counts.
    pub fn quantity(&self) -> Option<Amount> {
        self.quantity
    }

    /// Something was scanned: a quantity is used up by it, and the rest holds on.
    pub fn used(&mut self, now: i64) -> Option<Amount> {
        let quantity = self.quantity.take();
        if self.until.is_some() {
            self.chosen(now);
        }
        quantity
    }

    /// When something ends.
    pub fn deadline(&self) -> Option<i64> {
        self.until
    }

    /// Time passed. Whether something ended.
    pub fn pass(&mut self, now: i64) -> bool {
        let ended = self.until.is_some_and(|until| until <= now);
        if ended {
            *self = Standing::new(self.defaults);
        }
        ended
    }
}

/// An id as a card carries it: 32 capitals and digits. Nothing means the default.
fn choice(argument: &str) -> Result<Option<Id>, UnknownCard> {
    if argument.is_empty() {
        return Ok(None);
    }
    let digits = argument.to_ascii_lowercase();
    let part = |from, to| digits.get(from..to).ok_or(UnknownCard);
    let parts = [part(0, 8)?, part(8, 12)?, part(12, 16)?, part(16, 20)?, part(20, digits.len())?];
    parts.join("-").parse().map(Some).map_err(|_| UnknownCard)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: &str = "01890A5DAC96774BBCCEB302099A8057";

    fn standing() -> Standing {
        Standing::new(Defaults::default())
    }

    #[test]
    fn cards_choose_and_time_takes_it_back() {
        let mut it = standing();
        it.command(Verb::Mode, "CONSUME", 0).unwrap();
        it.command(Verb::Person, ANNA, 1000).unwrap();
        assert_eq!(it.mode, Mode::Consume);
        assert_eq!(it.person.unwrap().to_string(), "01890a5d-ac96-774b-bcce-b302099a8057");
        assert_eq!(it.deadline(), Some(1000 + IDLE_MS));
        assert!(!it.pass(IDLE_MS));
        it.used(IDLE_MS);
        assert!(!it.pass(1000 + IDLE_MS));
        assert!(it.pass(2 * IDLE_MS));
        assert_eq!((it.mode, it.person, it.deadline()), (Mode::Add, None, None));
    }

    #[test]
    fn a_quantity_is_for_one_scan_and_does_not_wait_for_ever() {
        let mut it = standing();
        it.command(Verb::Quantity, "6", 0).unwrap();
        assert_eq!(it.used(10), Some(Amount::whole(6)));
        assert_eq!(it.used(20), None);
        it.command(Verb::Quantity, "12", 100).unwrap();
        assert!(it.pass(100 + IDLE_MS));
        assert_eq!(it.used(100 + IDLE_MS), None);
        it.command(Verb::Quantity, "12", 0).unwrap();
        it.command(Verb::Cancel, "", 0).unwrap();
        assert_eq!(it.quantity(), None);
    }

    #[test]
    fn cards_that_ask_for_what_there_is_not_change_nothing() {
        let mut it = standing();
        for (verb, argument) in [
            (Verb::Mode, "EAT"),
            (Verb::Mode, ""),
            (Verb::Quantity, "0"),
            (Verb::Quantity, "1001"),
            (Verb::Quantity, "X"),
            (Verb::Person, "ANNA"),
            (Verb::Place, "01890A5D"),
        ] {
            assert_eq!(it.command(verb, argument, 0), Err(UnknownCard), "{verb:?} {argument}");
        }
        assert_eq!((it.mode, it.deadline()), (Mode::Add, None));
    }

    #[test]
    fn what_is_usual_is_the_hubs_to_say() {
        let mut it = standing();
        it.set_usual(Defaults { mode: Mode::Consume, place: None, idle_ms: 1000 });
        assert_eq!((it.mode, it.deadline()), (Mode::Consume, None));
        it.command(Verb::Mode, "OPEN", 0).unwrap();
        it.set_usual(Defaults::default());
        assert_eq!(it.mode, Mode::Open);
        it.command(Verb::Cancel, "", 10).unwrap();
        assert_eq!((it.mode, it.deadline()), (Mode::Add, None));
    }

    #[test]
    fn the_button_goes_round() {
        let mut it = standing();
        let order = [Mode::Consume, Mode::Add, Mode::Shop];
        assert_eq!(it.next(&order), Mode::Shop);
        it.mode = Mode::Shop;
        assert_eq!(it.next(&order), Mode::Consume);
        it.mode = Mode::Lookup;
        assert_eq!((it.next(&order), it.next(&[])), (Mode::Consume, Mode::Lookup));
    }
}
