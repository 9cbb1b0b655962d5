//! Lines, for what grows.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Axis, WIDTH, picture, stroke, text};
use crate::quartiles::Quartiles;

/// One line, with its name at its end.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    /// What it is of.
    pub(crate) label: String,
    /// A number of the palette, 0 to 5.
    #[serde(skip)]
    pub(crate) colour: usize,
    /// From the left to the right, at least one.
    pub(crate) points: Vec<Point>,
}

/// One measured value; a vertical line through it shows the quartiles.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: Quartiles,
}

const LEFT: f64 = 64.0;
/// Room for the names of the lines.
const RIGHT: f64 = 170.0;
const TOP: f64 = 66.0;
const BOTTOM: f64 = 316.0;
const HEIGHT: f64 = 366.0;
/// The least distance of two names.
const NAME: f64 = 17.0;

/// Lines over one horizontal axis.
///
/// # Panics
///
/// Without any point.
pub(crate) fn lines(title: &str, x: Axis, y: Axis, lines: &[Line]) -> String {
    let points = || lines.iter().flat_map(|line| &line.points);
    let x = x.fit(points().map(|it| it.x));
    let y = y.fit(points().flat_map(|it| [it.y.low, it.y.high]));
    let y = y.widen();
    let right = WIDTH - RIGHT;
    let at_x = |value: f64| LEFT + x.place(value) * (right - LEFT);
    let at_y = |value: f64| BOTTOM - y.place(value) * (BOTTOM - TOP);

    let mut content = text("quiet", "start", (20.0, 50.0), y.label());
    for (value, name) in y.ticks() {
        content += &stroke("grid", (LEFT, at_y(value)), (right, at_y(value)));
        content += &text("quiet", "end", (LEFT - 8.0, at_y(value) + 4.0), &name);
    }
    for (value, name) in x.ticks() {
        content += &stroke("axis", (at_x(value), BOTTOM), (at_x(value), BOTTOM + 4.0));
        content += &text("quiet", "middle", (at_x(value), BOTTOM + 18.0), &name);
    }
    content += &stroke("axis", (LEFT, BOTTOM), (right, BOTTOM));
    let middle = f64::midpoint(LEFT, right);
    content += &text("quiet", "middle", (middle, BOTTOM + 38.0), x.label());

    let ends: Vec<_> = lines.iter().map(|line| at_y(last(line).y.median)).collect();
    for (line, name) in lines.iter().zip(apart(&ends)) {
        let (colour, drawn) = (line.colour, draw(line, at_x, at_y));
        let _ = write!(content, "<g class=\"s{colour}\">\n{drawn}");
        let place = (at_x(last(line).x) + 12.0, name + 4.5);
        content += &text("name", "start", place, &line.label);
        content += "</g>\n";
    }
    picture(title, HEIGHT, &content)
}

fn last(line: &Line) -> Point {
    *line.points.last().expect("a line has points")
}

fn draw(line: &Line, at_x: impl Fn(f64) -> f64, at_y: impl Fn(f64) -> f64) -> String {
    let (mut path, mut dots) = (String::new(), String::new());
    for Point { x, y } in &line.points {
        let (left, top) = (at_x(*x), at_y(y.median));
        let _ = write!(path, "{left:.1},{top:.1} ");
        dots += &stroke("whisker", (left, at_y(y.low)), (left, at_y(y.high)));
        let _ = writeln!(
            dots,
            "<circle class=\"dot\" cx=\"{left:.1}\" cy=\"{top:.1}\" r=\"3.5\"/>"
        );
    }
    format!(
        "<polyline class=\"line\" points=\"{}\"/>\n{dots}",
        path.trim_end()
    )
}

/// Moves heights apart, so that names at them do not overlap; those that have room stay.
fn apart(heights: &[f64]) -> Vec<f64> {
    let mut order: Vec<_> = (0..heights.len()).collect();
    order.sort_by(|a, b| heights[*a].total_cmp(&heights[*b]));
    let mut moved = heights.to_vec();
    // A few rounds, since a pair that parts may meet a neighbour.
    for _ in 0..heights.len() * 8 {
        for pair in order.windows(2) {
            let missing = NAME - (moved[pair[1]] - moved[pair[0]]);
            if missing > 0.0 {
                moved[pair[0]] -= missing / 2.0;
                moved[pair[1]] += missing / 2.0;
            }
        }
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_near_lines_move_apart_and_others_stay() {
        let moved = apart(&[100.0, 200.0, 101.0]);
        assert!((moved[2] - moved[0] - NAME).abs() < 0.1, "{moved:?}");
        assert!((moved[1] - 200.0).abs() < 1e-9, "{moved:?}");
        assert!((moved[0] - 92.0).abs() < 0.1, "{moved:?}");
    }

    #[test]
    fn a_line_goes_through_its_points() {
        let point = |x, y| Point {
            x,
            y: Quartiles::only(y),
        };
        let line = Line {
            label: "plain".to_owned(),
            colour: 0,
            points: vec![point(1.0, 50.0), point(10.0, 100.0), point(100.0, 100.0)],
        };
        let plot = lines("Cost", Axis::log("calls"), Axis::linear("µs"), &[line]);
        assert!(
            plot.contains("points=\"64.0,191.0 327.0,66.0 590.0,66.0\""),
            "{plot}"
        );
    }
}
