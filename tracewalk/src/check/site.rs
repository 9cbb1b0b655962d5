//! A part of the stack that is asked by HTTP, and what is wrong when it does not answer well.

use std::{
    fmt::{self, Display, Formatter},
    time::Duration,
};

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::time::timeout;
use tonic::codegen::{
    Bytes,
    http::{Request, header::ACCEPT},
};

use super::{
    answer::{Answer, RequestError, root_cause},
    chain::CHAIN,
    finding::Finding,
};
use crate::client::Uri;

/// More than any page or trace takes; a wrong address must not fill the memory.
const MAX_BYTES: usize = 64 << 20;

/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// A part of the stack that is asked by HTTP.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// What it is called: `jaeger`.
    pub(super) part: &'static str,
    /// The flag that says where it is.
    flag: &'static str,
    base: String,
    client: Client<HttpConnector, Empty<Bytes>>,
    max_wait: Duration,
}

impl Site {
    pub(super) fn new(
        part: &'static str,
        flag: &'static str,
        base: &Uri,
        max_wait: Duration,
    ) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT.min(max_wait)));
        Self {
            part,
            flag,
            base: base.to_string().trim_end_matches('/').to_owned(),
            client: Client::builder(TokioExecutor::new()).build(connector),
            max_wait,
        }
    }

    /// The address of another part that is reached through this one.
    pub(super) fn proxied(&self, part: &'static str, path: &str) -> Self {
        Self {
            part,
            base: format!("{}{path}", self.base),
            ..self.clone()
        }
    }

    pub(super) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Answer, RequestError> {
        self.get_as("*/*", path, query).await
    }

    /// Asks for one format.
    pub(super) async fn get_as(
        &self,
        format: &str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Answer, RequestError> {
        let url = format!("{}{path}{}", self.base, encode(query));
        let request = Request::get(url).header(ACCEPT, format);
        let request = request.body(Empty::new()).map_err(RequestError::broken)?;
        timeout(self.max_wait, self.answer(request))
            .await
            .unwrap_or_else(|_| {
                Err(RequestError::broken(format!(
                    "no answer in {:?}",
                    self.max_wait
                )))
            })
    }

    async fn answer(&self, request: Request<Empty<Bytes>>) -> Result<Answer, RequestError> {
        let answer = self
            .client
            .request(request)
            .await
            .map_err(|error| RequestError {
                nobody: error.is_connect(),
                why: root_cause(&error),
            })?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), MAX_BYTES).collect().await;
        let body = body.map_err(|error| RequestError::broken(root_cause(&*error)))?;
        let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
        Ok(Answer { status, body })
    }

    /// Asks for JSON; any other answer, or another status than success, is a finding at this part.
    pub(super) async fn json(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Finding> {
        let answer = self
            .get(path, query)
            .await
            .map_err(|it| self.unreachable(&it))?;
        match answer.json() {
            Some(value) if answer.status.is_success() => Ok(value),
            _ => Err(self.unexpected(path, &answer)),
        }
    }

    /// The finding of a part that does not answer.
    pub(super) fn unreachable(&self, error: &RequestError) -> Finding {
        let Self { part, flag, .. } = self;
        let starter = match *part {
            "dashboards" => "`tracewalk up`".to_owned(),
            "grafana" | "loki" => format!("`docker compose up -d {part}`"),
            _ => format!("`docker compose up -d {part}` or `tracewalk up`"),
        };
        let inside = if CHAIN.iter().any(|link| link.service == *part) {
            "; `docker compose run --rm check` asks from the network of the containers"
        } else {
            ""
        };
        let advice = format!("{starter} starts it; {flag} says where it is{inside}");
        let expected = format!("{} answers at {self}", self.part);
        Finding::new(self.part, expected, error.to_string(), advice)
    }

    /// The finding of a part that gives an unexpected answer.
    pub(super) fn unexpected(&self, path: &str, answer: &Answer) -> Finding {
        let advice = format!(
            "look at its log; is {self} the {} ({})?",
            self.part, self.flag
        );
        let expected = format!("{} answers at {self}{path}", self.part);
        Finding::new(self.part, expected, answer.to_string(), advice)
    }
}

impl Display for Site {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

fn encode(query: &[(&str, &str)]) -> String {
    let pairs = query.iter().enumerate().map(|(place, (key, value))| {
        let separator = if place == 0 { '?' } else { '&' };
        format!(
            "{separator}{key}={}",
            utf8_percent_encode(value, NON_ALPHANUMERIC)
        )
    });
    pairs.collect()
}
