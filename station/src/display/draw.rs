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
use super::words::{beside, day, lines};
use crate::core::screen::{ItemShown, Screen, Shown};
use crate::core::sync::Link;

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
    Page { look: &SMALL, canvas, y: 0 }.screen(screen);
}

/// Draws a screen for 240×240 in colours.
pub(super) fn large(screen: &Screen, canvas: &mut Canvas<Rgb565>) {
    Page { look: &LARGE, canvas, y: 0 }.screen(screen);
}

struct Page<'a, C: PixelColor + 'static> {
    look: &'static Look<C>,
    canvas: &'a mut Canvas<C>,
    /// How far down it is drawn.
    y: i32,
}

impl<C: PixelColor> Page<'_, C> {
    fn screen(mut self, screen: &Screen) {
        let Ok(()) = self.canvas.clear(self.look.paper);
        self.head(screen);
        match &screen.shown {
            Shown::Ready => self.title("Ready to scan", self.look.ink),
            Shown::Note { text, tone } => self.title(text, self.colour(*tone)),
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
        let mode = screen.mode.called().to_uppercase();
        let room = self.fits(look.head).saturating_sub(mode.len() + 1);
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
        for line in details(item) {
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
        self.line(&lines("Type in the web app:", self.fits(look.text), 1).join(""), look.text, look.ink);
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
        let (word, colour) = match screen.link {
            Link::Unpaired => ("no hub: pair me", look.warning),
            Link::Unknown => ("hub?", look.quiet),
            Link::Up => ("hub ok", look.good),
            Link::Away => ("hub away", look.warning),
            Link::Revoked => ("sent off: pair", look.bad),
        };
        self.write(word, look.text, colour, look.margin, Alignment::Left);
        if screen.unsent > 0 {
            let unsent = format!("{} unsent", screen.unsent);
            let room = self.fits(look.text).saturating_sub(word.len() + 1);
            let unsent = if unsent.len() > room { screen.unsent.to_string() } else { unsent };
            self.write(&unsent, look.text, look.warning, self.width() - look.margin, Alignment::Right);
        }
    }
}

/// What there is to say of an item, the most important first.
fn details(item: &ItemShown) -> Vec<String> {
    let unit = item.unit.as_deref().unwrap_or_default();
    let mut said: Vec<String> =
        item.warnings.iter().map(|warning| format!("! {}", warning.replace('-', " "))).collect();
    match (item.before, item.after) {
        (Some(before), Some(after)) => said.push(format!("{before} -> {after} {unit}")),
        (Some(before), None) => said.push(format!("had {before} {unit}")),
        _ => {}
    }
    if let Some(expiry) = &item.expiry {
        let about = if expiry.estimated { "~" } else { "" };
        said.push(format!("{about}{} {}", day(&expiry.date), expiry.kind.replace('-', " ")));
    }
    said.extend(item.lines.iter().cloned());
    if said.is_empty() && !item.settled {
        said.push("stored".to_owned());
    }
    said
}
