//! Text as it comes, made into lines: bounded, without what is no text.

use super::Refusal;

/// The most that is read of a text; a receipt of two metres has a tenth of it.
pub const MOST_BYTES: usize = 64 * 1024;
const MOST_LINES: usize = 1_000;
const LONGEST_LINE: usize = 160;

/// The lines of a text, and whether some of it was left out.
pub(super) fn lines(text: &str) -> Result<(Vec<String>, bool), Refusal> {
    let mut end = text.len().min(MOST_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut cut = end < text.len();
    let text = text.get(..end).unwrap_or_default();
    if text.trim().is_empty() {
        return Err(Refusal::Empty);
    }
    refuse_what_is_no_text(text)?;
    let plain = if is_markup(text) { without_markup(text) } else { text.to_owned() };
    let mut lines = Vec::new();
    for line in plain.lines() {
        if lines.len() == MOST_LINES {
            cut = true;
            break;
        }
        lines.push(clean(line));
    }
    Ok((lines, cut))
}

fn refuse_what_is_no_text(text: &str) -> Result<(), Refusal> {
    let strange = |c: &char| (c.is_control() && !c.is_whitespace()) || *c == char::REPLACEMENT_CHARACTER;
    let (all, odd) = (text.chars().count(), text.chars().filter(strange).count());
    if odd * 20 > all { Err(Refusal::NotText) } else { Ok(()) }
}

/// One line with single characters for what looks alike, and without what cannot be printed.
fn clean(line: &str) -> String {
    let plain = |c: char| match c {
        '\t' => ' ',
        '\u{a0}' | '\u{2007}' | '\u{202f}' => ' ',
        '−' | '–' | '—' | '‐' | '‑' => '-',
        '’' | '‘' | '´' | '`' => '\'',
        '“' | '”' | '„' => '"',
        '×' | '✕' => 'x',
        '‚' => ',',
        c => c,
    };
    let kept = line.chars().map(plain).filter(|c| !c.is_control() && *c != char::REPLACEMENT_CHARACTER);
    kept.take(LONGEST_LINE).collect::<String>().trim_end().to_owned()
}

/// Whether a reader answered with Markdown or with a table in HTML.
fn is_markup(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("<td")
        || lower.contains("<table")
        || lower.lines().filter(|line| line.starts_with('|')).count() > 1
}

/// The text of a page in Markdown: rows of tables become lines, cells are set apart.
fn without_markup(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        let Some((tag, after)) = after.split_once('>').filter(|(tag, _)| tag.len() < 200) else {
            plain.push('<');
            rest = after;
            continue;
        };
        let name: String =
            tag.chars().skip_while(|c| *c == '/').take_while(char::is_ascii_alphanumeric).collect();
        match name.to_ascii_lowercase().as_str() {
            "tr" | "br" | "p" | "table" | "div" | "li" => plain.push('\n'),
            "td" | "th" => plain.push_str("  "),
            _ => {}
        }
        rest = after;
    }
    plain.push_str(rest);
    for (code, sign) in
        [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&euro;", "€"), ("&pound;", "£")]
    {
        plain = plain.replace(code, sign);
    }
    let lines = plain.lines().filter(|line| !line.trim().is_empty()).map(|line| {
        let line = line.replace('|', "  ").replace("**", "");
        line.trim_start_matches(['#', ' ']).trim_end().to_owned()
    });
    // The rule below the head of a table.
    lines.filter(|line| !line.chars().all(|c| matches!(c, '-' | ':' | ' '))).collect::<Vec<_>>().join("\n")
}
