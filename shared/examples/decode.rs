//! Reads one JSON string per line from standard input and writes, per line, what the code says as JSON.
//!
//! ```text
//! $ echo '"]d201095011015300031725011910AB-123"' | cargo run -p hearth-shared --example decode
//! ```
//!
//! Flags: `--today YYYY-MM-DD` (the day that two-digit years are read by), `--region XX` (whose in-store
//! layout applies), `--bracketed` (every line is bracketed text).

use std::io::{BufRead, BufWriter, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use hearth_shared::gs1::{Context, Date, Input, Problem, Region, Scan, Use, parse};
use serde_json::{Map, Value, json};

fn main() -> ExitCode {
    let (input, output) = (std::io::stdin().lock(), BufWriter::new(std::io::stdout().lock()));
    match context(std::env::args().skip(1)).and_then(|context| run(input, output, &context)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "decode: {message}");
            ExitCode::from(2)
        }
    }
}

/// The context that the flags ask for.
pub(crate) fn context(mut flags: impl Iterator<Item = String>) -> Result<Context, String> {
    let mut context = Context::on(this_day());
    while let Some(flag) = flags.next() {
        let mut value = || flags.next().ok_or(format!("{flag} needs a value"));
        match flag.as_str() {
            "--today" => context.today = value()?.parse().map_err(|error| format!("--today: {error}"))?,
            "--region" => {
                let letters = value()?;
                let region = Region::of(&letters.to_ascii_uppercase());
                context.region = Some(region.ok_or(format!("--region: no layout is known for {letters}"))?);
            }
            "--bracketed" => context.input = Input::Bracketed,
            _ => return Err(format!("{flag} is no flag; there are --today, --region and --bracketed")),
        }
    }
    Ok(context)
}

/// The day by the clock of the machine, in UTC.
fn this_day() -> Date {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (mut year, mut left) = (1970, seconds / 86_400);
    loop {
        let days = if Date::new(year, 2, 29).is_some() { 366 } else { 365 };
        if left < days {
            break;
        }
        (year, left) = (year + 1, left - days);
    }
    let days = (1..=12).flat_map(|month| (1..=31).filter_map(move |day| Date::new(year, month, day)));
    days.into_iter().nth(left as usize).or(Date::new(1970, 1, 1)).expect("the epoch is a day")
}

/// Writes what each line of `input` says.
pub(crate) fn run(input: impl BufRead, mut out: impl Write, context: &Context) -> Result<(), String> {
    for line in input.split(b'\n') {
        let line = line.map_err(|error| error.to_string())?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let object = match serde_json::from_slice::<String>(&line) {
            Ok(message) => object(&parse(message.as_bytes(), context)).into(),
            // The line says nothing; those after it may.
            Err(error) => json!({
                "kind": "text", "elements": [], "warnings": [],
                "errors": [{"code": "not-a-json-string", "at": error.column()}],
            }),
        };
        writeln!(out, "{object}").map_err(|error| error.to_string())?;
    }
    out.flush().map_err(|error| error.to_string())
}

/// The whole of a scan. What is not known is absent.
fn object(scan: &Scan<'_>) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            object.insert(key.to_owned(), value);
        }
    };
    put("kind", Some(scan.kind().word().into()));
    put("symbology", scan.symbology().map(|symbology| symbology.to_string().into()));
    put("elements", Some(elements(scan)));
    put("errors", Some(scan.error().iter().map(problem).collect()));
    put("warnings", Some(scan.warnings().map(|warning| remark(&warning)).collect()));
    put("gtin", scan.gtin().map(|gtin| gtin.as_str().into()));
    let usage = scan.number().map(|number| number.usage()).filter(|usage| *usage != Use::Item);
    put("use", usage.map(|usage| usage.word().into()));
    put("item", scan.in_store().map(|label| label.item.as_str().into()));
    put("batch", scan.batch().map(|batch| batch.to_string().into()));
    put("serial", scan.serial().map(|serial| serial.to_string().into()));
    put("expiry", expiry(scan));
    put("production_date", scan.production_date().map(|date| date.to_string().into()));
    put("measure", scan.measure().map(|m| json!({"value": m.value, "scale": m.scale, "unit": m.unit})));
    put("price", price(scan));
    let origins: Vec<_> = scan.origins().map(|country| format!("{country:03}")).collect();
    put("origins", (!origins.is_empty()).then(|| origins.into()));
    let command =
        |(verb, argument)| json!({"verb": format!("{verb:?}").to_lowercase(), "argument": argument});
    put("command", scan.command().map(command));
    let others: Vec<_> = scan.other_readings().map(|other| alternative(&other)).collect();
    put("alternatives", (!others.is_empty()).then(|| others.into()));
    object
}

/// Another reading of the same characters.
fn alternative(scan: &Scan<'_>) -> Value {
    let mut object = json!({"kind": scan.kind().word(), "elements": elements(scan)});
    if let Some(gtin) = scan.gtin() {
        object["gtin"] = gtin.as_str().into();
    }
    object
}

fn elements(scan: &Scan<'_>) -> Value {
    let element = |element: hearth_shared::gs1::Element<'_>| {
        let mut object = Map::new();
        object.insert("ai".into(), element.ai().to_string().into());
        object.insert("value".into(), element.value().to_string().into());
        if let Some(problem) = element.problem() {
            object.insert("error".into(), problem.code.word().into());
        }
        Value::from(object)
    };
    scan.elements().map(element).collect()
}

fn problem(problem: &Problem) -> Value {
    let mut object = Map::new();
    object.insert("code".into(), problem.code.word().into());
    object.insert("at".into(), problem.at.into());
    if let Some(ai) = problem.ai {
        object.insert("ai".into(), ai.to_string().into());
    }
    object.into()
}

fn remark(warning: &Problem) -> Value {
    match warning.ai {
        Some(ai) => json!({"code": warning.code.word(), "ai": ai.to_string()}),
        None => json!({"code": warning.code.word()}),
    }
}

fn expiry(scan: &Scan<'_>) -> Option<Value> {
    let expiry = scan.expiry()?;
    let mut object = json!({
        "date": expiry.date.to_string(), "kind": expiry.kind.word(), "day_given": expiry.day_given,
    });
    if let Some((hour, minute)) = expiry.time {
        object["time"] = format!("{hour:02}:{minute:02}").into();
    }
    Some(object)
}

fn price(scan: &Scan<'_>) -> Option<Value> {
    let price = scan.price()?;
    let mut object = json!({"value": price.value, "scale": price.scale});
    if let Some(currency) = price.currency {
        object["currency"] = currency.into();
    }
    Some(object)
}
