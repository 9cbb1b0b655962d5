//! What grows around or in a call of a chain of processes.

use std::time::Duration;

use super::{Figure, clock::in_turn};
use crate::{
    case::Case,
    drive::Traffic,
    load::Load,
    plot::{Axis, Line, Point},
    quartiles::Quartiles,
    variant::Variant,
};

const VARIANTS: [Variant; 3] = [Variant::Plain, Variant::Transport, Variant::Sampled];

/// CPU of a call against the processes that it goes through.
pub(super) async fn hops(rounds: u32, time: Duration) -> anyhow::Result<Figure> {
    let case = |variant, hops: u32| Case {
        variant,
        hops: hops as usize,
        traffic: Load::InFlight(16).into(),
    };
    let amounts = [3, 6, 9, 12];
    let lines = lines(&amounts, rounds, time, case, |cpu, _| cpu);
    Ok(Figure {
        name: "hops",
        title: "CPU of a call, 16 in flight".to_owned(),
        x: Axis::linear("hops").named(amounts.map(|hops| (f64::from(hops), hops.to_string()))),
        y: Axis::linear("µs, all hops together"),
        lines: lines.await?,
    })
}

/// CPU of a call to one server against the connections to it.
pub(super) async fn connections(rounds: u32, time: Duration) -> anyhow::Result<Figure> {
    let case = |variant, connections: u32| Case {
        variant,
        hops: 1,
        traffic: Traffic {
            connections: connections as usize,
            ..Load::InFlight(64).into()
        },
    };
    let lines = lines(&[1, 10, 100, 1000], rounds, time, case, |cpu, _| cpu);
    Ok(Figure {
        name: "connections",
        title: "CPU of a call to one server, 64 in flight".to_owned(),
        x: Axis::log("connections"),
        y: Axis::linear("µs"),
        lines: lines.await?,
    })
}

/// CPU of a message against the length of its stream.
pub(super) async fn stream(rounds: u32, time: Duration) -> anyhow::Result<Figure> {
    let case = |variant, messages| Case {
        variant,
        hops: 3,
        traffic: Traffic {
            messages: Some(messages),
            ..Load::InFlight(16).into()
        },
    };
    let lengths = [1, 10, 100, 1000, 10_000];
    let lines = lines(&lengths, rounds, time, case, |cpu, messages| {
        cpu / f64::from(messages)
    });
    Ok(Figure {
        name: "stream",
        title: "CPU of a message through three hops, 16 streams".to_owned(),
        x: Axis::log("messages of a stream"),
        y: Axis::log("µs"),
        lines: lines.await?,
    })
}

/// A line for each variant; `value` makes the figure from the CPU of a call and how much there is.
async fn lines(
    amounts: &[u32],
    rounds: u32,
    time: Duration,
    case: impl Fn(Variant, u32) -> Case,
    value: impl Fn(f64, u32) -> f64,
) -> anyhow::Result<Vec<Line>> {
    let all: Vec<_> = amounts
        .iter()
        .flat_map(|amount| VARIANTS.map(|variant| (variant, *amount)))
        .collect();
    let measured = in_turn(rounds, &all, async |(variant, amount)| {
        let measured = case(*variant, *amount).measure(time).await?;
        measured.check_spans()?;
        Ok(value(measured.cpu_us_per_call, *amount))
    });
    let measured = measured.await?;
    let line = |variant: Variant| {
        let points = all.iter().zip(&measured);
        let points = points.filter(|((it, _), _)| *it == variant);
        let point = |(&(_, amount), y): (&(Variant, u32), &Quartiles)| Point {
            x: f64::from(amount),
            y: *y,
        };
        Line {
            label: variant.to_string(),
            colour: variant.colour(),
            points: points.map(point).collect(),
        }
    };
    Ok(VARIANTS.map(line).into())
}
