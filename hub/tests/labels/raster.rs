//! Pictures of symbols and of SVG pages, drawn by the simplest means.

use hearth_hub::kitchen::labels::symbol::Symbol;

/// A grey picture.
pub(crate) struct Picture {
    width: usize,
    pixels: Vec<u8>,
}

impl Picture {
    fn white(width: usize, height: usize) -> Picture {
        Picture { width, pixels: vec![255; width * height] }
    }

    fn fill(&mut self, (x, y): (usize, usize), (width, height): (usize, usize)) {
        for row in self.pixels.chunks_mut(self.width).skip(y).take(height) {
            row[x..x + width].fill(0);
        }
    }

    /// A symbol with its white, `module` pixels a module.
    pub(crate) fn of(symbol: &Symbol, module: usize) -> Picture {
        let (quiet, tall) = (symbol.quiet(), if symbol.height == 1 { 30 } else { 1 });
        let (width, height) = (symbol.width + 2 * quiet, symbol.height * tall + 2 * quiet);
        let mut picture = Picture::white(width * module, height * module);
        for (x, y, run) in symbol.runs() {
            picture.fill(((quiet + x) * module, (quiet + y * tall) * module), (run * module, tall * module));
        }
        picture
    }

    pub(crate) fn pgm(&self) -> Vec<u8> {
        let head = format!("P5\n{} {}\n255\n", self.width, self.pixels.len() / self.width);
        [head.as_bytes(), &self.pixels].concat()
    }
}

/// The symbols of an SVG page, a pixel for so many micrometres.
pub(crate) fn of_svg(svg: &str, dot: usize) -> Picture {
    let size: Vec<usize> = numbers(between(svg, "viewBox=\"", "\""));
    let mut picture = Picture::white(size[2] / dot + 1, size[3] / dot + 1);
    for line in svg.lines().filter(|line| line.contains("crispEdges")) {
        let at: Vec<usize> = numbers(between(line, "translate(", ")"));
        let scale: Vec<usize> = numbers(between(line, "scale(", ")"));
        for run in between(line, " d=\"M", "\"").split('M') {
            let run: Vec<usize> = numbers(&run.replace(['h', 'v'], " "));
            let (x, y) = (at[0] + run[0] * scale[0], at[1] + run[1] * scale[1]);
            let (right, bottom) = (x + run[2] * scale[0], y + scale[1]);
            let (from, to) = ((x / dot, y / dot), (right / dot, bottom / dot));
            picture.fill(from, (to.0 - from.0, to.1 - from.1));
        }
    }
    picture
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

/// The whole numbers at the beginning.
fn numbers(text: &str) -> Vec<usize> {
    text.split_whitespace().map_while(|word| word.parse().ok()).collect()
}
