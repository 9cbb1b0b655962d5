//! The embedded store, full of 100,000 spans.

use criterion::{BatchSize, Criterion};
use tokio::runtime::Runtime;

use crate::fixture::{QUERIES, Store, store::OF_EXPORT};

pub(crate) fn traces(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let store = runtime.block_on(Store::full(100_000));
    let store = store.expect("it takes the spans that it has room for");
    let mut group = criterion.benchmark_group("store of 100,000 spans");
    for (name, query, expected) in QUERIES {
        let ask = || runtime.block_on(store.ask(query)).expect("an answer");
        let answer = String::from_utf8(ask()).expect("JSON");
        assert!(answer.contains(expected), "{query}: {answer:.200}");
        group.bench_function(format!("search, {name}"), |bencher| bencher.iter(ask));
    }
    // Last, for it replaces the spans that are found above.
    group.bench_function(format!("store {OF_EXPORT} spans, over OTLP"), |bencher| {
        bencher.iter_batched(
            || store.exports(OF_EXPORT),
            |exports| {
                let sent = runtime.block_on(store.send(exports));
                sent.expect("it takes all spans")
            },
            BatchSize::PerIteration,
        );
    });
}
