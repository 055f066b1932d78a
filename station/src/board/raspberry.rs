//! The lines of a Raspberry Pi that `rppal` knows.

use std::time::Duration;

use rppal::gpio::{Gpio, InputPin, OutputPin};

use super::{Board, Colour};
use crate::config::Config;

pub(super) struct Raspberry {
    green: Option<OutputPin>,
    amber: Option<OutputPin>,
    red: Option<OutputPin>,
    buzzer: Option<(OutputPin, bool)>,
    button: Option<InputPin>,
}

impl Raspberry {
    pub(super) fn open(config: &Config) -> Result<Raspberry, rppal::gpio::Error> {
        let gpio = Gpio::new()?;
        let output = |line: Option<u8>| -> Result<Option<OutputPin>, rppal::gpio::Error> {
            line.map(|line| Ok(gpio.get(line)?.into_output_low())).transpose()
        };
        let lamp = config.lamp.clone().unwrap_or_default();
        let buzzer = config.buzzer.as_ref();
        Ok(Raspberry {
            green: output(lamp.green)?,
            amber: output(lamp.amber)?,
            red: output(lamp.red)?,
            buzzer: output(buzzer.map(|it| it.line))?.zip(buzzer.map(|it| it.active)),
            button: match &config.button {
                Some(button) => Some(gpio.get(button.line)?.into_input_pullup()),
                None => None,
            },
        })
    }
}

impl Board for Raspberry {
    fn lamp(&mut self, colour: Colour, on: bool) {
        let pin = match colour {
            Colour::Green => &mut self.green,
            Colour::Amber => &mut self.amber,
            Colour::Red => &mut self.red,
        };
        if let Some(pin) = pin {
            if on { pin.set_high() } else { pin.set_low() }
        }
    }

    fn tone(&mut self, hertz: u32, span: Duration) {
        match &mut self.buzzer {
            Some((pin, true)) => {
                pin.set_high();
                std::thread::sleep(span);
                pin.set_low();
            }
            Some((pin, false)) => {
                drop(pin.set_pwm_frequency(f64::from(hertz), 0.5));
                std::thread::sleep(span);
                drop(pin.clear_pwm());
                pin.set_low();
            }
            None => {}
        }
    }

    /// The button pulls its line down.
    fn is_pressed(&mut self) -> bool {
        self.button.as_ref().is_some_and(InputPin::is_low)
    }
}
