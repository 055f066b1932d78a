//! The small display, if there is one: an SSD1306 on I²C or an ST7789 on SPI.
//!
//! The picture is drawn in memory and sent as a whole by a thread of its own; of several that wait only the last
//! is sent.

mod canvas;
mod draw;
mod words;

use std::sync::mpsc::{Receiver, Sender, channel};

use embedded_graphics::pixelcolor::{BinaryColor, Rgb565};
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use embedded_hal::digital::OutputPin;
use embedded_hal::i2c::I2c;
use embedded_hal::spi::SpiDevice;
use linux_embedded_hal::spidev::{SpiModeFlags, SpidevOptions};
use linux_embedded_hal::{Delay, I2cdev, SpidevDevice};
use mipidsi::interface::SpiInterface;
use mipidsi::models::ST7789;
use mipidsi::options::ColorInversion;
use ssd1306::mode::DisplayConfig as _;
use ssd1306::prelude::DisplayRotation;
use ssd1306::size::DisplaySize128x64;
use ssd1306::{I2CDisplayInterface, Ssd1306};

use crate::board::Line;
use crate::config::{Display, DisplayKind};
use crate::core::screen::{Screen, Shown};
use crate::core::sync::Link;
use crate::core::words::Language;
use crate::run::Face;
use canvas::Canvas;
use hearth_shared::scanning::Mode;

/// Where an SSD1306 is found unless said otherwise.
const ADDRESS: u8 = 0x3c;
const SPI_HERTZ: u32 = 40_000_000;

/// The face of a display: tells its thread.
pub struct Panel(Sender<Screen>);

impl Face for Panel {
    fn show(&mut self, screen: &Screen) {
        drop(self.0.send(screen.clone()));
    }
}

impl Panel {
    /// Shows six digits to type in the web app.
    pub fn code(&mut self, code: &str, language: Language) {
        self.show(&Screen {
            language,
            mode: Mode::Lookup,
            person: None,
            place: None,
            times: None,
            shown: Shown::Code(code.to_owned()),
            link: Link::Unpaired,
            unsent: 0,
        });
    }
}

/// Opens the display that is set up, if one is.
pub fn open(config: Option<&Display>) -> Result<Option<Panel>, String> {
    let Some(config) = config else { return Ok(None) };
    let send = match config.kind {
        DisplayKind::Ssd1306 => ssd1306(config)?,
        DisplayKind::St7789 => st7789(config)?,
    };
    let (tell, told) = channel();
    std::thread::Builder::new()
        .name("display".to_owned())
        .spawn(move || run(&told, send))
        .map_err(|error| error.to_string())?;
    Ok(Some(Panel(tell)))
}

/// Something that draws a screen and sends it to the panel.
type Sending = Box<dyn FnMut(&Screen) -> Result<(), String> + Send>;

fn run(told: &Receiver<Screen>, mut send: Sending) {
    while let Ok(mut screen) = told.recv() {
        while let Ok(later) = told.try_recv() {
            screen = later;
        }
        // A loose wire costs a picture and not a scan; the next one tries again.
        drop(send(&screen));
    }
}

fn ssd1306(config: &Display) -> Result<Sending, String> {
    let bus = config.bus.as_deref().unwrap_or("/dev/i2c-1");
    let wire = I2cdev::new(bus).map_err(|error| format!("{bus}: {error}"))?;
    on_i2c(wire, config.address.unwrap_or(ADDRESS)).map_err(|why| format!("{bus}: {why}"))
}

/// An SSD1306 that is reached over these wires.
fn on_i2c(wire: impl I2c + Send + 'static, address: u8) -> Result<Sending, String> {
    let interface = I2CDisplayInterface::new_custom_address(wire, address);
    let display = Ssd1306::new(interface, DisplaySize128x64, DisplayRotation::Rotate0);
    let mut display = display.into_buffered_graphics_mode();
    display.init().map_err(|error| format!("{error:?}"))?;
    let mut canvas = Canvas::new(Size::new(128, 64), BinaryColor::Off);
    Ok(Box::new(move |screen| {
        draw::small(screen, &mut canvas);
        let drawn = canvas.pixels().draw(&mut display);
        drawn.and_then(|()| display.flush()).map_err(|error| format!("{error:?}"))
    }))
}

fn st7789(config: &Display) -> Result<Sending, String> {
    let bus = config.bus.as_deref().unwrap_or("/dev/spidev0.0");
    let mut wire = SpidevDevice::open(bus).map_err(|error| format!("{bus}: {error}"))?;
    let options = SpidevOptions::new().max_speed_hz(SPI_HERTZ).mode(SpiModeFlags::SPI_MODE_0).build();
    wire.configure(&options).map_err(|error| format!("{bus}: {error}"))?;
    let data = Line::output(config.data.ok_or("an st7789 needs its `data` line")?)?;
    let reset = config.reset.map(Line::output).transpose()?;
    let light = config.light.map(Line::output).transpose()?;
    light.iter().for_each(|light| light.set(true));
    on_spi(wire, data, reset, light).map_err(|why| format!("{bus}: {why}"))
}

/// An ST7789 that is reached over these wires; `light` is kept for as long as it shows something.
fn on_spi<P: OutputPin + Send + 'static>(
    wire: impl SpiDevice + Send + 'static,
    data: P,
    reset: Option<P>,
    light: Option<P>,
) -> Result<Sending, String> {
    // The thread keeps the display for ever, and its buffer with it.
    let buffer: &'static mut [u8] = Box::leak(vec![0; 4096].into_boxed_slice());
    let builder = mipidsi::Builder::new(ST7789, SpiInterface::new(wire, data, buffer))
        .display_size(240, 240)
        .invert_colors(ColorInversion::Inverted);
    let mut canvas = Canvas::new(Size::new(240, 240), Rgb565::BLACK);
    macro_rules! sending {
        ($display:expr) => {{
            let mut display = $display.map_err(|error| format!("{error:?}"))?;
            Ok(Box::new(move |screen: &Screen| {
                let _lit = &light;
                draw::large(screen, &mut canvas);
                let area = Rectangle::new(Point::zero(), canvas.size());
                display.fill_contiguous(&area, canvas.colours()).map_err(|error| format!("{error:?}"))
            }))
        }};
    }
    match reset {
        Some(reset) => sending!(builder.reset_pin(reset).init(&mut Delay)),
        None => sending!(builder.init(&mut Delay)),
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wires;
