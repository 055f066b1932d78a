//! The API's shapes as types for the web app, kept in `hub/web/types/wire.d.ts`.
//!
//! `HEARTH_UPDATE=1 cargo test -p hearth-hub --lib wire_types` writes the file anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

const HEAD: &str = "// The shapes that travel between the app and the house. Made from the API's description by a test\n\
                    // (hub/src/http/openapi/types.rs); not written by hand.\n";

/// What the description cannot say: pages of anything, and the live channel.
const TAIL: &str = "
export interface Page<T> { items: T[]; next?: string }
export interface Head { ch: string; seq: number; epoch: string }
export interface Frame extends Head { type: string; timestamp: string; entity_id: string; data: any }
export interface Changes { items: Frame[]; head: Head; next?: string }
";

#[test]
fn wire_types_are_those_of_the_api() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("web/types/wire.d.ts");
    let made = types(&serde_json::to_value(super::document()).unwrap());
    if std::env::var_os("HEARTH_UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "the types are old; HEARTH_UPDATE=1 cargo test -p hearth-hub --lib wire_types makes them anew"
    );
}

#[test]
fn whatever_the_description_refers_to_is_in_it() {
    fn missing(document: &Value, part: &Value, found: &mut Vec<String>) {
        if let Some(at) = part.get("$ref").and_then(Value::as_str) {
            let there = at.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
            found.extend(there.is_none().then(|| at.to_owned()));
        }
        match part {
            Value::Object(parts) => parts.values().for_each(|part| missing(document, part, found)),
            Value::Array(parts) => parts.iter().for_each(|part| missing(document, part, found)),
            _ => {}
        }
    }
    let document = serde_json::to_value(super::document()).unwrap();
    let mut found = Vec::new();
    missing(&document, &document, &mut found);
    assert_eq!(found, Vec::<String>::new());
}

fn types(document: &Value) -> String {
    let mut out = HEAD.to_owned();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if name.starts_with("Page_") || name == "Changes" {
            continue;
        }
        match schema["properties"].as_object() {
            Some(fields) => {
                let required: BTreeSet<&str> =
                    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                writeln!(out, "\nexport interface {name} {{").unwrap();
                for (field, kind) in fields {
                    // What may be missing is left out of answers, never sent as null.
                    let kind = kind_of(kind);
                    match required.contains(field.as_str()) {
                        true => writeln!(out, "  {field}: {kind};").unwrap(),
                        false => writeln!(out, "  {field}?: {};", kind.replace(" | null", "")).unwrap(),
                    }
                }
                out.push_str("}\n");
            }
            None => writeln!(out, "\nexport type {name} = {};", kind_of(schema)).unwrap(),
        }
    }
    out + TAIL
}

fn kind_of(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap().to_owned();
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(|word| word.to_string().replace('"', "'")).collect::<Vec<_>>().join(" | ");
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        return choices.iter().map(kind_of).collect::<Vec<_>>().join(" | ");
    }
    let one = |kind: &str| match kind {
        "string" => "string".to_owned(),
        "integer" | "number" => "number".to_owned(),
        "boolean" => "boolean".to_owned(),
        "null" => "null".to_owned(),
        "array" => format!("{}[]", kind_of(&schema["items"])),
        "object" => "Record<string, unknown>".to_owned(),
        other => panic!("a schema of type {other}"),
    };
    match &schema["type"] {
        Value::String(kind) => one(kind),
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).map(one).collect::<Vec<_>>().join(" | ")
        }
        _ => "unknown".to_owned(),
    }
}
