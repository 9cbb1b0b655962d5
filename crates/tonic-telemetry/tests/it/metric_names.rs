//! The durations of calls under the names that a program or the environment asks for.

use crate::support::{Fixture, script::Script};
use http::Request;
use rstest::rstest;
use tonic::{Code, body::Body};
use tonic_telemetry::{
    Options,
    metrics::{Registry, RpcMetricNames},
};
use tower::{Layer as _, ServiceExt as _};

fn request(path: &str) -> Request<Body> {
    let request = Request::builder().uri(path);
    let request = request.header("content-type", "application/grpc");
    request.body(Body::empty()).expect("the path is valid")
}

/// The page after one call that fails, made and answered by the layers, and one of an unknown method.
async fn page_of(names: RpcMetricNames) -> String {
    let fixture = Fixture {
        registry: Registry::with_names(names),
        ..Fixture::new()
    };
    let script = Script::answers(Code::Unavailable);
    for path in ["/test.v1.Echo/Say", "/no.such/Method"] {
        let server = fixture.server_layer().layer(script.clone().service());
        let answer = server.oneshot(request(path)).await;
        drop(answer.expect("an answer"));
        let client = fixture.client_layer().layer(script.clone().service());
        drop(client.oneshot(request(path)).await.expect("an answer"));
    }
    let (_, page) = fixture.registry.encode(None);
    String::from_utf8(page).expect("the page is text")
}

const OWN: &[&str] = &[
    "grpc_rpc_duration_seconds_count{code=\"UNAVAILABLE\",method=\"Say\",service=\"test.v1.Echo\"} 1",
    "grpc_client_rpc_duration_seconds_count{code=\"UNAVAILABLE\",method=\"Say\",service=\"test.v1.Echo\",target=\"echo\"} 1",
];
const CONVENTIONS: &[&str] = &[
    "rpc_server_call_duration_seconds_count{error_type=\"UNAVAILABLE\",rpc_method=\"test.v1.Echo/Say\",\
     rpc_response_status_code=\"UNAVAILABLE\",rpc_system_name=\"grpc\"} 1",
    "rpc_server_call_duration_seconds_count{error_type=\"UNAVAILABLE\",rpc_method=\"_OTHER\",\
     rpc_response_status_code=\"UNAVAILABLE\",rpc_system_name=\"grpc\"} 1",
    "rpc_client_call_duration_seconds_count{error_type=\"UNAVAILABLE\",rpc_method=\"test.v1.Echo/Say\",\
     rpc_response_status_code=\"UNAVAILABLE\",rpc_system_name=\"grpc\",server_address=\"echo.test\",\
     server_port=\"50052\"} 1",
    "rpc_server_call_duration_seconds_count{error_type=\"\",rpc_method=\"test.v1.Echo/Say\",\
     rpc_response_status_code=\"OK\",rpc_system_name=\"grpc\"} 0",
];
const GRPC: &[&str] = &[
    "grpc_server_call_duration_seconds_count{grpc_method=\"test.v1.Echo/Say\",grpc_status=\"UNAVAILABLE\"} 1",
    "grpc_server_call_duration_seconds_count{grpc_method=\"other\",grpc_status=\"UNAVAILABLE\"} 1",
    "grpc_client_call_duration_seconds_count{grpc_method=\"test.v1.Echo/Say\",grpc_status=\"UNAVAILABLE\",grpc_target=\"echo\"} 1",
];

#[rstest]
#[case(RpcMetricNames::Own, &[OWN], &[CONVENTIONS, GRPC])]
#[case(RpcMetricNames::SemanticConventions, &[CONVENTIONS], &[OWN, GRPC])]
#[case(RpcMetricNames::OwnAndSemanticConventions, &[OWN, CONVENTIONS], &[GRPC])]
#[case(RpcMetricNames::Grpc, &[GRPC], &[OWN, CONVENTIONS])]
#[tokio::test]
async fn a_call_is_measured_under_the_names_that_were_chosen_and_no_others(
    #[case] names: RpcMetricNames,
    #[case] there: &[&[&str]],
    #[case] not_there: &[&[&str]],
) {
    let page = page_of(names).await;
    for line in there.iter().copied().flatten() {
        assert!(
            page.lines().any(|it| it == *line),
            "{line} is not in\n{page}"
        );
    }
    for line in not_there.iter().copied().flatten() {
        let name = line.split('{').next().expect("a text has a first part");
        let is_there = page.lines().any(|it| it.starts_with(&format!("{name}{{")));
        assert!(!is_there, "{name} is in\n{page}");
    }
}

#[tokio::test]
async fn buckets_are_those_of_the_names() {
    for (names, metric, bounds) in [
        (RpcMetricNames::Own, "grpc_rpc_duration_seconds", 19),
        (
            RpcMetricNames::SemanticConventions,
            "rpc_server_call_duration_seconds",
            14,
        ),
        (
            RpcMetricNames::Grpc,
            "grpc_server_call_duration_seconds",
            41,
        ),
    ] {
        let page = page_of(names).await;
        let of_one = |line: &&str| {
            line.starts_with(&format!("{metric}_bucket"))
                && line.contains("Say")
                && line.contains("\"OK\"")
        };
        // And the one without a bound.
        assert_eq!(page.lines().filter(of_one).count(), bounds + 1, "{page}");
    }
}

#[rstest]
#[case("rpc", None, &["rpc_server_call_duration_seconds"])]
#[case("rpc/dup", None, &["grpc_rpc_duration_seconds", "rpc_server_call_duration_seconds"])]
#[case("", None, &["grpc_rpc_duration_seconds"])]
#[case("rpc", Some(RpcMetricNames::Grpc), &["grpc_server_call_duration_seconds"])]
#[tokio::test]
async fn the_environment_chooses_unless_the_program_does(
    #[case] opt_in: &'static str,
    #[case] chosen: Option<RpcMetricNames>,
    #[case] expected: &[&str],
) {
    let options = Options::new("test").variables(move |name| match name {
        "OTEL_SEMCONV_STABILITY_OPT_IN" => Some(opt_in.to_owned()),
        "OTEL_TRACES_EXPORTER" => Some("none".to_owned()),
        _ => None,
    });
    let options = match chosen {
        Some(names) => options.metric_names(names),
        None => options,
    };
    let telemetry = options.start().expect("telemetry starts");
    let _layer = telemetry.server_layer(&Fixture::new().methods);
    let (_, page) = telemetry.metrics().encode(None);
    let page = String::from_utf8(page).expect("the page is text");
    let names = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let names = names.filter_map(|line| line.strip_suffix(" histogram"));
    assert_eq!(names.collect::<Vec<_>>(), expected);
}
