//! A strict reader of OpenMetrics text: what it accepts, any Prometheus does.

use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Family {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) samples: Vec<Sample>,
}

pub(super) struct Sample {
    pub(super) name: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) value: f64,
}

impl Family {
    /// The name by which people ask for it.
    pub(super) fn queried(&self) -> String {
        match self.kind.as_str() {
            "counter" => format!("{}_total", self.name),
            "info" => format!("{}_info", self.name),
            _ => self.name.clone(),
        }
    }
}

/// Reads a whole answer; says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, Family>, String> {
    let body = text.strip_suffix("# EOF\n").ok_or("it does not end with # EOF")?;
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let (mut current, mut helped) = (String::new(), String::new());
    for line in body.lines() {
        let wrong = |why: &str| format!("{why}: {line:?}");
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').ok_or_else(|| wrong("no help"))?;
            if help.trim().is_empty() || !is_name(name) {
                return Err(wrong("no name or no help"));
            }
            name.clone_into(&mut helped);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').ok_or_else(|| wrong("no type"))?;
            if !["counter", "gauge", "histogram", "info"].contains(&kind) || name != helped {
                return Err(wrong("a type that is none, or without help"));
            }
            let family = Family { name: name.to_owned(), kind: kind.to_owned(), samples: Vec::new() };
            if families.insert(name.to_owned(), family).is_some() {
                return Err(wrong("the same metric twice"));
            }
            name.clone_into(&mut current);
        } else if let Some(rest) = line.strip_prefix("# UNIT ") {
            let (name, unit) = rest.split_once(' ').ok_or_else(|| wrong("no unit"))?;
            if name != current || !name.ends_with(&format!("_{unit}")) {
                return Err(wrong("a unit that the name does not end with"));
            }
        } else {
            let family = families.get_mut(&current).ok_or_else(|| wrong("a sample of nothing"))?;
            family.samples.push(sample(line).ok_or_else(|| wrong("not a sample"))?);
        }
    }
    families.values().try_for_each(check)?;
    Ok(families)
}

fn is_name(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    text.starts_with(letter) && text.chars().all(|c| letter(c) || c.is_ascii_digit())
}

fn sample(line: &str) -> Option<Sample> {
    let at = line.find(['{', ' '])?;
    let (name, mut rest) = line.split_at(at);
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        let mut left = inside;
        loop {
            let (label, after) = left.split_once("=\"")?;
            let (value, after) = quoted(after)?;
            if !is_name(label) || labels.insert(label.to_owned(), value).is_some() {
                return None;
            }
            left = match after.strip_prefix(',') {
                Some(more) => more,
                None => break rest = after.strip_prefix('}')?,
            };
        }
    }
    let number = rest.strip_prefix(' ')?;
    // Exactly one: no timestamps, no exemplars.
    let value = number.parse().ok().filter(|value: &f64| value.is_finite())?;
    is_name(name).then(|| Sample { name: name.to_owned(), labels, value })
}

/// Reads up to the closing quote; gives the text and what comes behind.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(match letters.next()?.1 {
                'n' => '\n',
                same @ ('\\' | '"') => same,
                _ => return None,
            }),
            '\n' => return None,
            other => value.push(other),
        }
    }
    None
}

fn check(family: &Family) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for sample in &family.samples {
        let suffix = sample.name.strip_prefix(&family.name).unwrap_or("another metric's sample");
        let fits = match family.kind.as_str() {
            "counter" => suffix == "_total" && sample.value >= 0.0,
            "gauge" => suffix.is_empty(),
            "info" => suffix == "_info" && (sample.value - 1.0).abs() < f64::EPSILON,
            _ => ["_sum", "_count", "_bucket"].contains(&suffix) && sample.value >= 0.0,
        };
        if !fits {
            return Err(format!("{} {:?} does not fit a {}", sample.name, sample.labels, family.kind));
        }
        if !seen.insert((&sample.name, &sample.labels)) {
            return Err(format!("{} {:?} stands twice", sample.name, sample.labels));
        }
    }
    if family.kind == "histogram" { check_buckets(family) } else { Ok(()) }
}

/// Buckets rise, end with +Inf, and the last is the count.
fn check_buckets(family: &Family) -> Result<(), String> {
    let mut buckets: BTreeMap<BTreeMap<String, String>, Vec<(f64, f64)>> = BTreeMap::new();
    for sample in family.samples.iter().filter(|sample| sample.name.ends_with("_bucket")) {
        let mut labels = sample.labels.clone();
        let bound = labels.remove("le").ok_or_else(|| format!("{} has no le", sample.name))?;
        let bound = if bound == "+Inf" { Ok(f64::INFINITY) } else { bound.parse() };
        let bound = bound.map_err(|_| format!("{} has a bound that is none", sample.name))?;
        buckets.entry(labels).or_default().push((bound, sample.value));
    }
    for sample in family.samples.iter().filter(|sample| sample.name.ends_with("_count")) {
        let own = buckets.get(&sample.labels).map(Vec::as_slice).unwrap_or_default();
        let rising = own.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
        if !rising || own.last() != Some(&(f64::INFINITY, sample.value)) {
            return Err(format!("the buckets of {} {:?} are odd: {own:?}", family.name, sample.labels));
        }
    }
    Ok(())
}

#[test]
fn what_is_not_the_format_is_refused() {
    let refused = |text: &str| parse(text).err().unwrap_or_else(|| panic!("{text:?} was accepted"));
    let head = "# HELP a_b Something.\n# TYPE a_b counter\n";
    assert!(parse(&format!("{head}a_b_total{{x=\"1\\\"\\n\"}} 5\n# EOF\n")).is_ok());
    refused(head);
    refused(&format!("{head}a_b 5\n# EOF\n"));
    refused(&format!("{head}a_b_total{{x=\"1\"}} 5\na_b_total{{x=\"1\"}} 6\n# EOF\n"));
    refused(&format!("{head}a_b_total{{x=1}} 5\n# EOF\n"));
    refused(&format!("{head}a_b_total five\n# EOF\n"));
    refused(&format!("{head}{head}# EOF\n"));
    refused("# TYPE a counter\n# EOF\n");
    let histogram = "# HELP h H.\n# TYPE h histogram\nh_sum 1\nh_count 2\nh_bucket{le=\"1\"} 2\n";
    assert!(parse(&format!("{histogram}h_bucket{{le=\"+Inf\"}} 2\n# EOF\n")).is_ok());
    refused(&format!("{histogram}h_bucket{{le=\"+Inf\"}} 1\n# EOF\n"));
    refused(&format!("{histogram}# EOF\n"));
}
