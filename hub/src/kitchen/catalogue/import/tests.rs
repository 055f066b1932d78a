//! Dumps as they come, and as they should not.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use hearth_shared::time::Timestamp;

use super::{FILE, Pace, Progress, Wish, import_at};
use crate::error::{Error, Result};
use crate::kitchen::catalogue::facts::Facts;
use crate::kitchen::catalogue::file::{About, Reader};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("hearth-import-{name}-{}", std::process::id()));
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn import(&self, file: &Path, languages: &[&str], countries: &[&str]) -> Result<About> {
        self.import_until(file, languages, countries, &mut |_| true)
    }

    /// Stops as soon as `go_on` says so.
    fn import_until(
        &self,
        file: &Path,
        languages: &[&str],
        countries: &[&str],
        go_on: &mut dyn FnMut(&Progress) -> bool,
    ) -> Result<About> {
        let own = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let wish = Wish::of(file.to_owned(), "dump".to_owned(), &own(languages), &own(countries))?;
        let stop = AtomicBool::new(false);
        let pace = Pace { room: 160 * 1024, told_every: 100 };
        import_at(pace, &self.0, &wish, Timestamp::from_millis(7), &stop, &mut |progress| {
            stop.store(!go_on(progress), Ordering::Relaxed);
        })
    }

    fn look_up(&self, number: u64) -> Option<Facts> {
        let text = Reader::open(&self.0.join(FILE)).unwrap().look_up(number).unwrap()?;
        Some(serde_json::from_slice(&text).unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A number with its check digit.
fn ean(n: u64) -> String {
    let body = format!("40{n:010}");
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(at, digit)| u32::from(digit - b'0') * if at.is_multiple_of(2) { 1 } else { 3 })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// Products in no order.
fn dump(count: u64) -> String {
    let mut lines = String::new();
    for n in (0..count).map(|n| n * 7_919 % count) {
        let (code, language) = (ean(n), if n.is_multiple_of(2) { "de" } else { "fr" });
        let country = if n.is_multiple_of(3) { "germany" } else { "france" };
        let padding = format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).repeat(20);
        writeln!(
            lines,
            r#"{{"code":"{code}","lang":"{language}","product_name":"Ding {n}","brands":"Marke {}","quantity":"{} g","countries_tags":["en:{country}"],"ingredients_text":"{padding}","categories_tags":["en:{padding}"]}}"#,
            n % 100,
            n % 1_000 + 1
        )
        .unwrap();
    }
    lines
}

fn code(error: Result<About>) -> &'static str {
    error.unwrap_err().code()
}

#[test]
fn a_dump_becomes_a_catalogue() {
    let folder = Folder::new("whole");
    let file = folder.put("dump.jsonl.gz", &gzip(dump(3_001).as_bytes()));
    let mut last = Progress::default();
    let about = folder
        .import_until(&file, &[], &[], &mut |progress| {
            assert!(progress.percent() >= last.percent());
            last = *progress;
            true
        })
        .unwrap();
    assert_eq!((about.products, about.rows, about.file.as_str(), about.made_at), (3_001, 3_001, "dump", 7));
    assert_eq!((last.percent(), last.kept), (100, 3_001));
    for n in [0, 1, 1_500, 3_000] {
        let facts = folder.look_up(ean(n).parse().unwrap()).unwrap();
        assert_eq!(facts.name("xx"), Some(format!("Ding {n}").as_str()));
    }
    assert!(folder.look_up(ean(3_001).parse().unwrap()).is_none());
    assert_eq!(Reader::open(&folder.0.join(FILE)).unwrap().check().unwrap(), 3_001);
    let mut left: Vec<String> = fs::read_dir(&folder.0)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["dump.jsonl.gz", "import.lock", FILE]);
}

#[test]
fn languages_and_countries_choose() {
    let folder = Folder::new("chosen");
    let file = folder.put("dump.jsonl", dump(600).as_bytes());
    assert_eq!(folder.import(&file, &["de"], &[]).unwrap().products, 300);
    assert_eq!(folder.import(&file, &[], &["DE"]).unwrap().products, 200);
    let about = folder.import(&file, &["de,en"], &["Germany"]).unwrap();
    assert_eq!(
        (about.products, about.languages, about.countries),
        (100, vec!["de".into(), "en".into()], vec!["en:germany".into()])
    );
    assert_eq!(code(folder.import(&file, &["sv"], &[])), "catalogue-empty");
    assert!(folder.look_up(ean(0).parse().unwrap()).is_some(), "the one before stays");
    assert_eq!(code(folder.import(&file, &["german"], &[])), "invalid-request");
    assert_eq!(code(folder.import(&file, &[], &["xq"])), "invalid-request");
}

#[test]
fn numbers_of_all_lengths_meet_and_labels_of_shops_stay_out() {
    let folder = Folder::new("numbers");
    let lines = r#"{"code": "036000291452", "product_name": "Twelve digits"}
        {"code": "0036000291452", "product_name": "Thirteen, and a longer name"}
        {"code": "00036000291452", "product_name": "Fourteen"}
        {"code": "96385074", "product_name": "Eight"}
        {"code": "2012345000008", "product_name": "A label of a shop"}
        {"code": "4006381333932", "product_name": "A wrong check digit"}
        {"code": "4006381333931"}
        {"code": "4006381333931", "product_name": " "}
        {"product_name": "No code"}
        {"code": "0000000000000", "product_name": "Nothing"}"#;
    let about = folder.import(&folder.put("dump", lines.as_bytes()), &[], &[]).unwrap();
    assert_eq!((about.products, about.rows), (2, 10));
    assert_eq!(folder.look_up(36_000_291_452).unwrap().name("en"), Some("Thirteen, and a longer name"));
    assert_eq!(folder.look_up(96_385_074).unwrap().name("en"), Some("Eight"));
}

#[test]
fn a_table_is_read_like_lines() {
    let folder = Folder::new("table");
    let mut table = "code\tproduct_name\tcountries_tags\tquantity\tsalt_100g\n".to_owned();
    for n in 0..50 {
        writeln!(
            table,
            "{}\tDing {n}\ten:{}\t{n}00 g\t0.5",
            ean(n),
            if n < 20 { "germany" } else { "spain" }
        )
        .unwrap();
    }
    let file = folder.put("table.csv.gz", &gzip(table.as_bytes()));
    assert_eq!(folder.import(&file, &[], &["de"]).unwrap().products, 20);
    let facts = folder.look_up(ean(7).parse().unwrap()).unwrap();
    assert_eq!(facts.content.map(|it| it.amount.as_thousandths()), Some(700_000));
    assert_eq!(facts.nutrition.and_then(|it| it.salt_mg), Some(500));
    assert_eq!(code(folder.import(&file, &["de"], &[])), "catalogue-no-languages");
}

#[test]
fn what_is_no_dump_is_refused_and_the_old_catalogue_stays() {
    let folder = Folder::new("refused");
    let good = folder.put("good", dump(10).as_bytes());
    folder.import(&good, &[], &[]).unwrap();
    let cut = gzip(dump(2_000).as_bytes());
    for (bytes, expected) in [
        (b"<html>".to_vec(), "catalogue-no-dump"),
        (b"{not json\n".repeat(10), "catalogue-no-dump"),
        (b"{not json\n".repeat(5_000), "catalogue-no-dump"),
        (Vec::new(), "catalogue-empty"),
        (b"{}".to_vec(), "catalogue-empty"),
        (cut[..cut.len() / 2].to_vec(), "catalogue-damaged"),
        (cut[..cut.len() - 4].to_vec(), "catalogue-damaged"),
    ] {
        let file = folder.put("bad", &bytes);
        assert_eq!(code(folder.import(&file, &[], &[])), expected);
        assert!(folder.look_up(ean(3).parse().unwrap()).is_some());
    }
    assert_eq!(code(folder.import(&folder.0.join("missing"), &[], &[])), "catalogue-unreadable");
    assert_eq!(code(folder.import(&folder.0, &[], &[])), "catalogue-unreadable");
}

#[test]
fn two_imports_at_once_are_one_too_many() {
    let folder = Folder::new("twice");
    let file = folder.put("dump", dump(2_000).as_bytes());
    let mut inner = None;
    folder
        .import_until(&file, &[], &[], &mut |_| {
            if inner.is_none() {
                inner = Some(folder.import(&file, &[], &[]).map_err(|error: Error| error.code()));
            }
            true
        })
        .unwrap();
    assert_eq!(inner, Some(Err("catalogue-importing")));
}

#[test]
fn an_interrupted_import_goes_on_where_it_was() {
    const COUNT: u64 = 6_000;
    let folder = Folder::new("resumed");
    let file = folder.put("dump.gz", &gzip(dump(COUNT).as_bytes()));
    // Each attempt comes a little further: at every word about the progress the power fails once.
    let (mut attempts, mut read_again, mut rows_before) = (0, 0, 0);
    let about = loop {
        let mut told = 0;
        let limit = attempts * 3 + 1;
        let outcome = folder.import_until(&file, &[], &[], &mut |progress| {
            told += 1;
            if told == 1 && progress.rows < rows_before {
                read_again += rows_before - progress.rows;
            }
            rows_before = rows_before.max(progress.rows);
            told <= limit
        });
        attempts += 1;
        match outcome {
            Ok(about) => break about,
            Err(error) => assert_eq!(error.code(), "catalogue-stopped"),
        }
        assert!(attempts < 200);
    };
    assert!(attempts > 3 && read_again > 0, "{attempts} attempts, {read_again} rows read again");
    assert!(read_again < COUNT * 3, "{read_again} rows were read again");
    assert_eq!((about.products, about.rows), (COUNT, COUNT));
    assert_eq!(Reader::open(&folder.0.join(FILE)).unwrap().check().unwrap(), COUNT);
    for n in (0..COUNT).step_by(97) {
        assert_eq!(
            folder.look_up(ean(n).parse().unwrap()).unwrap().name("x"),
            Some(format!("Ding {n}").as_str())
        );
    }
}

#[test]
fn what_another_import_left_is_not_taken_for_ones_own() {
    let folder = Folder::new("another");
    let file = folder.put("dump", dump(6_000).as_bytes());
    let stopped = folder.import_until(&file, &[], &[], &mut |progress| progress.rows < 3_000);
    assert_eq!(code(stopped), "catalogue-stopped");
    assert!(fs::read_dir(folder.0.join("import")).unwrap().count() > 0);
    let other = folder.put("other", dump(100).as_bytes());
    assert_eq!(folder.import(&other, &[], &[]).unwrap().products, 100);
    // And a journal or a run that is damaged is no reason for a wrong catalogue.
    let stopped = folder.import_until(&file, &[], &[], &mut |progress| progress.percent() < 90);
    assert_eq!(code(stopped), "catalogue-stopped");
    let is_run = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("run-");
    let run =
        fs::read_dir(folder.0.join("import")).unwrap().map(|it| it.unwrap().path()).find(is_run).unwrap();
    let bytes = fs::read(&run).unwrap();
    fs::write(&run, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(code(folder.import(&file, &[], &[])), "catalogue-disk");
    assert_eq!(folder.import(&file, &[], &[]).unwrap().products, 6_000);
}
