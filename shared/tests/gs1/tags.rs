//! Radio tags against a second opinion: the `gs1` crate.

use gs1::epc::{EPCValue, decode_binary};
use hearth_shared::gs1::parse;

use super::scanned;

/// Puts bits together, the first highest.
fn memory(fields: &[(u64, usize)], bytes: usize) -> Vec<u8> {
    let mut bits: Vec<u8> = fields
        .iter()
        .flat_map(|&(value, width)| (0..width).rev().map(move |place| (value >> place & 1) as u8))
        .collect();
    bits.resize(bytes * 8, 0);
    bits.chunks(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | bit)).collect()
}

fn read(memory: &[u8]) -> String {
    let hex: String = memory.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("{:?}", parse(hex.as_bytes(), &scanned()).elements().collect::<Vec<_>>())
}

const WIDTHS: [(usize, u64); 7] = [(40, 12), (37, 11), (34, 10), (30, 9), (27, 8), (24, 7), (20, 6)];

/// Every partition the crate can decode. It refuses partition 0, whose reference is the indicator alone.
#[test]
fn trade_items_agree_with_the_crate() {
    for (partition, &(width, digits)) in WIDTHS.iter().enumerate().skip(1) {
        for seed in [1_u64, 614_141, 812_345_678_901, u64::MAX / 3] {
            let (company, item) = (seed % 10_u64.pow(digits as u32), seed % 10_u64.pow(13 - digits as u32));
            for serial in [0, 6789, (1 << 38) - 1] {
                let fields = [
                    (0x30, 8),
                    (3, 3),
                    (partition as u64, 3),
                    (company, width),
                    (item, 44 - width),
                    (serial, 38),
                ];
                let memory = memory(&fields, 12);
                let decoded = decode_binary(&memory).unwrap();
                let EPCValue::SGTIN96(tag) = decoded.get_value() else { panic!("a trade item") };
                let reference = if digits == 12 {
                    String::new()
                } else {
                    format!("{:0w$}", tag.gtin.item, w = 12 - digits as usize)
                };
                let key =
                    format!("{}{:0w$}{reference}", tag.gtin.indicator, tag.gtin.company, w = digits as usize);
                let check = gs1::checksum::gs1_checksum(&key);
                assert_eq!(read(&memory), format!("[(01){key}{check}, (21){}]", tag.serial));
            }
        }
    }
}

#[test]
fn partition_nought_is_the_indicator_alone() {
    let fields = [(0x30, 8), (3, 3), (0, 3), (950_110_153_000, 40), (1, 4), (42, 38)];
    assert_eq!(read(&memory(&fields, 12)), "[(01)19501101530000, (21)42]");
}

#[test]
fn logistic_units_in_every_partition() {
    for (partition, &(width, digits)) in WIDTHS.iter().enumerate() {
        let (company, item) = (950_110_153_000 / 10_u64.pow(12 - digits as u32), 1);
        let fields = [(0x31, 8), (0, 3), (partition as u64, 3), (company, width), (item, 58 - width)];
        let key = format!("0{company}{item:0w$}", w = 16 - digits as usize);
        let check = gs1::checksum::gs1_checksum(&key);
        assert_eq!(read(&memory(&fields, 12)), format!("[(00){key}{check}]"));
    }
}

#[test]
fn serial_numbers_of_long_tags_are_text() {
    let serial: Vec<(u64, usize)> = b"32a/b".iter().map(|byte| (u64::from(*byte), 7)).collect();
    let fields = [&[(0x36, 8), (3, 3), (5, 3), (614_141, 24), (712_345, 20)][..], &serial].concat();
    for bytes in [25, 26] {
        let memory = memory(&fields, bytes);
        assert_eq!(read(&memory), "[(01)70614141123451, (21)32a/b]");
        if bytes == 26 {
            let decoded = decode_binary(&memory).unwrap();
            let EPCValue::SGTIN198(tag) = decoded.get_value() else { panic!("a trade item") };
            assert_eq!(tag.serial, "32a/b");
        }
    }
}

/// A tag whose numbers do not fit its partition is no tag but text.
#[test]
fn what_does_not_add_up_is_text() {
    let too_large = [
        [(0x30, 8), (3, 3), (6, 3), (1_000_000, 20), (1, 24), (1, 38)],
        [(0x30, 8), (3, 3), (6, 3), (1, 20), (10_000_000, 24), (1, 38)],
        [(0x30, 8), (3, 3), (7, 3), (1, 20), (1, 24), (1, 38)],
    ];
    for fields in too_large {
        assert_eq!(read(&memory(&fields, 12)), "[]");
    }
}
