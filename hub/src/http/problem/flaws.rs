//! What is wrong with a field, in the language of whoever reads it.
//!
//! The sentences beside the fields are English, and say more than the word for it does, such as how long is too long.
//! Whoever asks in another language is told the less of it that the word says, but so that they understand it. What
//! has no word yet stays English.

use std::borrow::Cow;

use axum::http::{HeaderMap, header};

use crate::error::{Field, Flaw};
use crate::house::Language;

/// The first of the languages which a request names that is spoken here. They are named in the order in which they
/// are wanted, by everything that sends any.
pub fn wanted(headers: &HeaderMap) -> Language {
    let named =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let spoken = |tag: &str| tag.split(['-', ';']).next()?.trim().to_ascii_lowercase().parse().ok();
    named.split(',').find_map(spoken).unwrap_or(Language::English)
}

pub(super) fn told(fields: &[Field], language: Language) -> Vec<Field> {
    let told = |field: &Field| match (language, field.flaw) {
        (Language::German, Some(flaw)) => Field { detail: Cow::Borrowed(german(flaw)), ..field.clone() },
        _ => field.clone(),
    };
    fields.iter().map(told).collect()
}

fn german(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Required => "Das wird hier gebraucht.",
        Flaw::TooShort => "Das ist zu kurz.",
        Flaw::TooLong => "Das ist zu lang, oder es enthält Zeichen, die man nicht sieht.",
        Flaw::BadCharacters => "Das enthält Zeichen, die man nicht sieht.",
        Flaw::OutOfRange => "Das ist weniger oder mehr, als hier gehen kann.",
        Flaw::NotANumber => "Das ist keine Zahl.",
        Flaw::TooFine => "Das hat mehr Stellen hinter dem Komma, als gemerkt werden.",
        Flaw::ImpossibleDate => "Diesen Tag gibt es nicht, oder er liegt zu weit weg.",
        Flaw::ImpossibleTime => "Eine Uhrzeit wird so geschrieben: 18:23.",
        Flaw::BadAddress => "Das ist keine Adresse, wie sie hier gebraucht wird.",
        Flaw::Gone => "Das gibt es nicht, oder nicht mehr.",
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_first_language_that_is_spoken_here_is_spoken() {
        let wanted = |named: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(named).unwrap());
            super::wanted(&headers)
        };
        assert_eq!(super::wanted(&HeaderMap::new()), Language::English);
        for named in ["de", "de-AT, en;q=0.5", "DE;q=0.9", "fr-FR,de;q=0.8,en;q=0.7", " de-DE ;q=1"] {
            assert_eq!(wanted(named), Language::German, "{named}");
        }
        for named in ["", "en-GB,de;q=0.9", "fr", "*", "den", ",,;-"] {
            assert_eq!(wanted(named), Language::English, "{named}");
        }
    }
}
