//! Allergens by one word each: the fourteen that European law names, and others as they were written.

use super::text::split_tag;

/// The most of them that a product is believed to have.
const MOST: usize = 30;

/// The fourteen, with other words for each: English, German, French.
const KNOWN: &[(&str, &[&str])] = &[
    (
        "gluten",
        &["wheat", "rye", "barley", "oats", "spelt", "weizen", "roggen", "gerste", "hafer", "dinkel", "blé"],
    ),
    ("crustaceans", &["krebstiere", "crustacés", "shrimp", "prawns"]),
    ("eggs", &["egg", "ei", "eier", "œufs", "oeufs", "oeuf", "œuf"]),
    ("fish", &["fisch", "poisson", "poissons"]),
    ("peanuts", &["peanut", "erdnüsse", "erdnuss", "arachides", "arachide"]),
    ("soybeans", &["soy", "soya", "soja", "soybean"]),
    ("milk", &["milch", "lait", "lactose", "laktose", "dairy"]),
    (
        "nuts",
        &[
            "nüsse",
            "schalenfrüchte",
            "fruits-à-coque",
            "hazelnuts",
            "haselnüsse",
            "almonds",
            "mandeln",
            "walnuts",
            "walnüsse",
            "cashew",
            "cashews",
            "pistachios",
            "noisettes",
            "amandes",
            "tree-nuts",
        ],
    ),
    ("celery", &["sellerie", "céleri"]),
    ("mustard", &["senf", "moutarde"]),
    ("sesame-seeds", &["sesame", "sesam", "sésame"]),
    (
        "sulphites",
        &["sulphur-dioxide-and-sulphites", "sulfites", "sulfite", "sulphur-dioxide", "schwefeldioxid"],
    ),
    ("lupin", &["lupine", "lupinen", "lupins"]),
    ("molluscs", &["weichtiere", "mollusques", "mollusks"]),
];

/// The words for a list of tags, each once, in the order of their spelling.
pub(super) fn words<'a>(tags: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for tag in tags {
        let Some(tag) = super::text::tag(tag) else { continue };
        let (_, word) = split_tag(&tag);
        if matches!(word, "none" | "no" | "keine" | "aucun") || !word.contains(char::is_alphabetic) {
            continue;
        }
        let known = KNOWN.iter().find(|(name, others)| *name == word || others.contains(&word));
        let word = known.map_or(word, |(name, _)| name);
        if !out.iter().any(|there| there == word) && out.len() < MOST {
            out.push(word.to_owned());
        }
    }
    out.sort_unstable();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_allergen_has_one_word() {
        let given =
            ["en:milk", "de:Milch", "en:hazelnuts", "fr:lait", "en:sulphur-dioxide-and-sulphites", "en:none"];
        assert_eq!(words(given), ["milk", "nuts", "sulphites"]);
        assert_eq!(words(["en:kiwi", "kiwi", "<b>", ""]), ["kiwi"]);
        let many: Vec<String> = (0..1_000).map(|n| format!("en:thing-{n}")).collect();
        assert_eq!(words(many.iter().map(String::as_str)).len(), MOST);
    }
}
