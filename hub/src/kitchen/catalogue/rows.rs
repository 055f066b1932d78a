//! The rows of a dump: one JSON object a line, or tab-separated columns; packed with gzip or not.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use super::raw::{List, NUTRIMENTS, Raw};

/// The longest row that is read; real ones have a tenth of it.
const LONGEST: usize = 4 * 1024 * 1024;
/// What is unpacked at once.
const PART: usize = 256 * 1024;

/// A dump that is being read.
pub(super) struct Rows {
    input: BufReader<Box<dyn Read + Send>>,
    /// Bytes of the file that were read, packed as it is.
    taken: Arc<AtomicU64>,
    /// Bytes that were read when unpacked: where the next row begins.
    position: u64,
    columns: Option<Columns>,
    line: Vec<u8>,
}

/// What became of asking for a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Row {
    Product(Box<Raw>),
    /// A row that cannot be read.
    Broken,
    End,
}

/// Which column holds what.
struct Columns {
    names: Vec<Option<Column>>,
}

#[derive(Clone, Copy)]
enum Column {
    Code,
    Language,
    Name(Option<&'static str>),
    GenericName,
    Brands,
    Quantity,
    QuantityNumber,
    Categories,
    Allergens,
    Traces,
    Countries,
    Image,
    Nutriment(&'static str),
}

/// Counts what passes.
struct Counted {
    file: File,
    taken: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        self.taken.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Why a file is no dump.
#[derive(Debug)]
pub(super) enum Unfit {
    Io(io::Error),
    Empty,
    /// The first line is neither a product nor the names of columns.
    NoDump,
}

impl From<io::Error> for Unfit {
    fn from(error: io::Error) -> Unfit {
        Unfit::Io(error)
    }
}

impl Rows {
    pub(super) fn open(path: &Path) -> Result<Rows, Unfit> {
        let taken = Arc::new(AtomicU64::new(0));
        let counted = Counted { file: File::open(path)?, taken: taken.clone() };
        let mut packed = BufReader::with_capacity(PART, counted);
        let is_gzip = packed.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let plain: Box<dyn Read + Send> =
            if is_gzip { Box::new(MultiGzDecoder::new(packed)) } else { Box::new(packed) };
        let input = BufReader::with_capacity(PART, plain);
        let mut rows = Rows { input, taken, position: 0, columns: None, line: Vec::new() };
        let start = rows.input.fill_buf()?;
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        match start.first() {
            None => Err(Unfit::Empty),
            Some(b'{') => Ok(rows),
            Some(_) => {
                rows.next_line()?;
                rows.columns = Some(Columns::of(&rows.line).ok_or(Unfit::NoDump)?);
                Ok(rows)
            }
        }
    }

    /// Bytes of the file that were read.
    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Where the next row begins, in what is unpacked.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Whether rows say in which languages they are.
    pub(super) fn says_languages(&self) -> bool {
        let Some(columns) = &self.columns else { return true };
        columns.names.iter().flatten().any(|it| matches!(it, Column::Language | Column::Name(Some(_))))
    }

    /// Passes over some of what lies before a position; answers whether it is reached.
    pub(super) fn skip_towards(&mut self, position: u64) -> io::Result<bool> {
        let left = position.saturating_sub(self.position).min(64 * PART as u64);
        let skipped = io::copy(&mut (&mut self.input).take(left), &mut io::sink())?;
        self.position += skipped;
        if skipped < left {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(self.position >= position)
    }

    pub(super) fn next_row(&mut self) -> io::Result<Row> {
        loop {
            match self.next_line()? {
                Line::End => return Ok(Row::End),
                Line::TooLong => return Ok(Row::Broken),
                Line::Whole if self.line.trim_ascii().is_empty() => {}
                Line::Whole => break,
            }
        }
        let line = self.line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.line);
        let raw = match &self.columns {
            None => serde_json::from_slice(line).ok(),
            Some(columns) => std::str::from_utf8(line).ok().map(|line| columns.read(line)),
        };
        Ok(raw.map_or(Row::Broken, |raw| Row::Product(Box::new(raw))))
    }

    /// Reads a line, without its end.
    fn next_line(&mut self) -> io::Result<Line> {
        self.line.clear();
        let (mut some, mut too_long) = (false, false);
        loop {
            let part = self.input.fill_buf()?;
            if part.is_empty() {
                return Ok(if some { Line::of(too_long) } else { Line::End });
            }
            some = true;
            let end = part.iter().position(|byte| *byte == b'\n');
            let length = end.unwrap_or(part.len());
            too_long |= self.line.len() + length > LONGEST;
            if too_long {
                self.line = Vec::new();
            } else {
                self.line.extend_from_slice(part.get(..length).unwrap_or_default());
            }
            let used = length + usize::from(end.is_some());
            self.input.consume(used);
            self.position += used as u64;
            if end.is_some() {
                if self.line.ends_with(b"\r") {
                    self.line.pop();
                }
                return Ok(Line::of(too_long));
            }
        }
    }
}

enum Line {
    Whole,
    TooLong,
    End,
}

impl Line {
    fn of(too_long: bool) -> Line {
        if too_long { Line::TooLong } else { Line::Whole }
    }
}

impl Columns {
    /// The columns that a first line names, if it is one: the number of a product is among them.
    fn of(line: &[u8]) -> Option<Columns> {
        let line = std::str::from_utf8(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)).ok()?;
        let names: Vec<Option<Column>> = line.split('\t').map(|name| column(&unquoted(name))).collect();
        let has_code = names.iter().any(|it| matches!(it, Some(Column::Code)));
        (names.len() > 1 && has_code).then_some(Columns { names })
    }

    fn read(&self, line: &str) -> Raw {
        let mut raw = Raw::default();
        for (column, field) in self.names.iter().zip(line.split('\t')) {
            let Some(column) = column else { continue };
            let field = unquoted(field);
            if field.trim().is_empty() {
                continue;
            }
            match column {
                Column::Code => raw.code = Some(field),
                Column::Language => raw.language = Some(field),
                Column::Name(None) => raw.name = Some(field),
                Column::Name(Some(language)) => raw.names.push(((*language).to_owned(), field)),
                Column::GenericName => raw.generic_name = Some(field),
                Column::Brands => raw.brands = Some(field),
                Column::Quantity => raw.quantity = Some(field),
                Column::QuantityNumber => raw.quantity_number = Some(field),
                Column::Categories => raw.categories = List::of_text(&field).0,
                Column::Allergens => raw.allergens = List::of_text(&field).0,
                Column::Traces => raw.traces = List::of_text(&field).0,
                Column::Countries => raw.countries = List::of_text(&field).0,
                Column::Image => raw.image = Some(field),
                Column::Nutriment(name) => raw.nutriments.push(((*name).to_owned(), field)),
            }
        }
        raw
    }
}

fn column(name: &str) -> Option<Column> {
    let name = name.trim();
    match name {
        "code" => Some(Column::Code),
        "lang" | "lc" => Some(Column::Language),
        "product_name" => Some(Column::Name(None)),
        "product_name_de" => Some(Column::Name(Some("de"))),
        "product_name_en" => Some(Column::Name(Some("en"))),
        "generic_name" => Some(Column::GenericName),
        "brands" => Some(Column::Brands),
        "quantity" => Some(Column::Quantity),
        "product_quantity" => Some(Column::QuantityNumber),
        "categories_tags" => Some(Column::Categories),
        "allergens_tags" | "allergens" => Some(Column::Allergens),
        "traces_tags" => Some(Column::Traces),
        "countries_tags" => Some(Column::Countries),
        "image_url" => Some(Column::Image),
        _ => NUTRIMENTS.iter().find(|it| **it == name).map(|it| Column::Nutriment(it)),
    }
}

/// A field as some programs write it: in quotation marks, with those inside doubled.
fn unquoted(field: &str) -> String {
    match field.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => field.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn rows_of(name: &str, bytes: &[u8]) -> Result<Vec<Row>, Unfit> {
        let path = std::env::temp_dir().join(format!("hearth-rows-{name}-{}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        let opened = Rows::open(&path);
        std::fs::remove_file(&path).unwrap();
        let mut rows = opened?;
        let mut read = Vec::new();
        loop {
            match rows.next_row()? {
                Row::End => return Ok(read),
                row => read.push(row),
            }
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    fn names(rows: &[Row]) -> Vec<&str> {
        fn name(row: &Row) -> &str {
            match row {
                Row::Product(raw) => raw.name.as_deref().unwrap_or("-"),
                Row::Broken => "broken",
                Row::End => "end",
            }
        }
        rows.iter().map(name).collect()
    }

    const LINES: &[u8] = b"{\"code\": \"1\", \"product_name\": \"One\"}\n\n{\"code\": 2, \"product_name\": \"Two\"}\r\n{\"code\"\nno\n{\"code\":\"3\",\"product_name\":\"Three\"}";

    #[test]
    fn lines_of_json_packed_or_not() {
        let expected = ["One", "Two", "broken", "broken", "Three"];
        assert_eq!(names(&rows_of("json", LINES).unwrap()), expected);
        assert_eq!(names(&rows_of("gzip", &gzip(LINES)).unwrap()), expected);
        // Packed in two goes, one after the other.
        let (first, second) = LINES.split_at(20);
        assert_eq!(names(&rows_of("gzips", &[gzip(first), gzip(second)].concat()).unwrap()), expected);
        assert_eq!(names(&rows_of("mark", &[b"\xef\xbb\xbf", LINES].concat()).unwrap()), expected);
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let table = "code\turl\tproduct_name\tcountries_tags\tfat_100g\tquantity\tenergy-kj_100g\n\
            4006381333931\thttp://x\t\"Say \"\"cheese\"\"\"\ten:germany,en:austria\t1.5\t500 g\t\n\
            short\n\
            1\t\tLong\ta\tb\tc\td\te\tf\n";
        let rows = rows_of("table", &gzip(table.as_bytes())).unwrap();
        assert_eq!(names(&rows), ["Say \"cheese\"", "-", "Long"]);
        let Row::Product(first) = &rows[0] else { panic!("no product") };
        assert_eq!(first.countries, ["en:germany", "en:austria"]);
        assert_eq!(first.nutriments, [("fat_100g".to_owned(), "1.5".to_owned())]);
        assert_eq!(
            (first.code.as_deref(), first.quantity.as_deref()),
            (Some("4006381333931"), Some("500 g"))
        );
    }

    #[test]
    fn what_is_no_dump_is_said_to_be_none() {
        for (name, bytes) in [
            ("html", b"<!doctype html><title>Not found</title>".as_slice()),
            ("comma", b"code,product_name\n1,One\n"),
            ("other", b"name\tprice\nOne\t1\n"),
            ("picture", b"\xff\xd8\xff\xe0 a picture\nof\x00something"),
            ("list", b"[{\"code\": 1}]"),
            ("zip", b"PK\x03\x04 a zip"),
        ] {
            assert!(matches!(rows_of(name, bytes), Err(Unfit::NoDump)), "{name}");
        }
        for (name, bytes) in [("nothing", b"".as_slice()), ("blank", b" \n "), ("packed", &gzip(b""))] {
            assert!(matches!(rows_of(name, bytes), Err(Unfit::Empty)), "{name}");
        }
        let cut = gzip(&LINES.repeat(100));
        for length in [5, cut.len() / 2, cut.len() - 1] {
            assert!(matches!(rows_of("cut", &cut[..length]), Err(Unfit::Io(_))), "cut to {length}");
        }
        let garbled = [&cut[..20], b"not what was packed at all", &cut[46..]].concat();
        assert!(matches!(rows_of("garbled", &garbled), Err(Unfit::Io(_))));
    }

    #[test]
    fn a_row_that_is_too_long_is_passed_over() {
        let long = format!("{{\"product_name\": \"{}\"}}\n", "x".repeat(LONGEST));
        let lines =
            [b"{\"product_name\":\"One\"}\n", long.as_bytes(), b"{\"product_name\":\"Two\"}\n"].concat();
        assert_eq!(names(&rows_of("long", &gzip(&lines)).unwrap()), ["One", "broken", "Two"]);
    }

    #[test]
    fn reading_goes_on_where_it_was_left() {
        let path = std::env::temp_dir().join(format!("hearth-rows-position-{}", std::process::id()));
        let lines: String = (0..200_000).map(|n| format!("{{\"code\": {n}}}\n")).collect();
        std::fs::write(&path, gzip(lines.as_bytes())).unwrap();
        let mut first = Rows::open(&path).unwrap();
        for _ in 0..150_000 {
            first.next_row().unwrap();
        }
        let mut second = Rows::open(&path).unwrap();
        while !second.skip_towards(first.position()).unwrap() {}
        assert_eq!(second.next_row().unwrap(), first.next_row().unwrap());
        assert!(
            second.skip_towards(u64::MAX / 2).is_err()
                || !second.skip_towards(u64::MAX / 2).is_ok_and(|it| it)
        );
        std::fs::remove_file(path).unwrap();
    }
}
