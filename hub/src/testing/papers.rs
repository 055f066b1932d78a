//! Papers made on the spot: a page of text as a PDF, as a picture, and as a scanner's PDF of a picture.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::process::folder;

/// A page with these lines in a typewriter's letters, as a PDF with a layer of text.
pub fn pdf(text: &str) -> Vec<u8> {
    let height = text.lines().count() * 14 + 60;
    let mut page = format!("BT /F1 11 Tf 14 TL 20 {} Td\n", height - 40);
    for line in text.lines() {
        let line = line.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
        writeln!(page, "({line}) Tj T*").expect("a page");
    }
    page.push_str("ET");
    // Windows' letters: one byte each, which for these is the code point, and the euro.
    let letter = |c: char| match c {
        '€' => 0x80,
        c => u8::try_from(u32::from(c)).unwrap_or(b'?'),
    };
    let page: Vec<u8> = page.chars().map(letter).collect();
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>";
    document(340, height, "/Font << /F1 5 0 R >>", &page, ("", font.as_bytes()))
}

/// A page with nothing on it but a picture of these lines.
pub fn scanned_pdf(pdftoppm: &Path, text: &str) -> Vec<u8> {
    let drawn = draw(pdftoppm, &pdf(text), &["-r", "150", "-gray"]);
    let mut fields = drawn.splitn(4, |byte| byte.is_ascii_whitespace());
    let mut number = || {
        let field = fields.next().expect("a field");
        String::from_utf8_lossy(field).parse::<usize>()
    };
    assert!(number().is_err(), "P5 comes first");
    let (width, height) = (number().expect("a width"), number().expect("a height"));
    let pixels = drawn.get(drawn.len() - width * height..).expect("pixels");
    let page = format!("{width} 0 0 {height} 0 0 cm /I Do");
    let head = format!(
        "<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray \
         /BitsPerComponent 8 /Length {} >>",
        pixels.len()
    );
    document(width, height, "/XObject << /I 5 0 R >>", page.as_bytes(), (&head, pixels))
}

/// A photo of these lines, as a PNG.
pub fn picture(pdftoppm: &Path, text: &str) -> Vec<u8> {
    draw(pdftoppm, &pdf(text), &["-r", "150", "-png"])
}

fn draw(pdftoppm: &Path, document: &[u8], how: &[&str]) -> Vec<u8> {
    let path = folder("paper").join("page.pdf");
    std::fs::write(&path, document).expect("a file");
    let mut command = Command::new(pdftoppm);
    command.args(how).args(["-singlefile", "-q"]).arg(&path).stdin(Stdio::null());
    let drawn = command.output().expect("pdftoppm runs");
    assert!(drawn.status.success(), "{}", String::from_utf8_lossy(&drawn.stderr));
    drawn.stdout
}

/// A document of one page; the fifth object is what the page needs, as a stream where it has a head.
fn document(width: usize, height: usize, needs: &str, page: &[u8], fifth: (&str, &[u8])) -> Vec<u8> {
    let (head, body) = fifth;
    let stream = |head: &str, body: &[u8]| [head.as_bytes(), b"\nstream\n", body, b"\nendstream"].concat();
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents 4 0 R \
             /Resources << {needs} >> >>"
        )
        .into_bytes(),
        stream(&format!("<< /Length {} >>", page.len()), page),
        if head.is_empty() { body.to_vec() } else { stream(head, body) },
    ];
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(out.len());
        writeln!(out, "{} 0 obj", at + 1).expect("memory");
        out.extend_from_slice(object);
        out.extend_from_slice(b"\nendobj\n");
    }
    let table = out.len();
    out.extend_from_slice(b"xref\n0 6\n0000000000 65535 f \n");
    places.iter().for_each(|place| writeln!(out, "{place:010} 00000 n ").expect("memory"));
    write!(out, "trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").expect("memory");
    out
}
