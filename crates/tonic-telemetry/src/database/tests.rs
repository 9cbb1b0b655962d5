use std::borrow::Cow;

use opentelemetry::trace::{FutureExt, SpanKind, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, Value};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};

use super::{DatabaseSpans, QueryError, System};

/// A unique index that was hit.
#[derive(Debug, PartialEq)]
struct Duplicate;

impl QueryError for Duplicate {
    fn error_type(&self) -> Cow<'static, str> {
        "23505".into()
    }

    fn status_code(&self) -> Option<Cow<'_, str>> {
        Some("23505".into())
    }
}

const TEXT: &str = "SELECT name FROM users WHERE user_id = $1";

/// Runs something against a database, and returns the spans in the order of their end.
async fn spans(run: impl AsyncFnOnce(&DatabaseSpans)) -> Vec<SpanData> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let tracer = provider.tracer("test");
    let database = DatabaseSpans::new(tracer.clone(), System::Postgresql)
        .namespace("users")
        .server("db.example", 6432);
    let caller = Context::new().with_span(tracer.start("GetUser"));
    run(&database).with_context(caller).await;
    exporter.get_finished_spans().expect("the exporter works")
}

fn attribute(span: &SpanData, key: &str) -> Option<Value> {
    let found = span
        .attributes
        .iter()
        .find(|attribute| attribute.key.as_str() == key);
    found.map(|attribute| attribute.value.clone())
}

#[tokio::test]
async fn query_is_a_client_span_below_its_caller() {
    let spans = spans(async |database| {
        let work = async { Ok::<_, Duplicate>(Context::current().span().span_context().span_id()) };
        let inside = database
            .query("SELECT", "users", TEXT, work)
            .await
            .expect("no error");
        assert_ne!(Context::current().span().span_context().span_id(), inside);
    })
    .await;

    let [query, caller] = spans.as_slice() else {
        panic!("{spans:?}")
    };
    assert_eq!(
        (query.name.as_ref(), &query.span_kind),
        ("SELECT users", &SpanKind::Client)
    );
    assert_eq!(query.parent_span_id, caller.span_context.span_id());
    assert_eq!(query.status, Status::Unset);
    let expected = [
        ("db.system.name", "postgresql".into()),
        ("db.namespace", "users".into()),
        ("db.operation.name", "SELECT".into()),
        ("db.collection.name", "users".into()),
        ("db.query.text", TEXT.into()),
        ("server.address", "db.example".into()),
        ("server.port", Value::I64(6432)),
    ];
    for (key, value) in expected {
        assert_eq!(attribute(query, key), Some(value), "{key}");
    }
    assert_eq!(query.attributes.len(), 7, "{:?}", query.attributes);
}

#[tokio::test]
async fn batch_says_its_size_and_one_item_is_no_batch() {
    let spans = spans(async |database| {
        for size in [1, 2, 0] {
            let work = async { Ok::<_, Duplicate>(()) };
            let done = database.batch("INSERT", "users", TEXT, size, work).await;
            done.expect("no error");
        }
    })
    .await;

    let said = spans.iter().take(3).map(|span| {
        let operation = attribute(span, "db.operation.name").expect("it is always there");
        let size = attribute(span, "db.operation.batch.size");
        (span.name.to_string(), operation.to_string(), size)
    });
    let expected = [
        ("INSERT users", "INSERT", None),
        ("BATCH INSERT users", "BATCH INSERT", Some(Value::I64(2))),
        ("BATCH INSERT users", "BATCH INSERT", Some(Value::I64(0))),
    ];
    let expected = expected.map(|(name, operation, size)| (name.into(), operation.into(), size));
    assert_eq!(said.collect::<Vec<_>>(), expected);
}

#[test]
fn usual_port_of_the_system_is_not_said() {
    let provider = SdkTracerProvider::default();
    let spans = |port| {
        DatabaseSpans::new(provider.tracer("test"), System::Postgresql).server("db.example", port)
    };
    let says_port = |port| format!("{:?}", spans(port)).contains("server.port");
    assert!(!says_port(5432) && says_port(5433));
}

#[tokio::test]
async fn failed_query_says_its_code_and_no_message() {
    let spans = spans(async |database| {
        let work = async { Err::<(), _>(Duplicate) };
        assert_eq!(
            database.query("INSERT", "users", TEXT, work).await,
            Err(Duplicate)
        );
    })
    .await;

    assert_eq!(attribute(&spans[0], "error.type"), Some("23505".into()));
    assert_eq!(
        attribute(&spans[0], "db.response.status_code"),
        Some("23505".into())
    );
    assert_eq!(spans[0].status, Status::error(""));
}

#[tokio::test]
async fn query_that_is_dropped_has_failed() {
    let spans = spans(async |database| {
        let never = std::future::pending::<Result<(), Duplicate>>();
        let query = database.query("SELECT", "users", TEXT, never);
        assert!(polled_once(query).await, "the query waits");
    })
    .await;

    assert_eq!(attribute(&spans[0], "error.type"), Some("cancelled".into()));
    assert_eq!(spans[0].status, Status::error(""));
}

/// Polls a future once and drops it; returns whether it was pending.
async fn polled_once(future: impl Future) -> bool {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}

#[tokio::test]
async fn a_statement_without_a_collection_is_named_by_its_operation() {
    let spans = spans(async |database| {
        let text = format!("BE{}", "GIN");
        let work = async { Ok::<_, Duplicate>(()) };
        database
            .query("BEGIN", "", text, work)
            .await
            .expect("no error");
    })
    .await;
    assert_eq!(spans[0].name, "BEGIN");
    assert_eq!(attribute(&spans[0], "db.collection.name"), None);
    assert_eq!(attribute(&spans[0], "db.query.text"), Some("BEGIN".into()));
}

#[tokio::test]
async fn a_statement_by_hand_is_named_by_its_text() {
    let spans = spans(async |database| {
        database.start(TEXT).succeed();
        database.start("VACUUM").fail(&Duplicate);
        drop(database.start(TEXT));
    })
    .await;

    let said = spans[..3].iter().map(|span| {
        let summary = attribute(span, "db.query.summary").map(|it| it.to_string());
        let error = attribute(span, "error.type").map(|it| it.to_string());
        (span.name.as_ref(), summary, error)
    });
    let some = |text: &str| Some(text.to_owned());
    let expected = [
        ("SELECT users", some("SELECT users"), None),
        ("postgresql", None, some("23505")),
        ("SELECT users", some("SELECT users"), some("cancelled")),
    ];
    assert_eq!(said.collect::<Vec<_>>(), expected);
    assert_eq!(attribute(&spans[0], "db.query.text"), Some(TEXT.into()));
    assert_eq!(spans[0].parent_span_id, spans[3].span_context.span_id());
}
