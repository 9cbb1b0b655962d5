//! The plots of a table.

use std::path::Path;

use super::Row;
use crate::{
    plot::{self, Axis, Bar, Line, Point},
    quartiles::Quartiles,
};

/// Writes for each load the plots `cost-LOAD.svg`, `latency-LOAD.svg` and `memory-LOAD.svg`.
///
/// # Errors
///
/// When a file cannot be written.
pub(super) fn write(folder: &Path, table: &[Row]) -> anyhow::Result<()> {
    for rows in table.chunk_by(|a, b| a.load == b.load) {
        let (load, under, first) = (rows[0].load, rows[0].load.described(), rows[0].variant);
        let cost = plot::bars(
            &format!("CPU of a call, {under}"),
            &format!("ratio to {first} in the same round: median and quartiles"),
            &bars(rows, |row| row.ratio),
        );
        let memory = plot::bars(
            &format!("Resident memory of all hops, {under}"),
            "MiB: median and quartiles",
            &bars(rows, |row| row.resident_mib),
        );
        let plots = [
            ("cost", cost),
            ("latency", latency(&under, rows)),
            ("memory", memory),
        ];
        for (name, plot) in plots {
            plot::write(folder, &format!("{name}-{load}"), &plot)?;
        }
    }
    Ok(())
}

fn bars(rows: &[Row], value: fn(&Row) -> Quartiles) -> Vec<Bar> {
    let bar = |row: &Row| Bar {
        label: row.variant.to_string(),
        value: value(row),
        colour: row.variant.colour(),
    };
    rows.iter().map(bar).collect()
}

/// The time that a share of the calls does not exceed, over that share.
fn latency(under: &str, rows: &[Row]) -> String {
    let points = |row: &Row| {
        let values = [
            (2.0, row.p50_us),
            (100.0, row.p99_us),
            (1000.0, row.p999_us),
        ];
        let point = |(x, y): (f64, Quartiles)| Point {
            x,
            y: y.times(1e-3),
        };
        Line {
            label: row.variant.to_string(),
            colour: row.variant.colour(),
            points: values.map(point).to_vec(),
        }
    };
    let lines: Vec<_> = rows.iter().map(points).collect();
    let shares = [(2.0, "p50"), (100.0, "p99"), (1000.0, "p99.9")];
    let shares = shares.map(|(x, name)| (x, name.to_owned()));
    plot::lines(
        &format!("Latency of a call, {under}"),
        Axis::log("share of the calls that is as fast").named(shares),
        Axis::log("ms"),
        &lines,
    )
}
