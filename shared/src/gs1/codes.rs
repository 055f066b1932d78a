//! Code lists of others that values refer to: countries, currencies, package types.
//!
//! Each list is in ascending order, as the search expects and a test makes sure.

/// ISO 3166-1 numeric countries.
#[rustfmt::skip]
pub(super) const COUNTRIES: [u16; 249] = [
    4, 8, 10, 12, 16, 20, 24, 28, 31, 32, 36, 40, 44, 48, 50, 51, 52, 56, 60, 64, 68, 70, 72, 74, 76,
    84, 86, 90, 92, 96, 100, 104, 108, 112, 116, 120, 124, 132, 136, 140, 144, 148, 152, 156, 158, 162,
    166, 170, 174, 175, 178, 180, 184, 188, 191, 192, 196, 203, 204, 208, 212, 214, 218, 222, 226, 231,
    232, 233, 234, 238, 239, 242, 246, 248, 250, 254, 258, 260, 262, 266, 268, 270, 275, 276, 288, 292,
    296, 300, 304, 308, 312, 316, 320, 324, 328, 332, 334, 336, 340, 344, 348, 352, 356, 360, 364, 368,
    372, 376, 380, 384, 388, 392, 398, 400, 404, 408, 410, 414, 417, 418, 422, 426, 428, 430, 434, 438,
    440, 442, 446, 450, 454, 458, 462, 466, 470, 474, 478, 480, 484, 492, 496, 498, 499, 500, 504, 508,
    512, 516, 520, 524, 528, 531, 533, 534, 535, 540, 548, 554, 558, 562, 566, 570, 574, 578, 580, 581,
    583, 584, 585, 586, 591, 598, 600, 604, 608, 612, 616, 620, 624, 626, 630, 634, 638, 642, 643, 646,
    652, 654, 659, 660, 662, 663, 666, 670, 674, 678, 682, 686, 688, 690, 694, 702, 703, 704, 705, 706,
    710, 716, 724, 728, 729, 732, 740, 744, 748, 752, 756, 760, 762, 764, 768, 772, 776, 780, 784, 788,
    792, 795, 796, 798, 800, 804, 807, 818, 826, 831, 832, 833, 834, 840, 850, 854, 858, 860, 862, 876,
    882, 887, 894,
];

/// ISO 3166-1 alpha-2 countries.
#[rustfmt::skip]
pub(super) const COUNTRY_LETTERS: [[u8; 2]; 249] = [
    *b"AD", *b"AE", *b"AF", *b"AG", *b"AI", *b"AL", *b"AM", *b"AO", *b"AQ", *b"AR", *b"AS", *b"AT",
    *b"AU", *b"AW", *b"AX", *b"AZ", *b"BA", *b"BB", *b"BD", *b"BE", *b"BF", *b"BG", *b"BH", *b"BI",
    *b"BJ", *b"BL", *b"BM", *b"BN", *b"BO", *b"BQ", *b"BR", *b"BS", *b"BT", *b"BV", *b"BW", *b"BY",
    *b"BZ", *b"CA", *b"CC", *b"CD", *b"CF", *b"CG", *b"CH", *b"CI", *b"CK", *b"CL", *b"CM", *b"CN",
    *b"CO", *b"CR", *b"CU", *b"CV", *b"CW", *b"CX", *b"CY", *b"CZ", *b"DE", *b"DJ", *b"DK", *b"DM",
    *b"DO", *b"DZ", *b"EC", *b"EE", *b"EG", *b"EH", *b"ER", *b"ES", *b"ET", *b"FI", *b"FJ", *b"FK",
    *b"FM", *b"FO", *b"FR", *b"GA", *b"GB", *b"GD", *b"GE", *b"GF", *b"GG", *b"GH", *b"GI", *b"GL",
    *b"GM", *b"GN", *b"GP", *b"GQ", *b"GR", *b"GS", *b"GT", *b"GU", *b"GW", *b"GY", *b"HK", *b"HM",
    *b"HN", *b"HR", *b"HT", *b"HU", *b"ID", *b"IE", *b"IL", *b"IM", *b"IN", *b"IO", *b"IQ", *b"IR",
    *b"IS", *b"IT", *b"JE", *b"JM", *b"JO", *b"JP", *b"KE", *b"KG", *b"KH", *b"KI", *b"KM", *b"KN",
    *b"KP", *b"KR", *b"KW", *b"KY", *b"KZ", *b"LA", *b"LB", *b"LC", *b"LI", *b"LK", *b"LR", *b"LS",
    *b"LT", *b"LU", *b"LV", *b"LY", *b"MA", *b"MC", *b"MD", *b"ME", *b"MF", *b"MG", *b"MH", *b"MK",
    *b"ML", *b"MM", *b"MN", *b"MO", *b"MP", *b"MQ", *b"MR", *b"MS", *b"MT", *b"MU", *b"MV", *b"MW",
    *b"MX", *b"MY", *b"MZ", *b"NA", *b"NC", *b"NE", *b"NF", *b"NG", *b"NI", *b"NL", *b"NO", *b"NP",
    *b"NR", *b"NU", *b"NZ", *b"OM", *b"PA", *b"PE", *b"PF", *b"PG", *b"PH", *b"PK", *b"PL", *b"PM",
    *b"PN", *b"PR", *b"PS", *b"PT", *b"PW", *b"PY", *b"QA", *b"RE", *b"RO", *b"RS", *b"RU", *b"RW",
    *b"SA", *b"SB", *b"SC", *b"SD", *b"SE", *b"SG", *b"SH", *b"SI", *b"SJ", *b"SK", *b"SL", *b"SM",
    *b"SN", *b"SO", *b"SR", *b"SS", *b"ST", *b"SV", *b"SX", *b"SY", *b"SZ", *b"TC", *b"TD", *b"TF",
    *b"TG", *b"TH", *b"TJ", *b"TK", *b"TL", *b"TM", *b"TN", *b"TO", *b"TR", *b"TT", *b"TV", *b"TW",
    *b"TZ", *b"UA", *b"UG", *b"UM", *b"US", *b"UY", *b"UZ", *b"VA", *b"VC", *b"VE", *b"VG", *b"VI",
    *b"VN", *b"VU", *b"WF", *b"WS", *b"YE", *b"YT", *b"ZA", *b"ZM", *b"ZW",
];

/// ISO 4217 currencies: number and letters.
#[rustfmt::skip]
pub(super) const CURRENCIES: [(u16, &str); 179] = [
    (8, "ALL"), (12, "DZD"), (32, "ARS"), (36, "AUD"), (44, "BSD"), (48, "BHD"), (50, "BDT"),
    (51, "AMD"), (52, "BBD"), (60, "BMD"), (64, "BTN"), (68, "BOB"), (72, "BWP"), (84, "BZD"),
    (90, "SBD"), (96, "BND"), (104, "MMK"), (108, "BIF"), (116, "KHR"), (124, "CAD"), (132, "CVE"),
    (136, "KYD"), (144, "LKR"), (152, "CLP"), (156, "CNY"), (170, "COP"), (174, "KMF"), (188, "CRC"),
    (192, "CUP"), (203, "CZK"), (208, "DKK"), (214, "DOP"), (222, "SVC"), (230, "ETB"), (232, "ERN"),
    (238, "FKP"), (242, "FJD"), (262, "DJF"), (270, "GMD"), (292, "GIP"), (320, "GTQ"), (324, "GNF"),
    (328, "GYD"), (332, "HTG"), (340, "HNL"), (344, "HKD"), (348, "HUF"), (352, "ISK"), (356, "INR"),
    (360, "IDR"), (364, "IRR"), (368, "IQD"), (376, "ILS"), (388, "JMD"), (392, "JPY"), (396, "XAD"),
    (398, "KZT"), (400, "JOD"), (404, "KES"), (408, "KPW"), (410, "KRW"), (414, "KWD"), (417, "KGS"),
    (418, "LAK"), (422, "LBP"), (426, "LSL"), (430, "LRD"), (434, "LYD"), (446, "MOP"), (454, "MWK"),
    (458, "MYR"), (462, "MVR"), (480, "MUR"), (484, "MXN"), (496, "MNT"), (498, "MDL"), (504, "MAD"),
    (512, "OMR"), (516, "NAD"), (524, "NPR"), (532, "XCG"), (533, "AWG"), (548, "VUV"), (554, "NZD"),
    (558, "NIO"), (566, "NGN"), (578, "NOK"), (586, "PKR"), (590, "PAB"), (598, "PGK"), (600, "PYG"),
    (604, "PEN"), (608, "PHP"), (634, "QAR"), (643, "RUB"), (646, "RWF"), (654, "SHP"), (682, "SAR"),
    (690, "SCR"), (702, "SGD"), (704, "VND"), (706, "SOS"), (710, "ZAR"), (728, "SSP"), (748, "SZL"),
    (752, "SEK"), (756, "CHF"), (760, "SYP"), (764, "THB"), (776, "TOP"), (780, "TTD"), (784, "AED"),
    (788, "TND"), (800, "UGX"), (807, "MKD"), (818, "EGP"), (826, "GBP"), (834, "TZS"), (840, "USD"),
    (858, "UYU"), (860, "UZS"), (882, "WST"), (886, "YER"), (901, "TWD"), (924, "ZWG"), (925, "SLE"),
    (926, "VED"), (927, "UYW"), (928, "VES"), (929, "MRU"), (930, "STN"), (933, "BYN"), (934, "TMT"),
    (936, "GHS"), (938, "SDG"), (940, "UYI"), (941, "RSD"), (943, "MZN"), (944, "AZN"), (946, "RON"),
    (947, "CHE"), (948, "CHW"), (949, "TRY"), (950, "XAF"), (951, "XCD"), (952, "XOF"), (953, "XPF"),
    (955, "XBA"), (956, "XBB"), (957, "XBC"), (958, "XBD"), (959, "XAU"), (960, "XDR"), (961, "XAG"),
    (962, "XPT"), (963, "XTS"), (964, "XPD"), (965, "XUA"), (967, "ZMW"), (968, "SRD"), (969, "MGA"),
    (970, "COU"), (971, "AFN"), (972, "TJS"), (973, "AOA"), (975, "BGN"), (976, "CDF"), (977, "BAM"),
    (978, "EUR"), (979, "MXV"), (980, "UAH"), (981, "GEL"), (984, "BOV"), (985, "PLN"), (986, "BRL"),
    (990, "CLF"), (994, "XSU"), (997, "USN"), (999, "XXX"),
];

/// Package types of UN/ECE Recommendation 21 with the additions of GS1.
#[rustfmt::skip]
pub(super) const PACKAGE_TYPES: [&str; 431] = [
    "1A", "1B", "1D", "1F", "1G", "1W", "200", "201", "202", "203", "204", "205", "206", "210", "211",
    "212", "2C", "3A", "3H", "43", "44", "4A", "4B", "4C", "4D", "4F", "4G", "4H", "5H", "5L", "5M",
    "6H", "6P", "7A", "7B", "8", "8A", "8B", "8C", "9", "AA", "AB", "AC", "AD", "AF", "AG", "AH", "AI",
    "AJ", "AL", "AM", "AP", "APE", "AT", "AV", "B4", "BB", "BC", "BD", "BE", "BF", "BG", "BGE", "BH",
    "BI", "BJ", "BK", "BL", "BM", "BME", "BN", "BO", "BP", "BQ", "BR", "BRI", "BS", "BT", "BU", "BV",
    "BW", "BX", "BY", "BZ", "CA", "CB", "CBL", "CC", "CCE", "CD", "CE", "CF", "CG", "CH", "CI", "CJ",
    "CK", "CL", "CM", "CN", "CO", "CP", "CQ", "CR", "CS", "CT", "CU", "CV", "CW", "CX", "CY", "CZ",
    "DA", "DB", "DC", "DG", "DH", "DI", "DJ", "DK", "DL", "DM", "DN", "DP", "DPE", "DR", "DS", "DT",
    "DU", "DV", "DW", "DX", "DY", "E1", "E2", "E3", "EC", "ED", "EE", "EF", "EG", "EH", "EI", "EN",
    "FB", "FC", "FD", "FE", "FI", "FL", "FO", "FOB", "FP", "FPE", "FR", "FT", "FW", "FX", "GB", "GI",
    "GL", "GR", "GU", "GY", "GZ", "HA", "HB", "HC", "HG", "HN", "HR", "IA", "IB", "IC", "ID", "IE",
    "IF", "IG", "IH", "IK", "IL", "IN", "IZ", "JB", "JC", "JG", "JR", "JT", "JY", "KG", "KI", "LAB",
    "LE", "LG", "LT", "LU", "LV", "LZ", "MA", "MB", "MC", "ME", "MPE", "MR", "MS", "MT", "MW", "MX",
    "NA", "NE", "NF", "NG", "NS", "NT", "NU", "NV", "OA", "OB", "OC", "OD", "OE", "OF", "OK", "OPE",
    "OT", "OU", "P2", "PA", "PAE", "PB", "PC", "PD", "PE", "PF", "PG", "PH", "PI", "PJ", "PK", "PL",
    "PLP", "PN", "PO", "POP", "PP", "PPE", "PR", "PT", "PU", "PUE", "PV", "PX", "PY", "PZ", "QA", "QB",
    "QC", "QD", "QF", "QG", "QH", "QJ", "QK", "QL", "QM", "QN", "QP", "QQ", "QR", "QS", "RB1", "RB2",
    "RB3", "RCB", "RD", "RG", "RJ", "RK", "RL", "RO", "RT", "RZ", "S1", "SA", "SB", "SC", "SD", "SE",
    "SEC", "SH", "SI", "SK", "SL", "SM", "SO", "SP", "SS", "ST", "STL", "SU", "SV", "SW", "SX", "SY",
    "SZ", "T1", "TB", "TC", "TD", "TE", "TEV", "TG", "THE", "TI", "TK", "TL", "TN", "TO", "TR", "TRE",
    "TS", "TT", "TTE", "TU", "TV", "TW", "TWE", "TY", "TZ", "UC", "UN", "UUE", "VA", "VG", "VI", "VK",
    "VL", "VN", "VO", "VP", "VQ", "VR", "VS", "VY", "WA", "WB", "WC", "WD", "WF", "WG", "WH", "WJ",
    "WK", "WL", "WM", "WN", "WP", "WQ", "WR", "WRP", "WS", "WT", "WU", "WV", "WW", "WX", "WY", "WZ",
    "X11", "X12", "X15", "X16", "X17", "X18", "X19", "X20", "X3", "XA", "XB", "XC", "XD", "XF", "XG",
    "XH", "XJ", "XK", "YA", "YB", "YC", "YD", "YF", "YG", "YH", "YJ", "YK", "YL", "YM", "YN", "YP",
    "YQ", "YR", "YS", "YT", "YV", "YW", "YX", "YY", "YZ", "ZA", "ZB", "ZC", "ZD", "ZF", "ZG", "ZH",
    "ZJ", "ZK", "ZL", "ZM", "ZN", "ZP", "ZQ", "ZR", "ZS", "ZT", "ZU", "ZV", "ZW", "ZX", "ZY", "ZZ",
];

/// One bit for each number from 0 to 999.
struct Numbers([u64; 16]);

impl Numbers {
    fn has(&self, number: u16) -> bool {
        self.0.get(usize::from(number / 64)).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }
}

static COUNTRY_BITS: Numbers = {
    let (mut bits, mut i) = ([0; 16], 0);
    while i < COUNTRIES.len() {
        bits[COUNTRIES[i] as usize / 64] |= 1 << (COUNTRIES[i] % 64);
        i += 1;
    }
    Numbers(bits)
};

pub(super) fn is_country(number: u16) -> bool {
    COUNTRY_BITS.has(number)
}

pub(super) fn is_country_letters(letters: &[u8]) -> bool {
    <[u8; 2]>::try_from(letters).is_ok_and(|letters| COUNTRY_LETTERS.binary_search(&letters).is_ok())
}

/// The letters of a currency.
pub(super) fn currency(number: u16) -> Option<&'static str> {
    let place = CURRENCIES.binary_search_by_key(&number, |&(number, _)| number).ok()?;
    Some(CURRENCIES[place].1)
}

/// The currency with these letters of ISO 4217.
pub fn currency_of(letters: &str) -> Option<&'static str> {
    CURRENCIES.iter().map(|(_, known)| *known).find(|known| *known == letters)
}

pub(super) fn is_package_type(code: &[u8]) -> bool {
    PACKAGE_TYPES.binary_search_by_key(&code, |known| known.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_ascend() {
        assert!(COUNTRIES.is_sorted_by(|a, b| a < b));
        assert!(COUNTRY_LETTERS.is_sorted_by(|a, b| a < b));
        assert!(CURRENCIES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(PACKAGE_TYPES.is_sorted_by(|a, b| a < b));
    }
}
