//! A page of metrics in each of its formats.

use criterion::{BenchmarkId, Criterion};

use crate::fixture::{FORMATS, page};

pub(crate) fn pages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("exposition");
    for series in [100, 1000, 10_000] {
        let registry = page(series).expect("the family is the only one of its name");
        for (format, accept) in FORMATS {
            let id = BenchmarkId::new(format, format!("{series} series"));
            group.bench_function(id, |bencher| bencher.iter(|| registry.encode(accept)));
        }
    }
}
