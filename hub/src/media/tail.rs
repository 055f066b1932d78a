//! What stands behind the end of a picture.
//!
//! Phones put honest things there: a film of the moment before, a second picture with the depth, notes of their own
//! making. None of it is kept. What is refused is a picture with something behind it that other programs take the
//! whole file for: an archive, a document, a web page or a program. Nobody's camera does that.

use std::io::{Read, Result, Seek, SeekFrom};

/// How much of a tail is looked through for words.
const LOOKED_THROUGH: u64 = 64 * 1024 * 1024;
const BLOCK: usize = 64 * 1024;
/// Where an archive's directory may end: it is followed by a note of so many bytes at most.
const LONGEST_NOTE: u64 = 65_535;
const DIRECTORY_END: usize = 22;
/// The most boxes of a film that are stepped over.
const BOXES: usize = 1_000;

/// Words by which programs know what is theirs wherever it stands, in small letters.
const WORDS: &[(&[u8], &str)] = &[
    (b"pk\x03\x04", "a ZIP archive"),
    (b"%pdf-", "a PDF document"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<script", "a web page"),
    (b"\x7felf\x01", "a program"),
    (b"\x7felf\x02", "a program"),
];

/// Looks at what is behind `end`; says what hides there.
pub(super) fn hides(file: &mut (impl Read + Seek), end: u64) -> Result<Option<&'static str>> {
    let length = file.seek(SeekFrom::End(0))?;
    if length <= end {
        return Ok(None);
    }
    if ends_as_archive(file, end, length)? {
        return Ok(Some("a ZIP archive"));
    }
    let begin = behind_film(file, end, length)?;
    if begins_as_program(file, begin)? {
        return Ok(Some("a program"));
    }
    look_through(file, begin)
}

/// An archive is read from its end: its directory says how long a note follows, and that reaches the end.
fn ends_as_archive(file: &mut (impl Read + Seek), end: u64, length: u64) -> Result<bool> {
    let from = end.max(length.saturating_sub(LONGEST_NOTE + DIRECTORY_END as u64));
    file.seek(SeekFrom::Start(from))?;
    let mut last = Vec::new();
    file.take(LONGEST_NOTE + DIRECTORY_END as u64).read_to_end(&mut last)?;
    let is_end = |at: usize| {
        let note = last
            .get(at + 20..at + DIRECTORY_END)
            .map(|two| usize::from(u16::from_le_bytes([two[0], two[1]])));
        last[at..].starts_with(b"PK\x05\x06")
            && note.is_some_and(|note| at + DIRECTORY_END + note == last.len())
    };
    Ok((0..last.len()).any(is_end))
}

/// Where a film that begins at `at` ends: its pixels look like anything. `at` itself where there is no film.
fn behind_film(file: &mut (impl Read + Seek), begin: u64, length: u64) -> Result<u64> {
    let mut at = begin;
    for _ in 0..BOXES {
        let mut head = [0; 16];
        file.seek(SeekFrom::Start(at))?;
        let got = file.take(16).read(&mut head)?;
        let kind = &head[4..8];
        let known = if at == begin {
            kind == b"ftyp"
        } else {
            [*b"moov", *b"mdat", *b"free", *b"skip", *b"wide", *b"udta", *b"uuid", *b"meta", *b"mpvd"]
                .iter()
                .any(|known| known == kind)
        };
        let size = match u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]])) {
            0 => length - at,
            1 if got == 16 => {
                let [.., a, b, c, d, e, f, g, h] = head;
                u64::from_be_bytes([a, b, c, d, e, f, g, h])
            }
            size => size,
        };
        let next = at.checked_add(size).filter(|next| *next <= length && size >= 8);
        match next {
            Some(next) if known && got >= 8 => at = next,
            _ => return Ok(at),
        }
    }
    Ok(at)
}

/// Two letters are found in anything; a program begins with them.
fn begins_as_program(file: &mut (impl Read + Seek), begin: u64) -> Result<bool> {
    file.seek(SeekFrom::Start(begin))?;
    let mut first = Vec::new();
    file.take(512).read_to_end(&mut first)?;
    let filling = first.iter().take_while(|byte| matches!(byte, 0 | b' ' | b'\r' | b'\n' | b'\t')).count();
    Ok(first[filling..].starts_with(b"MZ"))
}

fn look_through(file: &mut (impl Read + Seek), begin: u64) -> Result<Option<&'static str>> {
    file.seek(SeekFrom::Start(begin))?;
    let mut rest = file.take(LOOKED_THROUGH);
    let longest = WORDS.iter().map(|(word, _)| word.len()).max().unwrap_or(0);
    let mut window: Vec<u8> = Vec::new();
    let mut block = vec![0; BLOCK];
    loop {
        let got = rest.read(&mut block)?;
        if got == 0 {
            return Ok(None);
        }
        // The end of the last block stays: a word may stand across both.
        window.drain(..window.len().saturating_sub(longest - 1));
        window.extend(block[..got].iter().map(u8::to_ascii_lowercase));
        let found = WORDS.iter().find(|(word, _)| window.windows(word.len()).any(|some| some == *word));
        if let Some((_, what)) = found {
            return Ok(Some(what));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const PICTURE: &[u8] = b"picture";

    fn behind(tail: &[u8]) -> Option<&'static str> {
        let bytes = [PICTURE, tail].concat();
        hides(&mut Cursor::new(bytes), PICTURE.len() as u64).unwrap()
    }

    fn part(kind: &[u8], inside: &[u8]) -> Vec<u8> {
        let size = u32::try_from(inside.len() + 8).unwrap().to_be_bytes();
        [&size[..], kind, inside].concat()
    }

    fn film() -> Vec<u8> {
        // Pixels look like anything, and like a program's first letters.
        [
            part(b"ftyp", b"mp42\0\0\0\0mp42"),
            part(b"mdat", b"MZ pk\x03\x04 <html> PK\x03\x04"),
            part(b"moov", b"when"),
        ]
        .concat()
    }

    fn archive(note: &[u8]) -> Vec<u8> {
        let length = u16::try_from(note.len()).unwrap().to_le_bytes();
        [b"PK\x05\x06", &[0; 16][..], &length, note].concat()
    }

    #[test]
    fn archives_documents_pages_and_programs_are_found() {
        for (tail, what) in [
            (b"PK\x03\x04 rest".to_vec(), "a ZIP archive"),
            (archive(b""), "a ZIP archive"),
            (archive(b"a note"), "a ZIP archive"),
            ([&[7; 200_000][..], &archive(&[b'n'; 65_535])].concat(), "a ZIP archive"),
            ([film(), archive(b"")].concat(), "a ZIP archive"),
            (b"\n%PDF-1.7".to_vec(), "a PDF document"),
            ([&[9; 90_000][..], b"%PDF-1.4"].concat(), "a PDF document"),
            (b"<!DOCTYPE HTML>".to_vec(), "a web page"),
            (b"xx<HtMl>".to_vec(), "a web page"),
            ([film(), b"<script src=x>".to_vec()].concat(), "a web page"),
            (b"MZ\x90\0".to_vec(), "a program"),
            (b"\0\0\0\0MZ\x90\0".to_vec(), "a program"),
            (b"\x7fELF\x02\x01".to_vec(), "a program"),
        ] {
            assert_eq!(behind(&tail), Some(what), "{}", String::from_utf8_lossy(&tail[..tail.len().min(40)]));
        }
        for at in BLOCK - 20..BLOCK + 20 {
            assert_eq!(behind(&[&vec![1; at][..], b"<script>"].concat()), Some("a web page"), "at {at}");
        }
    }

    #[test]
    fn what_phones_put_behind_a_picture_is_honest() {
        let whole = [&1_u32.to_be_bytes()[..], b"mdat", &24_u64.to_be_bytes(), b"MZ <html"].concat();
        for tail in [
            Vec::new(),
            vec![0; 4096],
            film(),
            [part(b"ftyp", b"isom"), whole].concat(),
            [part(b"ftyp", b"isom"), [&[0; 4][..], b"mdat", b"to the end: MZ <html>"].concat()].concat(),
            [film(), b"SEFH\x6b\0\0\0 Image_UTC_Data SEFT".to_vec()].concat(),
            b"\xff\xd8\xff\xe1 a second picture, MZ within".to_vec(),
            b"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">".to_vec(),
            b"PK\x05\x06 only a part".to_vec(),
        ] {
            assert_eq!(behind(&tail), None, "{}", String::from_utf8_lossy(&tail));
        }
    }

    #[test]
    fn strange_boxes_end_the_film_and_nothing_else() {
        for size in [0_u32, 1, 2, 7, 9, u32::MAX] {
            let tail = [&size.to_be_bytes()[..], b"ftyp", b"isom"].concat();
            assert_eq!(behind(&tail), None, "{size}");
        }
        let endless: Vec<u8> = std::iter::repeat_with(|| part(b"free", b"")).take(3_000).flatten().collect();
        assert_eq!(behind(&[part(b"ftyp", b"isom"), endless].concat()), None);
    }
}
