//! `decode`: what a code says, as lines of JSON.

use std::io::BufRead as _;

use hearth_shared::gs1::{Context, Date, parse};
use serde_json::{Value, json};

use super::{Failed, print};
use crate::clock;
use crate::core::reading;
use hearth_shared::time::Timestamp;

/// Explains the codes, or each line of the input where there are none. `<GS>` stands for the separator.
pub fn run(codes: &[String]) -> Result<(), Failed> {
    let today = reading::day(Timestamp::from_millis(clock::wall()));
    let explain = |code: &str| print(explained(code, today));
    if codes.is_empty() {
        for line in std::io::stdin().lock().lines() {
            explain(&line.map_err(|error| error.to_string())?);
        }
    }
    codes.iter().for_each(|code| explain(code));
    Ok(())
}

fn explained(code: &str, today: Date) -> Value {
    let raw = code.replace("<GS>", "\u{1d}");
    let scan = parse(raw.as_bytes(), &Context::on(today));
    let elements: Vec<Value> = scan
        .elements()
        .map(|element| {
            let problem = element.problem().map(|problem| problem.code.word());
            json!({
                "ai": element.ai().to_string(),
                "title": element.ai().title(),
                "value": element.value().to_string(),
                "problem": problem,
            })
        })
        .collect();
    let warnings: Vec<&str> = scan.warnings().map(|problem| problem.code.word()).collect();
    let command = scan.command().map(
        |(verb, argument)| json!({ "verb": format!("{verb:?}").to_ascii_lowercase(), "argument": argument }),
    );
    json!({
        "code": code,
        "kind": scan.kind().word(),
        "symbology": scan.symbology().map(|symbology| symbology.name()),
        "gtin": scan.gtin().map(|gtin| gtin.as_str().to_owned()),
        "expiry": scan.expiry().map(|expiry| json!({ "date": expiry.date.to_string(), "kind": expiry.kind.word() })),
        "batch": scan.batch().map(|batch| batch.to_string()),
        "serial": scan.serial().map(|serial| serial.to_string()),
        "command": command,
        "elements": elements,
        "accepted": scan.is_accepted(),
        "error": scan.error().map(|problem| json!({ "code": problem.code.word(), "meaning": problem.code.meaning() })),
        "warnings": warnings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_explained_element_by_element() {
        let today = Date::new(2026, 11, 20).unwrap();
        let said = explained("]d201095011015300031728011010AB-12<GS>21X", today);
        assert_eq!((&said["gtin"], &said["batch"]), (&json!("09501101530003"), &json!("AB-12")));
        assert_eq!(said["expiry"], json!({ "date": "2028-01-10", "kind": "use-by" }));
        assert_eq!(
            said["elements"][3],
            json!({ "ai": "21", "title": "SERIAL", "value": "X", "problem": null })
        );
        assert_eq!(
            explained("HEARTHCMADDQQ", today)["command"],
            json!({ "verb": "mode", "argument": "ADD" })
        );
    }
}
