//! Pages as PDF: modules are rectangles, letters come with the part of their typeface that is used, and
//! viewers are asked to print at full size.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use subsetter::GlyphRemapper;

use super::page::{Area, Ink, Mark, Page};
use super::symbol::Symbol;
use super::typeface::{Face, Line, Typefaces};

/// A typeface could not be cut down to what is used.
pub type Trouble = subsetter::Error;

/// Points in a micrometre.
const SCALE: f32 = 72.0 / 25_400.0;
const SYSTEM: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The letters that are used of each typeface, by their number in the document.
type Used = BTreeMap<Face, (GlyphRemapper, BTreeMap<u16, (char, i32)>)>;

/// Writes pages as one document.
pub fn write(faces: &Typefaces, pages: &[Page], title: &str, language: &str) -> Result<Vec<u8>, Trouble> {
    let mut pdf = Pdf::new();
    pdf.set_version(1, 7);
    let mut next = 1;
    let mut fresh = || {
        next += 1;
        Ref::new(next)
    };
    let (catalog, tree, info) = (Ref::new(1), fresh(), fresh());
    let used = used(pages);
    let fonts: Vec<(Face, Ref)> = used.keys().map(|face| (*face, fresh())).collect();
    let leaves: Vec<(Ref, Ref)> = pages.iter().map(|_| (fresh(), fresh())).collect();

    let mut root = pdf.catalog(catalog);
    root.pages(tree).lang(TextStr(language));
    root.viewer_preferences().pair(Name(b"PrintScaling"), Name(b"None"));
    root.finish();
    pdf.document_info(info).title(TextStr(title)).creator(TextStr("Hearth"));
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(leaves.iter().map(|(page, _)| *page)).count(count);
    for (page, (leaf, content)) in pages.iter().zip(&leaves) {
        let mut written = pdf.page(*leaf);
        let size = Rect::new(0.0, 0.0, page.width as f32 * SCALE, page.height as f32 * SCALE);
        written.parent(tree).media_box(size).contents(*content);
        let mut resources = written.resources();
        let mut named = resources.fonts();
        for (face, font) in &fonts {
            named.pair(label(*face), *font);
        }
        named.finish();
        resources.finish();
        written.finish();
        let drawn = packed(&drawn(page, &used));
        pdf.stream(*content, &drawn).filter(Filter::FlateDecode);
    }
    for (face, font) in fonts {
        let parts = [fresh(), fresh(), fresh(), fresh()];
        if let (Some((remapper, letters)), Some(open)) = (used.get(&face), faces.get(face)) {
            let part = subsetter::subset(face.bytes(), 0, remapper)?;
            embed(&mut pdf, face, open, (font, parts), letters, &packed(&part), part.len());
        }
    }
    Ok(pdf.finish())
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, 6)
}

fn label(face: Face) -> Name<'static> {
    match face {
        Face::Medium => Name(b"M"),
        Face::Bold => Name(b"B"),
        Face::Broad => Name(b"N"),
    }
}

fn used(pages: &[Page]) -> Used {
    let mut used = Used::new();
    for mark in pages.iter().flat_map(|page| &page.marks) {
        let Mark::Text { line, .. } = mark else { continue };
        for glyph in &line.0 {
            let (remapper, letters) = used.entry(glyph.face).or_default();
            letters.insert(remapper.remap(glyph.id), (glyph.letter, glyph.advance));
        }
    }
    used
}

/// The content of a page, in micrometres from the upper left corner.
fn drawn(page: &Page, used: &Used) -> Vec<u8> {
    let mut content = Content::new();
    content.transform([SCALE, 0.0, 0.0, -SCALE, 0.0, page.height as f32 * SCALE]);
    for mark in &page.marks {
        match mark {
            Mark::Text { x, y, size, ink, line } => text(&mut content, used, (*x, *y), *size, *ink, line),
            Mark::Symbol { x, y, module, tall, symbol } => {
                modules(&mut content, (*x, *y), *module, *tall, symbol);
            }
            Mark::Frame { area } => frame(&mut content, *area),
        }
    }
    content.finish().into_vec()
}

fn text(content: &mut Content, used: &Used, at: (i32, i32), size: i32, ink: Ink, line: &Line) {
    content.set_fill_gray(if ink == Ink::Black { 0.0 } else { 0.4 });
    content.begin_text();
    for (from, run) in line.runs(size) {
        let Some((face, (remapper, _))) = run.first().and_then(|glyph| used.get_key_value(&glyph.face))
        else {
            continue;
        };
        let ids = run.iter().filter_map(|glyph| remapper.get(glyph.id));
        let shown: Vec<u8> = ids.flat_map(u16::to_be_bytes).collect();
        content.set_font(label(*face), size as f32);
        content.set_text_matrix([1.0, 0.0, 0.0, -1.0, (at.0 + from) as f32, at.1 as f32]);
        content.show(Str(&shown));
    }
    content.end_text();
}

fn modules(content: &mut Content, at: (i32, i32), module: i32, tall: i32, symbol: &Symbol) {
    content.set_fill_gray(0.0);
    content.save_state().transform([module as f32, 0.0, 0.0, tall as f32, at.0 as f32, at.1 as f32]);
    for (x, y, run) in symbol.runs() {
        content.rect(x as f32, y as f32, run as f32, 1.0);
    }
    content.fill_nonzero().restore_state();
}

/// A frame whose corners are quarters of a circle, near enough.
fn frame(content: &mut Content, area: Area) {
    const ROUND: f32 = 2_000.0;
    const PULL: f32 = ROUND * 0.447_7;
    let (left, top) = (area.x as f32, area.y as f32);
    let (right, bottom) = (left + area.width as f32, top + area.height as f32);
    content.set_stroke_gray(0.6).set_line_width(150.0);
    content.move_to(left + ROUND, top).line_to(right - ROUND, top);
    content.cubic_to(right - PULL, top, right, top + PULL, right, top + ROUND);
    content.line_to(right, bottom - ROUND);
    content.cubic_to(right, bottom - PULL, right - PULL, bottom, right - ROUND, bottom);
    content.line_to(left + ROUND, bottom);
    content.cubic_to(left + PULL, bottom, left, bottom - PULL, left, bottom - ROUND);
    content.line_to(left, top + ROUND);
    content.cubic_to(left, top + PULL, left + PULL, top, left + ROUND, top);
    content.close_and_stroke();
}

/// Writes a typeface, cut down to what is used, with the widths and the meaning of its letters.
fn embed(
    pdf: &mut Pdf,
    face: Face,
    open: &ttf_parser::Face<'_>,
    (font, [cid, descriptor, meaning, file]): (Ref, [Ref; 4]),
    letters: &BTreeMap<u16, (char, i32)>,
    part: &[u8],
    length: usize,
) {
    // Six letters and a plus say that this is a part of a typeface.
    let name = format!("HEARTH+{}", face.name());
    let name = Name(name.as_bytes());
    pdf.type0_font(font)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid)
        .to_unicode(meaning);
    let mut widths = pdf.cid_font(cid);
    widths.subtype(CidFontType::Type2).base_font(name).system_info(SYSTEM).font_descriptor(descriptor);
    widths.cid_to_gid_map_predefined(Name(b"Identity"));
    let mut table = widths.widths();
    for (id, (_, advance)) in letters {
        table.same(*id, *id, *advance as f32);
    }
    table.finish();
    widths.finish();
    let units = f32::from(open.units_per_em());
    let em = |length: i16| f32::from(length) * 1_000.0 / units;
    let bounds = open.global_bounding_box();
    pdf.font_descriptor(descriptor)
        .name(name)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(em(bounds.x_min), em(bounds.y_min), em(bounds.x_max), em(bounds.y_max)))
        .italic_angle(0.0)
        .ascent(em(open.ascender()))
        .descent(em(open.descender()))
        .cap_height(em(open.capital_height().unwrap_or(open.ascender())))
        .stem_v(100.0)
        .font_file2(file);
    let mut meanings = UnicodeCmap::new(Name(b"Meaning"), SYSTEM);
    for (id, (letter, _)) in letters {
        meanings.pair(*id, *letter);
    }
    pdf.cmap(meaning, &meanings.finish());
    let length = i32::try_from(length).unwrap_or(i32::MAX);
    pdf.stream(file, part).filter(Filter::FlateDecode).pair(Name(b"Length1"), length);
}
