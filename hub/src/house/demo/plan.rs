//! The past of the invented household, reckoned backwards: from what is there today, over what was used day by day, to
//! what must have been bought when, and what was there at the beginning. Pure, and the same each time.
//!
//! Nothing of it is booked here. What comes of it is done, in its order, by the ways in which anything is done
//! ([`past`](super::past)); and since it was reckoned from the end, that leads to what is to be there.

use std::collections::BTreeMap;

use super::habits::{self, Dice, Habit, Shop};
use super::larder::{Kept, kept};

/// Of how many days is told.
pub(super) const DAYS: i64 = 66;

/// When something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// So many days ago, at a minute of the day.
    Day { ago: i64, minute: i64 },
    /// So many minutes ago: today, unless the day has just begun.
    Lately { minutes: i64 },
}

/// What somebody did, and who: their place among the people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) when: When,
    pub(super) who: usize,
    pub(super) what: What,
}

/// Things by their place in the larder, amounts in base units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Use {
        thing: usize,
        amount: i64,
    },
    ThrowAway {
        thing: usize,
        amount: i64,
    },
    /// Scanned by mistake, and taken back with the card.
    UseByMistake {
        thing: usize,
    },
    /// Used though nobody knew that there was any.
    UseUnknown {
        thing: usize,
    },
    /// A pack of it is put into the freezer.
    Freeze {
        thing: usize,
    },
    /// What is in the freezer of it is put back where it usually is.
    Thaw {
        thing: usize,
    },
    Buy {
        goods: Vec<Bought>,
    },
    /// The cellar is counted: so much more of some of it is found than was known, or less.
    Count {
        found: Vec<(usize, i64)>,
    },
    /// A pack is scanned that nobody knows.
    ScanNameless,
    /// Something is written on the shopping list; in the shop, it is put into the basket.
    Write {
        wish: usize,
    },
    Tick {
        wish: usize,
    },
    /// A text is sent as a receipt.
    Send {
        paper: Paper,
    },
}

/// What came in lately and is not booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paper {
    Unchecked,
    NoReceipt,
}

/// A line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bought {
    pub(super) thing: usize,
    pub(super) packs: i64,
    /// In how many days it is due, counted from today, where somebody looked at the pack.
    pub(super) due: Option<i64>,
}

/// What was there at the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beginning {
    pub(super) amount: i64,
    /// Whether some of it was bought since, so that it is not what is there today.
    pub(super) is_followed: bool,
}

pub(super) struct Plan {
    /// For each thing of the larder.
    pub(super) beginnings: Vec<Beginning>,
    /// What was done to them, in its order.
    pub(super) steps: Vec<Step>,
}

/// What happened once: its name, and how many days ago.
const FROZEN: [(&str, i64); 2] = [("Rye bread", 16), ("Halloumi", 2)];
const THAWED: (&str, i64) = ("Rye bread", 11);
const MISTAKES: [(&str, i64); 2] = [("Pizza Margherita", 1), ("Coconut milk", 24)];
const UNKNOWN: (&str, i64) = ("Babyspinat", 3);
const THROWN_AWAY: [(&str, i64, i64); 6] = [
    ("Bananas", 10, 2),
    ("Babyspinat", 23, 125),
    ("Crème fraîche", 31, 80),
    ("Cherry tomatoes", 38, 125),
    ("Rye bread", 45, 250),
    ("Greek yoghurt", 53, 200),
];
/// When the cellar was counted, and what was found otherwise than it was known.
pub(super) const COUNTED: i64 = 13;
const FOUND: [(&str, i64); 3] = [("Sparkling water", -1000), ("Chopped tomatoes", 400), ("Compost bags", -1)];
/// What is not touched in the last days before today.
const UNTOUCHED: [(&str, i64); 4] =
    [("Babyspinat", 4), ("Halloumi", 5), ("Smoked salmon", 3), ("Crème fraîche", 6)];
/// What was used lately: how much, by whom, and how many minutes ago.
const LATELY: [(&str, i64, usize, i64); 7] = [
    ("Espresso beans", 40, 0, 251),
    ("Müsli mit Nüssen", 70, 2, 243),
    ("Whole milk 3.5 %", 300, 2, 241),
    ("Rye bread", 150, 3, 232),
    ("Butter", 25, 3, 230),
    ("Sparkling water", 1000, 1, 97),
    ("Apples", 1, 3, 41),
];

/// Who puts things away looks at the dates of what lasts no longer than so many days.
const READ: i64 = 60;

const EVENING: i64 = 19 * 60;

/// What happened, and what was there before.
pub(super) fn plan() -> Plan {
    let things: Vec<Kept> = kept().collect();
    let place = |name: &str| things.iter().position(|kept| kept.name == name).unwrap_or_default();
    let once = |name: &str, ago: i64, minute: i64, what: fn(usize) -> What| {
        let when = When::Day { ago, minute };
        Step { when, who: usize::try_from(ago % 4).unwrap_or(0), what: what(place(name)) }
    };
    let mut steps = vec![
        once(THAWED.0, THAWED.1, EVENING, |thing| What::Thaw { thing }),
        once(UNKNOWN.0, UNKNOWN.1, 13 * 60 + 5, |thing| What::UseUnknown { thing }),
    ];
    steps.extend(FROZEN.map(|(name, ago)| once(name, ago, EVENING, |thing| What::Freeze { thing })));
    steps.extend(
        MISTAKES.map(|(name, ago)| once(name, ago, EVENING + 5, |thing| What::UseByMistake { thing })),
    );
    let found = FOUND.iter().map(|(name, more)| (place(name), *more)).collect();
    let when = When::Day { ago: COUNTED, minute: EVENING + 65 };
    steps.push(Step { when, who: 2, what: What::Count { found } });
    let (mut trips, mut beginnings) = (BTreeMap::new(), Vec::new());
    for (thing, kept) in things.iter().enumerate() {
        beginnings.push(look_back(thing, kept, &mut steps, &mut trips));
    }
    for (ago, goods) in trips {
        let minute = Shop::visited(ago).map_or(EVENING, |shop| shop.minute);
        let who = usize::try_from(ago / 7 % 2).unwrap_or(0);
        steps.push(Step { when: When::Day { ago, minute }, who, what: What::Buy { goods } });
    }
    steps.sort_by_key(|step| match step.when {
        When::Day { ago, minute } => (-ago, minute),
        When::Lately { minutes } => (0, -minutes),
    });
    Plan { beginnings, steps }
}

/// Reckons how the level of a thing came to be, and writes down what was used and what was bought.
fn look_back(
    thing: usize,
    kept: &Kept,
    steps: &mut Vec<Step>,
    trips: &mut BTreeMap<i64, Vec<Bought>>,
) -> Beginning {
    let mut level = kept.there.0;
    let mut last = None;
    let habit = habits::of(kept.name);
    for ago in 0..=DAYS {
        let mut day = day_of(thing, kept, habit.as_ref(), ago);
        let shop = habit.as_ref().and_then(|habit| Shop::visited(ago).filter(|shop| shop.sells(habit)));
        day.extend(shop.map(|shop| (shop.minute, Turn::Shop)));
        day.sort_by_key(|(minute, _)| -minute);
        for (_, turn) in day {
            match turn {
                Turn::Shop => {
                    let packs = packs(level, thing, kept, ago);
                    if packs > 0 {
                        level -= packs * kept.pack;
                        let days = ago - *last.get_or_insert(ago);
                        let is_read = kept.there.1 != 0 && kept.there.1 <= READ && days <= READ / 2;
                        let due = is_read.then_some(kept.there.1 - days);
                        trips.entry(ago).or_default().push(Bought { thing, packs, due });
                    }
                }
                Turn::Less(amount, step) => {
                    level += amount;
                    steps.extend(step);
                }
            }
        }
    }
    Beginning { amount: level, is_followed: last.is_some() }
}

/// What happens to a thing on a day.
enum Turn {
    Shop,
    /// So much less is there afterwards; done by a step of its own, or by one that is told of elsewhere.
    Less(i64, Option<Step>),
}

/// How many packs were bought of a thing of which so much is there afterwards: never too few. What does not last is
/// bought when there is hardly any of it, the rest when it runs low and somebody thinks of it.
fn packs(level: i64, thing: usize, kept: &Kept, ago: i64) -> i64 {
    let lasts = !(1..=30).contains(&kept.days.0);
    let mut thought = Dice::of(&[ago, i64::try_from(thing).unwrap_or(0), 5]);
    if level < kept.minimum || (lasts && thought.up_to(2) == 0) {
        return 0;
    }
    let reserve = if lasts { kept.minimum / 2 } else { 0 };
    ((level - reserve) / kept.pack).clamp(0, 9)
}

fn day_of(thing: usize, kept: &Kept, habit: Option<&Habit>, ago: i64) -> Vec<(i64, Turn)> {
    let mut day = Vec::new();
    let less = |minute: i64, amount: i64, who: usize, what: What| {
        let step = Step { when: When::Day { ago, minute }, who, what };
        (minute, Turn::Less(amount, Some(step)))
    };
    if ago == 0 {
        for (_, amount, who, minutes) in LATELY.iter().filter(|it| it.0 == kept.name) {
            let what = What::Use { thing, amount: *amount };
            let step = Step { when: When::Lately { minutes: *minutes }, who: *who, what };
            day.push((0, Turn::Less(*amount, Some(step))));
        }
        return day;
    }
    for (_, _, amount) in THROWN_AWAY.iter().filter(|it| it.0 == kept.name && it.1 == ago) {
        day.push(less(EVENING + 20, *amount, 1, What::ThrowAway { thing, amount: *amount }));
    }
    for (_, more) in FOUND.iter().filter(|it| it.0 == kept.name && ago == COUNTED) {
        day.push((EVENING + 65, Turn::Less(-more, None)));
    }
    let untouched = UNTOUCHED.iter().find(|it| it.0 == kept.name).map_or(0, |it| it.1);
    let Some(habit) = habit.filter(|_| ago > untouched) else { return day };
    let mut dice = Dice::of(&[i64::try_from(thing).unwrap_or(0), ago]);
    // More of it on some days, and less on others.
    if dice.up_to(10) < habit.in_ten_days {
        let (begin, length) = [(6 * 60 + 50, 115), (12 * 60 + 10, 75), (EVENING + 6, 95)]
            [usize::try_from(dice.up_to(3)).unwrap_or(0)];
        let minute = begin + dice.up_to(length);
        let twice = if habit.portion * 3 <= kept.pack && dice.up_to(6) == 0 { 2 } else { 1 };
        let amount = habit.portion * twice;
        let who = usize::try_from(dice.up_to(4)).unwrap_or(0);
        day.push(less(minute, amount, who, What::Use { thing, amount }));
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn played_forward_the_plan_never_takes_what_is_not_there_and_ends_with_what_is_to_be_there() {
        let things: Vec<Kept> = kept().collect();
        let Plan { beginnings, steps } = plan();
        let mut levels: Vec<i64> = beginnings.iter().map(|it| it.amount).collect();
        for step in &steps {
            match &step.what {
                What::Use { thing, amount } | What::ThrowAway { thing, amount } => levels[*thing] -= amount,
                What::Buy { goods } => {
                    goods.iter().for_each(|it| levels[it.thing] += it.packs * things[it.thing].pack);
                }
                What::Count { found } => found.iter().for_each(|(thing, more)| levels[*thing] += more),
                What::UseUnknown { thing } => assert_eq!(levels[*thing], 0, "{step:?}"),
                What::UseByMistake { thing } | What::Freeze { thing } | What::Thaw { thing } => {
                    assert!(levels[*thing] >= things[*thing].pack.min(500), "{step:?}");
                }
                _ => panic!("{step:?} is no matter of the larder"),
            }
            assert!(levels.iter().all(|level| *level >= 0), "{step:?}");
        }
        let wanted: Vec<i64> = things.iter().map(|kept| kept.there.0).collect();
        assert_eq!(levels, wanted);
        let uses = steps.iter().filter(|step| matches!(step.what, What::Use { .. })).count();
        assert!((600..1_500).contains(&uses), "{uses}");
    }

    #[test]
    fn what_happened_once_is_about_something_that_is_kept() {
        let names = THROWN_AWAY.iter().map(|it| it.0).chain(FOUND.iter().map(|it| it.0));
        let names = names.chain(UNTOUCHED.iter().map(|it| it.0)).chain(LATELY.iter().map(|it| it.0));
        let names = names.chain(FROZEN.iter().chain(&MISTAKES).map(|it| it.0)).chain([THAWED.0, UNKNOWN.0]);
        for name in names {
            assert!(kept().any(|kept| kept.name == name), "{name}");
        }
    }
}
