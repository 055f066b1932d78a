//! Random bytes, always the same ones, and inputs that a fuzzer found worth keeping.

use hearth_shared::gs1::{
    Context, Input, MAX_BYTES, MAX_ELEMENTS, MAX_VALUE, Region, Scan, Separators, parse,
};

use super::{lines, scanned, unescape};

/// Asks for all that can be asked of a scan; the answers only must come.
fn look_at(scan: &Scan<'_>) {
    let length = scan.raw().len();
    for element in scan.elements() {
        assert!(element.value().len() <= MAX_VALUE && !element.value().is_empty());
        assert!(element.problem().is_none_or(|problem| problem.at <= length));
        assert_eq!(element.value().bytes().count(), element.value().len());
    }
    assert!(scan.error().is_none_or(|problem| problem.at <= length));
    assert!(scan.warnings().all(|warning| warning.at <= length));
    let _ = (scan.gtin(), scan.content(), scan.batch(), scan.serial(), scan.sscc(), scan.expiry());
    let _ = (scan.production_date(), scan.packing_date(), scan.measure(), scan.price(), scan.payload());
    let _ =
        (scan.amount_payable(), scan.unit_price(), scan.in_store(), scan.command(), scan.origins().count());
    let _ = format!("{scan:?}");
}

fn in_every_context(message: &[u8]) {
    let context = scanned();
    for region in [None, Region::of("DE"), Region::of("SE")] {
        let scan = parse(message, &Context { region, ..context });
        look_at(&scan);
        scan.other_readings().for_each(|other| look_at(&other));
    }
    look_at(&parse(message, &Context { input: Input::Bracketed, ..context }));
    look_at(&parse(message, &Context { separators: Separators::Proven, ..context }));
}

/// Numbers from a seed: xorshift.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % sides
    }
}

#[test]
fn random_bytes_are_read() {
    let mut dice = Dice(0x5eed);
    for _ in 0..20_000 {
        let length = dice.roll(60);
        let message: Vec<u8> = (0..length).map(|_| dice.roll(256) as u8).collect();
        in_every_context(&message);
    }
}

/// Scraps of messages put together at random get further than bytes do.
#[test]
fn random_scraps_are_read() {
    let scraps: [&[u8]; 40] = [
        b"]d2",
        b"]C1",
        b"]E0",
        b"]E4",
        b"]Q1",
        b"]Q2",
        b"]e0",
        b"]E3",
        b"]C0",
        b"]d5",
        b"]Y3",
        b"\x1d",
        b"|]e0",
        b"01",
        b"09501101530003",
        b"10AB",
        b"17250119",
        b"3103001250",
        b"(01)",
        b"(10)",
        b"\\(",
        b"(",
        b")",
        b"https://",
        b"a.b",
        b"/01/",
        b"/10/",
        b"/",
        b"?",
        b"&",
        b"17=250119",
        b"=",
        b"%41",
        b"%",
        b"#",
        b"urn:epc:id:sgtin:",
        b"0614141.",
        b"812345.1",
        b"HEARTHC",
        b"8110106141416543213500110000310123196000",
    ];
    let mut dice = Dice(0xcafe);
    for _ in 0..30_000 {
        let count = 1 + dice.roll(7);
        let mut message: Vec<u8> =
            (0..count).flat_map(|_| scraps[dice.roll(scraps.len())]).copied().collect();
        if dice.roll(3) == 0 && !message.is_empty() {
            let place = dice.roll(message.len());
            message[place] = dice.roll(256) as u8;
        }
        in_every_context(&message);
    }
}

/// Every beginning of a good message, and every message with one byte changed.
#[test]
fn cut_and_changed_messages_are_read() {
    let messages: [&[u8]; 6] = [
        b"]d2010950110153000331030012501525011910AB-123\x1d21SERIAL-12345",
        b"]E04006381333931|]e010AB",
        b"https://example.org/01/09501101530003/10/A%2FB?17=250119&99=x#y",
        b"(01)09501101530003(10)A\\(B(17)250119",
        b"urn:epc:tag:sgtin-96:3.0614141.812345.6789",
        b"3034257BF7194E4000001A85",
    ];
    for message in messages {
        for end in 0..=message.len() {
            in_every_context(&message[..end]);
        }
        for place in 0..message.len() {
            for byte in [0, b' ', b'%', b'(', b'/', b'0', b'9', b'A', b'\\', 0x1d, 0x7f, 0xff] {
                let mut changed = message.to_vec();
                changed[place] = byte;
                in_every_context(&changed);
            }
        }
    }
}

#[test]
fn inputs_kept_from_fuzzing_are_read() {
    let mut count = 0;
    for (_, line) in lines(include_str!("kept.txt")) {
        in_every_context(&unescape(line));
        count += 1;
    }
    assert!(count >= 100);
}

/// The limits, and what happens at them.
#[test]
fn limits_hold() {
    let code =
        |message: &[u8]| parse(message, &scanned()).error().map(|problem| (problem.code.word(), problem.at));
    let text = |length: usize| [b"]Q1", "a".repeat(length - 3).as_bytes()].concat();
    assert_eq!(code(&text(MAX_BYTES)), None);
    assert_eq!(code(&text(MAX_BYTES + 1)), Some(("too-long", MAX_BYTES)));
    assert_eq!(code(&vec![b'0'; 100_000]), Some(("too-long", MAX_BYTES)));

    let elements = |count: usize| [&b"]d2"[..], &b"2012".repeat(count)].concat();
    assert_eq!(parse(&elements(MAX_ELEMENTS), &scanned()).elements().len(), MAX_ELEMENTS);
    assert_eq!(code(&elements(MAX_ELEMENTS)), None);
    assert_eq!(code(&elements(MAX_ELEMENTS + 1)), Some(("too-many-elements", 3 + 4 * MAX_ELEMENTS + 2)));
    assert_eq!(parse(&elements(MAX_ELEMENTS + 1), &scanned()).elements().len(), MAX_ELEMENTS);

    let brackets = |count: usize| "(20)12".repeat(count).into_bytes();
    assert_eq!(code(&brackets(MAX_ELEMENTS)), None);
    assert_eq!(code(&brackets(MAX_ELEMENTS + 1)), Some(("too-many-elements", 6 * MAX_ELEMENTS + 4)));

    let attributes = (3100..3106).chain(3110..3116).chain(3120..3126).chain(3130..3136).chain(3140..3146);
    let attributes = attributes.chain(3150..3156).chain(3160..3166).chain(3200..3206).chain(3210..3216);
    let attributes = attributes.chain(3220..3226).chain(3230..3236);
    let link = |count: usize| {
        let query: Vec<_> = attributes.clone().take(count - 1).map(|ai| format!("{ai}=001250")).collect();
        format!("https://example.org/01/09501101530003?{}", query.join("&")).into_bytes()
    };
    assert_eq!(code(&link(MAX_ELEMENTS)), None);
    assert_eq!(code(&link(MAX_ELEMENTS + 1)).map(|(word, _)| word), Some("too-many-elements"));
}
