//! What the invented household did in the last days besides eating: a list for the next shopping, half of it ticked,
//! and a pack that nobody has named yet. And its two scanners.

use hearth_shared::amount::Amount;
use hearth_shared::time::Timestamp;

use crate::db::Tx;
use crate::devices::pairing::{self, Confirmation, Outcome};
use crate::devices::{self, DeviceId, DeviceKind, Seen};
use crate::error::{Error, Result};
use crate::kitchen::shopping::{self, Change, Priority, Said, Wish};

use super::name;
use super::past::{Household, Scanner};
use super::plan::{Paper, Step, What as Done, When};

/// A wish on the list: what, how much of it, a note, who wrote it down, when, and how many minutes ago somebody in the
/// shop put it into the basket.
struct Wanted {
    what: What,
    quantity: Option<i64>,
    note: &'static str,
    priority: Priority,
    who: usize,
    when: When,
    ticked: Option<i64>,
}

enum What {
    Thing(&'static str),
    Words(&'static str),
}

const fn evening(ago: i64, minute: i64) -> When {
    When::Day { ago, minute: 20 * 60 + minute }
}

const LIST: [Wanted; 8] = [
    wanted(What::Words("Birthday candles"), 2, evening(1, 4)).noted("For Oskar. Don't tell him!"),
    wanted(What::Words("Basil, a pot"), 0, evening(1, 11)),
    wanted(What::Words("Baking paper"), 3, evening(1, 12)).ticked(33),
    wanted(What::Thing("Espresso beans"), 1, evening(1, 31)).much(1000).urgent(),
    wanted(What::Thing("Olive oil"), 0, evening(1, 32)).much(750).ticked(29),
    wanted(What::Words("Sourdough rolls"), 1, When::Lately { minutes: 225 }).much(6).ticked(36),
    wanted(What::Thing("Smoked salmon"), 0, When::Lately { minutes: 221 }).noted("If it looks good"),
    wanted(What::Words("AA batteries"), 3, When::Lately { minutes: 90 }).ticked(31),
];

const fn wanted(what: What, who: usize, when: When) -> Wanted {
    Wanted { what, quantity: None, note: "", priority: Priority::Normal, who, when, ticked: None }
}

impl Wanted {
    const fn noted(self, note: &'static str) -> Wanted {
        Wanted { note, ..self }
    }

    const fn much(self, quantity: i64) -> Wanted {
        Wanted { quantity: Some(quantity), ..self }
    }

    const fn urgent(self) -> Wanted {
        Wanted { priority: Priority::Urgent, ..self }
    }

    const fn ticked(self, minutes: i64) -> Wanted {
        Wanted { ticked: Some(minutes), ..self }
    }

    fn wish(&self, house: &Household) -> Wish {
        let (product, name) = match self.what {
            What::Thing(thing) => (house.thing(thing).map(|thing| house.kept(thing).1.id), None),
            What::Words(words) => (None, Some(words.to_owned())),
        };
        let said = self.quantity.map(|quantity| Said { quantity: Amount::whole(quantity), unit: None });
        let (note, priority) = (self.note.to_owned(), self.priority);
        Wish { own: None, product, name, said, priority, category: None, note }
    }
}

/// Who is in the shop.
const SHOPPER: usize = 1;
/// The place of a thing that is not in the larder, by whose number a pack is scanned that nobody knows.
pub(super) const NAMELESS: usize = 899;

/// What was done in the last days.
pub(super) fn steps() -> Vec<Step> {
    let lately = |minutes: i64, what: Done| Step { when: When::Lately { minutes }, who: SHOPPER, what };
    let mut steps = vec![
        Step { when: evening(1, 2), who: 2, what: Done::ScanNameless },
        lately(24, Done::Send { paper: Paper::NoReceipt }),
        lately(18, Done::Send { paper: Paper::Unchecked }),
    ];
    for (wish, wanted) in LIST.iter().enumerate() {
        steps.push(Step { when: wanted.when, who: wanted.who, what: Done::Write { wish } });
        steps.extend(wanted.ticked.map(|minutes| lately(minutes, Done::Tick { wish })));
    }
    steps
}

/// Writes something on the list, or ticks it.
pub(super) fn shopping(tx: &mut Tx, house: &mut Household, step: &Step, at: Timestamp) -> Result<()> {
    house.as_person(tx, step.who, at);
    match step.what {
        Done::Write { wish } => {
            let entry = shopping::add(tx, &LIST[wish].wish(house))?;
            house.wished.push((wish, entry.id));
        }
        Done::Tick { wish } => {
            let written = house.wished.iter().filter(|(other, _)| *other == wish);
            for (_, entry) in written {
                shopping::change(tx, *entry, &Change { checked: Some(true), ..Change::default() })?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// From where a scanner is heard.
pub(super) fn address(scanner: Scanner) -> &'static str {
    match scanner {
        Scanner::Kitchen => "192.168.7.21",
        Scanner::Cellar => "192.168.7.22",
    }
}

/// Lets the scanners of the kitchen and of the cellar in, as somebody who types their digits.
pub(super) fn pair(tx: &mut Tx) -> Result<[DeviceId; 2]> {
    Ok([
        let_in(tx, "Kitchen scanner", "Beside the fridge", Scanner::Kitchen)?,
        let_in(tx, "Cellar scanner", "At the foot of the stairs", Scanner::Cellar)?,
    ])
}

fn let_in(tx: &mut Tx, called: &str, place: &str, scanner: Scanner) -> Result<DeviceId> {
    let (address, program) = (address(scanner).to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    let device_key = called.to_lowercase().replace(' ', "-");
    let kind = DeviceKind::Station;
    let wish = pairing::Wish { kind, device_key, address, name: None, program };
    let opened = pairing::open(tx, &wish)?;
    let with = Confirmation { code: opened.code, name: name(called)?, place: place.to_owned() };
    match pairing::confirm(tx, &with)? {
        Outcome::Paired(id) => {
            pairing::claim(tx, opened.pairing.id, &opened.secret)?;
            devices::touch(tx, id, &Seen { address: wish.address, program: Some(wish.program) })?;
            Ok(id)
        }
        Outcome::Wrong { .. } => Err(Error::broken("demo-unpaired", "A scanner of the demo was not let in.")),
    }
}
