//! Words as strangers write them, made fit to be shown: no markup, no control characters, not too long.

/// One line of at most `most` characters; nothing where nothing is left.
pub(super) fn line(text: &str, most: usize) -> Option<String> {
    // Whatever its length was, no more of it is looked at than can matter.
    let text = text.get(..text.floor_char_boundary(most.saturating_mul(16))).unwrap_or_default();
    let plain = without_marks(&without_references(text));
    let mut out = String::with_capacity(plain.len().min(most));
    let mut length = 0;
    for word in plain.split(|c: char| c.is_whitespace() || is_unseen(c)).filter(|word| !word.is_empty()) {
        let gap = usize::from(length > 0);
        let room = most.saturating_sub(length + gap);
        if room == 0 {
            break;
        }
        if gap == 1 {
            out.push(' ');
        }
        out.extend(word.chars().take(room));
        length += gap + word.chars().count().min(room);
    }
    let trimmed = out.trim_end_matches([',', ';']).trim_end();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// Control characters, and those that turn the direction of writing or have no width.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffd}')
}

/// Leaves out what looks like a tag. A lone `<` stays: "fat < 3 %".
fn without_marks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let opens = after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        match (opens, after.find('>')) {
            (true, Some(end)) => {
                out.push(' ');
                rest = after.get(end + 1..).unwrap_or_default();
            }
            (true, None) => rest = "",
            (false, _) => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Resolves the character references that such texts hold, `&quot;` more often than any other.
fn without_references(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let end = after.find(';').filter(|end| *end <= 8);
        let meant = end.and_then(|end| after.get(..end)).and_then(reference);
        match (meant, end) {
            (Some(c), Some(end)) => {
                out.push(c);
                rest = after.get(end + 1..).unwrap_or_default();
            }
            _ => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn reference(name: &str) -> Option<char> {
    match name {
        "quot" => Some('"'),
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(number)
        }
    }
}

/// A tag such as `en:plant-milks`, in small letters; nothing where it is not one.
pub(super) fn tag(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 120 {
        return None;
    }
    let joined = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-");
    let fits =
        joined.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | ':' | '_' | '\'' | '&' | '.' | '%'));
    fits.then_some(joined)
}

/// The language before a tag, and the tag: `en:milk`.
pub(super) fn split_tag(tag: &str) -> (&str, &str) {
    match tag.split_once(':') {
        Some((language, word)) if is_language(language) => (language, word),
        _ => ("", tag),
    }
}

/// Two or three small letters.
pub(super) fn is_language(text: &str) -> bool {
    (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_can_be_shown() {
        for (given, shown) in [
            ("  Hafer \n drink\t", Some("Hafer drink")),
            ("", None),
            (" \u{200b}\u{feff} ", None),
            ("M&amp;M&#39;s", Some("M&M's")),
            ("&quot;Best&quot; &#x26; co", Some("\"Best\" & co")),
            ("a & b; c", Some("a & b; c")),
            ("&nonsense; &;", Some("&nonsense; &")),
            ("<b>Bold</b> <script>alert(1)</script>", Some("Bold alert(1)")),
            ("&lt;img src=x onerror=alert(1)&gt;Jam", Some("Jam")),
            ("fat < 3 %", Some("fat < 3 %")),
            ("cut <off", Some("cut")),
            ("Right\u{202e}tfel", Some("Right tfel")),
            ("null\0byte", Some("null byte")),
            ("Milk,", Some("Milk")),
            ("豆乳 1000ml", Some("豆乳 1000ml")),
        ] {
            assert_eq!(line(given, 60).as_deref(), shown, "{given:?}");
        }
    }

    #[test]
    fn a_line_is_not_too_long_whatever_comes() {
        assert_eq!(line(&"ä".repeat(1_000_000), 60).unwrap().chars().count(), 60);
        assert_eq!(line("one two three", 7).as_deref(), Some("one two"));
        assert_eq!(line("one two three", 8).as_deref(), Some("one two"));
        assert_eq!(line("one two three", 9).as_deref(), Some("one two t"));
        assert_eq!(line(&" ".repeat(1_000_000), 60), None);
    }

    #[test]
    fn tags_are_small_and_in_one_piece() {
        for (given, read) in [
            ("en:Plant milks", Some("en:plant-milks")),
            ("de:käse", Some("de:käse")),
            ("", None),
            ("<script>", None),
            ("en:a\nb", Some("en:a-b")),
        ] {
            assert_eq!(tag(given).as_deref(), read, "{given:?}");
        }
        assert_eq!(tag(&"x".repeat(121)), None);
        assert_eq!(split_tag("en:milk"), ("en", "milk"));
        assert_eq!(split_tag("milk"), ("", "milk"));
        assert_eq!(split_tag("http://x"), ("", "http://x"));
    }
}
