//! Pictures of every kind of screen, on both panels, compared with those kept in `golden`.
//! `HEARTH_UPDATE=1` draws them anew; look at them before they are kept.

use std::path::PathBuf;

use hearth_shared::amount::Amount;
use hearth_shared::scanning::{Tone, Until};

use super::*;
use crate::core::screen::{ItemShown, Note};

fn screen(shown: Shown) -> Screen {
    Screen {
        language: Language::English,
        mode: Mode::Consume,
        person: None,
        place: None,
        times: None,
        shown,
        link: Link::Up,
        unsent: 0,
    }
}

/// The same in a house that speaks German.
fn german(shown: Shown) -> Screen {
    Screen { language: Language::German, ..screen(shown) }
}

fn item(title: &str) -> ItemShown {
    ItemShown::provisional(title.to_owned(), Tone::Ok)
}

/// Three times as large, so that people can look at it.
const SCALE: usize = 3;

fn png(size: Size, colours: &[[u8; 3]]) -> Vec<u8> {
    let (width, height) = (size.width as usize, size.height as usize);
    let mut bytes = Vec::new();
    for y in 0..height * SCALE {
        for x in 0..width * SCALE {
            bytes.extend(colours[y / SCALE * width + x / SCALE]);
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, (width * SCALE) as u32, (height * SCALE) as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&bytes).unwrap();
    file
}

fn pixels(file: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bytes).unwrap();
    bytes.truncate(frame.buffer_size());
    bytes
}

fn compare(name: &str, size: Size, colours: &[[u8; 3]]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("src/display/golden/{name}.png"));
    let drawn = png(size, colours);
    if std::env::var_os("HEARTH_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &drawn).unwrap();
    }
    let kept = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(pixels(&kept) == pixels(&drawn), "{name} looks otherwise; HEARTH_UPDATE=1 draws it anew");
}

fn check(name: &str, screen: &Screen) {
    let mut small = Canvas::new(Size::new(128, 64), BinaryColor::Off);
    draw::small(screen, &mut small);
    let two: Vec<[u8; 3]> =
        small.colours().map(|it| if it.is_on() { [235, 245, 255] } else { [0, 0, 20] }).collect();
    compare(&format!("{name}-128x64"), small.size(), &two);
    let mut large = Canvas::new(Size::new(240, 240), Rgb565::BLACK);
    draw::large(screen, &mut large);
    let many: Vec<[u8; 3]> = large.colours().map(|it| [it.r() << 3, it.g() << 2, it.b() << 3]).collect();
    compare(&format!("{name}-240x240"), large.size(), &many);
}

#[test]
fn ready() {
    check("ready", &screen(Shown::Ready));
}

#[test]
fn an_item_that_the_hub_has_not_seen() {
    let shown = Shown::Item(item("Oat milk"));
    check("kept", &Screen { link: Link::Away, unsent: 12, ..screen(shown) });
}

#[test]
fn an_item_with_everything() {
    let shown = Shown::Item(ItemShown {
        settled: true,
        before: Some(Amount::whole(3)),
        after: Some(Amount::whole(2)),
        unit: Some("piece".into()),
        expiry: Some(Until { date: "2026-11-24".into(), kind: "best-before".into(), estimated: true }),
        today: "2026-11-22".parse().ok(),
        ..item("Oat milk")
    });
    let named = Screen { person: Some("Anna".into()), place: Some("Fridge".into()), ..screen(shown) };
    check("settled", &Screen { mode: Mode::Add, times: Some(Amount::whole(6)), ..named });
}

#[test]
fn a_warning_comes_before_amounts() {
    let shown = Shown::Item(ItemShown {
        settled: true,
        before: Some(Amount::thousandths(1_500)),
        after: Some(Amount::ZERO),
        unit: Some("kg".into()),
        warnings: vec!["expired".into(), "older-open".into()],
        tone: Tone::Warn,
        ..item("Potatoes")
    });
    check("warning", &screen(shown));
}

#[test]
fn long_names_and_letters_from_elsewhere() {
    let name = "Żurek z białą kiełbasą, Müsli mit Früchten & Crème fraîche 牛乳 Donaudampfschifffahrtskuchen";
    let named = Screen {
        person: Some("Friederike-Annegret Müller-Łuczak".into()),
        ..screen(Shown::Item(item(name)))
    };
    check(
        "long",
        &Screen { place: Some("Vorratskeller".into()), unsent: 100_000, link: Link::Away, ..named },
    );
}

#[test]
fn bad_news() {
    check("bad", &screen(Shown::Note { note: Note::Lost, tone: Tone::Bad }));
    let full = screen(Shown::Note { note: Note::Full, tone: Tone::Bad });
    check("full", &Screen { link: Link::Revoked, unsent: 100_000, ..full });
}

#[test]
fn a_hub_that_was_not_found_yet() {
    check("looking", &Screen { link: Link::Unknown, unsent: 2, ..screen(Shown::Ready) });
}

#[test]
fn what_the_hub_has_to_say() {
    let shown = Shown::Item(ItemShown {
        settled: true,
        lines: [
            "Nobody knows this code yet.",
            "Name it in the web app, under Inbox.",
            "Einkauf: steht schon drauf",
        ]
        .map(str::to_owned)
        .to_vec(),
        tone: Tone::Warn,
        ..item("4006381333931")
    });
    check("unknown", &Screen { mode: Mode::Add, ..screen(shown) });
}

#[test]
fn a_question_that_was_answered() {
    let note = Note::Hub("Hafermilch ungesüßt: 2 bought after all".to_owned());
    let named = Screen { person: Some("Łukasz".into()), ..screen(Shown::Note { note, tone: Tone::Warn }) };
    check("confirmed", &Screen { mode: Mode::Count, place: Some("Küche".into()), ..named });
}

#[test]
fn every_mode_fits_beside_a_person_and_a_place() {
    for mode in Mode::ALL {
        let name = format!("mode-{}", mode.word());
        let named = Screen { person: Some("Friederike".into()), ..screen(Shown::Ready) };
        check(&name, &Screen { mode, place: Some("Cellar".into()), ..named });
    }
}

#[test]
fn a_card() {
    let note = Note::Mode(Mode::Transfer);
    check("card", &Screen { mode: Mode::Transfer, ..screen(Shown::Note { note, tone: Tone::Ok }) });
}

#[test]
fn the_digits_of_pairing() {
    check("code", &Screen { link: Link::Unpaired, ..screen(Shown::Code("482913".into())) });
}

#[test]
fn a_german_house_is_told_in_german() {
    let kept = german(Shown::Item(item("Müsli mit Früchten")));
    check("de-kept", &Screen { link: Link::Away, unsent: 12, ..kept });
    let settled = german(Shown::Item(ItemShown {
        settled: true,
        before: Some(Amount::thousandths(2_500)),
        after: Some(Amount::thousandths(1_500)),
        unit: Some("piece".into()),
        expiry: Some(Until { date: "2026-11-24".into(), kind: "use-by".into(), estimated: true }),
        warnings: vec!["older-open".into()],
        today: "2026-11-22".parse().ok(),
        tone: Tone::Warn,
        ..item("Hafermilch ungesüßt")
    }));
    let named = Screen { person: Some("Anna".into()), place: Some("Kühlschrank".into()), ..settled };
    check("de-settled", &Screen { mode: Mode::Lookup, ..named });
    let ready = Screen { link: Link::Revoked, unsent: 100_000, ..german(Shown::Ready) };
    check("de-ready", &Screen { mode: Mode::Transfer, times: Some(Amount::whole(6)), ..ready });
    let note = Note::NotStored;
    check("de-bad", &Screen { mode: Mode::Open, ..german(Shown::Note { note, tone: Tone::Bad }) });
    let note = Note::Undone("Äpfel".to_owned());
    let undone = Screen { unsent: 1, ..german(Shown::Note { note, tone: Tone::Ok }) };
    check("de-undone", &Screen { mode: Mode::Add, link: Link::Away, ..undone });
    check("de-code", &Screen { link: Link::Unpaired, ..german(Shown::Code("482913".into())) });
}
