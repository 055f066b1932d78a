//! Codes as data: a text is typed a key every 3 ms, `…N` is a pause of N milliseconds, `!overrun` and
//! `!unplug` are what they say, `{…}` are bytes of a serial line.

use expect_test::{Expect, expect};

use super::super::keys::Separator;
use super::super::layout::Layout;
use super::super::strokes::strokes;
use super::*;

fn check(profile: Profile, story: &str, expected: Expect) {
    let mut bursts = Bursts::new(profile);
    let (mut at, mut found) = (1000, Vec::new());
    for word in story.split(' ').filter(|word| !word.is_empty()) {
        if let Some(pause) = word.strip_prefix('…') {
            let until = at + pause.parse::<i64>().unwrap();
            while let Some(deadline) = bursts.deadline().filter(|&deadline| deadline <= until) {
                found.extend(bursts.tick(deadline));
            }
            at = until;
        } else if word == "!overrun" {
            found.extend(bursts.overrun(at));
        } else if word == "!unplug" {
            found.extend(bursts.unplugged(at));
        } else if let Some(bytes) = word.strip_prefix('{') {
            let bytes = bytes.trim_end_matches('}').replace("⏎", "\r\n");
            found.extend(bursts.bytes(bytes.as_bytes(), at));
        } else {
            let text = word.replace('⏎', "\r").replace('⇥', "\t").replace('↓', "\n").replace('␝', "\u{1d}");
            for (key, press) in strokes(bursts.profile().typing, &text) {
                at += 3;
                found.extend(bursts.key(key, press, at));
            }
        }
    }
    let lines = found.iter().map(|burst| match burst {
        Burst::Code(code) => format!("{}\n", text(&code.bytes).replace('\u{1d}', "␝").escape_debug()),
        Burst::Lost(loss) => format!("lost: {}\n", loss.sentence()),
    });
    expected.assert_eq(&lines.collect::<String>());
}

fn ending(suffix: Suffix) -> Profile {
    Profile { suffix, ..Profile::default() }
}

#[test]
fn a_code_ends_with_enter_tab_line_or_a_pause() {
    check(
        Profile::default(),
        "4006381333931⏎ 96385074⇥ 036000291452↓ 12345670 …131 9",
        expect![[r#"
            4006381333931
            96385074
            036000291452
            12345670
        "#]],
    );
}

#[test]
fn a_pause_that_is_too_short_ends_nothing() {
    check(
        Profile::default(),
        "400638 …90 1333931⏎",
        expect![[r#"
            4006381333931
        "#]],
    );
}

#[test]
fn an_end_after_nothing_means_nothing() {
    check(
        Profile::default(),
        "⏎ ⏎ {12345670⏎} …200 ⏎ {⏎⏎}",
        expect![[r#"
            12345670
        "#]],
    );
}

#[test]
fn where_the_end_is_a_key_a_long_pause_loses_the_code_and_a_short_one_does_not() {
    check(
        ending(Suffix::Enter),
        "400638 …900 1333931⏎ 400638 …1100 1333931⏎",
        expect![[r#"
            4006381333931
            lost: the end did not come
            1333931
        "#]],
    );
}

#[test]
fn other_ends_are_not_part_of_the_code() {
    check(
        ending(Suffix::Tab),
        "A⏎⇥ B⇥",
        expect![[r#"
            A
            B
        "#]],
    );
    check(
        ending(Suffix::Pause),
        "A⏎ …180 B⇥ …180",
        expect![[r#"
            A
            B
        "#]],
    );
}

#[test]
fn a_line_feed_behind_the_end_is_no_code_of_its_own() {
    check(
        ending(Suffix::Enter),
        "{A⏎} …2000 {B⏎} …5 {C⏎}",
        expect![[r#"
            A
            B
            C
        "#]],
    );
}

#[test]
fn a_prefix_is_taken_off_where_it_stands() {
    let profile = Profile { prefix: "]X".into(), ..Profile::default() };
    check(
        profile,
        "]X4006381333931⏎ 4006381333931⏎ ]X⏎",
        expect![[r#"
            4006381333931
            4006381333931
        "#]],
    );
}

#[test]
fn lost_keys_lose_the_code_to_its_end_and_no_other() {
    check(
        Profile::default(),
        "400 !overrun 638⏎ 96385074⏎ !overrun …180 96385074⏎",
        expect![[r#"
            lost: some keys were lost
            96385074
            lost: some keys were lost
            96385074
        "#]],
    );
    check(
        Profile::default(),
        "400 !overrun 638 !overrun 1⏎ 2⏎",
        expect![[r#"
            lost: some keys were lost
            lost: some keys were lost
            2
        "#]],
    );
}

#[test]
fn a_shift_that_was_lost_with_other_keys_does_not_stay() {
    let mut bursts = Bursts::new(Profile::default());
    bursts.key(42, Press::Down, 0);
    bursts.overrun(1);
    bursts.tick(200);
    let found: Vec<_> = [30, 28].into_iter().flat_map(|key| bursts.key(key, Press::Down, 300)).collect();
    assert_eq!(found, [Burst::Code(Code { bytes: b"a".to_vec(), at: 300 })]);
}

#[test]
fn unplugging_in_the_middle_loses_the_code_and_between_codes_nothing() {
    check(
        Profile::default(),
        "400 !unplug 96385074⏎ !unplug 96385074⏎",
        expect![[r#"
            lost: the scanner was unplugged in the middle
            96385074
            96385074
        "#]],
    );
}

#[test]
fn separators_and_capitals_arrive_in_every_layout() {
    for layout in Layout::ALL {
        for separator in [Separator::Control, Separator::Key(66), Separator::Character('~')] {
            let typing = Typing { layout, separator, ..Typing::default() };
            let profile = Profile { typing, ..Profile::default() };
            check(
                profile,
                "]d20109501101530003172501 …20 1910AB-12yZ␝21xy/(z)⏎",
                expect![[r#"
                    ]d201095011015300031725011910AB-12yZ␝21xy/(z)
                "#]],
            );
        }
    }
}

#[test]
fn what_is_too_long_is_lost_once() {
    let mut bursts = Bursts::new(Profile::default());
    let long = vec![b'1'; MAX_BYTES + 10];
    assert_eq!(bursts.bytes(&long, 0), [Burst::Lost(Loss::TooLong)]);
    assert_eq!(bursts.bytes(&long, 1), []);
    assert_eq!(bursts.bytes(b"1\r2\r", 2), [Burst::Code(Code { bytes: b"2".to_vec(), at: 2 })]);
    let fits = [&long[..MAX_BYTES], b"\r"].concat();
    assert!(matches!(&bursts.bytes(&fits, 3)[..], [Burst::Code(code)] if code.bytes.len() == MAX_BYTES));
}

#[test]
fn serial_bytes_are_kept_as_they_are() {
    let mut bursts = Bursts::new(Profile::default());
    let found = bursts.bytes(b"caf\xe9\x1d\r", 5);
    let [Burst::Code(code)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(code.bytes, b"caf\xe9\x1d");
    assert_eq!(text(&code.bytes), "café\u{1d}");
    assert!(has_separator(&code.bytes));
}
