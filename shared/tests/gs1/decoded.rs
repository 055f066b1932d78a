//! What the example `decode` writes, which other programs read.

use expect_test::{Expect, expect};

#[path = "../../examples/decode.rs"]
#[expect(dead_code, reason = "its main is for the command line")]
mod decode;

fn check(flags: &str, input: &str, expected: &Expect) {
    let flags = flags.split_whitespace().map(str::to_owned);
    let context =
        decode::context(["--today".to_owned(), "2026-11-20".to_owned()].into_iter().chain(flags)).unwrap();
    let mut out = Vec::new();
    decode::run(input.as_bytes(), &mut out, &context).unwrap();
    expected.assert_eq(&String::from_utf8(out).unwrap());
}

#[test]
fn one_object_a_line() {
    check(
        "",
        r#"
"]d201095011015300031725011910AB-123"
"]d20109501101530003\u001d15250200310300125021S1\u001d3932978499"
"]E04006381333931"
"https://example.org/01/09501101530003?17=251340"
"]d28005"
"10ABC17250119"
"hello"
no string
"#,
        &expect![[r#"
            {"batch":"AB-123","elements":[{"ai":"01","value":"09501101530003"},{"ai":"17","value":"250119"},{"ai":"10","value":"AB-123"}],"errors":[],"expiry":{"date":"2025-01-19","day_given":true,"kind":"use-by"},"gtin":"09501101530003","kind":"gs1","symbology":"]d2","warnings":[]}
            {"elements":[{"ai":"01","value":"09501101530003"},{"ai":"15","value":"250200"},{"ai":"3103","value":"001250"},{"ai":"21","value":"S1"},{"ai":"3932","value":"978499"}],"errors":[],"expiry":{"date":"2025-02-28","day_given":false,"kind":"best-before"},"gtin":"09501101530003","kind":"gs1","measure":{"scale":3,"unit":"kg","value":1250},"price":{"currency":"EUR","scale":2,"value":499},"serial":"S1","symbology":"]d2","warnings":[]}
            {"elements":[],"errors":[],"gtin":"04006381333931","kind":"gtin","symbology":"]E0","warnings":[]}
            {"elements":[{"ai":"01","value":"09501101530003"},{"ai":"17","error":"month","value":"251340"}],"errors":[],"gtin":"09501101530003","kind":"digital-link","warnings":[]}
            {"elements":[],"errors":[{"ai":"8005","at":7,"code":"value-empty"}],"kind":"gs1","symbology":"]d2","warnings":[]}
            {"alternatives":[{"elements":[{"ai":"10","value":"ABC"},{"ai":"17","value":"250119"}],"kind":"gs1"}],"batch":"ABC17250119","elements":[{"ai":"10","value":"ABC17250119"}],"errors":[],"kind":"gs1","warnings":[{"code":"separator-missing"},{"ai":"10","code":"companion-missing"}]}
            {"elements":[],"errors":[],"kind":"text","warnings":[]}
            {"elements":[],"errors":[{"at":2,"code":"not-a-json-string"}],"kind":"text","warnings":[]}
        "#]],
    );
}

#[test]
fn flags_change_the_reading() {
    check(
        "--bracketed",
        "\"(10)A(B\"\n\"hello\"\n",
        &expect![[r#"
        {"batch":"A","elements":[{"ai":"10","value":"A"}],"errors":[{"at":5,"code":"bracket-missing"}],"kind":"gs1","warnings":[{"ai":"10","code":"companion-missing"}]}
        {"elements":[],"errors":[{"at":0,"code":"bracket-missing"}],"kind":"gs1","warnings":[]}
    "#]],
    );
    check(
        "--region DE",
        "\"2812346146858\"\n",
        &expect![[r#"
        {"elements":[],"errors":[],"item":"02812340000002","kind":"in-store","measure":{"scale":3,"unit":"kg","value":14685},"use":"region","warnings":[{"code":"number-restricted"}]}
    "#]],
    );
    check(
        "--today 2060-01-01",
        "\"]d217000229\"\n",
        &expect![[r#"
        {"elements":[{"ai":"17","error":"day","value":"000229"}],"errors":[],"kind":"gs1","symbology":"]d2","warnings":[{"ai":"17","code":"companion-missing"}]}
    "#]],
    );
    for flags in ["--today", "--today 2026", "--region XX", "--region", "--loud"] {
        assert!(decode::context(flags.split(' ').map(str::to_owned)).is_err(), "{flags}");
    }
}
