//! Arithmetic on digits: numbers and check digits. The callers made sure that they are digits.

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

/// Sum of all digits, every second one three times, beginning with the last.
#[inline]
fn weighted(digits: &[u8]) -> u32 {
    let mut pairs = digits.rchunks_exact(2);
    let sum = pairs.by_ref().map(|pair| u32::from(pair[0] & 15) + 3 * u32::from(pair[1] & 15)).sum::<u32>();
    sum + pairs.remainder().first().map_or(0, |&digit| 3 * u32::from(digit & 15))
}

/// The check digit that belongs behind `digits`.
pub(super) fn check_digit_for(digits: &[u8]) -> u8 {
    b'0' + ((10 - weighted(digits) % 10) % 10) as u8
}

/// Whether the last digit is the check digit of those before it.
#[inline]
pub(super) fn check_digit_fits(digits: &[u8]) -> bool {
    digits.split_last().is_some_and(|(&check, before)| {
        (weighted(before) + u32::from(check & 15)).is_multiple_of(10) && check.is_ascii_digit()
    })
}
