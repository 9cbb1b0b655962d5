//! A real Prometheus with the same samples: it says the same.

use std::{
    fmt::Write as _,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request,
    body::Bytes,
    header::{CONTENT_TYPE, HOST},
};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tempfile::TempDir;

use super::{dataset, queries};
use crate::prometheus::{Prometheus, SampleLimits, labels::NAME, promql::seconds};

/// The moments that are asked for: at a whole second, so never that of a sample.
const MOMENTS: [i64; 5] = [61, 317, 509, 733, 1193];

/// How much two numbers may differ, of the larger.
const TOLERANCE: f64 = 1e-9;

/// Debian's Prometheus on a free port, with the samples; killed when dropped.
#[derive(Debug)]
struct Real {
    process: Child,
    address: String,
    _folder: TempDir,
}

impl Real {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (page, config) = (folder.path().join("page"), folder.path().join("config.yml"));
        std::fs::write(&page, page_of_all()).unwrap();
        std::fs::write(&config, "").unwrap();
        let blocks = folder.path().join("data");
        load(&page, &blocks);
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", blocks.display()))
            .arg("--storage.tsdb.retention.time=100y")
            .arg(format!("--web.listen-address={address}"))
            .args(["--enable-feature=promql-at-modifier", "--log.level=error"])
            .stdin(Stdio::null())
            .spawn()
            .expect("Debian's package `prometheus` is installed");
        let real = Self {
            process,
            address,
            _folder: folder,
        };
        let deadline = Instant::now() + Duration::from_mins(1);
        while get(&real.address, "/-/ready")
            .await
            .is_none_or(|(status, _)| status != 200)
        {
            assert!(Instant::now() < deadline, "Prometheus is not ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        real
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Makes what Prometheus keeps on disk of a page with times.
fn load(page: &Path, blocks: &Path) {
    let made = Command::new("promtool")
        .args(["tsdb", "create-blocks-from", "openmetrics"])
        .args([page, blocks])
        .output()
        .expect("Debian's package `prometheus` has promtool");
    assert!(made.status.success(), "{made:?}");
}

/// All samples as one page of `OpenMetrics`.
fn page_of_all() -> String {
    let mut page = String::new();
    for series in dataset::series() {
        let name = series.labels.get(NAME);
        let labels = series.labels.iter().filter(|(label, _)| ***label != *NAME);
        let labels: Vec<_> = labels
            .map(|(label, value)| format!("{label}={value:?}"))
            .collect();
        let labels = labels.join(",");
        for sample in series.samples {
            let at = seconds(sample.at);
            writeln!(page, "{name}{{{labels}}} {} {at}", sample.value).unwrap();
        }
    }
    page + "# EOF\n"
}

/// Ours, with the same samples.
async fn ours() -> String {
    let mut prometheus = Prometheus::new(SampleLimits::default());
    prometheus.scraper.samples = super::store();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let router = crate::prometheus::router(prometheus);
    let serving = crate::serve::serve(listener, router, std::future::pending());
    tokio::spawn(async { serving.await.unwrap() });
    address
}

async fn get(address: &str, path: &str) -> Option<(u16, Value)> {
    send(address, path, String::new()).await
}

/// `GET` without a form, and `POST` with one; `None` when nobody is there.
async fn send(address: &str, path: &str, form: String) -> Option<(u16, Value)> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = if form.is_empty() {
        Request::get(format!("http://{address}{path}"))
    } else {
        Request::post(format!("http://{address}{path}"))
    };
    let request = request
        .header(HOST, address)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::<Bytes>::from(form))
        .unwrap();
    let answer = client.request(request).await.ok()?;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.ok()?.to_bytes();
    Some((status, serde_json::from_slice(&body).unwrap_or_default()))
}

/// What both say to the same question.
async fn both(real: &Real, ours: &str, query: &str, moment: Option<i64>) -> [(u16, Value); 2] {
    let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
    let begin = dataset::START / 1000;
    let (path, form) = match moment {
        Some(moment) => (
            "/api/v1/query",
            format!("query={query}&time={}", begin + moment),
        ),
        None => {
            let end = begin + 1200;
            let form = format!("query={query}&start={begin}&end={end}&step=17");
            ("/api/v1/query_range", form)
        }
    };
    [
        send(&real.address, path, form.clone()).await.unwrap(),
        send(ours, path, form).await.unwrap(),
    ]
}

/// The result with its rows in one order.
fn sorted(answer: &Value) -> Value {
    let mut data = answer["data"].clone();
    if let Some(rows) = data["result"].as_array_mut()
        && data_is_rows(rows)
    {
        rows.sort_by_key(|row| row["metric"].to_string());
    }
    data
}

fn data_is_rows(rows: &[Value]) -> bool {
    rows.iter().all(Value::is_object)
}

/// Equal, but for what the order of additions makes of the last digits.
fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| alike(a, b)))
        }
        (Value::String(a), Value::String(b)) => match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => {
                let close = (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1e-3);
                close || (a.is_nan() && b.is_nan()) || a.total_cmp(&b).is_eq()
            }
            _ => a == b,
        },
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

#[tokio::test]
async fn a_real_prometheus_gives_the_same_answers() {
    let (real, ours) = (Real::start().await, ours().await);
    let panels = queries::all();
    let queries = panels
        .iter()
        .map(String::as_str)
        .chain(queries::EDGES.iter().copied());
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

#[tokio::test]
async fn a_real_prometheus_refuses_the_same_mistakes() {
    let (real, ours) = (Real::start().await, ours().await);
    let mut wrong = Vec::new();
    for query in queries::MISTAKES {
        for moment in [Some(317), None] {
            let [real, ours] = both(&real, &ours, query, moment).await;
            let kind = |(status, answer): &(u16, Value)| (*status, answer["errorType"].clone());
            if kind(&real) != kind(&ours) {
                wrong.push(told(query, moment, &real, &ours));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// A question with both answers, each cut to what can be read.
fn told(query: &str, moment: Option<i64>, real: &(u16, Value), ours: &(u16, Value)) -> String {
    let cut = |(status, answer): &(u16, Value)| {
        let text: String = answer.to_string().chars().take(500).collect();
        format!("{status} {text}")
    };
    let when = moment.map_or_else(|| "over time".to_owned(), |it| format!("at {it}"));
    format!(
        "{query} {when}\n  real: {}\n  ours: {}",
        cut(real),
        cut(ours)
    )
}
