//! `/method`: from a method in a trace to its panels.

use std::{
    collections::BTreeSet,
    fmt::Write,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::traces::{
    TraceStore,
    model::{Span, SpanKind, TagValue, TraceId},
    store::Trace,
};

/// The dashboard with the variables `service_name` and `method`.
const DASHBOARD: &str = "/d/rpc-overview";

/// The attribute of the semantic conventions: `package.Service/Method`, or the bare name before 1.39.
const METHOD: &str = "rpc.method";

/// The ranges of the page, which all end now, each with the age in minutes up to which a trace lies well
/// inside and stays there while the page is read.
const RANGES: [(u64, &str); 3] = [(4, "now-5m"), (12, "now-15m"), (50, "now-1h")];

/// What is shown before and after an older trace, in milliseconds.
const AROUND: u64 = 5 * 60 * 1000;

#[derive(Debug, Deserialize)]
struct Parameters {
    /// `rpc.method` of a span.
    name: String,
    trace: String,
}

/// `GET /method?name=package.Service/Method&trace=ID`: leads to the dashboard about methods, with this
/// one chosen, the services that served it in the trace, and a range that has the trace in it. Without the
/// trace in the store all services are shown, as they are now.
pub(super) fn router(store: TraceStore) -> Router {
    Router::new()
        .route("/method", get(panels))
        .with_state(store)
}

async fn panels(State(store): State<TraceStore>, Query(asked): Query<Parameters>) -> Response {
    let id: TraceId = match asked.trace.parse() {
        Ok(id) => id,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("trace: {error}")).into_response(),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |time| {
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
    });
    let trace = store.trace(id);
    Redirect::to(&address(&asked.name, trace.as_deref(), now)).into_response()
}

/// The address of the dashboard; `now` is in milliseconds since 1970.
fn address(name: &str, trace: Option<&Trace>, now: u64) -> String {
    let method = name.rsplit('/').next().unwrap_or(name);
    let start = trace.map_or(now, |trace| trace.start() / 1_000_000);
    let (from, to) = range(start, now);
    let mut address = format!("{DASHBOARD}?from={from}&to={to}");
    let services = trace.map(|trace| servers(trace, name)).unwrap_or_default();
    let services = services.into_iter().map(|it| ("service_name", it));
    for (variable, value) in services.chain([("method", method)]) {
        let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
        write!(address, "&var-{variable}={value}").expect("a text takes all");
    }
    address
}

/// The services that served the method in this trace. A CLIENT span leads to its server, too.
fn servers<'a>(trace: &'a Trace, name: &str) -> BTreeSet<&'a str> {
    let is_method = |span: &Span| {
        let mut tags = span.tags.iter();
        tags.any(|tag| {
            &*tag.key == METHOD && matches!(&tag.value, TagValue::Text(text) if &**text == name)
        })
    };
    let spans = trace.spans().iter();
    let served = spans.filter(|span| span.kind == SpanKind::Server && is_method(span));
    served.map(|span| &**span.service()).collect()
}

/// `from` and `to` of the address, so that a trace that began at `start` is shown.
fn range(start: u64, now: u64) -> (String, String) {
    let age = now.saturating_sub(start);
    let fits = RANGES.iter().find(|(minutes, _)| age < minutes * 60_000);
    match fits {
        Some((_, from)) => ((*from).to_owned(), "now".to_owned()),
        None => (
            start.saturating_sub(AROUND).to_string(),
            start.saturating_add(AROUND).to_string(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{address, range};

    #[rstest]
    #[case(1_000_000, "now-5m", "now")]
    #[case(400_000, "now-15m", "now")]
    #[case(861_000, "now-5m", "now")]
    #[case(860_000, "now-15m", "now")]
    #[case(1_300_000, "now-5m", "now")]
    fn the_range_is_the_shortest_with_the_trace_in_it(
        #[case] start: u64,
        #[case] from: &str,
        #[case] to: &str,
    ) {
        assert_eq!(range(start, 1_100_000), (from.to_owned(), to.to_owned()));
    }

    #[test]
    fn around_an_old_trace_are_five_minutes() {
        let (from, to) = range(10_000_000, 90_000_000);
        assert_eq!((from.as_str(), to.as_str()), ("9700000", "10300000"));
    }

    #[test]
    fn without_its_trace_a_method_is_shown_of_all_services() {
        let expected = "/d/rpc-overview?from=now-5m&to=now&var-method=Get%26User";
        assert_eq!(address("shop.v1.Shop/Get&User", None, 7), expected);
        assert_eq!(address("Get&User", None, 7), expected);
    }
}
