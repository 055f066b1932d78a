//! A product as Open Food Facts writes it down, in answers and in dumps.
//!
//! A product of a dump has hundreds of fields, some thousand characters long, and none of them always has
//! the type that it should have. Only what is of use is taken out while reading, whatever its type; the rest
//! is passed over without being kept.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// No more of a text is kept.
const LONGEST: usize = 2_000;
/// No more of a list.
const MOST: usize = 100;
/// Where pictures lie whose address has to be put together.
const PICTURES: &str = "https://images.openfoodfacts.org/images/products";

/// What is of use, as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Raw {
    pub code: Option<String>,
    pub language: Option<String>,
    pub name: Option<String>,
    pub names: Vec<(String, String)>,
    pub generic_name: Option<String>,
    pub generic_names: Vec<(String, String)>,
    pub brands: Option<String>,
    pub quantity: Option<String>,
    pub quantity_number: Option<String>,
    pub quantity_unit: Option<String>,
    pub categories: Vec<String>,
    pub allergens: Vec<String>,
    pub traces: Vec<String>,
    pub countries: Vec<String>,
    /// The wanted ones alone.
    pub nutriments: Vec<(String, String)>,
    pub image: Option<String>,
    /// Pictures of the front, by language, with their revision.
    pub fronts: Vec<(String, String)>,
}

/// The nutriments that are of use.
pub(super) const NUTRIMENTS: [&str; 10] = [
    "energy-kj_100g",
    "energy-kcal_100g",
    "energy_100g",
    "fat_100g",
    "saturated-fat_100g",
    "carbohydrates_100g",
    "sugars_100g",
    "fiber_100g",
    "proteins_100g",
    "salt_100g",
];

impl Raw {
    /// Where the picture of its front is, as it says or as it follows from the dump.
    pub(super) fn image_address(&self) -> Option<String> {
        if let Some(address) = &self.image {
            return Some(address.clone());
        }
        let language = self.language.as_deref().unwrap_or_default();
        let front = self.fronts.iter().find(|(it, _)| it == language).or_else(|| self.fronts.first());
        let (language, revision) = front?;
        let fits = |text: &str| {
            !text.is_empty() && text.len() <= 8 && text.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        let code = self
            .code
            .as_deref()
            .filter(|code| code.len() <= 14 && code.bytes().all(|b| b.is_ascii_digit()))?;
        if !fits(language) || !fits(revision) {
            return None;
        }
        let code = format!("{code:0>13}");
        let (a, b, c, d) = (code.get(..3)?, code.get(3..6)?, code.get(6..9)?, code.get(9..)?);
        Some(format!("{PICTURES}/{a}/{b}/{c}/{d}/front_{language}.{revision}.400.jpg"))
    }

    /// Takes a field in; answers whether it was of use.
    fn put<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "code" => text_into(&mut self.code, map)?,
            "lang" => text_into(&mut self.language, map)?,
            "lc" if self.language.is_none() => text_into(&mut self.language, map)?,
            "product_name" => text_into(&mut self.name, map)?,
            "generic_name" => text_into(&mut self.generic_name, map)?,
            "brands" => text_into(&mut self.brands, map)?,
            "quantity" => text_into(&mut self.quantity, map)?,
            "product_quantity" => text_into(&mut self.quantity_number, map)?,
            "product_quantity_unit" => text_into(&mut self.quantity_unit, map)?,
            "image_front_url" => text_into(&mut self.image, map)?,
            "image_url" if self.image.is_none() => text_into(&mut self.image, map)?,
            "categories_tags" => self.categories = map.next_value::<List>()?.0,
            "allergens_tags" => self.allergens = map.next_value::<List>()?.0,
            "traces_tags" => self.traces = map.next_value::<List>()?.0,
            "countries_tags" => self.countries = map.next_value::<List>()?.0,
            "nutriments" => self.nutriments = map.next_value::<Nutriments>()?.0,
            "images" => self.fronts = map.next_value::<Fronts>()?.0,
            _ => {
                let named = |prefix: &str| key.strip_prefix(prefix).filter(|it| super::text::is_language(it));
                if let Some(language) = named("product_name_") {
                    name_into(&mut self.names, language, map)?;
                } else if let Some(language) = named("generic_name_") {
                    name_into(&mut self.generic_names, language, map)?;
                } else {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

fn text_into<'de, A: MapAccess<'de>>(into: &mut Option<String>, map: &mut A) -> Result<(), A::Error> {
    *into = map.next_value::<Text>()?.0.filter(|text| !text.trim().is_empty());
    Ok(())
}

fn name_into<'de, A: MapAccess<'de>>(
    into: &mut Vec<(String, String)>,
    language: &str,
    map: &mut A,
) -> Result<(), A::Error> {
    if let Some(name) =
        map.next_value::<Text>()?.0.filter(|name| !name.trim().is_empty() && into.len() < MOST)
    {
        into.push((language.to_owned(), name));
    }
    Ok(())
}

/// A key, borrowed where that can be.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Word;
        impl<'de> Visitor<'de> for Word {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        input.deserialize_str(Word)
    }
}

macro_rules! forgiving {
    ($kind:ident, $visitor:ident { $($body:tt)* }) => {
        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                input.deserialize_any($visitor)
            }
        }
        struct $visitor;
        impl<'de> Visitor<'de> for $visitor {
            type Value = $kind;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_bool<E>(self, _: bool) -> Result<$kind, E> {
                Ok($kind::default())
            }
            fn visit_unit<E>(self) -> Result<$kind, E> {
                Ok($kind::default())
            }
            $($body)*
        }
    };
}

/// Numbers where only text or a list would do, and the like.
macro_rules! no_numbers {
    ($kind:ident) => {
        fn visit_i64<E>(self, _: i64) -> Result<$kind, E> {
            Ok($kind::default())
        }
        fn visit_u64<E>(self, _: u64) -> Result<$kind, E> {
            Ok($kind::default())
        }
        fn visit_f64<E>(self, _: f64) -> Result<$kind, E> {
            Ok($kind::default())
        }
    };
}

fn pass_over_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn pass_over_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Text, or a number as its text; nothing of anything else.
#[derive(Default)]
struct Text(Option<String>);

forgiving! { Text, AnyText {
    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.get(..text.floor_char_boundary(LONGEST)).map(str::to_owned)))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
        Ok(Text(Some(number.to_string())))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
        Ok(Text(Some(number.to_string())))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Text, E> {
        Ok(Text(Some(format!("{number:e}"))))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Text, A::Error> {
        pass_over_list(list).map(|()| Text(None))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
        pass_over_map(map).map(|()| Text(None))
    }
} }

/// A list of texts, or one text with commas.
#[derive(Default)]
pub(super) struct List(pub(super) Vec<String>);

impl List {
    pub(super) fn of_text(text: &str) -> List {
        let text = text.get(..text.floor_char_boundary(LONGEST * 4)).unwrap_or_default();
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        List(parts.take(MOST).map(str::to_owned).collect())
    }
}

forgiving! { List, AnyList {
    no_numbers! { List }
    fn visit_str<E>(self, text: &str) -> Result<List, E> {
        Ok(List::of_text(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List, A::Error> {
        let mut texts = Vec::new();
        while texts.len() < MOST {
            match list.next_element::<Text>()? {
                Some(text) => texts.extend(text.0),
                None => return Ok(List(texts)),
            }
        }
        pass_over_list(list).map(|()| List(texts))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List, A::Error> {
        pass_over_map(map).map(|()| List::default())
    }
} }

/// The wanted nutriments.
#[derive(Default)]
struct Nutriments(Vec<(String, String)>);

forgiving! { Nutriments, AnyNutriments {
    no_numbers! { Nutriments }
    fn visit_str<E>(self, _: &str) -> Result<Nutriments, E> {
        Ok(Nutriments::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Nutriments, A::Error> {
        pass_over_list(list).map(|()| Nutriments::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Nutriments, A::Error> {
        let mut found = Vec::new();
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            if found.len() < MOST && NUTRIMENTS.contains(&key.as_ref()) {
                found.extend(map.next_value::<Text>()?.0.map(|text| (key.into_owned(), text)));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Nutriments(found))
    }
} }

/// The revisions of the pictures of the front: `{"front_de": {"rev": "4"}}`, in newer dumps
/// `{"selected": {"front": {"de": {"rev": "4"}}}}`.
#[derive(Default)]
struct Fronts(Vec<(String, String)>);

impl Fronts {
    fn read<'de, A: MapAccess<'de>>(map: &mut A, at: Level) -> Result<Vec<(String, String)>, A::Error> {
        let mut found = Vec::new();
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            let language = match at {
                Level::Top => key.strip_prefix("front_"),
                Level::Front => Some(key.as_ref()),
                Level::Selected => None,
            };
            match (at, key.as_ref()) {
                (Level::Top, "selected") => found.extend(map.next_value::<Selected>()?.0),
                (Level::Selected, "front") => found.extend(map.next_value::<Front>()?.0),
                _ if language.is_some() && found.len() < MOST => {
                    let language = language.unwrap_or_default().to_owned();
                    found.extend(map.next_value::<Revision>()?.0.map(|revision| (language, revision)));
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

/// How deep in the description of pictures.
#[derive(Clone, Copy)]
enum Level {
    Top,
    Selected,
    Front,
}

#[derive(Default)]
struct Selected(Vec<(String, String)>);
#[derive(Default)]
struct Front(Vec<(String, String)>);

macro_rules! fronts {
    ($kind:ident, $visitor:ident, $level:ident) => {
        forgiving! { $kind, $visitor {
            no_numbers! { $kind }
            fn visit_str<E>(self, _: &str) -> Result<$kind, E> {
                Ok($kind::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<$kind, A::Error> {
                pass_over_list(list).map(|()| $kind::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<$kind, A::Error> {
                Fronts::read(&mut map, Level::$level).map($kind)
            }
        } }
    };
}

fronts!(Fronts, AnyFronts, Top);
fronts!(Selected, AnySelected, Selected);
fronts!(Front, AnyFront, Front);

/// The `rev` of one picture.
#[derive(Default)]
struct Revision(Option<String>);

forgiving! { Revision, AnyRevision {
    no_numbers! { Revision }
    fn visit_str<E>(self, _: &str) -> Result<Revision, E> {
        Ok(Revision::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Revision, A::Error> {
        pass_over_list(list).map(|()| Revision::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Revision, A::Error> {
        let mut found = None;
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            match key.as_ref() {
                "rev" => found = map.next_value::<Text>()?.0,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Revision(found))
    }
} }

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Raw, D::Error> {
        struct Product;
        impl<'de> Visitor<'de> for Product {
            type Value = Raw;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a product")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
                let mut raw = Raw::default();
                while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
                    if !raw.put(&key, &mut map)? {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(raw)
            }
        }
        input.deserialize_map(Product)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(json: &str) -> Option<String> {
        serde_json::from_str::<Raw>(json).unwrap().image_address()
    }

    #[test]
    fn the_address_of_a_picture_follows_from_the_dump() {
        let old = r#"{"code": "20000691", "lang": "de", "images": {"front_fr": {"rev": "3"}, "front_de": {"rev": 7}}}"#;
        let of = |rest: &str| Some(format!("{PICTURES}/{rest}"));
        assert_eq!(image(old), of("000/002/000/0691/front_de.7.400.jpg"));
        let new = r#"{"code": "4006381333931", "images": {"uploaded": {"1": {}}, "selected": {"front": {"en": {"rev": "9", "imgid": "1"}}, "nutrition": {"en": {"rev": "1"}}}}}"#;
        assert_eq!(image(new), of("400/638/133/3931/front_en.9.400.jpg"));
        for json in [
            r#"{"code": "../../etc", "images": {"front_de": {"rev": "1"}}}"#,
            r#"{"code": "20000691", "images": {"front_de": {"rev": "../1"}}}"#,
            r#"{"code": "20000691", "images": {"front_../x": {"rev": "1"}}}"#,
            r#"{"code": "20000691", "images": {"front_de": {}}}"#,
            r#"{"code": "20000691", "images": {"front_de": 4, "selected": [1], "front_": {"rev": 1}}}"#,
            r#"{"code": "20000691", "images": ["front_de"]}"#,
        ] {
            assert_eq!(image(json), None, "{json}");
        }
    }

    #[test]
    fn what_is_no_product_is_no_product() {
        for json in
            ["", "[]", "7", "null", "\"x\"", "{", "{\"code\":", "<html>", "{\"a\":1}}", "{\"code\": tru}"]
        {
            assert!(serde_json::from_str::<Raw>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn depth_uses_up_no_stack() {
        for field in ["unknown", "categories_tags", "product_name", "nutriments", "images"] {
            let deep = format!("{{\"{field}\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
            assert_eq!(serde_json::from_str::<Raw>(&deep).unwrap_or_default(), Raw::default(), "{field}");
        }
    }
}
