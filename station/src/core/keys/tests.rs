//! Keys as data. `30` presses and lets go of a key, `42+30` does so while another is held, `56+82,80,73` holds
//! one during several, `+30` only presses, `-30` only lets go, `~30` is a repeat.

use expect_test::{Expect, expect};

use super::super::strokes::strokes;
use super::*;

fn type_keys(typist: &mut Typist, keys: &str) -> String {
    let mut typed = String::new();
    let mut event = |key: u16, press| typed.extend(typist.key(key, press).into_iter().flatten());
    let number = |word: &str| word.parse().unwrap();
    for word in keys.split_whitespace() {
        match word.split_at(1) {
            ("+", key) => event(number(key), Press::Down),
            ("-", key) => event(number(key), Press::Up),
            ("~", key) => event(number(key), Press::Repeat),
            _ => {
                let (held, keys) = word.rsplit_once('+').unwrap_or(("", word));
                let held: Vec<u16> = held.split('+').filter(|key| !key.is_empty()).map(number).collect();
                held.iter().for_each(|&key| event(key, Press::Down));
                for key in keys.split(',').map(number) {
                    event(key, Press::Down);
                    event(key, Press::Up);
                }
                held.iter().rev().for_each(|&key| event(key, Press::Up));
            }
        }
    }
    typed
}

fn check(typing: Typing, keys: &str, expected: Expect) {
    expected.assert_eq(&format!("{:?}", type_keys(&mut Typist::new(typing), keys)));
}

fn in_layout(layout: Layout) -> Typing {
    Typing { layout, ..Typing::default() }
}

#[test]
fn digits_come_from_the_row_and_from_the_keypad() {
    check(in_layout(Layout::Us), "5 11 2 28", expect![[r#""401\r""#]]);
    check(in_layout(Layout::De), "75 82 79 96", expect![[r#""401\r""#]]);
    check(in_layout(Layout::Fr), "42+5 42+11 42+2 28", expect![[r#""401\r""#]]);
    check(in_layout(Layout::Us), "71 72 73 75 76 77 79 80 81 82 83", expect![[r#""7894561230.""#]]);
    check(in_layout(Layout::De), "83 98 55 74 78", expect![[r#"",/*-+""#]]);
}

#[test]
fn either_shift_makes_capitals_and_letting_go_ends_them() {
    check(in_layout(Layout::Us), "30 42+30 54+30 30", expect![[r#""aAAa""#]]);
    check(in_layout(Layout::Us), "+42 +54 30 -42 30 -54 30", expect![[r#""AAa""#]]);
}

#[test]
fn caps_lock_turns_letters_and_nothing_else() {
    check(in_layout(Layout::Us), "58 30 3 42+30 58 30", expect![[r#""A2aa""#]]);
    check(in_layout(Layout::De), "58 41,57 12 39", expect![[r#""^ßÖ""#]]);
    let swapped = Typing { case: Case::Swapped, ..Typing::default() };
    check(swapped, "42+30 30 3", expect![[r#""aA2""#]]);
}

#[test]
fn repeats_are_not_keys() {
    check(in_layout(Layout::Us), "+30 ~30 ~30 -30 48", expect![[r#""ab""#]]);
}

#[test]
fn the_separator_comes_as_control_and_bracket_whatever_the_layout() {
    for layout in Layout::ALL {
        check(in_layout(layout), "79 29+27 80", expect![[r#""1\u{1d}2""#]]);
        check(in_layout(layout), "79 97+27 80", expect![[r#""1\u{1d}2""#]]);
    }
    check(in_layout(Layout::De), "29+100+10", expect![[r#""\u{1d}""#]]);
}

#[test]
fn the_separator_comes_as_alt_and_a_number() {
    for number in ["82,80,73", "80,73", "82,82,80,73", "3,10", "11,3,10"] {
        check(in_layout(Layout::Us), &format!("30 56+{number} 48"), expect![[r#""a\u{1d}b""#]]);
    }
    // A scanner that spells everything by numbers, on whatever keyboard.
    check(in_layout(Layout::Fr), "56+82,77,76 56+82,77,77", expect![[r#""AB""#]]);
    check(in_layout(Layout::Us), "56+82,80,81,72 +56 -56", expect![[r#""î""#]]);
}

#[test]
fn the_separator_comes_as_a_function_key_or_a_chosen_character() {
    let key = function_key(8).unwrap();
    let by_key = Typing { separator: Separator::Key(key), ..Typing::default() };
    check(by_key, "30 66 48", expect![[r#""a\u{1d}b""#]]);
    check(Typing::default(), "30 66 48", expect![[r#""ab""#]]);
    let by_character = Typing { separator: Separator::Character('#'), ..Typing::default() };
    check(by_character, "30 42+4 48", expect![[r#""a\u{1d}b""#]]);
    let by_dead_key = Typing { separator: Separator::Character('^'), ..in_layout(Layout::De) };
    check(by_dead_key, "30 41 48", expect![[r#""a\u{1d}b""#]]);
}

#[test]
fn control_and_a_letter_is_a_control_character() {
    check(Typing::default(), "29+50 29+36 29+23 29+43", expect![[r#""\r\n\t\u{1c}""#]]);
    check(in_layout(Layout::Fr), "29+39", expect![[r#""\r""#]]);
    check(Typing::default(), "29+2 59 108 15", expect![[r#""\n\t""#]]);
}

#[test]
fn accents_wait_for_their_letter() {
    check(in_layout(Layout::De), "41 57 41 18 41 45 13 30", expect![[r#""^ê^xá""#]]);
    check(in_layout(Layout::De), "41 41 28", expect![[r#""^^\r""#]]);
    check(in_layout(Layout::Fr), "26 16 42+26 18 100+8 57", expect![[r#""âë`""#]]);
    check(in_layout(Layout::De), "39 40 26 12 42+39 100+50", expect![[r#""öäüßÖµ""#]]);
}

#[test]
fn what_is_held_is_let_go_after_a_pause() {
    let mut typist = Typist::new(Typing::default());
    assert_eq!(type_keys(&mut typist, "+42 30"), "A");
    typist.let_go();
    assert_eq!(type_keys(&mut typist, "30 58 30"), "aA");
    typist.let_go();
    assert_eq!(type_keys(&mut typist, "30"), "A");
    typist.forget();
    assert_eq!(type_keys(&mut typist, "30"), "a");
}

#[test]
fn whatever_a_layout_has_is_typed_and_read_back() {
    let text: String = (0x20..0x7f).map(char::from).chain([GS, 'ö', 'é', '\r']).collect();
    for layout in Layout::ALL {
        for separator in [Separator::Control, Separator::Key(66)] {
            for case in [Case::Kept, Case::Swapped] {
                let typing = Typing { layout, case, separator };
                let typeable = |c: &char| layout.keys_for(*c).is_some() || c.is_control();
                let text: String = text.chars().filter(typeable).collect();
                let mut typist = Typist::new(typing);
                let strokes = strokes(typing, &text);
                let typed = strokes.iter().flat_map(|&(key, press)| typist.key(key, press));
                assert_eq!(typed.flatten().collect::<String>(), text, "{typing:?}");
            }
        }
    }
}

#[test]
fn function_keys_have_numbers() {
    for number in 1..=24 {
        assert_eq!(function_number(function_key(number).unwrap()), Some(number));
    }
    assert_eq!((function_key(0), function_key(25), function_number(30)), (None, None, None));
}
