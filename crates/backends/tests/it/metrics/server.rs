use std::{
    future::pending,
    time::{Duration, Instant},
};

use backends::metrics::{Prometheus, SampleLimits, Target, serve};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, StatusCode, body::Bytes, header};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::{net::TcpListener, time::sleep};

/// The longest wait for anything: far more than it takes, as machines may be busy.
const DEADLINE: Duration = Duration::from_secs(30);

/// A server on a free port, which scrapes ten times a second. It ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) prometheus: Prometheus,
    pub(crate) address: String,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with_rules("groups: []").await
    }

    pub(crate) async fn with_rules(rules: &str) -> Self {
        let prometheus = Prometheus::new(SampleLimits::default());
        let prometheus = prometheus.with_interval(Duration::from_millis(100));
        prometheus
            .load_rules("rules.yml", rules)
            .expect("good rules");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address")
            .to_string();
        tokio::spawn(serve(listener, prometheus.clone(), pending()));
        Self {
            prometheus,
            address,
        }
    }

    pub(crate) fn scrape(&self, address: &str) {
        self.prometheus.add(target(address));
    }

    pub(crate) fn forget(&self, address: &str) {
        self.prometheus.remove(&target(address));
    }

    /// The answer to a path with its query.
    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.send(
            Request::get(self.url(path))
                .body(Full::default())
                .expect("a good path"),
        )
        .await
    }

    /// The answer to a form.
    pub(crate) async fn post(&self, path: &str, form: String) -> (StatusCode, Value) {
        let kind = Some("application/x-www-form-urlencoded");
        self.post_as(kind, path, form).await
    }

    /// The answer to a body of this content type.
    pub(crate) async fn post_as(
        &self,
        kind: Option<&str>,
        path: &str,
        body: String,
    ) -> (StatusCode, Value) {
        let mut request = Request::post(self.url(path));
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let request = request.body(Full::from(body)).expect("a good path");
        self.send(request).await
    }

    /// The part `data` of an answer that has to be a success.
    pub(crate) async fn data(&self, path: &str) -> Value {
        let (status, mut answer) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer["data"].take()
    }

    /// The series of a query at this moment, with their values.
    pub(crate) async fn query(&self, query: &str) -> Vec<(Value, String)> {
        let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
        let data = self.data(&format!("/api/v1/query?query={query}")).await;
        let rows = data["result"].as_array().expect("a list").iter();
        let pair = |row: &Value| {
            let value = row["value"][1].as_str().expect("a text").to_owned();
            (row["metric"].clone(), value)
        };
        rows.map(pair).collect()
    }

    /// Asks again and again until the only value of a query is this one.
    pub(crate) async fn until(&self, query: &str, value: &str) {
        self.until_that(query, |rows| matches!(rows, [(_, it)] if it == value))
            .await;
    }

    /// Asks again and again until the series of a query are as they should be.
    pub(crate) async fn until_that(
        &self,
        query: &str,
        holds: impl Fn(&[(Value, String)]) -> bool,
    ) -> Vec<(Value, String)> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let rows = self.query(query).await;
            if holds(&rows) {
                return rows;
            }
            assert!(Instant::now() < deadline, "{query} is {rows:?}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks again and again until the first target could not be scraped for this reason.
    pub(crate) async fn until_scrape_fails_with(&self, reason: &str) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let targets = self.data("/api/v1/targets").await;
            if targets["activeTargets"][0]["lastError"] == reason {
                return;
            }
            assert!(Instant::now() < deadline, "{targets}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> (StatusCode, Value) {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.request(request).await.expect("the server answers");
        let status = answer.status();
        let body = answer
            .into_body()
            .collect()
            .await
            .expect("a whole body")
            .to_bytes();
        let text = || Value::String(String::from_utf8_lossy(&body).into_owned());
        (
            status,
            serde_json::from_slice(&body).unwrap_or_else(|_| text()),
        )
    }
}

fn target(address: &str) -> Target {
    Target::new("services", address, &[("service_name", "user")])
}
