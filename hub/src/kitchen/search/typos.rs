//! How far a typed word is from a known one. Pure.
//!
//! A typo is a letter too many, one too few, a wrong one, or two that changed places. Words of four letters and
//! more may have one, of eight and more two. To find the known words that a typed one may mean, both are reduced to
//! *forms*: all ways of keeping three of their first letters. As each typo takes away at most one letter that the
//! beginnings have in common, a word and its misspelling share a form.

/// The longest word that is told apart, in letters; the rest of a longer one is cut off.
pub const LONGEST: usize = 32;
/// How many letters a form has.
const FORM: usize = 3;
/// The most forms of a word: three of five letters.
pub const MOST_FORMS: usize = 10;

/// How many typos a typed word may have.
pub fn allowed(typed: &str) -> usize {
    if typed.bytes().any(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    match typed.chars().count() {
        ..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

/// The forms under which a known word is kept. Numbers have none: a wrong digit is another number.
pub fn forms_of_known(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if letters.iter().any(char::is_ascii_digit) {
        return Vec::new();
    }
    forms(&letters[..letters.len().min(if letters.len() < 6 { 4 } else { 5 })])
}

/// The forms by which the words are found that a typed one may mean.
pub fn forms_of_typed(typed: &str) -> Vec<String> {
    let letters: Vec<char> = typed.chars().collect();
    match allowed(typed) {
        0 => Vec::new(),
        typos => forms(&letters[..letters.len().min(FORM + typos)]),
    }
}

fn forms(letters: &[char]) -> Vec<String> {
    let mut out = Vec::with_capacity(MOST_FORMS);
    for (first, a) in letters.iter().enumerate() {
        for (second, b) in letters.iter().enumerate().skip(first + 1) {
            out.extend(letters[second + 1..].iter().map(|c| [*a, *b, *c].iter().collect::<String>()));
        }
    }
    out.sort();
    out.dedup();
    out
}

/// How a typed word lies beside a known one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    Same,
    /// The known one begins with it.
    Beginning,
    /// The known one ends with it: Milch in Vollmilch.
    Ending,
    /// So many typos in the whole word.
    Typos(usize),
    /// So many typos in the beginning of the known one.
    BeginningWithTypos(usize),
}

impl Fit {
    /// What it costs in the ranking; less is better.
    pub fn cost(self) -> usize {
        match self {
            Fit::Same => 0,
            Fit::Beginning => 1,
            Fit::Ending => 3,
            Fit::Typos(typos) => 3 + 2 * typos,
            Fit::BeginningWithTypos(typos) => 4 + 2 * typos,
        }
    }
}

/// The best way in which a typed word can mean a known one.
pub fn fit(typed: &str, known: &str) -> Option<Fit> {
    if let Some(rest) = known.strip_prefix(typed) {
        return Some(if rest.is_empty() { Fit::Same } else { Fit::Beginning });
    }
    if typed.chars().count() >= 4 && known.ends_with(typed) {
        return Some(Fit::Ending);
    }
    let most = allowed(typed);
    if most == 0 || known.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (typed, known): (Vec<char>, Vec<char>) = (typed.chars().collect(), known.chars().collect());
    let (whole, beginning) = distances(&typed, &known, most);
    let whole = whole.map(Fit::Typos);
    let beginning = beginning.map(Fit::BeginningWithTypos);
    [whole, beginning].into_iter().flatten().min_by_key(|fit| fit.cost())
}

/// The typos between a typed word and the whole of a known one, and between it and the nearest beginning of that;
/// nothing where there are more than `most`.
fn distances(typed: &[char], known: &[char], most: usize) -> (Option<usize>, Option<usize>) {
    let width = known.len().min(typed.len() + most);
    let mut before: Vec<usize> = vec![0; width + 1];
    let mut above: Vec<usize> = (0..=width).collect();
    for (row, letter) in typed.iter().enumerate() {
        let mut here = vec![row + 1; width + 1];
        for column in 0..width {
            let same = usize::from(*letter != known[column]);
            let mut best = (above[column] + same).min(above[column + 1] + 1).min(here[column] + 1);
            let swapped =
                row > 0 && column > 0 && *letter == known[column - 1] && typed[row - 1] == known[column];
            if swapped {
                best = best.min(before[column - 1] + 1);
            }
            here[column + 1] = best;
        }
        if here.iter().all(|typos| *typos > most) {
            return (None, None);
        }
        before = std::mem::replace(&mut above, here);
    }
    let whole = (width == known.len()).then(|| above[width]).filter(|typos| *typos <= most);
    let beginning = above.iter().copied().min().filter(|typos| *typos <= most);
    (whole, beginning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_words_fit_known_ones() {
        for (typed, known, expected) in [
            ("milch", "milch", Some(Fit::Same)),
            ("mil", "milch", Some(Fit::Beginning)),
            ("milch", "vollmilch", Some(Fit::Ending)),
            ("lch", "milch", None),
            ("mlich", "milch", Some(Fit::Typos(1))),
            ("milhc", "milch", Some(Fit::Typos(1))),
            ("millch", "milch", Some(Fit::Typos(1))),
            ("nilch", "milch", Some(Fit::Typos(1))),
            ("mich", "milch", Some(Fit::Typos(1))),
            ("ilch", "milchreis", Some(Fit::BeginningWithTypos(1))),
            ("tomtae", "tomaten", Some(Fit::BeginningWithTypos(1))),
            ("spahgeti", "spaghetti", Some(Fit::Typos(2))),
            ("schokolda", "schokolade", Some(Fit::BeginningWithTypos(1))),
            ("shcokloade", "schokolade", Some(Fit::Typos(2))),
            ("mai", "mais", Some(Fit::Beginning)),
            ("mas", "mais", None),
            ("mxxch", "milch", None),
            ("eiss", "eis", Some(Fit::Typos(1))),
            ("1234", "1235", None),
            ("", "milch", Some(Fit::Beginning)),
        ] {
            assert_eq!(fit(typed, known), expected, "{typed} and {known}");
        }
    }

    /// Every word made by typos from a known one is found by its forms and judged to fit.
    #[test]
    fn misspellings_share_a_form_with_their_word() {
        let words = ["eis", "brot", "milch", "tomate", "joghurt", "spaghetti", "schokolade", "aaaa", "abab"];
        for word in words {
            for once in misspelt(word) {
                judge(&once, word, 1);
                if once.len() >= 8 {
                    for twice in misspelt(&once).into_iter().step_by(7) {
                        judge(&twice, word, 2);
                    }
                }
            }
        }
    }

    fn judge(typed: &str, word: &str, typos: usize) {
        if allowed(typed) < typos {
            return;
        }
        // Two typos in one place, such as a letter between two that changed places, may count as three.
        match fit(typed, word) {
            None if typos == 2 => return,
            fitting => assert!(fitting.is_some(), "{typed} for {word}"),
        }
        let plain = word.starts_with(typed) || word.ends_with(typed);
        let kept = forms_of_known(word);
        assert!(plain || forms_of_typed(typed).iter().any(|form| kept.contains(form)), "{typed} for {word}");
    }

    fn misspelt(word: &str) -> Vec<String> {
        let letters: Vec<char> = word.chars().collect();
        let mut out = Vec::new();
        for at in 0..=letters.len() {
            for other in ['a', 'e', 'z', 'h'] {
                let mut longer = letters.clone();
                longer.insert(at, other);
                out.push(longer.iter().collect());
                if at < letters.len() {
                    let mut wrong = letters.clone();
                    wrong[at] = other;
                    out.push(wrong.iter().collect());
                }
            }
            if at < letters.len() {
                let mut shorter = letters.clone();
                shorter.remove(at);
                out.push(shorter.iter().collect());
            }
            if at + 1 < letters.len() {
                let mut swapped = letters.clone();
                swapped.swap(at, at + 1);
                out.push(swapped.iter().collect());
            }
        }
        out
    }
}
