//! Finding a product by what somebody types: words in any order, their beginnings, the ends of compounds, and words
//! with typos in them ([`typos`]), however they are spelt ([`fold`]).
//!
//! The words of every product are kept in a table, and each of them once with its [forms](typos::forms_of_known).
//! One word of the query leads to candidates; the others, and the order, are judged here. So a search looks at some
//! hundreds of rows, however many products there are.

pub mod fold;
mod renewal;
pub mod typos;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::db::{Bind, Tx, Verbs};
use crate::error::Result;
use crate::{row, sql};

pub use self::renewal::{renew, renew_if_due};

use self::typos::{Fit, LONGEST, MOST_FORMS, allowed, fit, forms_of_known, forms_of_typed};
use super::products::ProductState;
use super::{CategoryId, PlaceId, ProductId};

/// The most words of a product that it is found by, and the most words of a query that count.
const MOST_WORDS: usize = 24;
const MOST_TERMS: usize = 6;
/// The most rows that one word leads to.
const MOST_ROWS: i64 = 1_000;
/// The most known words that one typed word may mean beside those that begin with it.
const MOST_SIMILAR: usize = 48;
/// Sorts after everything that begins alike.
const LAST: char = '\u{10ffff}';

/// The distinct words of a text, as they are kept.
fn words(text: &str, most: usize) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let cut = |word: String| word.chars().take(LONGEST).collect::<String>();
    let distinct = fold::words(text).into_iter().map(cut).filter(|word| seen.insert(word.clone()));
    distinct.take(most).collect()
}

/// Lets a product be found by the words of a text, and by no others.
pub(super) fn index(tx: &mut Tx, product: ProductId, text: &str) -> Result<()> {
    let there: Vec<String> =
        tx.all(sql!("SELECT word FROM product_words WHERE product_id = $1 ORDER BY word"), (product,))?;
    let wanted = words(text, MOST_WORDS);
    for word in there.iter().filter(|word| !wanted.contains(word)) {
        tx.run(sql!("DELETE FROM product_words WHERE word = $1 AND product_id = $2"), (word, product))?;
        forget_unused(tx, word)?;
    }
    for word in wanted.iter().filter(|word| !there.contains(word)) {
        tx.run(sql!("INSERT INTO product_words (word, product_id) VALUES ($1, $2)"), (word, product))?;
        learn(tx, word)?;
    }
    Ok(())
}

/// Keeps a word by its end and by its forms, unless it is known.
fn learn(tx: &mut Tx, word: &str) -> Result<()> {
    let backwards: String = word.chars().rev().collect();
    let new = tx.run(
        sql!("INSERT INTO search_words (word, backwards) VALUES ($1, $2) ON CONFLICT (word) DO NOTHING"),
        (word, backwards),
    )?;
    let forms = if new == 0 { Vec::new() } else { forms_of_known(word) };
    if forms.is_empty() {
        return Ok(());
    }
    // Ten at once; the first stands in for those that a short word does not have.
    let mut params = vec![word.bind()];
    params.extend((0..MOST_FORMS).map(|n| forms.get(n).unwrap_or(&forms[0]).bind()));
    tx.run(
        sql!(
            "INSERT INTO search_forms (form, word) VALUES
             ($2, $1), ($3, $1), ($4, $1), ($5, $1), ($6, $1),
             ($7, $1), ($8, $1), ($9, $1), ($10, $1), ($11, $1)
             ON CONFLICT (form, word) DO NOTHING"
        ),
        params,
    )?;
    Ok(())
}

fn forget_unused(tx: &mut Tx, word: &str) -> Result<()> {
    let used: Option<(String,)> =
        tx.maybe(sql!("SELECT word FROM product_words WHERE word = $1 LIMIT 1"), (word,))?;
    if used.is_none() { forget(tx, word) } else { Ok(()) }
}

fn forget(tx: &mut Tx, word: &str) -> Result<()> {
    tx.run(sql!("DELETE FROM search_forms WHERE word = $1"), (word,))?;
    tx.run(sql!("DELETE FROM search_words WHERE word = $1"), (word,))?;
    Ok(())
}

/// Which products are looked for.
#[derive(Debug, Clone, Default)]
pub struct Among {
    pub category: Option<CategoryId>,
    /// Where they are usually kept.
    pub place: Option<PlaceId>,
    /// In use, when nothing is said.
    pub state: Option<ProductState>,
}

/// A product that one word of the query led to.
#[derive(Debug)]
struct Candidate {
    id: ProductId,
    search_key: String,
    state: ProductState,
    category_id: Option<CategoryId>,
    place_id: Option<PlaceId>,
}
row!(Candidate { id, search_key, state, category_id, place_id });

impl Among {
    fn holds(&self, candidate: &Candidate) -> bool {
        candidate.state == self.state.unwrap_or(ProductState::Active)
            && self.category.is_none_or(|id| candidate.category_id == Some(id))
            && self.place.is_none_or(|id| candidate.place_id == Some(id))
    }
}

/// The products that a query may mean, best first.
pub fn find(tx: &Tx, query: &str, among: &Among, limit: usize) -> Result<Vec<ProductId>> {
    let mut terms = words(query, MOST_TERMS);
    terms.sort_by_key(|term| std::cmp::Reverse(term.chars().count()));
    let Some(longest) = terms.first().cloned() else { return Ok(Vec::new()) };
    let mut search = Search { among, terms, candidates: BTreeMap::new(), fits: HashMap::new() };
    search.begin(tx)?;
    let found = search.ranked(limit);
    if found.len() >= limit {
        return Ok(found);
    }
    // Not enough begins like that: the longest word may be the end of another, or misspelt.
    search.add(beginning_with(tx, &longest)?);
    for word in similar(tx, &longest)? {
        search.add(of_word(tx, &word)?);
    }
    Ok(search.ranked(limit))
}

/// A search as it goes on.
struct Search<'a> {
    among: &'a Among,
    /// Longest first: long words lead to few products.
    terms: Vec<String>,
    candidates: BTreeMap<ProductId, Candidate>,
    /// What each typed word has to do with each known one that was met.
    fits: HashMap<(usize, String), Option<usize>>,
}

impl Search<'_> {
    fn add(&mut self, rows: Vec<Candidate>) {
        let among = self.among;
        let held = rows.into_iter().filter(|candidate| among.holds(candidate));
        self.candidates.extend(held.map(|candidate| (candidate.id, candidate)));
    }

    /// Takes the first word that does not lead to too much; if all do, the longest.
    fn begin(&mut self, tx: &Tx) -> Result<()> {
        let mut first = None;
        for term in self.terms.clone() {
            let rows = beginning_with(tx, &term)?;
            let few = rows.len() < usize::try_from(MOST_ROWS).unwrap_or(usize::MAX);
            if few {
                first = Some(rows);
                break;
            }
            first.get_or_insert(rows);
        }
        self.add(first.unwrap_or_default());
        Ok(())
    }

    /// The candidates that every word of the query fits, best first.
    fn ranked(&mut self, limit: usize) -> Vec<ProductId> {
        let mut ranks = Vec::new();
        for candidate in self.candidates.values() {
            let known: Vec<&str> = candidate.search_key.split(' ').collect();
            let costs = (0..self.terms.len()).map(|term| cost(&mut self.fits, &self.terms, term, &known));
            let Some(cost) = costs.sum::<Option<usize>>() else { continue };
            let begins = fit(&self.terms[0], known[0]).is_none_or(|fit| fit == Fit::Ending);
            ranks.push((cost, begins, known.len(), candidate.search_key.clone(), candidate.id));
        }
        ranks.sort();
        ranks.into_iter().take(limit).map(|(.., id)| id).collect()
    }
}

/// What the best fit of a typed word among the words of a product costs; nothing when none fits.
fn cost(
    fits: &mut HashMap<(usize, String), Option<usize>>,
    terms: &[String],
    term: usize,
    known: &[&str],
) -> Option<usize> {
    let judged = known.iter().filter_map(|word| {
        *fits.entry((term, (*word).to_owned())).or_insert_with(|| fit(&terms[term], word).map(Fit::cost))
    });
    judged.min()
}

fn beginning_with(tx: &Tx, beginning: &str) -> Result<Vec<Candidate>> {
    tx.all(
        sql!(
            "SELECT p.id, p.search_key, p.state, p.category_id, p.place_id
             FROM product_words w JOIN products p ON p.id = w.product_id
             WHERE w.word >= $1 AND w.word < $2 ORDER BY w.word, w.product_id LIMIT $3"
        ),
        (beginning, format!("{beginning}{LAST}"), MOST_ROWS),
    )
}

fn of_word(tx: &Tx, word: &str) -> Result<Vec<Candidate>> {
    tx.all(
        sql!(
            "SELECT p.id, p.search_key, p.state, p.category_id, p.place_id
             FROM product_words w JOIN products p ON p.id = w.product_id
             WHERE w.word = $1 ORDER BY w.product_id LIMIT 200"
        ),
        (word,),
    )
}

/// Known words that end with a typed one, and those that it may mean with typos, the nearest first.
fn similar(tx: &Tx, typed: &str) -> Result<Vec<String>> {
    if typed.chars().count() < 4 {
        return Ok(Vec::new());
    }
    let end: String = typed.chars().rev().collect();
    let mut known: BTreeSet<String> = tx
        .all::<String>(
            sql!(
                "SELECT word FROM search_words WHERE backwards >= $1 AND backwards < $2
                 ORDER BY backwards LIMIT 100"
            ),
            (&end, format!("{end}{LAST}")),
        )?
        .into_iter()
        .collect();
    if allowed(typed) > 0 {
        known.extend(sharing_a_form(tx, typed)?);
    }
    let fits = known.into_iter().filter_map(|word| Some((fit(typed, &word)?, word)));
    let mut near: Vec<(usize, String)> =
        fits.filter(|(fit, _)| *fit > Fit::Beginning).map(|(fit, word)| (fit.cost(), word)).collect();
    near.sort();
    Ok(near.into_iter().take(MOST_SIMILAR).map(|(_, word)| word).collect())
}

fn sharing_a_form(tx: &Tx, typed: &str) -> Result<Vec<String>> {
    let forms = forms_of_typed(typed);
    let Some(first) = forms.first() else { return Ok(Vec::new()) };
    let params: Vec<_> = (0..MOST_FORMS).map(|n| forms.get(n).unwrap_or(first).bind()).collect();
    tx.all(
        sql!(
            "SELECT word FROM search_forms WHERE form IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ORDER BY form, word LIMIT 20000"
        ),
        params,
    )
}

/// What must hold of the words; anything else is found by `hearth-hub check`.
pub fn violations(tx: &Tx) -> Result<Vec<String>> {
    let lost: i64 = tx.one(
        sql!(
            "SELECT COUNT(*) FROM product_words w LEFT JOIN search_words s ON s.word = w.word
             WHERE s.word IS NULL"
        ),
        (),
    )?;
    let unused: i64 = tx.one(
        sql!(
            "SELECT COUNT(*) FROM search_words s
             WHERE NOT EXISTS (SELECT 1 FROM product_words w WHERE w.word = s.word)"
        ),
        (),
    )?;
    // A house that is older than the search is made findable when the hub starts.
    let wordless: i64 = tx.one(
        sql!(
            "SELECT COUNT(*) FROM products p
             WHERE p.state <> 'merged' AND p.search_key <> ''
                 AND EXISTS (SELECT 1 FROM search_state s WHERE s.spelling = $1)
                 AND NOT EXISTS (SELECT 1 FROM product_words w WHERE w.product_id = p.id)"
        ),
        (fold::SPELLING,),
    )?;
    let mut found = Vec::new();
    if wordless > 0 {
        found.push(format!("{wordless} products are found by no word"));
    }
    if lost > 0 || unused > 0 {
        found.push(format!(
            "{lost} words of products are not among the searched ones, {unused} are for nothing"
        ));
    }
    Ok(found)
}
