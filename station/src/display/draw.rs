//! Screens as pictures: a small one in two colours and a large one in many, with the same things on them.

use embedded_graphics::mono_font::iso_8859_1::{
    FONT_6X10, FONT_7X13_BOLD, FONT_9X15, FONT_9X15_BOLD, FONT_10X20,
};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::{BinaryColor, PixelColor, Rgb565};
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::{PrimitiveStyle, Rectangle};
use embedded_graphics::text::{Alignment, Baseline, Text, TextStyleBuilder};
use hearth_shared::scanning::Tone;

use super::canvas::Canvas;
use super::words::{beside, lines};
use crate::core::screen::{ItemShown, Screen, Shown};
use crate::core::sync::Link;
use crate::core::words::{Words, about};

/// How a panel looks: colours, letters, and how much of them fits.
struct Look<C: 'static> {
    paper: C,
    ink: C,
    /// The bar at the top, and the letters on it.
    bar: C,
    on_bar: C,
    quiet: C,
    good: C,
    warning: C,
    bad: C,
    head: &'static MonoFont<'static>,
    title: &'static MonoFont<'static>,
    text: &'static MonoFont<'static>,
    /// The digits of a pairing code.
    digits: &'static MonoFont<'static>,
    margin: i32,
    titles: usize,
}

const SMALL: Look<BinaryColor> = Look {
    paper: BinaryColor::Off,
    ink: BinaryColor::On,
    bar: BinaryColor::On,
    on_bar: BinaryColor::Off,
    quiet: BinaryColor::On,
    good: BinaryColor::On,
    warning: BinaryColor::On,
    bad: BinaryColor::On,
    head: &FONT_6X10,
    title: &FONT_7X13_BOLD,
    text: &FONT_6X10,
    digits: &FONT_10X20,
    margin: 1,
    titles: 2,
};

const LARGE: Look<Rgb565> = Look {
    paper: Rgb565::new(1, 2, 1),
    ink: Rgb565::WHITE,
    bar: Rgb565::new(4, 14, 8),
    on_bar: Rgb565::WHITE,
    quiet: Rgb565::new(18, 38, 18),
    good: Rgb565::new(8, 50, 10),
    warning: Rgb565::new(31, 44, 4),
    bad: Rgb565::new(31, 18, 12),
    head: &FONT_9X15_BOLD,
    title: &FONT_10X20,
    text: &FONT_9X15,
    digits: &FONT_10X20,
    margin: 6,
    titles: 3,
};

/// Draws a screen for 128×64 in two colours.
pub(super) fn small(screen: &Screen, canvas: &mut Canvas<BinaryColor>) {
    Page { look: &SMALL, words: screen.language.words(), canvas, y: 0 }.screen(screen);
}

/// Draws a screen for 240×240 in colours.
pub(super) fn large(screen: &Screen, canvas: &mut Canvas<Rgb565>) {
    Page { look: &LARGE, words: screen.language.words(), canvas, y: 0 }.screen(screen);
}

struct Page<'a, C: PixelColor + 'static> {
    look: &'static Look<C>,
    words: &'static Words,
    canvas: &'a mut Canvas<C>,
    /// How far down it is drawn.
    y: i32,
}

impl<C: PixelColor> Page<'_, C> {
    fn screen(mut self, screen: &Screen) {
        let Ok(()) = self.canvas.clear(self.look.paper);
        self.head(screen);
        match &screen.shown {
            Shown::Ready => self.title(self.words.ready, self.look.ink),
            Shown::Note { note, tone } => self.title(&note.says(screen.language), self.colour(*tone)),
            Shown::Item(item) => self.item(item),
            Shown::Code(code) => self.code(code),
        }
        self.foot(screen);
    }

    fn colour(&self, tone: Tone) -> C {
        match tone {
            Tone::Ok => self.look.good,
            Tone::Warn => self.look.warning,
            Tone::Bad => self.look.bad,
        }
    }

    fn width(&self) -> i32 {
        self.canvas.size().width.cast_signed()
    }

    /// How many letters of a font fit beside each other.
    fn fits(&self, font: &MonoFont<'_>) -> usize {
        (self.width() - 2 * self.look.margin).unsigned_abs() as usize / font.character_size.width as usize
    }

    fn write(&mut self, text: &str, font: &MonoFont<'static>, colour: C, x: i32, side: Alignment) {
        let style = TextStyleBuilder::new().alignment(side).baseline(Baseline::Top).build();
        let letters = MonoTextStyle::new(font, colour);
        let Ok(_) = Text::with_text_style(text, Point::new(x, self.y), letters, style).draw(self.canvas);
    }

    fn line(&mut self, text: &str, font: &'static MonoFont<'static>, colour: C) {
        self.write(text, font, colour, self.look.margin, Alignment::Left);
        self.y += font.character_size.height.cast_signed();
    }

    /// The mode on a bar, and who is scanning where.
    fn head(&mut self, screen: &Screen) {
        let look = self.look;
        let height = look.head.character_size.height.cast_signed() + 2 * look.margin;
        let bar = Rectangle::new(Point::zero(), Size::new(self.canvas.size().width, height.unsigned_abs()));
        let Ok(()) = bar.into_styled(PrimitiveStyle::with_fill(look.bar)).draw(self.canvas);
        self.y = look.margin;
        let mut right: Vec<String> = [&screen.person, &screen.place].into_iter().flatten().cloned().collect();
        right.extend(screen.times.map(|times| format!("x{times}")));
        let mode = self.words.mode(screen.mode).to_uppercase();
        let room = self.fits(look.head).saturating_sub(mode.chars().count() + 1);
        let right = beside(&right, room);
        self.write(&mode, look.head, look.on_bar, look.margin + 1, Alignment::Left);
        self.write(&right, look.head, look.on_bar, self.width() - look.margin - 1, Alignment::Right);
        self.y = height + look.margin + 1;
    }

    fn title(&mut self, text: &str, colour: C) {
        let (font, most) = (self.look.title, self.look.titles);
        for line in lines(text, self.fits(font), most) {
            self.line(&line, font, colour);
        }
    }

    fn item(&mut self, item: &ItemShown) {
        let look = self.look;
        let colour = if item.tone == Tone::Ok { look.ink } else { self.colour(item.tone) };
        self.title(&item.title, colour);
        self.y += look.margin;
        let height = look.text.character_size.height.cast_signed();
        for line in self.details(item) {
            if self.y + height > self.foot_at() {
                break;
            }
            let fitting = lines(&line, self.fits(look.text), 1);
            let colour = if item.settled { look.ink } else { look.quiet };
            fitting.iter().for_each(|line| self.line(line, look.text, colour));
        }
    }

    fn code(&mut self, code: &str) {
        let look = self.look;
        self.line(self.words.type_code, look.text, look.ink);
        self.y += look.margin + 2;
        let (front, back) = code.split_at_checked(3).unwrap_or((code, ""));
        let middle = self.width() / 2;
        self.write(&format!("{front} {back}"), look.digits, look.ink, middle, Alignment::Center);
    }

    fn foot_at(&self) -> i32 {
        let height = self.look.text.character_size.height.cast_signed();
        self.canvas.size().height.cast_signed() - height - self.look.margin / 2
    }

    /// How it is with the hub, and how many scans it does not have.
    fn foot(&mut self, screen: &Screen) {
        let look = self.look;
        self.y = self.foot_at();
        let word = self.words.link(screen.link);
        let colour = match screen.link {
            Link::Unpaired | Link::Away => look.warning,
            Link::Unknown => look.quiet,
            Link::Up => look.good,
            Link::Revoked => look.bad,
        };
        self.write(word, look.text, colour, look.margin, Alignment::Left);
        if screen.unsent > 0 {
            let unsent = (self.words.unsent)(screen.unsent);
            let room = self.fits(look.text).saturating_sub(word.chars().count() + 1);
            let fits = unsent.chars().count() <= room;
            let unsent = if fits { unsent } else { screen.unsent.to_string() };
            self.write(&unsent, look.text, look.warning, self.width() - look.margin, Alignment::Right);
        }
    }

    /// What there is to say of an item, the most important first.
    fn details(&self, item: &ItemShown) -> Vec<String> {
        let words = self.words;
        let wrong = item.wrong.map(|_| words.wrong.into());
        let warnings = wrong.into_iter().chain(item.warnings.iter().map(|warning| words.warning(warning)));
        let mut said: Vec<String> = warnings.map(|warning| format!("! {warning}")).collect();
        let unit = item.unit.as_deref();
        match (item.before, item.after) {
            (Some(before), Some(after)) => {
                said.push(format!("{} -> {}", words.amount(before, None), words.amount(after, unit)));
            }
            (Some(before), None) => said.push(about(words.had, &words.amount(before, unit))),
            _ => {}
        }
        if let Some(expiry) = &item.expiry {
            said.push(words.until(expiry, item.today, self.fits(self.look.text)));
        }
        said.extend(item.lines.iter().cloned());
        if said.is_empty() && !item.settled {
            said.push(words.stored.to_owned());
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use std::iter::successors;

    use hearth_shared::amount::Amount;
    use hearth_shared::scanning::{Mode, Until};

    use super::super::words::plain;
    use super::*;
    use crate::core::screen::{Choice, Note};
    use crate::core::words::{Language, WARNINGS};

    /// One note of each kind, and of each mode: a new kind finds its place here or does not compile.
    fn behind(note: &Note) -> Option<Note> {
        Some(match note {
            Note::NothingToUndo => Note::UnknownCard,
            Note::UnknownCard => Note::Undone("Oat milk".to_owned()),
            Note::Undone(_) => Note::Confirmed,
            Note::Confirmed => Note::Cancelled,
            Note::Cancelled => Note::Mode(Mode::ALL[0]),
            Note::Mode(mode) => match Mode::ALL.get(*mode as usize + 1) {
                Some(mode) => Note::Mode(*mode),
                None => Note::Times(Amount::whole(1000)),
            },
            Note::Times(_) => Note::Person(Choice::Usual),
            Note::Person(Choice::Usual) => Note::Person(Choice::Nameless),
            Note::Person(Choice::Nameless) => Note::Person(Choice::Named("Friederike".to_owned())),
            Note::Person(Choice::Named(_)) => Note::Place(Choice::Usual),
            Note::Place(Choice::Usual) => Note::Place(Choice::Nameless),
            Note::Place(Choice::Nameless) => Note::Place(Choice::Named("Kühlschrank".to_owned())),
            Note::Place(Choice::Named(_)) => Note::Full,
            Note::Full => Note::NotStored,
            Note::NotStored => Note::Lost,
            Note::Lost => Note::Hub("Hub".to_owned()),
            Note::Hub(_) => return None,
        })
    }

    /// How many letters fit on a panel beside each other: in the bar, as a title, in a line; and how many lines a
    /// title has.
    fn room<C: PixelColor>(look: &'static Look<C>, size: Size) -> (usize, usize, usize, usize) {
        let canvas = &mut Canvas::new(size, look.paper);
        let page = Page { look, words: Language::English.words(), canvas, y: 0 };
        (page.fits(look.head), page.fits(look.title), page.fits(look.text), look.titles)
    }

    #[test]
    fn every_word_of_every_language_fits_on_every_panel() {
        let panels = [room(&SMALL, Size::new(128, 64)), room(&LARGE, Size::new(240, 240))];
        assert_eq!(panels, [(21, 18, 21, 2), (25, 22, 25, 3)]);
        for (language, (head, title, text, titles)) in
            Language::ALL.into_iter().flat_map(|language| panels.map(|panel| (language, panel)))
        {
            let words = language.words();
            let fits = |said: &str, room: usize| {
                assert_eq!(plain(said), said, "the fonts have no such letters");
                assert!(said.chars().count() <= room, "{said:?} has more than {room} letters");
            };
            // With something of who scans, where, and how often.
            for mode in Mode::ALL {
                fits(&words.mode(mode).to_uppercase(), head - "A".len() - " F x6".len());
            }
            for note in successors(Some(Note::NothingToUndo), behind) {
                let said = note.says(language);
                let drawn = lines(&said, title, usize::MAX);
                assert!(drawn.len() <= titles, "{drawn:?}");
                // At its spaces, and not in the middle of a word.
                assert_eq!(drawn.join(" "), said);
            }
            assert_eq!(lines(words.ready, title, usize::MAX), [words.ready]);
            fits(words.type_code, text);
            for link in [Link::Unpaired, Link::Unknown, Link::Up, Link::Away, Link::Revoked] {
                fits(&format!("{} 100000", words.link(link)), text);
            }
            fits(&format!("{} {}", words.link(Link::Away), (words.unsent)(9_999)), text);
            fits(words.stored, text);
            fits(&format!("! {}", words.wrong), text);
            WARNINGS.iter().for_each(|warning| fits(&format!("! {}", words.warning(warning)), text));
            let amount = words.amount(Amount::thousandths(1_999_500), Some("piece"));
            fits(&about(words.had, &amount), text);
            for kind in ["best-before", "use-by"] {
                let until = Until { date: "2026-12-24".into(), kind: kind.into(), estimated: true };
                fits(&words.until(&until, None, text), text);
            }
        }
    }
}
