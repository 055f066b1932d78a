//! The words of receipts, and how near two spellings are.

/// The form in which words are compared: small letters, umlauts spelled out, lookalikes of letters put
/// right within words, everything else a space.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' => folded.push_str("ae"),
            'ö' => folded.push_str("oe"),
            'ü' => folded.push_str("ue"),
            'ß' => folded.push_str("ss"),
            'é' | 'è' | 'ê' => folded.push('e'),
            'á' | 'à' | 'â' => folded.push('a'),
            c if c.is_alphanumeric() => folded.push(c),
            _ => folded.push(' '),
        }
    }
    let words = folded.split_whitespace().map(mended);
    words.collect::<Vec<_>>().join(" ")
}

/// A word of letters with a digit or two in it that were letters on the paper.
fn mended(word: &str) -> String {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.chars().count() - digits;
    if digits == 0 || letters < 3 || digits * 2 > letters {
        return word.to_owned();
    }
    let letter = |c| match c {
        '0' => 'o',
        '1' => 'l',
        '5' => 's',
        '8' => 'b',
        c => c,
    };
    word.chars().map(letter).collect()
}

/// The form under which a wording is remembered: what a second reading of the same paper may do to it
/// is taken out.
pub fn key(wording: &str) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' | 'i' | '|' | '!' => 'l',
        '5' => 's',
        '8' => 'b',
        '2' => 'z',
        c => c,
    };
    fold(wording).chars().filter(|c| *c != ' ').map(letter).take(60).collect()
}

/// Whether a folded word is this word, give or take what reading does to it.
fn is(word: &str, wanted: &str) -> bool {
    word == wanted
        || match wanted.len() {
            0..=4 => false,
            5..=7 => near(word, wanted, 1),
            _ => near(word, wanted, 2),
        }
}

/// Whether two folded words of some length differ by no more than a letter that was misread.
pub fn is_near(one: &str, other: &str) -> bool {
    one.len() >= 5 && near(one, other, 1)
}

/// Whether two words are at most so many changed, missing or added letters apart.
fn near(one: &str, other: &str, most: usize) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > most || one.len() > 40 {
        return false;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.iter().enumerate() {
            let best = (diagonal + usize::from(a != b)).min(row[j + 1] + 1).min(row[j] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row.last().is_some_and(|distance| *distance <= most)
}

/// Whether a folded text has any of these words.
pub(super) fn has(folded: &str, words: &[&str]) -> bool {
    folded.split(' ').any(|word| words.iter().any(|wanted| is(word, wanted)))
}

/// Whether a folded text has a word that begins or ends so: German puts words together.
pub(super) fn has_part(folded: &str, parts: &[&str]) -> bool {
    folded.split(' ').any(|word| parts.iter().any(|part| word.starts_with(part) || word.ends_with(part)))
}

/// Whether every word of a folded text is one of these, or a number, or too short to mean much.
pub(super) fn only(folded: &str, words: &[&str]) -> bool {
    folded.split(' ').all(|word| {
        word.chars().count() <= 2
            || word.chars().all(|c| c.is_ascii_digit())
            || words.iter().any(|wanted| is(word, wanted))
    })
}

/// Words of which a line with the total is made.
const TOTAL: &[&str] = &[
    "summe",
    "gesamt",
    "gesamtsumme",
    "gesamtbetrag",
    "endsumme",
    "endbetrag",
    "rechnungsbetrag",
    "zahlbetrag",
    "betrag",
    "total",
    "totale",
    "zahlen",
    "topay",
    "due",
    "balance",
    "amount",
    "pay",
    "kaufsumme",
    "sum",
    "tot",
    "ttl",
    "payable",
    "bezahlen",
    "zahlbar",
    "zahlsumme",
    "zahlungsbetrag",
    "rechnungssumme",
    "gesamtpreis",
    "gesamtwert",
    "endpreis",
    "bonsumme",
    "kassensumme",
    "einkaufssumme",
    "einkaufswert",
];
const AROUND_TOTAL: &[&str] = &[
    "zu",
    "to",
    "eur",
    "euro",
    "gbp",
    "usd",
    "chf",
    "grand",
    "sale",
    "sales",
    "items",
    "item",
    "artikel",
    "posten",
    "inkl",
    "incl",
    "inc",
    "including",
    "vat",
    "mwst",
    "ust",
    "brutto",
    "der",
    "positionen",
    "purchase",
    "order",
    "stk",
    "in",
    "the",
    "st",
    "bill",
    "final",
    "invoice",
    "now",
    "price",
    "you",
    "bon",
    "rechnung",
    "ges",
    "bitte",
    "noch",
    "sie",
    "offener",
    "faelliger",
];
const NOT_TOTAL: &[&str] = &[
    "netto",
    "net",
    "tax",
    "steuer",
    "saved",
    "savings",
    "saving",
    "ersparnis",
    "points",
    "rabatt",
    "bezahlt",
    "paid",
];

pub(super) fn is_total(folded: &str) -> bool {
    let all: Vec<&str> = TOTAL.iter().chain(AROUND_TOTAL).copied().collect();
    has(folded, TOTAL) && only(folded, &all) && !has(folded, NOT_TOTAL) && !is_subtotal(folded)
}

pub(super) fn is_subtotal(folded: &str) -> bool {
    has(folded, &["zwischensumme", "subtotal", "zw", "teilsumme"]) || folded.starts_with("sub total")
}

/// What was saved in all, told for joy and not subtracted again.
pub(super) fn is_boast(folded: &str) -> bool {
    has(folded, &["sparen", "saved", "gespart", "gesamtersparnis"])
        || (has(folded, &["savings", "ersparnis", "saving"])
            && has(folded, &["total", "gesamt", "your", "ihre", "today"]))
}

pub(super) fn is_discount(folded: &str) -> bool {
    has(
        folded,
        &[
            "rabatt",
            "nachlass",
            "coupon",
            "aktion",
            "sofortrabatt",
            "preisnachlass",
            "saving",
            "savings",
            "discount",
            "multibuy",
            "voucher",
            "cpn",
            "mengenrabatt",
            "treuerabatt",
            "markdown",
            "reduced",
            "ersparnis",
            "preisvorteil",
        ],
    ) || has_part(folded, &["rabatt", "nachlass"])
}

pub(super) fn is_deposit(folded: &str) -> bool {
    has_part(folded, &["pfand", "leergut"]) && !folded.contains("pfandkuchen")
        || has(folded, &["deposit", "crv", "mehrweg", "einweg", "redemp"])
        || folded.starts_with("drs ")
}

/// Empties that were brought back: money back, whether or not the minus can be seen.
pub(super) fn is_deposit_back(folded: &str) -> bool {
    has_part(folded, &["leergut", "pfandbon", "pfandrueckgabe", "pfandrueckgab"])
        || (is_deposit(folded)
            && has(folded, &["rueckgabe", "retour", "return", "refund", "returned", "bon"]))
}

pub(super) fn is_rounding(folded: &str) -> bool {
    has(folded, &["rundung", "rundungsdifferenz", "rounding", "gerundet"]) || has_part(folded, &["rundung"])
}

pub(super) fn is_void(folded: &str) -> bool {
    has(folded, &["storno", "void", "voided", "storniert", "stornierung"]) || has_part(folded, &["storno"])
}

const SALES_TAX: &[&str] = &["tax", "hst", "gst", "pst"];

pub(super) fn is_sales_tax(folded: &str) -> bool {
    const AROUND: &[&str] = &[
        "tax",
        "hst",
        "gst",
        "pst",
        "sales",
        "state",
        "city",
        "county",
        "local",
        "food",
        "on",
        "estimated",
        "general",
    ];
    has(folded, SALES_TAX) && only(folded, AROUND)
}

/// A tax that the prices hold already.
pub(super) fn is_included_tax(folded: &str) -> bool {
    has(folded, &["mwst", "vat", "ust", "steuer", "umsatzsteuer", "netto", "brutto", "steuersatz", "tva"])
}

/// How it was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payment {
    Cash,
    Card,
    Voucher,
}

crate::words!(Payment { Cash = "cash", Card = "card", Voucher = "voucher" });

const CASH: &[&str] = &["bar", "barzahlung", "bargeld", "cash", "gegeben", "tendered", "tender"];
const CARD: &[&str] = &[
    "karte",
    "girocard",
    "ec",
    "kartenzahlung",
    "visa",
    "vlsa",
    "mastercard",
    "maestro",
    "debit",
    "credit",
    "card",
    "contactless",
    "kontaktlos",
    "vpay",
    "amex",
    "lastschrift",
    "sepa",
    "kreditkarte",
    "eftpos",
    "paypal",
];
const VOUCHER: &[&str] = &["gutschein", "giftcard", "wertgutschein"];
const CHANGE: &[&str] = &["rueckgeld", "ruckgeld", "wechselgeld", "change", "zurueck", "zuruck"];
const AROUND_PAYMENT: &[&str] = &[
    "eur",
    "euro",
    "gbp",
    "usd",
    "betrag",
    "gift",
    "pay",
    "sale",
    "due",
    "apple",
    "google",
    "zahlung",
    "mit",
    "elv",
    "us",
    "paid",
    "by",
    "payment",
    "electronic",
];

/// The kind of payment that a folded text names, when it says nothing else.
pub(super) fn payment(folded: &str) -> Option<Payment> {
    let all: Vec<&str> = [CASH, CARD, VOUCHER, AROUND_PAYMENT].concat();
    let kinds = [(VOUCHER, Payment::Voucher), (CARD, Payment::Card), (CASH, Payment::Cash)];
    let found = kinds.into_iter().find(|(words, _)| has(folded, words));
    found.filter(|_| only(folded, &all)).map(|(_, kind)| kind)
}

/// The same where it is known that nothing is sold any more.
pub(super) fn payment_in_foot(folded: &str) -> Option<Payment> {
    let kinds = [(CARD, Payment::Card), (CASH, Payment::Cash), (VOUCHER, Payment::Voucher)];
    kinds.into_iter().find(|(words, _)| has(folded, words)).map(|(_, kind)| kind)
}

pub(super) fn is_change(folded: &str) -> bool {
    has(folded, CHANGE)
}

/// Lines about the shop, the till and the paper itself.
pub(super) fn is_about_the_till(folded: &str) -> bool {
    const BEGINS: &[&str] = &[
        "tel",
        "telefon",
        "fax",
        "www",
        "http",
        "uid",
        "steuernr",
        "bon",
        "bonnr",
        "beleg",
        "belegnr",
        "kasse",
        "kassenbon",
        "filiale",
        "terminal",
        "trace",
        "tse",
        "signatur",
        "punkte",
        "payback",
        "kundennr",
        "bediener",
        "kassierer",
        "cashier",
        "operator",
        "till",
        "register",
        "store",
        "st",
        "receipt",
        "quittung",
        "rechnung",
        "datum",
        "date",
        "time",
        "uhrzeit",
        "vielen",
        "danke",
        "thank",
        "welcome",
        "invoice",
        "auth",
        "aid",
        "pan",
        "points",
        "es",
        "seriennr",
        "transaktion",
        "transaction",
        "stempel",
        "coupons",
        "anzahl",
        "items",
        "number",
        "phone",
        "vat",
        "ust",
        "mwst",
        "filialnr",
        "markt",
        "oeffnungszeiten",
    ];
    let first = folded.split(' ').next().unwrap_or_default();
    BEGINS.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_though_they_were_misread() {
        for total in [
            "SUMME EUR",
            "SUMHE",
            "T0TAL",
            "Gesamtbetrag",
            "GESANTBETRAG EUR",
            "Zu zahlen",
            "BALANCE DUE",
            "TOTAL 5 ITEMS",
            "Sum",
            "SUM EUR",
            "Sum total",
            "Amount due",
            "Amount payable",
            "Final total",
            "BILL TOTAL",
            "Total price",
            "You pay",
            "TTL",
            "Zu bezahlen",
            "Noch zu zahlen EUR",
            "Bitte zahlen Sie",
            "Rechnung gesamt",
            "Rechnungssumme",
            "Gesamtsumme",
            "Gesamtpreis inkl. MwSt",
            "Bon-Summe",
            "Ges.-Betrag",
            "Offener Betrag",
        ] {
            assert!(is_total(&fold(total)), "{total}");
        }
        for other in [
            "Zwischensumme",
            "SUBTOTAL",
            "TOTAL CARE SHAMPOO",
            "Total savings",
            "Summe Netto",
            "TOMATEN",
            "Sub-Total",
            "Bezahlt",
            "Betrag bezahlt",
            "Amount paid",
            "Final Straw Biscuits",
            "BON BON",
            "Salto Sum",
        ] {
            assert!(!is_total(&fold(other)), "{other}");
        }
        assert!(
            is_deposit(&fold("EINWEGPFAND 0,25"))
                && is_deposit(&fold("Pfand"))
                && !is_deposit(&fold("PFANNE 28CM"))
        );
        assert!(is_deposit_back(&fold("LEERGUT")) && !is_deposit_back(&fold("PFAND")));
        assert_eq!(payment(&fold("CEREAL BAR")), None);
        assert_eq!(payment(&fold("EC-Karte EUR")), Some(Payment::Card));
    }

    #[test]
    fn two_readings_of_one_wording_are_remembered_as_one() {
        assert_eq!(key("BIO H-MILCH 3,5%"), key("BI0 H-M1LCH 3.5 %"));
        assert_eq!(key("Müsli Schoko"), key("MUESLI SCHOKO"));
        assert_ne!(key("MILCH"), key("BUTTER"));
    }

    #[test]
    fn nearness_counts_changed_missing_and_added_letters() {
        for (one, other, distance) in [
            ("summe", "summe", 0),
            ("summe", "sunme", 1),
            ("summe", "sume", 1),
            ("summe", "ssumme", 1),
            ("kitten", "sitting", 3),
            ("", "ab", 2),
        ] {
            assert!(near(one, other, distance), "{one} {other}");
            assert!(distance == 0 || !near(one, other, distance - 1), "{one} {other}");
        }
    }
}
