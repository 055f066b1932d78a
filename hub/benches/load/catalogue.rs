//! A dump of a million products made into the catalogue file by the program, and looked up in it.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use hearth_hub::kitchen::catalogue::Shelf;
use hearth_shared::gs1::Gtin;

use super::{Report, folder, millis, percentile};

const PRODUCTS: u64 = 1_000_000;
const LOOK_UPS: u64 = 20_000;

pub(crate) fn run(report: &mut Report) {
    let folder = folder("catalogue");
    let (dump, data) = (folder.join("dump.jsonl.gz"), folder.join("data"));
    let plain = generate(&dump);
    let packed = std::fs::metadata(&dump).expect("the dump").len();
    report.add("dump: products", PRODUCTS as f64, "");
    report.add("dump: unpacked", mebibytes(plain), "MiB");
    report.add("dump: packed", mebibytes(packed), "MiB");
    report.add("dump: unpacking alone", unpack(&dump).as_secs_f64(), "s");
    let (took, peak) = import(&dump, &data);
    report.add("import: whole", took.as_secs_f64(), "s");
    report.add("import: most memory", peak as f64 / 1_024.0, "MiB");
    let catalogue = data.join("catalogue");
    let file = std::fs::metadata(catalogue.join("products.hearth")).expect("the file").len();
    report.add("file: size", mebibytes(file), "MiB");
    look_up(report, &Shelf::of(catalogue));
    drop(std::fs::remove_dir_all(folder));
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1_024.0 * 1_024.0)
}

/// Numbers that look drawn by lot, and are the same each time.
struct Lot(u64);

impl Lot {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[usize::try_from(self.draw()).unwrap_or(0) % words.len()]
    }
}

const KINDS: [&str; 16] = [
    "Haferdrink",
    "Vollkornbrot",
    "Apfelmus",
    "Erdnussbutter",
    "Bergkäse",
    "Kräutertee",
    "Linsensuppe",
    "Tomatenmark",
    "Dinkelnudeln",
    "Honig",
    "Olivenöl",
    "Zartbitterschokolade",
    "Joghurt natur",
    "Kichererbsen",
    "Senf",
    "Müsli",
];
const MANNERS: [&str; 12] = [
    "aus der Region",
    "ohne Zucker",
    "mit Nüssen",
    "klassisch",
    "fein",
    "extra",
    "bio",
    "Familienpackung",
    "scharf",
    "mild",
    "geräuchert",
    "für Kinder",
];

/// The number of a product, with its check digit. They are spread over all there are.
fn number(n: u64) -> String {
    let body = format!("{:012}", 400_000_000_000 + (n * 7_368_787) % 99_999_999_977);
    let weigh = |(at, digit): (usize, u8)| u64::from(digit - b'0') * if at.is_multiple_of(2) { 1 } else { 3 };
    let sum: u64 = body.bytes().enumerate().map(weigh).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// Writes a dump like the public one: more in each row than is of use. Answers its length unpacked.
fn generate(path: &Path) -> u64 {
    let file = BufWriter::new(File::create(path).expect("a file"));
    let (mut out, mut lot, mut bytes) = (GzEncoder::new(file, Compression::fast()), Lot(7), 0);
    for n in 0..PRODUCTS {
        let (kind, manner, other) = (lot.of(&KINDS), lot.of(&MANNERS), lot.of(&MANNERS));
        let (brand, grams, code) = (lot.draw() % 40_000, lot.draw() % 200 * 5 + 5, number(n));
        let (a, b, c, d) = (lot.draw() % 1_000, lot.draw() % 400, lot.draw() % 900, lot.draw() % 3_000);
        let hash = format!("{:08x}{:08x}{:08x}", lot.draw(), lot.draw(), lot.draw());
        let row = format!(
            r#"{{"_id":"{code}","code":"{code}","lang":"de","lc":"de","product_name":"{kind} {manner} {a}","product_name_de":"{kind} {manner} {a}","product_name_en":"Product {a} {other}","generic_name":"{kind} {other}","brands":"Marke {brand}, Haus {b}","brands_tags":["marke-{brand}","haus-{b}"],"quantity":"{grams} g","product_quantity":"{grams}","categories_tags":["en:foods","en:plant-based-foods","en:kind-{b}","en:special-{c}"],"categories_hierarchy":["en:foods","en:plant-based-foods","en:kind-{b}","en:special-{c}"],"countries_tags":["en:germany","en:austria"],"allergens_tags":["en:gluten","en:nuts"],"traces_tags":["en:milk"],"nutriments":{{"energy-kj_100g":{d},"energy-kcal_100g":{c},"fat_100g":{b}.{c},"saturated-fat_100g":0.{c},"carbohydrates_100g":{b},"sugars_100g":1.{a},"fiber_100g":0.5,"proteins_100g":7.1,"salt_100g":0.0{b},"nova-group":4,"fruits-vegetables-nuts-estimate-from-ingredients_100g":{a}}},"ingredients_text":"Wasser, Hafer, Zucker {a}, Salz {hash}, Stabilisator E{c}","ingredients":[{{"id":"en:water","percent_estimate":{a},"text":"Wasser","vegan":"yes"}},{{"id":"en:oat","percent_estimate":{b},"text":"Hafer","vegan":"yes"}},{{"id":"en:{hash}","rank":3}}],"images":{{"1":{{"uploader":"{hash}","sizes":{{"100":{{"h":100,"w":75}},"400":{{"h":400,"w":300}}}}}},"front_de":{{"imgid":"1","rev":"{c}","sizes":{{"400":{{"h":400,"w":300}}}}}}}},"last_modified_t":17{a}5{c},"creator":"{hash}","states_tags":["en:to-be-completed","en:photos-validated"],"unknown":{{"nested":[{a},{b},[{c}]]}}}}"#
        );
        bytes += row.len() as u64 + 1;
        writeln!(out, "{row}").expect("a row");
    }
    out.finish().and_then(|mut file| file.flush()).expect("the dump");
    bytes
}

fn unpack(dump: &Path) -> Duration {
    let begun = Instant::now();
    let mut plain = GzDecoder::new(File::open(dump).expect("the dump"));
    let mut part = vec![0; 256 * 1_024];
    while plain.read(&mut part).expect("a part") > 0 {}
    begun.elapsed()
}

/// Lets the program import it; how long that took, and the most memory it had, in KiB.
fn import(dump: &Path, data: &Path) -> (Duration, u64) {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_hearth-hub"))
        .args(["catalogue", "import"])
        .arg(dump)
        .env("HEARTH_DATA", data)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program runs");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        // The high-water mark, so that nothing between two looks is missed.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0).max(peak);
        if let Some(ended) = child.try_wait().expect("the program") {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(ended.success(), "the import fails");
    (begun.elapsed(), peak)
}

fn look_up(report: &mut Report, shelf: &Shelf) {
    let found = |n: u64| Gtin::of(&number(n)).and_then(|gtin| gtin.as_str().parse().ok());
    let mut lot = Lot(11);
    for (what, first) in [("look-up: found", 0), ("look-up: not there", 2 * PRODUCTS)] {
        let mut took = Vec::new();
        for _ in 0..LOOK_UPS {
            let wanted = found(first + lot.draw() % PRODUCTS).expect("a number");
            let begun = Instant::now();
            let facts = shelf.look_up(wanted);
            took.push(begun.elapsed());
            assert_eq!(facts.is_some(), first == 0, "{wanted}");
        }
        took.sort_unstable();
        report.add(format!("{what}, half of them within"), millis(percentile(&took, 0.5)), "ms");
        report.add(format!("{what}, 99 of 100 within"), millis(percentile(&took, 0.99)), "ms");
        report.add(format!("{what}, the slowest"), millis(percentile(&took, 1.0)), "ms");
    }
    drop(io::stdout().flush());
}
