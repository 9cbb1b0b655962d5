//! The shapes of the API.

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use super::{server::Server, target::Page};

async fn server() -> (Server, Page) {
    let page = Page::with(
        "# TYPE calls counter\n# HELP calls How many.\ncalls_total 5\n\
                           {\"my.metric\",\"label.name\"=\"x\"} 1\n",
    )
    .await;
    let server = Server::start().await;
    server.scrape(&page.address);
    server.until("calls_total", "5").await;
    (server, page)
}

#[rstest]
#[case("query?query=1%2B1&time=100", json!({ "resultType": "scalar", "result": [100, "2"] }))]
#[case("query?query=%22a%22&time=100.5", json!({ "resultType": "string", "result": [100.5, "a"] }))]
#[case("query?query=vector(1)/0&time=1970-01-01T00:01:40Z", json!({
    "resultType": "vector", "result": [{ "metric": {}, "value": [100, "+Inf"] }],
}))]
#[case("query?query=up%5B5m%5D&time=100", json!({ "resultType": "matrix", "result": [] }))]
#[case("query_range?query=time()&start=10&end=30&step=10s", json!({
    "resultType": "matrix",
    "result": [{ "metric": {}, "values": [[10, "10"], [20, "20"], [30, "30"]] }],
}))]
#[case("query?query=nothing", json!({ "resultType": "vector", "result": [] }))]
#[case("query_exemplars?query=nothing&start=0&end=1", json!([]))]
#[case("label/a-b/values", json!([]))]
#[case("label/U__service__name/values", json!(["user"]))]
#[case("label/U__label_2e_name/values", json!(["x"]))]
#[case("query?query=count+by(%22label.name%22)(%7B%22my.metric%22%7D)&time=100", json!({
    "resultType": "vector", "result": [],
}))]
#[case("label/service_name/values", json!(["user"]))]
#[case("label/__name__/values?match%5B%5D=%7B__name__%3D~%22ca.*%22%7D", json!(["calls_total"]))]
#[case("labels?match%5B%5D=up", json!(["__name__", "instance", "job", "service_name"]))]
#[case("series?match%5B%5D=nothing", json!([]))]
#[case("metadata?metric=calls", json!({ "calls": [{ "type": "counter", "help": "How many.", "unit": "" }] }))]
#[case("alerts", json!({ "alerts": [] }))]
#[case("rules", json!({ "groups": [] }))]
#[tokio::test]
async fn an_answer_has_the_shape_of_prometheus(#[case] path: &str, #[case] data: Value) {
    let (server, _page) = server().await;
    let (status, answer) = server.get(&format!("/api/v1/{path}")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer, json!({ "status": "success", "data": data }));
}

#[rstest]
#[case(
    "query",
    "invalid parameter \"query\": 1:1: parse error: no expression found in input"
)]
#[case(
    "query?query=up&time=noon",
    "invalid parameter \"time\": cannot parse \"noon\" to a valid timestamp"
)]
#[case(
    "query?query=up&timeout=soon",
    "invalid parameter \"timeout\": cannot parse \"soon\" to a valid duration"
)]
#[case(
    "query_range?query=up&start=1&end=2",
    "invalid parameter \"step\": cannot parse \"\" to a valid duration"
)]
#[case(
    "query_range?query=up&start=2&end=1&step=1",
    "invalid parameter \"end\": end timestamp must not be before start time"
)]
#[case(
    "query_range?query=up&start=1&end=2&step=0",
    "invalid parameter \"step\": zero or negative query resolution step widths are not accepted. Try a positive integer"
)]
#[case(
    "query_range?query=up&start=0&end=11001&step=1",
    "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"
)]
#[case(
    "query_range?query=up%5B1m%5D&start=0&end=1&step=1",
    "invalid parameter \"query\": invalid expression type \"range vector\" for range query, must be Scalar or instant Vector"
)]
#[case("series", "no match[] parameter provided")]
#[case(
    "series?match%5B%5D=%7B%7D",
    "invalid parameter \"match[]\": 1:1: parse error: vector selector must contain at least one non-empty matcher"
)]
#[case(
    "rules?type=all",
    "invalid parameter \"type\": not supported value, expected alert or record"
)]
#[tokio::test]
async fn a_mistake_is_bad_data_with_a_reason(#[case] path: &str, #[case] error: &str) {
    let (server, _page) = server().await;
    let (status, answer) = server.get(&format!("/api/v1/{path}")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let expected = json!({ "status": "error", "errorType": "bad_data", "error": error });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_form_is_as_good_as_a_url() {
    let (server, _page) = server().await;
    let form = "query=vector(3)&time=5".to_owned();
    let (status, answer) = server.post("/api/v1/query", form).await;
    assert_eq!(
        (status, &answer["data"]["result"][0]["value"]),
        (StatusCode::OK, &json!([5, "3"]))
    );
    // Some clients send a form and a query in the URL at once.
    let form = "query=vector(4)".to_owned();
    let path = "/api/v1/query?time=6&query=vector(5)";
    let (_, answer) = server.post(path, form).await;
    assert_eq!(answer["data"]["result"][0]["value"], json!([6, "4"]));
    // A body that is no form is not read.
    for (kind, body) in [
        (None, ""),
        (Some("application/json"), "{}"),
        (None, "query=vector(4)"),
    ] {
        let (status, answer) = server.post_as(kind, path, body.to_owned()).await;
        assert_eq!(status, StatusCode::OK, "{kind:?}");
        assert_eq!(answer["data"]["result"][0]["value"], json!([6, "5"]));
    }
}

#[tokio::test]
async fn what_labels_do_not_allow_cannot_be_executed() {
    let (server, _page) = server().await;
    let query = "query?query=label_replace(up,%22%22,%22%22,%22%22,%22%22)";
    let (status, answer) = server.get(&format!("/api/v1/{query}")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer["errorType"], "execution");
}

#[tokio::test]
async fn it_says_that_it_is_there_and_what_it_is() {
    let (server, _page) = server().await;
    for path in ["/-/ready", "/-/healthy"] {
        assert_eq!(server.get(path).await.0, StatusCode::OK);
    }
    let build = server.data("/api/v1/status/buildinfo").await;
    assert!(build["version"].is_string());
    let (status, page) = server.get("/metrics").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        page.as_str()
            .unwrap()
            .contains("\nprometheus_tsdb_head_series ")
    );
    let (status, answer) = server.get("/api/v1/nothing").await;
    assert_eq!(
        (status, &answer["errorType"]),
        (StatusCode::NOT_FOUND, &json!("not_found"))
    );
}
