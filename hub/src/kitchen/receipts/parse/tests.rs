//! The corpus: texts of invented shops beside what is read of them, and what chance makes of them.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use expect_test::expect_file;

use super::*;

fn corpus() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/kitchen/receipts/corpus");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut texts: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|it| it == "txt")).collect();
    texts.sort();
    texts
}

fn decimals(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", minor.abs() / 100, minor.abs() % 100)
}

/// What was read, as one looks at it.
fn told(read: Result<Receipt, Refusal>) -> String {
    let receipt = match read {
        Ok(receipt) => receipt,
        Err(refusal) => return format!("{refusal:?}\n"),
    };
    let mut out = String::new();
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let (shop, day, time) = (or_none(&receipt.shop), or_none(&receipt.day), or_none(&receipt.time));
    writeln!(out, "{shop} | {day} {time} | {}", receipt.currency.unwrap_or("-")).unwrap();
    for line in &receipt.lines {
        let (whole, part) = (line.quantity / 1_000, line.quantity % 1_000);
        let quantity = if part == 0 { whole.to_string() } else { format!("{whole}.{part:03}") };
        let each = line.unit_price.map(|each| format!(" at {}", decimals(each))).unwrap_or_default();
        let code = line.code.as_ref().map(|code| format!(" [{code}]")).unwrap_or_default();
        let doubt = if line.doubtful { " ?" } else { "" };
        let (kind, wording, unit) = (line.kind.as_str(), &line.wording, line.unit.as_str());
        writeln!(
            out,
            "{kind:<8} {:>8}  {wording}{code} | {quantity} {unit}{each}{doubt}",
            decimals(line.total)
        )
        .unwrap();
    }
    let total = receipt.check.total.map_or("none".to_owned(), decimals);
    write!(out, "lines {}, total {total}", decimals(receipt.check.lines)).unwrap();
    match receipt.check.difference() {
        Some(0) => out.push_str(": agreed"),
        Some(other) => write!(out, ": {} missing", decimals(other)).unwrap(),
        None => {}
    }
    for said in [
        receipt.payment.map(|payment| payment.as_str().to_owned()),
        (receipt.voided > 0).then(|| format!("{} voided", receipt.voided)),
        receipt.cut.then(|| "cut".to_owned()),
    ]
    .into_iter()
    .flatten()
    {
        write!(out, ", {said}").unwrap();
    }
    out + "\n"
}

/// `UPDATE_EXPECT=1` writes what is read beside each text; look at it before keeping it.
#[test]
fn every_text_of_the_corpus_is_read_as_it_stands_beside_it() {
    let texts = corpus();
    assert!(texts.len() >= 30, "{} texts", texts.len());
    for path in texts {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        expect_file![path.with_extension("read")].assert_eq(&told(parse(&text)));
    }
}

/// Numbers by chance that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most.max(1)
    }
}

/// A text as a bad camera, a torn paper or somebody malicious would have it.
fn spoilt(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    const ODD: &[char] = &[
        '0', 'O', 'l', '1', ',', '.', '-', ' ', '\n', 'x', '@', '€', '$', '|', '/', ':', 'Ä', '\u{301}', '<',
        '>', '*', '%', '9',
    ];
    for _ in 0..=dice.below(30) {
        let at = dice.below(chars.len());
        match dice.below(6) {
            0 if at < chars.len() => chars[at] = ODD[dice.below(ODD.len())],
            1 if at < chars.len() => drop(chars.remove(at)),
            2 => chars.insert(at, ODD[dice.below(ODD.len())]),
            3 if dice.below(20) == 0 => chars.truncate(at.max(20)),
            4 => {
                let end = (at + dice.below(40)).min(chars.len());
                let part: Vec<char> = chars[at.min(end)..end].to_vec();
                let to = dice.below(chars.len());
                chars.splice(to..to, part);
            }
            _ if at < chars.len() => chars.swap(at, 0),
            _ => {}
        }
    }
    chars.into_iter().collect()
}

#[test]
fn whatever_chance_makes_of_a_text_is_read_or_refused_in_time() {
    let texts: Vec<String> = corpus()
        .iter()
        .map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned())
        .collect();
    let small: Vec<&String> = texts.iter().filter(|text| text.len() < 8_000).collect();
    let mut dice = Dice(20_261_120);
    let mut read = 0;
    for round in 0..4_000 {
        let text = spoilt(small[round % small.len()], &mut dice);
        let begun = Instant::now();
        if let Ok(receipt) = parse(&text) {
            read += 1;
            assert!(receipt.lines.iter().all(|line| line.quantity > 0 && !line.wording.is_empty()), "{text}");
            assert_eq!(
                receipt.check.lines,
                receipt.lines.iter().map(|line| line.total).sum::<i64>(),
                "{text}"
            );
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{text}");
    }
    assert!(read > 2_000, "{read}");
}

#[test]
fn texts_that_are_made_to_take_long_do_not() {
    let words = "summe ".repeat(12_000);
    let numbers = "1 x ".repeat(16_000);
    let tags = "<td".repeat(20_000);
    let counts = "2 x 1,29\n".repeat(7_000);
    let questions = format!("{}Summe 1,00\n", "Rabatt 0,01\n".repeat(900));
    let voids = format!("{}{}", "Ei 1,00\n".repeat(500), "Storno Ei -1,00\n".repeat(500));
    for text in [words, numbers, tags, counts, questions, voids] {
        let begun = Instant::now();
        drop(parse(&text));
        assert!(begun.elapsed() < Duration::from_secs(10), "{:.40} took {:?}", text, begun.elapsed());
    }
}
