//! Comma-separated values as RFC 4180 has them, safe to open in a spreadsheet. Pure.
//!
//! A text that a spreadsheet could take for a formula gets an apostrophe before it, and so does one that begins
//! with an apostrophe: whoever reads the file takes one apostrophe off the beginning of every text and has what
//! was kept. Numbers are written as they are.

/// What spreadsheets mistake for a byte order mark is one: some of them need it to know the letters.
pub const MARK: &str = "\u{feff}";

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Nothing,
    /// Whatever people wrote.
    Text(String),
    /// A number, a day or a moment: nothing of it is anybody's own words.
    Plain(String),
}

/// Whether a text is one that some spreadsheet would run.
fn is_risky(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠'])
}

fn field(out: &mut String, cell: &Cell) {
    let (text, mark) = match cell {
        Cell::Nothing => return,
        Cell::Plain(text) => (text, ""),
        Cell::Text(text) => (text, if is_risky(text) { "'" } else { "" }),
    };
    let quoted =
        text.contains([',', '"', '\r', '\n', '\t', ';']) || text.starts_with(' ') || text.ends_with(' ');
    if !quoted {
        out.push_str(mark);
        out.push_str(text);
        return;
    }
    out.push('"');
    out.push_str(mark);
    out.push_str(&text.replace('"', "\"\""));
    out.push('"');
}

/// Adds a line. A line with a single empty value is quoted, so that it is not an empty line.
pub fn line(out: &mut String, cells: &[Cell]) {
    let begin = out.len();
    for (n, cell) in cells.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        field(out, cell);
    }
    if out.len() == begin {
        out.push_str("\"\"");
    }
    out.push_str("\r\n");
}

/// Adds the line of names.
pub fn header(out: &mut String, columns: &[&str]) {
    out.push_str(&columns.join(","));
    out.push_str("\r\n");
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads a file as RFC 4180 says, by its grammar and nothing of the code above.
    pub(crate) fn read(file: &str) -> Option<Vec<Vec<String>>> {
        let (mut lines, mut cells, mut cell) = (Vec::new(), Vec::new(), String::new());
        let mut letters = file.chars().peekable();
        while let Some(&first) = letters.peek() {
            if first == '"' {
                letters.next();
                loop {
                    match letters.next()? {
                        '"' if letters.peek() == Some(&'"') => cell.push(letters.next()?),
                        '"' => break,
                        other => cell.push(other),
                    }
                }
            } else {
                while let Some(plain) = letters.next_if(|c| !matches!(c, ',' | '\r' | '\n' | '"')) {
                    cell.push(plain);
                }
            }
            match letters.next()? {
                ',' => {
                    cells.push(std::mem::take(&mut cell));
                    // A line may end behind a comma.
                    if letters.peek() == Some(&'\r') {
                        continue;
                    }
                }
                '\r' => {
                    (letters.next()? == '\n').then_some(())?;
                    cells.push(std::mem::take(&mut cell));
                    lines.push(std::mem::take(&mut cells));
                }
                _ => return None,
            }
        }
        Some(lines)
    }

    #[test]
    fn values_are_quoted_where_they_must_be() {
        let mut out = String::new();
        header(&mut out, &["name", "quantity"]);
        let text = |text: &str| Cell::Text(text.to_owned());
        line(&mut out, &[text("Salt, \"fine\""), Cell::Plain("-1.5".to_owned())]);
        line(&mut out, &[text("=1+1"), Cell::Nothing]);
        line(&mut out, &[text("two\nlines"), text("'tis")]);
        line(&mut out, &[Cell::Nothing]);
        assert_eq!(
            out,
            "name,quantity\r\n\"Salt, \"\"fine\"\"\",-1.5\r\n'=1+1,\r\n\"two\nlines\",''tis\r\n\"\"\r\n"
        );
    }

    #[test]
    fn nothing_that_is_written_is_a_formula() {
        for risky in ["=A1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
            let mut out = String::new();
            line(&mut out, &[Cell::Text(risky.to_owned())]);
            assert!(read(&out).unwrap()[0][0].starts_with('\''), "{out:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            table in prop::collection::vec(prop::collection::vec("([=+@',;\"\r\n\t -]|\\PC){0,8}", 3), 0..6),
        ) {
            let mut out = String::new();
            for row in &table {
                let cells: Vec<Cell> = row.iter().map(|text| Cell::Text(text.clone())).collect();
                line(&mut out, &cells);
            }
            let read = read(&out).expect("what RFC 4180 allows");
            let plain = |text: &String| text.strip_prefix('\'').unwrap_or(text).to_owned();
            let read: Vec<Vec<String>> = read.iter().map(|row| row.iter().map(plain).collect()).collect();
            prop_assert_eq!(read, table);
        }
    }
}
