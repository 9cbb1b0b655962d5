//! JSON, Protobuf and Avro compared on a message of our own: size, encoding and decoding.

mod format;
mod message;

use std::{
    fs,
    hint::black_box,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use apache_avro::Schema;
use clap::Args;
use serde::Serialize;

use self::format::{Codec, Format};
use crate::{
    plot::{self, Bar},
    quartiles::Quartiles,
};

/// How the formats are compared.
#[derive(Args, Debug)]
pub(crate) struct Plan {
    /// How often each format is measured, in turn with the others.
    #[arg(long, default_value_t = 501, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Writes the figures to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Writes the plot `serialization.svg` to this folder.
    #[arg(long, value_name = "FOLDER")]
    svg: Option<PathBuf>,
}

/// How long a format encodes or decodes without a pause: short beside the time for which other programs take the processor, so that they are in few of the rounds.
const BATCH: Duration = Duration::from_millis(1);

/// What one format takes; the ratios are to Protobuf in the same round.
#[derive(Serialize)]
struct Row {
    format: Format,
    bytes: usize,
    bytes_ratio: f64,
    encode_ns: Quartiles,
    encode_ratio: Quartiles,
    decode_ns: Quartiles,
    decode_ratio: Quartiles,
}

/// Compares the formats, and prints a table.
///
/// # Errors
///
/// When a format does not read what it wrote, or a file cannot be written.
#[allow(
    clippy::print_stdout,
    reason = "a table on standard output is what this program is for"
)]
pub(crate) fn run(plan: &Plan) -> anyhow::Result<()> {
    let schema = Schema::parse_str(message::AVRO_SCHEMA)?;
    let table = measure(&Codec::new(&schema)?, plan.rounds)?;
    println!(
        "{:<9} {:>6} {:>6} {:>10} {:>20} {:>10} {:>20}",
        "", "bytes", "ratio", "encode ns", "ratio (quartiles)", "decode ns", "ratio (quartiles)"
    );
    for row in &table {
        let [encode, decode] = [row.encode_ratio, row.decode_ratio]
            .map(|it| format!("{:.2} ({:.2}, {:.2})", it.median, it.low, it.high));
        println!(
            "{:<9} {:>6} {:>6.2} {:>10.0} {encode:>20} {:>10.0} {decode:>20}",
            row.format, row.bytes, row.bytes_ratio, row.encode_ns.median, row.decode_ns.median
        );
    }
    if let Some(file) = &plan.json {
        fs::write(file, serde_json::to_string_pretty(&table)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    match &plan.svg {
        Some(folder) => plot::write(folder, "serialization", &draw(&table)),
        None => Ok(()),
    }
}

fn measure(codec: &Codec<'_>, rounds: u32) -> anyhow::Result<Vec<Row>> {
    for format in Format::ALL {
        codec.check(format)?;
    }
    // For each format, the nanoseconds of all rounds.
    let mut times = Format::ALL.map(|_| [Vec::new(), Vec::new()]);
    for _ in 0..rounds {
        for (format, [encode, decode]) in Format::ALL.into_iter().zip(&mut times) {
            let bytes = codec.encode(format)?;
            encode.push(nanoseconds(|| codec.encode(black_box(format)))?);
            decode.push(nanoseconds(|| codec.decode(format, black_box(&bytes)))?);
        }
    }
    let first = codec.encode(Format::ALL[0])?.len();
    let rows = Format::ALL
        .into_iter()
        .zip(&times)
        .map(|(format, [encode, decode])| {
            let bytes = codec.encode(format)?.len();
            Ok(Row {
                format,
                bytes,
                bytes_ratio: ratio(bytes, first),
                encode_ns: Quartiles::of(encode.iter().copied()),
                encode_ratio: Quartiles::of(paired(encode, &times[0][0])),
                decode_ns: Quartiles::of(decode.iter().copied()),
                decode_ratio: Quartiles::of(paired(decode, &times[0][1])),
            })
        });
    rows.collect()
}

/// The mean time of one run of `work` within a batch; what it returns is dropped in that time.
#[allow(clippy::cast_precision_loss, reason = "a batch has few nanoseconds")]
fn nanoseconds<T>(work: impl Fn() -> anyhow::Result<T>) -> anyhow::Result<f64> {
    let begin = Instant::now();
    for runs in 1_u32.. {
        black_box(work()?);
        // The clock is read rarely: reading it takes as long as a tenth of a run.
        if runs.is_multiple_of(64) && begin.elapsed() >= BATCH {
            return Ok(begin.elapsed().as_nanos() as f64 / f64::from(runs));
        }
    }
    unreachable!("a batch ends after milliseconds")
}

/// The ratios of the times of the same rounds.
fn paired(times: &[f64], first: &[f64]) -> Vec<f64> {
    times
        .iter()
        .zip(first)
        .map(|(time, first)| time / first)
        .collect()
}

#[allow(clippy::cast_precision_loss, reason = "a message has few bytes")]
fn ratio(bytes: usize, first: usize) -> f64 {
    bytes as f64 / first as f64
}

/// Ratios, so that sizes and times fit on one axis.
fn draw(table: &[Row]) -> String {
    let of = |colour, what: &'static str, value: fn(&Row) -> Quartiles| {
        table.iter().map(move |row| Bar {
            label: format!("{what}, {}", row.format),
            value: value(row),
            colour,
        })
    };
    let size = of(0, "size", |row| Quartiles::only(row.bytes_ratio));
    let encode = of(1, "encode", |row| row.encode_ratio);
    let decode = of(2, "decode", |row| row.decode_ratio);
    let all: Vec<_> = size.chain(encode).chain(decode).collect();
    plot::bars(
        "A user of 1 KB in three formats",
        "ratio to Protobuf in the same round: median and quartiles",
        &all,
    )
}
