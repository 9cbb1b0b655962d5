//! What others say never steers the terminal: not a server, not a trace store, not a metrics page.

use std::net::SocketAddr;

use crate::support::run;
use http_body_util::Full;
use hyper::{Request, Response, body::Bytes, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use proto::{
    gateway::v1::{
        CreateUserRequest, CreateUserResponse, GetUserRequest, GetUserResponse, ImportUsersRequest,
        ImportUsersResponse, LookupUsersRequest, LookupUsersResponse, WatchUserRequest,
        WatchUserResponse,
        gateway_service_server::{GatewayService, GatewayServiceServer},
        lookup_users_response::Result as Found,
    },
    profile::v1::Profile,
    user::v1::{LookupError, Rejection, User},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_stream::Stream;
use tonic::{Code, Response as Answer, Status, Streaming, transport::server::TcpIncoming};
use tonic_types::{ErrorDetails, StatusExt as _};

/// Clears the screen, sets the title, rings, forges a line, hides and turns what follows; and wide
/// letters.
const HOSTILE: &str = "漢\u{1b}[2J\u{1b}[31m\u{1b}]0;t\u{7}\u{9b}2J\u{85}\r\nerror: forged\u{8}\u{7f}\
    \u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}\u{200e}\u{61c}\u{feff}\u{e0041}\0\t";

/// A gateway that answers so, and refuses the user `bad` so.
struct Hostile;

fn user() -> User {
    let hostile = || HOSTILE.to_owned();
    User {
        user_id: hostile(),
        name: hostile(),
        email: hostile(),
        profile: Some(Profile {
            user_id: hostile(),
            bio: hostile(),
            city: hostile(),
            updated_at: None,
        }),
        created_at: None,
    }
}

fn refusal() -> Status {
    let mut details = ErrorDetails::new();
    let metadata = [(HOSTILE.to_owned(), HOSTILE.to_owned())];
    details
        .set_error_info(HOSTILE, HOSTILE, metadata)
        .set_request_info(HOSTILE, HOSTILE)
        .add_bad_request_violation(HOSTILE, HOSTILE);
    Status::with_error_details(Code::NotFound, HOSTILE, details)
}

type Many<T> = std::pin::Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl GatewayService for Hostile {
    type WatchUserStream = Many<WatchUserResponse>;
    type LookupUsersStream = Many<LookupUsersResponse>;

    async fn get_user(
        &self,
        request: tonic::Request<GetUserRequest>,
    ) -> Result<Answer<GetUserResponse>, Status> {
        if request.get_ref().user_id == "bad" {
            return Err(refusal());
        }
        Ok(Answer::new(GetUserResponse {
            user: Some(user()),
            degraded: true,
        }))
    }

    async fn create_user(
        &self,
        _: tonic::Request<CreateUserRequest>,
    ) -> Result<Answer<CreateUserResponse>, Status> {
        let user = Some(user());
        Ok(Answer::new(CreateUserResponse {
            user,
            replayed: false,
        }))
    }

    async fn watch_user(
        &self,
        _: tonic::Request<WatchUserRequest>,
    ) -> Result<Answer<Self::WatchUserStream>, Status> {
        let update = WatchUserResponse {
            user: Some(user()),
            sequence: 1,
        };
        let updates = tokio_stream::iter([Ok(update), Err(refusal())]);
        Ok(Answer::new(Box::pin(updates)))
    }

    async fn import_users(
        &self,
        _: tonic::Request<Streaming<ImportUsersRequest>>,
    ) -> Result<Answer<ImportUsersResponse>, Status> {
        let reason = HOSTILE.to_owned();
        Ok(Answer::new(ImportUsersResponse {
            rejections: vec![Rejection { index: 1, reason }],
            ..ImportUsersResponse::default()
        }))
    }

    async fn lookup_users(
        &self,
        _: tonic::Request<Streaming<LookupUsersRequest>>,
    ) -> Result<Answer<Self::LookupUsersStream>, Status> {
        let answer = |result| {
            Ok(LookupUsersResponse {
                user_id: HOSTILE.to_owned(),
                result,
            })
        };
        let error = LookupError {
            reason: HOSTILE.to_owned(),
            message: HOSTILE.to_owned(),
        };
        let found = Some(Found::User(user()));
        let answers = [answer(found), answer(Some(Found::Error(error)))];
        Ok(Answer::new(Box::pin(tokio_stream::iter(answers))))
    }
}

/// The health of a service that says no.
async fn gateway() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has one");
    tokio::spawn(
        tonic::transport::Server::builder()
            .add_service(GatewayServiceServer::new(Hostile))
            .add_service(tonic_health::pb::health_server::HealthServer::new(Hostile))
            .serve_with_incoming(TcpIncoming::from(listener)),
    );
    address
}

#[tonic::async_trait]
impl tonic_health::pb::health_server::Health for Hostile {
    type WatchStream = Many<tonic_health::pb::HealthCheckResponse>;

    async fn check(
        &self,
        _: tonic::Request<tonic_health::pb::HealthCheckRequest>,
    ) -> Result<Answer<tonic_health::pb::HealthCheckResponse>, Status> {
        Err(refusal())
    }

    async fn watch(
        &self,
        _: tonic::Request<tonic_health::pb::HealthCheckRequest>,
    ) -> Result<Answer<Self::WatchStream>, Status> {
        Err(refusal())
    }
}

/// One span, as Jaeger says it, all of whose texts are hostile.
fn trace() -> Value {
    let tag = |key: &str, value: &str| json!({ "key": key, "type": "string", "value": value });
    json!({ "data": [{
        "traceID": "1",
        "spans": [{
            "traceID": "1", "spanID": HOSTILE, "operationName": HOSTILE, "references": [],
            "startTime": 1, "duration": 5, "processID": "p",
            "tags": [
                tag("error", "true"), tag("otel.status_description", HOSTILE),
                tag("rpc.response.status_code", HOSTILE), tag("tracewalk.fault", HOSTILE),
                tag(HOSTILE, HOSTILE),
            ],
            "logs": [{ "fields": [tag("event", HOSTILE)] }],
        }],
        "warnings": [HOSTILE],
        "processes": { "p": { "serviceName": HOSTILE } },
    }] })
}

/// Everything that is asked by HTTP: a trace and its logs, and whatever else answers badly.
fn page(path: &str) -> Vec<u8> {
    let line = json!({
        "timestamp": 2, "spanID": HOSTILE, "serviceName": HOSTILE, "severity": HOSTILE,
        "target": HOSTILE, "body": HOSTILE, "fields": [{ "key": HOSTILE, "value": HOSTILE }],
    });
    let answer = match path {
        path if path.ends_with("/logs") => json!({ "data": [line] }),
        path if path.ends_with('f') => json!({ "errors": [{ "code": 500, "msg": HOSTILE }] }),
        path if path.contains("/api/traces/") => trace(),
        path if path.contains("/api/") => json!({ "data": [HOSTILE], "error": HOSTILE }),
        _ => return HOSTILE.as_bytes().to_vec(),
    };
    answer.to_string().into_bytes()
}

async fn pages() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has one");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(async |request: Request<Incoming>| {
                let body = page(request.uri().path());
                Ok::<_, std::convert::Infallible>(Response::new(Full::<Bytes>::from(body)))
            });
            tokio::spawn(
                hyper_util::server::conn::auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .into_owned(),
            );
        }
    });
    address
}

/// Runs a command, and asserts that both of its outputs are lines of plain text.
async fn is_plain(words: &[&str]) -> String {
    let output = run(words).await;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).expect("UTF-8");
    let steers = |letter: char| {
        (letter.is_control() && letter != '\n')
            || matches!(letter, '\u{61c}' | '\u{feff}' | '\u{200e}' | '\u{e0041}')
            || ('\u{2028}'..='\u{202e}').contains(&letter)
            || ('\u{2066}'..='\u{2069}').contains(&letter)
    };
    assert!(!said.contains(steers), "{words:?}: {said:?}");
    let forged = said.lines().find(|line| line.starts_with("error: forged"));
    assert_eq!(forged, None, "{words:?}: {said}");
    assert!(said.contains("forged"), "{words:?}: {said}");
    said
}

#[tokio::test]
async fn no_command_prints_what_steers_the_terminal() {
    let (gateway, pages) = (gateway().await, pages().await);
    let (gateway, pages) = (gateway.to_string(), pages.to_string());
    let users = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(users.path(), r#"{"name": "Ada", "email": "a@b.example"}"#).expect("it is ours");
    let users = users.path().to_str().expect("UTF-8");
    let to = ["--gateway", &gateway, "--ui", &pages];
    for call in [
        &["get", "1"][..],
        &["get", "bad"],
        &["create"],
        &["watch", "1"],
        &["import", users],
        &["lookup", "1", "2"],
        &["get", "1", "--fault", "user:hang"],
        &["get", "1", "--show"],
    ] {
        let words = [&["call"], call, &to].concat();
        is_plain(&words).await;
        if call.contains(&"--show") {
            continue;
        }
        is_plain(&[&words[..], &["--json"]].concat()).await;
    }
    is_plain(&["health", &gateway]).await;
    is_plain(&[&["mystery"][..], &to].concat()).await;
    is_plain(&[&["scenario", "run", "retry-helps"][..], &to].concat()).await;
    let load = ["load", "--duration", "1s", "--fault", "user:hang"];
    is_plain(&[&load[..], &to[..2]].concat()).await;
    for words in [
        &["1"][..],
        &["1", "--logs"],
        &["1", "--logs", "--json"],
        &["f"],
    ] {
        let url = ["--query-url", &pages, "--wait", "0s"];
        is_plain(&[&["trace"], words, &url].concat()).await;
    }
}

#[tokio::test]
async fn the_doctor_prints_nothing_that_steers_the_terminal() {
    let pages = pages().await.to_string();
    let gateway = gateway().await.to_string();
    let mut words = vec![
        "check",
        "--patience",
        "1s",
        "--wait",
        "1s",
        "--gateway",
        &gateway,
    ];
    let dashboards = concat!(env!("CARGO_MANIFEST_DIR"), "/../grafana/dashboards");
    words.extend(["--dashboards", dashboards]);
    for flag in [
        "--ui",
        "--prometheus",
        "--grafana",
        "--loki",
        "--dashboards-page",
    ] {
        words.extend([flag, &pages]);
    }
    for flag in ["--gateway-admin", "--user-admin", "--profile-admin"] {
        words.extend([flag, &pages]);
    }
    is_plain(&words).await;
    words.push("--json");
    is_plain(&words).await;
}
