//! What is printed is read back by a real reader: the one that the app's camera uses, run by node.
#![allow(clippy::unwrap_used)] // what is missing fails the test, as it should

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hearth_hub::house::Language;
use hearth_hub::kitchen::labels::cards::{self, Due, Lot, Named};
use hearth_hub::kitchen::labels::sheets::{SHEETS, Sheet};
use hearth_hub::kitchen::labels::symbol::{Kind, Symbol};
use hearth_hub::kitchen::labels::words::{ENGLISH, GERMAN};
use hearth_hub::kitchen::labels::{How, What, print, scanner_test};
use hearth_hub::testing::process;
use hearth_hub::testing::raster::Picture;
use hearth_hub::testing::require::{Part, available};
use hearth_shared::gs1::{Context, Date, Verb, parse};
use serde::Deserialize;

mod labels {
    pub(crate) mod raster;
    mod vendor;
}
use labels::raster::of_svg;

/// What the reader says of a code.
#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Read {
    kind: String,
    text: String,
    x: i32,
    y: i32,
}

/// The codes on each picture of a folder, in the order of their names.
fn read(node: &Path, folder: &Path) -> Vec<Vec<Read>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/labels/read.mjs");
    let done = Command::new(node).arg(script).arg(folder).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Draws each symbol, has all of them read, and compares with what was meant.
fn read_back(meant: &[(Symbol, String, String)]) {
    let Some(node) = available(Part::Node) else { return };
    let folder = process::folder("symbols");
    for (at, (symbol, ..)) in meant.iter().enumerate() {
        let picture = Picture::of(symbol, 3);
        fs::write(folder.join(format!("{at:05}.pgm")), picture.pgm()).unwrap();
    }
    let found = read(node.path("node"), &folder);
    assert_eq!(found.len(), meant.len());
    for (codes, (symbol, kind, text)) in found.iter().zip(meant) {
        let said: Vec<_> = codes.iter().map(|code| (&*code.kind, &*code.text)).collect();
        assert_eq!(said, [(&**kind, &**text)], "{symbol:?}");
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn text(&mut self, letters: &[u8], longest: usize) -> String {
        let length = 1 + self.below(longest);
        (0..length).map(|_| char::from(letters[self.below(letters.len())])).collect()
    }
}

const SET_82: &[u8] = b"!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";

#[test]
fn random_gs1_data_matrices_read_back_with_their_separators() {
    let mut dice = Dice(1);
    let meant = (0..300).map(|round| {
        // Runs of one kind of letter make the encoder change its mind, which is where mistakes would be.
        let kinds: [&[u8]; 4] = [SET_82, DIGITS, b"ABCDEFGHIJ0123", b"abcdefgh/-"];
        let count = 1 + dice.below(4);
        let parts = (0..count).map(|part| {
            let kind = dice.below(4);
            format!("{}{}", 91 + part, dice.text(kinds[kind], 30))
        });
        let parts: Vec<String> = parts.collect();
        let text = if round == 0 { scanner_test::COMMISSIONING.to_owned() } else { parts.join("\u{1D}") };
        (Symbol::gs1_data_matrix(&text).unwrap(), "]d2".to_owned(), text)
    });
    read_back(&meant.collect::<Vec<_>>());
}

#[test]
fn random_plain_data_matrices_read_back() {
    let mut dice = Dice(2);
    let printable: Vec<u8> = (b' '..=b'~').collect();
    let meant = (0..250).map(|round| {
        let letters: &[u8] = [&printable, DIGITS, b"HEARTLC0123456789ABCDEF"][round % 3];
        let text = dice.text(letters, 70);
        (Symbol::data_matrix(&text).unwrap(), "]d1".to_owned(), text)
    });
    read_back(&meant.collect::<Vec<_>>());
}

#[test]
fn random_qr_codes_read_back() {
    let mut dice = Dice(3);
    let meant = (0..250).map(|round| {
        let text = match round % 4 {
            0 => dice.text(DIGITS, 60),
            1 => dice.text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 $%*+-./:", 60),
            2 => format!("https://id.example.org/01/{}", dice.text(DIGITS, 14)),
            _ => dice.text(SET_82, 120),
        };
        (Symbol::qr(&text).unwrap(), "]Q1".to_owned(), text)
    });
    read_back(&meant.collect::<Vec<_>>());
}

#[test]
fn random_bars_read_back() {
    let mut dice = Dice(4);
    let printable: Vec<u8> = (b' '..=b'~').collect();
    let mut meant = Vec::new();
    for round in 0..200 {
        let letters: &[u8] = if round % 2 == 0 { &printable } else { b"01234567890123AB" };
        let text = dice.text(letters, 25);
        meant.push((Symbol::code_128(&text).unwrap(), "]C0".to_owned(), text));
        let parts =
            [format!("10{}", dice.text(letters_82(round), 12)), format!("21{}", dice.text(DIGITS, 9))];
        let text = parts.join("\u{1D}");
        meant.push((Symbol::gs1_128(&text).unwrap(), "]C1".to_owned(), text));
        let number = ean_13(&mut dice);
        meant.push((Symbol::ean_13(&number).unwrap(), "]E0".to_owned(), number));
    }
    read_back(&meant);
}

fn letters_82(round: usize) -> &'static [u8] {
    if round.is_multiple_of(3) { SET_82 } else { b"0123456789A" }
}

fn ean_13(dice: &mut Dice) -> String {
    let digits: Vec<usize> = (0..12).map(|_| dice.below(10)).collect();
    let sum: usize = digits.iter().enumerate().map(|(at, digit)| digit * (1 + 2 * (at % 2))).sum();
    let digits = digits.into_iter().chain([(10 - sum % 10) % 10]);
    digits.map(|digit| char::from_digit(u32::try_from(digit).unwrap(), 10).unwrap()).collect()
}

fn today() -> Date {
    Date::new(2026, 11, 21).unwrap()
}

/// Names that are hard on typefaces and on layouts.
const NAMES: [&str; 9] = [
    "Kühlschrank",
    "Top shelf behind the big jar of gherkins",
    "Donaudampfschifffahrtsgesellschaftskapitänskajüte",
    "Χώρος αποθήκευσης",
    "Кладовка",
    "冷蔵庫",
    "🍕 & 🧑🏽‍🍳",
    "ثلاجة",
    "<Größe> \"x\" ]]> &amp;",
];

fn named() -> Vec<Named> {
    let id = |at: usize| format!("0193f3a2-7b4e-7c6d-8f0a-1b2c3d4e5f{at:02x}");
    NAMES.iter().enumerate().map(|(at, name)| Named { id: id(at), name: (*name).to_owned() }).collect()
}

fn lots() -> Vec<Lot> {
    let lot = |(at, Named { id, name })| Lot {
        id,
        name,
        gtin: (at % 2 == 0).then(|| "04006381333931".to_owned()),
        due: (at % 3 != 0).then_some((if at % 3 == 1 { Due::UseBy } else { Due::BestBefore }, today())),
        opened: (at % 4 == 0).then_some(today()),
        batch: if at % 2 == 0 { "L-08/15".to_owned() } else { "schön".to_owned() },
        place: "Keller".to_owned(),
    };
    named().into_iter().enumerate().map(lot).collect()
}

fn everything() -> Vec<What> {
    vec![
        What::Commands,
        What::ScannerTest,
        What::Places(named()),
        What::People(named()),
        What::Lots { lots: lots(), copies: 2, today: today() },
    ]
}

/// What the codes of a print say, sorted.
fn meant(what: &What) -> Vec<String> {
    let command = |verb, argument: &str| hearth_shared::gs1::command(verb, argument).unwrap();
    let of = |verb, named: &[Named]| -> Vec<String> {
        named.iter().map(|one| command(verb, &one.id.replace('-', "").to_uppercase())).collect()
    };
    let mut meant = match what {
        What::Commands => {
            let modes = ["ADD", "CONSUME", "OPEN", "SPOIL", "SHOP", "COUNT", "TRANSFER", "LOOKUP"];
            let modes = modes.iter().map(|mode| command(Verb::Mode, mode));
            let counts = (2..=12).map(|count| command(Verb::Quantity, &count.to_string()));
            let rest = [Verb::Undo, Verb::Confirm, Verb::Cancel].map(|verb| command(verb, ""));
            modes.chain(counts).chain(rest).collect()
        }
        What::ScannerTest => [
            scanner_test::ITEM,
            scanner_test::LETTERS,
            scanner_test::SEPARATED,
            scanner_test::CASE,
            scanner_test::LINK,
            scanner_test::COMMISSIONING,
        ]
        .map(str::to_owned)
        .to_vec(),
        What::Places(places) => of(Verb::Place, places),
        What::People(people) => of(Verb::Person, people),
        What::Lots { lots, copies, today } => {
            let each = lots.iter().map(|lot| cards::lot_elements(lot, *today).unwrap());
            each.flat_map(|text| std::iter::repeat_n(text, *copies)).collect()
        }
    };
    meant.sort();
    meant
}

/// Prints everything on `sheet`, has `pictures` draw the pages into a folder, and compares what is read.
fn print_and_read(node: &Path, sheet: &'static Sheet, draw: impl Fn(&What, &Path)) {
    for what in everything() {
        let folder = process::folder("sheets");
        draw(&what, &folder);
        let mut found: Vec<String> =
            read(node, &folder).into_iter().flatten().map(|code| code.text).collect();
        found.sort();
        assert_eq!(found, meant(&what), "{what:?} on {}", sheet.word);
    }
}

fn sheet(word: &str) -> &'static Sheet {
    Sheet::named(word).unwrap()
}

#[test]
fn every_code_on_printed_pdf_pages_reads_back() {
    let (Some(node), Some(poppler)) = (available(Part::Node), available(Part::Poppler)) else { return };
    for (word, skip) in [("a4", 0), ("letter", 0), ("a4-3x8", 5), ("a4-3x7", 20), ("roll-62x29", 0)] {
        let how = How { sheet: sheet(word), skip, language: Language::German };
        print_and_read(node.path("node"), how.sheet, |what, folder| {
            let file = folder.join("print.pdf");
            fs::write(&file, print(what, how).unwrap().pdf().unwrap()).unwrap();
            let mut command = Command::new(poppler.path("pdftoppm"));
            command.args(["-r", "200", "-gray"]).arg(&file).arg(folder.join("page"));
            assert!(command.status().unwrap().success());
        });
    }
}

#[test]
fn every_code_on_svg_pages_reads_back() {
    let Some(node) = available(Part::Node) else { return };
    for word in ["a4", "a4-2x7"] {
        let how = How { sheet: sheet(word), skip: 0, language: Language::English };
        print_and_read(node.path("node"), how.sheet, |what, folder| {
            let printed = print(what, how).unwrap();
            for page in 1..=printed.pages.len() {
                let picture = of_svg(&printed.svg(page).unwrap(), 127);
                fs::write(folder.join(format!("{page:03}.pgm")), picture.pgm()).unwrap();
            }
        });
    }
}

/// What poppler reads out of a PDF is what stands on the labels: the letters have kept their meaning.
#[test]
fn the_text_of_a_pdf_can_be_searched() {
    let Some(poppler) = available(Part::Poppler) else { return };
    let how = How { sheet: sheet("a4-2x7"), skip: 0, language: Language::German };
    let file: PathBuf = process::folder("text").join("places.pdf");
    fs::write(&file, print(&What::Places(named()), how).unwrap().pdf().unwrap()).unwrap();
    let done = Command::new(poppler.path("pdftotext")).arg(&file).arg("-").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stderr), "", "no complaint about the file");
    let text = String::from_utf8(done.stdout).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for name in ["Kühlschrank", "Χώρος αποθήκευσης", "Кладовка", "<Größe> \"x\" ]]> &amp;"]
    {
        assert!(text.contains(name), "{name} in {text}");
    }
}

#[test]
fn a_label_of_a_lot_reads_as_the_lot_the_item_and_its_date() {
    let lot = &lots()[4];
    let text = format!("]d2{}", cards::lot_elements(lot, today()).unwrap());
    let scan = parse(text.as_bytes(), &Context::on(today()));
    assert!(scan.is_accepted());
    assert_eq!(scan.gtin().unwrap().as_str(), "04006381333931");
    assert_eq!(scan.expiry().unwrap().date, today());
    assert_eq!(scan.batch().unwrap(), "L-08/15");
    let own = scan.elements().find(|element| element.ai().to_string() == "91").unwrap().value().to_string();
    let inner = parse(own.as_bytes(), &Context::on(today()));
    assert_eq!((inner.error(), inner.payload()), (None, lot.id.replace('-', "").to_uppercase().as_bytes()));
}

/// On every paper, in both languages: nothing leaves its label, nothing is too fine to be read, nothing panics.
#[test]
fn everything_stays_on_its_label_on_every_paper() {
    use hearth_hub::kitchen::labels::page::Mark;
    for (sheet, language) in
        SHEETS.iter().flat_map(|sheet| [(sheet, Language::English), (sheet, Language::German)])
    {
        for what in everything() {
            let how = How { sheet, skip: 0, language };
            let printed = match print(&what, how) {
                Ok(printed) => printed,
                Err(error) => {
                    assert!(
                        what == What::ScannerTest && sheet.label.0 < 60_000,
                        "{error:?} on {}",
                        sheet.word
                    );
                    continue;
                }
            };
            for mark in printed.pages.iter().flat_map(|page| &page.marks) {
                let (x, y, right, bottom) = match mark {
                    Mark::Text { x, y, size, line, .. } => {
                        (*x, y - size, x + line.width(*size), y + size / 4)
                    }
                    Mark::Frame { area } => (area.x, area.y, area.x + area.width, area.y + area.height),
                    Mark::Symbol { x, y, module, tall, symbol } => {
                        let least = if symbol.kind == Kind::Bars { 190 } else { 375 };
                        assert!(*module >= least, "{module} of {:?} on {}", symbol.kind, sheet.word);
                        let side = |modules: usize, length: i32| i32::try_from(modules).unwrap() * length;
                        let quiet = side(symbol.quiet(), *module);
                        let below = if symbol.kind == Kind::Bars { 0 } else { quiet };
                        let right = x + side(symbol.width, *module) + quiet;
                        (x - quiet, y - below, right, y + side(symbol.height, *tall) + below)
                    }
                };
                let inside = x >= 0 && y >= 0 && right <= sheet.width && bottom <= sheet.height;
                assert!(inside, "{mark:?} on {} at {x} {y} {right} {bottom}", sheet.word);
                if sheet.labels() > 1 && sheet.kind == hearth_hub::kitchen::labels::sheets::PaperKind::Labels
                {
                    let column = (x - sheet.left).div_euclid(sheet.pitch.0);
                    let row = (y - sheet.top).div_euclid(sheet.pitch.1);
                    let ends = (
                        sheet.left + column * sheet.pitch.0 + sheet.label.0,
                        sheet.top + row * sheet.pitch.1 + sheet.label.1,
                    );
                    assert!(
                        right <= ends.0 && bottom <= ends.1,
                        "{mark:?} leaves its label on {}",
                        sheet.word
                    );
                }
            }
        }
    }
}

#[test]
fn both_languages_say_everything() {
    for words in [&ENGLISH, &GERMAN] {
        let deck = cards::commands(words).unwrap();
        let cards: Vec<_> = deck.groups.iter().flat_map(|group| &group.cards).collect();
        assert_eq!(cards.len(), 22);
        assert!(cards.iter().all(|card| !card.title.is_empty() && !card.lines.is_empty()));
    }
}
