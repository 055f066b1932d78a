//! The units that everybody knows, with what they are exactly.

use super::super::products::BaseUnit::{self, Gram, Millilitre, Piece};

/// A unit that needs no explaining: one of it is `num / den` of its base unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its words: first the one it is written with, then what else people say in English and German.
    pub words: &'static [&'static str],
    pub base: BaseUnit,
    pub num: i64,
    pub den: i64,
}

const fn unit(words: &'static [&'static str], base: BaseUnit, num: i64, den: i64) -> BuiltIn {
    BuiltIn { words, base, num, den }
}

/// What a pack is, the product says.
pub const PACK: &[&str] = &["pack", "packs", "package", "packung", "packungen", "pck", "pkg"];

/// Words are small letters without a full stop at the end. Of measures that differ between countries each has a
/// name of its own, and the plain word means the metric one.
#[rustfmt::skip]
pub const BUILT_IN: &[BuiltIn] = &[
    unit(&["g", "gram", "grams", "gramme", "grammes", "gramm", "gr"], Gram, 1, 1),
    unit(&["mg", "milligram", "milligrams", "milligramm"], Gram, 1, 1_000),
    unit(&["kg", "kilo", "kilos", "kilogram", "kilograms", "kilogramm"], Gram, 1_000, 1),
    unit(&["dag", "dkg", "deka", "dekagramm"], Gram, 10, 1),
    unit(&["oz", "ounce", "ounces", "unze", "unzen"], Gram, 45_359_237, 1_600_000),
    unit(&["lb", "lbs", "pound", "pounds"], Gram, 45_359_237, 100_000),
    unit(&["pfund", "pfd"], Gram, 500, 1),
    unit(&["ml", "millilitre", "millilitres", "milliliter", "milliliters"], Millilitre, 1, 1),
    unit(&["cl", "centilitre", "centilitres", "centiliter", "centiliters", "zentiliter"], Millilitre, 10, 1),
    unit(&["dl", "decilitre", "decilitres", "deciliter", "deciliters", "deziliter"], Millilitre, 100, 1),
    unit(&["l", "litre", "litres", "liter", "liters", "ltr"], Millilitre, 1_000, 1),
    unit(&["tsp", "teaspoon", "teaspoons", "teelöffel", "tl"], Millilitre, 5, 1),
    unit(&["tbsp", "tablespoon", "tablespoons", "esslöffel", "el"], Millilitre, 15, 1),
    unit(&["cup", "cups", "tasse", "tassen"], Millilitre, 250, 1),
    unit(&["us cup", "us cups"], Millilitre, 473_176_473, 2_000_000),
    unit(&["uk fl oz", "imperial fluid ounce"], Millilitre, 454_609, 16_000),
    unit(&["us fl oz", "us fluid ounce"], Millilitre, 473_176_473, 16_000_000),
    unit(&["uk pint", "imperial pint"], Millilitre, 454_609, 800),
    unit(&["us pint"], Millilitre, 473_176_473, 1_000_000),
    unit(&["piece", "pieces", "pc", "pcs", "stück", "stk", "st", "each", "x"], Piece, 1, 1),
    unit(&["pair", "pairs", "paar"], Piece, 2, 1),
    unit(&["dozen", "dozens", "dutzend", "dtzd"], Piece, 12, 1),
];

/// The built-in unit of a word.
pub fn find(word: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|unit| unit.words.contains(&word))
}
