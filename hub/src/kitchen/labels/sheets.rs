//! The papers that labels are printed on, and how cards are laid out on them.
//!
//! On plain paper cards stand in groups under headings and are cut out; on sheets of labels one follows the
//! other from the first free label; on a roll each has a page of its own.

use super::page::{Area, Ink, MM, Page, Side, module_of, points};
use super::symbol::Symbol;
use super::typeface::{Fitted, Room, Typefaces, Weight};

/// A paper. Lengths in micrometres.
#[derive(Debug, PartialEq, Eq)]
pub struct Sheet {
    pub word: &'static str,
    pub width: i32,
    pub height: i32,
    pub columns: i32,
    pub rows: i32,
    /// From the paper's edges to the first label.
    pub left: i32,
    pub top: i32,
    pub label: (i32, i32),
    /// From the beginning of one label to that of the next.
    pub pitch: (i32, i32),
    /// What stays empty at the edges of a label, because sheets slip and printers do not reach the paper's edge.
    pub margin: i32,
    /// Modules are a multiple of this: the dots of the printers that such paper is made for.
    pub dot: i32,
    pub kind: PaperKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperKind {
    Plain,
    Labels,
    Roll,
}

/// A dot of laser printers with 600 to the inch, thrice; of label printers with 203; of those with 300, thrice.
const LASER: i32 = 127;
const THERMAL: i32 = 125;
const FINE: i32 = 254;

const fn a4(
    word: &'static str,
    grid: (i32, i32),
    first: (i32, i32),
    label: (i32, i32),
    pitch: (i32, i32),
) -> Sheet {
    labels(word, (210 * MM, 297 * MM), grid, first, label, pitch)
}

const fn letter(
    word: &'static str,
    grid: (i32, i32),
    first: (i32, i32),
    label: (i32, i32),
    pitch: (i32, i32),
) -> Sheet {
    labels(word, (215_900, 279_400), grid, first, label, pitch)
}

const fn labels(
    word: &'static str,
    paper: (i32, i32),
    (columns, rows): (i32, i32),
    (left, top): (i32, i32),
    label: (i32, i32),
    pitch: (i32, i32),
) -> Sheet {
    // Where labels reach the paper's edge, printers do not.
    let margin = if left < 4 * MM { 4_500 } else { 2_500 };
    let (width, height) = paper;
    Sheet {
        word,
        width,
        height,
        columns,
        rows,
        left,
        top,
        label,
        pitch,
        margin,
        dot: LASER,
        kind: PaperKind::Labels,
    }
}

/// Plain paper with four columns of cards to cut out.
const fn plain(word: &'static str, width: i32, height: i32) -> Sheet {
    // Six rows fit below a title and three headings, so that all commands are on one sheet.
    let card = (46 * MM, (height - 71 * MM) / 6 / MM * MM);
    let (columns, rows) = (4, 6);
    let left = (width - columns * card.0) / 2;
    let kind = PaperKind::Plain;
    Sheet {
        word,
        width,
        height,
        columns,
        rows,
        left,
        top: 12 * MM,
        label: card,
        pitch: card,
        margin: 2_000,
        dot: LASER,
        kind,
    }
}

const fn roll(word: &'static str, width: i32, height: i32, dot: i32) -> Sheet {
    let label = (width, height);
    let kind = PaperKind::Roll;
    Sheet {
        word,
        width,
        height,
        columns: 1,
        rows: 1,
        left: 0,
        top: 0,
        label,
        pitch: label,
        margin: 1_500,
        dot,
        kind,
    }
}

/// Every paper there is. The first is the usual one.
pub const SHEETS: [Sheet; 13] = [
    plain("a4", 210 * MM, 297 * MM),
    plain("letter", 215_900, 279_400),
    a4("a4-3x8", (3, 8), (0, 500), (70 * MM, 37 * MM), (70 * MM, 37 * MM)),
    a4("a4-3x7", (3, 7), (7_210, 15_150), (63_500, 38_100), (66_040, 38_100)),
    a4("a4-2x7", (2, 7), (4_650, 15_150), (99_100, 38_100), (101_600, 38_100)),
    a4("a4-4x10", (4, 10), (8 * MM, 21_500), (48_500, 25_400), (48_500, 25_400)),
    letter("letter-3x10", (3, 10), (4_763, 12_700), (66_675, 25_400), (69_850, 25_400)),
    letter("letter-2x5", (2, 5), (3_969, 12_700), (101_600, 50_800), (106_363, 50_800)),
    roll("roll-62x29", 62 * MM, 29 * MM, FINE),
    roll("roll-62x100", 62 * MM, 100 * MM, FINE),
    roll("roll-50x30", 50 * MM, 30 * MM, THERMAL),
    roll("roll-40x30", 40 * MM, 30 * MM, THERMAL),
    roll("roll-100x50", 100 * MM, 50 * MM, THERMAL),
];

impl Sheet {
    pub fn named(word: &str) -> Option<&'static Sheet> {
        SHEETS.iter().find(|sheet| sheet.word == word)
    }

    /// How many labels a sheet has.
    pub fn labels(&self) -> usize {
        usize::try_from(self.columns * self.rows).unwrap_or(1)
    }

    fn area(&self, at: usize) -> Area {
        let at = i32::try_from(at).unwrap_or(0);
        let (column, row) = (at % self.columns, at / self.columns);
        let (x, y) = (self.left + column * self.pitch.0, self.top + row * self.pitch.1);
        Area { x, y, width: self.label.0, height: self.label.1 }
    }
}

/// What stands on one label: a symbol, what it is called, and what else is to be known.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    pub symbol: Symbol,
    pub title: String,
    /// What must be read from afar after the title: the date of food.
    pub strong: Option<String>,
    pub lines: Vec<String>,
}

/// Cards that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub heading: String,
    pub cards: Vec<Card>,
}

/// Cards on their way to paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Deck {
    pub title: &'static str,
    /// What a reader is told at the head of plain paper.
    pub advice: String,
    pub groups: Vec<Group>,
}

/// Lays cards out. `skip` labels of the first sheet are used already.
pub fn lay_out(faces: &Typefaces, deck: &Deck, sheet: &Sheet, skip: usize) -> Vec<Page> {
    match sheet.kind {
        PaperKind::Plain => on_paper(faces, deck, sheet),
        PaperKind::Labels | PaperKind::Roll => on_labels(faces, deck, sheet, skip),
    }
}

fn on_labels(faces: &Typefaces, deck: &Deck, sheet: &Sheet, skip: usize) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut at = skip % sheet.labels();
    let mut page = Page::new(sheet.width, sheet.height);
    for card in deck.groups.iter().flat_map(|group| &group.cards) {
        if at == sheet.labels() {
            pages.push(std::mem::replace(&mut page, Page::new(sheet.width, sheet.height)));
            at = 0;
        }
        draw(&mut page, faces, sheet.area(at).inside(sheet.margin), sheet.dot, card);
        at += 1;
    }
    pages.push(page);
    pages
}

const HEADING: i32 = 9 * MM;

fn on_paper(faces: &Typefaces, deck: &Deck, sheet: &Sheet) -> Vec<Page> {
    let mut paper = Paper::new(faces, sheet, deck.title);
    paper.advice(&deck.advice);
    for group in &deck.groups {
        paper.group(group);
    }
    paper.finish()
}

/// Plain paper that is being written on from top to bottom.
pub struct Paper<'a> {
    faces: &'a Typefaces,
    sheet: &'a Sheet,
    title: &'a str,
    pages: Vec<Page>,
    page: Page,
    /// Where the next thing begins.
    y: i32,
}

impl<'a> Paper<'a> {
    pub fn new(faces: &'a Typefaces, sheet: &'a Sheet, title: &'a str) -> Paper<'a> {
        let page = Page::new(sheet.width, sheet.height);
        let mut paper = Paper { faces, sheet, title, pages: Vec::new(), page, y: sheet.top };
        let area = paper.rest();
        let room = Room { sizes: &[points(20)], width: area.width, lines: 1 };
        let fitted = faces.fit(title, Weight::Bold, room);
        paper.y = paper.page.text(area, &fitted, Side::Start, Ink::Black) + MM;
        paper
    }

    /// What is left of the page.
    fn rest(&self) -> Area {
        let width = self.sheet.width - 2 * self.sheet.left;
        Area { x: self.sheet.left, y: self.y, width, height: (self.end() - self.y).max(0) }
    }

    fn end(&self) -> i32 {
        self.sheet.height - 12 * MM
    }

    pub fn advice(&mut self, text: &str) {
        let area = self.rest();
        self.y = self.page.paragraph(self.faces, area, Weight::Medium, points(10), text) + 2 * MM;
    }

    /// Goes on to a new page if so much does not fit on this one.
    fn need(&mut self, height: i32) {
        if self.y + height > self.end() {
            let page = Page::new(self.sheet.width, self.sheet.height);
            self.pages.push(std::mem::replace(&mut self.page, page));
            self.y = self.sheet.top;
        }
    }

    /// A heading and cards with frames to cut along. The heading stays with its first row.
    fn group(&mut self, group: &Group) {
        let card = self.sheet.label.1;
        let columns = usize::try_from(self.sheet.columns).unwrap_or(1).max(1);
        self.need(HEADING + card);
        if !group.heading.is_empty() {
            let area = Area { y: self.y + 2 * MM, ..self.rest() };
            let room = Room { sizes: &[points(13)], width: area.width, lines: 1 };
            let fitted = self.faces.fit(&group.heading, Weight::Bold, room);
            self.page.text(area, &fitted, Side::Start, Ink::Black);
            self.y += HEADING;
        }
        for row in group.cards.chunks(columns) {
            self.need(card);
            for (at, one) in row.iter().enumerate() {
                let area = Area { y: self.y, ..self.sheet.area(at) };
                self.page.marks.push(super::page::Mark::Frame { area });
                draw(&mut self.page, self.faces, area.inside(self.sheet.margin), self.sheet.dot, one);
            }
            self.y += card;
        }
    }

    /// A symbol at the left and what is to be read about it at the right.
    pub fn step(&mut self, title: &str, symbol: &Symbol, texts: &[&str]) {
        const COLUMN: i32 = 72 * MM;
        let right = Area { x: self.sheet.left + COLUMN, width: self.rest().width - COLUMN, ..self.rest() };
        // Tried on a page of its own first, to learn how high it is.
        let mut trial = Page::new(self.sheet.width, self.sheet.height);
        let high = self.told(&mut trial, Area { y: 0, ..right }, title, texts).max(30 * MM);
        self.need(high + 5 * MM);
        let mut page = std::mem::replace(&mut self.page, Page::new(0, 0));
        self.told(&mut page, Area { y: self.y, ..right }, title, texts);
        let room = Area { x: self.sheet.left, y: self.y, width: COLUMN - 4 * MM, height: 30 * MM };
        page.symbol(room, symbol, self.sheet.dot, 762);
        self.page = page;
        self.y += high + 5 * MM;
    }

    fn told(&self, page: &mut Page, area: Area, title: &str, texts: &[&str]) -> i32 {
        let mut y = page.paragraph(self.faces, area, Weight::Bold, points(12), title);
        for text in texts {
            y = page.paragraph(self.faces, Area { y: y + 700, ..area }, Weight::Medium, points(9), text);
        }
        y - area.y
    }

    pub fn finish(mut self) -> Vec<Page> {
        self.pages.push(self.page);
        let count = self.pages.len();
        if count > 1 {
            for (at, page) in self.pages.iter_mut().enumerate() {
                let text = format!("{} · {}/{count}", self.title, at + 1);
                let room = Room { sizes: &[points(8)], width: self.sheet.width - 24 * MM, lines: 1 };
                let fitted = self.faces.fit(&text, Weight::Medium, room);
                let area =
                    Area { x: 12 * MM, y: self.sheet.height - 9 * MM, width: room.width, height: 4 * MM };
                page.text(area, &fitted, Side::Middle, Ink::Grey);
            }
        }
        self.pages
    }
}

const TITLES: [i32; 7] = [points(22), points(18), points(15), points(13), points(11), points(9), points(8)];
const STRONG: [i32; 6] = [points(12), points(11), points(10), points(9), points(8), points(7)];
const LINES: [i32; 3] = [points(9), points(8), points(7)];
/// The largest module: beyond it a symbol is not easier to read.
const LARGEST: i32 = 1_270;

/// Draws a card into an area: beside each other where it is wide, below each other where it is not.
fn draw(page: &mut Page, faces: &Typefaces, area: Area, dot: i32, card: &Card) {
    if card.symbol.height > 1 && 10 * area.width >= 14 * area.height {
        // Text gets at least half of the label.
        let room = Area { width: area.width / 2, ..area };
        let (wide, _) = page.symbol(room, &card.symbol, dot, module_of(&card.symbol, room, dot).min(LARGEST));
        let text = Area { x: area.x + wide, width: area.width - wide, ..area };
        words(page, faces, text, card, Side::Start);
    } else {
        let share = if card.symbol.height == 1 || card.strong.is_some() { 55 } else { 62 };
        let room = Area { height: area.height * share / 100, ..area };
        let module = module_of(&card.symbol, room, dot).min(LARGEST);
        let (wide, high) = super::page::extent(&card.symbol, module.max(dot), room.height);
        let (x, y) = (area.x + (area.width - wide) / 2, area.y + (room.height - high) / 2);
        page.symbol(Area { x, y, width: wide, height: high }, &card.symbol, dot, LARGEST);
        let text = Area { y: area.y + room.height, height: area.height - room.height, ..area };
        words(page, faces, text, card, Side::Middle);
    }
}

/// The title as large as leaves room for the lines; lines that find no room are left out.
fn words(page: &mut Page, faces: &Typefaces, area: Area, card: &Card, side: Side) {
    let fit = |text: &str, weight, sizes: &[i32], lines| {
        faces.fit(text, weight, Room { sizes, width: area.width, lines })
    };
    // A date is never shortened: where it is too long for one line, it has two.
    let strong = card.strong.iter().map(|line| {
        let one = fit(line, Weight::Bold, &STRONG, 1);
        if one.whole { one } else { fit(line, Weight::Bold, &STRONG[3..], 2) }
    });
    let lines = card.lines.iter().map(|line| fit(line, Weight::Medium, &LINES, 1));
    let lines: Vec<Fitted> = strong.chain(lines).collect();
    let below: i32 = lines.iter().map(Fitted::height).sum();
    let room = (area.height - below).max(area.height / 3);
    let mut titles = TITLES.iter().map(|size| fit(&card.title, Weight::Bold, &[*size], 3));
    let smallest = |lines| fit(&card.title, Weight::Bold, &TITLES[6..], lines);
    let title = titles.find(|fitted| fitted.whole && fitted.height() <= room);
    let title = title.or_else(|| [3, 2].map(smallest).into_iter().find(|fitted| fitted.height() <= room));
    let title = title.unwrap_or_else(|| smallest(1));
    let mut parts = vec![title];
    let mut high = parts.iter().map(Fitted::height).sum::<i32>();
    for line in lines {
        if high + line.height() <= area.height {
            high += line.height();
            parts.push(line);
        }
    }
    let mut y = area.y + if side == Side::Start { ((area.height - high) / 2).max(0) } else { 0 };
    for part in &parts {
        y = page.text(Area { y, ..area }, part, side, Ink::Black);
    }
}
