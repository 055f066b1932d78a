//! What labels say to people, in the languages of the house.

use hearth_shared::gs1::Date;
use hearth_shared::scanning::Mode;

/// A word and what it means.
type Said = (&'static str, &'static str);

/// Everything a label can say in one language.
#[derive(Debug)]
pub struct Words {
    /// As documents name it.
    pub language: &'static str,
    pub commands: &'static str,
    pub commands_advice: &'static str,
    pub modes: &'static str,
    pub quantities: &'static str,
    pub answers: &'static str,
    /// In the order of [`Mode::ALL`]; called as in the app and on the displays of stations.
    mode: [Said; 8],
    pub quantity: &'static str,
    pub undo: Said,
    pub confirm: Said,
    pub cancel: Said,
    pub places: &'static str,
    pub places_advice: &'static str,
    pub place: &'static str,
    pub people: &'static str,
    pub people_advice: &'static str,
    pub person: &'static str,
    pub lots: &'static str,
    pub best_before: &'static str,
    pub use_by: &'static str,
    pub opened: &'static str,
    pub batch: &'static str,
    date: fn(Date) -> String,
    pub test: &'static str,
    pub test_advice: &'static [&'static str],
    /// Title and explanations of each code of the scanner test, in its order.
    pub steps: [(&'static str, &'static [&'static str]); 6],
}

impl Words {
    pub fn mode(&self, mode: Mode) -> Said {
        self.mode[mode as usize]
    }

    pub fn date(&self, date: Date) -> String {
        (self.date)(date)
    }
}

pub static ENGLISH: Words = Words {
    language: "en",
    commands: "Command cards",
    commands_advice: "Cut them out and put them up beside the scanner. A card counts for the station it is scanned \
        at. Each station goes back to its usual mode by itself after a while.",
    modes: "What scanning does",
    quantities: "How many the next scan counts for",
    answers: "Answers",
    mode: [
        (Mode::Add.called(), "comes into the house"),
        (Mode::Consume.called(), "is used up"),
        (Mode::Open.called(), "is opened"),
        (Mode::Spoil.called(), "has gone bad"),
        (Mode::Shop.called(), "is to be bought"),
        (Mode::Count.called(), "take stock"),
        (Mode::Transfer.called(), "to another place"),
        (Mode::Lookup.called(), "changes nothing"),
    ],
    quantity: "the next scan",
    undo: ("Undo", "takes the last scan back"),
    confirm: ("Yes", "confirms"),
    cancel: ("No", "cancels"),
    places: "Places",
    places_advice: "Put each on its shelf or door. Scanned before a thing, it says where that goes or comes from.",
    place: "Place",
    people: "People",
    people_advice: "Scanned at a station, a card says who is scanning.",
    person: "is scanning",
    lots: "Lot labels",
    best_before: "best before",
    use_by: "use by",
    opened: "opened",
    batch: "lot",
    date: |date| {
        format!("{} {} {}", date.day(), MONTHS[usize::from(date.month()).saturating_sub(1) % 12], date.year())
    },
    test: "Scanner test",
    test_advice: &[
        "Open an empty note on a computer or tablet, connect the scanner to it, and scan the codes from top to \
         bottom. Compare what appears with what is written here. Print at full size (100 %).",
    ],
    steps: [
        (
            "1 End of line, prefix and suffix",
            &[
                "Scan it twice. Right: 9501101530003 stands twice, each on a line of its own.",
                "Both on one line: the scanner ends a code with nothing. It works; with Enter (CR) as suffix it works \
             faster.",
                "]E0 or E0 before it: the scanner names the kind of code, which is good. Any other character before or \
             behind it is a prefix or suffix that somebody has set: switch it off.",
                "Only 12 digits: “UPC-A” or “remove check digit” is switched on. Switch it off.",
            ],
        ),
        (
            "2 Layout and capitals",
            &[
                "Right: yzYZaA-_/+1234, in full.",
                "zyZY: the scanner types in another layout than this computer. A station learns the layout by code 6; \
             on a computer or tablet set the scanner's keyboard to the same country.",
                "-, _, / or + are others: layout, as above. AA, aa or Aa in place of aA: the scanner changes the case of \
             letters, or Caps Lock is on. Batch numbers would be wrong: switch it off.",
            ],
        ),
        (
            "3 Separator (GS1 DataMatrix)",
            &[
                "Right: 10AB12, then a separator, then 21CD34. A separator is seldom seen in a note: in Hearth, type \
             the code into Scan, or scan it at the station: it must say lot AB12 and serial CD34.",
                "Lot AB1221CD34: the scanner drops the separator. Switch on “send GS” or “control characters” (FNC1, \
             Ctrl+], function 029).",
                "]d2 before it is good. Nothing at all: the scanner reads bars alone, or Data Matrix is switched off.",
            ],
        ),
        (
            "4 Bars on cases (GS1-128)",
            &[
                "Right: 0109501101530003, then 10AB12. ]C1 before it is good.",
                "Nothing: Code 128 is switched off.",
            ],
        ),
        (
            "5 QR code",
            &[
                "Right: https://id.example.org/01/09501101530003, in one piece.",
                "Nothing: QR is switched off. Another sign in place of : or / is the layout again.",
            ],
        ),
        (
            "6 For the station: learn this scanner",
            &[
                "Scan it at the station, not into a note. It holds every character that codes use, and a separator; from \
             what arrives, the station learns layout, capitals, separator, prefix and suffix of this scanner, and \
             keeps them.",
            ],
        ),
    ],
};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub static GERMAN: Words = Words {
    language: "de",
    commands: "Befehlskarten",
    commands_advice: "Ausschneiden und neben den Scanner hängen. Eine Karte gilt für die Station, an der sie \
        gescannt wird. Nach einer Weile kehrt jede Station von selbst zu ihrem üblichen Modus zurück.",
    modes: "Was ein Scan bewirkt",
    quantities: "Wie oft der nächste Scan zählt",
    answers: "Antworten",
    mode: [
        ("Einräumen", "kommt ins Haus"),
        ("Nehmen", "wird verbraucht"),
        ("Öffnen", "wird angebrochen"),
        ("Wegwerfen", "ist verdorben"),
        ("Auf die Liste", "wird eingekauft"),
        ("Zählen", "Bestand aufnehmen"),
        ("Umräumen", "an einen anderen Ort"),
        ("Nur nachsehen", "ändert nichts"),
    ],
    quantity: "der nächste Scan",
    undo: ("Zurück", "nimmt den letzten Scan zurück"),
    confirm: ("Ja", "bestätigt"),
    cancel: ("Nein", "bricht ab"),
    places: "Orte",
    places_advice: "An Fach oder Tür kleben. Vor einer Sache gescannt, sagt die Karte, wohin diese kommt oder woher.",
    place: "Ort",
    people: "Personen",
    people_advice: "An einer Station gescannt, sagt die Karte, wer scannt.",
    person: "scannt",
    lots: "Etiketten",
    best_before: "MHD",
    use_by: "verbrauchen bis",
    opened: "geöffnet",
    batch: "Charge",
    date: |date| format!("{}.{}.{}", date.day(), date.month(), date.year()),
    test: "Scannertest",
    test_advice: &[
        "Auf einem Rechner oder Tablet eine leere Notiz öffnen, den Scanner damit verbinden und die Codes von oben \
         nach unten scannen. Vergleichen, ob erscheint, was hier steht. In voller Größe drucken (100 %).",
    ],
    steps: [
        (
            "1 Zeilenende, Vorsatz und Nachsatz",
            &[
                "Zweimal scannen. Richtig: 9501101530003 steht zweimal da, jedes in einer eigenen Zeile.",
                "Beide in einer Zeile: Der Scanner sendet kein Zeilenende. Es geht so; mit Enter (CR) als Nachsatz geht \
             es schneller.",
                "]E0 oder E0 davor: Der Scanner nennt die Art des Codes, das ist gut. Jedes andere Zeichen davor oder \
             dahinter hat jemand als Vorsatz oder Nachsatz eingestellt: abschalten.",
                "Nur 12 Ziffern: „UPC-A“ oder „Prüfziffer weglassen“ ist eingeschaltet. Abschalten.",
            ],
        ),
        (
            "2 Tastaturbelegung und Großbuchstaben",
            &[
                "Richtig: yzYZaA-_/+1234, vollständig.",
                "zyZY: Der Scanner tippt mit anderer Belegung als dieser Rechner. Eine Station lernt die Belegung mit \
             Code 6; am Rechner oder Tablet im Scanner die Tastatur desselben Landes einstellen.",
                "-, _, / oder + sind andere Zeichen: Belegung, wie oben. AA, aa oder Aa statt aA: Der Scanner verändert \
             Groß und Klein, oder die Feststelltaste ist an. Chargen wären falsch: abschalten.",
            ],
        ),
        (
            "3 Trennzeichen (GS1 DataMatrix)",
            &[
                "Richtig: 10AB12, dann ein Trennzeichen, dann 21CD34. In einer Notiz ist das Trennzeichen selten zu \
             sehen: in Hearth unter Scannen eingeben oder an der Station scannen; dort muss Charge AB12 und \
             Seriennummer CD34 stehen.",
                "Charge AB1221CD34: Der Scanner verschluckt das Trennzeichen. „GS senden“ oder „Steuerzeichen“ \
             einschalten (FNC1, Strg+], Funktion 029).",
                "]d2 davor ist gut. Gar nichts: Der Scanner liest nur Striche, oder Data Matrix ist abgeschaltet.",
            ],
        ),
        (
            "4 Striche auf Kartons (GS1-128)",
            &[
                "Richtig: 0109501101530003, dann 10AB12. ]C1 davor ist gut.",
                "Nichts: Code 128 ist abgeschaltet.",
            ],
        ),
        (
            "5 QR-Code",
            &[
                "Richtig: https://id.example.org/01/09501101530003, in einem Stück.",
                "Nichts: QR ist abgeschaltet. Ein anderes Zeichen statt : oder / ist wieder die Belegung.",
            ],
        ),
        (
            "6 Für die Station: diesen Scanner kennenlernen",
            &[
                "An der Station scannen, nicht in eine Notiz. Der Code enthält jedes Zeichen, das in Codes vorkommt, und \
             ein Trennzeichen; aus dem, was ankommt, lernt die Station Belegung, Großbuchstaben, Trennzeichen, \
             Vorsatz und Nachsatz dieses Scanners und behält sie.",
            ],
        ),
    ],
};
