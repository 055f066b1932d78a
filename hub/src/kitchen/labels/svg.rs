//! A page as SVG. Letters are outlines, so that they look the same everywhere and are as wide as measured;
//! the text itself stands in a label for those who listen.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::page::{Area, Ink, Mark, Page};
use super::symbol::Symbol;
use super::typeface::{Face, Line, Typefaces};

/// Writes one page. A unit of the picture is a micrometre.
pub fn write(faces: &Typefaces, page: &Page, title: &str) -> String {
    let (width, height) = (page.width, page.height);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {width} {height}\">\n\
         <title>{}</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n",
        millimetres(width),
        millimetres(height),
        escaped(title),
    );
    outlines(&mut out, faces, page);
    for mark in &page.marks {
        match mark {
            Mark::Text { x, y, size, ink, line } => text(&mut out, faces, (*x, *y), *size, *ink, line),
            Mark::Symbol { x, y, module, tall, symbol } => {
                modules(&mut out, (*x, *y), *module, *tall, symbol);
            }
            Mark::Frame { area } => frame(&mut out, *area),
        }
    }
    out.push_str("</svg>\n");
    out
}

fn millimetres(length: i32) -> String {
    let (whole, rest) = (length / 1_000, length % 1_000);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:03}") }
}

fn colour(ink: Ink) -> &'static str {
    match ink {
        Ink::Black => "#000",
        Ink::Grey => "#666",
    }
}

/// Every letter that is used, once, in the units of its typeface.
fn outlines(out: &mut String, faces: &Typefaces, page: &Page) {
    let mut used = BTreeSet::new();
    for mark in &page.marks {
        if let Mark::Text { line, .. } = mark {
            used.extend(
                line.0.iter().filter(|glyph| !glyph.is_missing()).map(|glyph| (glyph.face, glyph.id)),
            );
        }
    }
    out.push_str("<defs>\n");
    for (face, id) in used {
        let mut outline = Outline(String::new());
        if let Some(open) = faces.get(face) {
            open.outline_glyph(ttf_parser::GlyphId(id), &mut outline);
        }
        let _ = writeln!(out, "<path id=\"{}\" d=\"{}\"/>", name(face, id), outline.0);
    }
    out.push_str("</defs>\n");
}

fn name(face: Face, id: u16) -> String {
    let letter = match face {
        Face::Medium => 'm',
        Face::Bold => 'b',
        Face::Broad => 'n',
    };
    format!("{letter}{id}")
}

fn text(out: &mut String, faces: &Typefaces, at: (i32, i32), size: i32, ink: Ink, line: &Line) {
    let _ =
        writeln!(out, "<g fill=\"{}\" role=\"img\" aria-label=\"{}\">", colour(ink), escaped(&line.text()));
    for (from, run) in line.runs(size) {
        let x = at.0 + from;
        let Some(first) = run.first() else { continue };
        if first.is_missing() {
            let words: String = run.iter().map(|glyph| glyph.letter).collect();
            let wide = Line(run.to_vec()).width(size);
            let _ = writeln!(
                out,
                "<text x=\"{x}\" y=\"{}\" font-size=\"{size}\" font-family=\"sans-serif\" textLength=\"{wide}\" \
                 lengthAdjust=\"spacingAndGlyphs\">{}</text>",
                at.1,
                escaped(&words)
            );
            continue;
        }
        let units = faces.get(first.face).map_or(1_000, |face| i32::from(face.units_per_em()));
        let scale = f64::from(size) / f64::from(units);
        let _ = write!(out, "<g transform=\"translate({x} {}) scale({scale:.6} {:.6})\">", at.1, -scale);
        let mut step = 0;
        for glyph in run {
            if glyph.letter != ' ' {
                let _ = write!(out, "<use href=\"#{}\" x=\"{step}\"/>", name(glyph.face, glyph.id));
            }
            step += glyph.advance * units / 1_000;
        }
        out.push_str("</g>\n");
    }
    out.push_str("</g>\n");
}

fn modules(out: &mut String, at: (i32, i32), module: i32, tall: i32, symbol: &Symbol) {
    let mut path = String::new();
    for (x, y, run) in symbol.runs() {
        let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
    }
    let _ = writeln!(
        out,
        "<path transform=\"translate({} {}) scale({module} {tall})\" shape-rendering=\"crispEdges\" d=\"{path}\"/>",
        at.0, at.1
    );
}

fn frame(out: &mut String, area: Area) {
    let _ = writeln!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2000\" fill=\"none\" stroke=\"#999\" \
         stroke-width=\"150\"/>",
        area.x, area.y, area.width, area.height
    );
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // What XML cannot carry at all.
            letter if letter.is_control() || matches!(letter, '\u{FFFE}' | '\u{FFFF}') => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

/// The outline of a letter as the data of a path.
struct Outline(String);

impl ttf_parser::OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let _ = write!(self.0, "M{x} {y}");
    }
    fn line_to(&mut self, x: f32, y: f32) {
        let _ = write!(self.0, "L{x} {y}");
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let _ = write!(self.0, "Q{x1} {y1} {x} {y}");
    }
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let _ = write!(self.0, "C{x1} {y1} {x2} {y2} {x} {y}");
    }
    fn close(&mut self) {
        self.0.push('z');
    }
}
