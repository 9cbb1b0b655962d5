//! All queries of the dashboard *RPC overview*, over what three services showed in 300 scrapes: ten minutes, where a
//! scrape is each 2 s. Here one is each 20 ms, and the windows are as much shorter.

use std::{future::pending, time::Duration};

use axum::{Router, body::Body, http::Request};
use backends::metrics::{Prometheus, SampleLimits, Target};
use criterion::Criterion;
use http_body_util::BodyExt as _;
use proto::{gateway, profile, user};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    runtime::Runtime,
    sync::watch,
    time::{Instant, interval},
};
use tonic_telemetry::{LogFormat, Methods, Options, Telemetry, admin};
use tower::{Layer as _, ServiceExt as _};

use crate::fixture::{Answer, call};

const SCRAPES: u32 = 300;
const INTERVAL: Duration = Duration::from_millis(20);

/// The services, with the contract and the path that is called.
const SERVICES: [(&str, &[u8], &str); 3] = [
    (
        "gateway",
        gateway::v1::FILE_DESCRIPTOR_SET,
        "/tracewalk.gateway.v1.GatewayService/GetUser",
    ),
    (
        "user",
        user::v1::FILE_DESCRIPTOR_SET,
        "/tracewalk.user.v1.UserService/GetUser",
    ),
    (
        "profile",
        profile::v1::FILE_DESCRIPTOR_SET,
        "/tracewalk.profile.v1.ProfileService/GetProfile",
    ),
];

pub(crate) fn dashboard(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let (api, range) = runtime
        .block_on(scraped())
        .expect("three services that are scraped");
    let requests: Vec<_> = queries().map(|query| url(&query, range)).collect();
    let mut answers = 0;
    for request in &requests {
        let answer = runtime.block_on(ask(&api, request)).expect("an answer");
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        assert_eq!(answer["status"], "success", "{request}: {answer}");
        answers += usize::from(
            answer["data"]["result"]
                .as_array()
                .is_some_and(|it| !it.is_empty()),
        );
    }
    // Some panels are empty while no call fails.
    assert!(
        answers * 2 > requests.len(),
        "{answers} of {} have data",
        requests.len()
    );
    let name = format!("RPC overview, {} queries of 100 points", requests.len());
    criterion
        .benchmark_group("PromQL")
        .bench_function(name, |bencher| {
            bencher.iter(|| {
                for request in &requests {
                    runtime.block_on(ask(&api, request)).expect("an answer");
                }
            });
        });
}

/// The query API after all scrapes, and from when to when they were, in seconds since 1970.
async fn scraped() -> anyhow::Result<(Router, (f64, f64))> {
    let prometheus = Prometheus::new(SampleLimits::default()).with_interval(INTERVAL);
    let mut running = Vec::new();
    for (service, descriptor_set, path) in SERVICES {
        let telemetry = Options::new(service).log_format(LogFormat::Off);
        let telemetry = telemetry.variables(|_| None).start()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let labels = [("service_name", service)];
        prometheus.add(Target::new("grpc-services", &address, &labels));
        let (_, ready) = watch::channel(true);
        let pages = admin::serve(listener, telemetry.metrics().clone(), ready, pending());
        running.push(tokio::spawn(pages));
        running.push(tokio::spawn(traffic(telemetry, descriptor_set, path)));
    }
    let scraper = prometheus.clone();
    running.push(tokio::spawn(async move { scraper.scrape().await }));
    let begin = seconds();
    tokio::time::sleep_until(Instant::now() + INTERVAL * SCRAPES).await;
    let range = (begin, seconds());
    running.iter().for_each(tokio::task::JoinHandle::abort);
    Ok((backends::metrics::router(prometheus), range))
}

fn seconds() -> f64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0.0, |time| time.as_secs_f64())
}

/// Ten calls between two scrapes.
async fn traffic(telemetry: Telemetry, descriptor_set: &'static [u8], path: &'static str) {
    let methods = Methods::from_descriptor_sets(&[descriptor_set]).expect("a contract");
    let mut stack = telemetry.server_layer(&methods).layer(Answer);
    let mut ticks = interval(INTERVAL / 10);
    loop {
        ticks.tick().await;
        call(&mut stack, path).await.expect("the answer is OK");
    }
}

/// Those of the file, with all services and methods chosen.
fn queries() -> impl Iterator<Item = String> {
    let overview = backends::web::files().find(|file| file["uid"] == "rpc-overview");
    let panels = overview.and_then(|file| file["panels"].as_array());
    let targets = panels.into_iter().flatten();
    let targets = targets.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let queries = targets.filter_map(|target| target["expr"].as_str());
    queries.map(|query| {
        // A rate spans at least four scrapes.
        let window = format!("{}ms", INTERVAL.as_millis() * 4);
        [
            ("$__rate_interval", &*window),
            ("$__interval", &window),
            ("$service_name", ".+"),
            ("$method", ".+"),
        ]
        .into_iter()
        .fold(query.to_owned(), |query, (name, value)| {
            query.replace(name, value)
        })
    })
}

fn url(query: &str, (from, to): (f64, f64)) -> String {
    let encode = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    let query: String = query.bytes().map(encode).collect();
    let step = (to - from) / 100.0;
    format!("/api/v1/query_range?query={query}&start={from:.3}&end={to:.3}&step={step:.3}")
}

async fn ask(api: &Router, url: &str) -> anyhow::Result<Vec<u8>> {
    let request = Request::get(url).body(Body::empty())?;
    let answer = api.clone().oneshot(request).await?;
    Ok(answer.into_body().collect().await?.to_bytes().to_vec())
}
