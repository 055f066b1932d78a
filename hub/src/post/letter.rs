//! A letter: what it says, and how it looks on the wire.
//!
//! Whoever writes one gives pieces (paragraphs, lists, a link), not markup; both the text and the HTML of
//! the letter are made of them. Names and amounts come from people and from labels, so nothing of them is
//! ever markup, a header, or an address.

use std::fmt;
use std::time::{Duration, SystemTime};

use hearth_shared::time::Timestamp;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use serde::{Deserialize, Serialize};

use crate::db::{Bind, Cell, Column, Param};
use crate::error::{Error, Result};
use crate::house::Language;

/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 150;

/// The address of a person: plain, and one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailAddress(String);

impl MailAddress {
    pub fn parse(text: &str) -> Option<MailAddress> {
        let text = text.trim();
        // Quoted names, comments and lists are allowed by the books and used by nobody but mischief.
        let plain = |b: u8| b.is_ascii_graphic() && !b"\"(),:;<>[\\]".contains(&b);
        let fits = text.len() <= 254 && text.bytes().all(plain);
        text.parse::<Address>().ok().filter(|_| fits).map(|_| MailAddress(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MailAddress {
    type Error = &'static str;
    fn try_from(text: String) -> Result<MailAddress, &'static str> {
        MailAddress::parse(&text).ok_or("is no address for mail")
    }
}

impl From<MailAddress> for String {
    fn from(address: MailAddress) -> String {
        address.0
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Bind for MailAddress {
    fn bind(&self) -> Param<'_> {
        self.0.bind()
    }
}

impl Column for MailAddress {
    fn read(cell: Cell<'_>) -> Option<MailAddress> {
        String::read(cell).and_then(|text| MailAddress::parse(&text))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    pub to: MailAddress,
    /// That of the one who reads it.
    pub language: Language,
    pub subject: String,
    pub body: Vec<Piece>,
    pub sort: Sort,
}

/// A part of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    Heading(String),
    Text(String),
    List(Vec<String>),
    /// Words that lead to an address.
    Link(String, String),
}

/// Whether it comes again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sort {
    Once,
    /// With the address at which it can be ended.
    Recurring(String),
}

impl Mail {
    /// The letter as it travels. `id` is the same however often it is sent.
    pub fn compose(&self, from: &Mailbox, id: &str, at: Timestamp) -> Result<Message> {
        let odd = |e: String| Error::broken("mail-shape", "A letter could not be written.").because(e);
        let to: Address = self.to.as_str().parse().map_err(|e| odd(format!("{e}")))?;
        let written =
            SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.millis()).unwrap_or_default());
        let mut message = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(&self.subject, LONGEST_SUBJECT))
            .date(written)
            .message_id(Some(format!("<{id}@{}>", from.email.domain())))
            .raw_header(header("Content-Language", self.language.as_str()))
            // Nobody's holiday note answers a machine.
            .raw_header(header("Auto-Submitted", "auto-generated"));
        if let Sort::Recurring(end) = &self.sort {
            let end: String = end.chars().filter(|c| c.is_ascii_graphic() && !"<>,".contains(*c)).collect();
            message = message
                .raw_header(header("List-Id", &format!("<hearth.{}>", from.email.domain())))
                .raw_header(header("List-Unsubscribe", &format!("<{end}>")));
        }
        let body = MultiPart::alternative_plain_html(self.text(), self.html());
        message.multipart(body).map_err(|e| odd(e.to_string()))
    }

    /// The letter for those who read text.
    pub fn text(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Heading(text) => tidy(text).to_uppercase(),
            Piece::Text(text) => tidy(text),
            Piece::List(lines) => {
                lines.iter().map(|line| format!("- {}", tidy(line))).collect::<Vec<_>>().join("\n")
            }
            Piece::Link(words, address) => format!("{}: {}", tidy(words), tidy(address)),
        };
        let pieces: Vec<String> = self.body.iter().map(piece).collect();
        format!("{}\n", pieces.join("\n\n"))
    }

    /// The letter for those who see it.
    pub fn html(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Heading(text) => format!("<h2 style=\"font-size:1.1em\">{}</h2>", escaped(text)),
            Piece::Text(text) => format!("<p>{}</p>", escaped(text)),
            Piece::List(lines) => {
                let lines: String = lines.iter().map(|line| format!("<li>{}</li>", escaped(line))).collect();
                format!("<ul>{lines}</ul>")
            }
            Piece::Link(words, address) => {
                format!("<p><a href=\"{}\">{}</a></p>", escaped(address), escaped(words))
            }
        };
        let body: String = self.body.iter().map(piece).collect();
        let (language, title) = (self.language, escaped(&self.subject));
        format!(
            "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             </head><body style=\"font-family:sans-serif;line-height:1.5;max-width:36em\">{body}</body></html>"
        )
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), one_line(value, 900))
}

/// Text without anything that begins a line, or another one.
fn tidy(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn one_line(text: &str, longest: usize) -> String {
    tidy(text).split_whitespace().collect::<Vec<_>>().join(" ").chars().take(longest).collect()
}

fn escaped(text: &str) -> String {
    let text = tidy(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(subject: &str, lines: &[&str], sort: Sort) -> String {
        let mail = Mail {
            to: MailAddress::parse("anna@house.example").unwrap(),
            language: Language::German,
            subject: subject.to_owned(),
            body: vec![
                Piece::Heading("Bald fällig".to_owned()),
                Piece::List(lines.iter().map(|line| (*line).to_owned()).collect()),
                Piece::Link("Hearth öffnen".to_owned(), "https://h.example/app/?a&b".to_owned()),
            ],
            sort,
        };
        let from: Mailbox = "Hearth <hearth@house.example>".parse().unwrap();
        let at = Timestamp::from_millis(1_795_197_600_000);
        String::from_utf8(mail.compose(&from, "01", at).unwrap().formatted()).unwrap()
    }

    #[test]
    fn a_letter_says_who_sent_it_when_and_that_no_person_did() {
        let letter = letter("Milch", &["Milch"], Sort::Recurring("https://h.example/app/you".to_owned()));
        let (head, body) = letter.split_once("\r\n\r\n").unwrap();
        for line in [
            "From: Hearth <hearth@house.example>",
            "To: anna@house.example",
            "Subject: Milch",
            "Date: Fri, 20 Nov 2026 18:00:00 +0000",
            "Message-ID: <01@house.example>",
            "Content-Language: de",
            "Auto-Submitted: auto-generated",
            "List-Unsubscribe: <https://h.example/app/you>",
            "MIME-Version: 1.0",
        ] {
            assert!(head.lines().any(|found| found == line), "{line} is missing in\n{head}");
        }
        assert!(body.contains("text/plain") && body.contains("text/html"), "{body}");
        assert!(body.contains("https://h.example/app/?a&amp;b"), "{body}");
    }

    #[test]
    fn what_people_wrote_is_neither_a_header_nor_markup() {
        let evil = "Milk\r\nBcc: all@house.example\r\n\r\n<script>alert(1)</script>\u{2028}\0";
        let letter = letter(evil, &[evil], Sort::Once);
        let (head, body) = letter.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{head}");
        assert!(!body.lines().any(|line| line.starts_with("Bcc")), "{body}");
        let html = body.split("text/html").nth(1).unwrap();
        assert!(html.contains("&lt;script&gt;") && !html.contains("<script>"), "{html}");
        assert!(!letter.contains("List-Unsubscribe"));
    }

    #[test]
    fn an_address_is_plain_and_one() {
        for good in ["anna@house.example", " a.b+c@xn--bcher-kva.example "] {
            assert!(MailAddress::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "anna",
            "@house.example",
            "anna@",
            "a@b.example,c@d.example",
            "Anna <a@b.example>",
            "a@b.example\r\nRCPT TO:<c@d.example>",
            "\"a b\"@c.example",
            "a b@c.example",
            "a@[127.0.0.1]",
        ] {
            assert!(MailAddress::parse(bad).is_none(), "{bad}");
        }
        assert!(MailAddress::parse(&format!("{}@house.example", "a".repeat(250))).is_none());
    }
}
