//! Pictures of SVG pages, drawn by the simplest means.

use hearth_hub::testing::raster::Picture;

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
