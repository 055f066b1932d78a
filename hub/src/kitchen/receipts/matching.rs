//! Which product a line stands for, why, and how sure that is.
//!
//! Asked in this order: what a person confirmed for this wording of this shop before; the number that is
//! printed; what was scanned into the house after that shopping; the name. What is known is fetched first
//! ([`gather`]) and then thought about outside of the database ([`decide`]).

use std::collections::{BTreeMap, HashMap, HashSet};

use hearth_shared::amount::Amount;
use hearth_shared::gs1;
use hearth_shared::time::Timestamp;

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::products::{self, ProductState};
use crate::kitchen::{ProductId, codes};
use crate::{sql, words};

use super::booking;
use super::parse::{self, LineKind, fold, key};

/// How a product was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reason {
    /// It was not.
    #[default]
    None,
    /// A person confirmed it for this wording before.
    Remembered,
    /// Its number is printed on the receipt.
    Code,
    /// It was scanned after that shopping.
    Scan,
    Name,
    Person,
}
words!(Reason {
    None = "",
    Remembered = "remembered",
    Code = "code",
    Scan = "scan",
    Name = "name",
    Person = "person"
});

/// What a line stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Match {
    pub product: Option<ProductId>,
    /// What one piece is, in thousandths of the product's base unit.
    pub pack: Option<Amount>,
    pub ignored: bool,
    pub reason: Reason,
    /// In percent.
    pub confidence: i64,
}

/// What was confirmed for a wording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taught {
    pub product: Option<ProductId>,
    pub pack: Option<Amount>,
    pub ignored: bool,
}

/// What the house knows that may tell what the lines are.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// By folded wording, of that shop.
    pub taught: BTreeMap<String, Taught>,
    /// By the number as it is printed.
    pub codes: BTreeMap<String, (ProductId, Option<Amount>)>,
    /// How often each product was scanned in after that shopping.
    pub scanned: BTreeMap<ProductId, i64>,
    /// Folded names of all products in use.
    pub names: Vec<(ProductId, String)>,
}

/// How alike a line and a product have to be, in thousandths, to be taken for the same.
const ALIKE: usize = 620;
/// The same where the product was scanned after that shopping.
const ALIKE_AND_SCANNED: usize = 350;
/// What only may be meant is no surer than this, in percent: screens show it as a guess.
const GUESSED: i64 = 65;
/// What is called so much more alike is meant, whatever was scanned beside it.
const MUCH_MORE: usize = 250;

/// Fetches what is known that these lines may need.
pub fn gather(tx: &Tx, shop: &str, lines: &[parse::Line], trip: (Timestamp, Timestamp)) -> Result<Knowledge> {
    let shop_key = key(shop);
    let mut known = Knowledge::default();
    for line in lines.iter().filter(|line| line.kind == LineKind::Item) {
        let wording = key(&line.wording);
        if let Some(taught) = remembered(tx, &shop_key, &wording)? {
            known.taught.insert(wording, taught);
        }
        if let Some(code) = &line.code
            && let Some(found) = by_code(tx, code)?
        {
            known.codes.insert(code.clone(), found);
        }
    }
    for (product, _, _) in booking::scanned(tx, trip)? {
        *known.scanned.entry(product).or_default() += 1;
    }
    let names: Vec<(ProductId, String, String)> = tx.all(
        sql!("SELECT id, name, brand FROM products WHERE state = 'active' ORDER BY search_key, id"),
        (),
    )?;
    let called = |(id, name, brand): &(ProductId, String, String)| {
        let id = *id;
        printed(name, brand).map(move |text| (id, text))
    };
    known.names = names.iter().flat_map(called).collect();
    Ok(known)
}

/// What a till may call a product: with its brand, or without.
fn printed(name: &str, brand: &str) -> impl Iterator<Item = String> + use<> {
    let whole = (!brand.is_empty()).then(|| fold(&format!("{name} {brand}")));
    std::iter::once(fold(name)).chain(whole)
}

fn remembered(tx: &Tx, shop_key: &str, wording_key: &str) -> Result<Option<Taught>> {
    let row: Option<(Option<ProductId>, Option<Amount>, bool)> = tx.maybe(
        sql!(
            "SELECT product_id, pack, ignored FROM receipt_wordings WHERE shop_key = $1 AND wording_key = $2"
        ),
        (shop_key, wording_key),
    )?;
    let Some((product, pack, ignored)) = row else { return Ok(None) };
    let product = match product {
        Some(id) => living(tx, id)?,
        None => None,
    };
    Ok((product.is_some() || ignored).then_some(Taught { product, pack, ignored }))
}

/// The product that this one is by now; none when it is out of use.
pub(super) fn living(tx: &Tx, mut id: ProductId) -> Result<Option<ProductId>> {
    for _ in 0..10 {
        let Some(product) = products::find(tx, id)? else { return Ok(None) };
        match (product.state, product.merged_into) {
            (ProductState::Merged, Some(into)) => id = into,
            (ProductState::Active | ProductState::Unknown, _) => return Ok(Some(id)),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// The product with this number, where it is the only one.
fn by_code(tx: &Tx, printed: &str) -> Result<Option<(ProductId, Option<Amount>)>> {
    // No date is read out of such a number, so any day will do.
    let Some(today) = gs1::Date::new(2026, 1, 1) else { return Ok(None) };
    for number in spellings(printed) {
        let scan = gs1::parse(number.as_bytes(), &gs1::Context::on(today));
        let Some(code) = codes::key_of(&scan) else { continue };
        if let [found] = codes::matches(tx, &code)?.as_slice() {
            return Ok(Some((found.product.id, found.amount)));
        }
    }
    Ok(None)
}

/// What a printed number may be: itself, or one whose check digit an American till left out behind a zero that
/// it put before.
fn spellings(printed: &str) -> Vec<String> {
    let mut spellings = vec![printed.to_owned()];
    if let Some(body) = printed.strip_prefix('0').filter(|body| body.len() == 11) {
        let digits = body.chars().filter_map(|c| c.to_digit(10));
        let sum: u32 = digits.zip([3, 1].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
        spellings.push(format!("{body}{}", (10 - sum % 10) % 10));
    }
    spellings
}

/// What each line stands for, as far as can be told.
pub fn decide(lines: &[parse::Line], known: &Knowledge) -> Vec<Option<Match>> {
    let index = Index::of(&known.names);
    let mut found: Vec<Option<Match>> = lines.iter().map(|line| one(line, known, &index)).collect();
    by_count(lines, known, &mut found);
    found
}

fn one(line: &parse::Line, known: &Knowledge, index: &Index<'_>) -> Option<Match> {
    if line.kind != LineKind::Item {
        return None;
    }
    if let Some(taught) = known.taught.get(&key(&line.wording)) {
        let (product, pack, ignored) = (taught.product, taught.pack, taught.ignored);
        return Some(Match { product, pack, ignored, reason: Reason::Remembered, confidence: 98 });
    }
    if let Some((product, pack)) = line.code.as_ref().and_then(|code| known.codes.get(code)) {
        let product = Some(*product);
        return Some(Match {
            product,
            pack: *pack,
            reason: Reason::Code,
            confidence: 95,
            ..Match::default()
        });
    }
    let wording = fold(&line.wording);
    let alike = index.alike(&wording);
    let percent = |alike: usize| i64::try_from(alike / 10).unwrap_or(0);
    let most = alike.first().map_or(0, |(_, alike)| *alike);
    let is_near = |alike: usize| alike >= ALIKE_AND_SCANNED && alike + MUCH_MORE > most;
    let scanned = alike.iter().find(|(id, alike)| known.scanned.contains_key(id) && is_near(*alike));
    if let Some((product, alike)) = scanned {
        let same = known.scanned.get(product) == Some(&(line.quantity / 1_000));
        let confidence = (percent(*alike) + if same { 30 } else { 15 }).min(93);
        return Some(Match { product: Some(*product), reason: Reason::Scan, confidence, ..Match::default() });
    }
    let (product, best) = alike.first().filter(|(_, alike)| *alike >= ALIKE)?;
    // Two that are as good as each other make either of them less likely.
    let rivals = alike.iter().skip(1).filter(|(_, alike)| alike + 60 > *best).count();
    let names = known.names.iter().filter(|(id, name)| id == product && alikeness(&wording, name) == *best);
    let most = if names.map(|(_, name)| name).all(|name| is_guess(&wording, name)) { GUESSED } else { 90 };
    let confidence = (percent(*best).min(most) - i64::try_from(rivals).unwrap_or(0) * 15).max(30);
    Some(Match { product: Some(*product), reason: Reason::Name, confidence, ..Match::default() })
}

/// The one line of three, and the one product that was scanned three times, belong together.
fn by_count(lines: &[parse::Line], known: &Knowledge, found: &mut [Option<Match>]) {
    let taken: Vec<ProductId> = found.iter().flatten().filter_map(|it| it.product).collect();
    let left: Vec<(ProductId, i64)> = known
        .scanned
        .iter()
        .filter(|(id, times)| **times >= 2 && !taken.contains(id))
        .map(|(id, times)| (*id, *times))
        .collect();
    for (product, times) in &left {
        let is_open = |at: usize| found.get(at).is_some_and(Option::is_none);
        let fits = |line: &parse::Line| line.kind == LineKind::Item && line.quantity == times * 1_000;
        let mut open =
            lines.iter().enumerate().filter(|(at, line)| is_open(*at) && fits(line)).map(|(at, _)| at);
        let (Some(at), None) = (open.next(), open.next()) else { continue };
        if left.iter().filter(|(_, other)| other == times).count() == 1 {
            let product = Some(*product);
            found[at] = Some(Match { product, reason: Reason::Scan, confidence: 40, ..Match::default() });
        }
    }
}

/// The names of products by how their words begin and end.
struct Index<'a> {
    names: &'a [(ProductId, String)],
    by_part: HashMap<String, Vec<usize>>,
}

impl<'a> Index<'a> {
    fn of(names: &'a [(ProductId, String)]) -> Index<'a> {
        let mut by_part: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, (_, name)) in names.iter().enumerate() {
            for part in name.split(' ').flat_map(parts) {
                let list = by_part.entry(part).or_default();
                if list.last() != Some(&at) {
                    list.push(at);
                }
            }
        }
        Index { names, by_part }
    }

    /// The products most alike to a folded wording, best first, each once, with how alike in thousandths.
    fn alike(&self, wording: &str) -> Vec<(ProductId, usize)> {
        let mut candidates: Vec<usize> = wording
            .split(' ')
            .flat_map(parts)
            .filter_map(|part| self.by_part.get(&part))
            .flatten()
            .copied()
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        let names = candidates.into_iter().filter_map(|at| self.names.get(at));
        let mut alike: Vec<(ProductId, usize)> =
            names.map(|(id, name)| (*id, alikeness(wording, name))).collect();
        alike.sort_by(|(one_id, one), (other_id, other)| other.cmp(one).then(one_id.cmp(other_id)));
        let mut seen = HashSet::new();
        alike.retain(|(id, _)| seen.insert(*id));
        alike.truncate(10);
        alike
    }
}

/// The first three letters of a word and its last four: compounds end in what they are.
fn parts(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < 3 || letters.iter().any(char::is_ascii_digit) {
        return Vec::new();
    }
    let mut parts = vec![format!("^{}", letters.iter().take(3).collect::<String>())];
    if letters.len() >= 4 {
        parts.push(letters.iter().skip(letters.len() - 4).collect());
    }
    parts
}

/// How alike two names are, in thousandths; nothing where they are too little alike to mean the same.
pub fn likeness(one: &str, other: &str) -> usize {
    let alike = alikeness(&fold(one), &fold(other));
    if alike >= ALIKE_AND_SCANNED { alike } else { 0 }
}

/// How alike two folded names are, in thousandths: how much of the letters of each is found in the other.
fn alikeness(wording: &str, name: &str) -> usize {
    let (one, other) = (words_of(wording), words_of(name));
    let covered = |these: &[String], those: &[String]| {
        let all: usize = these.iter().map(String::len).sum();
        let found: usize = these
            .iter()
            .map(|word| word.len() * those.iter().map(|other| nearness(word, other)).max().unwrap_or(0))
            .sum();
        found.checked_div(all).unwrap_or(0)
    };
    let (a, b) = (covered(&one, &other), covered(&other, &one));
    (2 * a * b).checked_div(a + b).unwrap_or(0)
}

/// The words of a folded name that say what it is.
fn words_of(text: &str) -> Vec<String> {
    let words = text.split(' ').filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 2);
    words.filter(|word| !word.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned).collect()
}

/// Whether a third of the letters of a wording or more are only a part of the words that they are taken for, or these of
/// them: milk is none of oats, and no rice pudding. Tills shorten words, but leave most of them.
fn is_guess(wording: &str, name: &str) -> bool {
    let (words, others) = (words_of(wording), words_of(name));
    let is_part = |word: &&String| {
        let nearest = others.iter().max_by_key(|other| nearness(word, other));
        nearest.is_some_and(|other| {
            let (short, long) = (word.len().min(other.len()), word.len().max(other.len()));
            let begins = other.starts_with(word.as_str()) || word.starts_with(other.as_str());
            let is_whole = (begins && short * 3 >= long * 2) || parse::is_near(word, other);
            nearness(word, other) > 0 && !is_whole
        })
    };
    let letters: usize = words.iter().map(String::len).sum();
    words.iter().filter(is_part).map(String::len).sum::<usize>() * 3 >= letters
}

/// How near two words are, in thousandths. Tills shorten and put together.
fn nearness(one: &str, other: &str) -> usize {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if short == long {
        1_000
    } else if short.len() >= 3 && long.starts_with(short) {
        850
    } else if short.len() >= 4 && long.ends_with(short) {
        750
    } else if parse::is_near(one, other) {
        800
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hearth_shared::id::Id;

    fn product(number: u8) -> ProductId {
        ProductId(Id::v7(Timestamp::from_millis(0), 0, [number, 0, 0, 0, 0, 0, 0, 0]))
    }

    fn line(wording: &str, pieces: i64) -> parse::Line {
        let text = format!("{wording} {pieces} x 1,00 {pieces},00\nEtwas 1,00\nSumme {},00", pieces + 1);
        parse::parse(&text).unwrap().lines[0].clone()
    }

    fn shelf(names: &[&str]) -> Knowledge {
        let named = names.iter().enumerate();
        let names = named.map(|(at, name)| (product(u8::try_from(at).unwrap()), fold(name))).collect();
        Knowledge { names, ..Knowledge::default() }
    }

    const SHELF: &[&str] = &[
        "H-Milch 3,5%",
        "Bio Butter mild",
        "Rispentomaten",
        "Apfelsaft naturtrüb",
        "Apfelessig",
        "Vollkornbrot",
    ];

    #[test]
    fn names_are_found_though_tills_shorten_them() {
        let known = shelf(SHELF);
        for (wording, wanted) in [
            ("H-MILCH 1L", Some(0)),
            ("BIO BUTTER", Some(1)),
            ("RISPENTOMAT", Some(2)),
            ("APFELSAFT NAT", Some(3)),
            ("VOLLK0RNBROT 500G", Some(5)),
            ("BATTERIEN AA", None),
            ("ZAHNCREME", None),
        ] {
            let found = decide(&[line(wording, 1)], &known).remove(0);
            assert_eq!(found.as_ref().and_then(|it| it.product), wanted.map(product), "{wording} {found:?}");
        }
    }

    #[test]
    fn a_name_is_found_with_its_brand_and_without() {
        let mut known = shelf(&[]);
        for (number, (name, brand)) in
            (0..).zip([("Olive oil", "Casa Rovere"), ("Milk", "Alp"), ("Milk", "")])
        {
            known.names.extend(printed(name, brand).map(|text| (product(number), text)));
        }
        let found = |wording: &str| {
            decide(&[line(wording, 1)], &known).remove(0).map(|it| (it.product, it.confidence))
        };
        assert_eq!(found("OLIVE OIL"), Some((Some(product(0)), 90)));
        assert_eq!(found("CASA ROVERE OLIVE OIL"), Some((Some(product(0)), 90)));
        assert_eq!(found("ALP MILK"), Some((Some(product(1)), 90)));
        // Either of them, for all the paper says.
        assert_eq!(found("MILK").map(|(_, sure)| sure), Some(75));
    }

    #[test]
    fn what_a_person_confirmed_comes_before_all_and_a_code_before_scans() {
        let mut known = shelf(SHELF);
        known.scanned.insert(product(0), 1);
        let mut milk = line("H-MILCH", 1);
        milk.code = Some("4006381333931".to_owned());
        let found = |known: &Knowledge| decide(std::slice::from_ref(&milk), known).remove(0).unwrap();
        assert_eq!(found(&known).reason, Reason::Scan);
        known.codes.insert("4006381333931".to_owned(), (product(4), None));
        assert_eq!((found(&known).reason, found(&known).product), (Reason::Code, Some(product(4))));
        let taught = Taught { product: Some(product(5)), pack: None, ignored: false };
        known.taught.insert(key("H-MILCH"), taught);
        assert_eq!((found(&known).reason, found(&known).product), (Reason::Remembered, Some(product(5))));
    }

    #[test]
    fn a_name_that_says_it_comes_before_one_that_was_scanned_and_shares_a_word_with_it() {
        let mut known = shelf(&["Chopped tomatoes", "Cherry tomatoes", "Whole milk", "Coconut milk"]);
        known.scanned.extend([(product(1), 2), (product(2), 1)]);
        let found = |wording: &str| decide(&[line(wording, 1)], &known).remove(0).and_then(|it| it.product);
        assert_eq!(found("Chopped tomatoes"), Some(product(0)));
        assert_eq!(found("Coconut milk"), Some(product(3)));
        // Where the paper says little, what was scanned is meant.
        assert_eq!(found("TOMATOES"), Some(product(1)));
        assert_eq!(found("MILK 3,5%"), Some(product(2)));
    }

    #[test]
    fn what_is_only_a_part_of_a_word_is_a_guess() {
        let known = shelf(&["Hafermilch", "Rispentomaten", "Apfelsaft naturtrüb", "Apfelmus", "Brot"]);
        for (wording, wanted) in [
            ("H-MILCH 1L", "65 of 0"),
            ("HAFERMILCH", "90 of 0"),
            ("HAFERMILC", "85 of 0"),
            ("RISPENTOMAT", "85 of 1"),
            ("APFELSAFT NAT", "90 of 2"),
            ("APFEL", "65 of 3"),
            ("VOLLKORNBROT", "65 of 4"),
        ] {
            let found = decide(&[line(wording, 1)], &known).remove(0).unwrap();
            let at = (0..5).find(|at| Some(product(*at)) == found.product).unwrap();
            assert_eq!(format!("{} of {at}", found.confidence), wanted, "{wording}");
        }
    }

    #[test]
    fn three_scans_and_the_one_line_of_three_belong_together() {
        let mut known = shelf(SHELF);
        known.scanned.insert(product(2), 3);
        let lines = [line("XQ ART 17", 3), line("ZZ WARE", 1)];
        let found = decide(&lines, &known);
        assert_eq!(found[0].as_ref().map(|it| (it.product, it.confidence)), Some((Some(product(2)), 40)));
        assert_eq!(found[1], None);
        // Two lines of three could be either.
        assert_eq!(decide(&[line("XQ ART 17", 3), line("ZZ WARE", 3)], &known), [None, None]);
    }

    #[test]
    fn printed_numbers_are_looked_up_in_every_spelling() {
        assert_eq!(spellings("4006381333931"), ["4006381333931"]);
        assert_eq!(spellings("007874235186"), ["007874235186", "078742351865"]);
        assert_eq!(spellings("33412"), ["33412"]);
    }
}
