//! Parameters that cannot be read, and extreme ones.

use super::backend;
use crate::support::backend::Backend;
use rstest::rstest;

#[rstest]
#[case("minDuration=fast", "minDuration")]
#[case("maxDuration=-1s", "maxDuration")]
#[case("tags=error%3Dtrue", "tags")]
#[case("limit=many", "limit")]
#[case("start=yesterday", "start")]
#[case("end=-1", "end")]
#[case("lookback=forever", "lookback")]
#[case("traceID=xyz", "trace id")]
#[case("traceID=1&tag=error", "tag")]
#[case("tag=error", "tag")]
#[case("tag=:true", "tag")]
#[case("tag=error:true&tag=error", "tag")]
#[case("tags=%7B%7D&tags=x", "tags")]
#[case("tags=%7B%22a%22%3A%5B%5D%7D", "tags")]
#[case("minDuration=2s&maxDuration=1s", "maxDuration")]
#[case("start=2&end=1", "end")]
#[case("spanKind=sever", "spanKind")]
#[case("service=user&service=profile", "service")]
#[case("raw=perhaps", "raw")]
#[case("minduration=1s", "minduration")]
#[case("min_duration=1s", "min_duration")]
#[case("query.serviceName=user", "query.serviceName")]
#[tokio::test]
async fn a_parameter_that_cannot_be_read_is_named(#[case] query: &str, #[case] name: &str) {
    let backend = Backend::start().await;
    let answer = backend.get(&format!("/api/traces?{query}")).await;
    assert_eq!(answer.status, 400);
    let error = &answer.json()["errors"][0];
    assert_eq!(error["code"], 400);
    assert!(error["msg"].as_str().unwrap().contains(name), "{error}");
}

#[rstest]
#[case("/api/traces/1?spanKind=server")]
#[case("/api/traces/1?start=yesterday")]
#[case("/api/operations?service=user&kind=server")]
#[case("/api/operations?service=user&spanKind=sever")]
#[case("/api/dependencies?endTime=1")]
#[case("/api/metrics/calls?service=user&groupByOperation=yes")]
#[case("/api/metrics/calls?service=user&spanKind=sever")]
#[case("/api/metrics/calls?services=user")]
#[case("/api/logs?service=user")]
#[case("/api/v3/traces?query.service_name=user")]
#[case("/api/v3/operations?serviceName=user")]
#[case("/api/v3/traces/1?query.rawTraces=true")]
#[tokio::test]
async fn no_request_is_answered_without_one_of_its_parameters(#[case] path: &str) {
    let answer = Backend::start().await.get(path).await;
    assert_eq!(answer.status, 400, "{path}");
}

#[rstest]
#[case("limit=0", 1)]
#[case("limit=18446744073709551615", 3)]
#[case("end=18446744073709551615", 3)]
#[case("start=18446744073709551615", 0)]
#[case("minDuration=584y", 400)]
#[case("service=%00%ff", 0)]
#[tokio::test]
async fn extreme_parameters_are_answered(#[case] query: &str, #[case] expected: usize) {
    let backend = backend().await;
    let answer = backend.get(&format!("/api/traces?{query}")).await;
    if expected == 400 {
        assert_eq!(answer.status, 400, "{query}");
    } else {
        assert_eq!(
            answer.json()["data"].as_array().unwrap().len(),
            expected,
            "{query}"
        );
    }
}
