//! What a pack says about its contents: allergens and nutrition.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kitchen::search::fold;

/// The fourteen that must be named in the European Union. Others are named by a word of one's own.
pub const KNOWN: [&str; 14] = [
    "celery",
    "crustaceans",
    "eggs",
    "fish",
    "gluten",
    "lupin",
    "milk",
    "molluscs",
    "mustard",
    "nuts",
    "peanuts",
    "sesame",
    "soybeans",
    "sulphites",
];

/// The most allergens of a product or a person.
pub const MOST: usize = 40;
/// The most characters of an allergen.
pub const LONGEST: usize = 40;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Facts {
    /// What is in it: `milk`, `gluten`, … or a word of one's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allergens: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nutrition: Option<Nutrition>,
}

/// In 100 g or 100 ml, as integers: energy in kJ and kcal, the rest in milligrams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Nutrition {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub energy_kj: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub energy_kcal: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fat_mg: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saturates_mg: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carbohydrate_mg: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sugars_mg: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fibre_mg: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protein_mg: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt_mg: Option<u32>,
}

impl Nutrition {
    /// Whether 100 g can hold it: no part weighs more than all, and fat alone has 3,700 kJ.
    pub fn can_be(&self) -> bool {
        let parts = [
            self.fat_mg,
            self.saturates_mg,
            self.carbohydrate_mg,
            self.sugars_mg,
            self.fibre_mg,
            self.protein_mg,
            self.salt_mg,
        ];
        let light = parts.iter().flatten().all(|part| *part <= 100_000);
        light && self.energy_kj.is_none_or(|kj| kj <= 5_000) && self.energy_kcal.is_none_or(|it| it <= 1_200)
    }
}

/// Allergens as they are kept: known ones by their word, others as written; each once, in order.
pub fn allergens(said: &[String]) -> Result<Vec<String>, &'static str> {
    if said.len() > MOST {
        return Err("At most 40 allergens can be named.");
    }
    let mut kept = Vec::new();
    for word in said {
        let word = word.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        if word.is_empty() || word.chars().count() > LONGEST || word.chars().any(char::is_control) {
            return Err("An allergen is a word of 1 to 40 characters.");
        }
        kept.push(word);
    }
    kept.sort();
    kept.dedup();
    Ok(kept)
}

/// Whether two lists have an allergen in common, however it is spelt.
pub fn meet(ours: &[String], theirs: &[String]) -> bool {
    let theirs: Vec<String> = theirs.iter().map(|word| fold::fold(word)).collect();
    ours.iter().any(|word| theirs.contains(&fold::fold(word)))
}
