//! A page of metrics in each format, as it grows.

use std::hint::black_box;

use super::{
    Figure,
    clock::{cpu_us_each, in_turn},
    line,
};
use crate::{
    fixture::{FORMATS, page},
    plot::Axis,
};

const AMOUNTS: [u32; 3] = [100, 1000, 10_000];

/// What one measurement encodes, in pages of any size.
const SERIES: u32 = 500_000;

/// CPU of a page in each format against its series.
pub(super) async fn measure(rounds: u32) -> anyhow::Result<Figure> {
    let mut lines = Vec::new();
    for (colour, (label, accept)) in FORMATS.into_iter().enumerate() {
        let measured = in_turn(rounds, &AMOUNTS, async |series| {
            let registry = page(*series as usize)?;
            let pages = SERIES / series;
            let each = cpu_us_each(pages, async || {
                for _ in 0..pages {
                    black_box(registry.encode(accept));
                }
                Ok(())
            });
            Ok(each.await? / 1e3)
        });
        lines.push(line((colour, label), &AMOUNTS, measured.await?));
    }
    Ok(Figure {
        name: "series",
        title: "CPU of a page of metrics".to_owned(),
        x: Axis::log("series"),
        y: Axis::log("ms"),
        lines,
    })
}
