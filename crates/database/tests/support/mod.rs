//! What must hold for either database: each check takes the URL of an empty one.

use database::{Database, DatabaseUrl, OpenError, Query, QueryError, SetUp, Statement};
use tokio::task::{JoinSet, LocalSet};
use tonic_telemetry::{LogFormat, database::QueryError as _};

const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS pets (name TEXT PRIMARY KEY, legs BIGINT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS pets_legs ON pets (legs)",
];

const SEEDED: Statement = Statement {
    operation: "SELECT",
    table: "pets",
    text: "SELECT name FROM pets WHERE name = 'Rex'",
};

const INSERT: Statement = Statement {
    operation: "INSERT",
    table: "pets",
    text: "INSERT INTO pets (name, legs) VALUES ($1, $2)",
};

const INSERT_ONCE: Statement = Statement {
    operation: "INSERT",
    table: "pets",
    text: "INSERT INTO pets (name, legs) VALUES ($1, $2) ON CONFLICT DO NOTHING",
};

const FIND: Statement = Statement {
    operation: "SELECT",
    table: "pets",
    text: "SELECT name, legs FROM pets WHERE name = $1",
};

const COUNT: Statement = Statement {
    operation: "SELECT",
    table: "pets",
    text: "SELECT count(*) FROM pets",
};

/// How many seeds there are: `Rex` and nine others.
const SEEDS: i64 = 10;

fn pet(statement: Statement, name: &str, legs: i64) -> Query {
    statement.bind(name.to_owned()).bind(legs)
}

/// Opens the database, with a telemetry that goes nowhere.
pub(crate) async fn open(url: &DatabaseUrl) -> Result<Database, OpenError> {
    let telemetry = tonic_telemetry::Options::new("test")
        .log_format(LogFormat::Off)
        .variables(|name| (name == "OTEL_SDK_DISABLED").then(|| "true".to_owned()))
        .start()
        .expect("telemetry starts");
    Database::open(url, &telemetry).await
}

/// Opens the database and makes its table, as a service does at each start.
pub(crate) async fn start(url: &DatabaseUrl) -> Database {
    let database = open(url).await.expect("the database opens");
    let names = (1..SEEDS)
        .map(|number| format!("pet {number}"))
        .chain(["Rex".to_owned()]);
    let seeds = names.map(|name| pet(INSERT, &name, 4));
    let set_up = SetUp {
        schema: SCHEMA,
        seeded: SEEDED,
        seeds,
    };
    database.set_up(set_up).await.expect("the table is made");
    database
}

async fn count(database: &Database) -> i64 {
    let (count,): (i64,) = database
        .fetch_one(COUNT.query())
        .await
        .expect("counting pets");
    count
}

pub(crate) async fn replicas_that_start_together_set_up_once(url: &DatabaseUrl) {
    // On one thread, because a telemetry is not shared between threads. The replicas take turns
    // at each query.
    let starting = LocalSet::new();
    let replicas: Vec<_> = (0..8)
        .map(|_| {
            let url = url.clone();
            starting.spawn_local(async move { start(&url).await })
        })
        .collect();
    starting.await;
    for replica in replicas {
        let database = replica.await.expect("the replica starts");
        assert_eq!(count(&database).await, SEEDS);
    }
}

pub(crate) async fn rows_outlive_the_pool(url: &DatabaseUrl) {
    let inserted = start(url).await.write(pet(INSERT, "Tweety", 2)).await;
    assert_eq!(inserted.expect("the insert"), 1);

    let database = start(url).await;
    let found: Option<(String, i64)> = database
        .fetch_optional(FIND.bind("Tweety".to_owned()))
        .await
        .expect("the query");
    assert_eq!(found, Some(("Tweety".to_owned(), 2)));
    let missing: Option<(String, i64)> = database
        .fetch_optional(FIND.bind("Nessie".to_owned()))
        .await
        .expect("the query");
    assert_eq!(missing, None);
}

pub(crate) async fn a_batch_is_kept_whole_or_not_at_all(url: &DatabaseUrl) {
    let database = start(url).await;
    let batch = vec![pet(INSERT_ONCE, "Tweety", 2), pet(INSERT_ONCE, "Rex", 4)];
    let changed = database
        .write_all(INSERT_ONCE, batch)
        .await
        .expect("the batch");
    assert_eq!(changed, [1, 0], "Rex was there before");

    let batch = vec![pet(INSERT, "Nemo", 0), pet(INSERT, "Rex", 4)];
    let refused = database.write_all(INSERT, batch).await;
    assert!(
        matches!(refused, Err(QueryError::Refused(_))),
        "a name comes twice: {refused:?}"
    );
    assert!(
        refused.is_err_and(|error| error.status_code().is_some()),
        "the database says why"
    );
    assert_eq!(count(&database).await, SEEDS + 1, "Nemo was not kept");
}

pub(crate) async fn writers_wait_for_each_other(url: &DatabaseUrl) {
    let database = start(url).await;
    let mut writers = JoinSet::new();
    for writer in 0..50_i64 {
        let database = database.clone();
        writers.spawn(async move {
            let batch = (0..4).map(|item| pet(INSERT_ONCE, &format!("{writer}/{item}"), item));
            database.write_all(INSERT_ONCE, batch.collect()).await
        });
    }
    for changed in writers.join_all().await {
        assert_eq!(changed.expect("the batch"), [1, 1, 1, 1]);
    }
    assert_eq!(count(&database).await, SEEDS + 200);
}
