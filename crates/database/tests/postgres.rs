//! The checks of `support`, with PostgreSQL.

mod support;

use std::time::Duration;

use database::{DatabaseUrl, OpenError, QueryError, Statement, test_support::PostgresServer};
use tokio::{sync::watch, time::timeout};

const MAX_WAIT: Duration = Duration::from_secs(30);

const ASK: Statement = Statement {
    operation: "SELECT",
    table: "pets",
    text: "SELECT 1",
};

async fn server() -> PostgresServer {
    let started = tokio::task::spawn_blocking(PostgresServer::start).await;
    started.expect("the task ends").expect("PostgreSQL starts")
}

async fn empty(server: &PostgresServer) -> DatabaseUrl {
    server
        .create_database()
        .await
        .expect("a database is created")
}

#[tokio::test]
async fn the_promises_hold() {
    let server = server().await;
    support::replicas_that_start_together_set_up_once(&empty(&server).await).await;
    support::rows_outlive_the_pool(&empty(&server).await).await;
    support::a_batch_is_kept_whole_or_not_at_all(&empty(&server).await).await;
    support::writers_wait_for_each_other(&empty(&server).await).await;
}

#[tokio::test]
async fn a_server_that_goes_and_comes_back_is_reported() {
    let server = server().await;
    let database = support::start(&empty(&server).await).await;
    let (report, mut reported) = watch::channel(true);
    let watching = tokio::spawn({
        let database = database.clone();
        async move {
            database
                .watch(|up| {
                    report.send_replace(up);
                })
                .await;
        }
    });

    server.pause().expect("the server stops");
    let down = timeout(MAX_WAIT, reported.wait_for(|up| !up)).await.is_ok();
    assert!(down, "the end of the server is noticed");
    let asked: Result<(i32,), QueryError> = database.fetch_one(ASK.query()).await;
    assert!(
        matches!(asked, Err(QueryError::Unavailable(_))),
        "{asked:?}"
    );

    server.resume().expect("the server starts again");
    let back = timeout(MAX_WAIT, reported.wait_for(|up| *up)).await.is_ok();
    assert!(back, "its return is noticed");
    let asked: (i32,) = database
        .fetch_one(ASK.query())
        .await
        .expect("the server answers again");
    assert_eq!(asked, (1,));
    watching.abort();
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_at_once() {
    let server = server().await;
    let url = empty(&server).await;
    server.pause().expect("the server stops");
    let opened = support::open(&url).await;
    assert!(
        matches!(opened, Err(OpenError::Connect { .. })),
        "{opened:?}"
    );
}
