//! Horizontal bars, for things that are compared.

use std::fmt::Write as _;

use super::{Axis, WIDTH, number::short, picture, stroke, text};
use crate::quartiles::Quartiles;

/// One bar; a thin line across its end shows the quartiles.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    /// What it is of, at its left.
    pub(crate) label: String,
    /// How long it is.
    pub(crate) value: Quartiles,
    /// A number of the palette, 0 to 5.
    pub(crate) colour: usize,
}

const LEFT: f64 = 150.0;
/// Room for the value at the end of the longest bar.
const RIGHT: f64 = 150.0;
const TOP: f64 = 60.0;
const ROW: f64 = 28.0;
const THICKNESS: f64 = 16.0;

/// Bars in the order in which they are given, from zero on.
pub(crate) fn bars(title: &str, unit: &str, bars: &[Bar]) -> String {
    let axis = Axis::linear(unit).fit(bars.iter().map(|bar| bar.value.high));
    let at = |value: f64| LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT);
    #[allow(clippy::cast_precision_loss, reason = "there are few bars")]
    let top = |row: usize| TOP + ROW * row as f64;
    let bottom = top(bars.len());
    let mut content = text("quiet", "start", (20.0, 48.0), axis.label());
    for (value, name) in axis.ticks() {
        content += &stroke("grid", (at(value), TOP), (at(value), bottom));
        content += &text("quiet", "middle", (at(value), bottom + 16.0), &name);
    }
    for (row, bar) in bars.iter().enumerate() {
        let middle = top(row) + ROW / 2.0;
        content += &text("label", "end", (LEFT - 10.0, middle + 4.5), &bar.label);
        content += &draw(bar, middle, at);
    }
    content += &stroke("axis", (LEFT, TOP), (LEFT, bottom));
    picture(title, bottom + 30.0, &content)
}

/// The bar itself, its quartiles, and its value in words.
fn draw(bar: &Bar, middle: f64, at: impl Fn(f64) -> f64) -> String {
    let Quartiles { low, median, high } = bar.value;
    let (y, length) = (middle - THICKNESS / 2.0, at(median) - LEFT);
    let mut drawn = String::new();
    writeln!(
        drawn,
        "<rect class=\"bar s{}\" x=\"{LEFT}\" y=\"{y:.1}\" width=\"{length:.1}\" height=\"{THICKNESS}\"/>",
        bar.colour
    )
    .expect("a string grows");
    let mut value = short(median);
    if low < high {
        drawn += &stroke("spread", (at(low), middle), (at(high), middle));
        for end in [low, high] {
            drawn += &stroke("spread", (at(end), middle - 4.0), (at(end), middle + 4.0));
        }
        let _ = write!(value, " ({}–{})", short(low), short(high));
    }
    drawn + &text("value", "start", (at(high) + 8.0, middle + 4.5), &value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_value() {
        let bar = |label: &str, value| Bar {
            label: label.to_owned(),
            value: Quartiles::only(value),
            colour: 0,
        };
        let plot = bars("Size", "bytes", &[bar("a<b", 100.0), bar("full", 200.0)]);
        assert!(plot.contains(">a&lt;b<"), "{plot}");
        // The axis is from 150 to 610.
        assert!(plot.contains("width=\"230.0\"") && plot.contains("width=\"460.0\""));
    }
}
