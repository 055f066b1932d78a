//! What the invented household uses day by day, where it buys it, and what that costs there. The shops are made up.

/// A shop: what is printed at the head of its receipts, and on which days the household goes there.
pub(super) struct Shop {
    pub(super) head: &'static str,
    /// Every so many days, so many days ago the last time, at this minute of the day.
    every: i64,
    last: i64,
    pub(super) minute: i64,
    sells: Goods,
    /// What things cost there beside what they cost elsewhere, in hundredths.
    level: i64,
}

/// What a shop has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Goods {
    Groceries,
    Drinks,
}

use Goods::{Drinks as D, Groceries as F};

#[rustfmt::skip]
pub(super) const SHOPS: [Shop; 3] = [
    Shop { head: "Saluhallen\nBrunnsgatan 3", every: 7, last: 2, minute: 18 * 60 + 12, sells: F, level: 100 },
    Shop { head: "Lindgårds Livs\nSkogsvägen 12", every: 7, last: 5, minute: 10 * 60 + 40, sells: F, level: 106 },
    Shop { head: "Bodega Brandt\nHamngatan 7", every: 14, last: 10, minute: 16 * 60 + 20, sells: D, level: 100 },
];

impl Shop {
    /// Where the household goes so many days ago.
    pub(super) fn visited(ago: i64) -> Option<&'static Shop> {
        SHOPS.iter().find(|shop| ago >= shop.last && (ago - shop.last) % shop.every == 0)
    }

    pub(super) fn sells(&self, habit: &Habit) -> bool {
        self.sells == habit.goods
    }

    /// What a pack costs there so many days ago. Prices rise a little, differ from shop to shop, stay for a few weeks,
    /// and are lower for a week now and then.
    pub(super) fn price(&self, thing: usize, habit: &Habit, ago: i64) -> i64 {
        let shop = self.every.wrapping_mul(31) + self.last;
        let thing = i64::try_from(thing).unwrap_or(0);
        let mut lately = Dice::of(&[thing, shop, ago / 21]);
        let mut offered = Dice::of(&[thing, shop, ago / 7, 7]);
        let risen = 1_000 - ago + lately.up_to(60) - 30;
        let usual = habit.price * self.level * risen / 100_000;
        let price = if offered.up_to(11) == 0 { usual * 80 / 100 } else { usual };
        // Most prices end with a nine.
        if price > 100 { price / 10 * 10 + 9 } else { price.max(19) }
    }
}

/// How something is used: so much at a time, so often in ten days; and what a pack of it costs, in cents.
pub(super) struct Habit {
    pub(super) portion: i64,
    pub(super) in_ten_days: i64,
    pub(super) price: i64,
    goods: Goods,
}

/// The habit about a thing of the larder; what has none lies there for long.
pub(super) fn of(name: &str) -> Option<Habit> {
    let (_, portion, in_ten_days, price, goods) = *LINES.iter().find(|line| line.0 == name)?;
    Some(Habit { portion, in_ten_days, price, goods })
}

#[rustfmt::skip]
const LINES: &[(&str, i64, i64, i64, Goods)] = &[
    ("Apples",                1, 7,   45, F),
    ("Bananas",               1, 6,   29, F),
    ("Lemons",                1, 1,   39, F),
    ("Potatoes",            800, 2,  299, F),
    ("Onions",              150, 4,  149, F),
    ("Carrots",             200, 3,  139, F),
    ("Cherry tomatoes",     125, 3,  199, F),
    ("Babyspinat",          125, 1,  219, F),
    ("Knoblauch",             1, 1,   45, F),
    ("Rye bread",           150, 8,  340, F),
    ("Knäckebröd",           55, 2,  219, F),
    ("Toastbrot",           100, 2,  189, F),
    ("Whole milk 3.5 %",    300, 9,  189, F),
    ("Hafermilch",          250, 6,  215, F),
    ("Butter",               25, 8,  279, F),
    ("Crème fraîche",       100, 1,  129, F),
    ("Greek yoghurt",       125, 5,  259, F),
    ("Gouda, young",         60, 6,  379, F),
    ("Parmesan",             20, 4,  459, F),
    ("Halloumi",            225, 1,  319, F),
    ("Eier, Freiland",        2, 6,  319, F),
    ("Smoked salmon",       150, 1,  449, F),
    ("Chicken thighs",      600, 1,  689, F),
    ("Köttbullar",          250, 2,  459, F),
    ("Salami",               40, 3,  249, F),
    ("Erbsen",              150, 2,  179, F),
    ("Raspberries",         100, 1,  349, F),
    ("Vanilla ice cream",   225, 2,  399, F),
    ("Fish fingers",          3, 1,  379, F),
    ("Pizza Margherita",      1, 2,  259, F),
    ("Spaghetti",           250, 2,  129, F),
    ("Penne",               250, 1,  119, F),
    ("Basmati rice",        250, 2,  329, F),
    ("Weizenmehl 550",      300, 2,   99, F),
    ("Sugar",                50, 3,  109, F),
    ("Rolled oats",         100, 4,  149, F),
    ("Müsli mit Nüssen",     70, 6,  399, F),
    ("Red lentils",         125, 1,  229, F),
    ("Dark chocolate 70 %",  50, 4,  219, F),
    ("Chopped tomatoes",    400, 3,  109, F),
    ("Kichererbsen",        400, 1,   99, F),
    ("Coconut milk",        400, 1,  179, F),
    ("Tuna in oil",         160, 1,  219, F),
    ("Lingonberry jam",      40, 3,  329, F),
    ("Honig",                20, 3,  549, F),
    ("Peanut butter",        30, 3,  299, F),
    ("Mustard, medium hot",  15, 1,  179, F),
    ("Soy sauce",            15, 2,  289, F),
    ("Olive oil",            25, 6,  899, F),
    ("Espresso beans",       40, 9, 1399, F),
    ("Earl Grey",             1, 6,  449, F),
    ("Apfelsaft",           400, 5,  169, D),
    ("Sparkling water",    1000, 8,   49, D),
    ("Alkoholfreies Bier",    1, 3,  549, D),
    ("Red wine",              1, 1,  749, D),
    ("Dishwasher tablets",    1, 6,  999, F),
    ("Kitchen towels",        1, 1,  329, F),
    ("Compost bags",          1, 3,  249, F),
];

/// Chance that falls the same way each time: the household lives the same weeks wherever it is looked at.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn of(about: &[i64]) -> Dice {
        let mut dice = Dice(0x4845_4152_5448);
        for number in about {
            dice.0 ^= number.unsigned_abs().wrapping_add(1);
            dice.throw();
        }
        dice
    }

    /// One step of `splitmix64`.
    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(super) fn up_to(&mut self, end: i64) -> i64 {
        let end = end.unsigned_abs().max(1);
        i64::try_from(self.throw() % end).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::larder::kept;
    use super::*;

    #[test]
    fn each_habit_is_about_something_that_is_kept_and_prices_vary_a_little() {
        for (name, portion, in_ten_days, price, _) in LINES {
            let (thing, known) = kept().enumerate().find(|(_, kept)| kept.name == *name).expect(name);
            assert!(
                *portion > 0 && *portion <= known.pack.max(1) && (1..=10).contains(in_ten_days),
                "{name}"
            );
            let habit = of(name).unwrap();
            for shop in SHOPS.iter().filter(|shop| shop.sells(&habit)) {
                let prices = (0..70).map(|ago| shop.price(thing, &habit, ago));
                assert!(prices.clone().all(|it| it > price * 65 / 100 && it < price * 125 / 100), "{name}");
            }
        }
        let milk = of("Whole milk 3.5 %").unwrap();
        let prices: std::collections::BTreeSet<i64> =
            (0..70).map(|ago| SHOPS[0].price(12, &milk, ago)).collect();
        assert!(prices.len() >= 3, "{prices:?}");
    }
}
