//! The spans of queries to SQLite.

use futures_util::TryStreamExt as _;
use opentelemetry::{
    Context,
    trace::{FutureExt as _, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use sqlx::{AssertSqlSafe, QueryBuilder, sqlite::SqlitePoolOptions};
use tonic_telemetry_sqlx::{SqliteConnection, SqlitePool};

/// Uses a database with a table, below a span `caller`; the spans in the order of their ends.
async fn spans(work: impl AsyncFnOnce(&SqlitePool) -> sqlx::Result<()>) -> Vec<SpanData> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let tracer = provider.tracer("test");
    let options = SqlitePoolOptions::new().max_connections(1);
    let pool = options.connect("sqlite::memory:").await.expect("memory");
    let pool = SqlitePool::new(pool, &tracer);
    let table = "CREATE TABLE users (name TEXT PRIMARY KEY)";
    let made = sqlx::raw_sql(table).execute(pool.untraced()).await;
    made.expect("the table is new");
    let caller = Context::new().with_span(tracer.start("caller"));
    let done = work(&pool).with_context(caller.clone()).await;
    done.expect("it works");
    caller.span().end();
    drop(pool);
    let mut spans = exporter.get_finished_spans().expect("the exporter works");
    let caller = spans.pop().expect("the caller");
    for span in &spans {
        assert_eq!(span.parent_span_id, caller.span_context.span_id());
        assert_eq!(span.span_kind, SpanKind::Client);
    }
    spans
}

fn names(spans: &[SpanData]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_ref()).collect()
}

fn attribute(span: &SpanData, key: &str) -> String {
    let mut all = span.attributes.iter();
    let found = all.find(|attribute| attribute.key.as_str() == key);
    found.map_or(String::new(), |attribute| attribute.value.to_string())
}

const INSERT: &str = "INSERT INTO users VALUES ($1)";
const SELECT: &str = "SELECT name FROM users ORDER BY name";

async fn insert(connection: &mut SqliteConnection, name: &str) -> sqlx::Result<()> {
    let insert = sqlx::query(INSERT).bind(name.to_owned());
    insert.execute(&mut *connection).await.map(drop)
}

#[tokio::test]
async fn each_way_to_query_makes_one_span_with_the_statement() {
    let spans = spans(async |pool| {
        sqlx::query(INSERT).bind("ada").execute(pool).await?;
        let one = sqlx::query_scalar::<_, String>(SELECT);
        assert_eq!(one.fetch_one(pool).await?, "ada");
        let all = sqlx::query_as::<_, (String,)>(SELECT).fetch_all(pool);
        assert_eq!(all.await?.len(), 1);
        let none = sqlx::query("SELECT name FROM users WHERE name = 'bob'");
        let none = none.persistent(false).fetch_one(pool).await;
        assert!(matches!(none, Err(sqlx::Error::RowNotFound)));
        let rows = sqlx::raw_sql(SELECT).fetch(pool);
        assert_eq!(rows.try_collect::<Vec<_>>().await?.len(), 1);
        let mut built = QueryBuilder::new("DELETE FROM users WHERE name = ");
        built.push_bind("ada").build().execute(pool).await?;
        let mut connection = pool.acquire().await?;
        insert(&mut connection, "eve").await?;
        sqlx::query(SELECT).fetch_one(&mut *connection).await?;
        Ok(())
    })
    .await;

    let (insert, select) = ("INSERT users", "SELECT users");
    let expected = [
        insert,
        select,
        select,
        select,
        select,
        "DELETE users",
        insert,
        select,
    ];
    assert_eq!(names(&spans), expected);
    for span in &spans {
        assert_eq!(span.status, Status::Unset, "{span:?}");
        assert_eq!(attribute(span, "db.system.name"), "sqlite");
        assert_eq!(attribute(span, "db.query.summary"), span.name);
    }
    assert_eq!(attribute(&spans[1], "db.query.text"), SELECT);
    let values = |span: &SpanData| format!("{span:?}").contains("ada");
    assert!(!spans.iter().any(values), "{spans:#?}");
}

#[tokio::test]
async fn the_queries_of_a_transaction_have_spans_and_its_end_too() {
    let spans = spans(async |pool| {
        let mut transaction = pool.begin().await?;
        insert(&mut transaction, "ada").await?;
        sqlx::query(SELECT).fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        let mut transaction = pool.begin().await?;
        insert(&mut transaction, "bob").await?;
        transaction.rollback().await?;
        drop(pool.begin().await?);
        let kept = sqlx::query(SELECT).fetch_all(pool).await?;
        assert_eq!(kept.len(), 1);
        Ok(())
    })
    .await;

    let (insert, select) = ("INSERT users", "SELECT users");
    let kept = ["BEGIN", insert, select, "COMMIT"];
    let undone = ["BEGIN", insert, "ROLLBACK", "BEGIN", select];
    assert_eq!(names(&spans), [&kept[..], &undone].concat());
}

#[tokio::test]
async fn a_failed_query_has_its_code_and_nothing_of_its_message() {
    let spans = spans(async |pool| {
        let mut twice = sqlx::query(INSERT).bind("ada").execute(pool).await;
        twice = twice.and(sqlx::query(INSERT).bind("ada").execute(pool).await);
        twice.expect_err("a name is unique");
        let text = AssertSqlSafe("SELECT canary('ada')".to_owned());
        let row = sqlx::query(text).fetch_optional(pool).await;
        row.expect_err("there is no such function");
        let mut rows = sqlx::query("SELECT abs(-9223372036854775807 - 1) FROM users").fetch(pool);
        rows.try_next().await.expect_err("too large");
        drop(rows);
        pool.untraced().close().await;
        let closed = sqlx::query(SELECT).fetch_optional(pool).await;
        closed.expect_err("it is closed");
        Ok(())
    })
    .await;

    let errors = spans[1..].iter().map(|span| {
        assert_eq!(span.status, Status::error(""));
        let code = attribute(span, "db.response.status_code");
        (attribute(span, "error.type"), code)
    });
    let expected = [
        ("1555", "1555"),
        ("1", "1"),
        ("1", "1"),
        ("pool_closed", ""),
    ];
    let expected = expected.map(|(kind, code)| (kind.to_owned(), code.to_owned()));
    assert_eq!(errors.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_query_that_is_dropped_is_cancelled_but_one_with_a_row_is_not() {
    let spans = spans(async |pool| {
        for name in ["ada", "bob"] {
            sqlx::query(INSERT).bind(name).execute(pool).await?;
        }
        let never = sqlx::query(SELECT).fetch(pool);
        drop(never); // It has not begun.
        let mut some = sqlx::query(SELECT).fetch(pool);
        assert!(some.try_next().await?.is_some());
        drop(some);
        let held = pool.acquire().await?; // The only one.
        let waits = sqlx::query(SELECT).fetch_all(pool);
        let mut waits = std::pin::pin!(waits);
        let pending = std::future::poll_fn(|context| {
            std::task::Poll::Ready(waits.as_mut().poll(context).is_pending())
        });
        assert!(pending.await);
        drop(held);
        Ok(())
    })
    .await;

    let of_selects = spans[2..].iter();
    let errors = of_selects.map(|span| (&span.status, attribute(span, "error.type")));
    let cancelled = (&Status::error(""), "cancelled".to_owned());
    let expected = [(&Status::Unset, String::new()), cancelled];
    assert_eq!(errors.collect::<Vec<_>>(), expected);
}
