//! Records that others wrote.

use database::Statement;
use opentelemetry::Value;
use test_support::kafka::Kafka;

use crate::select;
use crate::support::{Side, only, until};
use crate::topic::{Topic, attribute, span_name, until_handled};

const DEAD: Statement = select(
    "dead_letters",
    "SELECT event_id, attempts, reason FROM dead_letters ORDER BY event_id",
);

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// Writes records with Kafka's own producer. A line has headers, a key and a value.
fn produce(topic: &Topic, words: &[&str], lines: &[String]) {
    let properties = ["parse.headers=true", "parse.key=true", "null.marker=NULL"];
    let properties = properties.map(|it| ["--reader-property", it]);
    let all = [properties.as_flattened(), words].concat();
    topic.run("ConsoleProducer", &all, &lines.join("\n"));
}

/// A line with an event. With one key all records are in one partition.
fn event(headers: &str, subject: &str) -> String {
    format!(
        "{headers}\tkey\t{{\"specversion\":\"1.0\",\"id\":\"{subject}\",\"source\":\"/other\",\
         \"type\":\"order.made\",\"subject\":\"{subject}\",\"time\":\"2026-01-02T03:04:05Z\"}}"
    )
}

/// Writes five records that cannot be handled, and one behind them that can.
fn produce_all(topic: &Topic) {
    let packed = [event("a:b", "packed"), event("a:b", "packed too")];
    produce(topic, &["--compression-codec", "gzip"], &packed);
    let traceparent = format!("traceparent:00-{TRACE}-b7ad6b7169203331-01");
    let each_alone = [
        "a:b\tkey\tsecret, and no JSON".to_owned(),
        event("a:NULL", "null"),
        event("a:b", "refused"),
        event(&traceparent, "last"),
    ];
    produce(topic, &["--sync"], &each_alone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_no_event_is_a_dead_letter_and_the_partition_goes_on() {
    let mut topic = Topic::of(Kafka::shared());
    let profile = Side::new("sqlite").await;
    topic.consume(&profile).await;
    until("the topic is there", async || {
        profile.has_metric("inbox_partition_lag_records")
    })
    .await;
    produce_all(&topic);
    until_handled(&profile, 1).await;
    assert_eq!(profile.effects().await, [("last".to_owned(), 1)].into());
    assert_dead_letters(&profile, &topic).await;
    topic.tasks.shutdown().await;

    let spans = profile.finish().await;
    let process = only(&spans, &span_name(&topic, "process"));
    let linked: Vec<_> = process.links.iter().collect();
    assert_eq!(linked[0].span_context.trace_id().to_string(), TRACE);
    let offset = attribute(process, "messaging.kafka.offset");
    assert_eq!(offset, Some(Value::I64(5)));
}

async fn assert_dead_letters(profile: &Side, topic: &Topic) {
    let reasons = [
        "the record cannot be read",
        "the record cannot be read",
        "expected a CloudEvent in JSON, found no JSON",
        "the record cannot be read",
        "expected another subject",
    ];
    let dead = profile.database.fetch_all(DEAD.query()).await;
    let dead: Vec<(String, i64, String)> = dead.expect("rows");
    assert_eq!(dead.len(), reasons.len(), "{dead:?}");
    for (offset, ((id, attempts, reason), expected)) in dead.iter().zip(reasons).enumerate() {
        assert!(id.starts_with(topic.name()), "{id}");
        assert!(id.ends_with(&format!("/{offset}")), "{id}");
        assert_eq!(*attempts, 0);
        assert!(reason.starts_with(expected), "{offset}: {reason}");
        assert!(!reason.contains("secret"), "{reason}");
    }
    assert_eq!(profile.metric("inbox_dead_letters"), "5");
    let result = "inbox_handled_events_total{result=\"dead_letter\"}";
    assert_eq!(profile.metric(result), "5");
}
