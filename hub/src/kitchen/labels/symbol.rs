//! Symbols that scanners read, as modules that are dark or light. Where they stand and how large they are
//! is the page's business.

use datamatrix::{DataMatrixBuilder, SymbolList};
use qrcodegen::{QrCode, QrCodeEcc};

use super::bars;

/// What kind of symbol it is, which decides how much must stay white around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Data Matrix, ECC 200.
    DataMatrix,
    Qr,
    /// Bars of one height: Code 128 and EAN-13.
    Bars,
}

/// A symbol without the white around it. Bars are one row of modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    pub kind: Kind,
    pub width: usize,
    pub height: usize,
    dark: Vec<bool>,
}

/// The text is too long for this kind of symbol, or has a character that it cannot carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoesNotFit;

impl Symbol {
    fn new(kind: Kind, width: usize, dark: Vec<bool>) -> Symbol {
        Symbol { kind, width, height: dark.len() / width.max(1), dark }
    }

    /// A Data Matrix of plain text.
    pub fn data_matrix(text: &str) -> Result<Symbol, DoesNotFit> {
        matrix(text, DataMatrixBuilder::new())
    }

    /// A GS1 DataMatrix of an element string. It begins with FNC1; separators inside stay the character GS,
    /// which the General Specifications allow in its place and readers hand on alike.
    pub fn gs1_data_matrix(elements: &str) -> Result<Symbol, DoesNotFit> {
        matrix(elements, DataMatrixBuilder::new().with_fnc1_start(true))
    }

    /// A QR code, as small as the text allows with the second of the four levels of correction.
    pub fn qr(text: &str) -> Result<Symbol, DoesNotFit> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| DoesNotFit)?;
        let side = code.size();
        let dark = (0..side * side).map(|at| code.get_module(at % side, at / side)).collect();
        Ok(Symbol::new(Kind::Qr, side.unsigned_abs() as usize, dark))
    }

    /// Code 128 of printable ASCII.
    pub fn code_128(text: &str) -> Result<Symbol, DoesNotFit> {
        bars::code_128(text, bars::Start::Plain).map(of_bars)
    }

    /// GS1-128 of an element string, with FNC1 first and in place of each separator.
    pub fn gs1_128(elements: &str) -> Result<Symbol, DoesNotFit> {
        bars::code_128(elements, bars::Start::Gs1).map(of_bars)
    }

    /// EAN-13 of thirteen digits, the last of which must be the right check digit.
    pub fn ean_13(digits: &str) -> Result<Symbol, DoesNotFit> {
        bars::ean_13(digits).map(of_bars)
    }

    /// How many modules must stay white at the left and right; at top and bottom too, bars apart.
    pub fn quiet(&self) -> usize {
        match self.kind {
            // The standard asks for one. Cameras and cheap scanners are glad of a second.
            Kind::DataMatrix => 2,
            Kind::Qr => 4,
            Kind::Bars => 11,
        }
    }

    /// Unbroken stretches of dark modules: column, row and length of each.
    pub fn runs(&self) -> Vec<(usize, usize, usize)> {
        let mut runs = Vec::new();
        for (y, row) in self.dark.chunks(self.width.max(1)).enumerate() {
            let mut x = 0;
            for stretch in row.chunk_by(|one, other| one == other) {
                if stretch.first() == Some(&true) {
                    runs.push((x, y, stretch.len()));
                }
                x += stretch.len();
            }
        }
        runs
    }
}

fn matrix(text: &str, builder: DataMatrixBuilder) -> Result<Symbol, DoesNotFit> {
    // Beyond ASCII readers disagree about what the bytes mean.
    if !text.is_ascii() || text.is_empty() {
        return Err(DoesNotFit);
    }
    let squares = SymbolList::default().enforce_square();
    // A macro stands for the frame of an industry's format, which is no business of a kitchen.
    let code = builder.with_symbol_list(squares).with_macros(false).encode(text.as_bytes());
    let map = code.map_err(|_| DoesNotFit)?.bitmap();
    Ok(Symbol::new(Kind::DataMatrix, map.width(), map.bits().to_vec()))
}

fn of_bars(dark: Vec<bool>) -> Symbol {
    Symbol::new(Kind::Bars, dark.len(), dark)
}
