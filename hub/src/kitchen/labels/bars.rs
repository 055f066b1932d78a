//! Bars: Code 128 and EAN-13.

use hearth_shared::gs1::Gtin;

use super::symbol::DoesNotFit;

/// How a Code 128 begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Plain,
    /// With FNC1, which makes it GS1-128.
    Gs1,
}

/// Widths of bar, space, bar, space, bar, space, for the values 0 to 105.
#[rustfmt::skip]
const WIDTHS: [&[u8; 6]; 106] = [
    b"212222", b"222122", b"222221", b"121223", b"121322", b"131222", b"122213", b"122312", b"132212", b"221213",
    b"221312", b"231212", b"112232", b"122132", b"122231", b"113222", b"123122", b"123221", b"223211", b"221132",
    b"221231", b"213212", b"223112", b"312131", b"311222", b"321122", b"321221", b"312212", b"322112", b"322211",
    b"212123", b"212321", b"232121", b"111323", b"131123", b"131321", b"112313", b"132113", b"132311", b"211313",
    b"231113", b"231311", b"112133", b"112331", b"132131", b"113123", b"113321", b"133121", b"313121", b"211331",
    b"231131", b"213113", b"213311", b"213131", b"311123", b"311321", b"331121", b"312113", b"312311", b"332111",
    b"314111", b"221411", b"431111", b"111224", b"111422", b"121124", b"121421", b"141122", b"141221", b"112214",
    b"112412", b"122114", b"122411", b"142112", b"142211", b"241211", b"221114", b"413111", b"241112", b"134111",
    b"111242", b"121142", b"121241", b"114212", b"124112", b"124211", b"411212", b"421112", b"421211", b"212141",
    b"214121", b"412121", b"111143", b"111341", b"131141", b"114113", b"114311", b"411113", b"411311", b"113141",
    b"114131", b"311141", b"411131", b"211412", b"211214", b"211232",
];
const STOP: &[u8; 7] = b"2331112";

const CODE_C: u8 = 99;
const CODE_B: u8 = 100;
const FNC1: u8 = 102;
const START_B: u8 = 104;
const START_C: u8 = 105;
const GS: u8 = 0x1D;
/// Longer ones are wider than a hand-held scanner sees.
const LONGEST: usize = 60;

/// Digits go in pairs where four or more stand together, everything else in set B.
pub(super) fn code_128(text: &str, start: Start) -> Result<Vec<bool>, DoesNotFit> {
    let bytes = text.as_bytes();
    let carried = |byte: u8| (0x20..0x7F).contains(&byte) || (start == Start::Gs1 && byte == GS);
    if bytes.is_empty() || bytes.len() > LONGEST || !bytes.iter().all(|byte| carried(*byte)) {
        return Err(DoesNotFit);
    }
    let values = values(bytes, start);
    let weighted = values.iter().enumerate().map(|(at, value)| at.max(1) * usize::from(*value));
    let check = weighted.sum::<usize>() % 103;
    let mut modules = Vec::new();
    for value in values.iter().map(|value| usize::from(*value)).chain([check]) {
        stripes(&mut modules, WIDTHS[value]);
    }
    stripes(&mut modules, STOP);
    Ok(modules)
}

fn values(bytes: &[u8], start: Start) -> Vec<u8> {
    let mut pairs = worth_pairing(bytes);
    let mut values = vec![if pairs { START_C } else { START_B }];
    if start == Start::Gs1 {
        values.push(FNC1);
    }
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        match rest {
            [GS, ..] => {
                values.push(FNC1);
                rest = after;
            }
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9', after @ ..] if pairs => {
                values.push((tens - b'0') * 10 + (ones - b'0'));
                rest = after;
            }
            _ if pairs || worth_pairing(rest) => {
                pairs = !pairs;
                values.push(if pairs { CODE_C } else { CODE_B });
            }
            _ => {
                values.push(first - b' ');
                rest = after;
            }
        }
    }
    values
}

/// Whether an even number of digits, four at least, stands here.
fn worth_pairing(bytes: &[u8]) -> bool {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits >= 4 && digits % 2 == 0
}

/// Appends bars and spaces in turn, beginning with a bar.
fn stripes(modules: &mut Vec<bool>, widths: &[u8]) {
    for (at, width) in widths.iter().enumerate() {
        modules.extend(std::iter::repeat_n(at % 2 == 0, usize::from(width - b'0')));
    }
}

/// The digits of set A; read backwards they are set C's, and B is C with light and dark exchanged.
const DIGITS: [&[u8; 4]; 10] =
    [b"3211", b"2221", b"2122", b"1411", b"1132", b"1231", b"1114", b"1312", b"1213", b"3112"];
/// Which of the six digits at the left are of set B, told by the first digit.
const PARITY: [u8; 10] =
    [0b000000, 0b001011, 0b001101, 0b001110, 0b010011, 0b011001, 0b011100, 0b010101, 0b010110, 0b011010];

pub(super) fn ean_13(digits: &str) -> Result<Vec<bool>, DoesNotFit> {
    let number: &[u8; 13] = digits.as_bytes().try_into().map_err(|_| DoesNotFit)?;
    if Gtin::of(digits).is_none() {
        return Err(DoesNotFit);
    }
    let value = |at: usize| usize::from(number[at] - b'0');
    let parity = PARITY[value(0)];
    let mut modules = vec![true, false, true];
    for at in 1..=6 {
        let reversed = parity >> (6 - at) & 1 == 1;
        digit(&mut modules, DIGITS[value(at)], false, reversed);
    }
    modules.extend([false, true, false, true, false]);
    for at in 7..=12 {
        digit(&mut modules, DIGITS[value(at)], true, false);
    }
    modules.extend([true, false, true]);
    Ok(modules)
}

fn digit(modules: &mut Vec<bool>, widths: &[u8; 4], dark_first: bool, reversed: bool) {
    let mut widths = *widths;
    if reversed {
        widths.reverse();
    }
    for (at, width) in widths.iter().enumerate() {
        modules.extend(std::iter::repeat_n((at % 2 == 0) == dark_first, usize::from(width - b'0')));
    }
}
