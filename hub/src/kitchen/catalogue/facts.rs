//! What a catalogue knows of a product, in our own words and whole numbers.
//!
//! Catalogues are written by strangers. Nothing here believes them: text is cut and cleaned, numbers that
//! cannot be are left out, and what is missing is missing. Names that the house gives win over all of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kitchen::products::BaseUnit;

use super::quantity::{self, Content, decimal};
use super::raw::Raw;
use super::{allergens, text};

/// The longest name that is kept.
pub const LONGEST_NAME: usize = 120;
/// The most names, one a language.
const MOST_NAMES: usize = 24;
/// The most categories.
const MOST_CATEGORIES: usize = 24;
/// The longest address of a picture.
const LONGEST_ADDRESS: usize = 500;

/// What is known of a product.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = CatalogueFacts)]
pub struct Facts {
    /// What it is called, by language (`de`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
    /// The language that stands on it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// What it says of how much it holds, as it stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity_text: Option<String>,
    /// The same, understood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// From the most general to the most special, such as `en:plant-milks`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// One word each, such as `milk`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allergens: Vec<String>,
    /// Allergens that it may hold traces of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub traces: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nutrition: Option<Nutrition>,
    /// Where its picture is, on the internet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

/// What is in a hundred grams or millilitres of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CatalogueNutrition)]
pub struct Nutrition {
    /// `g` or `ml`: a hundred of these.
    pub per: BaseUnit,
    /// In kilojoules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy_kj: Option<i64>,
    /// In milligrams, as all that follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fat_mg: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saturated_fat_mg: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carbohydrates_mg: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sugars_mg: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fibre_mg: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protein_mg: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt_mg: Option<i64>,
}

/// Which names are kept.
#[derive(Debug, Clone, Copy)]
pub enum Languages<'a> {
    All,
    /// These, and the one that stands on the product first.
    These(&'a [String]),
}

impl Languages<'_> {
    fn has(self, language: &str) -> bool {
        match self {
            Languages::All => true,
            Languages::These(these) => these.iter().any(|it| it == language),
        }
    }
}

impl Facts {
    /// What is believed of a product as it came.
    pub fn of(raw: &Raw, keep: Languages<'_>) -> Facts {
        let language = raw.language.as_deref().filter(|it| text::is_language(it)).map(str::to_owned);
        let main = language.as_deref().unwrap_or("xx");
        let mut names = BTreeMap::new();
        let generic = (raw.generic_name.as_deref(), &raw.generic_names);
        for (plain, by_language) in [(raw.name.as_deref(), &raw.names), generic] {
            let plain = plain.map(|name| (main, name));
            let others = by_language.iter().map(|(language, name)| (language.as_str(), name.as_str()));
            for (language, name) in others.chain(plain) {
                let wanted = language == main || (text::is_language(language) && keep.has(language));
                let is_new = !names.contains_key(language) && names.len() < MOST_NAMES;
                if wanted
                    && is_new
                    && let Some(name) = text::line(name, LONGEST_NAME)
                {
                    names.insert(language.to_owned(), name);
                }
            }
        }
        let quantity_text = raw.quantity.as_deref().and_then(|it| text::line(it, 60));
        let content = quantity_text.as_deref().and_then(quantity::read).or_else(|| {
            let unit = raw.quantity_unit.as_deref().unwrap_or_default();
            quantity::of_number(raw.quantity_number.as_deref()?, unit)
        });
        let per = if content.is_some_and(|it| it.unit == BaseUnit::Millilitre) {
            BaseUnit::Millilitre
        } else {
            BaseUnit::Gram
        };
        Facts {
            names,
            language,
            brand: brand(raw),
            quantity_text,
            content,
            categories: categories(&raw.categories),
            allergens: allergens::words(raw.allergens.iter().map(String::as_str)),
            traces: allergens::words(raw.traces.iter().map(String::as_str)),
            nutrition: Nutrition::of(raw, per),
            image: raw.image_address().filter(|it| is_address(it)),
        }
    }

    /// What it is called: in this language if that is known, or else as it stands on the product, or else
    /// in English, or else in any language.
    pub fn name(&self, language: &str) -> Option<&str> {
        let main = self.language.as_deref().unwrap_or("xx");
        let found = [language, main, "en"].iter().find_map(|it| self.names.get(*it));
        found.or_else(|| self.names.values().next()).map(String::as_str)
    }

    /// Whether there is anything to call it by.
    pub fn is_named(&self) -> bool {
        !self.names.is_empty()
    }
}

/// The first of the brands; what follows it is mostly the company behind it.
fn brand(raw: &Raw) -> Option<String> {
    let brands = raw.brands.as_deref()?;
    brands.split(',').find_map(|it| text::line(it, 60))
}

fn categories(given: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for tag in given.iter().filter_map(|it| text::tag(it)) {
        if !out.contains(&tag) {
            out.push(tag);
        }
    }
    // The special ones say more than the general ones, which follow from them.
    let skip = out.len().saturating_sub(MOST_CATEGORIES);
    out.split_off(skip)
}

fn is_address(text: &str) -> bool {
    let begins = text.starts_with("https://") || text.starts_with("http://");
    begins && text.len() <= LONGEST_ADDRESS && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl Nutrition {
    fn of(raw: &Raw, per: BaseUnit) -> Option<Nutrition> {
        let number =
            |name: &str| raw.nutriments.iter().find(|(key, _)| key == name).and_then(|(_, it)| decimal(it));
        // Grams in millionths become milligrams; of a hundred grams there are no more than a hundred.
        let mass = |name: &str| {
            let milligrams = (number(name)? + 500) / 1_000;
            i64::try_from(milligrams).ok().filter(|it| *it <= 100_000)
        };
        let kilojoules = number("energy-kj_100g").or_else(|| number("energy_100g"));
        let kilojoules = kilojoules.or_else(|| Some(number("energy-kcal_100g")? * 4_184 / 1_000));
        // Pure fat has 3,700.
        let energy_kj = kilojoules
            .and_then(|it| i64::try_from((it + 500_000) / 1_000_000).ok())
            .filter(|it| *it <= 4_000);
        let nutrition = Nutrition {
            per,
            energy_kj,
            fat_mg: mass("fat_100g"),
            saturated_fat_mg: mass("saturated-fat_100g"),
            carbohydrates_mg: mass("carbohydrates_100g"),
            sugars_mg: mass("sugars_100g"),
            fibre_mg: mass("fiber_100g"),
            protein_mg: mass("proteins_100g"),
            salt_mg: mass("salt_100g"),
        };
        (nutrition != Nutrition::nothing(per)).then_some(nutrition)
    }

    fn nothing(per: BaseUnit) -> Nutrition {
        Nutrition {
            per,
            energy_kj: None,
            fat_mg: None,
            saturated_fat_mg: None,
            carbohydrates_mg: None,
            sugars_mg: None,
            fibre_mg: None,
            protein_mg: None,
            salt_mg: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn facts(json: &str) -> Facts {
        Facts::of(&serde_json::from_str(json).unwrap(), Languages::All)
    }

    fn check(json: &str, expected: Expect) {
        expected.assert_eq(&serde_json::to_string_pretty(&facts(json)).unwrap());
    }

    #[test]
    fn a_product_as_the_service_answers_it() {
        check(
            r#"{
                "code": "7394376616228", "lang": "sv", "product_name": "Havredryck", "product_name_de": "Haferdrink",
                "product_name_en": "Oat drink", "generic_name_de": "Hafergetränk", "brands": "Oatly, Oatly AB",
                "quantity": "1 l", "product_quantity": 1000, "product_quantity_unit": "ml",
                "categories_tags": ["en:beverages", "en:plant-milks", "en:oat-milks"],
                "allergens_tags": ["en:gluten"], "traces_tags": [],
                "nutriments": {"energy-kj_100g": 193, "energy-kcal_100g": 46, "fat_100g": 1.5, "saturated-fat_100g": 0.2,
                    "carbohydrates_100g": 6.7, "sugars_100g": "4.1", "fiber_100g": 0.8, "proteins_100g": 1,
                    "salt_100g": 0.1, "nova-group": 4},
                "image_front_url": "https://images.openfoodfacts.org/images/products/739/437/661/6228/front_sv.4.400.jpg"
            }"#,
            expect![[r#"
                {
                  "names": {
                    "de": "Haferdrink",
                    "en": "Oat drink",
                    "sv": "Havredryck"
                  },
                  "language": "sv",
                  "brand": "Oatly",
                  "quantity_text": "1 l",
                  "content": {
                    "amount": 1000,
                    "unit": "ml"
                  },
                  "categories": [
                    "en:beverages",
                    "en:plant-milks",
                    "en:oat-milks"
                  ],
                  "allergens": [
                    "gluten"
                  ],
                  "nutrition": {
                    "per": "ml",
                    "energy_kj": 193,
                    "fat_mg": 1500,
                    "saturated_fat_mg": 200,
                    "carbohydrates_mg": 6700,
                    "sugars_mg": 4100,
                    "fibre_mg": 800,
                    "protein_mg": 1000,
                    "salt_mg": 100
                  },
                  "image": "https://images.openfoodfacts.org/images/products/739/437/661/6228/front_sv.4.400.jpg"
                }"#]],
        );
    }

    #[test]
    fn a_product_as_a_dump_has_it() {
        check(
            r#"{
                "_id": "3017620422003", "code": "3017620422003", "lc": "fr", "product_name_fr": "Nutella",
                "product_name": "", "brands_tags": ["ferrero"], "brands": "Ferrero", "quantity": "400 g",
                "images": {"1": {"uploader": "x", "sizes": {"full": {"w": 1, "h": 2}}}, "front_fr": {"rev": "633", "imgid": 1},
                    "front_de": {"rev": 12}}, "ingredients": [{"id": "en:sugar", "ingredients": [[[[]]]]}],
                "nutriments": {"energy_100g": 2252, "fat_100g": "30.9"}, "unknown": {"deep": {"er": [1, 2, {"x": null}]}}
            }"#,
            expect![[r#"
                {
                  "names": {
                    "fr": "Nutella"
                  },
                  "language": "fr",
                  "brand": "Ferrero",
                  "quantity_text": "400 g",
                  "content": {
                    "amount": 400,
                    "unit": "g"
                  },
                  "nutrition": {
                    "per": "g",
                    "energy_kj": 2252,
                    "fat_mg": 30900
                  },
                  "image": "https://images.openfoodfacts.org/images/products/301/762/042/2003/front_fr.633.400.jpg"
                }"#]],
        );
    }

    #[test]
    fn wrong_types_and_nonsense_are_left_out() {
        check(
            r#"{
                "code": 4006381333931, "lang": 7, "product_name": ["Not", "a", "name"], "product_name_de": {"x": 1},
                "product_name_en": true, "product_name_EN": "Shouted", "product_name_": "Nobody's", "product_name_en_debug": "x",
                "brands": 99, "quantity": 500, "categories_tags": "en:a, en:b ,,en:a", "allergens_tags": {"en:milk": 1},
                "traces_tags": [null, 4, "en:nuts", ["en:deep"], {"a": "b"}], "image_front_url": "javascript:alert(1)",
                "nutriments": {"energy-kj_100g": 99999, "fat_100g": -3, "salt_100g": "much", "sugars_100g": 101,
                    "proteins_100g": 1e300, "fiber_100g": null, "carbohydrates_100g": [12]}
            }"#,
            expect![[r#"
                {
                  "brand": "99",
                  "quantity_text": "500",
                  "categories": [
                    "en:a",
                    "en:b"
                  ],
                  "traces": [
                    "nuts"
                  ]
                }"#]],
        );
        for json in ["{}", r#"{"nutriments": 5, "images": "no", "categories_tags": 7, "product_name": null}"#]
        {
            assert_eq!(facts(json), Facts::default(), "{json}");
        }
    }

    #[test]
    fn markup_and_flourishes_do_not_get_through() {
        let facts = facts(
            r#"{"lang": "en", "product_name": "<h1>Jam &amp; more</h1>\n<script>x</script>", "brands": " , <b>Best</b>,x",
                "quantity": "<i>500</i>&nbsp;g\u0000", "image_url": "https://x.example/a b.jpg"}"#,
        );
        assert_eq!(facts.name("en"), Some("Jam & more x"));
        assert_eq!(facts.brand.as_deref(), Some("Best"));
        assert_eq!(facts.content.map(|it| it.amount.to_string()).as_deref(), Some("500"));
        assert_eq!(facts.image, None);
    }

    #[test]
    fn what_is_huge_becomes_small() {
        let letter = |n: u32| char::from_u32(u32::from(b'a') + n).unwrap();
        let names: String = (0..26_u32 * 26)
            .map(|n| format!(r#""product_name_{}{}": "N","#, letter(n / 26), letter(n % 26)))
            .collect();
        let many =
            |what: &str| (0..5_000).map(|n| format!("\"en:{what}-{n}\"")).collect::<Vec<_>>().join(",");
        let json = format!(
            r#"{{{names} "product_name": "{}", "brands": "{}", "quantity": "{}", "categories_tags": [{}],
                "allergens_tags": [{}], "image_url": "https://x.example/{}"}}"#,
            "x".repeat(300_000),
            "y".repeat(300_000),
            "z".repeat(300_000),
            many("c"),
            many("a"),
            "w".repeat(10_000)
        );
        let facts = facts(&json);
        let text = serde_json::to_string(&facts).unwrap();
        assert!(text.len() < 4_000, "{}", text.len());
        assert_eq!((facts.names.len(), facts.categories.len()), (MOST_NAMES, MOST_CATEGORIES));
        assert!(facts.image.is_none());
    }

    #[test]
    fn the_language_of_the_house_is_preferred() {
        let facts = facts(
            r#"{"lang": "sv", "product_name": "Mjölk", "product_name_de": "Milch", "product_name_en": "Milk"}"#,
        );
        assert_eq!(facts.name("de"), Some("Milch"));
        assert_eq!(facts.name("fr"), Some("Mjölk"));
        let raw: Raw =
            serde_json::from_str(r#"{"product_name_fr": "Lait", "product_name_de": "Milch", "lang": "fr"}"#)
                .unwrap();
        let german = ["de".to_owned()];
        let kept = Facts::of(&raw, Languages::These(&german));
        assert_eq!(kept.names.keys().collect::<Vec<_>>(), ["de", "fr"]);
        let english = ["en".to_owned()];
        let kept = Facts::of(&raw, Languages::These(&english));
        assert_eq!(kept.names.keys().collect::<Vec<_>>(), ["fr"], "the name on the package stays");
    }

    #[test]
    fn energy_is_taken_from_what_there_is() {
        let energy =
            |json: &str| facts(&format!(r#"{{"nutriments": {json}}}"#)).nutrition.and_then(|it| it.energy_kj);
        assert_eq!(energy(r#"{"energy-kj_100g": "193.4", "energy-kcal_100g": 46}"#), Some(193));
        assert_eq!(energy(r#"{"energy-kcal_100g": 100}"#), Some(418));
        assert_eq!(energy(r#"{"energy_100g": 0}"#), Some(0));
        assert_eq!(energy("{}"), None);
    }

    #[test]
    fn facts_come_back_from_their_text() {
        let facts = facts(
            r#"{"lang": "de", "product_name": "Käse", "quantity": "2 x 100 g", "nutriments": {"salt_100g": 1.25}}"#,
        );
        let text = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<Facts>(&text).unwrap(), facts);
        let newer = text.replacen('{', r#"{"invented_later": [1], "#, 1);
        assert_eq!(serde_json::from_str::<Facts>(&newer).unwrap(), facts);
    }

    /// Numbers that look drawn by lot, and are the same each time.
    fn lot(seed: &mut u64) -> usize {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*seed >> 33).unwrap()
    }

    #[test]
    fn whatever_is_changed_in_a_product_nothing_breaks() {
        let whole = r#"{"code": "4006381333931", "lang": "de", "product_name": "Tee &amp; <b>mehr</b>", "product_name_en":
            "Tea", "brands": "A, B", "quantity": "6 x 1.500 ml + 20 g", "product_quantity": 1.5e3, "categories_tags":
            ["en:a", "b"], "nutriments": {"energy-kj_100g": 1e2, "fat_100g": "1,5"}, "images": {"front_de": {"rev": 4}}}"#;
        let odd = [
            "\"", "\\", "{", "}", "[", "]", ":", ",", "0", "9e9", "-", "null", "x", "&#", ";", "<", "ü",
            "\u{202e}", " ",
        ];
        let (mut seed, mut read) = (7, 0);
        for _ in 0..30_000 {
            let mut text: Vec<char> = whole.chars().collect();
            for _ in 0..1 + lot(&mut seed) % 4 {
                let at = lot(&mut seed) % text.len();
                let end = (at + lot(&mut seed) % 3).min(text.len());
                let put = odd[lot(&mut seed) % odd.len()];
                text.splice(at..end, put.chars());
            }
            let text: String = text.into_iter().collect();
            if let Ok(raw) = serde_json::from_str::<Raw>(&text) {
                let facts = Facts::of(&raw, Languages::All);
                assert!(facts.names.values().all(|name| name.chars().count() <= LONGEST_NAME), "{text}");
                assert!(facts.content.is_none_or(|it| it.amount.is_usable()), "{text}");
                let again = serde_json::to_string(&facts).unwrap();
                assert_eq!(serde_json::from_str::<Facts>(&again).unwrap(), facts, "{text}");
                read += 1;
            }
        }
        assert!(read > 1_000, "{read} of them could be read at all");
    }
}
