//! Text for small displays: only the letters that their fonts have, in lines that fit.

/// Text in the letters of western Europe, which the fonts have. Other accents are left off; what has no letter
/// at all becomes a question mark.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            ' '..='~' | '\u{a1}'..='\u{ff}' => plain.push(character),
            '→' => plain.push_str("->"),
            '…' => plain.push_str("..."),
            '–' | '—' | '‐' | '‑' => plain.push('-'),
            '‘' | '’' => plain.push('\''),
            '“' | '”' | '„' => plain.push('"'),
            '\u{1d}' | '\u{a0}' | '\t' => plain.push(' '),
            'Œ' => plain.push_str("OE"),
            'œ' => plain.push_str("oe"),
            '€' => plain.push_str("EUR"),
            // Marks that stand on their own belong to the letter before them.
            '\u{300}'..='\u{36f}' => {}
            _ => plain.push(without_accent(character).unwrap_or('?')),
        }
    }
    plain
}

/// The letter under an accent of central and eastern Europe.
fn without_accent(character: char) -> Option<char> {
    const FROM: &str = "ĀāĂăĄąĆćĈĉĊċČčĎďĐđĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦħĨĩĪīĬĭĮįİıĴĵĶķĹĺĻļĽľŁłŃńŅņŇňŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŦŧŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžȘșȚț";
    const TO: &str = "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiJjKkLlLlLlLlNnNnNnOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzSsTt";
    let place = FROM.chars().position(|it| it == character)?;
    TO.chars().nth(place)
}

/// Words beside each other in so many letters: of those that do not fit the longest lose letters, so that something
/// of each is seen.
pub(super) fn beside(words: &[String], room: usize) -> String {
    let mut words: Vec<Vec<char>> = words.iter().map(|word| plain(word).chars().collect()).collect();
    while words.iter().map(|word| word.len() + 1).sum::<usize>() > room + 1 {
        match words.iter_mut().rev().max_by_key(|word| word.len()).filter(|word| word.len() > 1) {
            Some(longest) => drop(longest.pop()),
            None => drop(words.pop()),
        }
    }
    let words: Vec<String> = words.into_iter().map(|word| word.into_iter().collect()).collect();
    words.join(" ")
}

/// Breaks text into lines of at most `width` letters, at spaces where there are some, and `most` lines; what does
/// not fit ends in dots.
pub(super) fn lines(text: &str, width: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in plain(text).split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        loop {
            let last = lines.last().map_or(0, |line| line.chars().count());
            let gap = usize::from(last > 0);
            if last + gap + word.len() <= width {
                if let Some(line) = lines.last_mut() {
                    line.extend(std::iter::repeat_n(' ', gap).chain(word));
                }
                break;
            }
            if last > 0 {
                lines.push(String::new());
                continue;
            }
            let rest = word.split_off(width.min(word.len()));
            if let Some(line) = lines.last_mut() {
                line.extend(word);
            }
            lines.push(String::new());
            word = rest;
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(line) = lines.last_mut() {
            let kept: String = line.chars().take(width.saturating_sub(3)).collect();
            *line = format!("{kept}...");
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_the_fonts_do_not_have_lose_their_accents() {
        assert_eq!(plain("Müsli Grießbrei Crème fraîche"), "Müsli Grießbrei Crème fraîche");
        assert_eq!(plain("Żurek Kiełbasa ŠPENÁT İçli köfte œuf"), "Zurek Kielbasa SPENÁT Içli köfte oeuf");
        assert_eq!(plain("3 → 2… “x” 牛乳"), "3 -> 2... \"x\" ??");
    }

    #[test]
    fn words_beside_each_other_share_what_room_there_is() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(beside(&words("Anna Fridge x6"), 14), "Anna Fridge x6");
        assert_eq!(beside(&words("Friederike Cellar"), 12), "Fried Cellar");
        assert_eq!(beside(&words("Friederike Cellar x12"), 12), "Fri Cell x12");
        assert_eq!(beside(&words("Anna Fridge x6"), 3), "A F");
        assert_eq!(beside(&[], 0), "");
    }

    #[test]
    fn lines_break_at_spaces_and_end_in_dots() {
        assert_eq!(lines("Oat milk", 18, 2), ["Oat milk"]);
        assert_eq!(lines("Organic oat milk, unsweetened", 18, 2), ["Organic oat milk,", "unsweetened"]);
        assert_eq!(lines("Donaudampfschifffahrtskuchen", 18, 2), ["Donaudampfschifffa", "hrtskuchen"]);
        assert_eq!(lines("one two three four five six seven", 9, 2), ["one two", "three..."]);
        assert_eq!(lines("", 9, 2), Vec::<String>::new());
    }
}
