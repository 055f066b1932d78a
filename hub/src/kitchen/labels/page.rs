//! Pages: what stands where. Lengths are whole micrometres, counted from the upper left corner.

use super::symbol::Symbol;
use super::typeface::{Fitted, Line, Room, Typefaces, Weight, scaled};

/// A millimetre.
pub const MM: i32 = 1_000;

/// A size of type, given in points.
pub const fn points(points: i32) -> i32 {
    points * 25_400 / 72
}

/// How dark something is printed. What is grey is for scissors, or for those who look twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    Black,
    Grey,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

impl Area {
    /// The same without a margin at each side.
    pub fn inside(self, margin: i32) -> Area {
        let (width, height) = (self.width - 2 * margin, self.height - 2 * margin);
        Area { x: self.x + margin, y: self.y + margin, width: width.max(0), height: height.max(0) }
    }
}

/// Something on a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Letters; `y` is the line they stand on.
    Text { x: i32, y: i32, size: i32, ink: Ink, line: Line },
    /// A symbol without the white around it. A row of modules is `tall` high.
    Symbol { x: i32, y: i32, module: i32, tall: i32, symbol: Symbol },
    /// A thin frame with round corners.
    Frame { area: Area },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub width: i32,
    pub height: i32,
    pub marks: Vec<Mark>,
}

/// Where text stands between the edges of its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Start,
    Middle,
}

/// From one line to the next, in thousandths of the size.
const LEADING: i32 = 1_180;
/// From the top of a line to where its letters stand.
const RISE: i32 = 880;

impl Fitted {
    pub fn height(&self) -> i32 {
        scaled(LEADING, self.size) * i32::try_from(self.lines.len()).unwrap_or(0)
    }
}

impl Page {
    pub fn new(width: i32, height: i32) -> Page {
        Page { width, height, marks: Vec::new() }
    }

    /// Puts fitted text at the top of an area; says where it ends.
    pub fn text(&mut self, area: Area, fitted: &Fitted, side: Side, ink: Ink) -> i32 {
        let mut top = area.y;
        for line in &fitted.lines {
            let spare = area.width - line.width(fitted.size);
            let x = area.x + if side == Side::Middle { spare / 2 } else { 0 };
            let y = top + scaled(RISE, fitted.size);
            self.marks.push(Mark::Text { x, y, size: fitted.size, ink, line: line.clone() });
            top += scaled(LEADING, fitted.size);
        }
        top
    }

    /// Sets a paragraph at the top of an area, as many lines as it needs; says where it ends.
    pub fn paragraph(&mut self, faces: &Typefaces, area: Area, weight: Weight, size: i32, text: &str) -> i32 {
        let fitted = faces.fit(text, weight, Room { sizes: &[size], width: area.width, lines: 40 });
        self.text(area, &fitted, Side::Start, Ink::Black)
    }

    /// Puts a symbol with its white around it at the upper left corner of an area, as large as fits and no
    /// larger than modules of `largest`; modules are a multiple of `dot`. Says how much room it took.
    pub fn symbol(&mut self, area: Area, symbol: &Symbol, dot: i32, largest: i32) -> (i32, i32) {
        let module = module_of(symbol, area, dot).min(largest / dot * dot).max(dot);
        let (wide, high) = extent(symbol, module, area.height);
        let quiet = length(symbol.quiet(), module);
        let (down, tall) = if symbol.height == 1 { (0, high) } else { (quiet, module) };
        self.marks.push(Mark::Symbol {
            x: area.x + quiet,
            y: area.y + down,
            module,
            tall,
            symbol: symbol.clone(),
        });
        (wide, high)
    }
}

fn length(modules: usize, module: i32) -> i32 {
    i32::try_from(modules).unwrap_or(i32::MAX).saturating_mul(module)
}

/// The largest module with which a symbol and its white fit into an area.
pub fn module_of(symbol: &Symbol, area: Area, dot: i32) -> i32 {
    let across = i32::try_from(symbol.width + 2 * symbol.quiet()).unwrap_or(i32::MAX);
    let down = i32::try_from(symbol.height + 2 * symbol.quiet()).unwrap_or(i32::MAX);
    let room = area.width / across;
    let room = if symbol.height == 1 { room } else { room.min(area.height / down) };
    room / dot * dot
}

/// How wide and high a symbol is with its white. Bars are as high as the room, 15 mm at most.
pub fn extent(symbol: &Symbol, module: i32, room: i32) -> (i32, i32) {
    let wide = length(symbol.width + 2 * symbol.quiet(), module);
    let high = length(symbol.height + 2 * symbol.quiet(), module);
    (wide, if symbol.height == 1 { room.min(15 * MM) } else { high })
}
