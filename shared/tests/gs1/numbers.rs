//! Numbers and dates: lines of input and outcome.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use hearth_shared::gs1::{Context, Date, Gtin, Kind, Measure, Quantity, Region, Verb, command, label, parse};

use super::{scanned, today};

/// Runs `read` over the first word of each line, and compares with what stands behind the arrow.
fn check(read: impl Fn(&[&str]) -> String, expected: &Expect) {
    let mut rendered = String::new();
    for line in expected.data().lines().filter(|line| !line.trim().is_empty()) {
        let (input, _) = line.split_once(" =>").unwrap_or((line, ""));
        let words: Vec<&str> = input.split_whitespace().collect();
        let _ = writeln!(rendered, "{} => {}", words.join(" "), read(&words));
    }
    expected.assert_eq(&rendered);
}

fn read_date(words: &[&str]) -> String {
    let today = words[0].parse().unwrap();
    let message = format!("]d217{}", words[1]);
    let scan = parse(message.as_bytes(), &Context::on(today));
    let problem = scan.elements().next().and_then(|element| element.problem());
    match (scan.expiry(), problem) {
        (Some(expiry), _) => format!("{}{}", expiry.date, if expiry.day_given { "" } else { " or before" }),
        (None, Some(problem)) => format!("{} at {}", problem.code, problem.at - 5),
        (None, None) => "nothing".to_owned(),
    }
}

/// From 49 years back to 50 ahead, whatever day it is; the last days of months; leap years.
#[test]
fn dates_at_century_and_month_ends() {
    check(
        read_date,
        &expect![[r#"
            2026-11-20 260101 => 2026-01-01
            2026-11-20 761231 => 2076-12-31
            2026-11-20 770101 => 1977-01-01
            2026-11-20 751231 => 2075-12-31
            2026-11-20 991231 => 1999-12-31
            2026-11-20 000101 => 2000-01-01
            2000-01-01 490101 => 2049-01-01
            2000-01-01 500101 => 2050-01-01
            2000-01-01 510101 => 1951-01-01
            2000-01-01 990101 => 1999-01-01
            2049-06-01 000101 => 2000-01-01
            2049-06-01 990101 => 2099-01-01
            2049-06-01 980101 => 2098-01-01
            2050-06-01 000101 => 2100-01-01
            2050-06-01 010101 => 2001-01-01
            2050-06-01 990101 => 2099-01-01
            2051-01-01 010101 => 2101-01-01
            2051-01-01 020101 => 2002-01-01
            2099-12-31 480101 => 2148-01-01
            2099-12-31 490101 => 2149-01-01
            2099-12-31 500101 => 2050-01-01
            2026-01-01 000229 => 2000-02-29
            2060-01-01 000229 => day at 4
            2026-01-01 240229 => 2024-02-29
            2026-01-01 250229 => day at 4
            2026-01-01 260228 => 2026-02-28
            2026-01-01 260131 => 2026-01-31
            2026-01-01 260132 => day at 4
            2026-01-01 260430 => 2026-04-30
            2026-01-01 260431 => day at 4
            2026-01-01 260630 => 2026-06-30
            2026-01-01 260631 => day at 4
            2026-01-01 260930 => 2026-09-30
            2026-01-01 260931 => day at 4
            2026-01-01 261130 => 2026-11-30
            2026-01-01 261131 => day at 4
            2026-01-01 261231 => 2026-12-31
            2026-01-01 261232 => day at 4
            2026-01-01 260001 => month at 2
            2026-01-01 261301 => month at 2
            2026-01-01 269901 => month at 2
            2026-01-01 260100 => 2026-01-31 or before
            2026-01-01 260200 => 2026-02-28 or before
            2026-01-01 240200 => 2024-02-29 or before
            2060-01-01 000200 => 2100-02-28 or before
            2026-01-01 260400 => 2026-04-30 or before
            2026-01-01 261200 => 2026-12-31 or before
            2026-01-01 260099 => month at 2
            2026-01-01 000000 => month at 2
        "#]],
    );
}

fn read_in_store(words: &[&str]) -> String {
    let context = Context { region: Region::of(words[0]), ..scanned() };
    let scan = parse(words[1].as_bytes(), &context);
    let Some(label) = scan.in_store() else {
        let remarks: Vec<_> = scan.warnings().map(|warning| warning.code.word()).collect();
        return format!("{}: {}", scan.kind().word(), remarks.join(" "));
    };
    let (value, scale) = (label.value, label.decimals);
    let looks = (scan.price().is_some(), scan.measure().is_some(), scan.gtin().is_some());
    assert_eq!(looks, (label.currency.is_some(), label.currency.is_none(), false));
    format!("{} {:?} {value}e-{scale} {}", label.item, label.says, label.currency.unwrap_or("-"))
}

/// Nine regions, each with its layouts; no region, no value.
#[test]
fn in_store_numbers_by_region() {
    check(
        read_in_store,
        &expect![[r#"
            SE 2012345628755 => 02012345600003 Price 2875e-2 SEK
            SE 2112345628752 => 02112345600000 Price 2875e-1 SEK
            SE 2212345628759 => 02212345600007 Price 2875e-0 SEK
            SE 2312345628756 => 02312345600004 Kilograms 2875e-3 -
            SE 2412345628753 => 02412345600001 Kilograms 2875e-2 -
            SE 2512345628750 => 02512345600008 Kilograms 2875e-1 -
            SE 2612345628757 => in-store: number-restricted
            SE 2912345628758 => in-store: number-restricted
            NO 2012345628755 => 02012345600003 Price 2875e-2 NOK
            NO 2112345628752 => 02112345600000 Price 2875e-1 NOK
            NO 2212345628759 => 02212345600007 Price 2875e-0 NOK
            NO 2312345628756 => 02312345600004 Kilograms 2875e-3 -
            NO 2412345628753 => 02412345600001 Kilograms 2875e-2 -
            NO 2512345628750 => 02512345600008 Kilograms 2875e-1 -
            NO 2612345628757 => in-store: number-restricted
            NO 2912345628758 => in-store: number-restricted
            FI 2012345628755 => in-store: number-restricted
            FI 2312345628756 => 02312345600004 Kilograms 2875e-3 -
            FI 2412345628753 => 02412345600001 Kilograms 2875e-2 -
            FI 2512345628750 => 02512345600008 Kilograms 2875e-1 -
            EE 2012345628755 => in-store: number-restricted
            EE 2312345628756 => 02312345600004 Kilograms 2875e-3 -
            EE 2412345628753 => 02412345600001 Kilograms 2875e-2 -
            EE 2512345628750 => 02512345600008 Kilograms 2875e-1 -
            LV 2012345628755 => in-store: number-restricted
            LV 2312345628756 => 02312345600004 Kilograms 2875e-3 -
            LV 2412345628753 => 02412345600001 Kilograms 2875e-2 -
            LV 2512345628750 => 02512345600008 Kilograms 2875e-1 -
            LT 2012345628755 => in-store: number-restricted
            LT 2312345628756 => 02312345600004 Kilograms 2875e-3 -
            LT 2412345628753 => 02412345600001 Kilograms 2875e-2 -
            LT 2512345628750 => 02512345600008 Kilograms 2875e-1 -
            DK 2112340012501 => 02112340000003 Price 1250e-2 DKK
            DK 2412340012502 => 02412340000004 Price 1250e-2 DKK
            DK 2612340012506 => 02612340000008 Kilograms 1250e-3 -
            DK 2812340012500 => 02812340000002 Kilograms 1250e-3 -
            DK 2012340012504 => in-store: number-restricted
            DK 2712345012508 => 02712345000000 Kilograms 1250e-3 -
            DE 2212346146856 => 02212340000000 Price 14685e-2 EUR
            DE 2312346146853 => 02312340000007 Price 14685e-2 EUR
            DE 2512346146857 => 02512340000001 Pieces 14685e-0 -
            DE 2612346146854 => 02612340000008 Pieces 14685e-0 -
            DE 2812346146858 => 02812340000002 Kilograms 14685e-3 -
            DE 2912346146855 => 02912340000009 Kilograms 14685e-3 -
            DE 2212345146857 => in-store: number-restricted value-check-digit other-reading
            DE 2112346146859 => in-store: number-restricted other-reading
            GB 2012345928756 => 02012345000001 Price 2875e-2 GBP
            GB 2012345828759 => in-store: number-restricted value-check-digit
            GB 2112345928753 => in-store: number-restricted other-reading
            -- 2012345628755 => in-store: number-restricted
            US 0212345123454 => in-store: number-restricted
            SE 0212345123454 => in-store: number-restricted
            SE 0412345123458 => in-store: number-restricted
            SE 4006381333931 => gtin: other-reading
            SE 12012345628752 => gtin: number-restricted
            SE 2312345628750 => text: number-suspect
            SE 2300000000009 => 02300000000009 Kilograms 0e-3 -
        "#]],
    );
}

fn read_upc_e(words: &[&str]) -> String {
    Gtin::of_upc_e(words[0]).map_or("none".to_owned(), |gtin| gtin.to_string())
}

#[test]
fn upc_e_expands_by_its_last_digit() {
    check(
        read_upc_e,
        &expect![[r#"
            02345673 => 00023456000073
            06397126 => 00063200009716
            01234505 => 00012000003455
            01234514 => 00012100003454
            01234523 => 00012200003453
            01234531 => 00012300000451
            01234543 => 00012340000053
            01234558 => 00012345000058
            01234565 => 00012345000065
            01234572 => 00012345000072
            01234589 => 00012345000089
            01234596 => 00012345000096
            11234562 => 00112345000062
            21234565 => none
            02345674 => none
            0234567 => none
            0234567A => none
            00000000 => none
        "#]],
    );
}

/// Every measure of the table: which quantity it answers, with its unit and decimals.
#[test]
fn quantities_have_units_and_decimals() {
    let all = [
        (Quantity::Weight, "310 kg, 320 lb, 356 ozt"),
        (Quantity::Volume, "315 l, 316 m3, 357 floz, 360 qt, 361 gal, 364 in3, 365 ft3, 366 yd3"),
        (Quantity::Length, "311 m, 321 in, 322 ft, 323 yd"),
        (Quantity::Width, "312 m, 324 in, 325 ft, 326 yd"),
        (Quantity::Height, "313 m, 327 in, 328 ft, 329 yd"),
        (Quantity::Area, "314 m2, 350 in2, 351 ft2, 352 yd2"),
    ];
    for family in (310..=337).chain(340..=357).chain(360..=369) {
        for decimals in 0..6 {
            let message = format!("]d2{family}{decimals}001250");
            let scan = parse(message.as_bytes(), &scanned());
            let found: Vec<_> = all.iter().filter_map(|(quantity, _)| scan.quantity(*quantity)).collect();
            let wanted = all.iter().flat_map(|(_, families)| families.split(", ")).find_map(|entry| {
                let (known, unit) = entry.split_once(' ').unwrap();
                (known == family.to_string()).then_some(Measure { value: 1250, scale: decimals, unit })
            });
            assert_eq!(found, Vec::from_iter(wanted), "{message}");
        }
    }
    let counts = parse(b"]d23012\x1d3734", &scanned());
    let piece = |value| Some(Measure { value, scale: 0, unit: "piece" });
    assert_eq!(counts.quantity(Quantity::Count), piece(12));
    assert_eq!(counts.quantity(Quantity::ContainedCount), piece(34));
    assert_eq!(counts.measure(), piece(12));
}

#[test]
fn regions_have_letters() {
    for letters in ["DK", "EE", "FI", "DE", "GB", "LV", "LT", "NO", "SE"] {
        assert_eq!(Region::of(letters).map(Region::letters), Some(letters));
    }
    assert_eq!(Region::of("US"), None);
    assert_eq!(Region::of("de"), None);
}

#[test]
fn days_are_written_one_way() {
    for text in ["2026-11-20", "2024-02-29", "0001-01-01", "9999-12-31"] {
        assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
    }
    for text in [
        "",
        "2026-11-2",
        "2026-11-200",
        "2026-13-01",
        "2025-02-29",
        "0000-01-01",
        "2026/11/20",
        "20261120",
        "+026-11-20",
    ] {
        assert!(text.parse::<Date>().is_err(), "{text}");
    }
    assert!(today() < Date::new(2026, 11, 21).unwrap());
}

/// What is written for labels and command cards reads back, whatever case a scanner makes of it, and a single
/// wrong character is noticed.
#[test]
fn own_codes_read_back() {
    let verbs =
        [Verb::Mode, Verb::Quantity, Verb::Place, Verb::Person, Verb::Undo, Verb::Confirm, Verb::Cancel];
    for verb in verbs {
        for argument in ["", "ADD", "12", "0193F3A27B4E7C6D8F0A1B2C3D4E5F60"] {
            let text = command(verb, argument).unwrap();
            let scan = parse(text.as_bytes(), &scanned());
            assert_eq!(
                (scan.kind(), scan.command(), scan.error()),
                (Kind::Command, Some((verb, argument)), None)
            );
            assert_eq!(parse(text.to_lowercase().as_bytes(), &scanned()).error(), None);
        }
    }
    let text = label("0193F3A27B4E7C6D").unwrap();
    let scan = parse(text.as_bytes(), &scanned());
    assert_eq!((scan.kind(), scan.payload(), scan.error()), (Kind::Own, &b"0193F3A27B4E7C6D"[..], None));
    for place in 7..text.len() {
        let mut wrong = text.clone().into_bytes();
        wrong[place] = if wrong[place] == b'Y' { b'Z' } else { b'Y' };
        assert!(parse(&wrong, &scanned()).error().is_some(), "{}", String::from_utf8_lossy(&wrong));
    }
    for bad in ["", "a", "A-B", "0123456789012345678901234567890123456789"] {
        assert_eq!(label(bad), None, "{bad}");
    }
}
