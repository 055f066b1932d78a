//! Every identifier with values that follow its rules and values that break one, in `elements.txt`, and every
//! content check at its edges, in `checks.txt`.

use hearth_shared::gs1::{Context, Scan, parse};

use super::{bracketed, lines, scanned};

pub(crate) const CASES: &str = concat!(include_str!("elements.txt"), include_str!("checks.txt"));

/// Verdict, identifiers, value.
pub(crate) fn split(line: &'static str) -> (&'static str, &'static str, &'static str) {
    let (verdict, rest) = line.split_once(' ').unwrap();
    let (ais, value) = rest.split_once(' ').unwrap_or((rest, ""));
    (verdict, ais, value)
}

/// The identifiers of a run such as `3100-3105`.
pub(crate) fn members(ais: &str) -> Vec<String> {
    let (first, last) = ais.split_once('-').unwrap_or((ais, ais));
    let numbers = first.parse::<u16>().unwrap()..=last.parse().unwrap();
    numbers.map(|number| format!("{number:0width$}", width = first.len())).collect()
}

/// The verdict on a message of one element.
fn verdict(message: &str, context: &Context, value: &str) -> String {
    let scan: Scan<'_> = parse(message.as_bytes(), context);
    if let Some(error) = scan.error() {
        return error.code.to_string();
    }
    let mut elements = scan.elements();
    let element = elements.next().unwrap();
    assert_eq!(elements.len(), 0, "{message}");
    if let Some(problem) = element.problem() {
        return problem.code.to_string();
    }
    assert_eq!(element.value(), value, "{message}");
    "ok".to_owned()
}

#[test]
fn each_element_alone_in_brackets() {
    for (number, line) in lines(CASES) {
        let (wanted, ais, value) = split(line);
        for ai in members(ais) {
            let message = format!("({ai}){}", value.replace('(', "\\("));
            assert_eq!(verdict(&message, &bracketed(), value), wanted, "line {number}: {message}");
        }
    }
}

/// Behind a predefined length the rest is another element, so a value cannot be too long there.
#[test]
fn each_element_alone_in_an_element_string() {
    for (number, line) in lines(CASES).filter(|(_, line)| !line.starts_with("value-too-long")) {
        let (wanted, ais, value) = split(line);
        for ai in members(ais) {
            let message = format!("]d2{ai}{value}");
            assert_eq!(verdict(&message, &scanned(), value), wanted, "line {number}: {message}");
        }
    }
}

/// Between two others an element is read as it is alone, and so are the others.
#[test]
fn each_element_between_others() {
    for (number, line) in lines(CASES).filter(|(_, line)| line.starts_with("ok ")) {
        let (_, ais, value) = split(line);
        for ai in members(ais) {
            let message = format!("]C14179501101530003\x1d{ai}{value}\x1d99last\x1d");
            let scan = parse(message.as_bytes(), &scanned());
            let found: Vec<_> = scan.elements().map(|element| format!("{element:?}")).collect();
            let wanted = ["(417)9501101530003".to_owned(), format!("({ai}){value}"), "(99)last".to_owned()];
            assert_eq!(found, wanted, "line {number}");
        }
    }
}

/// An identifier that may stand in the query of a Digital Link says there what it says elsewhere.
#[test]
fn each_element_in_a_digital_link() {
    for (number, line) in lines(CASES) {
        let (wanted, ais, value) = split(line);
        for ai in members(ais) {
            let escaped: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let message = format!("https://example.org/402/95011015300039522?{ai}={escaped}");
            let scan = parse(message.as_bytes(), &scanned());
            let code = match (scan.error(), scan.elements().nth(1)) {
                (Some(error), _) => error.code.to_string(),
                (None, Some(element)) => element.problem().map_or("ok".to_owned(), |p| p.code.to_string()),
                (None, None) => "nothing".to_owned(),
            };
            let not_there = ["link-attribute", "link-repeated"].contains(&code.as_str());
            assert!(not_there || code == wanted, "line {number}: {code}");
        }
    }
}
