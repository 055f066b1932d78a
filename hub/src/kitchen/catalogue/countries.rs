//! Countries as the catalogue tags them, from the letters that people know them by.

use super::text;

/// Letters and tag.
const COUNTRIES: &[(&str, &str)] = &[
    ("ar", "argentina"),
    ("at", "austria"),
    ("au", "australia"),
    ("be", "belgium"),
    ("bg", "bulgaria"),
    ("br", "brazil"),
    ("ca", "canada"),
    ("ch", "switzerland"),
    ("cl", "chile"),
    ("cy", "cyprus"),
    ("cz", "czech-republic"),
    ("de", "germany"),
    ("dk", "denmark"),
    ("ee", "estonia"),
    ("es", "spain"),
    ("fi", "finland"),
    ("fr", "france"),
    ("gb", "united-kingdom"),
    ("gr", "greece"),
    ("hr", "croatia"),
    ("hu", "hungary"),
    ("ie", "ireland"),
    ("in", "india"),
    ("is", "iceland"),
    ("it", "italy"),
    ("jp", "japan"),
    ("li", "liechtenstein"),
    ("lt", "lithuania"),
    ("lu", "luxembourg"),
    ("lv", "latvia"),
    ("mt", "malta"),
    ("mx", "mexico"),
    ("nl", "netherlands"),
    ("no", "norway"),
    ("nz", "new-zealand"),
    ("pl", "poland"),
    ("pt", "portugal"),
    ("ro", "romania"),
    ("rs", "serbia"),
    ("se", "sweden"),
    ("si", "slovenia"),
    ("sk", "slovakia"),
    ("tr", "turkey"),
    ("ua", "ukraine"),
    ("uk", "united-kingdom"),
    ("us", "united-states"),
    ("za", "south-africa"),
];

/// The tag of a country: `de`, `Germany` and `en:germany` are one. Nothing where it cannot be one.
pub(super) fn tag(text: &str) -> Option<String> {
    let tag = text::tag(text)?;
    if let Some((_, name)) = COUNTRIES.iter().find(|(letters, _)| *letters == tag) {
        return Some(format!("en:{name}"));
    }
    match text::split_tag(&tag) {
        ("", name) if name.len() > 3 => Some(format!("en:{name}")),
        ("", _) => None,
        _ => Some(tag),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_has_one_tag() {
        for text in ["de", "DE", "Germany", "en:germany", " germany "] {
            assert_eq!(tag(text).as_deref(), Some("en:germany"), "{text}");
        }
        assert_eq!(tag("United States").as_deref(), Some("en:united-states"));
        assert_eq!(tag("qq"), None);
        assert!(COUNTRIES.is_sorted_by_key(|(letters, _)| letters));
    }
}
