//! Compares the answers with those of a real Prometheus that has the same samples.

mod ask;
mod compare;
mod differences;
mod generator;
mod load;
mod real;
mod rng;
mod words;

use std::time::Duration;

use ask::send;
use differences::Answers;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use real::Real;
use serde_json::Value;

use self::compare::{alike, kind, sorted, told};
use super::{dataset, queries};
use crate::metrics::{Prometheus, SampleLimits};

/// The moments that are asked for: at a whole second, so never that of a sample.
const MOMENTS: [i64; 5] = [61, 317, 509, 733, 1193];

/// Starts our server, with the same samples.
async fn ours() -> String {
    let mut prometheus = Prometheus::new(SampleLimits::default());
    // A debug build on a busy machine is slow, and a late answer is no wrong answer.
    prometheus.admission.max_time = Duration::from_mins(10);
    super::fill(&prometheus.tsdb.samples);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let router = crate::metrics::router(prometheus);
    let serving = crate::http::serve(listener, router, std::future::pending());
    tokio::spawn(async { serving.await.unwrap() });
    address
}

/// The answers of both servers to the same question.
async fn both(real: &Real, ours: &str, query: &str, moment: Option<i64>) -> [(u16, Value); 2] {
    let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
    let begin = dataset::START / 1000;
    let end = begin + 1200;
    let (path, form) = if let Some(moment) = moment {
        let at = begin + moment;
        ("/api/v1/query", format!("query={query}&time={at}"))
    } else {
        let form = format!("query={query}&start={begin}&end={end}&step=17");
        ("/api/v1/query_range", form)
    };
    [
        send(&real.address, path, form.clone()).await.unwrap(),
        send(ours, path, form).await.unwrap(),
    ]
}

#[tokio::test]
async fn a_real_prometheus_gives_the_same_answers() {
    let (real, ours) = (Real::start().await, ours().await);
    let panels = queries::all();
    let queries = panels
        .iter()
        .map(String::as_str)
        .chain(queries::edges::EDGES.iter().copied());
    let mut compared = 0;
    let mut wrong = Vec::new();
    for query in queries {
        let moments = MOMENTS.map(Some);
        for moment in moments.into_iter().chain([None]) {
            let [real, ours] = both(&real, &ours, query, moment).await;
            compared += 1;
            if real.0 != ours.0 || !alike(&sorted(&real.1), &sorted(&ours.1)) {
                wrong.push(told(query, moment, &real, &ours));
            }
        }
    }
    assert!(compared > 1000, "{compared}");
    assert!(
        wrong.is_empty(),
        "{} of {compared}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// A number from the environment.
fn number(name: &str, default: u64) -> u64 {
    let text = std::env::var(name);
    text.map_or(default, |text| text.parse().expect("it is a number"))
}

/// `PROMQL_QUERIES` says how many, `PROMQL_SEED` which ones.
#[tokio::test]
async fn a_real_prometheus_agrees_about_generated_queries() {
    let (real, ours) = (Real::start().await, ours().await);
    let (seed, queries) = (number("PROMQL_SEED", 1), number("PROMQL_QUERIES", 500));
    let mut wrong = Vec::new();
    let mut answered = 0;
    for seed in seed..seed + queries {
        let query = generator::query(seed);
        for moment in [Some(MOMENTS[usize::from(seed % 2 == 0)]), None] {
            let [real, ours] = both(&real, &ours, &query, moment).await;
            answered += u64::from(real.0 == 200);
            let same = if real.0 == 200 && ours.0 == 200 {
                alike(&sorted(&real.1), &sorted(&ours.1))
            } else {
                kind(&real) == kind(&ours)
            };
            let (query, real, ours) = (&query, &real, &ours);
            if !same && differences::reason(&Answers { query, real, ours }).is_none() {
                wrong.push(format!("seed {seed}: {}", told(query, moment, real, ours)));
            }
        }
    }
    // Most queries mean something: otherwise only refusals would have been compared.
    assert!(
        answered > queries,
        "{answered} answers to {queries} queries"
    );
    let shown = wrong
        .iter()
        .take(number("PROMQL_SHOWN", 20).try_into().unwrap());
    let shown: Vec<_> = shown.map(String::as_str).collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        2 * queries,
        shown.join("\n")
    );
}

#[tokio::test]
async fn a_real_prometheus_refuses_the_same_mistakes() {
    let (real, ours) = (Real::start().await, ours().await);
    let mut wrong = Vec::new();
    for query in queries::edges::MISTAKES {
        for moment in [Some(317), None] {
            let [real, ours] = both(&real, &ours, query, moment).await;
            if kind(&real) != kind(&ours) {
                wrong.push(told(query, moment, &real, &ours));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
