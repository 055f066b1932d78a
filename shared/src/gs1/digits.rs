//! Arithmetic on digits: numbers and check digits.
//!
//! Keys and dates are the bulk of what is read, so digits are looked at eight at a time: a word of eight
//! characters is all digits when every upper half is 3 and no lower half is above 9.

/// The number that up to nine digits are; more digits wrap around.
pub(super) fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value: u32, digit| value.wrapping_mul(10).wrapping_add(u32::from(digit & 15)))
}

/// The number that up to nineteen digits are; more digits wrap around.
pub(super) fn long_number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |value: u64, digit| value.wrapping_mul(10).wrapping_add(u64::from(digit & 15)))
}

/// The number in the first two of `digits` from `at`.
#[inline]
pub(super) fn pair(digits: &[u8], at: usize) -> u8 {
    match digits.get(at..at + 2) {
        Some(&[tens, ones]) => (tens & 15) * 10 + (ones & 15),
        _ => 0,
    }
}

const UPPER: u64 = 0xf0f0_f0f0_f0f0_f0f0;
const LOWER: u64 = !UPPER;
const DIGITS: u64 = 0x3030_3030_3030_3030;
const SIXES: u64 = 0x0606_0606_0606_0606;
const ONES: u64 = 0x0101_0101_0101_0101;
const EVERY_SECOND: u64 = 0x00ff_00ff_00ff_00ff;

const fn are_digits(word: u64) -> bool {
    word & UPPER == DIGITS && word.wrapping_add(SIXES) & UPPER == DIGITS
}

/// Whether all characters are digits.
#[inline]
pub(super) fn are_all(value: &[u8]) -> bool {
    if let (Some(first), Some(last)) = (value.first_chunk(), value.last_chunk()) {
        // Words at both ends cover 16 characters; the words between are looked at one by one.
        let ends = are_digits(u64::from_le_bytes(*first)) && are_digits(u64::from_le_bytes(*last));
        return ends && (value.len() <= 16 || value[8..].iter().all(u8::is_ascii_digit));
    }
    if let (Some(first), Some(last)) = (value.first_chunk(), value.last_chunk()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return are_digits(u64::from(first) << 32 | u64::from(last));
    }
    value.iter().all(u8::is_ascii_digit)
}

/// Sum of the numbers in the even and in the odd places of a word.
const fn sums(word: u64) -> (u32, u32) {
    let (even, odd) = (word & EVERY_SECOND, word >> 8 & EVERY_SECOND);
    ((even.wrapping_mul(ONES) >> 56) as u32, (odd.wrapping_mul(ONES) >> 56) as u32)
}

/// Sum of all digits, every second one three times, beginning with the one before the last: a multiple of ten
/// when the last one is the check digit of those before it, and zero when all are zeros.
#[inline]
fn weighted(digits: &[u8]) -> u32 {
    let (mut left, mut single, mut triple) = (digits, 0, 0);
    let mut add = |word| {
        // The last digit of a word stands in its highest, an odd place.
        let (even, odd) = sums(word & LOWER);
        single += odd;
        triple += even;
    };
    while let Some((rest, word)) = left.split_last_chunk() {
        add(u64::from_le_bytes(*word));
        left = rest;
    }
    match (left.len(), digits.first_chunk()) {
        (0, _) => {}
        // A word that ends where the others begin: what it holds of them is shifted out.
        (length, Some(word)) => add(u64::from_le_bytes(*word) << (64 - 8 * length)),
        (_, None) => {
            let mut word = [0; 8];
            word[8 - left.len()..].copy_from_slice(left);
            add(u64::from_le_bytes(word));
        }
    }
    single + 3 * triple
}

/// The same for 16 characters, if they are all digits.
#[inline]
pub(super) fn weighted_sixteen(digits: &[u8; 16]) -> Option<u32> {
    let all = u128::from_le_bytes(*digits);
    let (low, high) = (all as u64, (all >> 64) as u64);
    if !are_digits(low) || !are_digits(high) {
        return None;
    }
    let (even, odd) = sums((low & LOWER) + (high & LOWER));
    Some(odd + 3 * even)
}

/// The check digit that belongs behind `digits`.
pub(super) fn check_digit_for(digits: &[u8]) -> u8 {
    // Without the check digit the last place counts three times: turn the weights around.
    let (mut sum, mut weight) = (0, 3);
    for digit in digits.iter().rev() {
        sum += u32::from(digit & 15) * weight;
        weight = 4 - weight;
    }
    b'0' + ((10 - sum % 10) % 10) as u8
}

/// Whether the last digit is the check digit of those before it.
#[inline]
pub(super) fn check_digit_fits(digits: &[u8]) -> bool {
    !digits.is_empty() && weighted(digits).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_see_what_single_characters_show() {
        let text = b"/0123456789:";
        for length in 0..24 {
            for odd in 0..=length {
                for other in text {
                    let mut value: Vec<u8> = (0..length).map(|i| b'0' + (i * 7 % 10) as u8).collect();
                    if let Some(place) = value.get_mut(odd) {
                        *place = *other;
                    }
                    assert_eq!(are_all(&value), value.iter().all(u8::is_ascii_digit), "{value:?}");
                }
            }
        }
    }

    #[test]
    fn a_check_digit_fits_behind_its_digits_and_no_other_does() {
        for length in 1..20 {
            for step in 0..10 {
                let mut value: Vec<u8> = (0..length).map(|i| b'0' + (i * step % 10) as u8).collect();
                let right = check_digit_for(&value);
                for check in b'0'..=b'9' {
                    value.push(check);
                    assert_eq!(check_digit_fits(&value), check == right, "{value:?}");
                    value.pop();
                }
            }
        }
    }
}
