//! The kitchen of the invented household: its places, its aisles, and what it keeps. All brands are made up, and
//! their numbers begin with 952, which is kept for examples.
//!
//! The invented household speaks two languages, and so do its labels. In a house of people's own everything is
//! called as that house speaks.

mod names;

use hearth_shared::amount::Amount;
use hearth_shared::gs1::Gtin;

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::house::members::Name;
use crate::house::{self, Language};
use crate::kitchen::ledger::{Due, DueKind, Intent, Label};
use crate::kitchen::places::{self, NewPlace, Place, PlaceKind};
use crate::kitchen::products::{self, BaseUnit, Facts, Fields, NewCode, NewProduct, Product};
use crate::kitchen::stock::{self, Arrival, NewAct};
use crate::kitchen::units::{Measure, ProductUnit};
use crate::kitchen::{CategoryId, PlaceId, categories, codes, day_of};

use BaseUnit::{Gram as G, Millilitre as Ml, Piece as P};
use Shelf::{Cellar, Freezer, Fridge, Pantry, Spices};

/// Where the facts of these products come from: by this they are known again.
pub const SOURCE: &str = "demo";

/// Where something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    Pantry,
    Fridge,
    Freezer,
    Cellar,
    Spices,
}

impl Shelf {
    pub const ALL: [Shelf; 5] = [Pantry, Fridge, Freezer, Cellar, Spices];

    pub fn name(self) -> &'static str {
        match self {
            Pantry => "Pantry",
            Fridge => "Fridge",
            Freezer => "Freezer",
            Cellar => "Cellar",
            Spices => "Spice rack",
        }
    }
}

const AISLES: [&str; 9] = [
    "Fruit & veg",
    "Bakery",
    "Dairy",
    "Meat & fish",
    "Frozen",
    "Dry goods",
    "Tins & jars",
    "Drinks",
    "Household",
];

/// Something that the household keeps.
pub struct Kept {
    pub name: &'static str,
    pub brand: &'static str,
    /// Place among the aisles.
    pub aisle: usize,
    pub shelf: Shelf,
    pub unit: BaseUnit,
    /// What one pack holds, in base units.
    pub pack: i64,
    /// Below this it goes on the list.
    pub minimum: i64,
    /// How long it lasts closed and opened; 0 for no matter.
    pub days: (i64, i64),
    /// How much of it there is when the demo begins, in base units, and in how many days it is due; 0 for no date.
    pub there: (i64, i64),
}

type Line = (&'static str, &'static str, usize, Shelf, BaseUnit, i64, i64, (i64, i64), (i64, i64));

/// What the household keeps. Some of it is running out, some is due, and some is there for long.
pub fn kept() -> impl Iterator<Item = Kept> {
    LINES.iter().map(|&(name, brand, aisle, shelf, unit, pack, minimum, days, there)| Kept {
        name,
        brand,
        aisle,
        shelf,
        unit,
        pack,
        minimum,
        days,
        there,
    })
}

#[rustfmt::skip]
const LINES: &[Line] = &[
    ("Apples",                  "",               0, Fridge,  P,     1,    4, (21, 0),   (6, 9)),
    ("Bananas",                 "",               0, Pantry,  P,     1,    0, (5, 0),    (5, 2)),
    ("Lemons",                  "",               0, Fridge,  P,     1,    2, (28, 7),   (1, 12)),
    ("Potatoes",                "",               0, Cellar,  G,  2500, 1000, (40, 0),   (3200, 20)),
    ("Onions",                  "",               0, Cellar,  G,  1000,  500, (60, 0),   (700, 25)),
    ("Carrots",                 "Åkerby",         0, Fridge,  G,  1000,    0, (20, 0),   (650, 8)),
    ("Cherry tomatoes",         "Solberga",       0, Fridge,  G,   250,    0, (8, 4),    (250, 3)),
    ("Babyspinat",              "Solberga",       0, Fridge,  G,   125,    0, (5, 2),    (125, 1)),
    ("Knoblauch",               "",               0, Pantry,  P,     1,    1, (60, 0),   (3, 30)),
    ("Rye bread",               "Backhus Lund",   1, Pantry,  G,   750,  375, (6, 4),    (500, 2)),
    ("Knäckebröd",              "Fjällkvarn",     1, Pantry,  G,   275,    0, (240, 60), (275, 120)),
    ("Toastbrot",               "Backhus Lund",   1, Freezer, G,   500,    0, (7, 4),    (500, 40)),
    ("Whole milk 3.5 %",        "Hof Birke",      2, Fridge,  Ml, 1000, 1000, (10, 4),   (2000, 4)),
    ("Hafermilch",              "Nordkorn",       2, Pantry,  Ml, 1000, 1000, (300, 5),  (3000, 150)),
    ("Butter",                  "Hof Birke",      2, Fridge,  G,   250,  250, (60, 20),  (375, 22)),
    ("Crème fraîche",           "Hof Birke",      2, Fridge,  G,   200,    0, (28, 5),   (200, -1)),
    ("Greek yoghurt",           "Mandraki",       2, Fridge,  G,   500,    0, (25, 5),   (500, 5)),
    ("Gouda, young",            "Almbach",        2, Fridge,  G,   400,    0, (40, 10),  (180, 6)),
    ("Parmesan",                "Casa Rovere",    2, Fridge,  G,   200,  100, (90, 30),  (120, 35)),
    ("Halloumi",                "Mandraki",       2, Fridge,  G,   225,    0, (180, 5),  (450, 60)),
    ("Eier, Freiland",          "Hof Birke",      2, Fridge,  P,    10,    6, (28, 0),   (7, 11)),
    ("Smoked salmon",           "Västhav",        3, Fridge,  G,   150,    0, (21, 2),   (150, 1)),
    ("Chicken thighs",          "Hof Birke",      3, Freezer, G,   600,    0, (5, 2),    (1200, 80)),
    ("Köttbullar",              "Fjällkvarn",     3, Freezer, G,   500,  500, (240, 3),  (1000, 140)),
    ("Salami",                  "Almbach",        3, Fridge,  G,    80,    0, (40, 5),   (80, 14)),
    ("Erbsen",                  "Frostbo",        4, Freezer, G,   450,  450, (540, 0),  (300, 300)),
    ("Raspberries",             "Frostbo",        4, Freezer, G,   300,    0, (540, 0),  (600, 400)),
    ("Vanilla ice cream",       "Nordkorn",       4, Freezer, Ml,  900,    0, (540, 90), (450, 200)),
    ("Fish fingers",            "Västhav",        4, Freezer, P,    15,   15, (400, 0),  (12, 190)),
    ("Pizza Margherita",        "Casa Rovere",    4, Freezer, P,     1,    2, (240, 0),  (3, 120)),
    ("Spaghetti",               "Casa Rovere",    5, Pantry,  G,   500, 1000, (720, 0),  (1500, 500)),
    ("Penne",                   "Casa Rovere",    5, Pantry,  G,   500,    0, (720, 0),  (250, 420)),
    ("Basmati rice",            "Sindhu",         5, Pantry,  G,  1000, 1000, (720, 0),  (1750, 480)),
    ("Weizenmehl 550",          "Fjällkvarn",     5, Pantry,  G,  1000, 1000, (365, 0),  (2300, 180)),
    ("Sugar",                   "Rübental",       5, Pantry,  G,  1000,  500, (0, 0),    (800, 0)),
    ("Rolled oats",             "Nordkorn",       5, Pantry,  G,   500,  500, (365, 0),  (900, 210)),
    ("Müsli mit Nüssen",        "Nordkorn",       5, Pantry,  G,   750,    0, (240, 60), (400, 90)),
    ("Red lentils",             "Sindhu",         5, Pantry,  G,   500,    0, (720, 0),  (500, 380)),
    ("Dark chocolate 70 %",     "Kakaohaus",      5, Pantry,  G,   100,  200, (540, 60), (300, 260)),
    ("Baking powder",           "Fjällkvarn",     5, Pantry,  P,     6,    0, (720, 0),  (4, 350)),
    ("Salt",                    "Västhav",        5, Spices,  G,   500,  100, (0, 0),    (350, 0)),
    ("Schwarzer Pfeffer",       "Sindhu",         5, Spices,  G,    50,   20, (1000, 0), (35, 700)),
    ("Sweet paprika",           "Sindhu",         5, Spices,  G,    40,    0, (900, 0),  (15, 300)),
    ("Cinnamon",                "Sindhu",         5, Spices,  G,    35,    0, (900, 0),  (30, 500)),
    ("Chopped tomatoes",        "Solberga",       6, Cellar,  G,   400, 1200, (900, 3),  (2400, 600)),
    ("Kichererbsen",            "Solberga",       6, Cellar,  G,   400,  800, (1000, 3), (800, 640)),
    ("Coconut milk",            "Lagun",          6, Cellar,  Ml,  400,  400, (700, 3),  (800, 450)),
    ("Tuna in oil",             "Västhav",        6, Cellar,  G,   160,    0, (1400, 2), (480, 900)),
    ("Lingonberry jam",         "Fjällkvarn",     6, Pantry,  G,   400,    0, (540, 60), (320, 240)),
    ("Honig",                   "Imkerei Moos",   6, Pantry,  G,   500,    0, (700, 0),  (420, 500)),
    ("Peanut butter",           "Nordkorn",       6, Pantry,  G,   350,    0, (540, 90), (200, 180)),
    ("Mustard, medium hot",     "Senfmühle Hain", 6, Fridge,  G,   200,   50, (400, 120),(120, 160)),
    ("Soy sauce",               "Lagun",          6, Pantry,  Ml,  250,    0, (900, 180),(140, 330)),
    ("Olive oil",               "Casa Rovere",    6, Pantry,  Ml,  750,  250, (540, 180),(600, 260)),
    ("Espresso beans",          "Rösterei Kai",   7, Pantry,  G,  1000,  500, (365, 30), (650, 100)),
    ("Earl Grey",               "Teehaus Elbe",   7, Pantry,  P,    50,   10, (900, 0),  (32, 600)),
    ("Apfelsaft",               "Imkerei Moos",   7, Cellar,  Ml, 1000, 2000, (365, 5),  (6000, 200)),
    ("Sparkling water",         "Källa",          7, Cellar,  Ml, 1000, 6000, (365, 4),  (9000, 250)),
    ("Alkoholfreies Bier",      "Hafenbräu",      7, Cellar,  P,     6,    0, (180, 0),  (11, 60)),
    ("Red wine",                "Casa Rovere",    7, Cellar,  P,     1,    0, (0, 4),    (4, 0)),
    ("Dishwasher tablets",      "Klar",           8, Cellar,  P,    40,   15, (0, 0),    (22, 0)),
    ("Kitchen towels",          "Klar",           8, Cellar,  P,     4,    2, (0, 0),    (3, 0)),
    ("Compost bags",            "Klar",           8, Cellar,  P,    20,   10, (0, 0),    (6, 0)),
];

/// What must not be eaten after its day.
const PERISHABLE: [&str; 3] = ["Smoked salmon", "Chicken thighs", "Babyspinat"];

/// How many days some of it lasts in the freezer, and out of it again.
const FROZEN: [(&str, i64, i64); 5] = [
    ("Rye bread", 90, 3),
    ("Toastbrot", 60, 4),
    ("Halloumi", 240, 5),
    ("Chicken thighs", 240, 2),
    ("Raspberries", 540, 2),
];

/// What is in some of it.
const CONTAINS: [(&str, &[&str]); 12] = [
    ("Whole milk 3.5 %", &["milk"]),
    ("Butter", &["milk"]),
    ("Gouda, young", &["milk"]),
    ("Rye bread", &["gluten"]),
    ("Toastbrot", &["gluten"]),
    ("Spaghetti", &["gluten"]),
    ("Eier, Freiland", &["eggs"]),
    ("Müsli mit Nüssen", &["gluten", "nuts"]),
    ("Peanut butter", &["peanuts"]),
    ("Smoked salmon", &["fish"]),
    ("Mustard, medium hot", &["mustard"]),
    ("Soy sauce", &["gluten", "soybeans"]),
];

/// How things are called: as the lines above have it, or all in one language.
#[derive(Clone, Copy)]
struct Speech(Option<Language>);

impl Speech {
    fn says(self, name: &'static str) -> &'static str {
        self.0.map_or(name, |language| names::in_language(name, language))
    }
}

/// Furnishes the kitchen and puts away what is there.
pub fn furnish(tx: &mut Tx) -> Result<()> {
    for (kept, product) in make(tx)? {
        put_away(tx, &product, &kept)?;
    }
    Ok(())
}

/// Furnishes the kitchen and fills in what the household knows of its products; nothing of them is there yet. Places
/// and categories that the house has already are used and not made again.
pub(super) fn make(tx: &mut Tx) -> Result<Vec<(Kept, Product)>> {
    let house = house::get(tx)?;
    let speech = Speech((!house.demo).then_some(house.language));
    places::furnish(tx)?;
    let shelves = shelves(tx, speech)?;
    let aisles = aisles(tx, speech)?;
    let mut made = Vec::new();
    for (number, kept) in (1..).zip(kept()) {
        let place = shelves.iter().find(|(shelf, _)| *shelf == kept.shelf);
        let (category_id, place_id) = (aisles.get(kept.aisle).copied(), place.map(|(_, place)| place.id));
        let new = product(tx, &kept, speech, number, category_id, place_id)?;
        made.push((kept, products::create(tx, &new)?));
    }
    Ok(made)
}

/// The place for each shelf: one of its name, or the first of its kind, or else a new one.
fn shelves(tx: &mut Tx, speech: Speech) -> Result<Vec<(Shelf, Place)>> {
    let mut found = Vec::new();
    for shelf in Shelf::ALL {
        let (there, wanted) = (places::all(tx)?, name(speech.says(shelf.name()))?);
        let kind = match shelf {
            Pantry => Some(PlaceKind::Pantry),
            Fridge => Some(PlaceKind::Fridge),
            Freezer => Some(PlaceKind::Freezer),
            Cellar | Spices => None,
        };
        let named = there.iter().find(|place| place.name.key() == wanted.key());
        let alike = || there.iter().find(|place| Some(place.kind) == kind);
        let place = match named.or_else(alike) {
            Some(place) => place.clone(),
            None => {
                let kind = kind.unwrap_or(if shelf == Cellar { PlaceKind::Pantry } else { PlaceKind::Other });
                places::create(tx, &NewPlace { name: wanted, kind, position: None })?
            }
        };
        found.push((shelf, place));
    }
    Ok(found)
}

/// The category for each aisle, in their order.
fn aisles(tx: &mut Tx, speech: Speech) -> Result<Vec<CategoryId>> {
    let there = categories::all(tx)?;
    let mut found = Vec::new();
    for aisle in AISLES {
        let wanted = name(speech.says(aisle))?;
        found.push(match there.iter().find(|category| category.name.key() == wanted.key()) {
            Some(category) => category.id,
            None => categories::create(tx, &wanted, None, None)?.id,
        });
    }
    Ok(found)
}

/// Whether a place of this name is one that only the larder needs: every house has the others.
pub fn is_extra(name: &Name) -> bool {
    let is = |language| {
        [Cellar, Spices].iter().any(|shelf| names::in_language(shelf.name(), language) == name.to_string())
    };
    is(Language::English) || is(Language::German)
}

/// What is there when the demo begins, with its date.
fn put_away(tx: &mut Tx, product: &Product, kept: &Kept) -> Result<()> {
    let (amount, days) = kept.there;
    if amount == 0 {
        return Ok(());
    }
    let on = day_of(tx, tx.now())?.plus(days);
    let due = (days != 0).then_some(Due { on, kind: product.due_kind, estimated: false });
    let label = Label { due, ..Label::default() };
    let arrival = Arrival { amount: Amount::whole(amount), place: product.place_id, label };
    let new = NewAct::now(tx, Intent::Undo { target: tx.new_id() });
    stock::receive(tx, product, &arrival, new).map(|_| ())
}

fn name(text: &str) -> Result<Name> {
    Name::parse(text).map_err(|detail| Error::field("/name", detail))
}

fn product(
    tx: &Tx,
    kept: &Kept,
    speech: Speech,
    number: u32,
    category_id: Option<CategoryId>,
    place_id: Option<PlaceId>,
) -> Result<NewProduct> {
    let days = |days: i64| (days > 0).then_some(days);
    let frozen = FROZEN.iter().find(|(name, ..)| *name == kept.name);
    let fields = Fields {
        brand: kept.brand.to_owned(),
        category_id,
        place_id,
        base_unit: kept.unit,
        pack_size: Amount::whole(kept.pack),
        minimum: Amount::whole(kept.minimum),
        due_kind: if PERISHABLE.contains(&kept.name) { DueKind::UseBy } else { DueKind::BestBefore },
        shelf_days: days(kept.days.0),
        opened_days: days(kept.days.1),
        frozen_days: frozen.map(|(_, frozen, _)| *frozen),
        thawed_days: frozen.map(|(_, _, thawed)| *thawed),
        source: SOURCE.to_owned(),
        ..Fields::called(speech.says(kept.name))
    };
    let contains = CONTAINS.iter().find(|(name, _)| *name == kept.name).map_or(&[][..], |(_, words)| words);
    let allergens = contains.iter().map(|word| (*word).to_owned()).collect();
    let code = |number: Gtin| -> Result<NewCode> {
        Ok(NewCode { key: codes::read(tx, number.as_str())?, amount: None, note: String::new() })
    };
    // Loose goods have no number.
    let codes = gtin(number).filter(|_| !kept.brand.is_empty()).map(code).transpose()?;
    let slice = (kept.name == "Rye bread").then(|| Measure::of(Amount::whole(750), 15)).flatten();
    let unit = |measure: Measure| -> Result<ProductUnit> {
        Ok(ProductUnit { name: name(speech.says("slice"))?, measure })
    };
    let units = slice.map(unit).transpose()?;
    let facts = Facts { allergens, nutrition: None };
    Ok(NewProduct { fields, facts, units: units.into_iter().collect(), codes: codes.into_iter().collect() })
}

/// The number that is printed on a thing, by its place in the larder. Those behind the last are on things that the
/// household does not know.
pub(super) fn code(thing: usize) -> String {
    let number = u32::try_from(thing).ok().and_then(|thing| gtin(thing + 1));
    // Thirteen figures are printed, without the zero before them.
    number.map(|number| number.as_str().trim_start_matches('0').to_owned()).unwrap_or_default()
}

/// The example number with this place, check digit and all.
fn gtin(number: u32) -> Option<Gtin> {
    (0..10).find_map(|check| Gtin::of(&format!("952{:09}{check}", number * 1_009)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larder_holds_no_thing_twice_and_no_more_than_makes_sense() {
        let mut names: Vec<&str> = kept().map(|kept| kept.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), LINES.len());
        assert!(names.len() >= 60);
        for kept in kept() {
            assert!(kept.aisle < AISLES.len() && kept.pack > 0 && kept.there.0 > 0, "{}", kept.name);
        }
        let known = |word: &str| LINES.iter().any(|line| line.0 == word);
        assert!(CONTAINS.iter().all(|(name, _)| known(name)) && PERISHABLE.iter().all(|name| known(name)));
        assert!(FROZEN.iter().all(|(name, ..)| known(name)));
        assert_eq!(gtin(1).unwrap().as_str(), "09520000010096");
        for (english, german) in names::NAMES {
            assert!(
                known(english)
                    || known(german)
                    || AISLES.contains(english)
                    || *english == "slice"
                    || Shelf::ALL.iter().any(|shelf| shelf.name() == *english),
                "{english}"
            );
        }
        let german = |name| names::in_language(name, Language::German);
        assert_eq!(
            [german("Oat milk"), german("Hafermilch"), german("Halloumi")],
            ["Hafermilch", "Hafermilch", "Halloumi"]
        );
        // The code that the README has a newcomer type.
        let milk = kept().position(|kept| kept.name == "Whole milk 3.5 %").unwrap();
        assert_eq!(gtin(u32::try_from(milk).unwrap() + 1).unwrap().as_str(), "09520000131173");
    }
}
