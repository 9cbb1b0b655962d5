//! Neither a token, nor a key, nor an e-mail address gets into a log line, a span or a metric.

mod canaries;

use crate::support::{Caller, Demo, LastHop, Process, get, request, run};
use canaries::{AGENTS, EMAIL, HEADERS, ISSUED, PATHS, RANDOM, SECRETS, WEB_TOKEN};
use http_body_util::Full;
use hyper::{Request, body::Bytes, header::HeaderValue};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use rstest::rstest;
use tonic::{Code, metadata::MetadataMap};

async fn call_in_all_ways(demo: &Demo) {
    let mut caller = demo.caller().await;
    // Once as a new user, once as one who is there, and in words that are no address.
    for email in [EMAIL, EMAIL, "canary.person"] {
        caller.create(email).await;
        caller.import(&[email, EMAIL]).await;
        let body = format!(r#"{{"name":"Ada","email":"{email}","bio":"","city":""}}"#);
        post(demo, body).await;
    }
    post(demo, format!(r#"{{"name": 1, "{EMAIL}": "{WEB_TOKEN}""#)).await;
    for path in [EMAIL, WEB_TOKEN, "1?api_key=canary-key"] {
        get(&format!("http://{}/v1/users/{path}", demo.http().await)).await;
    }
    let mut metadata = MetadataMap::new();
    for (name, value) in HEADERS {
        metadata.insert(name, value.parse().expect("visible ASCII"));
    }
    for id in ["1", "nobody", EMAIL, WEB_TOKEN, ISSUED, RANDOM] {
        caller.get_with(id, metadata.clone()).await;
        caller.lookup(&[id]).await;
    }
    for path in PATHS {
        call(demo, path, "client/1.0", "application/grpc").await;
    }
    for agent in AGENTS {
        let path = "/tracewalk.gateway.v1.GatewayService/GetUser";
        call(demo, path, agent, "application/grpc").await;
        call(demo, path, agent, "text/plain").await;
    }
}

/// By HTTP, with all that does not belong there.
async fn post(demo: &Demo, body: String) {
    let url = format!("http://{}/v1/users", demo.http().await);
    let mut call = Request::post(url).header("content-type", "application/json");
    for (name, value) in HEADERS {
        call = call.header(name, value);
    }
    request(call.body(Full::from(body)).expect("a request")).await;
}

/// An empty message to any path, from any client.
async fn call(demo: &Demo, path: &str, agent: &str, content_type: &str) {
    let gateway = demo.gateway.address("grpc").await;
    let client = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http();
    let call = Request::post(format!("http://{gateway}{path}"))
        .header("user-agent", agent)
        .header("content-type", content_type)
        .header("te", "trailers")
        .header("grpc-encoding", WEB_TOKEN)
        .header("authorization", "Basic canary-token")
        .body(Full::<Bytes>::from(&[0_u8; 5][..]));
    let answer = client.request(call.expect("a request")).await;
    answer.expect("the gateway answers");
}

/// Stops the services, and returns all that they said.
async fn said(demo: &mut Demo) -> Vec<String> {
    let mut said = Vec::new();
    for service in demo.services() {
        let admin = service.address("admin").await;
        said.push(get(&format!("http://{admin}/metrics")).await.body);
    }
    assert_eq!(demo.stop().await, [Some(0); 3]);
    said.extend(demo.services().into_iter().flat_map(Process::lines));
    said.extend(demo.collector.exports());
    said
}

fn assert_no_secret(said: &[String]) {
    for secret in SECRETS {
        let leak = said.iter().find(|text| text.contains(secret));
        let around = leak.and_then(|text| {
            let place = text.find(secret)?;
            let end = text.ceil_char_boundary(place + 200);
            Some(&text[text.floor_char_boundary(place.saturating_sub(200))..end])
        });
        assert_eq!(around, None, "{secret}");
    }
}

#[rstest]
#[case::as_it_is_by_default("info")]
#[case::as_somebody_looks_for_a_fault(
    "debug,gateway=trace,user=trace,profile=trace,tonic_telemetry=trace,tonic_resilience=trace,database=trace,tracewalk=trace"
)]
#[case::with_every_line_of_every_library("trace")]
#[tokio::test]
async fn secrets_of_a_caller_are_in_no_log_no_span_and_no_metric(#[case] filter: &str) {
    let variables = [
        ("RUST_LOG", filter),
        ("OTEL_LOGS_EXPORTER", "otlp"),
        ("TRACEWALK_BAGGAGE", "tenant"),
    ];
    let mut demo = Demo::start_with(&variables).await;
    call_in_all_ways(&demo).await;
    let said = said(&mut demo).await;
    assert!(said.iter().any(|text| text.contains("CreateUser")));
    assert_no_secret(&said);
}

#[tokio::test]
async fn secrets_in_the_words_of_a_failure_are_in_no_log_and_no_span() {
    let last_hop = LastHop::start().await;
    let variables = [("RUST_LOG", "debug"), ("OTEL_LOGS_EXPORTER", "otlp")];
    let mut demo = Demo::start_over(Some(last_hop.address), &variables).await;
    let mut caller = demo.caller().await;
    last_hop.answer(Code::Unknown);
    for words in [
        &format!("no user {EMAIL}"),
        &format!("cannot write to {ISSUED}"),
        &format!("bad header authorization: Basic canary-token, {WEB_TOKEN}"),
        "postgres://user:canary-password@db/users refuses",
        r#"{"password":"canary-password","cookie":"a=canary-cookie; b=canary-cookie"}"#,
        &format!("[{RANDOM}] is no key"),
        "x-api-key=canary-key; token: canary-token",
    ] {
        last_hop.say(words);
        caller.watch("1", 1).await;
    }
    let said = said(&mut demo).await;
    // The rest of the words is there.
    assert!(
        said.iter()
            .any(|text| text.contains("cannot write to [hidden]"))
    );
    assert_no_secret(&said);
}

#[tokio::test]
async fn who_calls_is_a_short_name_or_a_pseudonym() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let auth = folder.path().join("auth");
    let auth = auth.to_str().expect("UTF-8");
    let mut tokens = Vec::new();
    for subject in ["ada", EMAIL, "+491511234567", WEB_TOKEN, "canary.person"] {
        for scope in ["users:write", "users:read"] {
            let output = run(&["token", auth, "--subject", subject, "--scope", scope]).await;
            assert!(output.status.success(), "{output:?}");
            tokens.push(String::from_utf8(output.stdout).expect("UTF-8"));
        }
    }
    let variables = [("RUST_LOG", "debug"), ("TRACEWALK_AUTH", auth)];
    let mut demo = Demo::start_with(&variables).await;
    let caller = demo.caller().await;
    for token in &tokens {
        create(caller.clone(), token.trim()).await;
    }
    let said = said(&mut demo).await;
    assert_no_secret(&said);
    for token in tokens {
        let parts = token.trim().split('.');
        for part in parts.skip(1) {
            assert!(!said.iter().any(|text| text.contains(part)), "{part}");
        }
    }
    let spans = demo.collector.spans();
    let principals = spans
        .iter()
        .map(|span| span.attribute("tracewalk.principal"));
    let mut principals: Vec<_> = principals.filter(|name| !name.is_empty()).collect();
    principals.sort_unstable();
    assert_eq!(principals.len(), 10, "{principals:?}");
    principals.dedup();
    assert_eq!(principals.len(), 5, "{principals:?}");
    assert_eq!(principals[0], "ada");
}

async fn create(mut caller: Caller, token: &str) {
    let user = crate::support::new_user("ada@test.example");
    let mut request =
        tonic::Request::new(proto::gateway::v1::CreateUserRequest { user: Some(user) });
    let bearer = HeaderValue::from_str(&format!("Bearer {token}")).expect("visible ASCII");
    let bearer = bearer.to_str().expect("visible ASCII").parse();
    let metadata = request.metadata_mut();
    metadata.insert("authorization", bearer.expect("visible ASCII"));
    drop(caller.gateway.create_user(request).await);
}
