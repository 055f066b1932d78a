//! Lines by the kernel's character devices: any machine that has some.

use std::time::{Duration, Instant};

use gpiocdev::Request;
use gpiocdev::line::{Bias, Offset, Value};

use super::{Board, Colour};
use crate::config::Config;

/// One line, asked for.
pub(crate) struct Line {
    request: Request,
    offset: Offset,
}

pub(super) struct Chip {
    green: Option<Line>,
    amber: Option<Line>,
    red: Option<Line>,
    buzzer: Option<(Line, bool)>,
    button: Option<Line>,
}

/// Finds a line by its name, which is the same on every Raspberry Pi whatever chip it is on; where lines have no
/// names, by its number on the first chip.
fn find(number: u8) -> Result<(std::path::PathBuf, Offset), String> {
    if let Some(found) = gpiocdev::find_named_line(&format!("GPIO{number}")) {
        return Ok((found.chip, found.info.offset));
    }
    let chips = gpiocdev::chip::chips().map_err(|error| error.to_string())?;
    let first = chips.into_iter().next().ok_or("this machine has no lines")?;
    Ok((first, Offset::from(number)))
}

impl Line {
    pub(crate) fn output(number: u8) -> Result<Line, String> {
        let (chip, offset) = find(number)?;
        let mut asked = Request::builder();
        asked.on_chip(chip).with_consumer("hearth-station").with_line(offset).as_output(Value::Inactive);
        let request = asked.request().map_err(|error| format!("line {number}: {error}"))?;
        Ok(Line { request, offset })
    }

    fn button(number: u8) -> Result<Line, String> {
        let (chip, offset) = find(number)?;
        let mut asked = Request::builder();
        asked.on_chip(chip).with_consumer("hearth-station").with_line(offset).as_input();
        asked.with_bias(Bias::PullUp).as_active_low();
        let request = asked.request().map_err(|error| format!("line {number}: {error}"))?;
        Ok(Line { request, offset })
    }

    pub(crate) fn set(&self, on: bool) {
        let value = if on { Value::Active } else { Value::Inactive };
        drop(self.request.set_value(self.offset, value));
    }
}

impl Chip {
    pub(super) fn open(config: &Config) -> Result<Chip, String> {
        let output = |line: Option<u8>| line.map(Line::output).transpose();
        let lamp = config.lamp.clone().unwrap_or_default();
        let buzzer = config.buzzer.as_ref();
        Ok(Chip {
            green: output(lamp.green)?,
            amber: output(lamp.amber)?,
            red: output(lamp.red)?,
            buzzer: output(buzzer.map(|it| it.line))?.zip(buzzer.map(|it| it.active)),
            button: config.button.as_ref().map(|button| Line::button(button.line)).transpose()?,
        })
    }
}

impl Board for Chip {
    fn lamp(&mut self, colour: Colour, on: bool) {
        let line = match colour {
            Colour::Green => &self.green,
            Colour::Amber => &self.amber,
            Colour::Red => &self.red,
        };
        line.iter().for_each(|line| line.set(on));
    }

    fn tone(&mut self, hertz: u32, span: Duration) {
        let Some((line, active)) = &self.buzzer else { return };
        if *active {
            line.set(true);
            std::thread::sleep(span);
            return line.set(false);
        }
        // By hand, and a little rough: only a Raspberry Pi's own library does better.
        let (half, until) = (Duration::from_secs(1) / (2 * hertz), Instant::now() + span);
        while Instant::now() < until {
            line.set(true);
            std::thread::sleep(half);
            line.set(false);
            std::thread::sleep(half);
        }
    }

    fn is_pressed(&mut self) -> bool {
        let Some(line) = &self.button else { return false };
        matches!(line.request.value(line.offset), Ok(Value::Active))
    }
}

impl embedded_hal::digital::ErrorType for Line {
    type Error = std::convert::Infallible;
}

impl embedded_hal::digital::OutputPin for Line {
    fn set_low(&mut self) -> Result<(), Self::Error> {
        self.set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Self::Error> {
        self.set(true);
        Ok(())
    }
}
