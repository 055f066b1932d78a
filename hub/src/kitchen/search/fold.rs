//! Words as they are compared: small letters without marks, and one spelling for what is spelt in several ways.
//!
//! `Käse`, `Kaese` and `kase` are one word here, and so are `Weiß` and `Weiss`, `Crème` and `Creme`. A few
//! words that differ become the same by that; a search finds a little too much rather than too little.

/// Rises when words are folded otherwise, or cut, or led to by other forms: then every product is made findable
/// anew when the hub starts.
pub const SPELLING: i64 = 1;

/// Splits a text into folded words of letters and digits.
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    folded.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The text as it is compared: folded words with a space between them.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().flat_map(char::to_lowercase).peekable();
    while let Some(letter) = letters.next() {
        if is_mark(letter) || letter == '\'' || letter == '’' {
            continue;
        }
        // 3,5 and 1.5 stay one word.
        let joins = matches!(letter, ',' | '.') && out.ends_with(|c: char| c.is_ascii_digit());
        if joins && letters.peek().is_some_and(char::is_ascii_digit) {
            out.push('.');
        } else if !letter.is_alphanumeric() {
            push_space(&mut out);
        } else {
            push_letter(&mut out, letter);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn push_space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// Letters are spelt out, and then ae, oe and ue are the letter before the e: so an umlaut and its two letters,
/// and a word whose writer has no umlauts, all become the same.
fn push_letter(out: &mut String, letter: char) {
    match plain(letter) {
        Some(spelt) => out.push_str(spelt),
        None if letter == 'e' && out.ends_with(['a', 'o', 'u']) => {}
        None => out.push(letter),
    }
}

fn is_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter)
}

/// A small letter of the Latin alphabets without its marks, where it has some.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à'..='å' | 'æ' | 'ā' | 'ă' | 'ą' | 'ǎ' => "a",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'œ' | 'ō' | 'ŏ' | 'ő' => "o",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ß' => "ss",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_are_one() {
        for (one, other) in [
            ("Käse", "KAESE"),
            ("Kase", "käse"),
            ("Weißbrot", "weissbrot"),
            ("Crème fraîche", "creme  fraiche"),
            ("Øl & Smørrebrød", "ol smorrebrod"),
            ("Cre\u{300}me", "creme"),
            ("Müller's Bäckerei", "muellers baeckerei"),
            ("Œufs", "oeufs"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} and {other}");
        }
    }

    #[test]
    fn words_are_letters_and_digits() {
        assert_eq!(words("  Bio-Vollmilch, 3,5 % (1 l) "), ["bio", "vollmilch", "3.5", "1", "l"]);
        assert_eq!(words("Aktuell: Quelle"), ["aktull", "qulle"]);
        assert_eq!(words("мо́ркоВЬ"), ["морковь"]);
        assert_eq!(words("!!! — …"), Vec::<String>::new());
        assert_eq!(words("豆腐 500g"), ["豆腐", "500g"]);
    }
}
