//! The dictionary: what each line of [`table`](super::table) means, worked out by the compiler.
//!
//! Three things are derived from the lines and never written down twice: the [`Row`] with its components and
//! checks, the index that finds a row from the first digits of an element, and the sets of bits by which the
//! pairing rules are judged. A line that cannot be understood does not compile.

use super::check::Check;
use super::sets::Set;
use super::table::LINES;

/// One line of the table as written.
pub(super) struct Line {
    pub(super) ais: &'static str,
    flags: &'static str,
    format: &'static str,
    needs: &'static str,
    bars: &'static str,
    path: &'static str,
    measure: &'static str,
    title: &'static str,
}

/// A line of the table; the columns are explained there.
#[expect(clippy::too_many_arguments, reason = "the columns of a table")]
pub(super) const fn row(
    ais: &'static str,
    flags: &'static str,
    format: &'static str,
    needs: &'static str,
    bars: &'static str,
    path: &'static str,
    measure: &'static str,
    title: &'static str,
) -> Line {
    Line { ais, flags, format, needs, bars, path, measure, title }
}

/// Most components a value has.
const PARTS: usize = 5;
/// Most checks a component has.
const CHECKS: usize = 3;
/// Most identifiers that can stand as qualifiers behind a key, and most alternatives of such a list.
const QUALIFIERS: usize = 3;
const ALTERNATIVES: usize = 2;
/// Most alternatives of a requirement that name two identifiers.
const PAIRS: usize = 3;
/// Most requirements that must all hold.
const NEEDS: usize = 2;

/// A component of a value.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) set: Set,
    pub(super) min: u8,
    pub(super) max: u8,
    pub(super) optional: bool,
    pub(super) checks: [Option<Check>; CHECKS],
}

/// A requirement: one of `any` is there, or one of the `both` completely.
#[derive(Clone, Copy)]
pub(super) struct Need {
    pub(super) any: u64,
    pub(super) both: [u64; PAIRS],
}

/// What is known of an identifier, or of a run of identifiers that differ in their last digit only.
pub(super) struct Row {
    /// The identifier, or the first of the run.
    pub(super) first: u16,
    /// Value length when it is predefined; zero when a separator ends the value.
    pub(super) predefined: u8,
    /// Shortest and longest value.
    pub(super) min: u8,
    pub(super) max: u8,
    parts: [Part; PARTS],
    part_count: u8,
    /// It may stand in the query of a Digital Link.
    pub(super) attribute: bool,
    /// It may begin the path of a Digital Link.
    pub(super) key: bool,
    /// The qualifiers that may follow the key, in order, by alternative; zero ends a list.
    qualifiers: [[u16; QUALIFIERS]; ALTERNATIVES],
    /// The bits of the pairing rules that speak of this identifier.
    pub(super) class: u64,
    /// The bits it must not meet, and whether it must not meet another identifier of its own row.
    pub(super) bars: u64,
    pub(super) bars_siblings: bool,
    pub(super) needs: [Need; NEEDS],
    /// The bits of which it needs one, where that is all it needs; zero where it needs nothing or more.
    pub(super) needs_any: u64,
    pub(super) needs_more: bool,
    /// What it holds may be worth a remark.
    pub(super) special: bool,
    /// Quantity and unit, for instance `weight kg`; empty where the value is no measure.
    pub(super) measure: &'static str,
    pub(super) title: &'static str,
    pub(super) ais: &'static str,
}

impl Row {
    pub(super) fn parts(&self) -> &[Part] {
        &self.parts[..usize::from(self.part_count)]
    }

    /// The character set of the first component.
    #[inline]
    pub(super) fn set(&self) -> u8 {
        self.parts[0].set as u8
    }

    /// Whether `path`, the identifiers behind this key, is one of its lists of qualifiers with some left out.
    pub(super) fn allows_path(&self, path: &[u16]) -> bool {
        self.key
            && self.qualifiers.iter().any(|list| {
                let mut left = list.iter().take_while(|&&ai| ai != 0);
                path.iter().all(|wanted| left.any(|ai| ai == wanted))
            })
    }

    /// The lists of qualifiers; zero ends a list.
    pub(super) fn qualifier_lists(&self) -> &[[u16; QUALIFIERS]] {
        &self.qualifiers
    }

    /// Whether a value of this identifier can be of more than one length.
    pub(super) const fn varies(&self) -> bool {
        self.min != self.max
    }
}

/// Where an identifier was found: its row, its number (`3103`) and how many digits it has.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) row: u8,
    pub(super) ai: u16,
    pub(super) width: u8,
}

/// The identifier that `data` begins with.
#[inline]
pub(super) fn find(data: &[u8]) -> Option<Found> {
    let &[first, second, ..] = data else { return None };
    let (tens, ones) = (first.wrapping_sub(b'0'), second.wrapping_sub(b'0'));
    if tens > 9 || ones > 9 {
        return None;
    }
    let mut ai = u16::from(tens) * 10 + u16::from(ones);
    let Prefix { width, base } = INDEX.prefixes[usize::from(ai)];
    let mut offset = 0;
    for i in 2..usize::from(width) {
        let digit = data.get(i)?.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        offset = offset * 10 + u16::from(digit);
        ai = ai * 10 + u16::from(digit);
    }
    let row = INDEX.rows[usize::from(base + offset)];
    (row != NO_ROW).then_some(Found { row, ai, width })
}

/// The identifier that `data` is, whole.
pub(super) fn find_exactly(data: &[u8]) -> Option<Found> {
    find(data).filter(|found| usize::from(found.width) == data.len())
}

#[inline]
pub(super) fn get(row: u8) -> &'static Row {
    &ROWS[usize::from(row)]
}

/// All rows in the order of the table.
pub(super) static ROWS: [Row; LINES.len()] = {
    let mut rows = [const { compile(&LINES[0]) }; LINES.len()];
    let mut i = 1;
    while i < LINES.len() {
        rows[i] = compile(&LINES[i]);
        i += 1;
    }
    rows
};

// ---- the index -------------------------------------------------------------------------------------------

#[derive(Clone, Copy)]
struct Prefix {
    width: u8,
    base: u16,
}

const NO_ROW: u8 = u8::MAX;
/// Room for 26 prefixes of two digits, 7 of three and 13 of four, and the empty place at zero.
const PLACES: usize = 1 + 26 + 7 * 10 + 13 * 100;

struct Index {
    prefixes: [Prefix; 100],
    rows: [u8; PLACES],
}

static INDEX: Index = index();

const fn index() -> Index {
    let mut index = Index { prefixes: [Prefix { width: 0, base: 0 }; 100], rows: [NO_ROW; PLACES] };
    let mut used = 1;
    let mut i = 0;
    while i < LINES.len() {
        let (first, last, width) = ends(LINES[i].ais);
        let scale = [1, 10, 100][width as usize - 2];
        let mut ai = first;
        while ai <= last {
            let prefix = (ai / scale) as usize;
            if index.prefixes[prefix].width == 0 {
                index.prefixes[prefix] = Prefix { width, base: used };
                used += scale;
            }
            assert!(index.prefixes[prefix].width == width, "two digits fix how long an identifier is");
            index.rows[(index.prefixes[prefix].base + ai % scale) as usize] = i as u8;
            ai += 1;
        }
        i += 1;
    }
    assert!(used as usize == PLACES && LINES.len() < NO_ROW as usize, "the index is of the right size");
    index
}

/// First and last identifier of a row, and their width.
pub(super) const fn ends(ais: &str) -> (u16, u16, u8) {
    let text = ais.as_bytes();
    let mut width = 0;
    while width < text.len() && text[width] != b'-' {
        width += 1;
    }
    assert!(width >= 2 && width <= 4 && (text.len() == width || text.len() == 2 * width + 1));
    let first = number(text, 0, width);
    let last = if text.len() == width { first } else { number(text, width + 1, text.len()) };
    assert!(first <= last && first / 10 == last / 10, "a range differs in the last digit only");
    (first, last, width as u8)
}

const fn number(text: &[u8], from: usize, to: usize) -> u16 {
    let (mut value, mut i) = (0, from);
    while i < to {
        assert!(text[i].is_ascii_digit());
        value = value * 10 + (text[i] - b'0') as u16;
        i += 1;
    }
    value
}

// ---- reading a line --------------------------------------------------------------------------------------

const fn compile(line: &Line) -> Row {
    let (first, last, _) = ends(line.ais);
    let (parts, part_count) = format(line.format.as_bytes());
    let (mut min, mut max, mut i) = (0, 0, 0);
    while i < part_count {
        assert!(
            parts[i].optional || i == 0 || !parts[i - 1].optional,
            "nothing follows an optional component"
        );
        assert!(parts[i].min == parts[i].max || i + 1 == part_count, "only the last component varies");
        min += if parts[i].optional { 0 } else { parts[i].min };
        max += parts[i].max;
        i += 1;
    }
    let predefined = if contains(line.flags, b'*') { max } else { 0 };
    assert!(predefined == 0 || min == max, "a predefined length is one length");
    assert!(max <= 90, "the longest value of the standard");
    let path = line.path.as_bytes();
    let needs = needs(line.needs.as_bytes());
    let needs_more = needs[0].both[0] != 0 || needs[1].any != 0 || needs[1].both[0] != 0;
    Row {
        first,
        predefined,
        min,
        max,
        parts,
        part_count: part_count as u8,
        attribute: contains(line.flags, b'?'),
        key: !path.is_empty(),
        qualifiers: qualifiers(path),
        class: classes_of(line),
        bars: bars(line),
        bars_siblings: first != last && names_siblings(line),
        needs,
        needs_any: if needs_more { 0 } else { needs[0].any },
        needs_more,
        special: matches!(first, 1..=3 | 7007),
        measure: line.measure,
        title: line.title,
        ais: line.ais,
    }
}

const fn contains(text: &str, wanted: u8) -> bool {
    let (text, mut i) = (text.as_bytes(), 0);
    while i < text.len() {
        if text[i] == wanted {
            return true;
        }
        i += 1;
    }
    false
}

/// Components such as `N13,csum,gcppos1 [X..17]`.
const fn format(text: &[u8]) -> ([Part; PARTS], usize) {
    let nothing = Part { set: Set::Digits, min: 0, max: 0, optional: false, checks: [None; CHECKS] };
    let (mut parts, mut count, mut i) = ([nothing; PARTS], 0, 0);
    while i < text.len() {
        let optional = text[i] == b'[';
        i += optional as usize;
        let set = Set::of_letter(text[i]);
        i += 1;
        let varies = text[i] == b'.';
        i += if varies { 2 } else { 0 };
        let start = i;
        while i < text.len() && text[i].is_ascii_digit() {
            i += 1;
        }
        let max = number(text, start, i) as u8;
        if optional {
            assert!(text[i] == b']', "an optional component ends with a bracket");
            i += 1;
        }
        let (mut checks, mut given) = ([None; CHECKS], 0);
        while i < text.len() && text[i] == b',' {
            let start = i + 1;
            i = start;
            while i < text.len() && text[i] != b',' && text[i] != b' ' {
                i += 1;
            }
            let check = Check::named(text, start, i);
            // A number is long enough for a company prefix, and has nothing but digits to begin with.
            if !matches!((set, check), (Set::Digits, Check::GcpPos1 | Check::GcpPos2)) {
                checks[given] = Some(check);
                given += 1;
            }
        }
        parts[count] = Part { set, min: if varies { 1 } else { max }, max, optional, checks };
        count += 1;
        assert!(i == text.len() || text[i] == b' ', "components are apart by a space");
        i += 1;
    }
    (parts, count)
}

/// Qualifiers such as `key 22,10,21|235`.
const fn qualifiers(text: &[u8]) -> [[u16; QUALIFIERS]; ALTERNATIVES] {
    let (mut lists, mut list, mut place) = ([[0; QUALIFIERS]; ALTERNATIVES], 0, 0);
    let mut i = 4;
    while i < text.len() {
        let start = i;
        while i < text.len() && text[i].is_ascii_digit() {
            i += 1;
        }
        lists[list][place] = number(text, start, i);
        place += 1;
        if i < text.len() && text[i] == b'|' {
            list += 1;
            place = 0;
        }
        i += 1;
    }
    lists
}

// ---- pairing rules as bits -------------------------------------------------------------------------------

/// A pattern of the pairing rules: digits, and `n` for any digit; spaces fill it up.
type Pattern = [u8; 4];

/// Every pattern the pairing rules speak of; the place of a pattern is its bit.
const CLASSES: ([Pattern; 64], usize) = {
    let (mut patterns, mut count, mut i) = ([*b"    "; 64], 0, 0);
    while i < LINES.len() {
        let line = &LINES[i];
        let mut column = 0;
        while column < 2 {
            let text = if column == 0 { line.needs.as_bytes() } else { line.bars.as_bytes() };
            let mut at = 0;
            while let Some((pattern, next)) = pattern(text, at) {
                if bit(&patterns, count, pattern) == 0 && !is_own(line, pattern) {
                    patterns[count] = pattern;
                    count += 1;
                }
                at = next;
            }
            column += 1;
        }
        i += 1;
    }
    (patterns, count)
};

/// The next pattern of a rule from `at`, and where the one after it is looked for.
const fn pattern(text: &[u8], at: usize) -> Option<(Pattern, usize)> {
    let mut i = at;
    while i < text.len() && !text[i].is_ascii_digit() {
        i += 1;
    }
    if i == text.len() {
        return None;
    }
    let (mut pattern, mut length) = (*b"    ", 0);
    while i < text.len() && (text[i].is_ascii_digit() || text[i] == b'n') {
        pattern[length] = text[i];
        length += 1;
        i += 1;
    }
    Some((pattern, i))
}

const fn same(a: Pattern, b: Pattern) -> bool {
    u32::from_ne_bytes(a) == u32::from_ne_bytes(b)
}

const fn bit(patterns: &[Pattern; 64], count: usize, wanted: Pattern) -> u64 {
    let mut i = 0;
    while i < count {
        if same(patterns[i], wanted) {
            return 1 << i;
        }
        i += 1;
    }
    0
}

/// Whether `pattern` stands for the row itself, as `310n` does in the row of 3100 to 3105.
const fn is_own(line: &Line, pattern: Pattern) -> bool {
    let ais = line.ais.as_bytes();
    pattern[3] == b'n'
        && ais.len() == 9
        && ais[0] == pattern[0]
        && ais[1] == pattern[1]
        && ais[2] == pattern[2]
}

const fn names_siblings(line: &Line) -> bool {
    let (text, mut at) = (line.bars.as_bytes(), 0);
    while let Some((pattern, next)) = pattern(text, at) {
        if is_own(line, pattern) {
            return true;
        }
        at = next;
    }
    false
}

const fn classes_of(line: &Line) -> u64 {
    let (ais, (_, _, width)) = (line.ais.as_bytes(), ends(line.ais));
    let (mut bits, mut class) = (0, 0);
    while class < CLASSES.1 {
        let (pattern, mut i, mut fits) = (CLASSES.0[class], 0, true);
        while i < 4 {
            let digit = if i < width as usize { ais[i] } else { b' ' };
            fits = fits && (digit == pattern[i] || digit != b' ' && pattern[i] == b'n');
            i += 1;
        }
        if fits {
            bits |= 1 << class;
        }
        class += 1;
    }
    bits
}

const fn bars(line: &Line) -> u64 {
    let (text, mut at, mut bits) = (line.bars.as_bytes(), 0, 0);
    while let Some((pattern, next)) = pattern(text, at) {
        if !is_own(line, pattern) {
            bits |= bit(&CLASSES.0, CLASSES.1, pattern);
        }
        at = next;
    }
    bits
}

/// Requirements such as `01+21|253 & 37`.
const fn needs(text: &[u8]) -> [Need; NEEDS] {
    let (mut needs, mut need) = ([Need { any: 0, both: [0; PAIRS] }; NEEDS], 0);
    let (mut at, mut pairs) = (0, 0);
    while let Some((first, mut next)) = pattern(text, at) {
        let mut bits = bit(&CLASSES.0, CLASSES.1, first);
        if next < text.len() && text[next] == b'+' {
            while next < text.len() && text[next] == b'+' {
                let Some((other, after)) = pattern(text, next) else { panic!("something follows a plus") };
                bits |= bit(&CLASSES.0, CLASSES.1, other);
                next = after;
            }
            needs[need].both[pairs] = bits;
            pairs += 1;
        } else {
            needs[need].any |= bits;
        }
        if next < text.len() && text[next] == b' ' {
            need += 1;
            pairs = 0;
        }
        at = next;
    }
    needs
}

/// The bits of 01, and of the identifiers that say how much of a variable item there is.
pub(super) const GTIN_CLASS: u64 = mask(b"01");
pub(super) const MEASURE_CLASSES: u64 = mask(b"30|31nn|32nn|35nn|36nn");

const fn mask(text: &[u8]) -> u64 {
    let (mut at, mut bits) = (0, 0);
    while let Some((pattern, next)) = pattern(text, at) {
        let bit = bit(&CLASSES.0, CLASSES.1, pattern);
        assert!(bit != 0, "some rule speaks of this pattern");
        bits |= bit;
        at = next;
    }
    bits
}

/// What is known of an application identifier, or of a run of them that differ in the last digit.
#[derive(Clone, Copy)]
pub struct Identifier {
    row: &'static Row,
}

/// All identifiers in ascending order.
pub fn identifiers() -> impl ExactSizeIterator<Item = Identifier> {
    ROWS.iter().map(|row| Identifier { row })
}

impl Identifier {
    /// The identifier, or the first and last of its run, for instance `3100-3105`.
    pub fn ais(&self) -> &'static str {
        self.row.ais
    }

    pub fn title(&self) -> &'static str {
        self.row.title
    }

    /// Shortest and longest value.
    pub fn lengths(&self) -> (usize, usize) {
        (usize::from(self.row.min), usize::from(self.row.max))
    }

    /// Whether a separator must follow when another element does.
    pub fn needs_separator(&self) -> bool {
        self.row.predefined == 0
    }
}
