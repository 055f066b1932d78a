//! What goes over the wires: panels that read it as the real ones do, and remember what they would show.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use embedded_graphics::pixelcolor::raw::ToBytes as _;
use embedded_hal::{digital, i2c, spi};

use super::*;
use crate::core::screen::ItemShown;
use hearth_shared::scanning::Tone;

fn screens() -> Vec<Screen> {
    let ready = |shown| Screen {
        language: Language::German,
        mode: Mode::Consume,
        person: Some("Anna".to_owned()),
        place: None,
        times: None,
        shown,
        link: Link::Up,
        unsent: 3,
    };
    let item = ItemShown::provisional("Żurek z białą kiełbasą".to_owned(), Tone::Warn);
    vec![ready(Shown::Ready), ready(Shown::Item(item)), ready(Shown::Code("482913".to_owned()))]
}

/// An SSD1306: pages of eight rows, written from left to right within a window.
#[derive(Default)]
struct Small {
    orders: Vec<u8>,
    columns: (u8, u8),
    pages: (u8, u8),
    at: (u8, u8),
    on: bool,
    memory: Vec<[u8; 128]>,
}

impl Small {
    fn write(&mut self, bytes: &[u8]) {
        match bytes {
            [0x00, orders @ ..] => {
                self.orders.extend(orders);
                while self.order() {}
            }
            [0x40, data @ ..] => data.iter().for_each(|&byte| self.data(byte)),
            other => panic!("neither orders nor data: {other:02x?}"),
        }
    }

    /// One order, if it has come whole.
    fn order(&mut self) -> bool {
        let Some(&order) = self.orders.first() else { return false };
        let more = match order {
            0x21 | 0x22 => 2,
            0x20 | 0x81 | 0x8d | 0xa8 | 0xd3 | 0xd5 | 0xd9 | 0xda | 0xdb => 1,
            _ => 0,
        };
        if self.orders.len() <= more {
            return false;
        }
        let with: Vec<u8> = self.orders.drain(..=more).collect();
        match order {
            0x20 => assert_eq!(with[1], 0, "row after row"),
            0x21 => (self.columns, self.at.0) = ((with[1], with[2]), with[1]),
            0x22 => (self.pages, self.at.1) = ((with[1], with[2]), with[1]),
            0xae | 0xaf => self.on = order == 0xaf,
            _ => {}
        }
        true
    }

    fn data(&mut self, byte: u8) {
        self.memory.resize(8, [0; 128]);
        self.memory[usize::from(self.at.1)][usize::from(self.at.0)] = byte;
        self.at.0 += 1;
        if self.at.0 > self.columns.1 {
            self.at = (self.columns.0, self.at.1 + 1);
        }
        if self.at.1 > self.pages.1 {
            self.at.1 = self.pages.0;
        }
    }

    fn shines(&self, x: usize, y: usize) -> bool {
        self.memory[y / 8][x] >> (y % 8) & 1 == 1
    }
}

struct Wire(Arc<Mutex<Small>>);

impl i2c::ErrorType for Wire {
    type Error = Infallible;
}

impl I2c for Wire {
    fn transaction(&mut self, address: u8, done: &mut [i2c::Operation<'_>]) -> Result<(), Infallible> {
        assert_eq!(address, 0x3d);
        for one in done {
            let i2c::Operation::Write(bytes) = one else { panic!("nothing is read from a display") };
            self.0.lock().unwrap().write(bytes);
        }
        Ok(())
    }
}

#[test]
fn an_ssd1306_shows_what_was_drawn() {
    let panel = Arc::<Mutex<Small>>::default();
    let mut send = on_i2c(Wire(panel.clone()), 0x3d).unwrap();
    for screen in screens() {
        send(&screen).unwrap();
        let mut canvas = Canvas::new(Size::new(128, 64), BinaryColor::Off);
        draw::small(&screen, &mut canvas);
        let panel = panel.lock().unwrap();
        assert!(panel.on);
        for (place, colour) in canvas.colours().enumerate() {
            let (x, y) = (place % 128, place / 128);
            assert_eq!(panel.shines(x, y), colour.is_on(), "{x}, {y}");
        }
    }
}

/// An ST7789: a window, and colours of two bytes that fill it.
#[derive(Default)]
struct Large {
    is_data: bool,
    order: u8,
    window: [Vec<u8>; 2],
    colours: Vec<u8>,
    awake: bool,
    on: bool,
}

impl Large {
    fn write(&mut self, bytes: &[u8]) {
        if self.is_data {
            return match self.order {
                0x2a => self.window[0].extend(bytes),
                0x2b => self.window[1].extend(bytes),
                0x2c | 0x3c => self.colours.extend(bytes),
                _ => {}
            };
        }
        for &order in bytes {
            self.order = order;
            match order {
                0x11 => self.awake = true,
                0x29 => self.on = true,
                0x2a => self.window[0].clear(),
                0x2b => self.window[1].clear(),
                0x2c => self.colours.clear(),
                _ => {}
            }
        }
    }
}

struct Wires(Arc<Mutex<Large>>);

impl spi::ErrorType for Wires {
    type Error = Infallible;
}

impl SpiDevice for Wires {
    fn transaction(&mut self, done: &mut [spi::Operation<'_, u8>]) -> Result<(), Infallible> {
        for one in done {
            let spi::Operation::Write(bytes) = one else { panic!("a display is written to") };
            self.0.lock().unwrap().write(bytes);
        }
        Ok(())
    }
}

/// The line that says whether data follows; any other line is held and nothing else.
struct Pin(Option<Arc<Mutex<Large>>>);

impl digital::ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.iter().for_each(|panel| panel.lock().unwrap().is_data = false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.iter().for_each(|panel| panel.lock().unwrap().is_data = true);
        Ok(())
    }
}

#[test]
fn an_st7789_shows_what_was_drawn() {
    let panel = Arc::<Mutex<Large>>::default();
    let mut send = on_spi(Wires(panel.clone()), Pin(Some(panel.clone())), Some(Pin(None)), None).unwrap();
    for screen in screens() {
        send(&screen).unwrap();
        let mut canvas = Canvas::new(Size::new(240, 240), Rgb565::BLACK);
        draw::large(&screen, &mut canvas);
        let panel = panel.lock().unwrap();
        assert!(panel.awake && panel.on);
        assert_eq!(panel.window, [vec![0, 0, 0, 239], vec![0, 0, 0, 239]]);
        let wanted: Vec<u8> = canvas.colours().flat_map(|colour| colour.to_be_bytes()).collect();
        assert!(panel.colours == wanted, "{} bytes of {}", panel.colours.len(), wanted.len());
    }
}
