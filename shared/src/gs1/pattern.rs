//! What labels of a shop teach of its numbers.
//!
//! A shop that prints its own labels writes the weight, the price or the count into the last digits of their numbers,
//! each in a way of its own. Two labels of one article, with what is printed on them, show which digits those are:
//! every layout is tried, and kept if it reads from each label what the label says and leaves the same article of
//! both. What does not vary is the article; leading zeros may belong to it or to the value, so that several layouts
//! may be left. Then a further label decides, of any article of the shop.

use super::instore::{self, Layout, Says};
use super::{Gtin, digits};

/// How many digits a value may have.
const DIGITS: std::ops::RangeInclusive<u8> = 3..=6;

/// A label and what is printed on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    pub number: Gtin,
    pub says: Says,
    /// What is printed, without its point: 1.234 kg is 1234 with three decimals.
    pub value: u64,
    pub decimals: u8,
}

/// Why labels teach nothing. Labels are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Two are needed.
    TooFew,
    /// Its number does not begin with 02 or 20 to 29.
    NotOfAShop(usize),
    /// It begins otherwise than the first.
    OtherPrefix(usize),
    /// It says another thing than the first: a price there, a weight here.
    OtherKind(usize),
    /// What is printed on it is nothing.
    Nothing(usize),
    /// The first two say the same, and so do not show what varies.
    Same,
    /// What is printed on it is not in its number.
    NotInNumber(usize),
    /// The first two are not of one article.
    OtherArticle,
    /// Each can be read, but not all in one way.
    Contradiction,
}

/// Every layout by which all labels say what is printed on them; the first two are of one article. There is at least
/// one, and more than one if the labels leave it open.
pub fn infer(examples: &[Example]) -> Result<Vec<Layout>, Trouble> {
    let [first, second, ..] = examples else { return Err(Trouble::TooFew) };
    for (place, example) in examples.iter().enumerate() {
        judge(first, example).map_err(|trouble| trouble(place))?;
    }
    if first.number == second.number || same_value(first, second) {
        return Err(Trouble::Same);
    }
    let says = |layout: &Layout, example: &Example| reads(example, layout).is_some();
    if let Some(place) =
        examples.iter().position(|example| layouts(example.says).all(|it| !says(&it, example)))
    {
        return Err(Trouble::NotInNumber(place));
    }
    let (mut found, mut differ) = (Vec::new(), false);
    for layout in layouts(first.says) {
        if examples.iter().all(|example| says(&layout, example)) {
            match reads(first, &layout) == reads(second, &layout) {
                true => found.push(layout),
                false => differ = true,
            }
        }
    }
    match (found.is_empty(), differ) {
        (false, _) => Ok(found),
        (true, true) => Err(Trouble::OtherArticle),
        (true, false) => Err(Trouble::Contradiction),
    }
}

fn judge(first: &Example, example: &Example) -> Result<(), fn(usize) -> Trouble> {
    let prefix = |number: &Gtin| digits::pair(number.digits(), 1);
    let is_of_a_shop = example.number.length() != 14 && matches!(prefix(&example.number), 2 | 20..=29);
    match () {
        () if !is_of_a_shop => Err(Trouble::NotOfAShop),
        () if prefix(&example.number) != prefix(&first.number) => Err(Trouble::OtherPrefix),
        () if example.says != first.says => Err(Trouble::OtherKind),
        () if example.value == 0 => Err(Trouble::Nothing),
        () => Ok(()),
    }
}

fn same_value(one: &Example, other: &Example) -> bool {
    let scaled = |example: &Example, by: u8| {
        10_u64.checked_pow(by.into()).and_then(|factor| example.value.checked_mul(factor))
    };
    scaled(one, other.decimals) == scaled(other, one.decimals)
}

/// Every layout that there can be.
fn layouts(says: Says) -> impl Iterator<Item = Layout> {
    let most = if says == Says::Pieces { 0 } else { 3 };
    let all = DIGITS.flat_map(move |digits| (0..=most).map(move |decimals| (digits, decimals)));
    let all = all.flat_map(|(digits, decimals)| [false, true].map(|checked| (digits, decimals, checked)));
    all.map(move |(digits, decimals, checked)| Layout { says, digits, decimals, checked, currency: None })
}

/// The article of a label, if the layout reads from it what is printed there.
fn reads(example: &Example, layout: &Layout) -> Option<Gtin> {
    let read = instore::read_by(&example.number, layout)?.ok()?;
    // As many decimals as the label prints, or more of them that are zeros.
    let (fewer, more) = (layout.decimals.min(example.decimals), layout.decimals.max(example.decimals));
    let factor = 10_u64.checked_pow((more - fewer).into())?;
    let fits = match layout.decimals >= example.decimals {
        true => example.value.checked_mul(factor) == Some(read.value),
        false => read.value.checked_mul(factor) == Some(example.value),
    };
    fits.then_some(read.item)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Labels as `NUMBER weight 1.234`, and what they teach.
    fn taught(labels: &str) -> String {
        let examples: Vec<Example> = labels.split(", ").map(example).collect();
        match infer(&examples) {
            Err(trouble) => format!("{trouble:?}"),
            Ok(layouts) => {
                let all = layouts.iter().map(|it| {
                    let checked = if it.checked { " checked" } else { "" };
                    format!("{} digits {} decimals{checked}", it.digits, it.decimals)
                });
                all.collect::<Vec<_>>().join(" | ")
            }
        }
    }

    /// Twelve digits get their check digit.
    fn example(label: &str) -> Example {
        let mut words = label.split(' ');
        let mut digits = words.next().unwrap().as_bytes().to_vec();
        if digits.len() == 12 {
            digits.push(digits::check_digit_for(&digits));
        }
        let kind = words.next().unwrap();
        let says = Says::ALL.into_iter().find(|says| says.word() == kind).unwrap();
        let printed = words.next().unwrap();
        let decimals = printed.split_once('.').map_or(0, |(_, rest)| rest.len());
        Example {
            number: Gtin::of_bytes(&digits).unwrap(),
            says,
            value: printed.replace('.', "").parse().unwrap(),
            decimals: u8::try_from(decimals).unwrap(),
        }
    }

    #[track_caller]
    fn check(labels: &str, expected: &str) {
        assert_eq!(taught(labels), expected, "{labels}");
    }

    #[test]
    fn two_labels_show_which_digits_are_the_value() {
        // A digit before the value that is not its check digit is one of the article.
        check("281234612345 weight 12.345, 281234502875 weight 2.875", "OtherArticle");
        // Zeros in front may be those of the article or of the value.
        check("261234501234 weight 1.234, 261234512345 weight 12.345", "5 digits 3 decimals");
        check(
            "221234500499 price 4.99, 221234501250 price 12.50",
            "4 digits 2 decimals | 5 digits 2 decimals",
        );
        check("211234560499 price 4.99, 211234561250 price 12.50", "4 digits 2 decimals");
        check(
            "251234500012 count 12, 251234500006 count 6",
            "3 digits 0 decimals | 4 digits 0 decimals | 5 digits 0 decimals",
        );
        check("024123450125 weight 1.25, 024123450300 weight 3", "3 digits 2 decimals | 4 digits 2 decimals");
    }

    #[test]
    fn a_check_digit_of_the_value_is_found_where_it_varies() {
        // 2875 has 9, 1250 has 4, 14685 has 6.
        let with = |article: &str, value: &str| {
            let check = (0..10).find(|check| {
                let text = format!("{article}{check}{value}");
                let mut digits = text.into_bytes();
                digits.push(digits::check_digit_for(&digits));
                let layout = Layout {
                    says: Says::Price,
                    digits: u8::try_from(value.len()).unwrap(),
                    decimals: 2,
                    checked: true,
                    currency: None,
                };
                matches!(instore::read_by(&Gtin::of_bytes(&digits).unwrap(), &layout), Some(Ok(_)))
            });
            format!("{article}{}{value}", check.unwrap())
        };
        let (one, other) = (with("221234", "02875"), with("221234", "14685"));
        check(&format!("{one} price 28.75, {other} price 146.85"), "5 digits 2 decimals checked");
        let (one, other) = (with("2012345", "2875"), with("2012345", "0499"));
        check(&format!("{one} price 28.75, {other} price 4.99"), "4 digits 2 decimals checked");
        assert!(one.contains("92875"));
    }

    #[test]
    fn a_further_label_of_another_article_decides() {
        let two = "221234500499 price 4.99, 221234501250 price 12.50";
        check(&format!("{two}, 229876700300 price 3.00"), "4 digits 2 decimals | 5 digits 2 decimals");
        check(&format!("{two}, 229876770300 price 3.00"), "4 digits 2 decimals");
        check(&format!("{two}, 221234510499 price 104.99"), "5 digits 2 decimals");
    }

    #[test]
    fn labels_that_teach_nothing_say_why() {
        check("261234501234 weight 1.234", "TooFew");
        check("400638133393 weight 1.234, 261234512345 weight 12.345", "NotOfAShop(0)");
        check("261234501234 weight 1.234, 271234512345 weight 12.345", "OtherPrefix(1)");
        check("261234501234 weight 1.234, 261234512345 price 123.45", "OtherKind(1)");
        check("261234501234 weight 1.234, 261234500000 weight 0", "Nothing(1)");
        check("261234501234 weight 1.234, 261234501234 weight 1.234", "Same");
        check("261234501234 weight 1.234, 261234601234 weight 1.2340", "Same");
        check("261234501234 weight 1.234, 261234512345 weight 9.999", "NotInNumber(1)");
        check("261234501234 weight 1.234, 261239902345 weight 2.345", "OtherArticle");
        check("261234501234 weight 1.234, 261234500234 weight 2.34", "Contradiction");
    }
}
