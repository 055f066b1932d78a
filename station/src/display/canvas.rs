//! A picture in memory.

use std::convert::Infallible;

use embedded_graphics::pixelcolor::PixelColor;
use embedded_graphics::prelude::*;

pub(super) struct Canvas<C> {
    size: Size,
    colours: Vec<C>,
}

impl<C: PixelColor> Canvas<C> {
    pub(super) fn new(size: Size, colour: C) -> Canvas<C> {
        Canvas { size, colours: vec![colour; (size.width * size.height) as usize] }
    }

    /// All colours, row by row.
    pub(super) fn colours(&self) -> impl Iterator<Item = C> + '_ {
        self.colours.iter().copied()
    }

    /// The picture, to be drawn on something else.
    pub(super) fn pixels(&self) -> Picture<'_, C> {
        Picture(self)
    }

    fn place(&self, point: Point) -> Option<usize> {
        let (x, y) = (u32::try_from(point.x).ok()?, u32::try_from(point.y).ok()?);
        (x < self.size.width && y < self.size.height).then_some((y * self.size.width + x) as usize)
    }
}

impl<C: PixelColor> DrawTarget for Canvas<C> {
    type Color = C;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(point, colour) in pixels {
            if let Some(place) = self.place(point) {
                self.colours[place] = colour;
            }
        }
        Ok(())
    }
}

impl<C> OriginDimensions for Canvas<C> {
    fn size(&self) -> Size {
        self.size
    }
}

pub(super) struct Picture<'a, C>(&'a Canvas<C>);

impl<C: PixelColor> Drawable for Picture<'_, C> {
    type Color = C;
    type Output = ();

    fn draw<D: DrawTarget<Color = C>>(&self, target: &mut D) -> Result<(), D::Error> {
        let width = self.0.size.width;
        let at = |place: usize| Point::new((place as u32 % width) as i32, (place as u32 / width) as i32);
        let all = self.0.colours.iter().enumerate();
        target.draw_iter(all.map(|(place, &colour)| Pixel(at(place), colour)))
    }
}
