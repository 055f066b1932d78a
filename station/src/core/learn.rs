//! How a scanner types, learnt from one printed code.
//!
//! The code bears every character that GS1 codes are made of, a separator and a word behind it. Whatever
//! layout, case, separator, prefix and suffix a scanner is set to, there is one reading of its keys under which
//! that code comes out; that reading is the scanner's profile.

use super::burst::{self, Profile, Suffix};
use super::keys::{Case, GS, Press, Separator, Typing, Typist, function_number};
use super::layout::Layout;

/// Every character of set 82, between its identifier and the separator.
const CHARACTERS: &str =
    "91!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
/// Behind the separator.
const WORD: &str = "10HEARTH";

/// The element string of the printed code (GS1 DataMatrix, a function character first).
pub fn test_code() -> String {
    format!("{CHARACTERS}{GS}{WORD}")
}

/// What was learnt, and what is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learnt {
    pub profile: Profile,
    pub remarks: Vec<Remark>,
}

/// Something to set in the scanner, by its manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    NoSeparator,
    CaseFolded,
    NoSymbology,
}

impl Remark {
    pub const fn sentence(self) -> &'static str {
        match self {
            Remark::NoSeparator => {
                "The scanner drops the separator (GS, FNC1): batches and dates can run together. Set it to send \
                 control characters."
            }
            Remark::CaseFolded => {
                "The scanner turns all letters into one case: batches that differ in case alone will look the \
                 same. Set it to keep the case."
            }
            Remark::NoSymbology => {
                "The scanner does not say what kind of code it has read. Everything works; with the AIM \
                 identifier switched on it is surer."
            }
        }
    }
}

/// What was scanned was not the test code, or arrived in pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotTheTestCode;

/// Learns from the keys of one scan of the test code, its end included.
pub fn from_keys(keys: &[(u16, Press)]) -> Result<Learnt, NotTheTestCode> {
    let cases = [Case::Kept, Case::Swapped];
    let exact = Layout::ALL.into_iter().flat_map(|layout| cases.map(|case| (layout, case)));
    let found = exact.clone().find_map(|(layout, case)| under(keys, layout, case, CHARACTERS));
    let folded = || {
        let upper = CHARACTERS.to_ascii_uppercase();
        let mut learnt = exact.clone().find_map(|(layout, case)| under(keys, layout, case, &upper))?;
        learnt.profile.typing.case = Case::Kept;
        learnt.remarks.push(Remark::CaseFolded);
        Some(learnt)
    };
    found.or_else(folded).ok_or(NotTheTestCode)
}

/// Learns from what came over a serial line.
pub fn from_bytes(bytes: &[u8]) -> Result<Learnt, NotTheTestCode> {
    let text = burst::text(bytes);
    let (profile, remarks) = fit(&text, CHARACTERS, Typing::default(), None).ok_or(NotTheTestCode)?;
    Ok(Learnt { profile, remarks })
}

fn under(keys: &[(u16, Press)], layout: Layout, case: Case, wanted: &str) -> Option<Learnt> {
    let typing = Typing { layout, case, separator: Separator::Control };
    let mut typist = Typist::new(typing);
    let mut text = String::new();
    for &(key, press) in keys {
        text.extend(typist.key(key, press).into_iter().flatten());
    }
    let function = keys.iter().find(|(key, press)| *press == Press::Down && function_number(*key).is_some());
    let text = if wanted == CHARACTERS { text } else { text.to_ascii_uppercase() };
    let (profile, remarks) = fit(&text, wanted, typing, function.map(|&(key, _)| key))?;
    Some(Learnt { profile, remarks })
}

/// Finds the code in a text, and what stands around its parts.
fn fit(text: &str, wanted: &str, typing: Typing, function: Option<u16>) -> Option<(Profile, Vec<Remark>)> {
    let (before, rest) = text.split_once(wanted)?;
    let (between, behind) = rest.split_once(WORD)?;
    let mut remarks = Vec::new();
    let mut characters = between.chars();
    let separator = match (characters.next(), characters.next(), function) {
        (Some(GS), None, _) => Separator::Control,
        (Some(chosen), None, _) => Separator::Character(chosen),
        (None, _, Some(key)) => Separator::Key(key),
        (None, _, None) => {
            remarks.push(Remark::NoSeparator);
            Separator::Control
        }
        (Some(_), Some(_), _) => return None,
    };
    let suffix = match behind.chars().next() {
        None => Suffix::Pause,
        Some('\r') => Suffix::Enter,
        Some('\n') => Suffix::Line,
        Some('\t') => Suffix::Tab,
        Some(_) => return None,
    };
    let before = before.trim_start_matches(GS).trim_end_matches(GS);
    let prefix = match before.strip_suffix("]d2").or_else(|| before.strip_suffix("]D2")) {
        Some(prefix) => prefix,
        None => {
            remarks.push(Remark::NoSymbology);
            before
        }
    };
    let typing = Typing { separator, ..typing };
    let profile = Profile { typing, suffix, prefix: prefix.to_owned(), ..Profile::default() };
    Some((profile, remarks))
}

#[cfg(test)]
mod tests {
    use super::super::strokes::strokes;
    use super::*;

    fn learn(typing: Typing, text: &str) -> Learnt {
        from_keys(&strokes(typing, text)).unwrap()
    }

    #[test]
    fn whatever_a_scanner_is_set_to_is_learnt_from_one_code() {
        for layout in Layout::ALL {
            for case in [Case::Kept, Case::Swapped] {
                for separator in [Separator::Control, Separator::Key(66), Separator::Character('~')] {
                    for (end, suffix) in [("\r", Suffix::Enter), ("\t", Suffix::Tab), ("", Suffix::Pause)] {
                        for prefix in ["", "X1"] {
                            let typing = Typing { layout, case, separator };
                            let text = format!("{prefix}]d2{}{end}", test_code());
                            let profile =
                                Profile { typing, suffix, prefix: prefix.into(), ..Profile::default() };
                            assert_eq!(learn(typing, &text), Learnt { profile, remarks: Vec::new() });
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_as_it_should_be_is_remarked_on() {
        let without = test_code().replace(GS, "");
        let learnt = learn(Typing::default(), &format!("{without}\r"));
        assert_eq!(learnt.remarks, [Remark::NoSeparator, Remark::NoSymbology]);
        let folded = test_code().to_ascii_uppercase();
        let learnt = learn(Typing { layout: Layout::De, ..Typing::default() }, &format!("]d2{folded}\r"));
        assert_eq!(learnt.remarks, [Remark::CaseFolded]);
        assert_eq!(learnt.profile.typing.layout, Layout::De);
    }

    #[test]
    fn a_serial_scanner_has_an_end_and_perhaps_a_prefix() {
        let learnt = from_bytes(format!("]d2{}\r\n", test_code()).as_bytes()).unwrap();
        assert_eq!(learnt.profile.suffix, Suffix::Enter);
    }

    #[test]
    fn other_codes_teach_nothing() {
        assert_eq!(from_keys(&strokes(Typing::default(), "4006381333931\r")), Err(NotTheTestCode));
        assert_eq!(from_keys(&[]), Err(NotTheTestCode));
        assert_eq!(from_bytes(b"\xff\xfe"), Err(NotTheTestCode));
    }

    #[test]
    fn the_test_code_is_a_code_that_gs1_accepts() {
        use hearth_shared::gs1::{Context, Date, parse};
        let message = format!("]d2{}", test_code());
        let today = Date::new(2026, 11, 20).unwrap();
        let scan = parse(message.as_bytes(), &Context::on(today));
        assert!(scan.is_accepted(), "{scan:?}");
        assert_eq!(scan.batch().unwrap(), "HEARTH");
    }
}
