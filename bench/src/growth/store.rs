//! The embedded store of traces, as it fills.

use std::hint::black_box;

use super::{
    Figure,
    clock::{cpu_us_each, in_turn},
    line,
};
use crate::{
    fixture::{QUERIES, Store},
    plot::Axis,
};

const AMOUNTS: [u32; 3] = [1000, 10_000, 100_000];

/// Spans that are stored in one measurement.
const SPANS: u32 = 20_000;

/// CPU of a span that is stored, and of a search, against the spans that the store holds.
pub(super) async fn measure(rounds: u32) -> anyhow::Result<Vec<Figure>> {
    let stored = in_turn(rounds, &AMOUNTS, async |amount| {
        let store = Store::full(*amount).await?;
        let exports = store.exports(SPANS);
        let mut sent = 0;
        let all = cpu_us_each(1, async || {
            sent = store.send(exports).await?;
            Ok(())
        });
        Ok(all.await? / f64::from(sent))
    });
    let stored = vec![line((0, "stored over OTLP"), &AMOUNTS, stored.await?)];
    let mut searches = Vec::new();
    for (colour, (label, query, expected)) in QUERIES.into_iter().enumerate() {
        let found = in_turn(rounds, &AMOUNTS, async |amount| {
            search(&Store::full(*amount).await?, query, expected).await
        });
        searches.push(line((colour, label), &AMOUNTS, found.await?));
    }
    Ok(vec![
        Figure {
            name: "store",
            title: "CPU of a span in the embedded store, which is full".to_owned(),
            x: Axis::log("spans in the store"),
            y: Axis::linear("µs, those of the sender included"),
            lines: stored,
        },
        Figure {
            name: "search",
            title: "CPU of a search in the embedded store".to_owned(),
            x: Axis::log("spans in the store"),
            y: Axis::log("ms"),
            lines: searches,
        },
    ])
}

/// Milliseconds of a query.
async fn search(store: &Store, query: &str, expected: &str) -> anyhow::Result<f64> {
    let answer = String::from_utf8(store.ask(query).await?)?;
    anyhow::ensure!(answer.contains(expected), "{query}: {answer:.200}");
    // Ten slow ones, or as many fast ones as take as long.
    let once = cpu_us_each(1, async || store.ask(query).await.map(drop)).await?;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is from 10 to 10,000"
    )]
    let count = (100_000.0 / once.max(10.0)).clamp(10.0, 10_000.0) as u32;
    let each = cpu_us_each(count, async || {
        for _ in 0..count {
            black_box(store.ask(query).await?);
        }
        Ok(())
    });
    Ok(each.await? / 1e3)
}
