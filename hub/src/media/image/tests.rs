//! What becomes of pictures of every kind, and of what only looks like one.

use std::fs;
use std::time::Instant;

use ::png::{BitDepth, ColorType};

use super::*;
use crate::media::PAPER;
use crate::testing::pictures::{self, Jpeg, exif, jpeg, quarters};
use crate::testing::process;

/// What is kept of something, and its bytes.
fn kept(sent: &[u8]) -> Result<(Developed, Vec<u8>)> {
    kept_by(sent, &PHOTO)
}

fn kept_by(sent: &[u8], rules: &Rules) -> Result<(Developed, Vec<u8>)> {
    let folder = process::folder("darkroom");
    let (from, to) = (folder.join("from"), folder.join("to"));
    fs::write(&from, sent).unwrap();
    let developed = develop(&from, &to, rules)?;
    let bytes = fs::read(&to).unwrap();
    assert_eq!(developed.bytes, bytes.len() as u64);
    assert_eq!(developed.digest, hex(&Sha256::digest(&bytes)));
    Ok((developed, bytes))
}

/// The colours at the middles of the four quarters of a kept picture, named.
fn corners(bytes: &[u8]) -> String {
    let Found::Picture(head) = look(&mut io::Cursor::new(bytes)).unwrap() else { panic!("no picture") };
    let pixels = unpack(Timed::new(io::Cursor::new(bytes)), &head, &PHOTO).unwrap();
    let (w, h) = (pixels.width as usize, pixels.height as usize);
    let at = |x: usize, y: usize| {
        let start = (y * w + x) * pixels.channels;
        let pixel = &pixels.bytes[start..start + pixels.channels];
        let clear = if pixels.channels == 4 && pixel[3] < 200 { "clear " } else { "" };
        let high = |index: usize| pixel[index.min(pixels.channels - 1)] > 127;
        let name = match if pixels.channels == 1 { [high(0); 3] } else { [high(0), high(1), high(2)] } {
            [true, false, false] => "red",
            [false, true, false] => "green",
            [false, false, true] => "blue",
            [true, true, true] => "white",
            [false, false, false] => "black",
            _ => "mixed",
        };
        format!("{clear}{name}")
    };
    let (left, right, top, bottom) = (w / 4, w * 3 / 4, h / 4, h * 3 / 4);
    [at(left, top), at(right, top), at(left, bottom), at(right, bottom)].join(", ")
}

fn refusal(sent: &[u8]) -> String {
    format!("{:?}", kept(sent).unwrap_err())
}

#[test]
fn a_phones_photo_is_made_to_fit() {
    let (developed, bytes) = kept(&jpeg(4032, 3024)).unwrap();
    assert_eq!((developed.kind, developed.width, developed.height), (MediaKind::Jpeg, 2000, 1500));
    assert_eq!(corners(&bytes), "red, green, blue, white");
    let (developed, _) = kept_by(&pictures::jpeg_bomb(4032, 3024, false), &PAPER).unwrap();
    assert_eq!((developed.width, developed.height), (3200, 2400), "a paper keeps more");
    let (developed, _) = kept(&jpeg(640, 480)).unwrap();
    assert_eq!((developed.width, developed.height), (640, 480), "what is small stays as it is");
    let (developed, bytes) = kept(&jpeg(1, 1)).unwrap();
    assert_eq!((developed.width, developed.height), (1, 1));
    assert_eq!(kept(&bytes).unwrap().0.kind, MediaKind::Jpeg, "what is kept can be sent again");
}

#[test]
fn the_same_picture_is_kept_as_the_same_bytes() {
    let sent = jpeg(1234, 777);
    assert_eq!(kept(&sent).unwrap(), kept(&sent).unwrap());
}

#[test]
fn pictures_stand_upright_whichever_way_the_phone_was_held() {
    let rgb = quarters(40, 20);
    let upright = [
        "red, green, blue, white",
        "green, red, white, blue",
        "white, blue, green, red",
        "blue, white, red, green",
        "red, blue, green, white",
        "blue, red, white, green",
        "white, green, blue, red",
        "green, white, red, blue",
    ];
    for (orientation, expected) in (1..=8).zip(upright) {
        let sent = Jpeg { exif: Some(&exif(orientation)), ..Jpeg::default() }.of(&rgb, 40, 20);
        let (developed, bytes) = kept(&sent).unwrap();
        let lying = orientation >= 5;
        assert_eq!((developed.width, developed.height), if lying { (20, 40) } else { (40, 20) });
        assert_eq!(corners(&bytes), expected, "orientation {orientation}");
    }
    let (developed, _) = kept(include_bytes!("../tests/turned.webp")).unwrap();
    assert_eq!((developed.width, developed.height), (32, 48));
}

#[test]
fn where_it_was_taken_is_left_out() {
    let sent = Jpeg { exif: Some(&exif(6)), profile: Some(b"a profile"), progressive: false };
    let sent = sent.of(&quarters(64, 48), 64, 48);
    let holds = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|some| some == word);
    assert!(holds(&sent, b"GPS 52.5163N"));
    let (_, bytes) = kept(&sent).unwrap();
    for word in [&b"GPS"[..], b"Exif", b"ICC_PROFILE", b"a profile"] {
        assert!(!holds(&bytes, word), "{}", String::from_utf8_lossy(word));
    }
}

#[test]
fn what_phones_put_behind_a_picture_is_left_out() {
    let film = b"\0\0\0\x10ftypmp42\0\0\0\0\0\0\0\x18mdatMZ any pixels...";
    for tail in [&film[..], b"\0\0\0\0", b"SEFH notes of the phone SEFT"] {
        let (_, bytes) = kept(&[&jpeg(64, 48), tail].concat()).unwrap();
        assert_eq!(bytes, kept(&jpeg(64, 48)).unwrap().1);
    }
}

#[test]
fn a_picture_behind_which_something_else_hides_is_refused() {
    let png = pictures::png(&quarters(48, 32), 48, 32, ColorType::Rgb, BitDepth::Eight);
    let all = [jpeg(64, 48), png, include_bytes!("../tests/turned.webp").to_vec()];
    for picture in &all {
        kept(picture).unwrap();
        for (tail, what) in [
            (&b"PK\x03\x04 and so on"[..], "a ZIP archive"),
            (b"%PDF-1.7 and so on", "a PDF document"),
            (b"<html><script>alert(1)</script></html>", "a web page"),
            (b"MZ\x90\0", "a program"),
            (b"\x7fELF\x02\x01", "a program"),
        ] {
            assert_eq!(refusal(&[picture, tail].concat()), format!("Hides({what:?})"));
        }
        // What stands within a picture is part of it, and does not come along.
        kept(&[picture, &b"harmless"[..]].concat()).unwrap();
    }
}

#[test]
fn pictures_of_every_kind_are_read() {
    let rgb = quarters(48, 32);
    let progressive = Jpeg { progressive: true, ..Jpeg::default() }.of(&rgb, 48, 32);
    let grey: Vec<u8> = rgb.chunks(3).map(|pixel| if pixel == [255; 3] { 255 } else { 0 }).collect();
    let mut grey_jpeg = Vec::new();
    jpeg_encoder::Encoder::new(&mut grey_jpeg, 90)
        .encode(&grey, 48, 32, jpeg_encoder::ColorType::Luma)
        .unwrap();
    let sixteen: Vec<u8> = rgb.iter().flat_map(|value| [*value, *value]).collect();
    let rgba: Vec<u8> = rgb.chunks(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
    let clear: Vec<u8> = rgb.chunks(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 90]).collect();
    let grey_clear: Vec<u8> = grey.iter().flat_map(|value| [*value, 90]).collect();
    let palette: Vec<u8> =
        (0..32).flat_map(|y| (0..48).map(move |x| u8::from(x >= 24) + 2 * u8::from(y >= 16))).collect();
    let png = |samples: &[u8], colours| pictures::png(samples, 48, 32, colours, BitDepth::Eight);
    let mut lossless = Vec::new();
    image_webp::WebPEncoder::new(&mut lossless).encode(&rgb, 48, 32, image_webp::ColorType::Rgb8).unwrap();
    let all = "red, green, blue, white";
    for (name, sent, kind, expected) in [
        ("progressive", progressive, MediaKind::Jpeg, all),
        ("grey", grey_jpeg, MediaKind::Jpeg, "black, black, black, white"),
        ("four inks", include_bytes!("../tests/inks.jpg").to_vec(), MediaKind::Jpeg, "red, red, red, red"),
        ("png", png(&rgb, ColorType::Rgb), MediaKind::Jpeg, all),
        ("grey png", png(&grey, ColorType::Grayscale), MediaKind::Jpeg, "black, black, black, white"),
        ("palette", png(&palette, ColorType::Indexed), MediaKind::Jpeg, all),
        ("opaque", png(&rgba, ColorType::Rgba), MediaKind::Jpeg, all),
        (
            "see-through",
            png(&clear, ColorType::Rgba),
            MediaKind::Png,
            "clear red, clear green, clear blue, clear white",
        ),
        (
            "see-through grey",
            png(&grey_clear, ColorType::GrayscaleAlpha),
            MediaKind::Png,
            "clear black, clear black, clear black, clear white",
        ),
        (
            "sixteen bits",
            pictures::png(&sixteen, 48, 32, ColorType::Rgb, BitDepth::Sixteen),
            MediaKind::Jpeg,
            all,
        ),
        (
            "interlaced",
            include_bytes!("../tests/interlaced.png").to_vec(),
            MediaKind::Jpeg,
            "red, red, blue, blue",
        ),
        ("lossless webp", lossless, MediaKind::Jpeg, all),
        (
            "lossy webp",
            include_bytes!("../tests/lossy.webp").to_vec(),
            MediaKind::Jpeg,
            "red, red, blue, blue",
        ),
        (
            "see-through webp",
            include_bytes!("../tests/see-through.webp").to_vec(),
            MediaKind::Png,
            "clear red, clear red, clear red, clear red",
        ),
        (
            "moving webp",
            include_bytes!("../tests/moving.webp").to_vec(),
            MediaKind::Jpeg,
            "red, red, red, red",
        ),
    ] {
        let (developed, bytes) = kept(&sent).unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
        assert_eq!((developed.kind, corners(&bytes).as_str()), (kind, expected), "{name}");
        let small = shrink(&bytes, 16).unwrap();
        let Found::Picture(head) = look(&mut io::Cursor::new(&small)).unwrap() else { panic!("{name}") };
        assert_eq!(head.width.max(head.height), 16, "{name}");
        assert!(small.starts_with(&[0xff, 0xd8]), "{name}: small ones are JPEGs");
    }
}

#[test]
fn the_colours_of_phones_become_those_of_the_web() {
    let grey = vec![120; 48 * 32 * 3];
    let dull: Vec<u8> = std::iter::repeat_n([200, 60, 60], 48 * 32).flatten().collect();
    let first = |rgb: &[u8], profile: Option<&[u8]>| {
        let sent = Jpeg { profile, ..Jpeg::default() }.of(rgb, 48, 32);
        let bytes = kept(&sent).unwrap().1;
        let Found::Picture(head) = look(&mut io::Cursor::new(&bytes)).unwrap() else { panic!("no picture") };
        unpack(Timed::new(io::Cursor::new(bytes)), &head, &PHOTO).unwrap().bytes[..3].to_vec()
    };
    let p3 = Some(&b"....desc.Display P3...."[..]);
    let near = |found: Vec<u8>, expected: [u8; 3]| {
        assert!(found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 4), "{found:?} is not {expected:?}");
    };
    near(first(&grey, p3), [120, 120, 120]);
    near(first(&dull, None), [200, 60, 60]);
    near(first(&dull, p3), [219, 37, 54]);
}

#[test]
fn what_is_no_picture_is_refused_by_what_it_is() {
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    for (sent, expected) in [
        (&heic[..], "Heic"),
        (b"\0\0\0\x18ftypavif", "Unknown(\"an AVIF picture\")"),
        (b"PK\x03\x04 a zip named .png", "Unknown(\"a ZIP archive\")"),
        (b"GIF89a......", "Unknown(\"a GIF picture\")"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Unknown(\"an SVG drawing\")"),
        (b"<!DOCTYPE html><script>", "Unknown(\"a web page\")"),
        (b"\x7fELF", "Unknown(\"a program\")"),
        (b"hello", "Unknown(\"something else\")"),
        (b"", "Unknown(\"something else\")"),
        (b"\xff\xd8\xff", "Broken(\"it ends too early\")"),
        (b"\x89PNG\r\n\x1a\n", "Broken(\"it ends too early\")"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "Broken(\"it ends too early\")"),
        (b"%PDF-1.7 and no end", "Broken(\"it ends too early\")"),
    ] {
        assert_eq!(refusal(sent), expected);
    }
}

#[test]
fn a_document_is_kept_as_it_is() {
    let sent = b"%PDF-1.4\nwhatever\n%%EOF\n";
    let (developed, bytes) = kept(sent).unwrap();
    assert_eq!((developed.kind, developed.width, &bytes[..]), (MediaKind::Pdf, 0, &sent[..]));
}

#[test]
fn pictures_that_were_cut_off_are_refused() {
    let rgb = quarters(200, 150);
    let clear: Vec<u8> = rgb.chunks(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 90]).collect();
    let whole = [
        jpeg(200, 150),
        Jpeg { progressive: true, ..Jpeg::default() }.of(&rgb, 200, 150),
        pictures::png(&clear, 200, 150, ColorType::Rgba, BitDepth::Eight),
        include_bytes!("../tests/lossy.webp").to_vec(),
        include_bytes!("../tests/interlaced.png").to_vec(),
    ];
    for (index, sent) in whole.iter().enumerate() {
        for tenth in 1..10 {
            let cut = &sent[..sent.len() * tenth / 10];
            assert!(kept(cut).is_err(), "{index} cut at {tenth} tenths is taken");
        }
    }
}

#[test]
fn what_would_not_fit_is_refused_before_it_is_unpacked() {
    let mut claims = jpeg(64, 64);
    let at = claims.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    claims[at + 5..at + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    let bombs = [
        pictures::png_bomb(8_000, 6_250),
        pictures::jpeg_bomb(8_000, 6_250, false),
        pictures::jpeg_bomb(8_000, 6_000, true),
        claims,
    ];
    for bomb in bombs {
        let begun = Instant::now();
        assert!(matches!(kept(&bomb), Err(Refusal::Large { .. })));
        assert!(begun.elapsed().as_secs() < 2, "{:?}", begun.elapsed());
    }
    // As many as phones have, and a shape that no phone makes.
    let (developed, _) = kept(&pictures::jpeg_bomb(8_064, 6_048, false)).unwrap();
    assert_eq!((developed.width, developed.height), (2_000, 1_500));
    let (developed, _) = kept(&pictures::jpeg_bomb(4_032, 3_024, true)).unwrap();
    assert_eq!((developed.width, developed.height), (2_000, 1_500));
    let (developed, _) = kept(&pictures::png_bomb(30_000, 3)).unwrap();
    assert_eq!((developed.width, developed.height), (2_000, 1));
}

#[test]
fn no_damage_makes_a_decoder_panic_or_hang() {
    let rgb = quarters(72, 40);
    let mut lossless = Vec::new();
    image_webp::WebPEncoder::new(&mut lossless).encode(&rgb, 72, 40, image_webp::ColorType::Rgb8).unwrap();
    let whole = [
        Jpeg { exif: Some(&exif(6)), ..Jpeg::default() }.of(&rgb, 72, 40),
        Jpeg { progressive: true, ..Jpeg::default() }.of(&rgb, 72, 40),
        pictures::png(&rgb, 72, 40, ColorType::Rgb, BitDepth::Eight),
        lossless,
        include_bytes!("../tests/inks.jpg").to_vec(),
        include_bytes!("../tests/lossy.webp").to_vec(),
        include_bytes!("../tests/see-through.webp").to_vec(),
        include_bytes!("../tests/moving.webp").to_vec(),
        include_bytes!("../tests/turned.webp").to_vec(),
        include_bytes!("../tests/interlaced.png").to_vec(),
    ];
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap()
    };
    for round in 0..150 {
        for sent in &whole {
            let mut damaged = sent.clone();
            for _ in 0..=next(4) {
                let at = next(damaged.len());
                damaged[at] = [0, 1, 0x7f, 0x80, 0xff, u8::try_from(next(256)).unwrap()][next(6)];
            }
            if round % 5 == 0 {
                damaged.truncate(next(damaged.len()).max(1));
            }
            let mut input = Timed::new(io::Cursor::new(&damaged));
            if let Ok(Found::Picture(head)) = look(&mut input) {
                drop(unpack(input, &head, &PHOTO));
            }
        }
    }
}
