//! What axe finds wrong with a page for people who do not see it, or see and move otherwise.

use serde_json::{Value, json};

use super::{Browser, word};

/// The published file, byte for byte; its digest is checked by a test beside it.
const AXE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vendor/axe/axe.min.js"));

/// Puts axe into the page where it is not there yet, runs the rules (all of them where none is named), and tells each
/// violation with the elements it is about. What axe cannot decide by itself is not a violation.
pub(super) fn violations(browser: &Browser, rules: &[&str]) -> Vec<String> {
    if browser.eval("return typeof axe === 'undefined'", &[]) == Value::Bool(true) {
        // The page's policy forbids inline scripts; what the driver evaluates is not one of them.
        browser.eval(&format!("{AXE}\nwindow.axe = axe;"), &[]);
    }
    let run = "const only = arguments[0].length ? {runOnly: {type: 'rule', values: arguments[0]}} : {};
        return axe.run(document, {resultTypes: ['violations'], ...only}).then(found => found.violations)";
    let found = browser.eval(run, &[json!(rules)]);
    found.as_array().unwrap_or(&Vec::new()).iter().map(tell).collect()
}

fn tell(violation: &Value) -> String {
    let nodes = violation["nodes"].as_array().cloned().unwrap_or_default();
    let nodes = nodes.iter().map(|node| {
        let summary = word(&node["failureSummary"]).replace('\n', "\n      ");
        format!("  {}\n      {}\n      {summary}", node["target"].to_owned(), word(&node["html"]))
    });
    let impact = violation.get("impact").unwrap_or(&json!("unknown")).to_owned();
    let (rule, help) = (word(&violation["id"]), word(&violation["help"]));
    format!("{rule} ({}): {help}\n{}", word(&impact), nodes.collect::<Vec<_>>().join("\n"))
}
